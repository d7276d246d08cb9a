//! Reads the lines of a tracking log from the standard input again and again, and says what that cost: for
//! `valgrind --tool=callgrind` and for a quick look (`read_log [ROUNDS] [LINES] < some.log`).
//!
//! It keeps no event and writes nothing of what it read.

use std::io::{self, Read as _, Write as _};
use std::time::Instant;

use czar_formats::tracking_log::parse_line;

fn main() -> io::Result<()> {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<usize>().map_err(io::Error::other));
    let n_rounds = numbers.next().transpose()?.unwrap_or(1);
    let n_lines = numbers.next().transpose()?.unwrap_or(usize::MAX);

    let mut log = Vec::new();
    io::stdin().read_to_end(&mut log)?;
    let mut lines = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', &log).chain([log.len()]).take(n_lines) {
        lines.push(&log[start..end]);
        start = end + 1;
    }
    let n_bytes: usize = lines.iter().map(|line| line.len() + 1).sum();

    for _ in 0..n_rounds {
        let start = Instant::now();
        let (mut n_events, mut sum) = (0_usize, 0_i64);
        for line in &lines {
            if let Ok(Some(event)) = parse_line(line) {
                n_events += 1;
                sum ^= event.time;
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        writeln!(
            io::stdout(),
            "{n_events} events of {} lines, {:.0} MB/s, {:.0} ns a line, sum {sum:x}",
            lines.len(),
            n_bytes as f64 / seconds / 1e6,
            seconds * 1e9 / lines.len() as f64
        )?;
    }
    Ok(())
}
