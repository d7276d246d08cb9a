//! The members of an archive, found by their place in the course. Names are looked up, never opened or written.
//! It refuses names that lead out of the archive.

use rustc_hash::FxHashMap;

use super::SetAside;
use crate::reject::{Reject, RejectCode};

/// A name longer than this is not a block's.
const MAX_NAME_BYTES: usize = 512;
/// Folders of a course that hold no blocks.
const FOLDERS_WITHOUT_BLOCKS: &[&str] = &["about", "assets", "info", "policies", "static", "tabs"];

/// A member of the tar file.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Its name as it stands there.
    pub name: String,
    /// Its content; empty where only the name counts.
    pub bytes: Vec<u8>,
    /// Whether it was longer than [`super::MAX_MEMBER_BYTES`], so that its content is not here.
    pub is_too_large: bool,
}

/// What is needed of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Its content.
    Content,
    /// That it is there.
    Name,
    /// Nothing.
    None,
}

/// Tells from its name what is needed of a member.
#[must_use]
pub fn interest(name: &str) -> Interest {
    let mut parts = name.split('/').filter(|part| !part.is_empty() && *part != ".");
    // Media and hand-outs lie at the top of the course, which is at the top of the archive or one folder below.
    let is_media = parts.by_ref().take(2).any(|part| matches!(part, "static" | "assets"));
    match name.rsplit('.').next() {
        _ if is_media => Interest::None,
        Some("xml") => Interest::Content,
        Some("json") if name.contains("polic") && !name.ends_with("/assets.json") => Interest::Content,
        Some("html") => Interest::Name,
        _ => Interest::None,
    }
}

/// The members by their path below the folder of the course.
pub(super) struct Places<'a> {
    pub(super) members: &'a [Member],
    by_path: FxHashMap<String, usize>,
    /// `course.xml`.
    pub(super) course: Option<usize>,
    pub(super) rejects: Vec<SetAside>,
}

impl<'a> Places<'a> {
    pub(super) fn of(members: &'a [Member]) -> Self {
        let mut rejects = Vec::new();
        let mut set_aside = |member: usize, code: RejectCode| {
            rejects.push(SetAside { position: rejects.len() + 1, member: Some(member), reject: Reject::new(code) });
        };
        let mut by_whole_path: FxHashMap<String, usize> = FxHashMap::default();
        for (index, member) in members.iter().enumerate() {
            let Some(path) = path_of(&member.name) else {
                set_aside(index, RejectCode::CourseArchiveUnusableName);
                continue;
            };
            // As tar has it, the last of several members of one name is the one that counts.
            if let Some(earlier) = by_whole_path.insert(path, index) {
                set_aside(earlier, RejectCode::CourseArchiveRepeatedMember);
            }
        }
        let depth = |path: &str| path.matches('/').count();
        let course_path = by_whole_path
            .keys()
            .filter(|path| *path == "course.xml" || path.ends_with("/course.xml"))
            .min_by(|one, other| (depth(one), one.as_str()).cmp(&(depth(other), other.as_str())))
            .cloned();
        let folder = course_path.as_deref().and_then(|path| path.strip_suffix("course.xml")).unwrap_or_default().to_owned();
        let course = course_path.and_then(|path| by_whole_path.get(&path).copied());
        let by_path = by_whole_path.into_iter().filter_map(|(path, index)| Some((path.strip_prefix(&folder)?.to_owned(), index))).collect();
        Self { members, by_path, course, rejects }
    }

    /// The member at a path below the folder of the course.
    pub(super) fn at(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The file of a block. A colon in a block's name stands for a folder.
    pub(super) fn of_block(&self, category: &str, url_name: &str, is_draft: bool) -> Option<usize> {
        let drafts = if is_draft { "drafts/" } else { "" };
        self.at(&format!("{drafts}{category}/{}.xml", url_name.replace(':', "/")))
    }

    /// Whether there is text of a block of HTML.
    pub(super) fn has_html(&self, url_name: &str, is_draft: bool) -> bool {
        let drafts = if is_draft { "drafts/" } else { "" };
        self.at(&format!("{drafts}html/{}.html", url_name.replace(':', "/"))).is_some()
    }

    /// Members with a block of their own, in an order in which containers come before what they hold: category, name, member.
    pub(super) fn blocks(&self, are_drafts: bool) -> Vec<(String, String, usize)> {
        let mut found = Vec::new();
        for (path, &member) in &self.by_path {
            let path = if are_drafts {
                let Some(path) = path.strip_prefix("drafts/") else { continue };
                path
            } else {
                path.as_str()
            };
            let Some((category, url_name)) = path.strip_suffix(".xml").and_then(|path| path.split_once('/')) else { continue };
            if category != "drafts" && !FOLDERS_WITHOUT_BLOCKS.contains(&category) {
                found.push((category.to_owned(), url_name.replace('/', ":"), member));
            }
        }
        let rank =
            |category: &str| ["course", "chapter", "sequential", "vertical"].iter().position(|&known| known == category).unwrap_or(4);
        found.sort_by(|one, other| (rank(&one.0), &one.0, &one.1).cmp(&(rank(&other.0), &other.0, &other.1)));
        found
    }

    /// Members that may hold the named policy of a run, the likeliest first.
    pub(super) fn policy(&self, run: &str, file_name: &str) -> Option<usize> {
        let old_name = if file_name == "policy.json" { format!("policies/{run}.json") } else { file_name.to_owned() };
        self.at(&format!("policies/{run}/{file_name}")).or_else(|| self.at(&old_name)).or_else(|| {
            let mut others: Vec<_> =
                self.by_path.iter().filter(|(path, _)| path.starts_with("policies/") && path.ends_with(&format!("/{file_name}"))).collect();
            others.sort();
            others.first().map(|(_, member)| **member)
        })
    }
}

/// A path without empty and dot parts; `None` when it is too long or leads upwards.
fn path_of(name: &str) -> Option<String> {
    if name.len() > MAX_NAME_BYTES || name.contains('\0') {
        return None;
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.is_empty() && !parts.contains(&"..")).then(|| parts.join("/"))
}
