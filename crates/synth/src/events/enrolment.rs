//! Events of enrolment, cohorts and certificates.
//!
//! The learner they are about is named in the payload; the actor may be a member of the course team.

use super::envelope::Particulars;
use super::facts::Facts;
use crate::behaviour::ActionKind;
use crate::behaviour::actions::Mode;
use crate::json::JsonText;

pub(super) fn write(facts: &Facts<'_>, payload: &mut JsonText) -> Particulars {
    match facts.action.kind {
        ActionKind::Activated { mode, by_staff, is_bare } => {
            enrolment(facts, payload, mode);
            Particulars { actor: by_staff.then(|| team_member(facts)), is_bare, ..change("activated") }
        }
        ActionKind::Deactivated { mode, by_staff } => {
            enrolment(facts, payload, mode);
            Particulars { actor: by_staff.then(|| team_member(facts)), ..change("deactivated") }
        }
        ActionKind::ModeChanged { mode } => {
            enrolment(facts, payload, mode);
            change("mode_changed")
        }
        ActionKind::UpgradeClicked => {
            payload.open().close();
            Particulars::browser("edx.course.enrollment.upgrade.clicked", format!("{}/info", facts.course_url()))
        }
        ActionKind::UpgradeSucceeded => {
            payload.open().close();
            Particulars::server("edx.course.enrollment.upgrade.succeeded", "/commerce/checkout/receipt/".to_owned())
        }
        ActionKind::CohortAdded { cohort } => {
            payload.open();
            payload.key("cohort_id").int(100 + i64::from(cohort)).key("cohort_name").text(cohort_name(cohort));
            payload.key("user_id").int(facts.person.user_id).close();
            Particulars::server("edx.cohort.user_added", "/change_enrollment".to_owned())
        }
        ActionKind::CertificateCreated { mode } => {
            let certificate_id = crate::tables::certificates::verify_uuid(facts.run, facts.person);
            payload.open();
            payload.key("course_id").text(&facts.run.key).key("user_id").int(facts.person.user_id);
            payload.key("certificate_id").text(&certificate_id);
            payload.key("certificate_url").text(&format!("https://{}/certificates/{certificate_id}", facts.run.installation.host()));
            payload.key("enrollment_mode").text(mode.text()).key("generation_mode").text("self").close();
            let path = format!("/courses/{}/generate_user_cert", facts.run.key);
            Particulars::server("edx.certificate.created", path)
        }
        _ => change("activated"),
    }
}

pub(crate) fn cohort_name(cohort: u16) -> &'static str {
    if cohort == 0 { "Default Group" } else { "Группа Б" }
}

fn enrolment(facts: &Facts<'_>, payload: &mut JsonText, mode: Mode) {
    payload.open();
    payload.key("course_id").text(&facts.run.key).key("user_id").int(facts.person.user_id).key("mode").text(mode.text());
    payload.close();
}

fn change(what: &str) -> Particulars {
    Particulars::server(format!("edx.course.enrollment.{what}"), "/change_enrollment".to_owned())
}

/// The member of the course team who acts for a learner.
pub(super) fn team_member(facts: &Facts<'_>) -> (i64, String) {
    let census = facts.world.census(facts.run.installation);
    let member = facts.world.person(facts.run.installation, census.n_learners + 1);
    (member.user_id, member.username)
}
