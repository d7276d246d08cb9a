//! Where long work tells how far it is. It does not draw: the command line does, when there is a terminal.

/// Receives the steps of long work. Every method has a silent default.
pub trait Progress: Sync {
    /// A step with a number of files starts.
    fn begin(&self, _step: &str, _n_files: usize, _n_bytes: u64) {}
    /// A file of the step starts.
    fn file(&self, _file_key: &str) {}
    /// So many more bytes of input have been read.
    fn advance(&self, _n_bytes: u64) {}
    /// The current file is done.
    fn file_done(&self) {}
    /// The step is over.
    fn end(&self) {}
}

/// Progress that nobody watches.
pub struct Silent;

impl Progress for Silent {}
