//! What can go wrong in the vault, said so that the reader knows which file, key or setting to mend.
//!
//! No message here carries a secret, a byte of clear text or a library's own debug output.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::ErrorKind;

/// An error of the vault. Inside a stream it travels in an [`io::Error`]; [`VaultError::find_in`] takes it out again.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Zero bytes: edX writes such a file when it could not encrypt, for one because the czar's key had expired.
    #[error("file is empty (zero bytes)")]
    EmptyFile,
    /// The first bytes are something else.
    #[error("not an OpenPGP message{}", .looks_like.map(|what| format!(", it looks like {what}")).unwrap_or_default())]
    NotOpenPgp {
        /// What the first bytes suggest.
        looks_like: Option<&'static str>,
    },
    /// OpenPGP, but nothing to decrypt: a key, a signature, or a message left in clear.
    #[error("OpenPGP data that is not an encrypted message (it starts with {found})")]
    NotEncrypted {
        /// The first packet, in words.
        found: &'static str,
    },
    /// None of our keys is among the recipients.
    #[error("message is encrypted to other keys: for {}, we hold {}", describe_recipients(.recipients, *.n_hidden), describe_keys(.ours))]
    OtherRecipients {
        /// Key ids (or fingerprints) the message names, in its order.
        recipients: Vec<String>,
        /// Recipients whose key id the sender left out.
        n_hidden: usize,
        /// Ids of the keys we could have opened it with.
        ours: Vec<String>,
    },
    /// Integrity failed: the modification detection code is wrong, or the end is missing.
    #[error("message was changed or cut short")]
    Damaged,
    /// The message is whole, but more bytes follow it.
    #[error("bytes follow the end of the message")]
    TrailingData,
    /// The old encryption packet without integrity protection: damage could not be seen.
    #[error("message has no integrity protection (the old format of before 2000)")]
    Unprotected,
    /// A way of packing that we do not read.
    #[error("message uses {what}, which is not supported")]
    Unsupported {
        /// What it uses, in words.
        what: &'static str,
    },
    /// Undamaged, yet not built as an OpenPGP message: the sender's mistake.
    #[error("message is intact but not a valid OpenPGP message: {what}")]
    Malformed {
        /// The rule it breaks.
        what: &'static str,
    },
    /// More clear text than the caller allowed.
    #[error("message holds more than {max_clear_bytes} bytes of clear text")]
    TooLarge {
        /// The allowance, in bytes.
        max_clear_bytes: u64,
    },
    /// The gzip layer inside an undamaged message (or of a clear file) is broken.
    #[error("gzip data was changed or cut short")]
    GzipDamaged,
    /// The bytes did not arrive: disk, zip archive, network.
    #[error("could not read the encrypted bytes: {0}")]
    Read(Arc<io::Error>),
    /// The pass-phrase does not open this key.
    #[error("wrong pass-phrase for secret key {key}")]
    WrongPassPhrase {
        /// Fingerprint or key id.
        key: String,
    },
    /// The key is protected and there is no pass-phrase.
    #[error("secret key {key} is protected and no pass-phrase was given")]
    PassPhraseNeeded {
        /// Fingerprint or key id.
        key: String,
    },
    /// The pass-phrase could not be had from where it should be.
    #[error("could not read the pass-phrase from {place}: {reason}")]
    PassPhraseSource {
        /// The place, in words.
        place: String,
        /// What was wrong with it.
        reason: String,
    },
    /// The key file could not be read.
    #[error("could not read secret key file `{}`: {source}", .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: Arc<io::Error>,
    },
    /// A file that should hold a public key could not be read.
    #[error("could not read key file `{}`: {source}", .path.display())]
    PublicKeyFile {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: Arc<io::Error>,
    },
    /// There is no key, public or secret, where one should be.
    #[error("no OpenPGP key in `{}`", .path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// There is no secret key where one should be.
    #[error("no secret key in {place}{}", if *.has_public_key { ", only a public one" } else { "" })]
    NoSecretKey {
        /// File or keyring, in words.
        place: String,
        /// Whether a public key was found instead.
        has_public_key: bool,
    },
    /// A key is there, but its secret part is on a card, or was left out of the export.
    #[error("secret key {key} holds no secret part: it is on a smart card or was left out of the export")]
    SecretPartElsewhere {
        /// Fingerprint.
        key: String,
    },
    /// There is no `gpg` to ask.
    #[error("could not run `{program}`: {reason}")]
    GnupgNotRun {
        /// The program's name.
        program: String,
        /// The system's answer.
        reason: String,
    },
    /// `gpg` gave no key.
    #[error("gpg could not export the secret keys of `{}`: {reason}", .home.display())]
    GnupgExport {
        /// The GnuPG home.
        home: PathBuf,
        /// What `gpg` said last.
        reason: String,
    },
    /// A new key could not be made.
    #[error("could not make a key pair: {reason}")]
    Generate {
        /// What was wrong.
        reason: String,
    },
}

impl VaultError {
    /// Who can mend it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::EmptyFile
            | Self::NotOpenPgp { .. }
            | Self::NotEncrypted { .. }
            | Self::OtherRecipients { .. }
            | Self::Damaged
            | Self::TrailingData
            | Self::Unprotected
            | Self::Unsupported { .. }
            | Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::GzipDamaged
            | Self::Read(_) => ErrorKind::Input,
            Self::WrongPassPhrase { .. }
            | Self::PassPhraseNeeded { .. }
            | Self::PassPhraseSource { .. }
            | Self::KeyFile { .. }
            | Self::PublicKeyFile { .. }
            | Self::NoKey { .. }
            | Self::NoSecretKey { .. }
            | Self::SecretPartElsewhere { .. }
            | Self::GnupgNotRun { .. }
            | Self::GnupgExport { .. }
            | Self::Generate { .. } => ErrorKind::Config,
        }
    }

    /// The next step, where we know one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::EmptyFile => Some(
                "fetch the file again; if it is empty on the server too, your key may have expired: renew it, send it to edX and ask for the file",
            ),
            Self::NotOpenPgp { looks_like: Some(_) } => {
                Some("take the ending `.gpg` off its name if it was decrypted already, or fetch it again")
            }
            Self::NotOpenPgp { looks_like: None } | Self::NotEncrypted { .. } => {
                Some("fetch the file again, and look at it with `gpg --list-packets`")
            }
            Self::OtherRecipients { .. } => {
                Some("add the secret key it was encrypted to, or send edX your present public key and ask for the file again")
            }
            Self::Damaged | Self::TrailingData | Self::GzipDamaged => Some("fetch the file again and ingest it once more"),
            Self::Unprotected | Self::Unsupported { .. } | Self::Malformed { .. } => {
                Some("decrypt the file with `gpg` and ingest the clear file")
            }
            Self::TooLarge { .. } => Some("raise the limit if the file is to be trusted"),
            Self::Read(_) => Some("check the disk or archive, or fetch the file again"),
            Self::WrongPassPhrase { .. } => Some("check where the pass-phrase comes from with `czar config show`"),
            Self::PassPhraseNeeded { .. } => {
                Some("name an environment variable, file or file descriptor for the pass-phrase, or run at a terminal")
            }
            Self::PassPhraseSource { .. } | Self::KeyFile { .. } => Some("see `czar config show` for where this place is set"),
            Self::PublicKeyFile { .. } | Self::NoKey { .. } => Some("export it with `gpg --armor --export ADDRESS`"),
            Self::NoSecretKey { .. } => Some("export it with `gpg --armor --export-secret-keys FINGERPRINT`, or make one with `czar init`"),
            Self::SecretPartElsewhere { .. } => {
                Some("export the key where its secret part is, or decrypt the files with `gpg` and ingest the clear files")
            }
            Self::GnupgNotRun { .. } => Some("install GnuPG, or name a secret key file instead of a GnuPG home"),
            Self::GnupgExport { .. } => Some("try `gpg --homedir HOME --list-secret-keys`, or name a secret key file instead"),
            Self::Generate { .. } => None,
        }
    }

    /// Takes a vault error out of the [`io::Error`] that carried it through a stream.
    pub fn find_in(error: &io::Error) -> Option<&Self> {
        let mut inner: &(dyn Error + 'static) = error.get_ref()?;
        loop {
            if let Some(found) = inner.downcast_ref::<Self>() {
                return Some(found);
            }
            // An I/O error's `source` skips what it wraps, so nested ones are opened by hand.
            inner = match inner.downcast_ref::<io::Error>() {
                Some(nested) => nested.get_ref()?,
                None => inner.source()?,
            };
        }
    }
}

impl From<VaultError> for io::Error {
    fn from(error: VaultError) -> Self {
        let kind = match &error {
            VaultError::Read(source) => source.kind(),
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}

fn describe_recipients(recipients: &[String], n_hidden: usize) -> String {
    match (recipients.is_empty(), n_hidden) {
        (true, 0) => "nobody (a password only)".to_owned(),
        (true, 1) => "1 hidden recipient".to_owned(),
        (true, n) => format!("{n} hidden recipients"),
        (false, 0) => recipients.join(", "),
        (false, n) => format!("{} and {n} hidden", recipients.join(", ")),
    }
}

fn describe_keys(ours: &[String]) -> String {
    if ours.is_empty() { "no key that decrypts".to_owned() } else { ours.join(", ") }
}
