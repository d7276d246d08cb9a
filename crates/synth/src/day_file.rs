//! One day's tracking log of one site: every line that reached edX on that day.
//!
//! Lines of a block of people are in the order of time; the blocks follow each other, as the logs of several servers would.
//! One block is held at a time.

use std::collections::VecDeque;

use crate::behaviour::Action;
use crate::behaviour::life::{self, Life};
use crate::behaviour::session::{Device, Session};
use crate::courses::{CourseRun, Installation};
use crate::events::{Facts, LineWriter};
use crate::mess::LineFate;
use crate::mess::damage::{self, Writing};
use crate::mess::sharing;
use crate::moment::{DAY, Day, MINUTE, day_of};
use crate::noise;
use crate::people::Person;
use crate::tally::FileTally;
use crate::world::World;

/// People whose lines are held and sorted together.
const BLOCK_PEOPLE: u32 = 4_096;
/// Lines that are spelled at a time.
const LINES_PER_PIECE: usize = 256;

/// The day on which the line of an action reached edX; the file of that day has it, if nothing went wrong.
pub(crate) fn sent_day(session: &Session, action: &Action) -> Day {
    match session.device {
        Device::Web => day_of(action.at),
        Device::Mobile => day_of(action.at + session.delay),
    }
}

/// Whether a life may have lines in the file of a day; cheaper than living it.
fn may_be_in(life: &Life, day: Day) -> bool {
    // A visit may run past midnight, and a certificate comes up to two days after the last visit.
    life.sessions.iter().any(|s| (s.at + s.delay) / DAY <= day && day <= (s.at + s.delay) / DAY + 5)
        || life.sessions.iter().any(|s| ((s.at - 2 * MINUTE) / DAY..=s.at / DAY + 5).contains(&day))
        || life.resolve == life::Resolve::Completer
}

struct Held<'a> {
    run: &'a CourseRun,
    life: Life,
    person: Person,
}

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The institution's own.
    Own,
    /// Another organisation's, with the lines that went to both.
    Other,
}

/// The log of one site and day, made piece by piece.
pub(crate) struct DayLog<'a> {
    world: &'a World,
    installation: Installation,
    day: Day,
    next_person: u32,
    held: Vec<Held<'a>>,
    waiting: VecDeque<(u32, Action)>,
    writer: LineWriter,
    pub(crate) tally: FileTally,
    has_noise: bool,
    owner: Owner,
    /// The other organisation's file, if this is a day on which lines went to both.
    other_file_key: Option<String>,
}

impl<'a> DayLog<'a> {
    pub(crate) fn new(world: &'a World, installation: Installation, day: Day) -> Self {
        let org = world.plan.org.to_lowercase();
        let file_key = format!("{org}-{}-events-{}", installation.token(), crate::moment::date_text(day));
        Self {
            world,
            installation,
            day,
            next_person: 0,
            held: Vec::new(),
            waiting: VecDeque::new(),
            writer: LineWriter::new(),
            tally: FileTally {
                file_key,
                kind: "tracking_log",
                table_name: "tracking_events".to_owned(),
                site: installation.token(),
                ..FileTally::default()
            },
            has_noise: true,
            owner: Owner::Own,
            other_file_key: (installation == Installation::Production && sharing::days(&world.plan).contains(&day))
                .then(|| sharing::other_file_key(&world.plan, day)),
        }
    }

    /// The other organisation's log of a day: the lines that went to both. `own_file_key` names the institution's own file.
    pub(crate) fn of_other_org(world: &'a World, day: Day, own_file_key: String) -> Self {
        let own = Self::new(world, Installation::Production, day);
        let tally = FileTally { file_key: sharing::other_file_key(&world.plan, day), ..own.tally };
        Self { owner: Owner::Other, other_file_key: Some(own_file_key), has_noise: false, tally, ..own }
    }

    /// Appends the next lines; false when the day is over.
    pub(crate) fn next_piece(&mut self, out: &mut Vec<u8>) -> bool {
        if self.has_noise {
            self.has_noise = false;
            noise::write(self.world, self.installation, self.day, out, &mut self.tally);
        }
        if self.waiting.is_empty() && !self.next_block() {
            return false;
        }
        for _ in 0..LINES_PER_PIECE {
            let Some((place, action)) = self.waiting.pop_front() else { break };
            self.write(place, &action, out);
        }
        true
    }

    fn write(&mut self, place: u32, action: &Action, out: &mut Vec<u8>) {
        let Some(held) = self.held.get(place as usize) else { return };
        let Some(session) = held.life.sessions.get(usize::from(action.session)) else { return };
        let mess = &self.world.mess;
        let fate = mess.line_fate(held.run, &held.life, session, action);
        let is_home = fate.home_day(sent_day(session, action)) == self.day;
        let is_elsewhere = self.is_shared(fate, held.run, &held.life, action) && self.other_comes_first();
        let writing = if is_home && !is_elsewhere { Writing::First } else { Writing::Second };
        let identity = mess.identity_fault(held.run, &held.life, action);
        let facts = Facts { world: self.world, run: held.run, person: &held.person, session, action, identity };
        let line = self.writer.line(&facts);
        damage::write(fate, line, action.at, writing, out, &mut self.tally);
    }

    fn is_shared(&self, fate: LineFate, run: &CourseRun, life: &Life, action: &Action) -> bool {
        self.other_file_key.is_some() && self.world.mess.is_shared(fate, run, life, action)
    }

    /// Whether the other organisation's copy of a line is the row.
    fn other_comes_first(&self) -> bool {
        self.other_file_key.as_ref().is_some_and(|other| *other < self.tally.file_key)
    }

    /// Lives the lives of the next people with lines on this day; false when there are none left.
    fn next_block(&mut self) -> bool {
        let (world, installation, day) = (self.world, self.installation, self.day);
        let n_people = world.census(installation).n_people();
        // A run's lines come between its first and last day, mobile ones included.
        let open_runs: Vec<&'a CourseRun> = world.runs.iter().filter(|r| r.installation == installation && is_open(r, day)).collect();
        let mut actions = Vec::new();
        while self.waiting.is_empty() && self.next_person < n_people {
            self.held.clear();
            let mut block: Vec<(u32, Action)> = Vec::new();
            let end = (self.next_person + BLOCK_PEOPLE).min(n_people);
            for person in self.next_person..end {
                for &run in &open_runs {
                    let Some(life) = life::of(world, run, person).filter(|l| may_be_in(l, day)) else { continue };
                    actions.clear();
                    life.live(world, run, &mut actions);
                    let place = self.held.len() as u32;
                    let before = block.len();
                    for action in &actions {
                        let Some(session) = life.sessions.get(usize::from(action.session)) else { continue };
                        let sent = sent_day(session, action);
                        let fate = world.mess.line_fate(run, &life, session, action);
                        let is_here = fate.home_day(sent) == day || fate.again_day(sent) == Some(day);
                        if is_here && fate != LineFate::Lost && (self.owner == Owner::Own || self.is_shared(fate, run, &life, action)) {
                            block.push((place, *action));
                        }
                    }
                    if block.len() > before {
                        let person = world.person(installation, person);
                        self.held.push(Held { run, life, person });
                    }
                }
            }
            self.next_person = end;
            block.sort_by_key(|(place, action)| (action.at, *place, action.ordinal));
            self.waiting = block.into();
        }
        !self.waiting.is_empty()
    }
}

/// Whether lines of a run are delivered in the file of a day.
pub(crate) fn is_open(run: &CourseRun, day: Day) -> bool {
    (run.first_day..run.first_day + run.n_days).contains(&day)
}
