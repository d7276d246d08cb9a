//! All that the user reads: data on stdout, everything else on stderr. It decides on colours; it never decides what is worth saying.
//!
//! Nothing else in this crate writes to the two streams (the progress bars, which draw on stderr, and the prompts apart).

use std::io::{self, IsTerminal as _, Stdout, Write as _};

use czar_pipeline::clock::Clock;
use czar_pipeline::vault::SecretBytes;

use crate::failure;

/// At most so many failed files are told one by one; `czar status` tells them all.
const MAX_FAILURES: usize = 20;

/// Writes to the two streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    stdin_is_terminal: bool,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    stderr_has_colours: bool,
    /// Of a service: each line tells when it was written.
    clock: Option<Clock>,
}

/// The text of one failed part of a run that went on.
pub(crate) struct Trouble {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Printer {
    /// Looks at what the streams are connected to.
    pub(crate) fn detect() -> Self {
        let stderr_is_terminal = io::stderr().is_terminal();
        // See no-color.org: any value but an empty one counts.
        let refuses_colours = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal,
            stderr_has_colours: stderr_is_terminal && !refuses_colours && !is_dumb,
            clock: None,
        }
    }

    /// The printer of a service: nobody is asked anything, and each line tells when it was written.
    pub(crate) fn of_service(self, clock: Clock) -> Self {
        Self { stdin_is_terminal: false, clock: Some(clock), ..self }
    }

    /// Whether a person may be asked something: keyboard and messages are on a terminal.
    pub(crate) fn can_ask(&self) -> bool {
        self.stdin_is_terminal && self.stderr_is_terminal
    }

    /// Whether a person types the input and sees the data.
    pub(crate) fn is_interactive(&self) -> bool {
        self.stdin_is_terminal && self.stdout_is_terminal
    }

    /// Whether data goes to a screen.
    pub(crate) fn stdout_is_terminal(&self) -> bool {
        self.stdout_is_terminal
    }

    /// Whether messages go to a screen.
    pub(crate) fn stderr_is_terminal(&self) -> bool {
        self.stderr_is_terminal
    }

    /// Whether messages are coloured.
    pub(crate) fn stderr_has_colours(&self) -> bool {
        self.stderr_has_colours
    }

    /// The number of columns of the screen, when data goes to one.
    pub(crate) fn screen_width(&self) -> Option<usize> {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        self.stdout_is_terminal.then_some(usize::from(width.0))
    }

    /// Where data is written.
    pub(crate) fn data(&self) -> Stdout {
        io::stdout()
    }

    /// Writes text as data.
    ///
    /// # Errors
    /// The stream is closed or full.
    pub(crate) fn write_data(&self, text: &str) -> io::Result<()> {
        let mut stdout = self.data().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// Writes a secret as a line of data: the one place where one is shown.
    ///
    /// # Errors
    /// The stream is closed or full.
    pub(crate) fn write_secret(&self, secret: &SecretBytes) -> io::Result<()> {
        let mut stdout = self.data().lock();
        stdout.write_all(secret.reveal())?;
        stdout.write_all(b"\n")?;
        stdout.flush()
    }

    /// Says how a step ended, or what is going to happen.
    pub(crate) fn say(&self, line: &str) {
        self.write_line(line);
    }

    /// Says something that may need attention, though nothing failed.
    pub(crate) fn warn(&self, text: &str) {
        self.write_line(&format!("{} {text}", self.painted("warning:", "1;33")));
    }

    /// Says what to do next.
    pub(crate) fn hint(&self, text: &str) {
        self.write_line(&format!("{} {text}", self.painted("hint:", "1;36")));
    }

    /// Says why the command was not done.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        self.trouble(&Trouble { message: failure::one_line(error), hint: failure::hint(error) });
    }

    /// Says what went wrong with one part of a run that went on.
    pub(crate) fn trouble(&self, trouble: &Trouble) {
        self.write_line(&format!("{} {}", self.painted("error:", "1;31"), trouble.message));
        if let Some(hint) = &trouble.hint {
            self.hint(hint);
        }
    }

    /// Says what went wrong with several parts, without flooding the screen.
    pub(crate) fn troubles(&self, troubles: &[Trouble]) {
        troubles.iter().take(MAX_FAILURES).for_each(|trouble| self.trouble(trouble));
        if troubles.len() > MAX_FAILURES {
            self.hint(&format!("{} more failed: `czar status` names them all", troubles.len() - MAX_FAILURES));
        }
    }

    fn painted(&self, word: &str, code: &str) -> String {
        if self.stderr_has_colours { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
    }

    fn write_line(&self, line: &str) {
        // A closed stderr must not stop the work.
        let _ = match self.clock {
            Some(clock) => writeln!(io::stderr().lock(), "{} {line}", clock().format("%Y-%m-%dT%H:%M:%SZ")),
            None => writeln!(io::stderr().lock(), "{line}"),
        };
    }
}
