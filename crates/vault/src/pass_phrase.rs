//! The pass-phrase that protects a secret key, and the places it may come from.
//!
//! It never comes from the command line or the configuration by value, and it does not ask the user: who has a terminal prompts and hands
//! over a [`PassPhrase`].

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::error::VaultError;
use super::secret_bytes::SecretBytes;

/// No pass-phrase is longer; a bigger first line means that the wrong file was named.
const MAX_PASS_PHRASE_BYTES: u64 = 4096;

/// A pass-phrase in memory: cannot be printed, overwritten on drop. An empty one stands for "none".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassPhrase(SecretBytes);

impl PassPhrase {
    /// Takes over what the user typed.
    pub fn new(text: String) -> Self {
        Self(SecretBytes::new(text.into_bytes()))
    }

    /// For keys that are not protected.
    pub fn none() -> Self {
        Self::new(String::new())
    }

    /// Whether there is nothing to unlock a key with.
    pub fn is_none(&self) -> bool {
        self.reveal().is_empty()
    }

    /// For a secret that opens no key: the password of a mail server comes from the same places.
    #[must_use]
    pub fn into_secret(self) -> SecretBytes {
        self.0
    }

    pub(super) fn reveal(&self) -> &[u8] {
        self.0.reveal()
    }
}

/// Where the pass-phrase is kept. Prints as a place, never as a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassPhraseSource {
    /// The environment variable of this name.
    Environment(String),
    /// An open file descriptor, as in `gpg --passphrase-fd`. Its first line counts.
    FileDescriptor(i32),
    /// A file. Its first line counts.
    File(PathBuf),
    /// The key is not protected.
    None,
}

impl PassPhraseSource {
    /// Reads the pass-phrase. White space inside and at the ends belongs to it; the line end does not.
    ///
    /// # Errors
    ///
    /// [`VaultError::PassPhraseSource`] when the place is missing, unreadable or empty.
    pub fn read(&self) -> Result<PassPhrase, VaultError> {
        let secret = match self {
            Self::None => return Ok(PassPhrase::none()),
            Self::Environment(name) => from_environment(name),
            Self::File(path) => from_file(path),
            Self::FileDescriptor(number) => from_file_descriptor(*number),
        }
        .map_err(|reason| VaultError::PassPhraseSource { place: self.place(), reason })?;
        if secret.reveal().is_empty() {
            return Err(VaultError::PassPhraseSource { place: self.place(), reason: "it is empty".to_owned() });
        }
        Ok(PassPhrase(secret))
    }

    fn place(&self) -> String {
        match self {
            Self::Environment(name) => format!("environment variable `{name}`"),
            Self::FileDescriptor(number) => format!("file descriptor {number}"),
            Self::File(path) => format!("file `{}`", path.display()),
            Self::None => "nowhere".to_owned(),
        }
    }
}

fn from_environment(name: &str) -> Result<SecretBytes, String> {
    match env::var(name) {
        Ok(value) => Ok(SecretBytes::new(value.into_bytes())),
        Err(env::VarError::NotPresent) => Err("it is not set".to_owned()),
        Err(env::VarError::NotUnicode(_)) => Err("it is not UTF-8".to_owned()),
    }
}

fn from_file(path: &Path) -> Result<SecretBytes, String> {
    File::open(path).and_then(first_line).map_err(|error| error.to_string())
}

/// Opens the descriptor by its path: taking the number over would need `unsafe`, and would close it behind its owner's back.
#[cfg(unix)]
fn from_file_descriptor(number: i32) -> Result<SecretBytes, String> {
    from_file(&PathBuf::from(format!("/dev/fd/{number}")))
}

#[cfg(not(unix))]
fn from_file_descriptor(_number: i32) -> Result<SecretBytes, String> {
    Err("file descriptors are read on Unix only".to_owned())
}

fn first_line(file: File) -> io::Result<SecretBytes> {
    // One buffer of the final size: growing would leave copies behind.
    let mut line = Vec::with_capacity(MAX_PASS_PHRASE_BYTES as usize);
    let mut reader = BufReader::with_capacity(1, file).take(MAX_PASS_PHRASE_BYTES);
    reader.read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() as u64 == MAX_PASS_PHRASE_BYTES {
        return Err(io::Error::other("its first line is too long"));
    }
    Ok(SecretBytes::new(line))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use std::io::Write;

    fn file_with(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn a_pass_phrase_cannot_be_printed() {
        let pass_phrase = PassPhrase::new("correct horse".to_owned());
        assert_eq!(format!("{pass_phrase:?}"), "PassPhrase([hidden])");
    }

    #[test]
    fn only_the_first_line_of_a_file_counts_and_its_white_space_stays() {
        for (bytes, expected) in
            [(&b" two words \nsecond line\n"[..], " two words "), (b"no line end", "no line end"), (b"windows\r\n", "windows")]
        {
            let file = file_with(bytes);
            let read = PassPhraseSource::File(file.path().to_owned()).read().unwrap();
            assert_eq!(read.reveal(), expected.as_bytes());
        }
    }

    #[test]
    fn a_missing_or_empty_place_is_named() {
        let empty = file_with(b"\n");
        let huge = file_with(&[b'x'; 5000]);
        for (source, expected) in [
            (PassPhraseSource::Environment("CZAR_TEST_NOT_SET".to_owned()), "environment variable `CZAR_TEST_NOT_SET`: it is not set"),
            (PassPhraseSource::File(empty.path().to_owned()), "it is empty"),
            (PassPhraseSource::File(huge.path().to_owned()), "too long"),
            (PassPhraseSource::File("/no/such/file".into()), "`/no/such/file`"),
        ] {
            let error = source.read().unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(PassPhraseSource::None.read().unwrap().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn an_open_file_descriptor_is_read() {
        use std::os::fd::AsRawFd;
        let file = file_with(b"from a descriptor\n");
        let open = File::open(file.path()).unwrap();
        let read = PassPhraseSource::FileDescriptor(open.as_raw_fd()).read().unwrap();
        assert_eq!(read.reveal(), b"from a descriptor");
    }
}
