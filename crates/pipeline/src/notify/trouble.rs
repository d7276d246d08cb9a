//! Why a notice did not arrive, for the one who reads the summary of a run: what could not be done, and the next step. A trouble of one
//! channel never keeps the other from working, and none makes a run fail.

use super::plain_words::PlainWords;

/// Something that went wrong while people were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What, on one line.
    pub message: String,
    /// The next step, when one is known.
    pub hint: Option<String>,
}

impl Trouble {
    pub(super) fn new(message: String, hint: Option<&str>) -> Self {
        Self { message, hint: hint.map(str::to_owned) }
    }
}

/// A way to a server that did not lead there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SendError {
    /// Later it may work, for the same or for other settings.
    Later(Trouble),
    /// The server will not take this notice, now or later.
    Never(Trouble),
}

impl SendError {
    pub(super) fn later(message: String, hint: Option<&str>) -> Self {
        Self::Later(Trouble::new(message, hint))
    }

    pub(super) fn never(message: String, hint: Option<&str>) -> Self {
        Self::Never(Trouble::new(message, hint))
    }
}

/// The last of the causes of an error that has something to say: libraries wrap what the system said in words of their own.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = cause.to_string();
        next = cause.source();
    }
    PlainWords::of(&text).to_string()
}
