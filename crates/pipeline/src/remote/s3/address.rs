//! `s3://bucket[/prefix]`, as people write it.

/// A bucket, or what lies under a prefix of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketAddress {
    /// The bucket's name.
    pub bucket: String,
    /// Empty, or folders with a slash behind each.
    pub prefix: String,
}

impl BucketAddress {
    /// Whether a place is written as a bucket.
    #[must_use]
    pub fn is_one(place: &str) -> bool {
        place.starts_with("s3://")
    }

    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(address: &str) -> Result<Self, String> {
        let rest = address.strip_prefix("s3://").ok_or("it does not begin with `s3://`")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err("it names no bucket".to_owned());
        }
        // The rules of Amazon, and the underscores and capitals of others.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if !bucket.bytes().all(is_plain) || bucket.starts_with('.') {
            return Err("the name of a bucket has letters, digits, dots and dashes only".to_owned());
        }
        let prefix = prefix.trim_matches('/');
        let is_folder = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(char::is_control);
        if !prefix.is_empty() && !prefix.split('/').all(is_folder) {
            return Err("the prefix is not made of folders".to_owned());
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket: bucket.to_owned(), prefix })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot read its own address has failed")]

    use super::*;

    #[test]
    fn a_prefix_is_folders_whatever_slashes_are_around_it() {
        for (address, bucket, prefix) in [
            ("s3://course-data", "course-data", ""),
            ("s3://course-data/", "course-data", ""),
            ("s3://edx.data/universityx/edx", "edx.data", "universityx/edx/"),
            ("s3://edx.data/universityx//", "edx.data", "universityx/"),
        ] {
            let expected = BucketAddress { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
            assert_eq!(BucketAddress::parse(address).unwrap(), expected, "{address}");
        }
        for address in ["course-data", "s3://", "s3:///x", "s3://a b", "s3://..", "s3://a/../b", "s3://a/b//c"] {
            assert!(BucketAddress::parse(address).is_err(), "{address}");
        }
    }
}
