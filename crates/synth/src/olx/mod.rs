//! The course content archive: OLX as Studio exports it, in a compressed tar file.
//!
//! The same tree as the course structure, with the texts of problems, the lengths of videos, the policies, the pages and one draft.

mod blocks;
mod pages;
mod policies;
mod problems;

use std::io::{self, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use crate::courses::CourseRun;
use crate::mess::ArchiveFaults;

/// The folder at the top of every archive.
const FOLDER: &str = "course";

/// A tar file in the making.
struct Archive(tar::Builder<GzEncoder<Vec<u8>>>);

impl Archive {
    /// Adds a member by its path below the course's folder.
    fn add(&mut self, path: &str, text: &str) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        // No clock: the same bytes each time.
        header.set_mtime(1_500_000_000);
        header.set_cksum();
        self.0.append_data(&mut header, format!("{FOLDER}/{path}"), text.as_bytes())
    }
}

/// The archive of a run.
pub(crate) fn archive(run: &CourseRun, faults: ArchiveFaults) -> io::Result<Vec<u8>> {
    let encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(6));
    let mut archive = Archive(tar::Builder::new(encoder));
    let (name, org, course) = (escape(&run.run), escape(&run.org), escape(&run.course));
    archive.add("course.xml", &format!("<course url_name=\"{name}\" org=\"{org}\" course=\"{course}\"/>\n"))?;
    for index in (0..run.blocks.len() as u16).filter(|&index| faults.missing != Some(index)) {
        blocks::add(&mut archive, run, index, faults)?;
    }
    policies::add(&mut archive, run)?;
    pages::add(&mut archive, run)?;
    archive.0.into_inner()?.finish().and_then(|mut bytes| {
        bytes.flush()?;
        Ok(bytes)
    })
}

/// Text as it stands in XML, between tags or in an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use std::collections::BTreeMap;
    use std::io::Read;

    use super::*;
    use crate::courses::Response;
    use crate::plan::DeliveryPlan;
    use crate::world::World;

    fn members(run: &CourseRun, faults: ArchiveFaults) -> BTreeMap<String, String> {
        let packed = archive(run, faults).unwrap();
        let mut clear = tar::Archive::new(flate2::read::MultiGzDecoder::new(packed.as_slice()));
        let read = |mut entry: tar::Entry<'_, _>| {
            let name = entry.path().unwrap().to_string_lossy().into_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (name.strip_prefix("course/").unwrap().to_owned(), text)
        };
        clear.entries().unwrap().map(|entry| read(entry.unwrap())).collect()
    }

    #[test]
    fn every_block_has_a_file_and_every_child_a_block() {
        let world = World::new(&DeliveryPlan::default());
        for run in &world.runs {
            let members = members(run, ArchiveFaults::default());
            for block in &run.blocks {
                let name = if block.category == "course" { &run.run } else { &block.url_name };
                let text = &members[&format!("{}/{name}.xml", block.category)];
                assert_eq!(text.matches("url_name=").count(), block.children.len(), "{text}");
                assert_eq!(block.category == "html", members.contains_key(&format!("html/{name}.html")));
            }
            for name in ["policies/assets.json", "about/overview.html", "info/updates.html", "assets/assets.xml"] {
                assert!(members.contains_key(name), "{name}");
            }
            let grading = &members[&format!("policies/{}/grading_policy.json", run.run)];
            let grading: serde_json::Value = serde_json::from_str(grading).unwrap();
            assert_eq!(grading["GRADER"].as_array().unwrap().len(), run.graders().len());
            let policy = &members[&format!("policies/{}/policy.json", run.run)];
            assert!(serde_json::from_str::<serde_json::Value>(policy).unwrap().is_object());
        }
    }

    #[test]
    fn every_answer_that_is_right_can_be_given() {
        let world = World::new(&DeliveryPlan::default());
        let run = &world.runs[0];
        let members = members(run, ArchiveFaults::default());
        for &problem in &run.graded_problems {
            let text = &members[&format!("problem/{}.xml", run.block(problem).url_name)];
            for number in 0..run.block(problem).n_inputs {
                let response = run.response(problem, number);
                assert!(text.contains(&format!("<{}", response.response_type())) && text.contains(&format!("<{}", response.input_type())));
                let answer = response.answer(true, 0);
                assert!(text.contains(&escape(response.words(&answer))), "{answer}: {text}");
            }
        }
        assert!(run.graded_problems.iter().any(|&problem| run.response(problem, 0) == Response::Menu));
    }

    #[test]
    fn a_messy_archive_lacks_one_file_and_has_one_that_is_no_xml() {
        let world = World::new(&DeliveryPlan { mess_rate: 0.01, ..DeliveryPlan::default() });
        let run = &world.runs[0];
        let faults = world.mess.archive_faults(run);
        let (whole, messy) = (members(run, ArchiveFaults::default()), members(run, faults));
        assert_eq!(messy.len() + 1, whole.len());
        let changed: Vec<_> = messy.iter().filter(|(name, text)| whole[*name] != **text).collect();
        assert_eq!(changed.len(), 1);
        assert_eq!(*changed[0].0, format!("problem/{}.xml", run.block(faults.malformed.unwrap()).url_name));
        assert_eq!(world.mess.archive_faults(&world.runs[1]), ArchiveFaults::default());
    }
}
