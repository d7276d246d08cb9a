//! Course archives of every shape: as Studio writes them, as hands write them, and broken in each way that has a code.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read its own course should stop")]

use super::*;
use crate::reject::RejectCode;

mod details;
mod policies;
mod properties;
mod tree;

/// Members from names and texts.
fn members(files: &[(&str, &str)]) -> Vec<Member> {
    files.iter().map(|(name, text)| Member { name: (*name).to_owned(), bytes: text.as_bytes().to_vec(), is_too_large: false }).collect()
}

fn read(files: &[(&str, &str)]) -> CourseArchive {
    let archive = parse_course_archive(&members(files), None).unwrap();
    balances(&archive);
    archive
}

/// Reads a course of one vertical that holds the given elements.
fn read_vertical(elements: &str) -> CourseArchive {
    let course = format!(
        "<course url_name=\"R\" org=\"O\" course=\"C\"><chapter url_name=\"w\"><sequential url_name=\"s\"><vertical url_name=\"v\">{elements}</vertical></sequential></chapter></course>"
    );
    read(&[("course/course.xml", &course)])
}

/// Invariant 5: each record is a row or a reject, and each has a place of its own.
fn balances(archive: &CourseArchive) {
    let rows = archive.blocks.len() + archive.grading.graders.len() + archive.grading.cutoffs.len();
    assert_eq!(archive.n_records, rows + archive.rejects.len());
    let mut positions: Vec<usize> = archive.blocks.iter().map(|block| block.position).collect();
    positions.extend(archive.grading.graders.iter().map(|grader| grader.position));
    positions.extend(archive.grading.cutoffs.iter().map(|cutoff| cutoff.position));
    positions.extend(archive.rejects.iter().map(|set_aside| set_aside.position));
    positions.sort_unstable();
    assert_eq!(positions, (1..=archive.n_records).collect::<Vec<_>>());
}

fn block<'a>(archive: &'a CourseArchive, url_name: &str) -> &'a Block {
    archive.blocks.iter().find(|block| block.url_name.as_deref() == Some(url_name)).unwrap()
}

fn problem<'a>(archive: &'a CourseArchive, url_name: &str) -> &'a Problem {
    let Detail::Problem(problem) = &block(archive, url_name).detail else { panic!("{url_name} is no problem") };
    problem
}

fn video<'a>(archive: &'a CourseArchive, url_name: &str) -> &'a Video {
    let Detail::Video(video) = &block(archive, url_name).detail else { panic!("{url_name} is no video") };
    video
}

fn rejects(archive: &CourseArchive) -> Vec<(RejectCode, Option<usize>)> {
    archive.rejects.iter().map(|set_aside| (set_aside.reject.code, set_aside.member)).collect()
}
