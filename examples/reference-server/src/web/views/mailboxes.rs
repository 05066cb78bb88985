//! Connected accounts.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;
use crate::web::words::Badge;

#[derive(Template)]
#[template(path = "mailboxes.html")]
pub(crate) struct MailboxesPage {
    pub(crate) layout: Layout,
    pub(crate) mailboxes: Vec<Mailbox>,
    /// Mails that Google could not give and that nothing ties to anybody.
    pub(crate) unreadable: Vec<Unreadable>,
    /// What was asked of a mailbox and could not be done.
    pub(crate) undone: Vec<Undone>,
}

/// A command that nobody can carry out.
pub(crate) struct Undone {
    pub(crate) id: String,
    pub(crate) mailbox: String,
    pub(crate) email: String,
    pub(crate) command: String,
    pub(crate) missing: &'static str,
    pub(crate) at: Moment,
}

/// A mail that somebody should look for in the mailbox itself.
pub(crate) struct Unreadable {
    pub(crate) mailbox: String,
    pub(crate) email: String,
    pub(crate) mail: String,
    pub(crate) at: Moment,
}

/// An account.
pub(crate) struct Mailbox {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) badge: Badge,
    /// What the state means and what to do; empty when all is well.
    pub(crate) advice: &'static str,
    pub(crate) parked_until: Option<Moment>,
    /// Told where it is parked.
    pub(crate) park_reason: &'static str,
    pub(crate) connected: Moment,
    pub(crate) read: Option<Moment>,
    pub(crate) sent_today: u64,
    /// How many it may send today because it is new.
    pub(crate) new_today: Option<u32>,
    /// A later time than it is, which it has seen, and from which its limits count.
    pub(crate) ahead: Option<Moment>,
    /// What is wrong with its domain and what to publish.
    pub(crate) domain: Vec<String>,
    /// When the DNS was asked about it.
    pub(crate) domain_checked: Option<Moment>,
    /// Whether it can be asked now.
    pub(crate) can_check: bool,
    /// Whether it is held, and nobody checks domains any more.
    pub(crate) can_release: bool,
    pub(crate) can_disconnect: bool,
    /// Whether connecting it again would bring more than it has.
    pub(crate) can_reconnect: bool,
    pub(crate) can_pause: bool,
    pub(crate) can_resume: bool,
}
