//! Reads the token out of a request's `Authorization` header: as bearer, or as the password that a browser asks for. It judges none.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use czar_pipeline::vault::SecretBytes;

/// As browsers send it, and as programs do that leave the padding out.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The token of a request, if it has one.
pub(super) fn token(headers: &HeaderMap) -> Option<SecretBytes> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(SecretBytes::new(rest.trim().as_bytes().to_vec()));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let typed = SecretBytes::new(BASE64.decode(rest.trim()).ok()?);
        // Whatever name was typed: the token says who it is.
        let (_, password) = std::str::from_utf8(typed.reveal()).ok()?.split_once(':')?;
        return Some(SecretBytes::new(password.trim().as_bytes().to_vec()));
    }
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    fn token_of(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        token(&headers).map(|token| String::from_utf8(token.reveal().to_vec()).unwrap())
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
