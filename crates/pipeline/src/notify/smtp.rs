//! The conversation with a mail server, step by step, so that each refusal is told for what it is and one bad address does not keep the
//! message from the others. It never speaks of a password, and never sends one before the connection is encrypted.

use std::io;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, Tls};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use super::outbox::MailServer;
use super::trouble::{SendError, innermost};

const NO_STARTTLS: &str = "set `mail.security` to \"tls\" and `mail.port` to 465 if it encrypts from the start; \"none\" is only for a server \
                           that asks for no login";

/// An open, encrypted and logged-in connection.
pub(super) struct MailSession<'a> {
    server: &'a MailServer,
    connection: SmtpConnection,
}

impl<'a> MailSession<'a> {
    /// Connects, encrypts and logs in.
    pub(super) fn open(server: &'a MailServer) -> Result<Self, SendError> {
        let us = ClientId::default();
        let wrapper = if let Tls::Wrapper(parameters) = &server.tls { Some(parameters) } else { None };
        let address = (server.host.as_str(), server.port);
        let mut connection = SmtpConnection::connect(address, Some(server.timeout), &us, wrapper, None)
            .map_err(|error| not_connected(server, &error, wrapper.is_some()))?;
        if let Tls::Required(parameters) = &server.tls {
            if !connection.can_starttls() {
                connection.abort();
                let message = format!("mail server {} offers no encryption (STARTTLS)", place(server));
                return Err(SendError::later(message, Some(NO_STARTTLS)));
            }
            connection.starttls(parameters, &us).map_err(|error| not_connected(server, &error, true))?;
        }
        if let Some((user, password)) = &server.login {
            let password = String::from_utf8_lossy(password.reveal()).into_owned();
            let credentials = Credentials::new(user.clone(), password);
            if let Err(error) = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials) {
                connection.abort();
                return Err(not_logged_in(server, &error));
            }
        }
        Ok(Self { server, connection })
    }

    /// Sends one message to several people, none of whom sees the others. Tells of each whether the server took it for him.
    pub(super) fn send(&mut self, recipients: &[Address], message: &[u8]) -> Result<Vec<Result<(), SendError>>, SendError> {
        let from = &self.server.from.email;
        if let Err(error) = self.connection.command(Mail::new(Some(from.clone()), Vec::new())) {
            let hint = "set `mail.from` to an address that the login may send from";
            return Err(self.refused(&format!("the sender {from}"), &error, hint, SendError::later));
        }
        let mut answers = Vec::new();
        for recipient in recipients {
            let answer = self.connection.command(Rcpt::new(recipient.clone(), Vec::new())).map(|_| ());
            answers.push(match answer {
                Ok(()) => Ok(()),
                Err(error) if error.is_permanent() => {
                    let message = self.words(&format!("the recipient {recipient}"), &error);
                    Err(SendError::never(message, Some("correct or remove the address in `[notify]` of czar.toml")))
                }
                Err(error) if error.is_transient() => {
                    Err(SendError::later(self.words(&format!("the recipient {recipient} for now"), &error), None))
                }
                Err(error) => return Err(self.broken(&error)),
            });
        }
        if answers.iter().all(Result::is_err) {
            // The transaction is open and empty; the next one needs a clean start.
            let _ = self.connection.command("RSET\r\n");
            return Ok(answers);
        }
        let sent = self.connection.command(Data).and_then(|_| self.connection.message(message));
        match sent {
            Ok(_) => Ok(answers),
            Err(error) => {
                let hint = "if it is too big, lower `notify.max_attachment_bytes`; else ask who runs the server";
                Err(self.refused("the message", &error, hint, SendError::never))
            }
        }
    }

    /// Says goodbye.
    pub(super) fn close(mut self) {
        let _ = self.connection.quit();
    }

    fn refused(&mut self, what: &str, error: &Error, hint: &str, if_permanent: fn(String, Option<&str>) -> SendError) -> SendError {
        let wants_login = error.status().is_some_and(|code| code.to_string() == "530");
        let refused = if wants_login {
            SendError::later(self.words(what, error), Some("it wants a login: set `mail.user` and the place of its password"))
        } else if error.is_permanent() {
            if_permanent(self.words(what, error), Some(hint))
        } else if error.is_transient() {
            SendError::later(self.words(&format!("{what} for now"), error), None)
        } else {
            return self.broken(error);
        };
        let _ = self.connection.command("RSET\r\n");
        refused
    }

    fn broken(&mut self, error: &Error) -> SendError {
        self.connection.abort();
        SendError::later(format!("connection to mail server {} broke: {}", place(self.server), reason(error)), None)
    }

    fn words(&self, what: &str, error: &Error) -> String {
        format!("mail server {} refuses {what}: {}", place(self.server), answer(error))
    }

    /// Whether nothing more can be sent through it.
    pub(super) fn is_broken(&self) -> bool {
        self.connection.has_broken()
    }
}

fn not_connected(server: &MailServer, error: &Error, is_encrypting: bool) -> SendError {
    let reason = reason(error);
    let place = place(server);
    if reason.contains("certificate") {
        let hint = "name the PEM file of who signed it in `mail.ca_file`, and in `mail.host` the name that stands in it";
        return SendError::later(format!("certificate of mail server {place} is not trusted: {reason}"), Some(hint));
    }
    if error.status().is_some() {
        return SendError::later(format!("mail server {place} turns us away: {}", answer(error)), None);
    }
    if is_encrypting && !is_unreachable(error) {
        let hint = "see whether `mail.security` and `mail.port` belong together: 465 is for \"tls\", 587 and 25 are for \"starttls\"";
        return SendError::later(format!("no encrypted connection to mail server {place}: {reason}"), Some(hint));
    }
    let hint = "see `mail.host` and `mail.port`, and whether a firewall stands between";
    SendError::later(format!("could not reach mail server {place}: {reason}"), Some(hint))
}

fn not_logged_in(server: &MailServer, error: &Error) -> SendError {
    let place = place(server);
    if error.is_permanent() || error.is_transient() {
        let hint = "see `mail.user` and the place of its password; some servers want a password made for programs";
        return SendError::later(format!("mail server {place} refuses the login: {}", answer(error)), Some(hint));
    }
    if error.is_client() {
        let hint = "leave `mail.user` and its password out if the server asks for no login";
        return SendError::later(format!("mail server {place} offers no login with user and password"), Some(hint));
    }
    SendError::later(format!("connection to mail server {place} broke at the login: {}", reason(error)), None)
}

/// Whether not even a connection was there: its name is unknown, nobody listens, or nobody answers.
fn is_unreachable(error: &Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    let Some(cause) = io_cause(error) else { return false };
    let is_unknown_name = cause.raw_os_error().is_none() && cause.to_string().contains("lookup");
    is_unknown_name || is_late(cause) || matches!(cause.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable)
}

/// Whether the wait was over before anything came.
fn is_late(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

fn io_cause(error: &Error) -> Option<&io::Error> {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return Some(error);
        }
        next = cause.source();
    }
    None
}

/// Why a connection came to nothing.
fn reason(error: &Error) -> String {
    if io_cause(error).is_some_and(is_late) { "no answer in time".to_owned() } else { innermost(error) }
}

/// What the server answered: code and words.
fn answer(error: &Error) -> String {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    let words = std::error::Error::source(error).map(|source| super::plain_words::PlainWords::of(&source.to_string()).to_string());
    format!("{code} {}", words.unwrap_or_default()).trim().to_owned()
}

fn place(server: &MailServer) -> String {
    format!("{}:{}", server.host, server.port)
}
