//! The tree of blocks of a course run: chapters, sequentials, verticals and what is on them.
//!
//! A re-run has the content of the first run under its own keys. Some blocks are odd on purpose: an empty chapter, one for staff only, an orphan.

use super::{Block, CourseRun, KeyStyle, Unit, titles};
use crate::moment::{DAY, HOUR};
use crate::random::{self, Dice};

const N_CHAPTERS: usize = 7;

/// Fills in the blocks, the axis, the units and the list of graded problems.
pub(super) fn fill(run: &mut CourseRun, seed: u64) {
    let n_chapters = if run.installation == super::Installation::Edge { 3 } else { N_CHAPTERS };
    let mut tree = Tree { dice: Dice::new(seed, "content", &[random::hash_text(&run.course)]), run };
    let root = tree.add(None, "course", "course");
    tree.block(root).display_name = Some(tree.run.display_name.clone());
    tree.block(root).start = Some(tree.run.start() - 7 * DAY);
    for number in 0..n_chapters {
        tree.chapter(root, number);
    }
    let empty = tree.add(Some(root), "chapter", "coming_soon");
    tree.block(empty).display_name = Some("Coming soon".to_owned());
    let hidden = tree.add(Some(root), "chapter", "staff_notes");
    tree.block(hidden).display_name = Some("Staff notes".to_owned());
    tree.block(hidden).is_staff_only = true;
    let sequential = tree.add(Some(hidden), "sequential", "staff_notes_1");
    let vertical = tree.add(Some(sequential), "vertical", "staff_notes_2");
    tree.add(Some(vertical), "html", "staff_notes_3");
    tree.add(None, "html", "orphan");
    run.axis = depth_first(&run.blocks);
    run.units = units(run);
    run.graded_problems =
        (0..run.blocks.len() as u16).filter(|&b| run.block(b).category == "problem" && is_in_graded_sequential(run, b)).collect();
}

struct Tree<'a> {
    dice: Dice,
    run: &'a mut CourseRun,
}

impl Tree<'_> {
    fn block(&mut self, index: u16) -> &mut Block {
        &mut self.run.blocks[usize::from(index)]
    }

    fn add(&mut self, parent: Option<u16>, category: &'static str, name: &str) -> u16 {
        let index = self.run.blocks.len() as u16;
        let run = &*self.run;
        let url_name = match (category, run.style) {
            ("course", KeyStyle::Slash) => run.run.clone(),
            ("course", KeyStyle::CourseV1) => "course".to_owned(),
            (_, KeyStyle::Slash) => format!("{category}_{name}"),
            (_, KeyStyle::CourseV1) => random::hex(random::hash(self.dice.next(), name, &[]), 32),
        };
        let usage_key = match run.style {
            KeyStyle::Slash => format!("i4x://{}/{}/{category}/{url_name}", run.org, run.course),
            KeyStyle::CourseV1 => {
                let (prefix, ccx) = run.ccx.map_or(("", String::new()), |number| ("ccx-", format!("+ccx@{number}")));
                format!("{prefix}block-v1:{}+{}+{}{ccx}+type@{category}+block@{url_name}", run.org, run.course, run.run)
            }
        };
        self.run.blocks.push(Block {
            category,
            url_name,
            usage_key,
            display_name: None,
            parent,
            children: Vec::new(),
            is_graded: false,
            format: None,
            due: None,
            start: None,
            is_staff_only: false,
            duration_ms: 0,
            external_id: String::new(),
            n_inputs: 0,
        });
        if let Some(parent) = parent {
            self.block(parent).children.push(index);
        }
        index
    }

    fn chapter(&mut self, root: u16, number: usize) {
        let chapter = self.add(Some(root), "chapter", &format!("week_{number}"));
        let opens = self.run.start() - 7 * DAY + number as i64 * DAY / 2;
        self.block(chapter).display_name = Some(titles::chapter(number));
        self.block(chapter).start = Some(opens);
        for part in 0..3 {
            let sequential = self.add(Some(chapter), "sequential", &format!("week_{number}_part_{part}"));
            let is_homework = part == 2;
            let due = self.run.start() + (number as i64 + 1) * 4 * DAY + 23 * HOUR;
            let block = self.block(sequential);
            block.display_name = Some(titles::sequential(part));
            block.is_graded = is_homework;
            block.format = is_homework.then_some(if number + 1 == N_CHAPTERS { "Final Exam" } else { "Homework" });
            block.due = is_homework.then_some(due);
            let n_verticals = 2 + self.dice.below(3);
            for place in 0..n_verticals {
                self.vertical(sequential, is_homework, &format!("{number}_{part}_{place}"));
            }
        }
    }

    fn vertical(&mut self, sequential: u16, is_homework: bool, name: &str) {
        let vertical = self.add(Some(sequential), "vertical", name);
        let topic = titles::topic(self.dice.next());
        self.block(vertical).display_name = Some(topic.to_owned());
        self.add(Some(vertical), "html", &format!("{name}_text"));
        let draw = self.dice.below(10);
        if is_homework {
            for number in 0..1 + self.dice.below(2) {
                self.problem(vertical, &format!("{name}_problem_{number}"), topic);
            }
        } else {
            if draw < 8 {
                self.video(vertical, name, topic);
            }
            if draw >= 6 {
                self.problem(vertical, &format!("{name}_quiz"), topic);
            }
            if draw.is_multiple_of(4) {
                let discussion = self.add(Some(vertical), "discussion", &format!("{name}_talk"));
                let id = random::hex(self.dice.next(), 32);
                let block = self.block(discussion);
                block.external_id = id;
                block.display_name = Some(format!("Discuss: {topic}"));
            }
        }
    }

    fn video(&mut self, vertical: u16, name: &str, topic: &str) {
        let video = self.add(Some(vertical), "video", &format!("{name}_video"));
        let duration_ms = self.dice.between(90_000, 840_000);
        let external_id = random::hex(self.dice.next(), 11);
        let block = self.block(video);
        block.display_name = Some(format!("{topic} (video)"));
        block.duration_ms = duration_ms;
        block.external_id = external_id;
    }

    fn problem(&mut self, vertical: u16, name: &str, topic: &str) {
        let problem = self.add(Some(vertical), "problem", name);
        let n_inputs = 1 + self.dice.below(3) as u8;
        let block = self.block(problem);
        block.display_name = Some(format!("{topic}: check yourself"));
        block.n_inputs = n_inputs;
    }
}

fn depth_first(blocks: &[Block]) -> Vec<u16> {
    let mut axis = Vec::with_capacity(blocks.len());
    let mut waiting = vec![0_u16];
    while let Some(index) = waiting.pop() {
        axis.push(index);
        waiting.extend(blocks[usize::from(index)].children.iter().rev());
    }
    axis
}

fn is_in_graded_sequential(run: &CourseRun, block: u16) -> bool {
    let mut at = Some(block);
    while let Some(index) = at {
        if run.block(index).is_graded {
            return true;
        }
        at = run.block(index).parent;
    }
    false
}

fn units(run: &CourseRun) -> Vec<Unit> {
    let mut units = Vec::new();
    for &chapter in run.block(0).children.iter().filter(|&&c| !run.block(c).is_staff_only) {
        for &sequential in &run.block(chapter).children {
            let verticals = &run.block(sequential).children;
            for (place, &vertical) in verticals.iter().enumerate() {
                let of = |category: &str| -> Vec<u16> {
                    run.block(vertical).children.iter().copied().filter(|&b| run.block(b).category == category).collect()
                };
                units.push(Unit {
                    sequential,
                    vertical,
                    position: place as u16 + 1,
                    n_positions: verticals.len() as u16,
                    videos: of("video"),
                    problems: of("problem"),
                    discussions: of("discussion"),
                });
            }
        }
    }
    units
}
