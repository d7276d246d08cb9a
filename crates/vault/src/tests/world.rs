//! The keys of the tests. The real `gpg` makes them once for all test processes, because that takes seconds and nextest runs each test in a
//! process of its own. They lie below the target folder and open nothing else; the repository holds none.

use super::*;
use std::path::PathBuf;

/// To be raised when other keys are made, or other files of them.
const VERSION: u32 = 1;

/// Exported keys; the home they were made in is gone.
pub(super) struct World {
    pub(super) partner: KeyPair,
    pub(super) edx: KeyPair,
    pub(super) stranger: KeyPair,
    pub(super) protected: KeyPair,
    pub(super) expired: KeyPair,
    pub(super) sign_only: KeyPair,
}

#[derive(Clone)]
pub(super) struct KeyPair {
    pub(super) name: &'static str,
    pub(super) public: Vec<u8>,
    pub(super) secret: Vec<u8>,
    pub(super) armored_secret: Vec<u8>,
    /// Secret subkeys only, with a stub of the primary key.
    pub(super) subkeys: Vec<u8>,
}

pub(super) const PASS_PHRASE: &str = "open sesame";

const PARTNER: &str = "czar@universityx.test";
const EDX: &str = "data@edx.test";
const STRANGER: &str = "stranger@elsewhere.test";
const PROTECTED: &str = "protected@universityx.test";
const EXPIRED: &str = "expired@universityx.test";
const SIGNER: &str = "signer@universityx.test";

const EXPORTS: [(&str, &[&str]); 4] = [
    ("public", &["--export"]),
    ("secret", &["--export-secret-keys"]),
    ("armored-secret", &["--armor", "--export-secret-keys"]),
    ("subkeys", &["--export-secret-subkeys"]),
];

pub(super) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        // Unit tests are told no folder for their files: the program lies in `target/<profile>/deps`.
        let program = std::env::current_exe().unwrap();
        let folder = made_once(&program.ancestors().nth(2).unwrap().join("test-keys"), &format!("vault-{VERSION}"), make);
        let read = |name| {
            let export = |kind: &str| fs::read(folder.join(format!("{name}.{kind}"))).unwrap();
            KeyPair {
                name,
                public: export("public"),
                secret: export("secret"),
                armored_secret: export("armored-secret"),
                subkeys: export("subkeys"),
            }
        };
        World {
            partner: read(PARTNER),
            edx: read(EDX),
            stranger: read(STRANGER),
            protected: read(PROTECTED),
            expired: read(EXPIRED),
            sign_only: read(SIGNER),
        }
    })
}

/// Makes all keys and writes what `gpg` exports of them into a folder.
fn make(folder: &Path) {
    let home = Home::new();
    for name in [PARTNER, EDX, STRANGER] {
        home.make_key(name, "", false, "0", &[]);
    }
    home.make_key(PROTECTED, PASS_PHRASE, false, "0", &[]);
    home.make_key(EXPIRED, "", false, "30d", &["--faked-system-time", "20150101T000000!"]);
    home.make_key(SIGNER, "", true, "0", &[]);
    for name in [PARTNER, EDX, STRANGER, PROTECTED, EXPIRED, SIGNER] {
        let pass_phrase = if name == PROTECTED { PASS_PHRASE } else { "" };
        for (kind, arguments) in EXPORTS {
            let bytes = home.gpg(&[&["--passphrase", pass_phrase], arguments, &[name]].concat(), b"");
            write_all(&folder.join(format!("{name}.{kind}")), &bytes);
        }
    }
}

/// The folder `parent/name` as `make` filled it. One process fills it while the others wait for the lock, and it gets its name when it is
/// complete: a process that was killed leaves nothing that another would take for keys.
#[expect(clippy::disallowed_methods, reason = "a folder that a power cut leaves incomplete is deleted with the target folder")]
fn made_once(parent: &Path, name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    fs::create_dir_all(parent).unwrap();
    let lock = fs::File::create(parent.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let folder = parent.join(name);
    if !folder.is_dir() {
        let private = fs::Permissions::from_mode(0o700);
        let unfinished = tempfile::Builder::new().prefix("unfinished-").permissions(private).tempdir_in(parent).unwrap();
        make(unfinished.path());
        fs::rename(unfinished.keep(), &folder).unwrap();
    }
    folder
}

#[test]
fn keys_are_made_once_for_all_who_ask_at_the_same_time() {
    let parent = tempfile::tempdir().unwrap();
    let n_made = std::sync::atomic::AtomicUsize::new(0);
    let ask = || {
        let folder = made_once(parent.path(), "keys", |folder| {
            n_made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            write_all(&folder.join("key"), b"secret");
        });
        assert_eq!(fs::read(folder.join("key")).unwrap(), b"secret");
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(ask))));
    assert_eq!(n_made.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[test]
fn a_making_that_stops_half_way_leaves_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let stopped = std::panic::catch_unwind(|| made_once(parent.path(), "keys", |_| panic!("stopped")));
    assert!(stopped.is_err() && !parent.path().join("keys").exists());
    let folder = made_once(parent.path(), "keys", |folder| write_all(&folder.join("key"), b"secret"));
    assert_eq!(fs::read(folder.join("key")).unwrap(), b"secret");
}
