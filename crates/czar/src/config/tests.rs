//! The rules of configuration.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

fn with_file(text: &str, environment: &[(&str, &str)]) -> Result<Configuration, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    czar_pipeline::atomic_file::write(&path, text.as_bytes()).unwrap();
    load(&Sources {
        file: Some(path),
        folder: PathBuf::from("/nowhere"),
        environment: environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        flags: Vec::new(),
    })
}

fn refused(text: &str, environment: &[(&str, &str)]) -> (String, Option<String>) {
    let error = with_file(text, environment).unwrap_err();
    (error.to_string(), error.hint())
}

#[test]
fn the_annotated_file_is_valid_and_changes_nothing() {
    let text = annotated::file(&BTreeMap::new());
    let read = with_file(&text, &[]).unwrap();
    assert_eq!(read.settings.ingest, Settings::default().ingest);
    assert!(read.entries().iter().all(|entry| entry.origin == Origin::Default));
}

#[test]
fn every_commented_setting_of_the_annotated_file_is_valid_when_it_is_uncommented() {
    let text = annotated::file(&BTreeMap::new());
    for setting in catalogue::settings() {
        let commented = format!("# {} = ", setting.name());
        assert!(text.contains(&commented), "{}", setting.key);
        assert!(!setting.description.is_empty(), "{}", setting.key);
        let uncommented = text.replace(&commented, &commented[2..]);
        // `workers` stands in two sections and both are uncommented, which is as good.
        with_file(&uncommented, &[]).unwrap();
    }
}

#[test]
fn the_environment_overrides_the_file_and_a_flag_overrides_both() {
    let file = "[ingest]\nworkers = 2\n";
    let read = with_file(file, &[("CZAR__INGEST__WORKERS", "3")]).unwrap();
    assert_eq!(read.settings.ingest.workers, 3);
    let read = with_file(file, &[("CZAR__INGEST__WORKERS", "")]).unwrap();
    assert_eq!(read.settings.ingest.workers, 2);
    let flag = Flag { name: "--workers", key: "ingest.workers", value: toml::Value::Integer(4) };
    let read = load(&Sources {
        file: None,
        folder: PathBuf::from("/nowhere"),
        environment: vec![("CZAR__INGEST__WORKERS".into(), "3".into())],
        flags: vec![flag],
    })
    .unwrap();
    assert_eq!(read.settings.ingest.workers, 4);
}

#[test]
fn a_relative_path_in_the_file_is_relative_to_the_file() {
    let read = with_file("data_folder = \"here\"\ndelivery_folder = \"/there\"\n", &[]).unwrap();
    assert!(read.settings.data_folder.is_absolute() && read.settings.data_folder.ends_with("here"));
    assert_eq!(read.settings.delivery_folder, PathBuf::from("/there"));
    let read = with_file("", &[("CZAR__DATA_FOLDER", "elsewhere")]).unwrap();
    assert_eq!(read.settings.data_folder, PathBuf::from("elsewhere"));
}

#[test]
fn an_unknown_key_names_its_line_and_the_nearest_setting() {
    let (message, hint) = refused("[ingest]\n\nworker = 2\n", &[]);
    assert!(message.ends_with("czar.toml:3: there is no setting `ingest.worker`"), "{message}");
    assert_eq!(hint.as_deref(), Some("did you mean `ingest.workers`?"));
    let (_, hint) = refused("[query]\nmax_record_bytes = 2\n", &[]);
    assert_eq!(hint.as_deref(), Some("did you mean `ingest.max_record_bytes`?"));
    let (_, hint) = refused("zebra = 2\n", &[]);
    assert_eq!(hint.as_deref(), Some("all settings are listed by `czar config show`"));
    let (message, hint) = refused("", &[("CZAR__DATA_FOLDR", "x")]);
    assert_eq!(message, "environment variable `CZAR__DATA_FOLDR`: there is no setting `data_foldr`");
    assert_eq!(hint.as_deref(), Some("did you mean `data_folder`?"));
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_and_never_repeated() {
    for (text, expected) in [
        ("[keys]\npass_phrase_descriptor = \"hunter2\"\n", "czar.toml:2: `keys.pass_phrase_descriptor` must be a whole number from 0"),
        ("[keys]\npass_phrase_descriptor = -1\n", "czar.toml:2: `keys.pass_phrase_descriptor` must be a whole number from 0"),
        ("data_folder = 7\n", "czar.toml:1: `data_folder` must be a path"),
        ("data_folder = \"\"\n", "czar.toml:1: `data_folder` must be a path"),
        ("keys = \"hunter2\"\n", "czar.toml:1: `keys` must be a section: `[keys]`"),
        ("[keys]\nx = \"hunter2\n", "czar.toml:2: not valid TOML"),
    ] {
        let (message, _) = refused(text, &[]);
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn a_secret_in_the_file_is_refused_with_the_way_out() {
    let (message, hint) = refused("[keys]\npass_phrase = \"hunter2\"\n", &[]);
    assert!(!message.contains("hunter2"), "{message}");
    assert!(hint.unwrap().contains("secrets are not written into the configuration"));
}

#[test]
fn two_places_for_one_thing_are_refused() {
    let (message, _) = refused("[keys]\nsecret_key_file = \"a\"\n", &[("CZAR__KEYS__GNUPG_HOME", "/b")]);
    assert!(message.contains("czar.toml:2") && message.contains("environment CZAR__KEYS__GNUPG_HOME"), "{message}");
}
