//! A proxy between a client and a server that makes trouble: which request meets which, is decided by its number and first line alone, so
//! that a test meets the same trouble each time. It can also hold all traffic when so many bytes of answers went through.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::week::Dice;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The proxy answers itself.
    Answer(u16, String),
    /// The connection ends without an answer.
    Close,
    /// The answer ends after half of its body.
    Truncate,
    /// A bit of the body is another one.
    Flip,
    /// There is no answer, and the connection stays.
    Stall,
}

type Behaviour = Box<dyn Fn(u64, &str) -> Fault + Send + Sync>;

/// The running proxy. It ends with the test's process.
pub(crate) struct FaultProxy {
    pub(crate) port: u16,
    state: Arc<State>,
}

struct State {
    upstream: u16,
    behaviour: Mutex<Behaviour>,
    n_requests: AtomicU64,
    heads: Mutex<Vec<String>>,
    /// Bytes of answers that may still go through; no limit when absent.
    allowance: Mutex<Option<u64>>,
    is_used_up: Condvar,
    /// Connections that are held.
    held: Mutex<Vec<TcpStream>>,
}

impl FaultProxy {
    /// A proxy to a port of this machine.
    pub(crate) fn start(upstream: u16, behaviour: impl Fn(u64, &str) -> Fault + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            upstream,
            behaviour: Mutex::new(Box::new(behaviour)),
            n_requests: AtomicU64::new(0),
            heads: Mutex::default(),
            allowance: Mutex::new(None),
            is_used_up: Condvar::new(),
            held: Mutex::default(),
        });
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                // A client that is killed in the middle is the rule here.
                std::thread::spawn(move || drop(state.serve(stream)));
            }
        });
        Self { port, state }
    }

    /// From now on something else happens.
    pub(crate) fn behave(&self, behaviour: impl Fn(u64, &str) -> Fault + Send + Sync + 'static) {
        *self.state.behaviour.lock().unwrap() = Box::new(behaviour);
    }

    /// The heads of all requests since this was asked last.
    pub(crate) fn take_heads(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.heads.lock().unwrap())
    }

    /// Lets so many bytes of answers through and holds the rest.
    pub(crate) fn allow(&self, n_bytes: Option<u64>) {
        *self.state.allowance.lock().unwrap() = n_bytes;
        self.state.held.lock().unwrap().clear();
    }

    /// Waits until all that was allowed went through, or `is_over` says that nothing more will come.
    pub(crate) fn wait_until_used_up(&self, mut is_over: impl FnMut() -> bool) {
        let mut allowance = self.state.allowance.lock().unwrap();
        while *allowance != Some(0) && !is_over() {
            allowance = self.state.is_used_up.wait_timeout(allowance, Duration::from_millis(20)).unwrap().0;
        }
    }
}

impl State {
    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let head = read_head(&mut client)?;
        let number = self.n_requests.fetch_add(1, Ordering::Relaxed);
        self.heads.lock().unwrap().push(head.clone());
        let fault = (self.behaviour.lock().unwrap())(number, head.lines().next().unwrap_or_default());
        match fault {
            Fault::Close => return Ok(()),
            Fault::Stall => {
                self.held.lock().unwrap().push(client);
                return Ok(());
            }
            Fault::Answer(status, body) => {
                let answer = format!(
                    "HTTP/1.1 {status} Fault\r\nDate: Sun, 11 Mar 2018 00:00:00 GMT\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                return client.write_all(answer.as_bytes());
            }
            Fault::None | Fault::Truncate | Fault::Flip => {}
        }
        let mut answer = self.ask(&head)?;
        let body_at = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
        if fault == Fault::Truncate {
            answer.truncate(body_at + (answer.len() - body_at) / 2);
        }
        if fault == Fault::Flip && answer.len() > body_at {
            let middle = (body_at + answer.len()) / 2;
            answer[middle] ^= 1;
        }
        client.write_all(&answer[..body_at])?;
        for piece in answer[body_at..].chunks(4096) {
            let n_allowed = self.take_allowance(piece.len());
            client.write_all(&piece[..n_allowed])?;
            if n_allowed < piece.len() {
                self.held.lock().unwrap().push(client);
                return Ok(());
            }
        }
        Ok(())
    }

    fn take_allowance(&self, wanted: usize) -> usize {
        let mut allowance = self.allowance.lock().unwrap();
        let Some(left) = &mut *allowance else { return wanted };
        let taken = wanted.min(usize::try_from(*left).unwrap());
        *left -= taken as u64;
        if *left == 0 {
            self.is_used_up.notify_all();
        }
        taken
    }

    /// One connection a request: the server ends it, and so the end of the answer is known.
    fn ask(&self, head: &str) -> std::io::Result<Vec<u8>> {
        let mut server = TcpStream::connect(("127.0.0.1", self.upstream))?;
        let (first, rest) = head.split_once("\r\n").unwrap_or((head, "\r\n"));
        server.write_all(format!("{first}\r\nConnection: close\r\n{rest}").as_bytes())?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Trouble for so many requests in a hundred, of all kinds that pass, but no stalls.
pub(crate) fn passing_trouble(seed: u64, percent: u64) -> impl Fn(u64, &str) -> Fault + Send + Sync {
    move |number, _| {
        let mut dice = Dice(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.roll(7);
        if dice.roll(100) >= percent {
            return Fault::None;
        }
        match dice.roll(5) {
            0 => Fault::Answer(
                500,
                "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>".to_owned(),
            ),
            1 => Fault::Answer(503, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>".to_owned()),
            2 => Fault::Close,
            3 => Fault::Truncate,
            _ => Fault::Answer(502, "<html>bad gateway</html>".to_owned()),
        }
    }
}
