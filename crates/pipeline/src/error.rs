//! What an error means to the caller. It does not decide the exit code: the command line does, from the kind.

pub use czar_vault::ErrorKind;
