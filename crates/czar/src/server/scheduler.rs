//! Puts runs into the queue when their time has come. It looks at the clock and starts nothing itself.

use chrono::{DateTime, TimeDelta, Utc};
use czar_pipeline::control::Cause;

use super::service::Service;

/// After this time something that could not be noted is tried again.
const TRY_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// The schedule, with what has been seen to.
pub(super) struct Scheduler<'a> {
    service: &'a Service,
    /// For each entry.
    done_until: Vec<DateTime<Utc>>,
}

impl<'a> Scheduler<'a> {
    /// Sees to what was missed while the server was down.
    pub(super) fn begin(service: &'a Service) -> Self {
        let mut done_until = begin(service);
        see_to_times(service, &mut done_until, service.started_at, ", missed while the server was down");
        service.set_next_times(next_times(service, &done_until));
        Self { service, done_until }
    }

    /// Watches the clock until the server stops.
    pub(super) fn watch(mut self) {
        let service = self.service;
        while !service.is_stopping() {
            let heard = service.bell.n_rings();
            let now = service.now();
            let is_noted = see_to_times(service, &mut self.done_until, now, "");
            let times = next_times(service, &self.done_until);
            let next = times.iter().min().copied();
            service.set_next_times(times);
            match (next, is_noted) {
                (Some(next), true) => service.bell.wait_until(heard, next, service.clock),
                (_, false) => service.bell.wait_until(heard, now + TRY_AGAIN, service.clock),
                (None, true) => service.bell.wait(heard),
            }
        }
    }
}

/// Until when each entry has been seen to: what was missed while the server was down is still to be done, if that is wanted.
fn begin(service: &Service) -> Vec<DateTime<Utc>> {
    let now = service.started_at;
    let texts: Vec<&str> = service.schedule.iter().map(|entry| entry.text.as_str()).collect();
    if let Err(error) = service.control.keep_schedule_entries(&texts) {
        service.printer.error(&error.into());
    }
    let seen_to = |text: &str| {
        if !service.settings().serve.catch_up {
            return None;
        }
        service.control.schedule_done_until(text).unwrap_or_else(|error| {
            service.printer.error(&error.into());
            None
        })
    };
    let mut done_until: Vec<DateTime<Utc>> = Vec::new();
    for text in texts {
        let known = seen_to(text);
        if known.is_none()
            && let Err(error) = service.control.set_schedule_done_until(text, now)
        {
            service.printer.error(&error.into());
        }
        done_until.push(known.unwrap_or(now));
    }
    done_until
}

/// Asks for one run if any time has come since the last look, however many have. Tells whether all could be noted.
fn see_to_times(service: &Service, done_until: &mut [DateTime<Utc>], now: DateTime<Utc>, remark: &str) -> bool {
    for (entry, until) in service.schedule.iter().zip(done_until) {
        let Some(due) = entry.next_after(*until).filter(|due| *due <= now) else { continue };
        let noted = service
            .request_run(Cause::Schedule, &service.steps, None)
            .and_then(|_| service.control.set_schedule_done_until(&entry.text, now));
        if let Err(error) = noted {
            service.printer.error(&error.into());
            return false;
        }
        service.printer.say(&format!("It is time for a run: `{}`, due {}{remark}", entry.text, due.format("%Y-%m-%d %H:%M UTC")));
        *until = now;
    }
    true
}

fn next_times(service: &Service, done_until: &[DateTime<Utc>]) -> Vec<DateTime<Utc>> {
    service.schedule.iter().zip(done_until).filter_map(|(entry, until)| entry.next_after(*until)).collect()
}
