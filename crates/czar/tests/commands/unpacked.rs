//! A delivery as people keep it who decrypted and unpacked all of it with other programs.

use std::process::Command;

use crate::support::Place;

const UNPACK: &str = r#"
import gzip, pathlib, subprocess, sys, zipfile
root, out, home = map(pathlib.Path, sys.argv[1:4])
home.mkdir(mode=0o700)
def gpg(*arguments, data=None):
    return subprocess.run(['gpg', '--homedir', home, '--batch', '--quiet', *arguments], input=data, capture_output=True, check=True).stdout
def opened(data):
    # A file of no bytes stays one.
    return gpg('--decrypt', data=data) if data else data
def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
gpg('--import', root / 'keys/czar-secret.asc')
for path in root.rglob('*.log.gz.gpg'):
    packed = opened(path.read_bytes())
    write(out / 'logs' / path.name.removesuffix('.gz.gpg'), gzip.decompress(packed) if packed else packed)
for path in (root / 'edx-program-reports').rglob('*.csv'):
    write(out / 'reports_v2' / path.parent.name / path.name, path.read_bytes())
for path in (root / 'course-data').rglob('*.zip'):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            # The opt-in zip has no folder of its own.
            full = name if '/' in name else f'{path.stem}/{name}'
            data = archive.read(name)
            write(out / full.removesuffix('.gpg'), opened(data) if name.endswith('.gpg') else data)
subprocess.run(['gpgconf', '--homedir', home, '--kill', 'all'])
"#;

/// Decrypts and unpacks a delivery of `czar synth` with GnuPG and Python: logs in `logs/`, a folder for each package.
pub(crate) fn unpack(place: &Place, delivery: &str, out: &str) {
    let mut python = Command::new("python3");
    python.args(["-c", UNPACK]).arg(place.path(delivery)).arg(place.path(out)).arg(place.path("gnupg-of-unpack"));
    let output = python.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
