//! Asks servers for files: S3 and its like, and plain web servers. It only reads: there is no request that changes anything.

pub mod http;
mod percent;
pub mod s3;

pub use http::{Answer, Http, HttpOptions, Trouble};
pub use percent::encode_path;
