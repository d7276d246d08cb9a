//! A visit: when it begins, on which device, from where.
//!
//! What is done during the visit is decided in [`super::study`] and its neighbours.

use crate::moment::{DAY, HOUR, MINUTE, Moment, SECOND};
use crate::random::Dice;

/// Web pages, or the mobile application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
    Web,
    Mobile,
}

/// Why somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Opens a page or two and leaves.
    Glance,
    /// Works through so many units.
    Study { n_units: u16 },
    /// Writes this post of the run's forum.
    Post { post: u32 },
    /// Votes for this post.
    Vote { post: u32 },
    /// Changes the enrolment; see [`super::enrolment`].
    Enrolment { change: u16 },
    /// Work of the course team.
    Teach,
}

/// One visit.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) at: Moment,
    pub(crate) device: Device,
    pub(crate) purpose: Purpose,
    /// Which of the person's addresses.
    pub(crate) address: u8,
    /// How long after the event the application could send it; 0 on the web.
    pub(crate) delay: i64,
    /// Whether the front end writes JSON without spaces, as some do.
    pub(crate) is_compact: bool,
    pub(crate) id: u64,
}

/// A visit for some purpose.
pub(crate) fn visit(dice: &mut Dice, at: Moment, purpose: Purpose, may_be_mobile: bool) -> Session {
    let device = if may_be_mobile && dice.chance(0.16) { Device::Mobile } else { Device::Web };
    let delay = match device {
        Device::Web => 0,
        // Most applications send within minutes; some are offline for days or weeks.
        Device::Mobile if dice.chance(0.75) => dice.between(5 * SECOND, 9 * MINUTE),
        Device::Mobile => dice.between(6 * HOUR, 16 * DAY),
    };
    let address = match dice.below(10) {
        0..=6 => 0,
        7 | 8 => 1,
        _ => 2,
    };
    Session { at, device, purpose, address, delay, is_compact: dice.chance(0.12), id: dice.next() }
}
