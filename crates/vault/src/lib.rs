//! The vault: opens what edX encrypted, as a stream, with the czar's secret keys.
//!
//! It is the only code that sees a secret key or a pass-phrase. It writes nothing to the disk, prints nothing, and never lets a reader
//! take the end of a damaged message for the end of the data.
//!
//! ```text
//! bytes as delivered -> source -> recipients (session key) -> seal (decrypts, checks) -> packets (compressed, literal) -> inflate -> records
//! ```

mod decrypt;
mod error;
mod error_kind;
mod fast_key;
mod gnupg_home;
mod inflate;
mod key_facts;
mod new_key;
mod packets;
mod pass_phrase;
mod recipients;
mod seal;
mod secret_bytes;
mod secret_keys;
mod source;

#[cfg(test)]
mod tests;

pub use decrypt::{DecryptOptions, Decrypted, decrypt};
pub use error::VaultError;
pub use error_kind::ErrorKind;
pub use inflate::{Inflated, inflate};
pub use key_facts::{EncryptionKeyFacts, KeyFacts};
pub use new_key::{NewKey, generate};
pub use pass_phrase::{PassPhrase, PassPhraseSource};
pub use recipients::{Recipients, recipients_of};
pub use secret_bytes::SecretBytes;
pub use secret_keys::SecretKeys;
