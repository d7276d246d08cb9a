//! Any text as a path, a course run key and a usage key: what is understood keeps its meaning in every shape.

#![no_main]

use czar_formats::course_run_key::{CourseRunKey, UsageKey};
use czar_formats::package_file::{FileKind, classify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = classify(text);
    if file.kind != FileKind::Unknown && !file.wrapping.encrypted && !text.ends_with('/') {
        let encrypted = classify(&format!("{text}.gpg"));
        assert!(encrypted.wrapping.encrypted);
        assert_eq!((encrypted.file_key, encrypted.kind), (file.file_key, file.kind), "encryption changes no name");
    }
    if let Some(key) = CourseRunKey::parse(text) {
        let again = CourseRunKey::parse(key.as_str()).expect("a key that was read is read again");
        assert_eq!(again, key);
        assert!(!key.org().is_empty() && !key.course().is_empty() && !key.run().is_empty());
    }
    if let Some(key) = UsageKey::parse(text) {
        let _ = key.course_run_key();
    }
});
