//! A course archive as rows of its tables. A row's line is its place among the records of the archive, from 1; details have their block's.

use czar_formats::course_archive::{Block, CourseArchive, Detail, Discussion, GradingPolicy, Member, Problem, Settings, Video};
use deltalake_core::arrow::array::RecordBatch;
use deltalake_core::arrow::error::ArrowError;
use serde_json::Value;

use super::columns::Columns;
use crate::lake::content_columns::{
    COURSE_CONTENT_BLOCKS, COURSE_DISCUSSIONS, COURSE_PROBLEM_INPUTS, COURSE_PROBLEMS, COURSE_VIDEOS, GRADE_CUTOFFS, GRADING_POLICY,
    content_columns,
};
use crate::lake::schema::Kind;

/// Blocks that are made rows at a time.
const BLOCKS_A_BATCH: usize = 4096;

/// Makes rows and hands them on with the name of their table. The flag says whether these rows are the archive's records; the others are
/// details of such.
///
/// # Errors
/// The columns could not be made (a bug), or `take` fails.
pub fn each_batch<E: From<ArrowError>>(
    archive: &CourseArchive,
    members: &[Member],
    mut take: impl FnMut(&'static str, bool, RecordBatch) -> Result<(), E>,
) -> Result<(), E> {
    for blocks in archive.blocks.chunks(BLOCKS_A_BATCH) {
        take(COURSE_CONTENT_BLOCKS, true, block_rows(blocks, members)?)?;
        let details = [
            (COURSE_PROBLEMS, problem_rows(blocks, members)?),
            (COURSE_PROBLEM_INPUTS, input_rows(blocks)?),
            (COURSE_VIDEOS, video_rows(blocks, members)?),
            (COURSE_DISCUSSIONS, discussion_rows(blocks, members)?),
        ];
        for (table, rows) in details {
            if rows.num_rows() > 0 {
                take(table, false, rows)?;
            }
        }
    }
    let policy = [(GRADING_POLICY, grader_rows(&archive.grading, members)?), (GRADE_CUTOFFS, cutoff_rows(&archive.grading, members)?)];
    for (table, rows) in policy {
        if rows.num_rows() > 0 {
            take(table, true, rows)?;
        }
    }
    Ok(())
}

fn columns_of(table: &str) -> Columns {
    let own = content_columns(table).unwrap_or_default();
    Columns::new(std::iter::once(("_source_line", Kind::Integer)).chain(own))
}

fn name_of(members: &[Member], member: usize) -> Option<&str> {
    members.get(member).map(|member| member.name.as_str())
}

fn block_rows(blocks: &[Block], members: &[Member]) -> Result<RecordBatch, ArrowError> {
    let mut columns = columns_of(COURSE_CONTENT_BLOCKS);
    for block in blocks {
        columns.count(block.position as u64);
        columns.text(block.usage_key.as_deref());
        columns.text(Some(&block.category));
        columns.text(block.url_name.as_deref());
        columns.text(block.display_name.as_deref());
        columns.text(block.parent_usage_key.as_deref());
        columns.integer(block.parent_position.and_then(|position| i64::try_from(position).ok()));
        columns.truth(Some(block.is_root));
        columns.truth(Some(block.is_orphan));
        columns.truth(Some(block.is_draft));
        columns.integer(block.sort_index);
        columns.integer(block.depth);
        columns.integer(Some(block.n_children));
        push_settings(&mut columns, &block.own);
        push_settings(&mut columns, &block.inherited);
        columns.text(block.chapter_usage_key.as_deref());
        columns.text(block.sequential_usage_key.as_deref());
        columns.text(block.vertical_usage_key.as_deref());
        columns.text(name_of(members, block.member));
        columns.text(Some(&block.attributes));
        columns.end_row();
    }
    columns.finish()
}

fn push_settings(columns: &mut Columns, settings: &Settings) {
    columns.moment(settings.start);
    columns.moment(settings.due);
    columns.truth(settings.graded);
    columns.text(settings.format.as_deref());
    columns.truth(settings.visible_to_staff_only);
    columns.text(settings.graceperiod.as_deref());
    columns.text(settings.showanswer.as_deref());
    columns.text(settings.rerandomize.as_deref());
    columns.integer(settings.max_attempts);
}

/// The columns with which each detail begins.
fn push_block(columns: &mut Columns, block: &Block) {
    columns.count(block.position as u64);
    columns.text(block.usage_key.as_deref());
    columns.text(block.url_name.as_deref());
    columns.text(block.display_name.as_deref());
    columns.truth(Some(block.is_orphan));
    columns.truth(Some(block.is_draft));
}

fn problems(blocks: &[Block]) -> impl Iterator<Item = (&Block, &Problem)> {
    blocks.iter().filter_map(|block| match &block.detail {
        Detail::Problem(problem) => Some((block, problem.as_ref())),
        _ => None,
    })
}

fn problem_rows(blocks: &[Block], members: &[Member]) -> Result<RecordBatch, ArrowError> {
    let mut columns = columns_of(COURSE_PROBLEMS);
    for (block, problem) in problems(blocks) {
        push_block(&mut columns, block);
        columns.text(Some(&problem.text));
        columns.text(problem.itype());
        columns.text(Some(&json_list(&problem.response_types)));
        columns.integer(Some(problem.n_responses));
        columns.count(problem.inputs.iter().filter(|input| input.input_type.is_some()).count() as u64);
        columns.integer(Some(problem.n_hints));
        columns.truth(Some(problem.has_solution));
        columns.truth(Some(problem.has_script));
        columns.float(problem.weight);
        columns.integer(block.inherited.max_attempts);
        columns.text(block.inherited.rerandomize.as_deref());
        columns.text(block.inherited.showanswer.as_deref());
        columns.text(name_of(members, block.member));
        columns.end_row();
    }
    columns.finish()
}

fn input_rows(blocks: &[Block]) -> Result<RecordBatch, ArrowError> {
    let mut columns = columns_of(COURSE_PROBLEM_INPUTS);
    for (block, problem) in problems(blocks) {
        for input in &problem.inputs {
            push_block(&mut columns, block);
            columns.integer(Some(input.response_number));
            columns.integer(Some(input.input_number));
            columns.text(Some(&input.answer_id_suffix()));
            columns.text(Some(&input.response_type));
            columns.text(input.input_type.as_deref());
            columns.text(input.label.as_deref());
            columns.count(input.choices.len() as u64);
            columns.count(input.choices.iter().filter(|choice| choice.correct == Some(true)).count() as u64);
            columns.text(input.choices_json().as_deref());
            columns.text(Some(&json_list(&input.answers)));
            columns.text(input.tolerance.as_deref());
            columns.end_row();
        }
    }
    columns.finish()
}

fn video_rows(blocks: &[Block], members: &[Member]) -> Result<RecordBatch, ArrowError> {
    let mut columns = columns_of(COURSE_VIDEOS);
    for block in blocks {
        let Detail::Video(video) = &block.detail else { continue };
        push_block(&mut columns, block);
        push_video(&mut columns, video);
        columns.text(name_of(members, block.member));
        columns.end_row();
    }
    columns.finish()
}

fn push_video(columns: &mut Columns, video: &Video) {
    let object = |named: &std::collections::BTreeMap<String, String>| {
        Value::Object(named.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect()).to_string()
    };
    columns.text(video.youtube_id.as_deref());
    columns.text(Some(&object(&video.youtube_ids)));
    columns.text(Some(&json_list(&video.html5_sources)));
    columns.text(video.edx_video_id.as_deref());
    columns.text(video.client_video_id.as_deref());
    columns.text(video.sub.as_deref());
    columns.float(video.start_time);
    columns.float(video.end_time);
    columns.float(video.duration);
    columns.text(Some(&object(&video.transcripts)));
    columns.text(Some(&json_list(&video.transcripts.keys().cloned().collect::<Vec<_>>())));
}

fn discussion_rows(blocks: &[Block], members: &[Member]) -> Result<RecordBatch, ArrowError> {
    let mut columns = columns_of(COURSE_DISCUSSIONS);
    for block in blocks {
        let Detail::Discussion(discussion) = &block.detail else { continue };
        let Discussion { discussion_id, discussion_category, discussion_target } = discussion.as_ref();
        push_block(&mut columns, block);
        columns.text(discussion_id.as_deref());
        columns.text(discussion_category.as_deref());
        columns.text(discussion_target.as_deref());
        columns.text(name_of(members, block.member));
        columns.end_row();
    }
    columns.finish()
}

fn grader_rows(policy: &GradingPolicy, members: &[Member]) -> Result<RecordBatch, ArrowError> {
    let mut columns = columns_of(GRADING_POLICY);
    for grader in &policy.graders {
        columns.count(grader.position as u64);
        columns.integer(Some(grader.number));
        columns.text(grader.assignment_type.as_deref());
        columns.text(grader.name.as_deref());
        columns.float(grader.weight);
        columns.integer(grader.min_count);
        columns.integer(grader.drop_count);
        columns.text(grader.short_label.as_deref());
        for cutoff in [policy.lowest(), policy.highest()] {
            columns.float(cutoff.map(|cutoff| cutoff.fraction));
            columns.text(cutoff.map(|cutoff| cutoff.label.as_str()));
        }
        columns.text(policy.member.and_then(|member| name_of(members, member)));
        columns.text(Some(&grader.attributes));
        columns.end_row();
    }
    columns.finish()
}

fn cutoff_rows(policy: &GradingPolicy, members: &[Member]) -> Result<RecordBatch, ArrowError> {
    let mut columns = columns_of(GRADE_CUTOFFS);
    for cutoff in &policy.cutoffs {
        columns.count(cutoff.position as u64);
        columns.text(Some(&cutoff.label));
        columns.float(Some(cutoff.fraction));
        columns.text(policy.member.and_then(|member| name_of(members, member)));
        columns.end_row();
    }
    columns.finish()
}

fn json_list(texts: &[String]) -> String {
    Value::Array(texts.iter().cloned().map(Value::String).collect()).to_string()
}
