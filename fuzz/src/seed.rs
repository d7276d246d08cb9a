//! Fills `corpus/` from a synthetic delivery: whole small files and single lines, in clear, and the encrypted heads.
//!
//! Usage, in `fuzz/`: `cargo run --release --features seed --bin seed`

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use czar_formats::package_file::{FileKind, classify};
use czar_synth::DeliveryPlan;
use czar_vault::{DecryptOptions, PassPhrase, SecretKeys, decrypt, inflate};

type Failure = Box<dyn std::error::Error>;

/// Files of a target at most: a corpus has to be small to be tried often.
const MOST_SEEDS: usize = 300;
const MOST_SEED_BYTES: usize = 20_000;
/// Members of a zip that is a seed.
const MEMBERS_OF_A_SEED: usize = 5;

struct Corpus(BTreeMap<&'static str, usize>);

impl Corpus {
    fn put(&mut self, target: &'static str, bytes: &[u8]) -> Result<(), Failure> {
        let n = self.0.entry(target).or_default();
        if *n >= MOST_SEEDS || bytes.is_empty() {
            return Ok(());
        }
        let folder = Path::new("corpus").join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("seed-{n:04}")), &bytes[..bytes.len().min(MOST_SEED_BYTES)])?;
        *n += 1;
        Ok(())
    }
}

fn main() -> Result<(), Failure> {
    let delivery = tempfile::tempdir()?;
    let plan = DeliveryPlan { n_courses: 2, n_learners: 12, n_days: 8, mess_rate: 0.2, rsa_bits: 2048, ..DeliveryPlan::default() };
    czar_synth::write_delivery(&plan, delivery.path(), &|_| {})?;
    let keys = SecretKeys::from_file(&delivery.path().join("keys/czar-secret.asc"), &PassPhrase::none())?;
    let mut corpus = Corpus(BTreeMap::new());
    for path in files(delivery.path())? {
        let relative = path.strip_prefix(delivery.path())?.to_string_lossy().into_owned();
        corpus.put("names", relative.as_bytes())?;
        if relative.ends_with(".zip") {
            let Ok(mut archive) = zip::ZipArchive::new(fs::File::open(&path)?) else { continue };
            for first in (0..archive.len()).step_by(MEMBERS_OF_A_SEED) {
                let bytes = part_of_zip(&mut archive, first)?;
                // The list stands at the end, so a zip that was cut would be none.
                if bytes.len() <= MOST_SEED_BYTES {
                    corpus.put("zip_list", &bytes)?;
                }
            }
            for index in 0..archive.len() {
                let Ok(mut member) = archive.by_index(index) else { continue };
                let name = member.name()?.into_owned();
                let mut bytes = Vec::new();
                if member.read_to_end(&mut bytes).is_ok() {
                    corpus.put("names", name.as_bytes())?;
                    take(&mut corpus, &name, &bytes, &keys)?;
                }
            }
        } else {
            take(&mut corpus, &relative, &fs::read(&path)?, &keys)?;
        }
    }
    corpus.put("index_page", b"<a href=\"?C=N;O=D\">Name</a> <a href='../'>up</a> <A HREF=2014/>2014/</a> <a href=\"a%20b&amp;c.zip\">x</a>")?;
    corpus.put("s3_answer", b"<Error><Code>NoSuchBucket</Code><Message>The bucket does not exist.</Message></Error>")?;
    corpus.put(
        "s3_answer",
        b"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>\
          <Contents><Key>a%20b</Key><LastModified>2018-03-11T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size></Contents>\
          </ListBucketResult>",
    )?;
    println!("{:?}", corpus.0);
    Ok(())
}

/// Puts one file into the corpora of the readers that will see it.
fn take(corpus: &mut Corpus, name: &str, bytes: &[u8], keys: &SecretKeys) -> Result<(), Failure> {
    let file = classify(name);
    let mut clear = Vec::new();
    if file.wrapping.encrypted {
        // The choice of what the bytes are comes last in the encoding; the fuzzer finds it.
        corpus.put("openpgp", bytes)?;
        let Ok(mut message) = decrypt(bytes, keys, DecryptOptions { max_clear_bytes: None }) else { return Ok(()) };
        if message.read_to_end(&mut clear).is_err() {
            return Ok(());
        }
    } else {
        clear = bytes.to_vec();
    }
    corpus.put("inflate", &clear)?;
    let mut content = Vec::new();
    if inflate(&clear[..])?.read_to_end(&mut content).is_err() {
        return Ok(());
    }
    let lines = || content.split(|&byte| byte == b'\n').take(40);
    if matches!(file.kind, FileKind::Csv(_) | FileKind::CourseStructure) {
        corpus.put("other_file", &content)?;
    }
    match file.kind {
        FileKind::TrackingLog => lines().try_for_each(|line| corpus.put("tracking_log", line)),
        FileKind::Forum => lines().try_for_each(|line| corpus.put("forum", line)),
        FileKind::CourseStructure => corpus.put("course_structure", &content),
        FileKind::CourseArchive => {
            corpus.put("tar_archive", &content)?;
            corpus.put("course_archive", &members_of(&content)?)
        }
        // The table and the place of the cut stand behind the file in the encoding.
        FileKind::Table(_) | FileKind::EmailOptIn => corpus.put("database_file", &content),
        _ => Ok(()),
    }
}

/// Some members of a zip, as they are packed, as a zip of their own.
fn part_of_zip(archive: &mut zip::ZipArchive<fs::File>, first: usize) -> Result<Vec<u8>, Failure> {
    let mut part = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in first..archive.len().min(first + MEMBERS_OF_A_SEED) {
        let Ok(member) = archive.by_index_raw(index) else { continue };
        part.raw_copy_file(member)?;
    }
    Ok(part.finish()?.into_inner())
}

/// Members of a tar as the target reads them: name and content in turn, each ended by the byte 1. The course and its policies come first.
fn members_of(archive: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut members = Vec::new();
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        if name.ends_with(".xml") || name.ends_with(".json") {
            members.push((!(name.contains("course") || name.contains("polic")), name, content));
        }
    }
    members.sort();
    Ok(members.into_iter().flat_map(|(_, name, content)| [name.into_bytes(), vec![1], content, vec![1]].concat()).collect())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
