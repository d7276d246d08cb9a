//! `czar sync` from other places than a friendly bucket: folders, web pages, hostile listings; and with keys from files.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::fault_proxy::{Fault, FaultProxy};
use crate::s3_server::{ACCESS_KEY, S3Server, SECRET_KEY};
use crate::support::Place;
use crate::sync::{content, day, event_key, files, objects, place, told};

#[test]
fn a_mounted_copy_is_synced_like_a_bucket() {
    let place = Place::new();
    place.write(
        "set/czar.toml",
        "delivery_folder = \"in\"\ndata_folder = \"data\"\n[organisation]\nname = \"UniversityX\"\n[sync]\nkeep_free_bytes = 0\n\
         kinds = [\"events\", \"packages\", \"program-reports\"]\nevents = \"../mnt/edx-course-data\"\npackages = \"../mnt/course-data\"\n\
         program_reports = \"../mnt/course-data\"\n",
    );
    let event = event_key("universityx", day(0));
    for path in [&format!("edx-course-data/{event}"), "course-data/universityx-2018-03-11.zip", "course-data/reports_v2/UniversityX/a.csv"]
    {
        place.write(&format!("mnt/{path}"), content(path));
    }
    place.write("mnt/course-data/collegey-2018-03-11.zip", b"not ours");
    place.write("mnt/course-data/reports_v2/CollegeY/a.csv", b"not ours");
    place.write("mnt/course-data/notes.docx", b"minutes");
    let sync = || place.czar(&["--config", "set/czar.toml", "sync"]);
    let text = sync();
    assert!(text.contains("Fetched 3 files: ") && text.contains("2 of other organisations"), "{text}");
    let expected: Vec<String> = vec![
        "course-data/reports_v2/UniversityX/a.csv".to_owned(),
        "course-data/universityx-2018-03-11.zip".to_owned(),
        format!("edx-course-data/{event}"),
    ];
    assert_eq!(files(&place.path("set/in")).into_keys().collect::<Vec<_>>(), expected);
    let age = |path: &str| place.path(path).metadata().unwrap().modified().unwrap();
    let (source, copy) = (age("mnt/course-data/universityx-2018-03-11.zip"), age("set/in/course-data/universityx-2018-03-11.zip"));
    assert!(source.duration_since(copy).unwrap().as_millis() < 1, "a copy is as old as what it was copied from");
    assert!(sync().contains("Nothing to fetch: 3 known"));
    place.write("mnt/course-data/universityx-2018-03-11.zip", b"more bytes than before, and later");
    assert!(sync().contains("1 changed"));
    #[expect(clippy::disallowed_methods, reason = "the folder of a test that goes away, as a mount does")]
    std::fs::rename(place.path("mnt"), place.path("away")).unwrap();
    let text = sync();
    assert!(text.starts_with("exit code: 3") && text.contains("there is no such folder") && text.contains("is it mounted?"), "{text}");
    assert_eq!(files(&place.path("set/in")).len(), 3);
}

/// A web server that lists a folder, and knows no ranges.
struct WebServer {
    process: Child,
    port: u16,
}

impl WebServer {
    fn start(folder: &Path) -> Self {
        let python = std::env::var_os("CZAR_TEST_PYTHON").expect("run ./test: it makes the Python environment and sets CZAR_TEST_PYTHON");
        let mut command = Command::new(python);
        command.args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]).current_dir(folder);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.split(" port ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
        Self { process, port }
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn files_that_a_web_server_lists_arrive_though_connections_break() {
    let place = place();
    let events: Vec<String> = (0..20).map(|n| event_key("universityx", day(n))).collect();
    for key in events.iter().chain(&[event_key("collegey", day(0)), "universityx-2018-03-11.zip".to_owned(), "a & b/x.txt".to_owned()]) {
        place.write(&format!("web/edx/{key}"), content(key));
    }
    place.write("web/outside/universityx-2018-03-18.zip", b"not below the address");
    let server = WebServer::start(&place.path("web"));
    let broken = crate::fault_proxy::passing_trouble(3, 20);
    let proxy = FaultProxy::start(server.port, move |number, line| match broken(number, line) {
        // A page without its end is a page: this server does not say how long it is to be.
        Fault::Truncate if !line.contains(".gpg") => Fault::None,
        fault => fault,
    });
    let address = format!("http://127.0.0.1:{}/edx", proxy.port);
    let environment =
        [("CZAR__SYNC__EVENTS", address.clone()), ("CZAR__SYNC__PACKAGES", address), ("CZAR__SYNC__KINDS", "events,packages".to_owned())];
    let text = told(&place, &environment, &[]);
    assert!(text.starts_with("exit code: 0") && text.contains("Fetched 21 files: ") && text.contains("1 of other org"), "{text}");
    let expected = |key: &String| (format!("edx/{key}"), content(key));
    let keys = events.iter().cloned().chain(["universityx-2018-03-11.zip".to_owned()]);
    assert!(files(&place.path("delivery")) == keys.map(|key| expected(&key)).collect());
    proxy.behave(|_, _| Fault::None);
    assert!(told(&place, &environment, &[]).contains("Nothing to fetch: 21 known"));
    let since = told(&place, &environment, &["--dry-run", "--since", "2012-01-20"]);
    assert!(since.contains("0 files to fetch") && !since.contains("no longer there"), "{since}");
    let nowhere =
        [("CZAR__SYNC__EVENTS", format!("http://127.0.0.1:{}/nowhere/", server.port)), ("CZAR__SYNC__KINDS", "events".to_owned())];
    let text = told(&place, &nowhere, &[]);
    assert!(text.starts_with("exit code: 2") && text.contains("404") && text.contains("a page that lists files"), "{text}");
    let with_password =
        [("CZAR__SYNC__EVENTS", "https://czar:planted@data.example/".to_owned()), ("CZAR__SYNC__KINDS", "events".to_owned())];
    let text = told(&place, &with_password, &[]);
    assert!(text.starts_with("exit code: 2") && text.contains("`https://data.example`") && !text.contains("planted"), "{text}");
}

#[test]
fn hostile_keys_never_leave_the_folder() {
    let (place, server) = (place(), S3Server::start());
    let good = format!("universityx-{}.zip", day(0));
    server.put_all("course-data", &objects([good.clone()]));
    let contents: String = [
        good.as_str(),
        "universityx-a/../../../../tmp/universityx-2018-03-11.zip",
        "universityx-b//universityx-2018-03-18.zip",
        "universityx-c/%2e%2e/universityx-2018-03-25.zip",
        "universityx-%1b%5b2J/universityx-2018-04-01.zip",
        "/etc/universityx-2018-04-08.zip",
        "universityx-d\\..\\universityx-2018-04-15.zip",
        &format!("universityx-{}/universityx-2018-04-22.zip", "e".repeat(300)),
        &good.replace("universityx", "UNIVERSITYX"),
        &format!("{good}/universityx-2018-04-29.zip"),
        "collegey-%0a2018-03-11.zip",
    ]
    .iter()
    .map(|key| format!("<Contents><Key>{key}</Key><Size>999</Size><ETag>&quot;x&quot;</ETag></Contents>"))
    .collect();
    // The one that is there has its own size and ETag.
    let size = content(&good).len();
    let contents = contents.replacen("<Size>999</Size><ETag>&quot;x&quot;</ETag>", &format!("<Size>{size}</Size>"), 1);
    let page = format!("<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>");
    let proxy = FaultProxy::start(
        server.port(),
        move |_, line| {
            if line.contains("list-type=2") { Fault::Answer(200, page.clone()) } else { Fault::None }
        },
    );
    let mut environment = server.environment_through(proxy.port).to_vec();
    environment.push(("CZAR__SYNC__KINDS", "packages".to_owned()));
    let text = told(&place, &environment, &[]);
    insta::assert_snapshot!("hostile_keys", text);
    assert!(!text.contains('\u{1b}'));
    let there: Vec<String> = files(&place.path("")).into_keys().filter(|path| path.contains(".zip")).collect();
    assert_eq!(there, [format!("delivery/course-data/{good}")]);
}

#[test]
fn keys_are_found_in_every_place_where_people_keep_them() {
    let (place, server) = (place(), S3Server::start());
    server.put_all("course-data", &objects([format!("universityx-{}.zip", day(0))]));
    place.data(&["synth", "made", "--learners", "5", "--days", "1", "--courses", "1"]);
    let csv = format!("User Name,Access Key Id,Secret Access Key\n\"czar@universityx.example\",{ACCESS_KEY},{SECRET_KEY}\n");
    place.write("clear/credentials.csv", &csv);
    place.write("id", format!("{ACCESS_KEY}\n"));
    place.write("secret", format!("{SECRET_KEY}\n"));
    place.write(".aws/credentials", format!("[edx]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"));
    place.write(".aws/config", format!("[profile edx]\nregion = us-east-1\nendpoint_url = {}\n", server.environment()[0].1));
    let sealed = place.shell(
        "mkdir -m 700 g && export GNUPGHOME=$PWD/g && gpg --batch --quiet --import made/keys/czar-secret.asc && \
         key=$(gpg --batch --with-colons --list-keys | awk -F: '$1 == \"fpr\" {print $10; exit}') && \
         gpg --batch --quiet --always-trust --recipient $key --output credentials.csv.gpg --encrypt clear/credentials.csv; \
         result=$?; gpgconf --kill all; exit $result",
    );
    assert!(sealed.status.success(), "{}", place.told(&sealed));
    let endpoint = server.environment()[0].clone();
    let key = ("CZAR__KEYS__SECRET_KEY_FILE", "made/keys/czar-secret.asc".to_owned());
    let kinds = ("CZAR__SYNC__KINDS", "packages".to_owned());
    for variables in [
        vec![("CZAR__SYNC__CREDENTIALS_FILE", "credentials.csv.gpg".to_owned()), endpoint.clone(), key],
        vec![("CZAR__SYNC__CREDENTIALS_FILE", "clear/credentials.csv".to_owned()), endpoint.clone()],
        vec![
            ("CZAR__SYNC__ACCESS_KEY_ID_FILE", "id".to_owned()),
            ("CZAR__SYNC__SECRET_ACCESS_KEY_FILE", "secret".to_owned()),
            endpoint.clone(),
        ],
        vec![("CZAR__SYNC__PROFILE", "edx".to_owned())],
        vec![("AWS_PROFILE", "edx".to_owned())],
    ] {
        let _ = std::fs::remove_dir_all(place.path("delivery"));
        let _ = std::fs::remove_dir_all(place.path("data"));
        let text = told(&place, &[variables.clone(), vec![kinds.clone()]].concat(), &[]);
        assert!(text.contains("Fetched 1 file: ") && !text.contains(SECRET_KEY), "{variables:?}: {text}");
    }
    // A stranger's key does not open it, and says so.
    place.data(&["synth", "other", "--seed", "8", "--learners", "5", "--days", "1", "--courses", "1"]);
    let variables = [
        ("CZAR__SYNC__CREDENTIALS_FILE", "credentials.csv.gpg".to_owned()),
        ("CZAR__KEYS__SECRET_KEY_FILE", "other/keys/czar-secret.asc".to_owned()),
        endpoint,
    ];
    let text = told(&place, &variables, &[]);
    assert!(
        text.starts_with("exit code: 2") && text.contains("could not decrypt `credentials.csv.gpg`") && text.contains("hint:"),
        "{text}"
    );
}
