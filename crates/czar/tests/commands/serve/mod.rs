//! `czar serve` and `czar token`: real processes, asked over real connections.

mod access;
mod browser;
mod client;
mod compatible;
mod lifecycle;
mod limits;
mod night;
mod page;
mod server;
mod shape;
mod starts;
mod tls;
mod unattended;
