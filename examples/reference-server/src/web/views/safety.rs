//! What keeps this workspace's mail clean, and the proof of it.

use askama::Template;

use super::layout::Layout;

#[derive(Template)]
#[template(path = "safety.html")]
pub(crate) struct SafetyPage {
    pub(crate) layout: Layout,
    /// Whether a person paused everything.
    pub(crate) paused: bool,
    pub(crate) guarded: Vec<Guarded>,
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) tables: Vec<Table>,
    /// Rows of the tables that nobody compared with their source for a year.
    pub(crate) stale: Vec<String>,
    /// Every basis, and whether this workspace refuses it.
    pub(crate) bases: Vec<OwnRule>,
    /// The hosted page on which people ask for mail.
    pub(crate) sign_up_url: String,
    pub(crate) public_key: String,
    /// The last check, when this page was asked for one.
    pub(crate) checked: Option<Checked>,
}

/// A mailbox or campaign and its figures.
pub(crate) struct Guarded {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) what: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) words: &'static str,
    pub(crate) recent: i64,
    pub(crate) bounced: i64,
    pub(crate) longer: i64,
    pub(crate) complained: i64,
    pub(crate) tripped: bool,
}

/// A campaign whose first mails are out.
pub(crate) struct Waiting {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) out: i64,
    pub(crate) of: i64,
    /// What the people are whom the campaign has, in a sentence.
    pub(crate) list: String,
    /// The mailboxes among its senders that cannot be read, and have not been since.
    pub(crate) unread: String,
}

/// A basis, and whether the workspace refuses it whatever the tables admit.
pub(crate) struct OwnRule {
    pub(crate) name: &'static str,
    pub(crate) words: &'static str,
    pub(crate) refused: bool,
}

/// A policy table in force.
pub(crate) struct Table {
    pub(crate) what: &'static str,
    pub(crate) version: String,
    pub(crate) by: String,
}

/// What a check of the audit chain found.
pub(crate) struct Checked {
    pub(crate) looked_at: String,
    /// What can be said where nothing is wrong.
    pub(crate) conclusion: Option<String>,
    /// Whether that says anything of a mail.
    pub(crate) judged: bool,
    /// Which parts of it are of a copy that was put back.
    pub(crate) restored: Vec<String>,
    pub(crate) findings: Vec<String>,
}
