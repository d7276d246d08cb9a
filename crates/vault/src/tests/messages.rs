//! Messages that the real `gpg` wrote, in each form it can write them.

use super::*;
use crate::inflate;
use std::io::BufReader;

#[test]
fn what_gpg_encrypts_is_opened_with_any_compression_armour_and_size() {
    let keys = world().partner.keys();
    for clear in [Vec::new(), b"x".to_vec(), log_like(8192), log_like(300_000), noise(100_003)] {
        for compression in ["none", "zip", "zlib"] {
            for armour in ["--armor", "--no-armor"] {
                let message = encrypt(&clear, &[&world().edx, &world().partner], &["--compress-algo", compression, armour]);
                assert!(read_all(&message, &keys).unwrap() == clear, "{compression} {armour} {}", clear.len());
            }
        }
    }
}

#[test]
fn the_partner_may_be_first_second_alone_or_hidden() {
    let (world, clear) = (world(), log_like(5000));
    let keys = world.partner.keys();
    for (recipients, arguments) in [
        (vec![&world.partner], vec![]),
        (vec![&world.partner, &world.edx], vec![]),
        (vec![&world.edx, &world.stranger, &world.partner], vec![]),
        (vec![&world.edx, &world.partner], vec!["--throw-keyids"]),
    ] {
        let message = encrypt(&clear, &recipients, &arguments);
        assert!(read_all(&message, &keys).unwrap() == clear, "{arguments:?}");
    }
}

#[test]
fn a_file_of_known_length_and_a_pipe_are_both_opened() {
    let (home, clear) = (Home::new(), log_like(70_000));
    home.gpg(&["--import"], &world().partner.public);
    let path = write_file(&home, "f.log", &clear);
    for compression in ["none", "zlib"] {
        let arguments =
            ["--compress-algo", compression, "--recipient", world().partner.name, "--output", "-", "--encrypt", path.to_str().unwrap()];
        assert!(read_all(&home.gpg(&arguments, b""), &world().partner.keys()).unwrap() == clear);
    }
}

#[test]
fn a_signed_message_is_opened_and_its_signature_not_asked() {
    let (home, clear) = (Home::new(), log_like(20_000));
    home.gpg(&["--import"], &world().edx.secret);
    home.gpg(&["--import"], &world().partner.public);
    let message = home.gpg(&["--recipient", world().partner.name, "--sign", "--encrypt"], &clear);
    assert!(read_all(&message, &world().partner.keys()).unwrap() == clear);
}

#[test]
fn ciphers_other_than_aes_256_are_opened() {
    let clear = log_like(5000);
    for cipher in ["AES128", "3DES", "TWOFISH", "CAMELLIA256"] {
        let message = encrypt(&clear, &[&world().partner], &["--cipher-algo", cipher]);
        assert!(read_all(&message, &world().partner.keys()).unwrap() == clear, "{cipher}");
    }
}

#[test]
fn bzip2_is_named_as_unsupported() {
    let message = encrypt(&log_like(5000), &[&world().partner], &["--compress-algo", "bzip2"]);
    let error = read_all(&message, &world().partner.keys()).unwrap_err();
    assert_eq!(error.to_string(), "message uses bzip2 compression, which is not supported");
    assert!(error.hint().unwrap().contains("gpg"));
}

#[test]
fn a_password_alone_has_no_recipient() {
    let message = Home::new().gpg(&["--passphrase", "x", "--symmetric"], b"clear");
    let error = read_all(&message, &world().partner.keys()).unwrap_err();
    assert!(error.to_string().starts_with("message is encrypted to other keys: for nobody (a password only), we hold "), "{error}");
}

#[test]
fn gzip_inside_the_message_is_inflated_to_the_verified_end() {
    let clear = log_like(200_000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&clear).unwrap();
    let message = as_edx(&gzip.finish().unwrap());
    let keys = world().partner.keys();
    let lines = |message: &[u8]| {
        let mut read = Vec::new();
        let mut reader = inflate(decrypt(message, &keys, DecryptOptions::default())?)?;
        reader.read_to_end(&mut read).map(|_| read)
    };
    assert!(lines(&message).unwrap() == clear);
    // Damage is blamed on the message even when the gzip reader stumbles first, and is not missed when gzip has all it needs.
    for position in [message.len() / 2, message.len() - 1] {
        let mut damaged = message.clone();
        damaged[position] ^= 1;
        let error = lines(&damaged).unwrap_err();
        assert!(matches!(VaultError::find_in(&error), Some(VaultError::Damaged)), "{position}: {error}");
    }
}

#[test]
fn a_zip_member_is_decrypted_without_being_unpacked() {
    let clear = log_like(100_000);
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("universityx-2014-07-27/member.sql.gpg", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&as_edx(&clear)).unwrap();
    let mut archive = zip::ZipArchive::new(archive.finish().unwrap()).unwrap();
    let member = BufReader::new(archive.by_index(0).unwrap());
    let mut read = Vec::new();
    decrypt(member, &world().partner.keys(), DecryptOptions::default()).unwrap().read_to_end(&mut read).unwrap();
    assert!(read == clear);
}

#[test]
fn a_decrypted_stream_may_move_to_another_thread() {
    let message = as_edx(b"clear");
    let keys = world().partner.keys();
    let mut reader = decrypt(std::io::Cursor::new(message), &keys, DecryptOptions::default()).unwrap();
    let read = std::thread::spawn(move || {
        let mut read = Vec::new();
        reader.read_to_end(&mut read).map(|_| read)
    });
    assert_eq!(read.join().unwrap().unwrap(), b"clear");
}
