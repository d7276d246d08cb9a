//! The same data in every shape in which people keep them: the tables are those of the original shape, and a second run has nothing to do.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::lake_text::rows_text;
use crate::support::Place;

const KEY: [&str; 2] = ["--secret-key-file", "delivery/keys/czar-secret.asc"];

/// Ingests a folder into a lake of its own.
fn ingest(place: &Place, shape: &str) -> String {
    let config = format!("lakes/{}/czar.toml", shape.replace('/', "-"));
    if !place.path(&config).exists() {
        place.write(&config, "");
    }
    place.czar(&["--config", &config, "ingest", shape, KEY[0], KEY[1]])
}

fn rows(place: &Place, shape: &str, left_out: &[&str]) -> String {
    rows_text(&place.path(format!("lakes/{}/data/lake", shape.replace('/', "-"))), left_out)
}

fn query(place: &Place, shape: &str, sql: &str) -> String {
    let config = format!("lakes/{}/czar.toml", shape.replace('/', "-"));
    place.data(&["--config", &config, "query", "--format", "csv", sql])
}

/// A delivery, and all shapes of it.
fn shapes() -> Place {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "12", "--days", "8", "--courses", "1"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/shapes.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(place.path("delivery")).arg(place.path("shapes")).arg(place.path("gnupg"));
    let output = python.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    place
}

#[test]
fn every_shape_gives_the_tables_of_the_original_one_and_is_loaded_once() {
    let place = shapes();
    assert!(ingest(&place, "delivery").starts_with("exit code: 0"));
    // A file that lies in no package cannot be named after it.
    let of_no_package: &[&str] = &["_source_file", "source_file", "_package_date"];
    let (whole, bare) = (rows(&place, "delivery", &[]), rows(&place, "delivery", of_no_package));
    assert!(whole.len() > 100_000, "there is something to compare");
    let mut faults = String::new();
    for shape in [
        "flat",
        "repacked-gz",
        "repacked-backward",
        "repacked-plain",
        "repacked-zstd",
        "repacked-sealed-members",
        "repacked-sealed",
        "logs-in-tar",
        "all-in-one-tar",
        "logs-zstd",
        "wrong-names",
        "wrong-names-clear",
        "optimus",
        "a-day-is-enough",
        "zipped-again",
        "no-day-no-site",
    ] {
        let folder = format!("shapes/{shape}");
        let (told, again) = (ingest(&place, &folder), ingest(&place, &folder));
        let is_bare = shape == "no-day-no-site";
        let same = if is_bare { rows(&place, &folder, of_no_package) == bare } else { rows(&place, &folder, &[]) == whole };
        if !(told.starts_with("exit code: 0") && again.contains("Nothing to ingest") && same) {
            writeln!(faults, "{shape}: same tables: {same}\n{told}{again}").unwrap();
        }
        let tells_assumptions = told.contains("when the newest of them was changed") && told.contains("taken as edX's own site");
        assert_eq!(is_bare, tells_assumptions, "{told}");
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn a_research_exchange_never_meets_the_tables_of_its_courses() {
    let place = shapes();
    for shape in ["shapes/exchange", "shapes/exchange-open"] {
        let told = ingest(&place, shape);
        assert!(told.starts_with("exit code: 0") && told.contains("describes a research exchange"), "{told}");
        assert!(ingest(&place, shape).contains("Nothing to ingest"));
        let sites = query(&place, shape, "select distinct site from loads where table_name is not null");
        assert_eq!(sites, "site\nrdx-req7\n");
        assert!(query(&place, shape, "select count(*) > 0 as it from auth_user").contains("true"));
    }
    assert!(rows(&place, "shapes/exchange", &[]) == rows(&place, "shapes/exchange-open", &[]));
    // Beside the package of the same course in one lake.
    ingest(&place, "delivery");
    let before = query(&place, "delivery", "select _site, count(*) from auth_user_history group by 1 order by 1");
    let config = "lakes/delivery/czar.toml";
    place.czar(&["--config", config, "ingest", "shapes/exchange", KEY[0], KEY[1]]);
    let ours = "select _site, count(*) from auth_user_history where _site not like 'rdx%' group by 1 order by 1";
    let after = place.data(&["--config", config, "query", "--format", "csv", ours]);
    assert_eq!(after, before);
}

fn event(day: u32, n: usize) -> String {
    format!(
        "{{\"username\": \"u{n}\", \"event_source\": \"server\", \"event_type\": \"/x\", \"event\": {{}}, \"time\": \"2024-01-{day:02}T10:00:{:02}+00:00\"}}\n",
        n % 60
    )
}

fn day(day: u32, n_events: usize) -> String {
    (0..n_events).map(|n| event(day, n)).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_log_of_ones_own_is_the_same_file_however_it_is_rotated() {
    let place = Place::new();
    place.write("czar.toml", "");
    let count = || {
        place.data(&[
            "query",
            "--format",
            "csv",
            "select _site, count(*) as n, count(distinct _source_file) as files from tracking_events group by 1 order by 1",
        ])
    };
    place.write("logs/tracking.log", day(3, 5));
    place.write("logs/tracking.log.1", day(2, 7));
    place.write("logs/tracking.log.2.gz", gzip(day(1, 9).as_bytes()));
    place.data(&["ingest", "logs"]);
    assert_eq!(count(), "_site,n,files\nlocal,21,3\n");

    // It grew, was rotated, and a new one began; a copy taken earlier lies beside.
    place.write("logs/tracking.log", "");
    place.write("logs/tracking.log.1", day(3, 8));
    place.write("logs/tracking.log.2.gz", gzip(day(2, 7).as_bytes()));
    place.write("logs/tracking.log-20240101-1704100000.gz", gzip(day(1, 9).as_bytes()));
    place.write("logs/kept/tracking.log", day(3, 2));
    let told = place.czar(&["ingest", "logs"]);
    assert!(told.starts_with("exit code: 0") && told.contains("holds no event yet"), "{told}");
    assert_eq!(count(), "_site,n,files\nlocal,24,3\n");
    assert!(place.czar(&["ingest", "logs"]).contains("Nothing to ingest"));

    // Any other log is one of edX when it holds events, and none of ours when not.
    place.write("logs/course.log", day(4, 3));
    place.write("logs/edge/course.log", day(5, 4));
    place.write("logs/apache.log", "127.0.0.1 - - GET /\n");
    let told = place.czar(&["ingest", "logs"]);
    assert!(told.contains("taken as a log of `edx`") && told.contains("apache.log"), "{told}");
    assert_eq!(count(), "_site,n,files\nedge,4,1\nedx,3,1\nlocal,24,3\n");
}

#[test]
fn a_shorter_copy_of_a_log_of_ones_own_takes_nothing_away() {
    let place = Place::new();
    place.write("czar.toml", "");
    let is = |n: usize| {
        let sql = "select count(*), max(n_rows) from tracking_events join loads on _load_id = load_id";
        let counted = place.data(&["query", "--format", "csv", sql]);
        assert_eq!(counted.lines().nth(1), Some(format!("{n},{n}").as_str()), "{counted}");
    };
    let whole = day(3, 9);
    place.write("whole/tracking.log", &whole);
    place.data(&["ingest", "whole"]);
    is(9);
    // Fewer lines, the last line cut, packed: each alone, in a folder of its own.
    for (folder, bytes) in [
        ("shorter", day(3, 4).into_bytes()),
        ("cut", whole.as_bytes()[..whole.len() - 40].to_vec()),
        ("packed", gzip(day(3, 8).as_bytes())),
    ] {
        place.write(&format!("{folder}/tracking.log.1"), bytes);
        let told = place.czar(&["ingest", folder]);
        assert!(told.starts_with("exit code: 0") && told.contains("shorter than the copy of this log that is loaded"), "{told}");
        assert!(told.contains("Nothing to ingest: 1 file unchanged"), "{told}");
        is(9);
    }
    // What is longer takes its place, whatever came between; what is asked for aloud is done.
    place.write("longer/tracking.log", gzip(day(3, 12).as_bytes()));
    place.data(&["ingest", "longer"]);
    is(12);
    place.data(&["ingest", "--again", "shorter"]);
    is(4);
}

#[test]
fn links_end_and_every_file_is_read_once() {
    let place = Place::new();
    place.write("czar.toml", "");
    place.write("logs/2024/universityx-edx-events-2024-01-01.log", day(1, 4));
    place.write("store/abc123", day(2, 5));
    place.write("elsewhere/universityx-edx-events-2024-01-03.log", day(3, 6));
    let at = |path: &str| place.path(path);
    symlink("..", at("logs/2024/up")).unwrap();
    symlink("/", at("logs/all")).unwrap();
    symlink("2024", at("logs/latest")).unwrap();
    symlink("nowhere", at("logs/gone")).unwrap();
    symlink("loop", at("logs/loop")).unwrap();
    symlink("2024/universityx-edx-events-2024-01-01.log", at("logs/universityx-edge-events-2024-01-09.log")).unwrap();
    symlink(at("store/abc123"), at("logs/universityx-edx-events-2024-01-02.log")).unwrap();
    symlink(at("elsewhere"), at("logs/other")).unwrap();
    let strange = at("logs").join(std::ffi::OsStr::from_bytes(b"Universit\xe9"));
    std::fs::create_dir(&strange).unwrap();
    std::fs::copy(at("store/abc123"), strange.join("universityx-edge-events-2024-01-02.log")).unwrap();
    let deep = (0..60).fold(at("logs"), |path, _| path.join("deeper"));
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::copy(at("store/abc123"), deep.join("universityx-edge-events-2024-01-04.log")).unwrap();
    let told = place.czar(&["ingest", "logs"]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    let files = place.data(&["query", "--format", "csv", "select file_key from loads order by 1"]);
    let keys: Vec<&str> = files.lines().skip(1).map(|key| key.trim_start_matches("universityx-")).collect();
    let expected =
        ["edge-events-2024-01-02", "edge-events-2024-01-04", "edx-events-2024-01-01", "edx-events-2024-01-02", "edx-events-2024-01-03"];
    assert_eq!(keys, expected, "{told}");
}

/// Archives made to do harm, by the pack programs of Python.
const HOSTILE: &str = r#"
import gzip, io, pathlib, struct, sys, tarfile, zipfile
out = pathlib.Path(sys.argv[1])
event = b'{"username": "u", "event_source": "server", "event_type": "/x", "event": {}, "time": "2024-01-01T10:00:00+00:00"}\n'
def tar(*members):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode='w') as archive:
        for name, data, kind in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(data), kind, '/etc/passwd'
            archive.addfile(member, io.BytesIO(data))
    return made.getvalue()
def log(name): return (name, event, tarfile.REGTYPE)
(out / 'links.tar').write_bytes(tar(
    log('/tmp/../../universityx-edx-events-2024-01-01.log'), log('../../../universityx-edx-events-2024-01-02.log'),
    ('universityx-edx-events-2024-01-03.log', b'', tarfile.SYMTYPE), ('universityx-edx-events-2024-01-04.log', b'', tarfile.LNKTYPE),
    ('universityx-edx-events-2024-01-05.log', b'', tarfile.CHRTYPE),
    log('twice/universityx-edx-events-2024-01-06.log'), ('twice/universityx-edx-events-2024-01-06.log', event + event.replace(b'u', b'v'), tarfile.REGTYPE)))
whole = tar(log('universityx-edx-events-2024-02-01.log'), ('universityx-edx-events-2024-02-02.log', event * 50, tarfile.REGTYPE))
(out / 'cut.tar').write_bytes(whole[:3000])
(out / 'cut.tar.gz').write_bytes(gzip.compress(whole)[:-9])
(out / 'flipped.tar').write_bytes(whole[:20] + b'!' + whole[21:])
(out / 'empty.tar').write_bytes(b'')
(out / 'text.tar.gz').write_bytes(b'this is no tar\n' * 100)
huge = tarfile.TarInfo('universityx-edx-events-2024-02-03.log'); huge.size = 1 << 60
(out / 'huge.tar').write_bytes(huge.tobuf(tarfile.GNU_FORMAT) + event)
zeros = gzip.compress(bytes(8 << 20))
(out / 'universityx-edx-events-2024-02-04.log.gz').write_bytes(zeros * 160)
bomb = tarfile.TarInfo('universityx-edx-events-2024-02-05.log'); bomb.size = 1280 << 20
(out / 'bomb.tgz').write_bytes(gzip.compress(bomb.tobuf()) + zeros * 160 + gzip.compress(bytes(1024)))
def zipped(*members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, data in members: archive.writestr(name, data)
    return bytearray(made.getvalue())
locked = zipped(('universityx-edx-events-2024-02-06.log', event))
for sign, at in ((b'PK\3\4', 6), (b'PK\1\2', 8)):
    locked[locked.find(sign) + at] |= 1
(out / 'locked.zip').write_bytes(locked)
million = zipped(('universityx-edx-events-2024-02-07.log', event))
end = million.rfind(b'PK\5\6')
record = struct.pack('<IQHHIIQQQQ', 0x06064b50, 44, 45, 45, 0, 0, 10**7, 10**7, 46, 0) + struct.pack('<IIQI', 0x07064b50, 0, end, 1)
million[end:end] = record
end += len(record)
million[end + 8:end + 12] = b'\xff\xff\xff\xff'
(out / 'million.zip').write_bytes(million)
import warnings; warnings.simplefilter('ignore')
(out / 'twice.zip').write_bytes(zipped(('universityx-edx-events-2024-02-08.log', event), ('universityx-edx-events-2024-02-08.log', event * 2)))
"#;

#[test]
fn archives_made_to_do_harm_are_named_and_give_nothing() {
    let place = Place::new();
    place.write("czar.toml", "");
    place.write("in/universityx-edx-events-2024-01-31.log", day(31, 3));
    let made = Command::new("python3").args(["-c", HOSTILE]).arg(place.path("in")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let told = place.czar(&["ingest", "in"]);
    assert!(told.starts_with("exit code: 1"), "{told}");
    for (name, reason) in [
        ("cut.tar`", "archive is cut short"),
        ("cut.tar.gz`", "gzip"),
        ("flipped.tar`", "not a tar archive"),
        ("empty.tar`", "file is empty"),
        ("text.tar.gz`", "not a tar archive"),
        ("huge.tar`", "archive is cut short"),
        ("universityx-edx-events-2024-02-04.log.gz`", "times its size"),
        ("bomb.tgz`", "times its size"),
        ("locked.zip!universityx-edx-events-2024-02-06.log`", "pass-word"),
        ("million.zip`", "more than the 1000000 we take"),
    ] {
        assert!(told.lines().any(|line| line.starts_with("error:") && line.contains(name) && line.contains(reason)), "{name}: {told}");
    }
    assert_eq!(told.lines().filter(|line| line.starts_with("error:")).count(), 10, "{told}");
    assert!(told.contains("3 links and devices") && told.contains("have the name of another"), "{told}");
    let loaded = place.data(&["query", "--format", "csv", "select file_key, n_records from loads where state = 'loaded' order by 1"]);
    let expected = "file_key,n_records\n\
        universityx-edx-events-2024-01-01,1\nuniversityx-edx-events-2024-01-02,1\nuniversityx-edx-events-2024-01-06,2\n\
        universityx-edx-events-2024-01-31,3\nuniversityx-edx-events-2024-02-08,2\n";
    assert_eq!(loaded, expected, "{told}");
    assert!(!place.path("universityx-edx-events-2024-01-02.log").exists());

    let again = place.czar(&["ingest", "in"]);
    assert!(again.starts_with("exit code: 1"), "what was damaged is named again: {again}");
}
