//! The server: one process that starts runs when their time has come, when files arrive and when somebody asks, and that tells how it is.
//!
//! - `schedule`, `scheduler`, `folder_watch`: what puts runs into the queue; `worker`: what does them
//! - `service`: what these share; `bell`: how they wait
//! - `lake_view`, `inventory_view`: what is shown of the lake and of the delivery folder
//! - `http`: routes, who may take them, and the page
//!
//! It does no work of its own: a run here is the run of `czar run`.

mod bell;
mod folder_watch;
mod http;
mod inventory_view;
mod lake_view;
mod schedule;
mod scheduler;
mod service;
mod signals;
mod worker;

use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use czar_pipeline::control::ServiceLock;
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::exit::{self, Outcome};
use crate::failure::refusal_with_hint;
use crate::panics;
use crate::workplace::Workplace;
use folder_watch::FolderWatch;
use scheduler::Scheduler;
use service::Service;

/// Open connections are given this long to read their answers when the server stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What the server waits for while it serves.
#[derive(Debug)]
enum Event {
    /// Someone wants it to stop.
    Signal,
    /// The run that was under way has ended, and no other begins.
    Idle,
    /// HTTP is served no longer.
    Closed(std::io::Result<()>),
}

/// Serves until a signal comes.
///
/// # Errors
/// A setting makes no sense, the address cannot be had, or another server is at work in the data folder.
pub(crate) fn serve(workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let settings = workplace.settings();
    let printer = workplace.printer.of_service(workplace.clock);
    panics::tell_places(printer);
    refuse_what_works_once(workplace)?;
    let _lock = ServiceLock::take(&settings.data_folder, process::id(), (workplace.clock)())?;
    let service = Arc::new(Service::open(workplace, printer)?);
    let certificate = http::Certificate::of_settings(&settings.serve)?;
    let listener = listen(&settings.serve.address)?;
    let address = listener.local_addr().context("could not tell the address")?;
    if !address.ip().is_loopback() && certificate.is_none() {
        let what = format!("{address} is reached from other machines, and without HTTPS tokens travel to it in clear");
        if !settings.serve.allow_clear_text {
            return Err(refusal_with_hint(
                what,
                "set `serve.certificate_file` and `serve.key_file`, or bind to 127.0.0.1 behind a server with HTTPS; where nobody else can \
                 listen in, `serve.allow_clear_text = true` starts it all the same",
            ));
        }
        printer.warn(&what);
    }
    let eyes = if settings.serve.watch_folder {
        Some(FolderWatch::begin(&settings.delivery_folder, settings.serve.poll_folder_secs)?)
    } else {
        None
    };
    if service.control.tokens()?.is_empty() {
        printer.warn("there is no token yet, so that nothing but the health of the server is told to anyone");
        printer.hint("make one with `czar token add NAME --role operator`");
    }
    // More threads would not answer sooner: what takes long is done on threads of its own.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("http").enable_all().build()?;
    let shared: &Service = &service;
    worker::begin(shared);
    let scheduler = Scheduler::begin(shared);
    shared.set_has_worker(true);
    thread::scope(|scope| {
        let (sender, events) = mpsc::channel(8);
        let idle = sender.clone();
        let start = move || -> std::io::Result<()> {
            thread::Builder::new().name("worker".to_owned()).spawn_scoped(scope, move || {
                // A fault in it must not leave a server that answers and does nothing: it ends, and is started again from outside.
                let _ = catch_unwind(AssertUnwindSafe(|| worker::work(shared)));
                shared.set_has_worker(false);
                // Nobody listens any more when the server ends for another reason.
                let _ = idle.blocking_send(Event::Idle);
            })?;
            thread::Builder::new().name("scheduler".to_owned()).spawn_scoped(scope, || scheduler.watch())?;
            if let Some(eyes) = eyes {
                thread::Builder::new().name("folder".to_owned()).spawn_scoped(scope, || eyes.watch(shared))?;
            }
            Ok(())
        };
        let outcome = match start() {
            Ok(()) => runtime.block_on(until_told(&service, listener, certificate, sender, events)),
            Err(error) => Err(error.into()),
        };
        service.stop();
        outcome
    })
}

/// A run asks for the pass-phrase each time.
fn refuse_what_works_once(workplace: &Workplace<'_>) -> anyhow::Result<()> {
    if workplace.settings().keys.pass_phrase_descriptor.is_some() {
        return Err(refusal_with_hint(
            "the pass-phrase is to come from a file descriptor, which can be read by the first run only",
            "set `keys.pass_phrase_file` or `keys.pass_phrase_environment` in place of `keys.pass_phrase_descriptor`",
        ));
    }
    Ok(())
}

fn listen(address: &str) -> anyhow::Result<TcpListener> {
    let open = || -> std::io::Result<TcpListener> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    open().map_err(|error| {
        refusal_with_hint(
            format!("could not listen on `{address}`: {error}"),
            "`serve.address` is an address and a port, as in `127.0.0.1:8787`; another program may have that port",
        )
    })
}

async fn until_told(
    service: &Arc<Service>,
    listener: TcpListener,
    certificate: Option<http::Certificate>,
    sender: Sender<Event>,
    mut events: Receiver<Event>,
) -> anyhow::Result<Outcome> {
    signals::watch(&sender)?;
    let address = listener.local_addr().context("could not tell the address")?;
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let handle = http::start(service, listener, certificate, sender)?;
    service.printer.say(&format!("Ready: {scheme}://{address}"));
    match events.recv().await {
        Some(Event::Signal) | None => {}
        Some(Event::Closed(result)) => result.context("could not serve HTTP any longer")?,
        // The worker ends by itself only after it was told to.
        Some(Event::Idle) => return Err(anyhow::anyhow!("the thread that does the runs has ended")),
    }
    stop(service, &handle, &mut events).await;
    Ok(Outcome::Done)
}

/// Takes no more requests and waits for the run that is under way, but not for ever.
async fn stop(service: &Service, handle: &http::Handle, events: &mut Receiver<Event>) {
    let secs = service.settings().serve.stop_after_secs;
    match service.live.now() {
        Some(run) => {
            service.printer.say(&format!("Stopping: run {} may go on for {secs} seconds; a second signal ends it at once", run.run_id))
        }
        None => service.printer.say("Stopping"),
    }
    handle.graceful_shutdown(Some(LAST_ANSWERS));
    service.stop();
    let ended = async {
        loop {
            match events.recv().await {
                Some(Event::Idle) | None => return None,
                Some(Event::Signal) => return Some(exit::INTERRUPTED),
                Some(Event::Closed(_)) => {}
            }
        }
    };
    let code = match tokio::time::timeout(Duration::from_secs(secs.into()), ended).await {
        Ok(None) => return service.printer.say("Stopped"),
        Ok(Some(code)) => code,
        Err(_) => 0,
    };
    drop_run(service);
    process::exit(code);
}

/// Leaves the run that is under way where it is: the lake is as after its last commit, and the run waits to be done again.
fn drop_run(service: &Service) {
    let Some(run) = service.live.now() else { return };
    let noted = run
        .request_id
        .map_or(Ok(()), |request_id| service.control.give_request_back(request_id))
        .and_then(|()| service.control.close_interrupted_runs());
    match noted {
        Ok(_) => service.printer.say(&format!("Stopped; run {} was dropped and is done again after the next start", run.run_id)),
        Err(error) => service.printer.error(&error.into()),
    }
}
