//! The reports on programmes, which edX leaves in a bucket of their own: every second day a CSV file of learners and one of entitlements.
//!
//! In a messy delivery some completions are taken back in later files; completed once is completed, and the truth says so.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::behaviour::actions::Mode;
use crate::error::SynthError;
use crate::moment::{DAY, Day, Moment, SECOND, civil, content_text, date_text, day_of_date, report_text};
use crate::programs::{self, Part, Program, ProgramMember};
use crate::tally::{Accounts, FileTally};
use crate::truth::{CsvFile, PROGRAM_COMPLETIONS};
use crate::world::World;

const LEARNERS: &str = "authoring institution,program type,program uuid,program title,user id,username,name,user roles,course run key,\
course title,track,letter grade,grade,currently enrolled,purchased as bundle,completed,completed program,date completed,\
date program certificate awarded,last activity date,date first enrolled,date last unenrolled,date first upgraded to verified,\
course run start date";
const ENTITLEMENTS: &str = "email,entitlements,expiration date,first name,last name,partner key,program title,program type,purchase date,\
redeemed entitlements,unredeemed entitlements,user id,username";
/// Programmes are of the production site.
const SITE: &str = "edx";
/// Before the folder's and the file's name in the logical name of a report.
const KEY_BEGIN: &str = "program-reports-";
/// How the reports write nothing.
const NOTHING: &str = "null";

/// The days of the reports. A report shows what was before its day's beginning.
fn report_days(world: &World) -> Vec<Day> {
    let first = day_of_date(world.plan.first_date);
    let last = first + i64::from(world.plan.n_days);
    (first + 1..=last).rev().step_by(2).collect::<Vec<_>>().into_iter().rev().collect()
}

/// Writes all reports, and the truth about completions.
pub(crate) fn write(world: &World, folder: &Path, truth: &Path) -> Result<Accounts, SynthError> {
    let programs: Vec<(Program, Vec<ProgramMember>)> = programs::programs(world)
        .into_iter()
        .enumerate()
        .map(|(number, program)| {
            let members = programs::members(world, number, &program);
            (program, members)
        })
        .collect();
    let mut accounts = Accounts::default();
    let mut completions = BTreeMap::new();
    let mut reports = || -> io::Result<()> {
        for (number, day) in report_days(world).into_iter().enumerate() {
            let report = Report { world, day, number: number as u64 };
            accounts.files.push(report.learners(folder, &programs, &mut completions)?);
            accounts.files.push(report.entitlements(folder, &programs)?);
        }
        let mut csv = CsvFile::create(&truth.join("program_completions.csv"), PROGRAM_COMPLETIONS)?;
        for ((uuid, user_id), awarded_at) in &completions {
            csv.text(SITE).text(uuid).int(*user_id).bool(awarded_at.is_some()).moment(*awarded_at);
            csv.end()?;
        }
        csv.finish()
    };
    reports().map_err(|source| SynthError::Write { path: folder.to_owned(), source })?;
    Ok(accounts)
}

/// Programme and learner, and the first award that any report told.
type Completions = BTreeMap<(String, i64), Option<Moment>>;

/// The reports of one day.
struct Report<'a> {
    world: &'a World,
    day: Day,
    /// Counts the days.
    number: u64,
}

impl Report<'_> {
    fn as_of(&self) -> Moment {
        self.day * DAY
    }

    /// The name of a report, and its account. Its logical name tells the folder of the organisation too.
    fn begin(&self, table: &str) -> (String, FileTally) {
        let org = self.world.plan.org.to_lowercase();
        let name = format!("{org}_{table}_{}.csv", date_text(self.day));
        let tally = FileTally {
            file_key: format!("{KEY_BEGIN}{org}-{name}"),
            kind: "program_report",
            table_name: table.to_owned(),
            site: SITE,
            ..FileTally::default()
        };
        (name, tally)
    }

    fn learners(&self, folder: &Path, programs: &[(Program, Vec<ProgramMember>)], completions: &mut Completions) -> io::Result<FileTally> {
        let (name, mut tally) = self.begin("program_learner_report");
        let mut csv = CsvFile::create(&folder.join(name), LEARNERS)?;
        for (program, members) in programs {
            for member in members.iter().filter(|member| member.enrolled_at() < self.as_of()) {
                let awarded_at = self.awarded_at(member);
                let known = completions.entry((program.uuid.clone(), member.person.user_id)).or_default();
                *known = known.or(awarded_at);
                for part in &member.parts {
                    if self.learner(&mut csv, program, member, part, awarded_at)? {
                        tally.row();
                    }
                }
            }
        }
        csv.finish()?;
        Ok(tally)
    }

    /// The award as this report tells it. Those whose completion is taken back have it in every other report.
    fn awarded_at(&self, member: &ProgramMember) -> Option<Moment> {
        let awarded_at = member.awarded_at.filter(|&at| at < self.as_of())?;
        let is_fickle = self.world.mess.is_on() && member.draw.is_multiple_of(2);
        let n_reports_since = (self.as_of() - awarded_at) / (2 * DAY);
        (!is_fickle || n_reports_since % 2 == 0).then_some(awarded_at)
    }

    /// Writes one row, unless the learner is not yet in the course run.
    fn learner(
        &self,
        csv: &mut CsvFile,
        program: &Program,
        member: &ProgramMember,
        part: &Part,
        awarded_at: Option<Moment>,
    ) -> io::Result<bool> {
        let as_of = self.as_of();
        let Some(run) = self.world.runs.get(usize::from(part.run)) else { return Ok(false) };
        let Some((mode, is_active)) = part.life.enrolment_as_of(as_of) else { return Ok(false) };
        let passed_at = part.passed_at.filter(|&at| at < as_of);
        let moment = |at: Option<Moment>| at.map_or_else(|| NOTHING.to_owned(), report_text);
        let truth = |value: bool| if value { "True" } else { "False" };
        let changes = part.life.changes.iter().filter(|change| change.at < as_of);
        let unenrolled_at = changes.clone().filter(|change| !change.is_active_after).map(|change| change.at).next_back();
        let verified_at = changes.clone().find(|change| change.mode_after == Mode::Verified).map(|change| change.at);
        let last_at = part.life.sessions.iter().map(|session| session.at).rfind(|&at| at < as_of);
        // The award comes in one form or the other.
        let award = match awarded_at {
            Some(at) if self.number % 2 == 1 => content_text(at),
            at => moment(at),
        };
        csv.text(&self.world.plan.org).text(program.kind).text(&program.uuid).text(program.title);
        csv.int(member.person.user_id).text(&member.person.username_as_of(as_of)).text(member.person.name_as_of(as_of));
        csv.text(NOTHING).text(&run.key).text(&run.display_name).text(mode.text());
        csv.text(if passed_at.is_some() { run.letter(part.grade) } else { NOTHING });
        match passed_at {
            Some(_) => csv.float(f64::from(part.grade) / 100.0),
            None => csv.text(NOTHING),
        };
        csv.text(truth(is_active)).text(truth(member.draw.is_multiple_of(7))).text(truth(passed_at.is_some()));
        csv.text(truth(awarded_at.is_some())).text(&moment(passed_at)).text(&award).text(&moment(last_at));
        csv.text(&moment(Some(part.life.enrolled_at))).text(&moment(unenrolled_at)).text(&moment(verified_at));
        csv.text(&moment(Some(run.start())));
        csv.end()?;
        Ok(true)
    }

    fn entitlements(&self, folder: &Path, programs: &[(Program, Vec<ProgramMember>)]) -> io::Result<FileTally> {
        let (name, mut tally) = self.begin("program_entitlement_report");
        let mut csv = CsvFile::create(&folder.join(name), ENTITLEMENTS)?;
        for (program, members) in programs {
            let bought = |member: &&ProgramMember| member.draw.is_multiple_of(7) && member.enrolled_at() < self.as_of();
            for member in members.iter().filter(bought) {
                let bought_at = member.enrolled_at();
                let n_redeemed = member.parts.iter().filter(|part| part.life.enrolled_at < self.as_of()).count();
                let n_bought = n_redeemed.max(program.runs.len());
                let (given, family) = member.person.name_as_of(self.as_of()).split_once(' ').unwrap_or_default();
                csv.text(&member.person.email_as_of(self.as_of())).int(n_bought as i64).text(&american_date(bought_at + 365 * DAY));
                csv.text(given).text(family).text(&self.world.plan.org).text(program.title).text(program.kind);
                csv.text(&american_date(bought_at)).int(n_redeemed as i64).int((n_bought - n_redeemed) as i64);
                csv.int(member.person.user_id).text(&member.person.username_as_of(self.as_of()));
                csv.end()?;
                tally.row();
            }
        }
        csv.finish()?;
        Ok(tally)
    }
}

/// `03/04/2018`
fn american_date(moment: Moment) -> String {
    let (year, month, date) = civil((moment / SECOND).div_euclid(DAY / SECOND));
    format!("{month:02}/{date:02}/{year:04}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use crate::plan::DeliveryPlan;

    fn reports(mess_rate: f64) -> (Vec<(String, String)>, String) {
        let plan = DeliveryPlan { mess_rate, n_learners: 400, ..DeliveryPlan::default() };
        let folder = tempfile::tempdir().unwrap();
        let accounts = write(&World::new(&plan), folder.path(), folder.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let names = accounts.files.iter().map(|file| file.file_key.strip_prefix("program-reports-universityx-").unwrap().to_owned());
        let texts = names.map(|name| (name.clone(), read(&name)));
        (texts.filter(|(name, _)| name.contains("learner")).collect(), read("program_completions.csv"))
    }

    #[test]
    fn a_completion_is_taken_back_in_a_messy_delivery_only_and_never_in_the_truth() {
        for mess_rate in [0.0, 0.01] {
            let (reports, truth) = reports(mess_rate);
            let n_awards: Vec<usize> = reports.iter().map(|(_, text)| text.matches(" Z,20").count()).collect();
            assert_eq!(reports.len(), 14);
            let completed: Vec<&str> = truth.lines().filter(|line| line.contains(",true,20")).collect();
            assert!(completed.len() > 3 && truth.lines().any(|line| line.ends_with(",false,")), "{truth}");
            let regressed = completed.iter().filter(|line| {
                let user = line.split(',').nth(2).unwrap();
                let says = |text: &str, word: &str| {
                    text.lines().any(|row| {
                        row.contains(&format!(",{user},")) && row.contains(line.split(',').nth(1).unwrap()) && row.contains(word)
                    })
                };
                let told: Vec<bool> = reports.iter().map(|(_, text)| says(text, ",True,20")).collect();
                told.windows(2).any(|pair| pair == [true, false])
            });
            assert_eq!(regressed.count() > 0, mess_rate > 0.0, "{n_awards:?}");
        }
    }
}
