//! Reads the links of a web server's page that lists a folder (Apache, nginx, `python3 -m http.server`). Any bytes may come: it reads no more
//! of a page than it has to, and gives only links that lie below the page itself.

use std::collections::BTreeSet;

use czar_formats::percent_decoded;
use url::Url;

/// Longest page that is read.
pub const MAX_PAGE_BYTES: usize = 32 << 20;
/// Most links of one page.
const MAX_LINKS: usize = 200_000;

/// A link to something right in the folder that a page lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The name, decoded.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// The links of the page at an address that ends with a slash, each once, in order of name. Links to elsewhere (the folder above, other
/// servers, the same page in another order) are left out, and so are names that are no text.
#[must_use]
pub fn links(page: &[u8], address: &Url) -> BTreeSet<Link> {
    let page = String::from_utf8_lossy(page);
    let found = page.match_indices('<').filter_map(|(at, _)| target_of_anchor(&page[at + 1..]));
    found.take(MAX_LINKS).filter_map(|target| link(&target, address)).collect()
}

/// The value of `href` in a tag, if it is an anchor's: `a href="x">`.
fn target_of_anchor(tag: &str) -> Option<String> {
    let rest = tag.strip_prefix(['a', 'A'])?;
    if !rest.starts_with(|c: char| c.is_ascii_whitespace()) {
        return None;
    }
    let mut rest = rest;
    loop {
        rest = rest.trim_start();
        let name_end = rest.find(|c: char| c == '=' || c == '>' || c.is_ascii_whitespace())?;
        let (name, behind) = rest.split_at(name_end);
        let behind = behind.trim_start();
        let Some(value) = behind.strip_prefix('=') else {
            // An attribute without a value, or the end of the tag.
            if behind.starts_with('>') || name.is_empty() {
                return None;
            }
            rest = behind;
            continue;
        };
        let value = value.trim_start();
        let (value, behind) = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split_once(quote)?,
            _ => value.split_at(value.find(|c: char| c == '>' || c.is_ascii_whitespace())?),
        };
        if name.eq_ignore_ascii_case("href") {
            return Some(without_entities(value));
        }
        rest = behind;
    }
}

/// The five named characters and the numbered ones, of which servers write names with.
fn without_entities(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        // No entity of ours is longer.
        let entity = after.char_indices().take(10).find(|(_, c)| *c == ';').and_then(|(end, _)| Some((entity(&after[..end])?, end)));
        match entity {
            Some((c, end)) => {
                plain.push(c);
                rest = &after[end + 1..];
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// What a link leads to, when that lies right below the page.
fn link(target: &str, address: &Url) -> Option<Link> {
    let mut url = address.join(target.trim()).ok()?;
    if url.query().is_some() {
        return None;
    }
    url.set_fragment(None);
    if url.origin() != address.origin() || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let below = url.path().strip_prefix(address.path())?;
    let (name, is_folder) = match below.strip_suffix('/') {
        Some(name) => (name, true),
        None => (below, false),
    };
    if name.is_empty() || name.contains('/') {
        return None;
    }
    // A slash or a backslash that was encoded is one within a name, which no folder can hold.
    let name = percent_decoded(name).filter(|name| !name.contains(['/', '\\']) && name != "." && name != "..")?;
    Some(Link { name, is_folder })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot write its own address has failed")]

    use proptest::prelude::*;

    use super::*;

    fn read(page: &str) -> Vec<String> {
        let address = Url::parse("https://data.example/edx/").unwrap();
        let text = |link: &Link| format!("{}{}", link.name, if link.is_folder { "/" } else { "" });
        links(page.as_bytes(), &address).iter().map(text).collect()
    }

    #[test]
    fn a_page_of_apache_gives_its_files_and_folders() {
        let page = r#"<html><head><title>Index of /edx</title></head><body><h1>Index of /edx</h1>
<table><tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td valign="top"><img src="/icons/back.gif" alt="[DIR]"></td><td><a href="/">Parent Directory</a></td></tr>
<tr><td><a href="2014/">2014/</a></td><td align="right">2018-03-11 10:11  </td><td align="right">  - </td></tr>
<tr><td><a href="universityx-2018-03-11.zip">universityx-2018-..&gt;</a></td><td align="right"> 21K</td></tr></table></body></html>"#;
        assert_eq!(read(page), ["2014/", "universityx-2018-03-11.zip"]);
    }

    #[test]
    fn a_page_of_nginx_and_one_of_python_give_theirs() {
        let nginx = "<a href=\"../\">../</a>\n<a href=\"edge/\">edge/</a>  11-Mar-2018 10:11  -\n<a href=\"a%20b.zip\">a b.zip</a>";
        assert_eq!(read(nginx), ["a b.zip", "edge/"]);
        let python = "<ul><li><a href='a&amp;b.zip'>a&amp;b.zip</a></li><li><A class=x HREF = c.zip >c.zip</A></li></ul>";
        assert_eq!(read(python), ["a&b.zip", "c.zip"]);
    }

    #[test]
    fn links_to_elsewhere_are_left_out() {
        let page = r#"<a href="https://data.example/edx/kept.zip">1</a><a href="/edx/also-kept.zip#top">2</a>
<a href="https://other.example/edx/x.zip">3</a><a href="//other.example/edx/x.zip">4</a><a href="/edx/../etc/x.zip">5</a>
<a href="%2e%2e/x.zip">6</a><a href="..%2fx.zip">7</a><a href="a/b.zip">8</a><a href="javascript:alert(1)">9</a><a href="">10</a>
<a href="https://u:p@data.example/edx/x.zip">11</a><a href="%ff.zip">12</a><a name="x">13</a><abbr href="x.zip">14</abbr><a href="x"#;
        assert_eq!(read(page), ["also-kept.zip", "kept.zip"]);
    }

    proptest! {
        #[test]
        fn whatever_a_page_says_its_links_are_names(page in "([<>aA=\"' &;#x0-9./%?-]|href|<a href=|\\PC){0,120}") {
            for name in read(&page) {
                let name = name.trim_end_matches('/');
                prop_assert!(!name.is_empty() && !name.contains('/') && name != "." && name != "..");
            }
        }

        #[test]
        fn a_name_that_is_written_as_a_link_is_read_back(name in "[^/\\\\\\pC.][^/\\\\\\pC]{0,30}") {
            let page = format!("<a href=\"./{}\">x</a>", crate::remote::encode_path(&name));
            prop_assert_eq!(read(&page), vec![name]);
        }
    }
}
