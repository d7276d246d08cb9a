//! Finds by which keys, in which region and at which server buckets are asked. It keeps no key and prints none.

use std::path::Path;

use anyhow::Context as _;
use czar_pipeline::remote::Http;
use czar_pipeline::remote::s3::{Credentials, S3, endpoint_and_region};
use czar_pipeline::sync::SyncError;

use crate::config::SyncSettings;
use crate::failure::refusal_with_hint;
use crate::keys;
use crate::workplace::Workplace;

/// Opens the server; `None` when there are no keys.
pub(super) fn open(workplace: &Workplace<'_>, http: &Http) -> anyhow::Result<Option<S3>> {
    let settings = &workplace.settings().sync;
    let environment = &|name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named_profile = settings.profile.clone().or_else(|| environment("AWS_PROFILE"));
    let profile_name = named_profile.clone().unwrap_or_else(|| "default".to_owned());
    let profile = Credentials::profile(&profile_name, environment).map_err(SyncError::from)?;
    let credentials = match named_in_settings(settings, workplace)? {
        Some(credentials) => Some(credentials),
        None if settings.profile.is_some() => Some(Credentials::from_profile(&profile_name, &profile).map_err(SyncError::from)?),
        None => match Credentials::from_environment(environment).map_err(SyncError::from)? {
            Some(credentials) => Some(credentials),
            None if profile.exists || named_profile.is_some() => {
                Some(Credentials::from_profile(&profile_name, &profile).map_err(SyncError::from)?)
            }
            None => None,
        },
    };
    let Some(credentials) = credentials else { return Ok(None) };
    let (endpoint, region) = endpoint_and_region(environment, profile);
    let endpoint = settings.endpoint.clone().or(endpoint);
    let region = settings.region.clone().unwrap_or(region);
    let server = S3::new(http.clone(), endpoint.as_deref(), &region, credentials);
    server.map(Some).map_err(|reason| refusal_with_hint(reason, "correct `sync.endpoint` or `sync.region`, or the environment"))
}

/// The keys that the settings name, in a file or two.
fn named_in_settings(settings: &SyncSettings, workplace: &Workplace<'_>) -> anyhow::Result<Option<Credentials>> {
    if let Some(path) = &settings.credentials_file {
        return Ok(Some(from_csv(path, workplace)?));
    }
    match (&settings.access_key_id_file, &settings.secret_access_key_file) {
        (Some(id), Some(secret)) => Ok(Some(Credentials::from_files(id, secret).map_err(SyncError::from)?)),
        (None, None) => Ok(None),
        _ => Err(refusal_with_hint(
            "only one of `sync.access_key_id_file` and `sync.secret_access_key_file` is set",
            "set both: an access key has two halves",
        )),
    }
}

fn from_csv(path: &Path, workplace: &Workplace<'_>) -> anyhow::Result<Credentials> {
    let keys = if Credentials::is_sealed(path) {
        keys::open(&workplace.settings().keys, workplace.printer).with_context(|| format!("could not decrypt `{}`", path.display()))?
    } else {
        None
    };
    Ok(Credentials::from_csv(path, keys.as_ref()).map_err(SyncError::from)?)
}
