//! Where data goes: stdout, or a file that appears only when it is whole. It knows nothing of formats.

use std::fs::File;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::printer::Printer;

/// An open destination.
pub(crate) enum Destination {
    Stdout(BufWriter<Stdout>),
    File { path: PathBuf, beside: PathBuf, file: BufWriter<File> },
}

impl Destination {
    /// Opens the file, or stdout.
    pub(crate) fn open(path: Option<&Path>, printer: &Printer) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout(BufWriter::new(printer.data()))) };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let file = File::create(&beside).with_context(|| format!("could not write `{}`", path.display()))?;
        Ok(Self::File { path: path.to_owned(), beside, file: BufWriter::new(file) })
    }

    /// Makes the file appear under its name.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Stdout(mut stdout) => Ok(stdout.flush()?),
            Self::File { path, beside, file } => {
                let in_place = || -> io::Result<()> {
                    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
                    #[expect(clippy::disallowed_methods, reason = "an atomic write of more bytes than fit into memory")]
                    std::fs::rename(&beside, &path)
                };
                in_place().with_context(|| format!("could not write `{}`", path.display()))
            }
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::File { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::File { file, .. } => file.flush(),
        }
    }
}
