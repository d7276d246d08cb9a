//! The grading policy and the settings that stand beside the files of blocks.

use super::*;

fn with_policy(name: &str, text: &str) -> CourseArchive {
    read(&[
        ("c/course.xml", r#"<course url_name="R" org="O" course="C"><chapter url_name="a" display_name="File"/></course>"#),
        (name, text),
    ])
}

#[test]
fn a_grading_policy_has_its_types_in_order_and_its_cutoffs_by_share() {
    let archive = with_policy(
        "c/policies/R/grading_policy.json",
        r#"{"GRADER": [{"type": "Homework", "short_label": "HW", "min_count": 6, "drop_count": 1, "weight": 0.8},
            {"type": "Final Exam", "name": "Final", "weight": "0.2", "category": "Exam"}], "GRADE_CUTOFFS": {"A": 0.9, "Pass": 0.6, "B": "0.75"}}"#,
    );
    let policy = &archive.grading;
    assert_eq!((policy.lowest().unwrap().label.as_str(), policy.highest().unwrap().fraction), ("Pass", 0.9));
    assert_eq!((archive.n_records, archive.rejects.len()), (2 + 3 + 2, 0));
    let [homework, exam] = policy.graders.as_slice() else { panic!("two types") };
    assert_eq!((homework.assignment_type.as_deref(), homework.name.as_deref()), (Some("Homework"), Some("Homework")));
    assert_eq!(
        (homework.weight, homework.min_count, homework.drop_count, homework.short_label.as_deref()),
        (Some(0.8), Some(6), Some(1), Some("HW"))
    );
    assert_eq!((exam.name.as_deref(), exam.weight, exam.min_count, exam.number), (Some("Final"), Some(0.2), None, 2));
    assert!(exam.attributes.contains("\"category\":\"Exam\""));
}

#[test]
fn entries_that_are_no_types_and_no_shares_are_set_aside_one_by_one() {
    let archive = with_policy(
        "c/policies/R/grading_policy.json",
        r#"{"GRADER": ["x", {"type": "HW"}], "GRADE_CUTOFFS": {"Pass": "half", "A": 0.9}}"#,
    );
    let entry = (RejectCode::CourseArchivePolicyEntry, Some(1));
    assert_eq!(rejects(&archive), [entry, entry]);
    assert_eq!((archive.grading.graders.len(), archive.grading.cutoffs.len()), (1, 1));
    for broken in ["{\n\"GRADER\": [", "[1]", "{\"GRADER\": 1, \"GRADE_CUTOFFS\": 2}"] {
        let archive = with_policy("c/policies/R/grading_policy.json", broken);
        assert!(!archive.rejects.is_empty() && archive.blocks.len() == 2, "{broken}");
    }
}

#[test]
fn the_policy_of_the_run_is_found_under_its_name_and_wins_over_the_file() {
    for name in ["c/policies/R/policy.json", "c/policies/R.json", "c/policy.json"] {
        let archive = with_policy(name, r#"{"chapter/a": {"display_name": "Policy", "due": "2015-02-01"}, "other": 1}"#);
        let wanted = if name == "c/policy.json" { "File" } else { "Policy" };
        assert_eq!(block(&archive, "a").display_name.as_deref(), Some(wanted), "{name}");
    }
    let archive = with_policy("c/policies/R/policy.json", "{");
    assert_eq!(rejects(&archive), [(RejectCode::CourseArchivePolicyNotJson, Some(1))]);
}
