//! Reads what an S3 server answers in XML: pages of a listing, and refusals. Any bytes may come; a document with entities or too many nodes is
//! refused by the library.

use chrono::DateTime;
use czar_formats::percent_decoded;
use roxmltree::{Document, Node, ParsingOptions};

use crate::package::listing::Entry;
use crate::remote::Trouble;

/// A page has at most 1,000 keys of at most 1,024 bytes, each with some 300 bytes of what is said of it.
pub(super) const MAX_PAGE_BYTES: usize = 16 << 20;
const MAX_NODES: u32 = 200_000;
const MAX_MESSAGE_CHARS: usize = 300;

/// One page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// What is listed, in the server's order. Keys are as they are: they may be anything.
    pub entries: Vec<Entry>,
    /// What to ask with for the next page; none on the last.
    pub next: Option<String>,
}

/// Reads a page that was asked for with `encoding-type=url`, without which a key with a control character is no XML. Entries without a key
/// or size are left out.
///
/// # Errors
/// It is no listing.
pub fn list_page(body: &[u8]) -> Result<ListPage, Trouble> {
    let strange = || Trouble::strange("the server's answer is no listing of a bucket: is this the address of an S3 server?");
    let text = std::str::from_utf8(body).map_err(|_| strange())?;
    let document = parse(text).ok_or_else(strange)?;
    let root = document.root_element();
    if root.tag_name().name() != "ListBucketResult" {
        return Err(strange());
    }
    let is_encoded = child(root, "EncodingType") == Some("url");
    // A space may come as `+`, and a plus never does.
    let key_of = |text: &str| if is_encoded { percent_decoded(&text.replace('+', " ")) } else { Some(text.to_owned()) };
    let contents = root.children().filter(|node| node.tag_name().name() == "Contents");
    let entries = contents.filter_map(|node| {
        Some(Entry {
            key: key_of(child(node, "Key")?)?,
            n_bytes: child(node, "Size")?.parse().ok()?,
            modified_at: child(node, "LastModified")
                .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
                .map_or(0, |time| time.timestamp_micros()),
            etag: child(node, "ETag").map(str::to_owned),
        })
    });
    let entries = entries.collect();
    let next = match child(root, "IsTruncated") {
        Some("true") => Some(child(root, "NextContinuationToken").ok_or_else(strange)?.to_owned()),
        _ => None,
    };
    Ok(ListPage { entries, next })
}

/// Code and message of a refusal, as far as there are any.
pub(crate) fn refusal(body: &[u8]) -> (Option<String>, Option<String>) {
    let read = || {
        let document = parse(std::str::from_utf8(body).ok()?)?;
        let root = document.root_element();
        // Some servers put the error into another element.
        let error = root.descendants().find(|node| node.tag_name().name() == "Error")?;
        Some((child(error, "Code").and_then(plain), child(error, "Message").and_then(plain)))
    };
    read().unwrap_or_default()
}

/// A server's words, fit for one line of a terminal.
fn plain(text: &str) -> Option<String> {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(MAX_MESSAGE_CHARS).collect();
    (!text.is_empty()).then_some(text)
}

fn parse(text: &str) -> Option<Document<'_>> {
    Document::parse_with_options(text, ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() }).ok()
}

fn child<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.children().find(|child| child.tag_name().name() == name)?.text()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot read its own page has failed")]

    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
<NextContinuationToken>abc/=</NextContinuationToken>
<Contents><Key>a%20b/%E2%82%AC+%2B%01</Key><LastModified>2018-03-11T00:00:00.000Z</LastModified><ETag>&quot;d41d8&quot;</ETag><Size>7</Size></Contents>
<Contents><Key>no-size</Key></Contents></ListBucketResult>"#;

    #[test]
    fn a_page_tells_keys_as_they_are() {
        let page = list_page(PAGE.as_bytes()).unwrap();
        let etag = Some("\"d41d8\"".to_owned());
        let entry = Entry { key: "a b/\u{20ac} +\u{1}".to_owned(), n_bytes: 7, modified_at: 1_520_726_400_000_000, etag };
        assert_eq!(page, ListPage { entries: vec![entry], next: Some("abc/=".to_owned()) });
    }

    #[test]
    fn what_is_no_listing_is_refused() {
        for body in ["", "<html></html>", "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult>&a;</ListBucketResult>", "\u{0}"] {
            assert!(list_page(body.as_bytes()).is_err(), "{body}");
        }
        let page_without_token = PAGE.replace("NextContinuationToken", "Other");
        assert!(list_page(page_without_token.as_bytes()).is_err(), "half a listing is none");
    }

    #[test]
    fn a_refusal_is_told_in_the_servers_words_on_one_line() {
        let body = "<Error><Code>NoSuchBucket</Code><Message>No\nbucket\u{9b}</Message></Error>";
        assert_eq!(refusal(body.as_bytes()), (Some("NoSuchBucket".to_owned()), Some("Nobucket".to_owned())));
        assert_eq!(refusal(b"<html>503</html>"), (None, None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_page_or_a_refusal(body in proptest::collection::vec(any::<u8>(), 0..400), cut in 0..PAGE.len()) {
            let _ = (list_page(&body), refusal(&body));
            // A page that does not come whole is never taken for the last one.
            prop_assert!(list_page(&PAGE.as_bytes()[..cut]).is_err());
        }
    }
}
