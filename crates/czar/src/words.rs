//! Numbers, counts and durations as people read them. It refuses to know where they are printed.

use std::time::Duration;

use czar_pipeline::thousands::thousands;

/// A whole number with thousands separators: `4,120,332`.
pub(crate) fn number(n: u64) -> String {
    thousands(n)
}

/// A number with its noun: `1 file`, `31 files`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number(n))
}

/// The length of a list with its noun.
pub(crate) fn count_of<T>(list: &[T], noun: &str) -> String {
    count(u64::try_from(list.len()).unwrap_or(u64::MAX), noun)
}

/// A number of bytes: `312 B`, `4.1 MB`, `1.2 TB`.
pub(crate) fn size(n_bytes: u64) -> String {
    let mut value = n_bytes as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    if unit == "B" || value >= 99.95 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// The first names of a list, and how many more there are.
pub(crate) fn listed(names: &[String]) -> String {
    let first: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
    let more = if names.len() > first.len() { format!(" and {} more", names.len() - first.len()) } else { String::new() };
    format!("{}{more}", first.join(", "))
}

/// A span of time, as precise as anyone cares: `0.42s`, `12.3s`, `2m 10s`, `1h 02m`.
pub(crate) fn duration(span: Duration) -> String {
    let secs = span.as_secs();
    match secs {
        0 => format!("{:.2}s", span.as_secs_f64()),
        1..60 => format!("{:.1}s", span.as_secs_f64()),
        60..3600 => format!("{}m {:02}s", secs / 60, secs % 60),
        _ => format!("{}h {:02}m", secs / 3600, secs / 60 % 60),
    }
}

/// The name that a mistyped one probably means; `None` when none is like it.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let score = |known: &str| strsim::jaro_winkler(&name.to_ascii_lowercase(), &known.to_ascii_lowercase());
    known
        .into_iter()
        .map(|known| (score(known), known))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_every_three_digits() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (4_120_332, "4,120,332")] {
            assert_eq!(number(n), text);
        }
    }

    #[test]
    fn one_thing_is_singular_and_none_is_plural() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "reject"), "0 rejects");
    }

    #[test]
    fn a_size_has_two_or_three_digits_and_a_unit() {
        for (n_bytes, text) in
            [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (123_456, "123 kB"), (999_999, "1.0 MB"), (4_100_000, "4.1 MB")]
        {
            assert_eq!(size(n_bytes), text);
        }
    }

    #[test]
    fn the_nearest_name_is_found_and_a_strange_one_is_not() {
        assert_eq!(nearest("nplay_vidoe", ["nevents", "nplay_video"]), Some("nplay_video"));
        assert_eq!(nearest("zzz", ["nevents", "nplay_video"]), None);
    }

    #[test]
    fn a_duration_shows_two_units_at_most() {
        for (millis, text) in [(420, "0.42s"), (12_300, "12.3s"), (130_000, "2m 10s"), (3_725_000, "1h 02m")] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }
}
