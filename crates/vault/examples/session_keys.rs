//! Opens one message again and again and says what an opening costs: for a small message that is the session key and little else
//! (`session_keys SECRET-KEY-FILE MESSAGE [ROUNDS]`, the key unprotected).
//!
//! It writes nothing of what it read.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::Instant;

use czar_vault::{DecryptOptions, PassPhrase, SecretKeys, decrypt};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (key, message, n_rounds) = match arguments.as_slice() {
        [key, message] => (key, message, 176),
        [key, message, n_rounds] => (key, message, n_rounds.parse::<u32>().map_err(io::Error::other)?),
        _ => return Err(io::Error::other("session_keys SECRET-KEY-FILE MESSAGE [ROUNDS]")),
    };
    let keys = SecretKeys::from_file(Path::new(key), &PassPhrase::none()).map_err(io::Error::from)?;
    let message = std::fs::read(message)?;

    let start = Instant::now();
    for _ in 0..n_rounds {
        let mut clear = Vec::new();
        decrypt(&message[..], &keys, DecryptOptions::default())?.read_to_end(&mut clear)?;
    }
    let each = start.elapsed() / n_rounds;
    writeln!(io::stdout(), "{n_rounds} messages, {:.3} ms each", each.as_secs_f64() * 1e3)
}
