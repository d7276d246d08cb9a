//! The certificate for HTTPS, read from its files, and read again when they change: certificates live for weeks, servers for years.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::ServeSettings;
use crate::failure::refusal_with_hint;
use crate::server::service::Service;

/// The files are looked at so often.
const LOOK_EACH: Duration = Duration::from_secs(60);

/// A certificate with its secret key.
pub(in crate::server) struct Certificate {
    files: Files,
    config: RustlsConfig,
    changed: Option<SystemTime>,
}

#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Certificate {
    /// The certificate that the settings name, if they name one.
    ///
    /// # Errors
    /// Only one of the two files is named, or they do not hold what they should.
    pub(in crate::server) fn of_settings(settings: &ServeSettings) -> anyhow::Result<Option<Self>> {
        let files = match (&settings.certificate_file, &settings.key_file) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => Files { certificate: certificate.clone(), key: key.clone() },
            _ => {
                return Err(refusal_with_hint(
                    "of `serve.certificate_file` and `serve.key_file` only one is set",
                    "HTTPS needs both; without either, HTTP is spoken",
                ));
            }
        };
        let changed = files.changed();
        Ok(Some(Self { config: RustlsConfig::from_config(files.read()?), changed, files }))
    }

    /// The acceptor, whose certificate changes with its files from now on.
    pub(super) fn watched(self, service: &Arc<Service>) -> RustlsAcceptor {
        let Self { files, config, mut changed } = self;
        let (kept, printer) = (config.clone(), service.printer);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EACH).await;
                let now = files.changed();
                if now == changed {
                    continue;
                }
                changed = now;
                match files.read() {
                    Ok(config) => {
                        kept.reload_from_config(config);
                        printer.say("The certificate was renewed");
                    }
                    Err(error) => printer.error(&error.context("the certificate stays as it was")),
                }
            }
        });
        RustlsAcceptor::new(config)
    }
}

impl Files {
    /// When either file last changed.
    fn changed(&self) -> Option<SystemTime> {
        let changed = |path: &Path| std::fs::metadata(path).and_then(|facts| facts.modified()).ok();
        changed(&self.certificate).max(changed(&self.key))
    }

    fn read(&self) -> anyhow::Result<Arc<ServerConfig>> {
        let of = |path: &Path| format!("could not read the certificate or key in `{}`", path.display());
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| of(&self.certificate))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).with_context(|| of(&self.key))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .with_context(|| format!("could not use the certificate in `{}`", self.certificate.display()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
