//! One row of `person_course`: what the newest package and the whole log say of one person in one run.
//!
//! Counts are 0 and not empty for somebody without events.

use std::io;

use super::csv::CsvFile;
use super::learner::LearnerTruth;
use crate::behaviour::life::Life;
use crate::behaviour::problem_percent;
use crate::courses::CourseRun;
use crate::forum::PostKind;
use crate::people::{Person, Standing};
use crate::tables::{Leaver, Member, Snapshot, State, certificate_row, state_as_of, state_before};

/// Writes one row. `has_blocks`: there is a file of touched blocks; without it nothing is known of chapters.
pub(super) fn write(
    csv: &mut CsvFile,
    snapshot: &Snapshot<'_>,
    life: &Life,
    person: &Person,
    truth: &LearnerTruth,
    has_blocks: bool,
) -> io::Result<()> {
    let (run, as_of) = (snapshot.run, snapshot.as_of());
    let state = state_as_of(snapshot, life);
    let certificate = certificate_row(snapshot, &Member { life, person });
    let Some((mode, is_active)) = life.enrolment_as_of(as_of) else { return Ok(()) };
    let earlier = (snapshot.blocks_as_of() < as_of).then(|| state_before(snapshot.world, run, life, snapshot.blocks_as_of()));
    let blocks = earlier.as_ref().unwrap_or(&state);
    let n_chapters = touched(snapshot, blocks, &["chapter"]);
    let is_certified = certificate.is_some_and(|(c, _)| c.is_downloadable());
    let percent = state.graded_span(run).map(|_| problem_percent(state.graded_points(run), run.possible_points()));
    let letter = percent.map(|p| run.letter(p));
    let grade = percent.or(certificate.map(|(_, grade)| grade));
    let has_passed = has_passed(run, grade, letter);

    csv.text(run.installation.token()).text(&run.key).int(person.user_id).text(&run.slash_form());
    csv.text(&person.username_as_of(as_of)).bool(true);
    csv.bool(touched(snapshot, blocks, &["chapter", "sequential", "vertical"]) > 0 || truth.has_content_event);
    csv.maybe_bool(has_blocks.then(|| 2 * n_chapters >= open_chapters(snapshot))).bool(is_certified);
    csv.bool(is_certified || has_passed);
    csv.text(mode.text())
        .int(i64::from(is_active))
        .moment(Some(life.enrolled_at))
        .maybe_float(grade.map(|p| f64::from(p) / 100.0))
        .maybe_text(letter);
    csv.maybe_float(passing_grade(run));
    csv.maybe_text(certificate.map(|(c, _)| c.status)).moment(certificate.map(|(c, _)| c.at));
    csv.moment(certificate.map(|(c, _)| c.at + 1_500_000));
    csv.maybe_text(person.level_of_education).maybe_int(person.year_of_birth);
    csv.maybe_text(person.gender).maybe_text(person.country);
    csv.maybe_text(person.email_as_of(as_of).rsplit_once('@').map(|(_, domain)| domain));
    let address = truth.modal_address(&person.addresses);
    let roles = match person.standing {
        Standing::Learner => Some("Student"),
        Standing::Staff(_) => Some("Staff"),
        Standing::Worker => None,
    };
    let posts = posts_of(snapshot, life);
    log_columns(csv, truth, posts, has_blocks.then_some(n_chapters), address.as_deref(), roles);
    csv.end()
}

/// The pass mark of the run's grading policy, if a package has it.
fn passing_grade(run: &CourseRun) -> Option<f64> {
    run.has_archive().then(|| f64::from(run.pass_percent()) / 100.0)
}

/// Whether a grade in hundredths passes. Where the pass mark is not known, a letter says so.
fn has_passed(run: &CourseRun, grade: Option<u16>, letter: Option<&str>) -> bool {
    if run.has_archive() { grade.is_some_and(|grade| grade >= run.pass_percent()) } else { letter.is_some_and(|letter| !letter.is_empty()) }
}

/// Writes the row of somebody of whom only a certificate is left: nothing is known of the account and the enrolment, and no event.
pub(super) fn write_leaver(csv: &mut CsvFile, snapshot: &Snapshot<'_>, leaver: &Leaver, has_blocks: bool) -> io::Result<()> {
    let (run, certificate) = (snapshot.run, leaver.certificate);
    let is_certified = certificate.is_downloadable();
    csv.text(run.installation.token()).text(&run.key).int(leaver.user_id).text(&run.slash_form());
    csv.text("").bool(true).bool(false).maybe_bool(has_blocks.then_some(false)).bool(is_certified);
    csv.bool(is_certified || has_passed(run, leaver.grade, None));
    csv.text("").maybe_int(None).moment(None).maybe_float(leaver.grade.map(|grade| f64::from(grade) / 100.0)).text("");
    csv.maybe_float(passing_grade(run));
    csv.text(certificate.status).moment(Some(certificate.at)).moment(Some(certificate.at + 1_500_000));
    csv.text("").maybe_int(None).text("").text("").text("");
    log_columns(csv, &LearnerTruth::default(), Posts::default(), has_blocks.then_some(0), None, None);
    csv.end()
}

fn log_columns(csv: &mut CsvFile, truth: &LearnerTruth, posts: Posts, n_chapters: Option<i64>, address: Option<&str>, roles: Option<&str>) {
    let total = truth.total();
    csv.moment(total.first_event).moment(total.last_event).int(total.nevents).int(truth.days.len() as i64);
    csv.int(total.nplay_video).int(total.nvideo).int(total.npause_video).int(total.nseek_video).int(total.nseq_goto);
    csv.int(total.nprogcheck).int(total.nproblem_check).int(total.nshow_answer).int(total.ntranscript).int(total.nforum_events);
    csv.int(posts.all).int(posts.threads).int(posts.comments).int(posts.votes).int(posts.endorsed).int(posts.pinned);
    csv.maybe_int(n_chapters).int(total.videos.len() as i64).float(total.watched_ms as f64 / 1000.0);
    csv.maybe_float(total.gaps.mean()).maybe_float(total.gaps.deviation()).maybe_float(total.gaps.max());
    csv.int(total.gaps.n()).float(total.gaps.sum());
    csv.maybe_text(address).maybe_text(roles);
    csv.moment(truth.enrolment.verified_at).moment(truth.enrolment.unverified_at);
    csv.maybe_text(truth.enrolment.mode.map(|m| m.text())).maybe_int(truth.enrolment.is_active.map(i64::from));
}

/// What somebody wrote in the forum, and what came of it.
#[derive(Debug, Default, Clone, Copy)]
struct Posts {
    all: i64,
    threads: i64,
    comments: i64,
    votes: i64,
    endorsed: i64,
    pinned: i64,
}

fn posts_of(snapshot: &Snapshot<'_>, life: &Life) -> Posts {
    let mut posts = Posts::default();
    let Some(forum) = snapshot.world.forums.get(usize::from(snapshot.run.index)) else { return posts };
    for &number in forum.posts_of(life.person) {
        let post = forum.post(number);
        if post.at >= snapshot.as_of() {
            continue;
        }
        posts.all += 1;
        posts.threads += i64::from(post.kind == PostKind::Thread);
        posts.comments += i64::from(post.kind != PostKind::Thread);
        posts.votes += forum.voters(number, snapshot.as_of()).len() as i64;
        posts.endorsed += i64::from(post.endorsed_at.is_some_and(|at| at < snapshot.as_of()));
        posts.pinned += i64::from(post.is_pinned);
    }
    posts
}

fn touched(snapshot: &Snapshot<'_>, state: &State, categories: &[&str]) -> i64 {
    state.touched.iter().filter(|t| categories.contains(&snapshot.run.block(t.block).category)).count() as i64
}

/// Chapters with something in them that learners may see.
fn open_chapters(snapshot: &Snapshot<'_>) -> i64 {
    let run = snapshot.run;
    run.block(0).children.iter().filter(|&&c| !run.block(c).children.is_empty() && !run.block(c).is_staff_only).count() as i64
}
