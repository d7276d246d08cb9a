//! Which seconds of which video a learner saw on which day.
//!
//! A play opens a viewing; a pause, stop or seek closes it. Seconds are the length of the union of a day's viewings, in media time.

use std::collections::BTreeMap;

use crate::moment::{Day, Moment, day_of};

/// The shortest viewing, in milliseconds of the video.
const SHORTEST_MS: i64 = 250;
/// The furthest position a player may report, in milliseconds.
const FURTHEST_MS: i64 = 36_000_000;

/// What the player did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Play {
        at_ms: i64,
    },
    /// A pause or a stop.
    End {
        at_ms: i64,
    },
    Seek {
        from_ms: i64,
        to_ms: i64,
    },
}

/// The viewings of one learner and one video.
#[derive(Debug, Default)]
pub(super) struct Viewer {
    /// Day of the play, and where it began.
    open: Option<(Day, i64)>,
    /// Where the next play begins, after a seek that ended a viewing.
    sought_ms: Option<i64>,
    viewings: BTreeMap<Day, Vec<(i64, i64)>>,
}

impl Viewer {
    /// Takes the next deed in the order of time. `limit_ms` is the length of the video where it is known.
    pub(super) fn take(&mut self, at: Moment, deed: Deed, limit_ms: Option<i64>) {
        match deed {
            Deed::Play { at_ms } => self.open = Some((day_of(at), self.sought_ms.take().unwrap_or(at_ms))),
            Deed::End { at_ms } => self.close(at_ms, None, limit_ms),
            Deed::Seek { from_ms, to_ms } => self.close(from_ms, Some(to_ms), limit_ms),
        }
    }

    /// Ends the open viewing; an end while nothing is open changes nothing.
    fn close(&mut self, end_ms: i64, sought_ms: Option<i64>, limit_ms: Option<i64>) {
        let Some((day, start_ms)) = self.open.take() else { return };
        self.sought_ms = sought_ms;
        let is_possible = (0..=FURTHEST_MS).contains(&start_ms) && (0..=FURTHEST_MS).contains(&end_ms);
        let is_within = limit_ms.is_none_or(|limit| end_ms <= limit + 1_000);
        if is_possible && is_within && end_ms - start_ms >= SHORTEST_MS {
            self.viewings.entry(day).or_default().push((start_ms, end_ms));
        }
    }

    /// Milliseconds of the video seen on each day.
    pub(super) fn watched_ms(self) -> BTreeMap<Day, i64> {
        self.viewings.into_iter().map(|(day, viewings)| (day, union_length(viewings))).collect()
    }
}

fn union_length(mut intervals: Vec<(i64, i64)>) -> i64 {
    intervals.sort_unstable();
    let mut length = 0;
    let mut covered_to = i64::MIN;
    for (start, end) in intervals {
        length += (end - start.max(covered_to)).max(0);
        covered_to = covered_to.max(end);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(deeds: &[Deed]) -> i64 {
        let mut viewer = Viewer::default();
        for (second, deed) in deeds.iter().enumerate() {
            viewer.take(second as i64, *deed, Some(100_000));
        }
        viewer.watched_ms().values().sum()
    }

    #[test]
    fn seconds_seen_twice_count_once() {
        let twice = [Deed::Play { at_ms: 0 }, Deed::End { at_ms: 9_000 }, Deed::Play { at_ms: 4_000 }, Deed::End { at_ms: 12_000 }];
        assert_eq!(watched(&twice), 12_000);
    }

    #[test]
    fn the_play_after_a_seek_begins_where_the_seek_went() {
        let sought = [
            Deed::Play { at_ms: 0 },
            Deed::Seek { from_ms: 5_000, to_ms: 50_000 },
            Deed::Play { at_ms: 5_000 },
            Deed::End { at_ms: 60_000 },
        ];
        assert_eq!(watched(&sought), 15_000);
    }

    #[test]
    fn too_short_backward_and_beyond_the_end_are_no_viewings() {
        assert_eq!(watched(&[Deed::Play { at_ms: 0 }, Deed::End { at_ms: 249 }]), 0);
        assert_eq!(watched(&[Deed::Play { at_ms: 9_000 }, Deed::End { at_ms: 8_000 }]), 0);
        assert_eq!(watched(&[Deed::Play { at_ms: 0 }, Deed::End { at_ms: 101_001 }]), 0);
        assert_eq!(watched(&[Deed::Play { at_ms: 0 }, Deed::Play { at_ms: 1_000 }, Deed::End { at_ms: 2_000 }]), 1_000);
    }
}
