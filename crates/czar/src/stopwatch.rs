//! Measures one stretch of work: time, and where the system tells it, processor time and peak memory of this process. It knows no stages.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Linux counts processor time in hundredths of a second, whatever the kernel's own clock.
const TICKS_PER_SEC: f64 = 100.0;

/// What a stretch of work cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system time of all threads; none where there is no `/proc`.
    pub(crate) cpu_secs: Option<f64>,
    /// The most memory the process had at once during the work; none where it cannot be told for a stretch alone.
    pub(crate) peak_bytes: Option<u64>,
}

/// Does some work and tells what it cost.
pub(crate) fn measure<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let begins_anew = forget_peak();
    let cpu_before = cpu_secs();
    let begun = Instant::now();
    let done = work();
    let wall = begun.elapsed();
    let cpu_secs = cpu_before.zip(cpu_secs()).map(|(before, after)| after - before);
    let peak_bytes = if begins_anew { peak_bytes() } else { None };
    (done, Cost { wall, cpu_secs, peak_bytes })
}

/// Has the kernel count the peak from here on. See proc(5), `clear_refs`.
fn forget_peak() -> bool {
    OpenOptions::new().write(true).open("/proc/self/clear_refs").and_then(|mut file| file.write_all(b"5")).is_ok()
}

fn cpu_secs() -> Option<f64> {
    ticks(&fs::read_to_string("/proc/self/stat").ok()?).map(|ticks| ticks / TICKS_PER_SEC)
}

/// User and system time out of `/proc/self/stat`. The second field is the program's name and may hold blanks and brackets.
fn ticks(stat: &str) -> Option<f64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn peak_bytes() -> Option<u64> {
    peak_of(&fs::read_to_string("/proc/self/status").ok()?)
}

fn peak_of(status: &str) -> Option<u64> {
    let kib: u64 = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_a_name_with_brackets() {
        let stat = "42 (a) b) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0";
        assert_eq!(ticks(stat), Some(300.0));
        assert_eq!(ticks("nonsense"), None);
    }

    #[test]
    fn peak_memory_is_told_in_bytes() {
        assert_eq!(peak_of("VmPeak:\t  9 kB\nVmHWM:\t   2048 kB\nVmRSS:\t 1 kB\n"), Some(2 << 20));
        assert_eq!(peak_of("VmRSS:\t 1 kB\n"), None);
    }

    #[test]
    fn work_hands_its_result_on() {
        let (result, cost) = measure(|| 7);
        assert_eq!(result, 7);
        assert!(cost.cpu_secs.is_none_or(|secs| secs >= 0.0));
    }
}
