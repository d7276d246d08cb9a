//! HTTP: which routes there are, who may take them, within which limits. What they tell is in the files beside this one.

mod access;
mod answer;
mod api;
mod basic;
mod certificate;
mod door;
mod health;
mod metrics;
mod openapi;
mod optimus;
mod page;
mod routes;
mod wire;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioTimer;
use tokio::sync::mpsc::Sender;

use super::Event;
use super::service::Service;
use door::Door;

pub(super) use certificate::Certificate;

/// Stops the server.
pub(super) type Handle = axum_server::Handle<SocketAddr>;

/// All the bytes of a request before its body. A browser sends less than one KiB.
const MAX_HEAD_BYTES: usize = 16 << 10;
const MAX_HEADERS: usize = 64;

/// Serves on a task of its own.
///
/// # Errors
/// The listener cannot be used.
pub(super) fn start(
    service: &Arc<Service>,
    listener: TcpListener,
    certificate: Option<Certificate>,
    sender: Sender<Event>,
) -> std::io::Result<Handle> {
    let settings = &service.settings().serve;
    let timeout = Duration::from_secs(settings.request_timeout_secs.into());
    let handle = Handle::new();
    let tls = certificate.map(|certificate| certificate.watched(service).handshake_timeout(timeout));
    let max_connections = usize::try_from(settings.max_connections).unwrap_or(usize::MAX);
    let door = Door { tls, handle: handle.clone(), max_connections };
    let mut server = axum_server::from_tcp(listener)?.acceptor(door).handle(handle.clone()).http1_only();
    let mut http = server.http_builder().http1();
    http.timer(TokioTimer::new()).header_read_timeout(timeout).max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    let app = routes::router(service, timeout).into_make_service();
    tokio::spawn(async move {
        let result = server.serve(app).await;
        // Nobody listens any more when the server is stopping.
        let _ = sender.send(Event::Closed(result)).await;
    });
    Ok(handle)
}
