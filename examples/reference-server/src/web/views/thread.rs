//! One conversation.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;
use crate::web::words::Badge;

#[derive(Template)]
#[template(path = "thread.html")]
pub(crate) struct ThreadPage {
    pub(crate) layout: Layout,
    pub(crate) id: String,
    pub(crate) who: String,
    pub(crate) lead: String,
    pub(crate) subject: String,
    pub(crate) mailbox: String,
    pub(crate) messages: Vec<Message>,
    /// Words of theirs look like an objection, and nobody has judged them.
    pub(crate) objection: Option<Judged>,
    /// None when there is nothing to answer.
    pub(crate) answer: Option<Answer>,
    /// Makes pressing the button twice send once.
    pub(crate) key: String,
}

/// Where an answer by hand goes.
pub(crate) struct Answer {
    /// The conversation that it goes into.
    pub(crate) thread: String,
    /// The address that it goes to: the one of the person's that they wrote from.
    pub(crate) to: String,
}

/// Words that somebody is to judge.
pub(crate) struct Judged {
    /// Names what is shown: the judgement is about that alone.
    pub(crate) seen: String,
    /// Other conversations with such words.
    pub(crate) elsewhere: Vec<String>,
}

/// A mail.
pub(crate) struct Message {
    pub(crate) ours: bool,
    pub(crate) from: String,
    pub(crate) at: Moment,
    /// What it was judged to be; none for our own.
    pub(crate) badge: Option<Badge>,
    /// What the person seems to want; empty when unclear.
    pub(crate) intent: &'static str,
    pub(crate) text: String,
    /// Names and sizes in KiB.
    pub(crate) attachments: Vec<(String, u64)>,
    /// Why it was judged so.
    pub(crate) evidence: Vec<String>,
    /// Where it is shown with its own formatting.
    pub(crate) formatted: Option<String>,
    pub(crate) trouble: Option<Trouble>,
}

/// An answer that is not sent.
pub(crate) struct Trouble {
    pub(crate) says: String,
    /// Where to send it again, and its key.
    pub(crate) again: Option<(String, String)>,
}
