//! The way through a course: from `course.xml` down, then the files nothing leads to, then the drafts.
//! It refuses to follow a reference twice, so that cycles and shared blocks cost nothing.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::block::Block;
use super::element::Element;
use super::grading::{self, GradingPolicy};
use super::members::{Member, Places};
use super::policy::{self, PolicyAttributes};
use super::settings::{Settings, word};
use super::text::{clean, parse};
use super::{ArchiveError, CourseArchive, MAX_RECORDS, SetAside};
use crate::course_run_key::{CourseRunKey, UsageKey};
use crate::course_structure::metadata;
use crate::reject::{Reject, RejectCode};

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Standing {
    /// In the course.
    Course,
    /// In the archive, but nothing leads to it.
    Orphan,
    /// Among the drafts.
    Draft,
}

/// A block that waits for its place.
struct Task {
    element: Element,
    member: usize,
    parent: Option<usize>,
    standing: Standing,
}

/// What became of a reference to a file.
enum Resolved {
    Found(Element, usize),
    /// A draft refers to a published block, which has its place already.
    Published,
    SetAside(usize, Reject),
}

struct Walk<'a> {
    places: Places<'a>,
    is_used: Vec<bool>,
    policy: PolicyAttributes,
    course_run_key: Option<CourseRunKey>,
    blocks: Vec<Block>,
    /// Whether a draft, category and name; to the place among the blocks.
    placed: FxHashMap<(bool, String, String), usize>,
    n_in_course: i64,
    rejects: Vec<SetAside>,
    n_records: usize,
}

pub(super) fn read(members: &[Member], known: Option<&CourseRunKey>) -> Result<CourseArchive, ArchiveError> {
    let mut places = Places::of(members);
    let course = places.course.ok_or(ArchiveError::NoCourse)?;
    let rejects = std::mem::take(&mut places.rejects);
    let mut walk = Walk {
        places,
        is_used: vec![false; members.len()],
        policy: PolicyAttributes::default(),
        course_run_key: known.cloned(),
        blocks: Vec::new(),
        placed: FxHashMap::default(),
        n_in_course: 0,
        n_records: rejects.len(),
        rejects,
    };
    // Read once for the name of the run, under which the policies lie, and again with them.
    let root = walk.parse_member(course, "course", None, Map::new());
    let run = root.as_ref().ok().and_then(|root| root.url_name.clone());
    if let (None, Ok(root), Some(run)) = (&walk.course_run_key, &root, &run) {
        let named = |name: &str| root.attributes.get(name).and_then(Value::as_str).map(str::trim);
        walk.course_run_key =
            named("org").zip(named("course")).and_then(|(org, course)| CourseRunKey::parse(&format!("course-v1:{org}+{course}+{run}")));
    }
    let run = run.or_else(|| known.map(|key| key.run().to_owned())).unwrap_or_default();
    let grading = walk.read_policies(&run);
    match root {
        Ok(_) => {
            let root = walk.parse_member(course, "course", None, Map::new());
            walk.is_used[course] = true;
            if let Ok(element) = root {
                walk.descend(Task { element, member: course, parent: None, standing: Standing::Course })?;
            }
        }
        Err(reject) => walk.set_aside(Some(course), reject),
    }
    walk.walk_files(Standing::Orphan)?;
    walk.walk_files(Standing::Draft)?;
    Ok(CourseArchive {
        course_run_key: walk.course_run_key,
        blocks: walk.blocks,
        grading,
        rejects: walk.rejects,
        n_records: walk.n_records,
    })
}

impl Walk<'_> {
    fn next_position(&mut self) -> usize {
        self.n_records += 1;
        self.n_records
    }

    fn set_aside(&mut self, member: Option<usize>, reject: Reject) {
        let position = self.next_position();
        self.rejects.push(SetAside { position, member, reject });
    }

    fn member(&self, index: usize) -> Result<&Member, Reject> {
        match self.places.members.get(index) {
            Some(member) if !member.is_too_large => Ok(member),
            _ => Err(Reject::new(RejectCode::CourseArchiveMemberTooLarge)),
        }
    }

    fn parse_member(&self, index: usize, category: &str, name: Option<&str>, attributes: Map<String, Value>) -> Result<Element, Reject> {
        let text = clean(&self.member(index)?.bytes);
        let document = parse(&text)?;
        Ok(Element::read(document.root_element(), category, name, attributes, &self.policy))
    }

    fn read_policies(&mut self, run: &str) -> GradingPolicy {
        if let Some(index) = self.places.policy(run, "policy.json") {
            match self.member(index).and_then(|member| policy::read(&member.bytes)) {
                Ok(settings) => self.policy = settings,
                Err(reject) => self.set_aside(Some(index), reject),
            }
        }
        let Some(index) = self.places.policy(run, "grading_policy.json") else { return GradingPolicy::default() };
        let bytes = match self.member(index) {
            Ok(member) => &member.bytes,
            Err(reject) => {
                self.set_aside(Some(index), reject);
                return GradingPolicy::default();
            }
        };
        let (mut n_records, mut rejects) = (self.n_records, Vec::new());
        let mut next_position = || {
            n_records += 1;
            n_records
        };
        let read = grading::read(bytes, &mut next_position, &mut |position, reject| {
            rejects.push(SetAside { position, member: Some(index), reject });
        });
        self.n_records = n_records;
        self.rejects.append(&mut rejects);
        GradingPolicy { member: Some(index), ..read }
    }

    /// Files that no reference has led to.
    fn walk_files(&mut self, standing: Standing) -> Result<(), ArchiveError> {
        let are_drafts = standing == Standing::Draft;
        for (category, url_name, member) in self.places.blocks(are_drafts) {
            if self.is_used.get(member) != Some(&false) {
                continue;
            }
            self.is_used[member] = true;
            let element = match self.parse_member(member, &category, Some(&url_name), Map::new()) {
                Ok(element) => element,
                Err(reject) => {
                    self.set_aside(Some(member), reject);
                    continue;
                }
            };
            let parent = if are_drafts { self.parent_of_draft(&element) } else { None };
            self.descend(Task { element, member, parent, standing })?;
        }
        Ok(())
    }

    /// The published block a draft names as the one above it.
    fn parent_of_draft(&self, element: &Element) -> Option<usize> {
        let named = |name: &str| element.attributes.get(name).and_then(Value::as_str);
        let key = UsageKey::parse(named("parent_url").or_else(|| named("parent_sequential_url"))?)?;
        self.placed.get(&(false, key.category().to_owned(), key.block_id().to_owned())).copied()
    }

    /// Places a block and all below it.
    fn descend(&mut self, first: Task) -> Result<(), ArchiveError> {
        let mut waiting = vec![first];
        while let Some(Task { element, member, parent, standing }) = waiting.pop() {
            if self.n_records > MAX_RECORDS {
                return Err(ArchiveError::TooManyRecords);
            }
            let is_draft = standing == Standing::Draft;
            let identity = element.url_name.clone().map(|url_name| (is_draft, element.category.clone(), url_name));
            if identity.as_ref().is_some_and(|identity| self.placed.contains_key(identity)) {
                self.set_aside(Some(member), Reject::new(RejectCode::CourseArchiveRepeatedBlock));
                continue;
            }
            let (mut element, member) = match self.resolve(element, member, is_draft) {
                Resolved::Found(element, member) => (element, member),
                Resolved::Published => continue,
                Resolved::SetAside(member, reject) => {
                    self.set_aside(Some(member), reject);
                    // A file that cannot be read is not looked at again when somebody else refers to it.
                    continue;
                }
            };
            let children = std::mem::take(&mut element.children);
            let place = self.blocks.len();
            let block = self.block(element, member, parent, standing, children.len());
            self.blocks.push(block);
            if let Some(identity) = identity {
                self.placed.insert(identity, place);
            }
            // The last one waiting is taken first, so the children wait in reverse.
            let tasks = children.into_iter().rev().map(|element| Task { element, member, parent: Some(place), standing });
            waiting.extend(tasks);
        }
        Ok(())
    }

    /// Replaces a reference by the content of its file.
    fn resolve(&mut self, element: Element, member: usize, is_draft: bool) -> Resolved {
        let Some(url_name) = element.url_name.clone().filter(|_| element.is_empty) else { return Resolved::Found(element, member) };
        let content = element.attributes.get("filename").and_then(word);
        let file = self.places.of_block(&element.category, &url_name, is_draft).or_else(|| {
            // Old files name another one that has the content.
            self.places.of_block(&element.category, content.as_deref()?, is_draft)
        });
        match file {
            // It is the file itself that says no more.
            Some(file) if file == member => Resolved::Found(element, member),
            Some(file) => {
                self.is_used[file] = true;
                match self.parse_member(file, &element.category, Some(&url_name), element.attributes) {
                    Ok(element) => Resolved::Found(element, file),
                    Err(reject) => Resolved::SetAside(file, reject),
                }
            }
            None if !element.is_reference => Resolved::Found(element, member),
            None if element.category == "html" && self.places.has_html(&url_name, is_draft) => Resolved::Found(element, member),
            None if is_draft && self.placed.contains_key(&(false, element.category.clone(), url_name)) => Resolved::Published,
            None => Resolved::SetAside(member, Reject::new(RejectCode::CourseArchiveMissingMember)),
        }
    }

    fn block(&mut self, element: Element, member: usize, parent: Option<usize>, standing: Standing, n_children: usize) -> Block {
        let Element { category, url_name, mut attributes, detail, .. } = element;
        let position = self.next_position();
        if standing == Standing::Course {
            self.n_in_course += 1;
        }
        let usage_key = url_name.as_deref().and_then(|name| usage_key(self.course_run_key.as_ref()?, &category, name));
        // As in the course structure, a block is called what its key calls it; that of the course itself does not name the run.
        let url_name = usage_key.as_deref().and_then(UsageKey::parse).map(|key| key.block_id().to_owned()).or(url_name);
        let above = parent.and_then(|parent| self.blocks.get(parent));
        let own = Settings::own(&attributes);
        let inherited = above.map_or_else(|| own.clone(), |above| own.or(&above.inherited));
        let enclosing = |kind: &str, above: Option<&Option<String>>| match &usage_key {
            Some(usage_key) if category == kind => Some(usage_key.clone()),
            _ => above.cloned().flatten(),
        };
        // Studio keeps the text of a problem a second time, in its own notation.
        attributes.remove("markdown");
        Block {
            position,
            display_name: attributes.get("display_name").and_then(metadata::text),
            parent_usage_key: above.and_then(|above| above.usage_key.clone()),
            parent_position: above.map(|above| above.position),
            is_root: standing == Standing::Course && parent.is_none(),
            is_orphan: standing == Standing::Orphan,
            is_draft: standing == Standing::Draft,
            sort_index: (standing == Standing::Course).then_some(self.n_in_course),
            depth: (standing == Standing::Course).then(|| above.and_then(|above| above.depth).map_or(0, |depth| depth + 1)),
            n_children: i64::try_from(n_children).unwrap_or(i64::MAX),
            chapter_usage_key: enclosing("chapter", above.map(|above| &above.chapter_usage_key)),
            sequential_usage_key: enclosing("sequential", above.map(|above| &above.sequential_usage_key)),
            vertical_usage_key: enclosing("vertical", above.map(|above| &above.vertical_usage_key)),
            usage_key,
            category,
            url_name,
            own,
            inherited,
            member,
            attributes: metadata::without_secrets(attributes),
            detail,
        }
    }
}

/// A block's key in the form of its course run's.
fn usage_key(run: &CourseRunKey, category: &str, url_name: &str) -> Option<String> {
    let key = match run.as_str().split_once("-v1:") {
        Some((kind, course)) => {
            let prefix = if kind == "ccx" { "ccx-block-v1" } else { "block-v1" };
            // The new form calls the course's own block `course`, whatever the run is called.
            let name = if category == "course" { "course" } else { url_name };
            format!("{prefix}:{course}+type@{category}+block@{name}")
        }
        None => format!("i4x://{}/{}/{category}/{url_name}", run.org(), run.course()),
    };
    UsageKey::parse(&key).map(|key| key.as_str().to_owned())
}
