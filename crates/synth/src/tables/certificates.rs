//! `certificates_generatedcertificate`.
//!
//! A passing audit learner may have a row that is no certificate; somebody who left in 2013 may have no other row.

use super::rows::hundredths_text;
use super::{Member, Rows, Snapshot, leavers, state_as_of};
use crate::behaviour::life::Certificate;
use crate::behaviour::problem_percent;
use crate::courses::CourseRun;
use crate::people::Person;
use crate::random::{hash, hex};

pub(super) const COLUMNS: &str = "id user_id download_url grade course_id key distinction status verify_uuid download_uuid name \
created_date modified_date error_reason mode";

/// The public id of a certificate.
pub(crate) fn verify_uuid(run: &CourseRun, person: &Person) -> String {
    hex(hash(person.user_id as u64, "certificate", &[u64::from(run.index)]), 32)
}

/// The row of a member in a snapshot: the certificate and its grade in hundredths.
pub(crate) fn row_of(snapshot: &Snapshot<'_>, member: &Member<'_>) -> Option<(Certificate, u16)> {
    let state = state_as_of(snapshot, member.life);
    let certificate = member.life.certificate(snapshot.world, state.passed_at).filter(|c| c.at < snapshot.as_of())?;
    // A row of somebody who passed later says `notpassing` until then.
    let grade = problem_percent(state.graded_points(snapshot.run), snapshot.run.possible_points());
    Some((certificate, grade))
}

pub(super) fn generated(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let Some((certificate, grade)) = row_of(snapshot, member) else { return };
    let (run, person) = (snapshot.run, member.person);
    let id = i64::from(run.index) * 10_000_000 + i64::from(member.life.person);
    let particulars = Particulars {
        id,
        user_id: person.user_id,
        name: &snapshot.name_of(person),
        uuid: &verify_uuid(run, person),
        grade: &hundredths_text(i64::from(grade)),
        certificate,
    };
    row(run, &particulars, rows);
}

/// The certificates of people who have no other row.
pub(super) fn of_leavers(snapshot: &Snapshot<'_>, rows: &mut Rows) {
    let run = snapshot.run;
    for leaver in leavers(snapshot) {
        let particulars = Particulars {
            id: i64::from(run.index) * 10_000_000 + leaver.user_id,
            user_id: leaver.user_id,
            name: &snapshot.world.mess.stored_name(run.installation, leaver.user_id, leaver.name),
            uuid: &hex(hash(leaver.user_id as u64, "certificate", &[u64::from(run.index)]), 32),
            grade: &leaver.grade.map(|grade| hundredths_text(i64::from(grade))).unwrap_or_default(),
            certificate: leaver.certificate,
        };
        row(run, &particulars, rows);
    }
}

struct Particulars<'a> {
    id: i64,
    user_id: i64,
    name: &'a str,
    uuid: &'a str,
    grade: &'a str,
    certificate: Certificate,
}

fn row(run: &CourseRun, of: &Particulars<'_>, rows: &mut Rows) {
    let certificate = of.certificate;
    let url = if certificate.is_downloadable() { format!("https://certificates.example.org/{}.pdf", of.uuid) } else { String::new() };
    rows.int(of.id).int(of.user_id).text(&url).text(of.grade).text(&run.key);
    rows.text(&hex(of.id as u64, 32)).flag(false).text(certificate.status).text(of.uuid).text("");
    rows.text(of.name).moment(certificate.at).moment(certificate.at + 1_500_000);
    rows.text("").text(certificate.mode.text());
    rows.end();
}
