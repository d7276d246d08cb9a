//! What an error means to the caller. It does not decide the exit code: the command line does, from the kind.

/// The four kinds of trouble; the kind decides exit code, HTTP status and whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something that was read is not what it should be.
    Input,
    /// The user asked for something that cannot be.
    Config,
    /// Something on the other side of a network or a disk did not answer.
    Remote,
    /// The program is wrong.
    Bug,
}
