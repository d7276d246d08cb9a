//! The words that stand for a table in the names of package members (docs/concepts/edx-files.md, "Which tables there are").
//! It refuses nothing: a word edX adds later is a table of that name.

/// Every word we know. They are the anchor from the right by which a name is split: none holds a dash, course names do.
const KNOWN: &[&str] = &[
    "assessment_assessment",
    "assessment_assessmentfeedback",
    "assessment_assessmentfeedback_assessments",
    "assessment_assessmentfeedback_options",
    "assessment_assessmentfeedbackoption",
    "assessment_assessmentpart",
    "assessment_criterion",
    "assessment_criterionoption",
    "assessment_peerworkflow",
    "assessment_peerworkflowitem",
    "assessment_rubric",
    "assessment_studenttrainingworkflow",
    "assessment_studenttrainingworkflowitem",
    "assessment_trainingexample",
    "assessment_trainingexample_options_selected",
    "auth_user",
    "auth_userprofile",
    "certificates_generatedcertificate",
    "course",
    "course_groups_cohortmembership",
    "course_structure",
    "courseware_studentmodule",
    "credit_crediteligibility",
    "django_comment_client_role_users",
    "email_opt_in",
    "grades_persistentcoursegrade",
    "grades_persistentsubsectiongrade",
    "student_anonymoususerid",
    "student_courseaccessrole",
    "student_courseenrollment",
    "student_languageproficiency",
    "submissions_score",
    "submissions_scoresummary",
    "submissions_studentitem",
    "submissions_submission",
    "teams",
    "teams_courseteam",
    "teams_courseteammembership",
    "teams_membership",
    "user_api_usercoursetag",
    "user_id_map",
    "verify_student_verificationstatus",
    "wiki_article",
    "wiki_articlerevision",
    "workflow_assessmentworkflow",
    "workflow_assessmentworkflowstep",
];

pub(super) fn is_known(word: &str) -> bool {
    KNOWN.binary_search(&word).is_ok()
}

/// Tables of open response assessment lie in a directory of their own, `ora/`.
pub(super) fn is_open_response(word: &str) -> bool {
    ["assessment_", "submissions_", "workflow_"].iter().any(|prefix| word.starts_with(prefix))
}

/// The table's name in the lake: the word itself, and the short form where the documentation and the real files differ.
pub(super) fn table_name(word: &str) -> &str {
    match word {
        "teams_courseteam" => "teams",
        "teams_courseteammembership" => "teams_membership",
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_for_the_search_and_hold_no_dash() {
        assert!(KNOWN.is_sorted());
        assert!(KNOWN.iter().all(|word| !word.contains('-')));
    }
}
