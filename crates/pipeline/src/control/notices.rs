//! Notices in the control database: written before they are sent, marked when they are, so that a kill or a mail server that is down loses
//! none. It holds addresses of staff and the facts of a notice, never a record, a password or the address of a webhook, which is one.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use serde::Serialize;

use super::values::moment;
use super::{Control, ControlError};

/// A way to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail, to a person or list.
    Mail,
    /// A POST to a webhook.
    Webhook,
}

/// Where a notice goes: an address, or a webhook by its host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Target {
    /// How.
    pub channel: Channel,
    /// To whom.
    pub name: String,
}

/// How far a notice came at one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried again.
    Waiting,
    /// The server has taken it.
    Sent,
    /// The server will never take it.
    Refused,
    /// It could not be sent for too long.
    GivenUp,
    /// It is no longer to be sent: the target left the settings, or newer news came first.
    Dropped,
}

/// A notice to be written down.
#[derive(Debug)]
pub(crate) struct NewNotice<'a> {
    pub(crate) kind: &'a str,
    pub(crate) topic: &'a str,
    pub(crate) fault: &'a str,
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) is_test: bool,
    pub(crate) facts: String,
    pub(crate) attachments: String,
    pub(crate) targets: &'a [Target],
}

/// An earlier notice on a topic.
#[derive(Debug, Clone)]
pub(crate) struct Earlier {
    pub(crate) notice_id: i64,
    pub(crate) kind: String,
    pub(crate) fault: String,
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) n_held: u64,
    /// Nobody has it, and somebody will be tried again.
    pub(crate) is_waiting: bool,
}

/// A notice that is still to be sent to somebody.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) notice_id: i64,
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) is_test: bool,
    pub(crate) facts: String,
    pub(crate) attachments: String,
    pub(crate) targets: Vec<(Target, u32)>,
}

/// One line of what was told: a notice and one of its targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeLine {
    /// Number of the notice.
    pub notice_id: i64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Its kind, by name.
    pub kind: String,
    /// What it is about.
    pub topic: String,
    /// Whether it was a test.
    pub is_test: bool,
    /// How often the same happened again and was not told.
    pub n_held: u64,
    /// Where it went; absent when it closes a topic and nobody is to hear of it.
    pub target: Option<Target>,
    /// How far it came there.
    pub state: Option<DeliveryState>,
    /// Tries so far.
    pub n_tries: u32,
    /// When it was sent or ended otherwise.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why the last try failed.
    pub error: Option<String>,
}

impl Control {
    /// The newest notices, newest first, a line for each target.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn notice_lines(&self, most_notices: u64) -> Result<Vec<NoticeLine>, ControlError> {
        self.read(|connection| {
            let mut statement = connection.prepare(
                "select n.notice_id, made_at, kind, topic, is_test, n_held, channel, target, state, coalesce(n_tries, 0), finished_at, error \
                 from (select * from notices order by made_at desc, notice_id desc limit ?1) n \
                 left join notice_deliveries d on d.notice_id = n.notice_id order by made_at desc, n.notice_id desc, d.rowid",
            )?;
            let rows = statement.query_map([i64::try_from(most_notices).unwrap_or(i64::MAX)], line)?;
            rows.collect()
        })
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<NoticeLine> {
    let channel: Option<String> = row.get(6)?;
    let name: Option<String> = row.get(7)?;
    let state: Option<String> = row.get(8)?;
    Ok(NoticeLine {
        notice_id: row.get(0)?,
        made_at: moment(row.get(1)?),
        kind: row.get(2)?,
        topic: row.get(3)?,
        is_test: row.get(4)?,
        n_held: count(row.get(5)?),
        target: channel.zip(name).map(|(channel, name)| Target { channel: Channel::of_name(&channel), name }),
        state: state.map(|state| DeliveryState::of_name(&state)),
        n_tries: row.get(9)?,
        finished_at: row.get::<_, Option<i64>>(10)?.map(moment),
        error: row.get(11)?,
    })
}

/// Writes a notice down, waiting for each of its targets. Gives its number.
pub(crate) fn add(connection: &Connection, notice: &NewNotice<'_>) -> rusqlite::Result<i64> {
    let made_at = notice.made_at.timestamp_micros();
    connection.execute(
        "insert into notices (kind, topic, fault, made_at, is_test, facts, attachments) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![notice.kind, notice.topic, notice.fault, made_at, notice.is_test, notice.facts, notice.attachments],
    )?;
    let notice_id = connection.last_insert_rowid();
    for target in notice.targets {
        connection.execute(
            "insert into notice_deliveries (notice_id, channel, target, state, next_try_at) values (?1, ?2, ?3, 'waiting', ?4)",
            params![notice_id, target.channel.name(), target.name, made_at],
        )?;
    }
    Ok(notice_id)
}

/// Notices on a topic, newest first. Tests do not count.
pub(crate) fn earlier(connection: &Connection, topic: &str) -> rusqlite::Result<Vec<Earlier>> {
    let mut statement = connection.prepare(
        "select n.notice_id, kind, fault, made_at, n_held, \
           coalesce(max(d.state = 'waiting'), 0) and not coalesce(max(d.state = 'sent'), 0) \
         from notices n left join notice_deliveries d on d.notice_id = n.notice_id \
         where topic = ?1 and not is_test group by n.notice_id order by made_at desc, n.notice_id desc",
    )?;
    let rows = statement.query_map([topic], |row| {
        Ok(Earlier {
            notice_id: row.get(0)?,
            kind: row.get(1)?,
            fault: row.get(2)?,
            made_at: moment(row.get(3)?),
            n_held: count(row.get(4)?),
            is_waiting: row.get(5)?,
        })
    })?;
    rows.collect()
}

/// Notes that what a notice says happened again and is not told.
pub(crate) fn hold(connection: &Connection, notice_id: i64, now: DateTime<Utc>) -> rusqlite::Result<()> {
    let sql = "update notices set n_held = n_held + 1, held_at = ?2 where notice_id = ?1";
    connection.execute(sql, params![notice_id, now.timestamp_micros()])?;
    Ok(())
}

/// Takes back a notice that nobody has yet: a newer one says more.
pub(crate) fn replace(connection: &Connection, notice_id: i64, now: DateTime<Utc>) -> rusqlite::Result<()> {
    connection.execute(
        "update notice_deliveries set state = 'dropped', finished_at = ?2 where notice_id = ?1 and state = 'waiting'",
        params![notice_id, now.timestamp_micros()],
    )?;
    Ok(())
}

/// Whether an item was told of.
pub(crate) fn is_told(connection: &Connection, kind: &str, item: &str) -> rusqlite::Result<bool> {
    connection.query_row("select exists (select 1 from told where kind = ?1 and item = ?2)", [kind, item], |row| row.get(0))
}

/// Notes that an item is told of.
pub(crate) fn add_told(connection: &Connection, kind: &str, item: &str) -> rusqlite::Result<()> {
    connection.execute("insert or ignore into told (kind, item) values (?1, ?2)", [kind, item])?;
    Ok(())
}

/// Which of the notices that wait.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// Those that do not rest after a failed try.
    Due(DateTime<Utc>),
    /// All.
    All,
    /// One test. Others never see it, so that a run which goes on at the same time does not send it as well.
    Test(i64),
}

/// Notices that are to be sent to somebody, oldest first.
pub(crate) fn waiting(connection: &Connection, which: Which) -> rusqlite::Result<Vec<Waiting>> {
    let (condition, parameter) = match which {
        Which::Due(now) => ("next_try_at <= ?1 and not is_test", now.timestamp_micros()),
        Which::All => ("?1 = 0 and not is_test", 0),
        Which::Test(notice_id) => ("n.notice_id = ?1 and is_test", notice_id),
    };
    let mut statement = connection.prepare(&format!(
        "select n.notice_id, made_at, is_test, facts, attachments, channel, target, n_tries \
         from notice_deliveries d join notices n on n.notice_id = d.notice_id \
         where state = 'waiting' and {condition} order by made_at, n.notice_id, d.rowid"
    ))?;
    let mut rows = statement.query([parameter])?;
    let mut list: Vec<Waiting> = Vec::new();
    while let Some(row) = rows.next()? {
        let notice_id = row.get(0)?;
        if list.last().is_none_or(|last| last.notice_id != notice_id) {
            let (made_at, is_test) = (moment(row.get(1)?), row.get(2)?);
            list.push(Waiting { notice_id, made_at, is_test, facts: row.get(3)?, attachments: row.get(4)?, targets: Vec::new() });
        }
        let channel: String = row.get(5)?;
        let target = Target { channel: Channel::of_name(&channel), name: row.get(6)? };
        if let Some(last) = list.last_mut() {
            last.targets.push((target, row.get(7)?));
        }
    }
    Ok(list)
}

/// How many deliveries wait.
pub(crate) fn n_waiting(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "select count(*) from notice_deliveries natural join notices where state = 'waiting' and not is_test";
    connection.query_row(sql, [], |row| Ok(count(row.get(0)?)))
}

/// Notes a failed try and when to try again.
pub(crate) fn put_off(
    connection: &Connection,
    notice_id: i64,
    target: &Target,
    next_try_at: DateTime<Utc>,
    error: &str,
) -> rusqlite::Result<()> {
    connection.execute(
        "update notice_deliveries set n_tries = n_tries + 1, next_try_at = ?4, error = ?5 \
         where notice_id = ?1 and channel = ?2 and target = ?3",
        params![notice_id, target.channel.name(), target.name, next_try_at.timestamp_micros(), error],
    )?;
    Ok(())
}

/// Notes how it ended at a target.
pub(crate) fn finish(
    connection: &Connection,
    notice_id: i64,
    target: &Target,
    state: DeliveryState,
    now: DateTime<Utc>,
    error: Option<&str>,
) -> rusqlite::Result<()> {
    let has_tried = matches!(state, DeliveryState::Sent | DeliveryState::Refused);
    connection.execute(
        "update notice_deliveries set state = ?4, finished_at = ?5, n_tries = n_tries + ?6, error = coalesce(?7, error) \
         where notice_id = ?1 and channel = ?2 and target = ?3",
        params![notice_id, target.channel.name(), target.name, state.name(), now.timestamp_micros(), has_tried, error],
    )?;
    Ok(())
}

/// Forgets notices of before a moment that nobody waits for. What was told stays known.
pub(crate) fn forget(connection: &Connection, before: DateTime<Utc>) -> rusqlite::Result<()> {
    connection.execute(
        "delete from notices where made_at < ?1 \
         and (is_test or notice_id not in (select notice_id from notice_deliveries where state = 'waiting'))",
        [before.timestamp_micros()],
    )?;
    Ok(())
}

impl Channel {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }

    fn of_name(name: &str) -> Self {
        if name == "webhook" { Self::Webhook } else { Self::Mail }
    }
}

impl DeliveryState {
    const ALL: [Self; 5] = [Self::Waiting, Self::Sent, Self::Refused, Self::GivenUp, Self::Dropped];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::GivenUp => "given_up",
            Self::Dropped => "dropped",
        }
    }

    fn of_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.name() == name).unwrap_or(Self::Dropped)
    }
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}
