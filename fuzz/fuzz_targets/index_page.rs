//! Any bytes as a web server's page: links that are names in the folder of the page, and nothing that leads elsewhere.

#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;

// The reader alone: all around it needs the query engine, which takes half an hour to build with a sanitizer.
#[path = "../../crates/pipeline/src/sync/index_page.rs"]
mod index_page;
#[allow(dead_code, reason = "the fuzzer asks no server")]
#[path = "../../crates/pipeline/src/remote/percent.rs"]
mod percent;

fuzz_target!(|page: &[u8]| {
    let address = Url::parse("https://data.example/edx/a%20b/").expect("an address");
    for link in index_page::links(page, &address) {
        assert!(!link.name.is_empty() && !link.name.contains(['/', '\\']) && link.name != "." && link.name != "..");
        // Asked for, it lies below the page.
        let mut asked = address.clone();
        asked.set_path(&format!("{}{}", address.path(), percent::encode_path(&link.name)));
        assert!(asked.path().starts_with(address.path()) && asked.path().len() > address.path().len());
        assert_eq!(czar_formats::percent_decoded(&asked.path()[address.path().len()..]), Some(link.name));
    }
});
