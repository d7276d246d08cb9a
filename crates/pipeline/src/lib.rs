//! The work of `czar`: encrypted deliveries in, research tables out.
//!
//! The flow on one page:
//!
//! 1. [`package`] finds the files of a delivery in a folder, whatever shape they are kept in.
//! 2. [`vault`] holds the secret keys and turns an encrypted file into a stream of clear bytes.
//! 3. [`ingest`] cuts the stream into records, reads each with `czar-formats`, keeps the account, and fills the lake.
//! 4. [`lake`] keeps Delta tables: rows become visible by one commit, `loads` says what each file gave, `rejects` what was set aside.
//! 5. [`engine`] opens the lake for SQL: every table, the newest-package views and the marts.
//! 6. [`marts`] builds the research tables from `models/*.sql` and writes them as Delta tables.
//! 7. [`checks`] looks for what is wrong with any of it, and says what to do.
//! 8. [`explain`] walks back from a number to the lines behind it, [`originals`] reads those lines where they were delivered, and
//!    [`difference`] compares two packages.
//!
//! Before all that, [`sync`] fetches what edX delivers, and [`remote`] asks servers for it.
//!
//! Beside the flow, [`control`] remembers runs and what was fetched, [`courses`] reads the institution's own list of courses,
//! [`inventory`] tells what a folder or bucket of deliveries holds and lacks, [`notify`] tells people what happened, and [`mod@bench`] has the
//! stages of an ingest one by one, to be measured.
//!
//! Nothing here prints or reads a clock: progress goes to a [`progress::Progress`], the time comes from a [`clock::Clock`].

pub mod atomic_file;
pub mod bench;
pub mod checks;
pub mod clock;
pub mod control;
pub mod courses;
pub mod difference;
pub mod engine;
pub mod error;
pub mod explain;
pub mod ingest;
pub mod inventory;
pub mod lake;
pub mod marts;
pub mod notify;
pub mod originals;
pub mod package;
pub mod progress;
pub mod remote;
pub mod sql;
pub mod sync;
pub mod thousands;
pub mod unpack;
pub use czar_vault as vault;
