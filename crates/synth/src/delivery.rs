//! Writes a whole delivery: keys, event files, packages, opt-in archives, programme reports and the truth, on several threads.
//!
//! Which thread writes a file changes nothing in it.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::courses::Installation;
use crate::day_file::DayLog;
use crate::encrypt::{Packing, Recipients, encrypt};
use crate::error::SynthError;
use crate::keys;
use crate::mess::sharing;
use crate::moment::{Day, civil, date_text};
use crate::package;
use crate::plan::DeliveryPlan;
use crate::program_reports;
use crate::readme;
use crate::stream::PieceReader;
use crate::tally::Accounts;
use crate::truth;
use crate::world::World;

/// How far the writing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Files written so far.
    pub n_done: usize,
    /// Files in all.
    pub n_total: usize,
    /// Name of the file that was just finished.
    pub file: String,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliverySummary {
    /// Event files, one for each site and day.
    pub n_event_files: usize,
    /// Weekly packages.
    pub n_packages: usize,
    /// Records in the event files.
    pub n_events: u64,
    /// Rows in the database files that the truth counts.
    pub n_table_rows: u64,
    /// Clear bytes of the event files.
    pub n_event_bytes: u64,
}

enum Job {
    Log(Installation, Day),
    OtherOrgLog(Day),
    /// The file is there and has no byte.
    LostLog(Installation, Day),
    ProgramReports,
    Package(Day),
    EmailOptIn(Day),
    Truth,
}

struct Done {
    name: String,
    accounts: Accounts,
    n_bytes: u64,
}

/// Writes the delivery of a plan into a folder, which is made if it is not there. Files of an earlier delivery are overwritten.
///
/// # Errors
/// A plan that cannot be, a folder that cannot be written.
pub fn write_delivery(plan: &DeliveryPlan, out: &Path, progress: &dyn Fn(Progress)) -> Result<DeliverySummary, SynthError> {
    plan.check()?;
    let recipients = write_keys(plan, out)?;
    let world = World::new(plan);
    make_folder(&out.join("truth"))?;
    write_file(&out.join("README.txt"), readme::text(&world).as_bytes())?;
    let jobs = jobs(&world);
    let mut results: Vec<Option<Done>> = Vec::new();
    results.resize_with(jobs.len(), || None);
    let next_job = AtomicUsize::new(0);
    let failure: Mutex<Option<SynthError>> = Mutex::new(None);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..plan.n_threads.get().min(jobs.len()) {
            let sender = sender.clone();
            let (world, recipients, jobs, next_job, failure) = (&world, &recipients, &jobs, &next_job, &failure);
            scope.spawn(move || {
                while let Some((number, job)) = take_job(jobs, next_job) {
                    match run_job(world, recipients, out, job) {
                        Ok(done) => {
                            if sender.send((number, done)).is_err() {
                                return;
                            }
                        }
                        Err(error) => {
                            next_job.store(usize::MAX / 2, Ordering::SeqCst);
                            if let Ok(mut failure) = failure.lock() {
                                failure.get_or_insert(error);
                            }
                        }
                    }
                }
            });
        }
        drop(sender);
        for (n_done, (number, done)) in receiver.into_iter().enumerate() {
            progress(Progress { n_done: n_done + 1, n_total: jobs.len(), file: done.name.clone() });
            if let Some(place) = results.get_mut(number) {
                *place = Some(done);
            }
        }
    });
    if let Ok(Some(error)) = failure.into_inner() {
        return Err(error);
    }
    finish(&jobs, results, out)
}

fn take_job<'a>(jobs: &'a [Job], next_job: &AtomicUsize) -> Option<(usize, &'a Job)> {
    let number = next_job.fetch_add(1, Ordering::SeqCst);
    jobs.get(number).map(|job| (number, job))
}

/// The longest jobs come first, so that no thread is left alone with one at the end.
fn jobs(world: &World) -> Vec<Job> {
    let mut jobs = vec![Job::Truth];
    let days = world.package_days();
    jobs.extend(days.iter().rev().map(|&day| Job::Package(day)));
    for installation in [Installation::Production, Installation::Edge] {
        let log = |day| if world.mess.is_lost(installation, day) { Job::LostLog(installation, day) } else { Job::Log(installation, day) };
        jobs.extend(world.log_days(installation).into_iter().map(log));
    }
    jobs.extend(sharing::days(&world.plan).into_iter().map(Job::OtherOrgLog));
    jobs.extend(days.into_iter().map(Job::EmailOptIn));
    jobs.push(Job::ProgramReports);
    jobs
}

fn finish(jobs: &[Job], results: Vec<Option<Done>>, out: &Path) -> Result<DeliverySummary, SynthError> {
    let mut summary = DeliverySummary::default();
    let mut accounts = Accounts::default();
    for (job, done) in jobs.iter().zip(results) {
        let done = done.ok_or(SynthError::Bug { rule: "a job that did not fail has a result" })?;
        match job {
            Job::Log(..) | Job::OtherOrgLog(_) | Job::LostLog(..) => {
                summary.n_event_files += 1;
                summary.n_event_bytes += done.n_bytes;
                summary.n_events += done.accounts.files.iter().map(|t| t.n_records).sum::<u64>();
            }
            Job::Package(_) => {
                summary.n_packages += 1;
                summary.n_table_rows += done.accounts.files.iter().map(|t| t.n_rows).sum::<u64>();
            }
            Job::EmailOptIn(_) | Job::ProgramReports | Job::Truth => {}
        }
        accounts.append(done.accounts);
    }
    accounts.sort();
    truth::write_accounts(&accounts, &out.join("truth"))?;
    Ok(summary)
}

fn run_job(world: &World, recipients: &Recipients, out: &Path, job: &Job) -> Result<Done, SynthError> {
    let org = world.plan.org.to_lowercase();
    match job {
        Job::Truth => {
            truth::write_learners(world, &out.join("truth"))?;
            Ok(Done { name: "truth".to_owned(), accounts: Accounts::default(), n_bytes: 0 })
        }
        Job::Package(day) => {
            let folder = out.join("course-data");
            make_folder(&folder)?;
            let accounts = package::write(world, recipients, &folder, *day)?;
            Ok(Done { name: format!("{org}-{}.zip", date_text(*day)), accounts, n_bytes: 0 })
        }
        Job::EmailOptIn(day) => {
            let folder = out.join("course-data/email-opt-in");
            make_folder(&folder)?;
            let accounts = package::write_email_opt_in(world, recipients, &folder, *day)?;
            Ok(Done { name: format!("email-opt-in-{org}-{}.zip", date_text(*day)), accounts, n_bytes: 0 })
        }
        Job::ProgramReports => {
            let folder = out.join("edx-program-reports/reports_v2").join(&world.plan.org);
            make_folder(&folder)?;
            let accounts = program_reports::write(world, &folder, &out.join("truth"))?;
            Ok(Done { name: "programme reports".to_owned(), accounts, n_bytes: 0 })
        }
        Job::Log(installation, day) => write_log(world, recipients, out, *installation, *day),
        Job::LostLog(installation, day) => {
            let (source, file_key) = source_and_file_key(world, *installation, *day);
            let path = log_path(&out.join(format!("edx-course-data/{org}/{source}/events")), &file_key, *day)?;
            write_file(&path, b"")?;
            let accounts = Accounts { not_produced: vec![(file_key.clone(), "empty")], ..Accounts::default() };
            Ok(Done { name: file_key, accounts, n_bytes: 0 })
        }
        Job::OtherOrgLog(day) => {
            let (_, own_file_key) = source_and_file_key(world, Installation::Production, *day);
            let log = DayLog::of_other_org(world, *day, own_file_key);
            let folder = out.join("edx-course-data").join(sharing::other_org(&world.plan).to_lowercase()).join("edx/events");
            write_log_file(world, recipients, &folder, log, *day)
        }
    }
}

/// Where the log of a day lies among the sites, and its logical name.
fn source_and_file_key(world: &World, installation: Installation, day: Day) -> (&'static str, String) {
    let name = format!("{}-{}-events-{}", world.plan.org.to_lowercase(), installation.token(), date_text(day));
    if world.patched_day(installation) == Some(day) { ("patches", format!("patches/{name}")) } else { (installation.token(), name) }
}

fn write_log(world: &World, recipients: &Recipients, out: &Path, installation: Installation, day: Day) -> Result<Done, SynthError> {
    let mut log = DayLog::new(world, installation, day);
    let (source, file_key) = source_and_file_key(world, installation, day);
    log.tally.file_key = file_key;
    let folder = out.join(format!("edx-course-data/{}/{source}/events", world.plan.org.to_lowercase()));
    write_log_file(world, recipients, &folder, log, day)
}

/// Where a log lies: in the folder of its year, which is made.
fn log_path(events: &Path, file_key: &str, day: Day) -> Result<PathBuf, SynthError> {
    let folder = events.join(civil(day).0.to_string());
    make_folder(&folder)?;
    Ok(folder.join(format!("{}.log.gz.gpg", file_key.rsplit('/').next().unwrap_or_default())))
}

/// Writes a log into the folder of its year.
fn write_log_file(world: &World, recipients: &Recipients, events: &Path, mut log: DayLog<'_>, day: Day) -> Result<Done, SynthError> {
    let path = log_path(events, &log.tally.file_key, day)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = File::create(&path).map_err(|source| SynthError::Write { path: path.clone(), source })?;
    let n_bytes = {
        let log = &mut log;
        let mut reader = PieceReader::gzipped(Box::new(move |out| log.next_piece(out)));
        encrypt(recipients, world.seed(), &name, Packing::Zip, &mut reader, BufWriter::new(file))?;
        reader.n_clear_bytes
    };
    Ok(Done { name, accounts: Accounts::of_file(log.tally), n_bytes })
}

fn write_keys(plan: &DeliveryPlan, out: &Path) -> Result<Recipients, SynthError> {
    let folder = out.join("keys");
    make_folder(&folder)?;
    let czar_id = format!("Synthetic Data Czar <data-czar@{}.example.edu>", plan.org.to_lowercase());
    let (czar, edx) = std::thread::scope(|scope| {
        let czar = scope.spawn(|| keys::make(plan.seed, &czar_id, plan.rsa_bits, plan.pass_phrase.as_deref()));
        let edx = keys::make(plan.seed, "Synthetic edX <edx@example.org>", plan.rsa_bits, None);
        (czar.join(), edx)
    });
    let czar = czar.map_err(|_| SynthError::Bug { rule: "making a key does not panic" })??;
    let edx = edx?;
    write_file(&folder.join("czar-secret.asc"), &keys::secret_armour(&czar)?)?;
    write_file(&folder.join("czar-public.asc"), &keys::public_armour(&czar)?)?;
    write_file(&folder.join("edx-public.asc"), &keys::public_armour(&edx)?)?;
    Ok(Recipients { edx: edx.public, czar: czar.public })
}

fn make_folder(path: &Path) -> Result<(), SynthError> {
    fs::create_dir_all(path).map_err(|source| SynthError::Write { path: path.to_owned(), source })
}

fn write_file(path: &PathBuf, bytes: &[u8]) -> Result<(), SynthError> {
    let failed = |source| SynthError::Write { path: path.clone(), source };
    let mut file = File::create(path).map_err(failed)?;
    std::io::Write::write_all(&mut file, bytes).map_err(failed)
}
