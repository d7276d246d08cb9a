//! The list of all checks, in the order of a report. It runs none.

use super::{Check, days, enrollment, joins, key_checks, learners, loads, oddities, packages, place_checks};

/// The checks of each group, in the order of [`super::Group::ALL`].
const GROUPS: [&[Check]; 10] = [
    place_checks::CONFIGURATION,
    key_checks::CHECKS,
    place_checks::DISK,
    loads::CHECKS,
    packages::CHECKS,
    days::CHECKS,
    joins::CHECKS,
    enrollment::CHECKS,
    learners::CHECKS,
    oddities::CHECKS,
];

/// All checks.
pub fn all() -> impl Iterator<Item = &'static Check> {
    GROUPS.iter().copied().flatten()
}

/// A check by its id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::checks::{Group, Work};

    #[test]
    fn ids_are_unique_and_begin_with_their_group() {
        let ids: BTreeSet<&str> = all().map(|check| check.id).collect();
        assert_eq!(ids.len(), all().count());
        for (group, checks) in Group::ALL.iter().zip(GROUPS) {
            assert!(!checks.is_empty());
            assert!(checks.iter().all(|check| check.group == *group && check.id.starts_with(&format!("{}.", group.id()))), "{group:?}");
        }
    }

    #[test]
    fn no_message_and_no_request_to_edx_names_a_learner() {
        for check in all() {
            if let Work::Sql(query) = &check.work {
                for words in [query.message, query.ask.unwrap_or_default()] {
                    for column in ["{user_id", "{author_id", "{username", "{email", "{event_name"] {
                        assert!(!words.contains(column), "{}", check.id);
                    }
                }
            }
        }
    }
}
