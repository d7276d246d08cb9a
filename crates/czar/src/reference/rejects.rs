//! The page on reject codes, from their declaration in `czar-formats`.

use std::fmt::Write as _;

use czar_formats::reject::RejectCode;

use super::{WRITTEN, sentence};

pub(super) fn page() -> String {
    let mut text = format!(
        "# Rejects\n\n{WRITTEN}\nA record that cannot be read is set aside: it is counted and its place is kept in the table `rejects`, and the rest of \
         its file is loaded. Its bytes stay in the original file. `czar rejects` counts what was set aside; `czar rejects --code CODE` lists the places.\n"
    );
    for code in RejectCode::ALL {
        let _ = write!(text, "\n## `{}`\n\n{}\n\nNext step: {}.\n", code.id(), sentence(code.meaning()), code.next_step());
    }
    text
}
