//! What the log says about an enrolment: its state, its track, and when the paid track began and ended.
//!
//! Only effective events change the state: an activation while enrolled, or a deactivation while not, change nothing.

use crate::behaviour::ActionKind;
use crate::behaviour::actions::Mode;
use crate::moment::Moment;

/// The state of one enrolment as the log tells it.
#[derive(Debug, Default)]
pub(super) struct LoggedEnrolment {
    pub(super) mode: Option<Mode>,
    /// None: no activation.
    pub(super) is_active: Option<bool>,
    is_verified: bool,
    pub(super) verified_at: Option<Moment>,
    pub(super) unverified_at: Option<Moment>,
}

impl LoggedEnrolment {
    /// Takes the next event in the order of time.
    pub(super) fn take(&mut self, at: Moment, kind: ActionKind) {
        let is_enrolled = self.is_active == Some(true);
        match kind {
            ActionKind::Activated { mode, .. } => {
                if !is_enrolled {
                    self.mode = Some(mode);
                }
                self.is_active = Some(true);
                self.become_mode(at, mode);
            }
            ActionKind::ModeChanged { mode } => {
                if is_enrolled {
                    self.mode = Some(mode);
                }
                self.become_mode(at, mode);
            }
            ActionKind::Deactivated { .. } => {
                // Without an activation the log began too late to tell a state.
                self.is_active = self.is_active.map(|_| false);
                if self.is_verified {
                    self.unverified_at = Some(at);
                }
                self.is_verified = false;
            }
            _ => {}
        }
    }

    fn become_mode(&mut self, at: Moment, mode: Mode) {
        if mode == Mode::Verified {
            self.verified_at.get_or_insert(at);
        } else if self.is_verified {
            self.unverified_at = Some(at);
        }
        self.is_verified = mode == Mode::Verified;
    }
}

/// The canonical name of an enrolment event and the track it names, in its payload or, for upgrades, in its context.
pub(super) fn event_name(kind: ActionKind) -> Option<(&'static str, Option<Mode>)> {
    match kind {
        ActionKind::Activated { mode, .. } => Some(("edx.course.enrollment.activated", Some(mode))),
        ActionKind::Deactivated { mode, .. } => Some(("edx.course.enrollment.deactivated", Some(mode))),
        ActionKind::ModeChanged { mode } => Some(("edx.course.enrollment.mode_changed", Some(mode))),
        ActionKind::UpgradeClicked => Some(("edx.course.enrollment.upgrade.clicked", Some(Mode::Audit))),
        ActionKind::UpgradeSucceeded => Some(("edx.course.enrollment.upgrade.succeeded", Some(Mode::Verified))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUDIT: ActionKind = ActionKind::Activated { mode: Mode::Audit, by_staff: false, is_bare: false };
    const LEAVE: ActionKind = ActionKind::Deactivated { mode: Mode::Verified, by_staff: false };
    const PAY: ActionKind = ActionKind::ModeChanged { mode: Mode::Verified };

    fn after(kinds: &[ActionKind]) -> LoggedEnrolment {
        let mut enrolment = LoggedEnrolment::default();
        for (at, kind) in kinds.iter().enumerate() {
            enrolment.take(at as Moment, *kind);
        }
        enrolment
    }

    #[test]
    fn the_paid_track_begins_with_the_first_event_that_names_it_and_ends_with_the_last_that_leaves_it() {
        let enrolment = after(&[AUDIT, PAY, PAY, LEAVE]);
        assert_eq!((enrolment.verified_at, enrolment.unverified_at), (Some(1), Some(3)));
        assert_eq!((enrolment.mode, enrolment.is_active), (Some(Mode::Verified), Some(false)));
        assert_eq!((after(&[LEAVE]).is_active, after(&[LEAVE]).unverified_at), (None, None));
    }

    #[test]
    fn a_change_of_track_while_not_enrolled_is_not_the_track() {
        let enrolment = after(&[PAY]);
        assert_eq!((enrolment.mode, enrolment.is_active, enrolment.verified_at), (None, None, Some(0)));
        assert_eq!(after(&[AUDIT, AUDIT]).mode, Some(Mode::Audit));
    }
}
