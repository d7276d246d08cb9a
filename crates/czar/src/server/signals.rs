//! Tells the server when it is to stop: Ctrl-C, and what `kill` and systemd send. It stops nothing itself.

use std::io;

use tokio::sync::mpsc::Sender;

use super::Event;

/// Watches for signals from now on.
///
/// # Errors
/// The system gives no signals.
#[cfg(unix)]
pub(super) fn watch(sender: &Sender<Event>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let (mut signal, sender) = (signal(kind)?, sender.clone());
        tokio::spawn(async move { while signal.recv().await.is_some() && sender.send(Event::Signal).await.is_ok() {} });
    }
    Ok(())
}

/// Watches for signals from now on.
///
/// # Errors
/// None where there is but Ctrl-C.
#[cfg(not(unix))]
pub(super) fn watch(sender: &Sender<Event>) -> io::Result<()> {
    let sender = sender.clone();
    tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && sender.send(Event::Signal).await.is_ok() {} });
    Ok(())
}
