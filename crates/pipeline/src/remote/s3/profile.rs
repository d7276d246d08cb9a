//! The files of Amazon's own tools, `~/.aws/credentials` and `~/.aws/config`: sections of `name = value` lines. It reads the keys of a
//! profile, its region and its endpoint, and refuses profiles whose keys some other program would have to fetch.

use crate::vault::SecretBytes;

/// What a profile says.
#[derive(Debug, Default, Clone)]
pub struct Profile {
    /// Whether any section has the name.
    pub exists: bool,
    /// Key id.
    pub access_key_id: Option<String>,
    /// Secret key.
    pub secret_access_key: Option<SecretBytes>,
    /// Token of temporary keys.
    pub session_token: Option<SecretBytes>,
    /// Region.
    pub region: Option<String>,
    /// Address of another server than Amazon's.
    pub endpoint_url: Option<String>,
    /// A way to keys that is not ours: `sso_session`, `role_arn`, `credential_process`.
    pub other_way: Option<String>,
}

/// Adds what a file says of a profile; what is there already stays. In `config` a section is named `profile NAME`, in `credentials` `NAME`.
pub fn read_profile(profile: &mut Profile, text: &str, name: &str) {
    let mut is_ours = false;
    for line in text.lines() {
        let is_indented = line.starts_with([' ', '\t']);
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(section, _)| section.trim()) {
            let section = section.strip_prefix("profile").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(section);
            is_ours = section.trim().trim_matches('"') == name;
            profile.exists |= is_ours;
            continue;
        }
        // Indented lines belong to a setting above: `s3 =` and what is under it.
        if !is_ours || is_indented || line.starts_with(['#', ';']) {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        if value.is_empty() {
            continue;
        }
        let text = || Some(value.to_owned());
        let secret = || Some(SecretBytes::new(value.as_bytes().to_vec()));
        match key.as_str() {
            "aws_access_key_id" => profile.access_key_id = profile.access_key_id.take().or_else(text),
            "aws_secret_access_key" => profile.secret_access_key = profile.secret_access_key.take().or_else(secret),
            "aws_session_token" => profile.session_token = profile.session_token.take().or_else(secret),
            "region" => profile.region = profile.region.take().or_else(text),
            "endpoint_url" => profile.endpoint_url = profile.endpoint_url.take().or_else(text),
            "sso_session" | "sso_start_url" | "role_arn" | "credential_process" | "login_session" => profile.other_way = Some(key),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "# mine\n[default]\naws_access_key_id = AK1\naws_secret_access_key=a=b/c\n[edx]\naws_access_key_id=AK2\n";
    const CONFIG: &str =
        "[default]\nregion = eu-west-1\ns3 =\n  endpoint_url = http://not-this\n[profile edx]\nregion=us-east-1\nrole_arn=x\n";

    fn read(name: &str) -> Profile {
        let mut profile = Profile::default();
        read_profile(&mut profile, CREDENTIALS, name);
        read_profile(&mut profile, CONFIG, name);
        profile
    }

    #[test]
    fn a_profile_is_read_from_both_files() {
        let profile = read("default");
        assert_eq!((profile.access_key_id.as_deref(), profile.region.as_deref()), (Some("AK1"), Some("eu-west-1")));
        assert_eq!(profile.secret_access_key.map(|secret| secret.reveal().to_vec()), Some(b"a=b/c".to_vec()));
        assert_eq!(profile.endpoint_url, None);
        let profile = read("edx");
        assert_eq!((profile.access_key_id.as_deref(), profile.other_way.as_deref()), (Some("AK2"), Some("role_arn")));
        assert!(!read("other").exists);
    }

    #[test]
    fn a_profile_cannot_be_printed_with_its_secret() {
        assert!(!format!("{:?}", read("default")).contains("a=b/c"));
    }
}
