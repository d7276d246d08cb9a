//! The weekly package: a zip archive whose members are encrypted one by one, and the e-mail opt-in archive beside it.
//!
//! Members stream through; only the small ones are made whole.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Cursor, Read};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::courses::Installation;
use crate::email_opt_in;
use crate::encrypt::{Packing, Recipients, encrypt};
use crate::error::SynthError;
use crate::mess::rows::{FileMess, MemberFate};
use crate::moment::{Day, date_text};
use crate::olx;
use crate::stream::PieceReader;
use crate::structure;
use crate::tables::{self, Making, Member, MemberName, Rows, Snapshot, Table};
use crate::tally::{Accounts, FileTally};
use crate::world::World;

/// Members whose rows are made at a time.
const MEMBERS_PER_PIECE: usize = 64;

/// A package in the making.
struct Package<'a> {
    world: &'a World,
    recipients: &'a Recipients,
    path: PathBuf,
    /// The folder inside the archive.
    folder: String,
    zip: ZipWriter<BufWriter<File>>,
    accounts: Accounts,
    /// Names of database files so far.
    table_names: BTreeSet<String>,
}

/// Writes the package of a day and returns the accounts of its files.
pub(crate) fn write(world: &World, recipients: &Recipients, folder: &Path, day: Day) -> Result<Accounts, SynthError> {
    let name = format!("{}-{}", world.plan.org.to_lowercase(), date_text(day));
    let mut package = Package::create(world, recipients, folder.join(format!("{name}.zip")), name)?;
    for run in world.runs.iter().filter(|run| world.package_days_of(run).contains(&day)) {
        let snapshot = Snapshot { world, run, package_day: day };
        for table in tables::all() {
            package.table(&snapshot, &table)?;
        }
        package.forum(&snapshot)?;
        let token = run.installation.member_token();
        let stem = run.file_stem();
        let structure = structure::course_structure(run);
        let member = format!("{stem}-course_structure-{token}-analytics.json");
        let mut tally = package.tally(&member, "course_structure", "course_structure_blocks", run.installation);
        tally.n_records = run.blocks.len() as u64;
        tally.n_rows = tally.n_records;
        package.accounts.files.push(tally);
        package.member(&member, Cursor::new(structure))?;
        if !run.has_archive() {
            continue;
        }
        let archive =
            olx::archive(run, world.mess.archive_faults(run)).map_err(|source| SynthError::Write { path: package.path.clone(), source })?;
        package.member(&format!("{stem}-course-{token}-analytics.xml.tar.gz"), Cursor::new(archive))?;
    }
    package.finish()
}

/// Writes the e-mail opt-in archive of a day.
pub(crate) fn write_email_opt_in(world: &World, recipients: &Recipients, folder: &Path, day: Day) -> Result<Accounts, SynthError> {
    let name = format!("email-opt-in-{}-{}", world.plan.org.to_lowercase(), date_text(day));
    let mut package = Package::create(world, recipients, folder.join(format!("{name}.zip")), name)?;
    let mut runs = world.runs.iter().filter(|r| r.installation == Installation::Production);
    let member = format!("{}-email_opt_in-prod-analytics.csv", world.plan.org);
    let mut tally = package.tally(&member, "email_opt_in", "email_opt_in", Installation::Production);
    {
        let tally = &mut tally;
        let mut is_first = true;
        let reader = PieceReader::plain(Box::new(move |out| {
            if std::mem::take(&mut is_first) {
                out.extend_from_slice(email_opt_in::HEADER.as_bytes());
            }
            let Some(run) = runs.next() else { return false };
            email_opt_in::rows(&Snapshot { world, run, package_day: day }, out, tally);
            true
        }));
        package.member(&member, reader)?;
    }
    package.accounts.files.push(tally);
    package.finish()
}

impl<'a> Package<'a> {
    fn create(world: &'a World, recipients: &'a Recipients, path: PathBuf, folder: String) -> Result<Self, SynthError> {
        let file = File::create(&path).map_err(|source| SynthError::Write { path: path.clone(), source })?;
        let zip = ZipWriter::new(BufWriter::new(file)).set_auto_large_file();
        Ok(Self { world, recipients, path, folder, zip, accounts: Accounts::default(), table_names: BTreeSet::new() })
    }

    fn finish(self) -> Result<Accounts, SynthError> {
        let archive_failed = |source| SynthError::Archive { path: self.path.clone(), source };
        let buffered = self.zip.finish().map_err(archive_failed)?;
        buffered.into_inner().map_err(|error| SynthError::Write { path: self.path.clone(), source: error.into_error() })?;
        Ok(self.accounts)
    }

    fn tally(&self, member: &str, kind: &'static str, table_name: &str, installation: Installation) -> FileTally {
        FileTally {
            file_key: format!("{}/{member}", self.folder),
            kind,
            table_name: table_name.to_owned(),
            site: installation.token(),
            ..FileTally::default()
        }
    }

    /// Adds a member, encrypted.
    fn member(&mut self, name: &str, clear: impl Read) -> Result<(), SynthError> {
        let full_name = format!("{}/{name}.gpg", self.folder);
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.zip.start_file(&full_name, options).map_err(|source| SynthError::Archive { path: self.path.clone(), source })?;
        encrypt(self.recipients, self.world.seed(), &full_name, Packing::Zlib, clear, &mut self.zip)
    }

    fn table(&mut self, snapshot: &Snapshot<'_>, table: &Table) -> Result<(), SynthError> {
        if table.name == "courseware_studentmodule" && !tables::has_studentmodule(snapshot) {
            return Ok(());
        }
        let MemberName { text: name, is_cut } = table.member_name(snapshot.run);
        // Cut names may be the same; one file is left of such tables.
        if !self.table_names.insert(name.clone()) {
            return Ok(());
        }
        let mess = FileMess {
            mess: self.world.mess.clone(),
            table: table.name,
            run: snapshot.run.index,
            package_day: snapshot.package_day,
            is_last: snapshot.package_day == self.world.last_package_day(snapshot.run),
            is_of_first_package: self.world.package_days().first() == Some(&snapshot.package_day),
        };
        let fate = match mess.member_fate() {
            // Neither its name nor its content would say which table it was to be.
            MemberFate::Failed | MemberFate::ZeroBytes if is_cut => MemberFate::Intact,
            fate => fate,
        };
        match fate {
            MemberFate::Missing => return Ok(()),
            MemberFate::Failed | MemberFate::ZeroBytes => {
                let suffix = if fate == MemberFate::Failed { ".failed" } else { "" };
                let text = if fate == MemberFate::Failed { TRACEBACK } else { "" };
                let tally = self.tally(&name, "database_file", table.name, snapshot.run.installation);
                self.accounts.not_produced.push((tally.file_key, if fate == MemberFate::Failed { "failed" } else { "empty" }));
                return self.member(&format!("{name}{suffix}"), text.as_bytes());
            }
            MemberFate::HeaderOnly | MemberFate::Intact => {}
        }
        let mut rows = Rows::with_mess(mess.dialect(table.dialect), mess);
        rows.header(table.columns);
        {
            let (world, run) = (snapshot.world, snapshot.run);
            let mut lives = world.lives(run).filter(|l| snapshot.has(l));
            let rows = &mut rows;
            let reader = PieceReader::plain(Box::new(move |out| {
                let goes_on = match table.making {
                    _ if fate == MemberFate::HeaderOnly => false,
                    Making::Whole(make) => {
                        make(snapshot, rows);
                        false
                    }
                    Making::PerMember(make) => {
                        let mut n_members = 0;
                        for life in lives.by_ref().take(MEMBERS_PER_PIECE) {
                            let person = world.person(run.installation, life.person);
                            make(snapshot, &Member { life: &life, person: &person }, rows);
                            n_members += 1;
                        }
                        n_members == MEMBERS_PER_PIECE
                    }
                };
                if let Some(more) = table.more.filter(|_| !goes_on && fate == MemberFate::Intact) {
                    more(snapshot, rows);
                }
                out.extend_from_slice(&rows.out);
                rows.clear();
                goes_on
            }));
            self.member(&name, reader)?;
        }
        let mut tally = self.tally(&name, "database_file", table.name, snapshot.run.installation);
        tally.n_records = rows.tally.n_records;
        tally.n_rows = rows.tally.n_rows;
        tally.n_blanks = rows.tally.n_blanks;
        if rows.tally.n_rejects > 0 {
            tally.rejects.insert("database_file.wrong_number_of_fields", rows.tally.n_rejects);
        }
        self.accounts.files.push(tally);
        Ok(())
    }

    fn forum(&mut self, snapshot: &Snapshot<'_>) -> Result<(), SynthError> {
        let run = snapshot.run;
        let Some(forum) = snapshot.world.forums.get(usize::from(run.index)) else { return Ok(()) };
        let name = format!("{}-{}.mongo", run.file_stem(), run.installation.member_token());
        let mut tally = self.tally(&name, "forum", "forum_contents", run.installation);
        {
            let mut number = 0_u32;
            let tally = &mut tally;
            let reader = PieceReader::plain(Box::new(move |out| {
                while let Some(post) = forum.posts.get(number as usize) {
                    if tables::forum::is_there(snapshot, post) {
                        tables::forum::document(snapshot, forum, number, out);
                        tally.row();
                        forum_mess(snapshot, number, out, tally);
                    }
                    number += 1;
                    if out.len() > 64 * 1024 {
                        return true;
                    }
                }
                false
            }));
            self.member(&name, reader)?;
        }
        self.accounts.files.push(tally);
        Ok(())
    }
}

/// Lines that are no posts, in the dump of a messy delivery.
fn forum_mess(snapshot: &Snapshot<'_>, number: u32, out: &mut Vec<u8>, tally: &mut FileTally) {
    let ids = [u64::from(snapshot.run.index), snapshot.package_day as u64, u64::from(number)];
    match snapshot.world.mess.draw("forum", &ids).map(|draw| draw % 3) {
        Some(0) => {
            out.push(b'\n');
            tally.blank();
        }
        Some(1) => {
            out.extend_from_slice(b"{\"_id\": {\"$oid\": \"5a9c0d\n");
            tally.reject("forum.not_json");
        }
        Some(_) => {
            out.extend_from_slice(b"[1, 2]\n");
            tally.reject("forum.not_a_json_object");
        }
        None => {}
    }
}

/// What edX sends when it could not make a file.
const TRACEBACK: &str =
    "Traceback (most recent call last):\n  File \"exporter/tasks.py\", line 1, in run\nOperationalError: (2013, 'Lost connection')\n";
