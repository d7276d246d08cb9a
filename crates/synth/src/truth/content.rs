//! What the course archives say: problems, videos and how a course is graded.
//!
//! A block whose file is spoilt has no row.

use std::io;
use std::path::Path;

use super::columns;
use super::csv::CsvFile;
use crate::courses::{CourseRun, MAX_ATTEMPTS};
use crate::world::World;

fn key<'a>(csv: &'a mut CsvFile, run: &CourseRun) -> &'a mut CsvFile {
    csv.text(run.installation.token()).text(&run.key)
}

/// Writes the four files.
pub(super) fn write(world: &World, folder: &Path) -> io::Result<()> {
    let mut problems = CsvFile::create(&folder.join("course_problems.csv"), columns::COURSE_PROBLEMS)?;
    let mut videos = CsvFile::create(&folder.join("course_videos.csv"), columns::COURSE_VIDEOS)?;
    let mut policy = CsvFile::create(&folder.join("grading_policy.csv"), columns::GRADING_POLICY)?;
    let mut cutoffs = CsvFile::create(&folder.join("grade_cutoffs.csv"), columns::GRADE_CUTOFFS)?;
    for run in world.runs.iter().filter(|run| run.has_archive()) {
        let faults = world.mess.archive_faults(run);
        for index in (0..run.blocks.len() as u16).filter(|&index| faults.spares(index)) {
            let block = run.block(index);
            match block.category {
                "problem" => {
                    let csv = key(&mut problems, run).text(&block.usage_key).maybe_text(block.display_name.as_deref());
                    csv.float(f64::from(block.n_inputs)).int(i64::from(block.n_inputs)).int(i64::from(MAX_ATTEMPTS));
                    csv.end()?;
                }
                "video" => {
                    let csv =
                        key(&mut videos, run).text(&block.usage_key).float(block.duration_ms as f64 / 1000.0).text(&block.external_id);
                    csv.end()?;
                }
                _ => {}
            }
        }
        for grader in run.graders() {
            let csv = key(&mut policy, run).text(grader.assignment_type).float(grader.weight);
            csv.int(grader.min_count).int(grader.drop_count).text(grader.short_label);
            csv.end()?;
        }
        for (label, percent) in run.cutoffs {
            key(&mut cutoffs, run).text(label).float(f64::from(*percent) / 100.0);
            cutoffs.end()?;
        }
    }
    problems.finish()?;
    videos.finish()?;
    policy.finish()?;
    cutoffs.finish()
}
