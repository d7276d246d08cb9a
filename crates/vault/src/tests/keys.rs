//! Secret keys: where they come from, what is told about them, and what a pass-phrase does.

use super::*;
use crate::{ErrorKind, KeyFacts, Recipients, generate, recipients_of};
use chrono::{TimeZone, Utc};

#[test]
fn a_file_may_hold_one_key_or_several_binary_or_armoured() {
    let (world, home) = (world(), Home::new());
    let message = as_edx(b"clear");
    for (name, bytes, n_keys) in [
        ("binary", world.partner.secret.clone(), 1),
        ("armoured", world.partner.armored_secret.clone(), 1),
        ("binaries", [&world.stranger.secret[..], &world.partner.secret].concat(), 2),
        ("blocks", [&world.stranger.armored_secret[..], b"\nNote of the owner.\n", &world.partner.armored_secret].concat(), 2),
        ("with-public", [&world.edx.public[..], &world.partner.secret].concat(), 1),
    ] {
        let path = write_file(&home, name, &bytes);
        let keys = SecretKeys::from_file(&path, &PassPhrase::none()).unwrap();
        assert_eq!(keys.list().len(), n_keys, "{name}");
        assert_eq!(read_all(&message, &keys).unwrap(), b"clear", "{name}");
    }
}

#[test]
fn a_file_without_a_secret_key_is_a_matter_of_configuration() {
    let (world, home) = (world(), Home::new());
    for (bytes, expected) in [
        (&world.partner.public[..], ", only a public one"),
        (b"", "no secret key in"),
        (b"no key at all", "no secret key in"),
        (b"\xff\xfe\xfd", "no secret key in"),
    ] {
        let path = write_file(&home, "key", bytes);
        let error = SecretKeys::from_file(&path, &PassPhrase::none()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.kind(), ErrorKind::Config);
    }
    let error = SecretKeys::from_file(Path::new("/no/such/key.asc"), &PassPhrase::none()).unwrap_err();
    assert!(error.to_string().starts_with("could not read secret key file `/no/such/key.asc`"), "{error}");
}

#[test]
fn a_protected_key_opens_with_its_pass_phrase_only() {
    let protected = &world().protected;
    let message = encrypt(b"clear", &[protected], &[]);
    assert_eq!(read_all(&message, &open_keys(&protected.secret, PASS_PHRASE).unwrap()).unwrap(), b"clear");
    let error = open_keys(&protected.secret, "wrong").unwrap_err();
    assert!(matches!(error, VaultError::WrongPassPhrase { .. }) && !error.to_string().contains("wrong\""), "{error}");
    assert!(matches!(open_keys(&protected.secret, "").unwrap_err(), VaultError::PassPhraseNeeded { .. }));
}

#[test]
fn a_key_that_stays_locked_is_told_when_a_message_needs_it() {
    let world = world();
    let both = [&world.partner.secret[..], &world.protected.secret].concat();
    let keys = open_keys(&both, "wrong").unwrap();
    assert_eq!(read_all(&as_edx(b"clear"), &keys).unwrap(), b"clear");
    let error = read_all(&encrypt(b"clear", &[&world.protected], &[]), &keys).unwrap_err();
    let fingerprint = &keys.list()[1].encryption_keys[0].fingerprint;
    assert_eq!(error.to_string(), format!("wrong pass-phrase for secret key {fingerprint}"));
}

#[test]
fn an_expired_key_still_decrypts_and_its_expiry_is_told() {
    let expired = &world().expired;
    let message = encrypt(b"clear", &[expired], &["--faked-system-time", "20150110T000000!"]);
    let keys = expired.keys();
    assert_eq!(read_all(&message, &keys).unwrap(), b"clear");
    let facts = &keys.list()[0];
    assert_eq!(facts.user_ids, ["expired@universityx.test"]);
    assert_eq!(facts.algorithm, "RSA 2048");
    assert_eq!(facts.created_at, Utc.with_ymd_and_hms(2015, 1, 1, 0, 0, 0).unwrap());
    assert_eq!(facts.expires_at, Some(Utc.with_ymd_and_hms(2015, 1, 31, 0, 0, 0).unwrap()));
    assert_eq!(facts.encryption_keys[0].expires_at, facts.expires_at);
    assert!(!facts.is_revoked);
}

#[test]
fn facts_agree_with_gpgs_listing() {
    let home = Home::new();
    home.gpg(&["--import"], &world().partner.public);
    let listing = String::from_utf8(home.gpg(&["--with-colons", "--with-subkey-fingerprint", "--list-keys"], b"")).unwrap();
    let fingerprints: Vec<&str> =
        listing.lines().filter(|line| line.starts_with("fpr:")).map(|line| line.split(':').nth(9).unwrap()).collect();
    let keys = world().partner.keys();
    let facts = &keys.list()[0];
    let subkey = &facts.encryption_keys[0];
    assert_eq!(fingerprints, [&facts.fingerprint, &subkey.fingerprint]);
    assert!(subkey.fingerprint.ends_with(&subkey.key_id));
    assert_eq!((facts.expires_at, facts.encryption_keys.len()), (None, 1));
    assert!(world().sign_only.keys().list()[0].encryption_keys.is_empty());
}

#[test]
fn a_primary_key_kept_elsewhere_is_not_missed() {
    let keys = open_keys(&world().partner.subkeys, "").unwrap();
    assert_eq!(read_all(&as_edx(b"clear"), &keys).unwrap(), b"clear");
    let keys = open_keys(&world().protected.subkeys, PASS_PHRASE).unwrap();
    assert_eq!(read_all(&encrypt(b"clear", &[&world().protected], &[]), &keys).unwrap(), b"clear");
}

#[test]
fn a_gnupg_home_gives_all_its_keys() {
    let home = Home::new();
    home.gpg(&["--import"], &world().partner.secret);
    home.gpg(&["--import"], &world().stranger.secret);
    let keys = SecretKeys::from_gnupg_home(home.path(), &PassPhrase::none()).unwrap();
    assert_eq!(keys.list().len(), 2);
    assert_eq!(read_all(&as_edx(b"clear"), &keys).unwrap(), b"clear");
}

#[test]
fn a_protected_gnupg_home_needs_its_pass_phrase() {
    let home = Home::new();
    home.gpg(&["--passphrase", PASS_PHRASE, "--import"], &world().protected.secret);
    let open = |pass_phrase: &str| SecretKeys::from_gnupg_home(home.path(), &PassPhrase::new(pass_phrase.to_owned()));
    // Wrong ones first: once it has seen the right one, the agent remembers.
    let error = open("wrong").unwrap_err();
    assert!(matches!(error, VaultError::WrongPassPhrase { .. }), "{error}");
    let error = open("").unwrap_err();
    assert!(matches!(error, VaultError::PassPhraseNeeded { .. }), "{error}");
    let message = encrypt(b"clear", &[&world().protected], &[]);
    assert_eq!(read_all(&message, &open(PASS_PHRASE).unwrap()).unwrap(), b"clear");
}

#[test]
fn a_gnupg_home_that_cannot_be_asked_says_why() {
    let home = Home::new();
    let error = SecretKeys::from_gnupg_home(home.path(), &PassPhrase::none()).unwrap_err();
    assert!(matches!(error, VaultError::NoSecretKey { .. }), "{error}");
    let error = SecretKeys::from_gnupg_home(Path::new("/no/such/home"), &PassPhrase::none()).unwrap_err();
    assert!(error.to_string().ends_with("`/no/such/home`: there is no such directory"), "{error}");
    let error = crate::gnupg_home::export_secret_keys("gpg-that-is-not-there", home.path(), &PassPhrase::none()).unwrap_err();
    assert_eq!(error.to_string(), "could not run `gpg-that-is-not-there`: it is not installed");
    assert!(error.hint().unwrap().contains("install GnuPG"));
}

#[test]
fn a_new_key_pair_works_with_gpg_both_ways() {
    let made_at = Utc.with_ymd_and_hms(2024, 5, 6, 7, 8, 9).unwrap();
    let new = generate("Data Czar <czar@universityx.test>", &PassPhrase::new(PASS_PHRASE.to_owned()), made_at).unwrap();
    let keys = open_keys(new.secret.reveal(), PASS_PHRASE).unwrap();
    let facts = &keys.list()[0];
    assert_eq!((&facts.fingerprint, facts.created_at), (&new.fingerprint, made_at));
    assert_eq!((facts.algorithm.as_str(), facts.encryption_keys.len()), ("RSA 3072", 1));
    assert_eq!((facts.encryption_keys[0].algorithm.as_str(), facts.encryption_keys[0].created_at), ("RSA 3072", made_at));

    let home = Home::new();
    home.gpg(&["--import"], new.public.as_bytes());
    let message = home.gpg(&["--recipient", "czar@universityx.test", "--encrypt"], b"clear");
    assert_eq!(read_all(&message, &keys).unwrap(), b"clear");
    home.gpg(&["--passphrase", PASS_PHRASE, "--import"], new.secret.reveal());
    assert_eq!(home.gpg(&["--passphrase", PASS_PHRASE, "--decrypt"], &message), b"clear");
    assert!(matches!(open_keys(new.secret.reveal(), "").unwrap_err(), VaultError::PassPhraseNeeded { .. }));
}

#[test]
fn a_key_for_nobody_is_not_made() {
    for identity in ["", "  ", "two\nlines"] {
        let error = generate(identity, &PassPhrase::none(), Utc.with_ymd_and_hms(2024, 1, 1, 0, 0, 0).unwrap()).unwrap_err();
        assert!(error.to_string().contains("the identity must be one line"), "{error}");
    }
}

#[test]
fn keys_print_as_fingerprints() {
    let keys = world().partner.keys();
    assert_eq!(format!("{keys:?}"), format!("SecretKeys [{:?}]", keys.list()[0].fingerprint));
}

#[test]
fn keys_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&world().partner.keys());
}

#[test]
fn a_public_key_tells_the_same_facts_as_its_secret_key() {
    let (world, home) = (world(), Home::new());
    for pair in [&world.partner, &world.protected, &world.expired] {
        let of_public = KeyFacts::from_file(&write_file(&home, "public", &pair.public)).unwrap();
        assert_eq!(of_public, KeyFacts::from_file(&write_file(&home, "secret", &pair.secret)).unwrap(), "{}", pair.name);
        assert_eq!(of_public[0].user_ids, [pair.name]);
    }
    let error = KeyFacts::from_file(&write_file(&home, "text", b"no key")).unwrap_err();
    assert!(error.to_string().starts_with("no OpenPGP key in `") && error.kind() == ErrorKind::Config, "{error}");
}

#[test]
fn the_head_of_a_message_names_its_recipients_without_any_key() {
    let (world, home) = (world(), Home::new());
    let message = as_edx(&vec![b'x'; 100_000]);
    let head = &message[..message.len().min(4096)];
    let expected: Vec<String> = [&world.partner, &world.edx]
        .map(|pair| KeyFacts::from_file(&write_file(&home, pair.name, &pair.public)).unwrap()[0].encryption_keys[0].key_id.clone())
        .to_vec();
    let mut found = recipients_of(head).unwrap();
    found.key_ids.sort();
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!((found.key_ids, found.n_hidden), (sorted, 0));
    let hidden = encrypt(b"clear", &[&world.partner], &["--throw-keyids"]);
    assert_eq!(recipients_of(&hidden[..]).unwrap(), Recipients { key_ids: Vec::new(), n_hidden: 1 });
    assert!(matches!(recipients_of(&b""[..]), Err(VaultError::EmptyFile)));
    assert!(matches!(recipients_of(&b"\x1f\x8b"[..]), Err(VaultError::NotOpenPgp { .. })));
}
