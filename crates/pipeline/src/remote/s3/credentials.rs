//! Finds the keys with which requests are signed: in the environment, in a profile, in files, or in the `credentials.csv.gpg` that edX sends,
//! which is decrypted in memory. They cannot be printed, and no message or error holds any of them.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AwsCredential, AwsCredentialProvider};

use super::profile::{Profile, read_profile};
use super::signing_keys::{OwnKeys, SigningKeys};
use crate::error::ErrorKind;
use crate::remote::Trouble;
use crate::vault::{DecryptOptions, SecretBytes, SecretKeys, VaultError, decrypt};

/// A file of credentials has two lines.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// Looks up a variable of the environment. An empty one counts as not set.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Keys, or a way to get them.
#[derive(Clone)]
pub struct Credentials {
    origin: String,
    provider: Provider,
}

#[derive(Clone)]
enum Provider {
    Fixed(Arc<OwnKeys>),
    /// Keys that change: a role's, given out by the container or the cluster.
    Fetched(AwsCredentialProvider),
}

/// Keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// A file cannot be read.
    #[error("could not read `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be decrypted.
    #[error("could not decrypt `{}`", path.display())]
    Sealed {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: VaultError,
    },
    /// What was found is not what is needed.
    #[error("{reason}")]
    Unfit {
        /// In what way; it quotes nothing.
        reason: String,
        /// The next step.
        hint: &'static str,
    },
}

impl CredentialsError {
    /// What the error means to the caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Config
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable { .. } => Some("the section `[sync]` of czar.toml says where the access keys are"),
            Self::Sealed { source, .. } => source.hint(),
            Self::Unfit { hint, .. } => Some(hint),
        }
    }
}

impl Credentials {
    /// Keys that are at hand.
    ///
    /// # Errors
    /// They hold what no key does.
    pub fn fixed(key_id: &str, secret: &SecretBytes, token: Option<&SecretBytes>, origin: String) -> Result<Self, CredentialsError> {
        let text = |bytes: &[u8]| {
            let is_plain = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_graphic);
            let unfit = || CredentialsError::Unfit {
                reason: format!("what {origin} holds is no access key"),
                hint: "an access key is a word of letters, digits and signs; a blank or a line break within it was not meant",
            };
            std::str::from_utf8(bytes).ok().filter(|_| is_plain).map(str::to_owned).ok_or_else(unfit)
        };
        let credential = AwsCredential {
            key_id: text(key_id.trim().as_bytes())?,
            secret_key: text(secret.reveal().trim_ascii())?,
            token: token.map(|token| text(token.reveal().trim_ascii())).transpose()?,
        };
        Ok(Self { origin, provider: Provider::Fixed(Arc::new(OwnKeys::new(credential))) })
    }

    /// Where they come from, for messages.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Keys of the environment: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, else the role of a container or a web identity. None when
    /// it has neither.
    ///
    /// # Errors
    /// Only a half is there.
    pub fn from_environment(environment: Environment<'_>) -> Result<Option<Self>, CredentialsError> {
        let secret = |name: &str| environment(name).map(|text| SecretBytes::new(text.into_bytes()));
        match (environment("AWS_ACCESS_KEY_ID"), secret("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(key)) => {
                let origin = "the environment (AWS_ACCESS_KEY_ID)".to_owned();
                return Self::fixed(&id, &key, secret("AWS_SESSION_TOKEN").as_ref(), origin).map(Some);
            }
            (None, None) => {}
            _ => {
                return Err(CredentialsError::Unfit {
                    reason: "the environment has only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
                    hint: "set both, or neither and name another place in the section `[sync]` of czar.toml",
                });
            }
        }
        let roles = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        let Some(role) = roles.into_iter().find(|name| environment(name).is_some()) else { return Ok(None) };
        let store = AmazonS3Builder::from_env().with_bucket_name("any").build().map_err(|error| CredentialsError::Unfit {
            reason: format!("the role of {role} cannot be used: {error}"),
            hint: "unset the variable, or give access keys",
        })?;
        Ok(Some(Self { origin: format!("the role of {role}"), provider: Provider::Fetched(store.credentials().clone()) }))
    }

    /// What a profile in the files of Amazon's tools says; of none when there are no such files.
    ///
    /// # Errors
    /// A file is there and cannot be read.
    pub fn profile(name: &str, environment: Environment<'_>) -> Result<Profile, CredentialsError> {
        let mut profile = Profile::default();
        for path in profile_files(environment) {
            match std::fs::read_to_string(&path) {
                Ok(text) => read_profile(&mut profile, &text, name),
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(CredentialsError::Unreadable { path, source }),
            }
        }
        Ok(profile)
    }

    /// The keys of a profile.
    ///
    /// # Errors
    /// It has none.
    pub fn from_profile(name: &str, profile: &Profile) -> Result<Self, CredentialsError> {
        let unfit = |reason: String, hint| Err(CredentialsError::Unfit { reason, hint });
        match (&profile.access_key_id, &profile.secret_access_key) {
            (Some(id), Some(secret)) => Self::fixed(id, secret, profile.session_token.as_ref(), format!("the AWS profile `{name}`")),
            _ if !profile.exists => unfit(
                format!("there is no AWS profile `{name}`"),
                "profiles are sections of `~/.aws/credentials`; AWS_SHARED_CREDENTIALS_FILE names another file",
            ),
            _ => match &profile.other_way {
                Some(way) => unfit(
                    format!("the AWS profile `{name}` gets its keys by `{way}`, which is not supported"),
                    "have `aws configure export-credentials --format env` put them into the environment",
                ),
                None => unfit(
                    format!("the AWS profile `{name}` has no access keys"),
                    "it needs `aws_access_key_id` and `aws_secret_access_key`",
                ),
            },
        }
    }

    /// Keys from two files with a key and nothing else in each, as containers are handed secrets.
    ///
    /// # Errors
    /// One cannot be read or holds something else.
    pub fn from_files(id: &Path, secret: &Path) -> Result<Self, CredentialsError> {
        let (id_bytes, secret_bytes) = (read_small(id)?, read_small(secret)?);
        let origin = format!("`{}` and `{}`", id.display(), secret.display());
        Self::fixed(&String::from_utf8_lossy(id_bytes.reveal()), &secret_bytes, None, origin)
    }

    /// Whether a file of credentials has to be decrypted.
    #[must_use]
    pub fn is_sealed(path: &Path) -> bool {
        path.extension().is_some_and(|extension| ["gpg", "pgp", "asc"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
    }

    /// Keys from the `credentials.csv.gpg` that edX sends, or the `credentials.csv` that somebody made of it.
    ///
    /// # Errors
    /// It cannot be read or decrypted, or is no such file.
    pub fn from_csv(path: &Path, keys: Option<&SecretKeys>) -> Result<Self, CredentialsError> {
        let clear = match keys {
            Some(keys) if Self::is_sealed(path) => decrypted(path, keys)?,
            None if Self::is_sealed(path) => {
                return Err(CredentialsError::Unfit {
                    reason: format!("`{}` is encrypted, and no secret key is named", path.display()),
                    hint: "set `keys.secret_key_file` or `keys.gnupg_home` in czar.toml",
                });
            }
            _ => read_small(path)?,
        };
        let origin = format!("`{}`", path.display());
        let (id, secret) = from_csv_text(clear.reveal()).ok_or_else(|| CredentialsError::Unfit {
            reason: format!("{origin} is no list of credentials"),
            hint: "its first line has to be `User Name,Access Key Id,Secret Access Key`",
        })?;
        Self::fixed(&id, &secret, None, origin)
    }

    /// The keys to sign with now.
    pub(super) async fn current(&self) -> Result<SigningKeys, Trouble> {
        match &self.provider {
            Provider::Fixed(keys) => Ok(SigningKeys::Own(Arc::clone(keys))),
            Provider::Fetched(provider) => {
                let failed = |error: object_store::Error| Trouble::Silent { reason: format!("no keys from {}: {error}", self.origin) };
                provider.get_credential().await.map(SigningKeys::Fetched).map_err(failed)
            }
        }
    }
}

fn profile_files(environment: Environment<'_>) -> Vec<PathBuf> {
    let home = environment("HOME").or_else(|| environment("USERPROFILE")).map(PathBuf::from);
    let file = |variable: &str, name: &str| {
        environment(variable).map(PathBuf::from).or_else(|| home.as_ref().map(|home| home.join(".aws").join(name)))
    };
    [file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), file("AWS_CONFIG_FILE", "config")].into_iter().flatten().collect()
}

fn read_small(path: &Path) -> Result<SecretBytes, CredentialsError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut bytes));
    read.map_err(|source| CredentialsError::Unreadable { path: path.to_owned(), source })?;
    Ok(SecretBytes::new(bytes))
}

fn decrypted(path: &Path, keys: &SecretKeys) -> Result<SecretBytes, CredentialsError> {
    let sealed = |source| CredentialsError::Sealed { path: path.to_owned(), source };
    let file = File::open(path).map_err(|source| CredentialsError::Unreadable { path: path.to_owned(), source })?;
    let mut message = decrypt(BufReader::new(file), keys, DecryptOptions { max_clear_bytes: Some(MAX_FILE_BYTES) }).map_err(sealed)?;
    // Room for all at once: growing would leave copies behind.
    let mut clear = Vec::with_capacity(usize::try_from(MAX_FILE_BYTES).unwrap_or_default() + 1);
    let read = message.read_to_end(&mut clear);
    let clear = SecretBytes::new(clear);
    match read {
        Ok(_) => Ok(clear),
        Err(error) => match VaultError::find_in(&error) {
            Some(source) => Err(sealed(source.clone())),
            None => Err(CredentialsError::Unreadable { path: path.to_owned(), source: error }),
        },
    }
}

/// Key id and secret key of the first row below the header.
fn from_csv_text(text: &[u8]) -> Option<(String, SecretBytes)> {
    let text = std::str::from_utf8(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)).ok()?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = fields(lines.next()?);
    let column = |name: &str| header.iter().position(|field| field.eq_ignore_ascii_case(name));
    let (id_at, secret_at) = (column("Access Key Id")?, column("Secret Access Key")?);
    let row = fields(lines.next()?);
    Some(((*row.get(id_at)?).to_owned(), SecretBytes::new(row.get(secret_at)?.as_bytes().to_vec())))
}

/// The fields of a line. None of the three holds a comma or a quotation mark of its own.
fn fields(line: &str) -> Vec<&str> {
    line.split(',').map(|field| field.trim().trim_matches('"').trim()).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot make its own keys has failed")]

    use super::*;

    #[test]
    fn the_file_of_edx_is_read_in_every_wrapping_of_its_fields() {
        for text in [
            "User Name,Access Key Id,Secret Access Key\r\n\"czar@universityx.example\",AK1,s/e+c=\r\n",
            "\u{feff}user name, access key id ,secret access key\n\nczar,\"AK1\",\"s/e+c=\"\n",
            "Access key ID,Secret access key\nAK1,s/e+c=",
        ] {
            let (id, secret) = from_csv_text(text.as_bytes()).unwrap();
            assert_eq!((id.as_str(), secret.reveal()), ("AK1", b"s/e+c=".as_slice()));
        }
        for text in ["", "User Name,Access Key Id\nx,y\n", "User Name,Access Key Id,Secret Access Key\n", "\u{0}\n"] {
            assert!(from_csv_text(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn keys_with_line_breaks_are_refused_without_being_quoted() {
        let secret = SecretBytes::new(b"first\nsecond".to_vec());
        let error = Credentials::fixed("AK", &secret, None, "a test".to_owned()).map(|_| ()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("second"));
    }

    #[test]
    fn the_environment_gives_both_keys_or_none() {
        assert!(Credentials::from_environment(&|_| None).unwrap().is_none());
        let half = |name: &str| (name == "AWS_ACCESS_KEY_ID").then(|| "AK".to_owned());
        assert!(Credentials::from_environment(&half).is_err());
        let both = |name: &str| name.starts_with("AWS_").then(|| "AK".to_owned());
        assert!(Credentials::from_environment(&both).unwrap().is_some());
    }
}
