//! Does the runs of the queue one after the other. It decides nothing about when.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;

use chrono::TimeDelta;
use czar_pipeline::control::{Control, ControlError, Request, RunLock};

use super::service::Service;
use crate::failure::refusal_with_hint;
use crate::run::{self, Order, Step};

/// After this time it is looked again whether a run that somebody started by hand has ended.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(10);

/// How the work on a request ended.
enum End {
    Done,
    /// Another process runs; the request waits again.
    Blocked,
}

/// Works until the server stops; a run that is under way then is brought to its end.
pub(super) fn work(service: &Service) {
    while !service.is_stopping() {
        let heard = service.bell.n_rings();
        let later = service.now() + LOOK_AGAIN;
        match service.control.take_request() {
            Ok(Some(request)) => {
                if matches!(meet(service, &request), End::Blocked) {
                    service.bell.wait_until(heard, later, service.clock);
                }
            }
            Ok(None) => service.bell.wait(heard),
            Err(error) => {
                service.printer.error(&error.into());
                service.bell.wait_until(heard, later, service.clock);
            }
        }
    }
}

/// Sees to what the process before left behind. It is done before anybody may ask.
pub(super) fn begin(service: &Service) {
    close_records(service);
    let keep = TimeDelta::days(service.settings().run.keep_record_days.into());
    let restored = service.control.forget_requests(service.now() - keep).and_then(|_| service.control.restore_requests());
    match restored {
        Ok(restored) => {
            if restored.n_waiting > 0 {
                service.printer.say("The run before was interrupted: it is done again");
            }
            if restored.n_given_up > 0 {
                service.printer.warn("the run before was interrupted for the second time: it is not begun again by itself");
            }
        }
        Err(error) => service.printer.error(&error.into()),
    }
}

/// Closes the record of a run that came to no end, unless somebody runs by hand just now.
fn close_records(service: &Service) {
    let closed = RunLock::take(&service.settings().data_folder, process::id(), service.now())
        .and_then(|_lock| Control::open(&service.settings().data_folder)?.close_interrupted_runs());
    match closed {
        Ok(_) | Err(ControlError::Running { .. }) => {}
        Err(error) => service.printer.error(&error.into()),
    }
}

fn meet(service: &Service, request: &Request) -> End {
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let steps = Step::of_names(&request.steps, "the queue")?;
        run::run(&service.workplace(), &Order { cause: request.cause, request_id: Some(request.request_id), steps: &steps })
    }));
    service.live.run_ends();
    let noted = match ended {
        Ok(Ok(_)) => service.control.end_request(request.request_id),
        Ok(Err(error)) => {
            let is_blocked = matches!(error.downcast_ref(), Some(ControlError::Running { .. }));
            service.printer.error(&error);
            if is_blocked {
                if let Err(error) = service.control.give_request_back(request.request_id) {
                    service.printer.error(&error.into());
                }
                return End::Blocked;
            }
            service.control.end_request(request.request_id)
        }
        // A fault of ours in one run must not end the server; the message is on stderr already.
        Err(_) => {
            service.printer.error(&refusal_with_hint("the run broke down", "this is a fault of czar; what it had done is kept"));
            close_records(service);
            service.control.end_request(request.request_id)
        }
    };
    if let Err(error) = noted {
        service.printer.error(&error.into());
    }
    End::Done
}
