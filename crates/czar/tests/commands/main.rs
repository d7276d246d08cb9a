//! Whole commands: arguments in; exit code, stdout and stderr out. One module a command, one test binary for all.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod again;
mod anomalies;
mod archives;
mod arguments;
mod bench;
mod check;
mod clear_files;
mod cmd;
mod config;
mod content;
mod course_names;
mod courses;
mod damage;
mod demo;
mod explain;
mod hostile;
mod ingest;
mod init;
mod inventory;
mod kill;
mod lake_text;
mod no_room;
mod notices;
mod notify;
mod order;
mod other_files;
mod packages;
mod past_months;
mod query;
mod readers;
mod reference;
mod rejects;
mod run;
mod s3_server;
mod shapes;
mod smtp_server;
mod support;
mod tables;
mod truth;
mod unpacked;
mod week;
