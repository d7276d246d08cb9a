//! The rules of notices.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod events;
mod policy;
mod texts;
mod webhooks;

use chrono::{DateTime, Utc};

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
