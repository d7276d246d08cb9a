//! Reads the token out of a request's `Authorization` header: as bearer, or as the password that a browser asks for. It judges none.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// The token of a request, if it has one.
pub(super) fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let text = String::from_utf8(decoded(rest.trim())?).ok()?;
        // Whatever name was typed: the token says who it is.
        return text.split_once(':').map(|(_, password)| password.trim().to_owned());
    }
    None
}

/// The bytes of a text in base64, RFC 4648.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut n_bits) = (0_u32, 0);
    for character in text.trim_end_matches('=').bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from((bits >> n_bits) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    fn token_of(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        token(&headers)
    }

    #[test]
    fn a_token_is_a_bearer_or_a_password_under_any_name() {
        assert_eq!(token_of("Bearer czar_0a1b").as_deref(), Some("czar_0a1b"));
        assert_eq!(token_of("bearer  czar_0a1b").as_deref(), Some("czar_0a1b"));
        // "ann:czar_0a1b" and ":czar_0a1b"
        assert_eq!(token_of("Basic YW5uOmN6YXJfMGExYg==").as_deref(), Some("czar_0a1b"));
        assert_eq!(token_of("Basic OmN6YXJfMGExYg").as_deref(), Some("czar_0a1b"));
    }

    #[test]
    fn what_is_no_token_is_none() {
        for value in ["", "Bearer", "Digest x", "Basic !!!!", "Basic YW5u"] {
            assert_eq!(token_of(value), None, "{value}");
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
