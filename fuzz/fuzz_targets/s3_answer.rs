//! Any bytes as what an S3 server answers: a page of a listing or a refusal, and no message that steers a terminal.

#![no_main]

use libfuzzer_sys::fuzz_target;

// The reader alone, with stand-ins for what lies around it: the rest needs the query engine.
#[allow(dead_code, reason = "the fuzzer asks no server")]
#[path = "../../crates/pipeline/src/remote/s3/answer.rs"]
mod answer;
mod package {
    pub mod listing {
        #[allow(dead_code, reason = "the fuzzer fetches nothing")]
        #[derive(Debug, PartialEq, Eq)]
        pub struct Entry {
            pub key: String,
            pub n_bytes: u64,
            pub modified_at: i64,
            pub etag: Option<String>,
        }
    }
}
mod remote {
    pub struct Trouble;

    impl Trouble {
        pub fn strange(_reason: impl Into<String>) -> Self {
            Self
        }
    }
}

fuzz_target!(|body: &[u8]| {
    if let Ok(page) = answer::list_page(body) {
        let n_key_bytes: usize = page.entries.iter().map(|entry| entry.key.len()).sum();
        // The shortest reference to a character has four bytes and stands for at most four.
        assert!(n_key_bytes <= body.len() * 3, "keys are no longer than the page");
    }
    let (code, message) = answer::refusal(body);
    for text in [code, message].into_iter().flatten() {
        assert!(!text.chars().any(char::is_control) && text.chars().count() <= 300);
    }
});
