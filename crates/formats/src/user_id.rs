//! Which numbers are identifiers of learners, the same in events, tables and forums. It looks nobody up.

/// The identifier of a learner, if the number can be one: accounts are numbered from 1, and 0 and what is below it stand for nobody
/// (docs/concepts/edx-files.md, "Who and which course run").
pub(crate) fn of_number(number: i64) -> Option<i64> {
    (number > 0).then_some(number)
}
