//! The edX site a file or a row belongs to: `edx` (the production site), `edge`, or whatever else a folder is named.
//! It refuses to merge sites: two courses of the same key on two sites are two courses.

use std::borrow::Cow;
use std::fmt;

/// A site by our one name for it. edX writes the production site as `edx` in event files and `prod` in package members, and edge as
/// `edge` or `prod-edge`; all four become `edx` and `edge` here, so that rows of one site meet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site(Cow<'static, str>);

impl Site {
    /// The production site, edx.org.
    pub const EDX: Self = Self(Cow::Borrowed("edx"));
    /// The edge site, edge.edx.org.
    pub const EDGE: Self = Self(Cow::Borrowed("edge"));
    /// An Open edX installation of one's own, whose `tracking.log` names no site.
    pub const LOCAL: Self = Self(Cow::Borrowed("local"));

    /// Reads a site token of a file name. Tokens are ASCII letters in either case, and the one compound `prod-edge`; anything else is
    /// `None`. Unknown words such as `patches` are sites of their own.
    pub fn from_token(token: &str) -> Option<Self> {
        let token = token.to_ascii_lowercase();
        match token.as_str() {
            "edx" | "prod" => Some(Self::EDX),
            "edge" | "prod-edge" => Some(Self::EDGE),
            _ if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_lowercase()) => Some(Self(Cow::Owned(token))),
            _ => None,
        }
    }

    /// The site of a research exchange (RDX), by the folder of its request where there is one: `rdx-{request}`. Its learners have other
    /// numbers than in the packages of the same courses, so its rows must never meet theirs.
    pub fn of_research_exchange(request: Option<&str>) -> Self {
        let request: String = request
            .unwrap_or_default()
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
            .collect();
        match request.trim_matches('-') {
            "" => Self(Cow::Borrowed("rdx")),
            request => Self(Cow::Owned(format!("rdx-{request}"))),
        }
    }

    /// Whether this is a research exchange.
    pub fn is_research_exchange(&self) -> bool {
        self.0 == "rdx" || self.0.starts_with("rdx-")
    }

    /// The name as it stands in the lake's `_site` column.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_site_becomes_one_name() {
        for (token, name) in
            [("prod", "edx"), ("edx", "edx"), ("EDX", "edx"), ("prod-edge", "edge"), ("edge", "edge"), ("Patches", "patches")]
        {
            assert_eq!(Site::from_token(token).map(|site| site.to_string()).as_deref(), Some(name), "{token}");
        }
    }

    #[test]
    fn a_research_exchange_is_never_a_site_of_edx() {
        for (request, name) in [(None, "rdx"), (Some("REQ-12"), "rdx-req-12"), (Some("../edx"), "rdx-edx"), (Some("///"), "rdx")] {
            let site = Site::of_research_exchange(request);
            assert_eq!((site.as_str(), site.is_research_exchange()), (name, true));
        }
        assert!(!Site::EDX.is_research_exchange() && !Site::LOCAL.is_research_exchange());
    }

    #[test]
    fn a_token_that_is_no_word_is_no_site() {
        for token in ["", "edx1", "prod-prod", "../edx", "edge ", "édx"] {
            assert_eq!(Site::from_token(token), None, "{token}");
        }
    }
}
