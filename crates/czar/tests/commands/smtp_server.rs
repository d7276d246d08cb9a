//! A real mail server (aiosmtpd, from the tests' Python environment) that lives as long as a test, with a certificate of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde::Deserialize;
use tempfile::TempDir;

pub(crate) const USER: &str = "czar@example.org";
/// Planted: no output, log, database or process list may show it.
pub(crate) const PASSWORD: &str = "planted-Zr8kQ-secret";

/// The running server. It ends with the pipe to it, also when a test fails.
pub(crate) struct SmtpServer {
    process: Child,
    folder: TempDir,
    /// With STARTTLS and login.
    pub(crate) starttls: u16,
    /// Encrypted from the start, with login.
    pub(crate) tls: u16,
    /// In clear, without login.
    pub(crate) bare: u16,
}

/// A message as the server took it.
#[derive(Debug, Deserialize)]
pub(crate) struct Received {
    pub(crate) from: String,
    /// As the client named them to the server.
    pub(crate) to: Vec<String>,
    pub(crate) user: Option<String>,
    pub(crate) is_encrypted: bool,
    pub(crate) content: String,
}

impl SmtpServer {
    /// Starts a server on ports of its own and waits until it listens.
    pub(crate) fn start() -> Self {
        let python = std::env::var_os("CZAR_TEST_PYTHON").expect("run ./test: it makes the Python environment and sets CZAR_TEST_PYTHON");
        let folder = tempfile::tempdir().unwrap();
        make_certificate(folder.path());
        std::fs::create_dir(folder.path().join("mail")).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/smtp_server.py");
        let mut command = Command::new(python);
        command.arg(script).args(["mail", "certificate.pem", "key.pem", USER, PASSWORD]).current_dir(folder.path());
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ports: Vec<u16> = line.split_whitespace().map(|port| port.parse().unwrap()).collect();
        let [starttls, tls, bare] = ports[..] else { panic!("the server did not start") };
        Self { process, folder, starttls, tls, bare }
    }

    /// The certificate that a client has to trust.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// The section `[mail]` for one of the ports, trusting the certificate, with the password in a file.
    pub(crate) fn mail_section(&self, security: &str, port: u16) -> String {
        let ca_file = self.ca_file();
        let login = if security == "none" { String::new() } else { format!("user = \"{USER}\"\npassword_file = \"password\"\n") };
        format!(
            "[mail]\nhost = \"localhost\"\nport = {port}\nsecurity = \"{security}\"\nfrom = \"Data czar <czar@example.org>\"\n\
             ca_file = \"{}\"\ntimeout_secs = 10\n{login}",
            ca_file.display()
        )
    }

    /// What it took so far, in order.
    pub(crate) fn received(&self) -> Vec<Received> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(self.folder.path().join("mail")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        paths.sort();
        paths.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn make_certificate(folder: &Path) {
    let config = "[req]\ndistinguished_name = name\nx509_extensions = use\nprompt = no\n[name]\nCN = mail server of a test\n[use]\n\
                  subjectAltName = DNS:localhost,IP:127.0.0.1\nbasicConstraints = critical,CA:FALSE\n";
    czar_pipeline::atomic_file::write(&folder.join("request"), config.as_bytes()).unwrap();
    let arguments =
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -config request -keyout key.pem -out certificate.pem";
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().expect("openssl is installed by ./test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
