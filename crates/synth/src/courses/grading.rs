//! How a course run is graded: its assignment types and the cutoffs of its letters.
//!
//! Every graded point counts alike in a learner's grade, whatever the weights say; the generator has one rule for all courses.

use super::CourseRun;

/// Letters and the least hundredths that earn them, the highest first.
pub(crate) type Cutoffs = &'static [(&'static str, u16)];

/// Most courses only have a pass mark.
pub(super) const PASS: Cutoffs = &[("Pass", 60)];
/// The second course gives letters.
pub(super) const LETTERS: Cutoffs = &[("A", 80), ("B", 65), ("C", 50)];

/// One assignment type of a grading policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grader {
    /// What sequentials have as their format.
    pub(crate) assignment_type: &'static str,
    /// Empty for none.
    pub(crate) short_label: &'static str,
    pub(crate) min_count: i64,
    pub(crate) drop_count: i64,
    pub(crate) weight: f64,
}

impl CourseRun {
    /// The hundredths that pass.
    pub(crate) fn pass_percent(&self) -> u16 {
        self.cutoffs.iter().map(|(_, percent)| *percent).min().unwrap_or(100)
    }

    /// The letter of a grade in hundredths; empty when it does not pass.
    pub(crate) fn letter(&self, percent: u16) -> &'static str {
        self.cutoffs.iter().find(|(_, least)| percent >= *least).map_or("", |(letter, _)| *letter)
    }

    /// The assignment types that the run has.
    pub(crate) fn graders(&self) -> Vec<Grader> {
        let count = |format: &str| self.blocks.iter().filter(|block| block.format == Some(format)).count() as i64;
        let homework = Grader { assignment_type: "Homework", short_label: "HW", min_count: count("Homework"), drop_count: 0, weight: 1.0 };
        match count("Final Exam") {
            0 => vec![homework],
            n => {
                let exam = Grader { assignment_type: "Final Exam", short_label: "", min_count: n, drop_count: 0, weight: 0.2 };
                vec![Grader { weight: 0.8, ..homework }, exam]
            }
        }
    }

    /// Whether packages have an archive of the run's content. A custom course has no content of its own.
    pub(crate) fn has_archive(&self) -> bool {
        self.ccx.is_none()
    }
}
