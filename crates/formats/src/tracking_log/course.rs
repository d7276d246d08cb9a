//! Finds the course run an event belongs to: in the context, else in an address, else in the payload
//! (docs/concepts/edx-files.md, "Who and which course run").
//!
//! It refuses addresses that only look like a course's: API paths, and old-form keys anywhere but at the start of a path.

use std::borrow::Cow;

use crate::course_run_key::{self, UsageKey};

use super::event::Text;

/// The key in a member such as `context.course_id`; empty text, white space and other identifiers are no key.
pub(super) fn run_named(text: &Text<'_>) -> Text<'static> {
    course_run_key::normalize(text.as_deref()?).map(|key| Cow::Owned(key.into_owned()))
}

/// As [`run_named`], for text that borrows from the line.
pub(super) fn run_named_in<'a>(text: &Text<'a>) -> Text<'a> {
    match text {
        Some(Cow::Borrowed(text)) => course_run_key::normalize(text),
        other => run_named(other),
    }
}

/// The key in an address or path.
pub(super) fn run_of_address<'a>(address: &Text<'a>) -> Text<'a> {
    match address {
        Some(Cow::Borrowed(address)) => run_of_path(path_of(address)),
        Some(Cow::Owned(address)) => run_of_path(path_of(address)).map(|key| Cow::Owned(key.into_owned())),
        None => None,
    }
}

fn run_of_path(path: &str) -> Text<'_> {
    if let Some((key, _)) = split_course_path(path) {
        return Some(key);
    }
    let segment = path.strip_prefix("/xblock/")?.split('/').next()?;
    let usage_key = segment.replace("%3A", ":").replace("%2B", "+").replace("%40", "@").replace(' ', "+");
    UsageKey::parse(&usage_key)?.course_run_key().map(|key| Cow::Owned(key.as_str().to_owned()))
}

/// The path of an address: no scheme, no host, no query.
pub(super) fn path_of(address: &str) -> &str {
    let end_of_scheme = if address.starts_with('/') { None } else { address.find("://") };
    let path = end_of_scheme.map_or(address, |at| {
        let after_scheme = &address[at + 3..];
        memchr::memchr(b'/', after_scheme.as_bytes()).map_or("", |at| &after_scheme[at..])
    });
    memchr::memchr2(b'?', b'#', path.as_bytes()).map_or(path, |at| &path[..at])
}

/// Splits `/courses/{key}/rest` into the key and `/rest`. New-form keys are unmistakable and may stand deeper in the path, as in the
/// addresses of the separate learning front end (`/learning/course/{key}/home`).
pub(super) fn split_course_path(path: &str) -> Option<(Cow<'_, str>, &str)> {
    // The mobile and discussion APIs: what follows is a version, not an organisation.
    if path.contains("/courses/v1/") {
        return None;
    }
    if let Some(after) = path.strip_prefix("/courses/") {
        let first_segment = after.split('/').next()?;
        let holds_whole_key = is_new_form(first_segment) || first_segment.contains("%2F") || first_segment.contains("%2f");
        return split_segments(after, if holds_whole_key { 1 } else { 3 });
    }
    for marker in ["/course/", "/courses/"] {
        if let Some(at) = path.find(marker) {
            let after = &path[at + marker.len()..];
            if is_new_form(after) {
                return split_segments(after, 1);
            }
        }
    }
    None
}

fn is_new_form(text: &str) -> bool {
    ["course-v1:", "ccx-v1:", "course-v1%3", "ccx-v1%3"].iter().any(|prefix| text.starts_with(prefix))
}

fn split_segments(after: &str, n_segments: usize) -> Option<(Cow<'_, str>, &str)> {
    let end = after.match_indices('/').nth(n_segments - 1).map_or(after.len(), |(at, _)| at);
    Some((course_run_key::normalize(&after[..end])?, &after[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_of(address: &str) -> Option<String> {
        run_of_address(&Some(Cow::Borrowed(address))).map(Cow::into_owned)
    }

    #[test]
    fn both_forms_of_a_key_are_found_in_paths_and_addresses() {
        for (address, key) in [
            ("/courses/MITx/6.002x/2012_Fall/courseware/Week_1/", "MITx/6.002x/2012_Fall"),
            ("/courses/MITx/6.002x/2012_Fall", "MITx/6.002x/2012_Fall"),
            ("https://courses.edx.org/courses/MITx/6.002x/2012_Fall/info?x=/courses/A/B/C", "MITx/6.002x/2012_Fall"),
            ("/courses/course-v1:UniX+DemoX+2015_T1/info", "course-v1:UniX+DemoX+2015_T1"),
            ("/courses/course-v1%3AUniX%2BDemoX%2B2015_T1/info", "course-v1:UniX+DemoX+2015_T1"),
            ("/courses/UniX%2FDemoX%2F2015/info", "UniX/DemoX/2015"),
            ("/courses/Universit%C3%A9X/DemoX/2015/info", "UniversitéX/DemoX/2015"),
            ("http://courses.edx.org/courses/course-v1:UniX+DemoX+2015_T1#top", "course-v1:UniX+DemoX+2015_T1"),
            ("https://learning.edx.org/course/course-v1:UniX+DemoX+2022/block-v1:x", "course-v1:UniX+DemoX+2022"),
            ("/courses/ccx-v1:UniX+DemoX+2015+ccx@3/progress", "ccx-v1:UniX+DemoX+2015+ccx@3"),
            ("/xblock/block-v1:UniX+DemoX+2022+type@vertical+block@0a1b", "course-v1:UniX+DemoX+2022"),
        ] {
            assert_eq!(run_of(address).as_deref(), Some(key), "{address}");
        }
    }

    #[test]
    fn addresses_that_only_look_like_a_course_name_none() {
        for address in [
            "",
            "/",
            "/courses",
            "/courses/",
            "/courses/MITx/6.002x",
            "/courses/MITx/6.002x/",
            "/dashboard",
            "x_module",
            "https://courses.edx.org",
            "/api/courses/v1/blocks/a",
            "/courses/v1/blocks/x",
            "/garbage/courses/FooX/Bar/Baz/info",
            "/courses/course-v1:UniX+DemoX/info",
            "/xblock/i4x:;_;_UniX;_DemoX;_problem;_a/handler",
            "/search?next=/courses/MITx/6.002x/2012_Fall/",
        ] {
            assert_eq!(run_of(address), None, "{address}");
        }
    }
}
