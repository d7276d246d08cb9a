//! A tar archive of a delivery, before anybody looked into it: a weekly package that was packed again, the event files of the first years,
//! a course of a research exchange, or any other. It says only how its members are to be named.

use czar_formats::package_file::{FileKind, PackageFile};

use super::DeliveredFile;
use super::gather::Found;

/// A tar archive.
#[derive(Debug, Clone)]
pub struct Archive {
    /// The file. Its key names the archive, not a package: two shapes of a package are two archives.
    pub file: DeliveredFile,
    /// The package all its members are of, when its name says so.
    pub(super) package_key: Option<String>,
    /// The folder that the archive stands for.
    pub(super) prefix: String,
}

impl Archive {
    pub(super) fn new(file: PackageFile, found: Found) -> Self {
        let Found { relative_path, place, n_bytes, modified_at, .. } = found;
        let (folder, name) = relative_path.rsplit_once('/').unwrap_or(("", &relative_path));
        let end = name.rfind(".tar").or_else(|| name.rfind(".tgz")).unwrap_or(name.len());
        let prefix = format!("{folder}/{}", name.get(..end).unwrap_or(name)).trim_start_matches('/').to_owned();
        let is_package = matches!(file.kind, FileKind::DatabaseArchive | FileKind::EmailOptInArchive);
        let own_key = match file.kind {
            // Any name will do that stays when the whole delivery is moved.
            FileKind::Unknown => format!("{}/{name}", folder.rsplit('/').next().unwrap_or_default()),
            FileKind::ResearchExchangeArchive => format!("{}!{name}", file.file_key),
            _ => name.to_owned(),
        };
        let package_key = is_package.then(|| file.file_key.clone());
        // No day: the archive is no part of the package.
        let file = PackageFile { file_key: format!("archive:{own_key}"), date: None, stem: None, ..file };
        Self { file: DeliveredFile { file, place, n_bytes, modified_at }, package_key, prefix }
    }

    /// The package all its members are of, when its name says so.
    #[must_use]
    pub fn package_key(&self) -> Option<&str> {
        self.package_key.as_deref()
    }
}
