//! Keys as requests are signed with them. They are not read here, and those that are ours are overwritten when they go.

use std::ops::Deref;
use std::sync::Arc;

use object_store::aws::AwsCredential;
use zeroize::Zeroize as _;

/// Keys that were given to us.
pub struct OwnKeys(AwsCredential);

impl OwnKeys {
    /// Takes over the keys.
    pub fn new(keys: AwsCredential) -> Self {
        Self(keys)
    }
}

impl Drop for OwnKeys {
    fn drop(&mut self) {
        self.0.secret_key.zeroize();
        self.0.token.zeroize();
    }
}

/// Keys for one request.
pub enum SigningKeys {
    /// Ours.
    Own(Arc<OwnKeys>),
    /// A role's, which the library that fetched them holds.
    Fetched(Arc<AwsCredential>),
}

impl Deref for SigningKeys {
    type Target = AwsCredential;

    fn deref(&self) -> &AwsCredential {
        match self {
            Self::Own(keys) => &keys.0,
            Self::Fetched(keys) => keys,
        }
    }
}
