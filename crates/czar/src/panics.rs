//! What is told of a panic: the place in the code, and never its message, which may hold what a learner wrote.
//!
//! It ends nothing: a panic of a reader costs its file, any other ends the program or the request as it would.

use std::panic::{self, Location};

use crate::printer::{Printer, Trouble};

/// Has the places of panics told from now on.
pub(crate) fn tell_places(printer: Printer) {
    panic::set_hook(Box::new(move |panic| printer.trouble(&trouble(panic.location()))));
}

fn trouble(place: Option<&Location<'_>>) -> Trouble {
    let place = place.map_or_else(|| "a place that is not known".to_owned(), |place| format!("`{}:{}`", place.file(), place.line()));
    Trouble {
        message: format!("the program went wrong at {place}, which is a bug"),
        hint: Some("please report this place, and the version of czar".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, reason = "a panic is what the test is about")]

    use std::sync::{Mutex, PoisonError};

    use super::*;

    #[test]
    fn the_place_of_a_panic_is_told_and_its_message_is_not() {
        static TOLD: Mutex<String> = Mutex::new(String::new());
        let before = panic::take_hook();
        panic::set_hook(Box::new(|panic| {
            *TOLD.lock().unwrap_or_else(PoisonError::into_inner) = trouble(panic.location()).message;
        }));
        let line = line!() + 1;
        let panicked = panic::catch_unwind(|| panic!("ada@example.edu"));
        panic::set_hook(before);
        assert!(panicked.is_err());
        let told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(*told, format!("the program went wrong at `{}:{line}`, which is a bug", file!()));
    }
}
