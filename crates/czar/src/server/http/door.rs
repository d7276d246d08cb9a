//! Where connections come in: so many at once, in clear or with TLS. It knows nothing of HTTP.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::RustlsAcceptor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Takes connections in.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) tls: Option<RustlsAcceptor>,
    pub(super) handle: Handle<SocketAddr>,
    pub(super) max_connections: usize,
}

/// A connection, in clear or not.
pub(super) trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Connection for T {}

type Entered<S> = io::Result<(Box<dyn Connection>, S)>;

impl<S: Send + 'static> Accept<TcpStream, S> for Door {
    type Stream = Box<dyn Connection>;
    type Service = S;
    type Future = Pin<Box<dyn Future<Output = Entered<S>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // The one that is coming in is counted already.
        let is_full = self.handle.connection_count() > self.max_connections;
        let tls = self.tls.clone();
        Box::pin(async move {
            if is_full {
                return Err(io::Error::other("too many connections"));
            }
            stream.set_nodelay(true)?;
            match tls {
                Some(tls) => {
                    let (stream, service) = tls.accept(stream, service).await?;
                    Ok((Box::new(stream) as Box<dyn Connection>, service))
                }
                None => Ok((Box::new(stream) as Box<dyn Connection>, service)),
            }
        })
    }
}
