//! The encrypted part of a message: decrypts it, and knows at its end whether it is whole.
//!
//! It does not understand what it decrypts, and it never says "end" before the integrity check has passed.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use pgp::composed::SymEncryptedProtectedDataReader;

use super::error::VaultError;
use super::source::{ReadFailure, Source};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The end has not been seen.
    Open,
    /// The end has been seen, the integrity check passed, and nothing follows.
    Whole,
    /// The end has been seen and the check passed, but more bytes follow.
    Followed,
    /// Changed or cut short, or the delivery could not be read.
    Broken,
}

/// The shared handle of one encrypted part. The packet readers above it read through one; another is kept so that after a nonsensical packet
/// the rest can be read, to tell a damaged message (nonsense is what decrypted damage looks like) from a badly made one.
#[derive(Clone)]
pub(super) struct Seal<'a> {
    shared: Arc<Mutex<Sealed<'a>>>,
    failure: ReadFailure,
}

struct Sealed<'a> {
    reader: SymEncryptedProtectedDataReader<Source<'a>>,
    state: State,
}

impl<'a> Seal<'a> {
    /// Takes a reader that has been given its session key.
    pub(super) fn new(reader: SymEncryptedProtectedDataReader<Source<'a>>, failure: ReadFailure) -> Self {
        Self { shared: Arc::new(Mutex::new(Sealed { reader, state: State::Open })), failure }
    }

    /// Reads whatever is left and gives the verdict on the whole message.
    pub(super) fn verdict(&mut self) -> Result<(), VaultError> {
        let mut scratch = vec![0; 16 * 1024];
        loop {
            match self.read(&mut scratch) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(VaultError::find_in(&error).cloned().unwrap_or(VaultError::Damaged)),
            }
        }
    }

    fn broken(&self) -> VaultError {
        self.failure.seen().unwrap_or(VaultError::Damaged)
    }
}

impl Read for Seal<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let mut sealed = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if sealed.state == State::Open {
            match sealed.reader.read(buffer) {
                Ok(0) => sealed.state = sealed.look_behind_the_end(),
                Ok(n_bytes) => return Ok(n_bytes),
                // The library's readers must not be touched after an error: some would hand out unchecked bytes, some would panic.
                Err(_) => sealed.state = State::Broken,
            }
        }
        match sealed.state {
            State::Whole => Ok(0),
            State::Followed => Err(VaultError::TrailingData.into()),
            State::Open | State::Broken => Err(self.broken().into()),
        }
    }
}

impl Sealed<'_> {
    fn look_behind_the_end(&mut self) -> State {
        let mut byte = [0];
        // For an armoured message this also reads the footer.
        match self.reader.get_mut().get_mut().read(&mut byte) {
            Ok(0) => State::Whole,
            Ok(_) => State::Followed,
            Err(_) => State::Broken,
        }
    }
}

impl fmt::Debug for Seal<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seal")
    }
}
