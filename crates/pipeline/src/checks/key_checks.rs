//! Checks of the secret keys: edX encrypts to an expired key no more, and then files come empty or not at all. They open nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::surroundings::{ENCRYPTED_FILE, OPEN_KEY};
use super::{Check, Finding, Gravity, Group, KeyState, Surroundings, Work};
use crate::vault::KeyFacts;

/// Time enough to make a new key, send it and see it used.
const DAYS_OF_WARNING: i64 = 30;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "keys.can_be_opened",
        group: Group::Keys,
        gravity: Gravity::Error,
        rule: "the secret key can be opened",
        meaning: "The file or GnuPG home that czar.toml names has a secret key and the pass-phrase opens it. Without a named key only clear \
                  files can be loaded, which is a note.",
        next_step: "see the section `[keys]` of czar.toml; `czar config show` tells which values are in force",
        needs: &[],
        work: Work::Surroundings(can_be_opened),
    },
    Check {
        id: "keys.are_rsa",
        group: Group::Keys,
        gravity: Gravity::Error,
        rule: "keys are of the kind edX takes",
        meaning: "edX encrypts to RSA keys only; the default of some programs is another kind. The part for encryption must be there.",
        next_step: "make an RSA key with `czar init` and send its public part to edX",
        needs: &[OPEN_KEY],
        work: Work::Surroundings(are_rsa),
    },
    Check {
        id: "keys.expiry",
        group: Group::Keys,
        gravity: Gravity::Error,
        rule: "no key has expired, is revoked, or expires within 30 days",
        meaning: "With an expired key the daily file is missing or has zero bytes, and the weekly zip comes without data files. An expiry to \
                  come is a warning. A key that another one has followed may be left to expire: it opens old files for ever.",
        next_step: "extend the key, or make a new one, and send the public part to edX; keep the old secret key for old files",
        needs: &[OPEN_KEY],
        work: Work::Surroundings(expiry),
    },
    Check {
        id: "keys.open_newest_files",
        group: Group::Keys,
        gravity: Gravity::Error,
        rule: "a key opens the newest files in the delivery folder",
        meaning: "The heads of the newest encrypted event file and of a member of the newest package are read.",
        next_step: "name the key edX encrypts to in czar.toml, or send edX the public part of the one that is named",
        needs: &[OPEN_KEY, ENCRYPTED_FILE],
        work: Work::Surroundings(open_newest_files),
    },
];

fn open_keys(around: &Surroundings) -> &[KeyFacts] {
    if let KeyState::Open(keys) = &around.keys { keys } else { &[] }
}

fn can_be_opened(around: &Surroundings) -> Vec<Finding> {
    match &around.keys {
        KeyState::Open(_) => Vec::new(),
        KeyState::None => {
            vec![Finding::of_surroundings(Gravity::Note, "no secret key is named: encrypted files cannot be loaded".to_owned())]
        }
        KeyState::Closed { message } => vec![Finding::of_surroundings(Gravity::Error, message.clone())],
    }
}

fn are_rsa(around: &Surroundings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for key in open_keys(around) {
        let name = short(&key.fingerprint);
        let others = || key.encryption_keys.iter().filter(|part| !part.algorithm.starts_with("RSA")).map(|part| part.algorithm.as_str());
        if key.encryption_keys.is_empty() {
            findings.push(Finding::of_surroundings(Gravity::Error, format!("key {name} has no part that anyone can encrypt to")));
        } else if others().next().is_some() {
            let kinds: Vec<&str> = others().collect();
            findings.push(Finding::of_surroundings(Gravity::Error, format!("key {name} is {} and not RSA", kinds.join(", "))));
        }
    }
    findings
}

fn expiry(around: &Surroundings) -> Vec<Finding> {
    let keys = open_keys(around);
    let has_sound_key = keys.iter().any(|key| fault_of(key, around.now).is_none());
    let mut findings = Vec::new();
    for key in keys {
        if let Some((gravity, fault)) = fault_of(key, around.now) {
            // Another key is in force: the old one is kept for old files.
            let gravity = if has_sound_key { Gravity::Note } else { gravity };
            findings.push(Finding::of_surroundings(gravity, format!("key {} {fault}", short(&key.fingerprint))));
        }
    }
    findings
}

/// What keeps, or will soon keep, edX from encrypting to a key.
fn fault_of(key: &KeyFacts, now: DateTime<Utc>) -> Option<(Gravity, String)> {
    if key.is_revoked {
        return Some((Gravity::Error, "is revoked".to_owned()));
    }
    // The part that lasts longest counts, and none outlasts the key.
    let parts = key.encryption_keys.iter().filter(|part| !part.is_revoked).map(|part| part.expires_at);
    let last_of_parts = parts.max_by_key(|expires_at| expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC)).flatten();
    let expires_at = match (key.expires_at, last_of_parts) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    let day = expires_at.date_naive();
    let n_days = (day - now.date_naive()).num_days();
    if expires_at <= now {
        Some((Gravity::Error, format!("expired on {day}")))
    } else if expires_at - now <= TimeDelta::days(DAYS_OF_WARNING) {
        Some((Gravity::Warning, format!("expires on {day}, in {n_days} {}", if n_days == 1 { "day" } else { "days" })))
    } else {
        None
    }
}

fn open_newest_files(around: &Surroundings) -> Vec<Finding> {
    let closed = around.newest_files.iter().filter_map(|file| Some((&file.file_key, file.failure.as_ref()?)));
    closed
        .map(|(file_key, failure)| Finding {
            ask: Some(format!("`{file_key}` does not open with our key: to which keys do you encrypt our files?")),
            ..Finding::of_surroundings(Gravity::Error, format!("`{file_key}` does not open: {failure}"))
        })
        .collect()
}

/// The last 16 digits, by which a message names a key.
fn short(fingerprint: &str) -> &str {
    fingerprint.get(fingerprint.len().saturating_sub(16)..).unwrap_or(fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::FolderFacts;
    use crate::vault::EncryptionKeyFacts;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap_or_default()
    }

    fn key(algorithm: &str, expires_at: Option<&str>) -> KeyFacts {
        let part = EncryptionKeyFacts {
            fingerprint: "AB".repeat(20),
            key_id: "AB".repeat(8),
            algorithm: algorithm.to_owned(),
            created_at: moment("2014-01-01T00:00:00Z"),
            expires_at: None,
            is_revoked: false,
        };
        KeyFacts {
            fingerprint: "CD".repeat(20),
            user_ids: vec!["Czar <czar@example.org>".to_owned()],
            algorithm: algorithm.to_owned(),
            created_at: part.created_at,
            expires_at: expires_at.map(moment),
            is_revoked: false,
            encryption_keys: vec![part],
        }
    }

    fn around(keys: KeyState) -> Surroundings {
        Surroundings {
            now: moment("2018-03-04T12:00:00Z"),
            data_folder: FolderFacts::default(),
            n_open_to_others: 0,
            delivery_folder: FolderFacts::default(),
            has_open_attempt: false,
            stale_marts: Vec::new(),
            keys,
            newest_files: Vec::new(),
            disk: None,
        }
    }

    fn found(find: fn(&Surroundings) -> Vec<Finding>, keys: Vec<KeyFacts>) -> Vec<(Gravity, String)> {
        find(&around(KeyState::Open(keys))).into_iter().map(|finding| (finding.gravity, finding.message)).collect()
    }

    #[test]
    fn a_key_is_told_of_thirty_days_before_it_expires() {
        let name = "CDCDCDCDCDCDCDCD";
        assert_eq!(found(expiry, vec![key("RSA 3072", None)]), []);
        assert_eq!(found(expiry, vec![key("RSA 3072", Some("2018-04-04T00:00:00Z"))]), []);
        assert_eq!(
            found(expiry, vec![key("RSA 3072", Some("2018-04-03T11:00:00Z"))]),
            [(Gravity::Warning, format!("key {name} expires on 2018-04-03, in 30 days"))]
        );
        assert_eq!(
            found(expiry, vec![key("RSA 3072", Some("2018-03-01T00:00:00Z"))]),
            [(Gravity::Error, format!("key {name} expired on 2018-03-01"))]
        );
    }

    #[test]
    fn an_old_key_beside_a_sound_one_is_a_note() {
        let both = vec![key("RSA 3072", Some("2018-03-01T00:00:00Z")), key("RSA 3072", None)];
        assert_eq!(found(expiry, both).into_iter().map(|(gravity, _)| gravity).collect::<Vec<_>>(), [Gravity::Note]);
    }

    #[test]
    fn a_revoked_key_and_a_part_that_expires_count() {
        let revoked = KeyFacts { is_revoked: true, ..key("RSA 3072", None) };
        assert_eq!(found(expiry, vec![revoked]).len(), 1);
        let mut short_lived = key("RSA 3072", None);
        short_lived.encryption_keys[0].expires_at = Some(moment("2018-03-05T00:00:00Z"));
        assert_eq!(found(expiry, vec![short_lived])[0].0, Gravity::Warning);
    }

    #[test]
    fn a_key_of_another_kind_or_without_a_part_for_encryption_is_an_error() {
        assert_eq!(found(are_rsa, vec![key("RSA 2048", None)]), []);
        assert_eq!(found(are_rsa, vec![key("ECDH", None)])[0].1, "key CDCDCDCDCDCDCDCD is ECDH and not RSA");
        let signs_only = KeyFacts { encryption_keys: Vec::new(), ..key("RSA 2048", None) };
        assert_eq!(found(are_rsa, vec![signs_only])[0].0, Gravity::Error);
    }

    #[test]
    fn no_key_is_a_note_and_a_closed_one_an_error() {
        let gravity = |state| can_be_opened(&around(state)).first().map(|finding| finding.gravity);
        assert_eq!(gravity(KeyState::Open(Vec::new())), None);
        assert_eq!(gravity(KeyState::None), Some(Gravity::Note));
        assert_eq!(gravity(KeyState::Closed { message: "wrong pass-phrase".to_owned() }), Some(Gravity::Error));
    }
}
