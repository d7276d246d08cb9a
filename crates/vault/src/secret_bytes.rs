//! Bytes that must not be seen: they cannot be printed and are overwritten when they go.
//!
//! It keeps no promise about copies others make (the kernel's, a library's); it only makes sure that ours do not linger or leak by a `{:?}`.

use std::fmt;

use zeroize::Zeroize;

/// A secret held in memory. `{:?}` prints `[hidden]`; there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes over `bytes`.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The secret itself. Whoever asks for it answers for where it goes.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[hidden]")
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
