//! Course runs: their keys, their time and their content.
//!
//! A course run is fixed for the whole delivery; learners come and go in [`crate::behaviour`].

mod content;
mod grading;
mod response;
mod titles;

pub(crate) use grading::Cutoffs;
pub(crate) use response::{CHOICES, MAX_ATTEMPTS, NUMBER, OPTIONS, Response, WORD};
pub(crate) use titles::topic;

use crate::moment::{DAY, Day, Moment};
use crate::plan::DeliveryPlan;
use crate::random;

/// The two installations edX runs; the same number names different people on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Installation {
    Production,
    Edge,
}

impl Installation {
    /// The token in the names of event files, and of `_site` in the lake.
    pub(crate) fn token(self) -> &'static str {
        match self {
            Self::Production => "edx",
            Self::Edge => "edge",
        }
    }

    /// The token in the names of the members of the weekly archive.
    pub(crate) fn member_token(self) -> &'static str {
        match self {
            Self::Production => "prod",
            Self::Edge => "prod-edge",
        }
    }

    pub(crate) fn host(self) -> &'static str {
        match self {
            Self::Production => "courses.edx.org",
            Self::Edge => "edge.edx.org",
        }
    }
}

/// The two forms of course run and usage keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyStyle {
    /// `Org/Course/Run` and `i4x://Org/Course/category/name`.
    Slash,
    /// `course-v1:Org+Course+Run` and `block-v1:...`.
    CourseV1,
}

/// One block of a course run.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) category: &'static str,
    pub(crate) url_name: String,
    pub(crate) usage_key: String,
    pub(crate) display_name: Option<String>,
    pub(crate) parent: Option<u16>,
    pub(crate) children: Vec<u16>,
    pub(crate) is_graded: bool,
    pub(crate) format: Option<&'static str>,
    pub(crate) due: Option<Moment>,
    pub(crate) start: Option<Moment>,
    pub(crate) is_staff_only: bool,
    /// Length of a video in milliseconds; 0 for every other block.
    pub(crate) duration_ms: i64,
    /// YouTube id of a video, discussion id of a discussion; otherwise empty.
    pub(crate) external_id: String,
    /// Answers a problem asks for, each worth one point; 0 for every other block.
    pub(crate) n_inputs: u8,
}

/// A place in a course that a learner visits: one vertical.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) sequential: u16,
    pub(crate) vertical: u16,
    /// 1-based position of the vertical in its sequential, and how many there are.
    pub(crate) position: u16,
    pub(crate) n_positions: u16,
    pub(crate) videos: Vec<u16>,
    pub(crate) problems: Vec<u16>,
    pub(crate) discussions: Vec<u16>,
}

/// A course run.
#[derive(Debug, Clone)]
pub(crate) struct CourseRun {
    pub(crate) index: u16,
    pub(crate) installation: Installation,
    pub(crate) style: KeyStyle,
    pub(crate) key: String,
    pub(crate) org: String,
    pub(crate) course: String,
    pub(crate) run: String,
    /// The number of a custom course, which a coach made from the run for a class.
    pub(crate) ccx: Option<u32>,
    pub(crate) display_name: String,
    pub(crate) first_day: Day,
    pub(crate) n_days: i64,
    pub(crate) cutoffs: Cutoffs,
    /// The blocks; the root is number 0.
    pub(crate) blocks: Vec<Block>,
    /// Blocks reachable from the root, depth first.
    pub(crate) axis: Vec<u16>,
    pub(crate) units: Vec<Unit>,
    /// Problems that count for the grade.
    pub(crate) graded_problems: Vec<u16>,
}

impl CourseRun {
    pub(crate) fn start(&self) -> Moment {
        self.first_day * DAY
    }

    pub(crate) fn end(&self) -> Moment {
        (self.first_day + self.n_days) * DAY
    }

    /// Whether it is the run of 2013.
    pub(crate) fn is_of_old_era(&self) -> bool {
        self.run == OLD_ERA_RUN
    }

    /// Whether it has the name that is too long for its files.
    pub(crate) fn has_long_name(&self) -> bool {
        self.course.len() > LONG_STEM_BYTES / 2
    }

    pub(crate) fn slash_form(&self) -> String {
        let ccx = self.ccx.map(|number| format!("/ccx@{number}")).unwrap_or_default();
        format!("{}/{}/{}{ccx}", self.org, self.course, self.run)
    }

    /// The beginning of the names of this run's files; characters above 128 become `_`, as in edX's exporter.
    pub(crate) fn file_stem(&self) -> String {
        let ccx = self.ccx.map(|number| format!("-ccx-{number}")).unwrap_or_default();
        format!("{}-{}-{}{ccx}", self.org, self.course, self.run).chars().map(|c| if (c as u32) > 128 { '_' } else { c }).collect()
    }

    pub(crate) fn block(&self, index: u16) -> &Block {
        &self.blocks[usize::from(index)]
    }

    /// Points that can be reached.
    pub(crate) fn possible_points(&self) -> u32 {
        self.graded_problems.iter().map(|&p| u32::from(self.block(p).n_inputs)).sum()
    }

    /// The block itself if it is a chapter, else the chapter around it.
    pub(crate) fn chapter_of(&self, index: u16) -> Option<u16> {
        let mut at = Some(index);
        while let Some(block) = at {
            if self.block(block).category == "chapter" {
                return Some(block);
            }
            at = self.block(block).parent;
        }
        None
    }
}

/// How the course runs of a plan are named and placed in time.
pub(crate) fn course_runs(plan: &DeliveryPlan) -> Vec<CourseRun> {
    let first_day = crate::moment::day_of_date(plan.first_date);
    let n_days = i64::from(plan.n_days);
    let (year, month, _) = crate::moment::civil(first_day);
    let term = if month <= 6 { "T1" } else { "T3" };
    let mut runs = Vec::new();
    let mut add = |installation, style, course: String, run: String, ccx: Option<u32>, first_day, n_days| {
        let index = runs.len() as u16;
        let key = match (style, ccx) {
            (KeyStyle::Slash, _) => format!("{}/{course}/{run}", plan.org),
            (KeyStyle::CourseV1, Some(number)) => format!("ccx-v1:{}+{course}+{run}+ccx@{number}", plan.org),
            (KeyStyle::CourseV1, None) => format!("course-v1:{}+{course}+{run}", plan.org),
        };
        let mut course_run = CourseRun {
            index,
            installation,
            style,
            key,
            org: plan.org.clone(),
            display_name: titles::course(random::hash_text(&course)),
            course,
            run,
            ccx,
            first_day,
            n_days,
            cutoffs: if index == 1 && installation == Installation::Production { grading::LETTERS } else { grading::PASS },
            blocks: Vec::new(),
            axis: Vec::new(),
            units: Vec::new(),
            graded_problems: Vec::new(),
        };
        content::fill(&mut course_run, plan.seed);
        runs.push(course_run);
    };
    for number in 0..plan.n_courses {
        // The first three differ in kind; the rest alternate between new courses and names with awkward characters.
        let (style, course, run) = match number {
            0 => (KeyStyle::CourseV1, "DemoX".to_owned(), format!("{term}_{year}")),
            1 => (KeyStyle::Slash, "6.00-1x".to_owned(), format!("{year}_Spring-A.1")),
            2 => (KeyStyle::CourseV1, "DemoX".to_owned(), format!("{term}_{year}_rerun")),
            n if n % 7 == 5 => (KeyStyle::CourseV1, format!("Espa\u{f1}ol{n}x"), format!("{year}-{term}")),
            n if n % 7 == 6 => (KeyStyle::CourseV1, format!("CS.{n}-course_structure"), format!("{term}{year}")),
            n => (KeyStyle::CourseV1, format!("Course{n}x"), format!("{term}_{year}")),
        };
        add(Installation::Production, style, course, run, None, first_day, n_days);
    }
    add(Installation::Edge, KeyStyle::CourseV1, "Sandbox101".to_owned(), format!("{year}"), None, first_day, n_days);
    if plan.has_old_era() {
        // Six days around 2013-07-15, the day after which the server wrote a problem check only once.
        add(Installation::Production, KeyStyle::Slash, "Old1.0x".to_owned(), OLD_ERA_RUN.to_owned(), None, OLD_ERA_FIRST_DAY, 6);
    }
    if plan.mess_rate > 0.0 {
        // A class of the first course.
        add(Installation::Production, KeyStyle::CourseV1, "DemoX".to_owned(), format!("{term}_{year}"), Some(1), first_day, n_days);
        // A course whose name is so long that the names of some of its files are cut.
        let run = format!("{year}.Spring-B");
        let course = long_course(LONG_STEM_BYTES.saturating_sub(plan.org.len() + run.len() + 2));
        add(Installation::Production, KeyStyle::CourseV1, course, run, None, first_day, n_days);
    }
    runs
}

/// With this the names of tables of 25 letters and more are cut.
const LONG_STEM_BYTES: usize = 190;

fn long_course(n_bytes: usize) -> String {
    "Introduction.to-the-Theory.of-Everything-Else-".bytes().cycle().take(n_bytes.saturating_sub(1)).map(char::from).chain(['x']).collect()
}

/// 2013-07-12.
const OLD_ERA_FIRST_DAY: Day = 15_898;
/// No other run has this name, whatever the first date of the plan.
const OLD_ERA_RUN: &str = "2013_Summer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_course_is_a_run_of_the_first_and_the_second_has_an_old_key() {
        let runs = course_runs(&DeliveryPlan::default());
        assert_eq!(runs[0].course, runs[2].course);
        assert_ne!(runs[0].key, runs[2].key);
        assert!(runs[1].key.contains('/'));
        assert_eq!(runs[3].installation, Installation::Edge);
        assert_eq!(crate::moment::date_text(OLD_ERA_FIRST_DAY), "2013-07-12");
    }

    #[test]
    fn a_messy_delivery_has_a_custom_course_under_its_own_keys() {
        let custom = |plan: &DeliveryPlan| course_runs(plan).into_iter().filter(|run| run.ccx.is_some()).collect::<Vec<_>>();
        let runs = custom(&DeliveryPlan { mess_rate: 0.01, ..DeliveryPlan::default() });
        assert_eq!(runs.len(), 1);
        assert_eq!(runs[0].key, "ccx-v1:UniversityX+DemoX+T1_2018+ccx@1");
        assert_eq!(runs[0].slash_form(), "UniversityX/DemoX/T1_2018/ccx@1");
        assert_eq!(runs[0].file_stem(), "UniversityX-DemoX-T1_2018-ccx-1");
        assert!(runs[0].blocks.iter().all(|block| block.usage_key.starts_with("ccx-block-v1:UniversityX+DemoX+T1_2018+ccx@1+type@")));
        assert!(custom(&DeliveryPlan { old_era: true, ..DeliveryPlan::default() }).is_empty());
    }

    #[test]
    fn a_messy_delivery_has_a_course_with_a_long_name() {
        for org in ["UniversityX", "U"] {
            let runs = course_runs(&DeliveryPlan { mess_rate: 0.01, org: org.to_owned(), ..DeliveryPlan::default() });
            let long: Vec<_> = runs.iter().filter(|run| run.has_long_name()).collect();
            assert_eq!(long.len(), 1);
            assert_eq!(long[0].file_stem().len(), LONG_STEM_BYTES);
        }
        assert!(course_runs(&DeliveryPlan::default()).iter().all(|run| !run.has_long_name()));
    }

    #[test]
    fn every_block_of_the_axis_has_its_parent_before_it() {
        let runs = course_runs(&DeliveryPlan::default());
        for run in &runs {
            for (place, &index) in run.axis.iter().enumerate() {
                let parent = run.block(index).parent;
                assert!(parent.is_none_or(|p| run.axis[..place].contains(&p)));
            }
            assert!(run.blocks.len() > run.axis.len(), "an orphan must be there");
        }
    }
}
