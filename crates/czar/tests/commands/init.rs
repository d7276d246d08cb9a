//! `czar init`.

use crate::support::Place;

#[test]
fn a_new_folder_gets_a_configuration_and_a_key_that_only_its_owner_reads() {
    let place = Place::new();
    let arguments = ["init", "office", "--identity", "Data Czar <czar@university.example>", "--organisation", "UniversityX"];
    let output = place
        .command(&[&arguments[..], &["--pass-phrase-from", "environment:SECRET"]].concat())
        .env("SECRET", "correct horse")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", place.told(&output));
    let config = place.read("office/czar.toml");
    for line in
        ["name = \"UniversityX\"", "secret_key_file = \"keys/czar-secret.asc\"", "pass_phrase_environment = \"SECRET\"", "# workers = 0"]
    {
        assert!(config.lines().any(|found| found == line), "{line} in {config}");
    }
    assert!(!config.contains("correct horse"));
    assert!(place.read("office/keys/czar-public.asc").starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path| std::fs::metadata(place.path(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("office/keys"), mode("office/keys/czar-secret.asc")), (0o700, 0o600));
    }
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::new();
    place.write("czar.toml", "");
    insta::assert_snapshot!(place.czar(&["init", "--identity", "x", "--pass-phrase-from", "none"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `./czar.toml` is there already and is not overwritten
    hint: choose another folder, or move it away
    ");
}

#[test]
fn without_a_terminal_the_pass_phrase_needs_a_place() {
    insta::assert_snapshot!(Place::new().czar(&["init", "--identity", "x"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: a new key needs a pass-phrase, and there is no terminal to ask for it
    hint: give --pass-phrase-from environment:NAME, file:PATH or descriptor:N, or --pass-phrase-from none to leave the key unprotected
    ");
}

#[test]
fn a_file_without_a_secret_key_is_not_imported() {
    let place = Place::new();
    place.write("letter.txt", "dear edX");
    let told = place.czar(&["init", "--import-key", "letter.txt"]);
    assert!(told.starts_with("exit code: 2") && told.contains("no secret key in `letter.txt`"), "{told}");
    assert!(!place.path("czar.toml").exists() && !place.path("keys").exists());
}
