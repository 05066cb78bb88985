//! One conversation.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;
use crate::web::words::Badge;

#[derive(Template)]
#[template(path = "thread.html")]
pub(crate) struct ThreadPage {
    pub(crate) layout: Layout,
    pub(crate) who: String,
    pub(crate) lead: String,
    pub(crate) subject: String,
    pub(crate) mailbox: String,
    pub(crate) messages: Vec<Message>,
}

/// A mail.
pub(crate) struct Message {
    pub(crate) ours: bool,
    pub(crate) from: String,
    pub(crate) at: Moment,
    /// What it was judged to be; none for our own.
    pub(crate) badge: Option<Badge>,
    pub(crate) text: String,
    pub(crate) attachments: Vec<String>,
    /// Why it was judged so.
    pub(crate) evidence: Vec<String>,
}
