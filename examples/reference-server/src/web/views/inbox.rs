//! Conversations.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;
use crate::web::words::Badge;

/// The page.
#[derive(Template)]
#[template(path = "inbox.html")]
pub(crate) struct InboxPage {
    pub(crate) layout: Layout,
    pub(crate) live: Inbox,
}

/// The part that refreshes itself.
#[derive(Template)]
#[template(path = "live/inbox.html")]
pub(crate) struct InboxFragment {
    pub(crate) live: Inbox,
}

/// Its content.
pub(crate) struct Inbox {
    pub(crate) everything: bool,
    pub(crate) conversations: Vec<Conversation>,
    /// Where older ones begin; empty when there are none.
    pub(crate) older: String,
    pub(crate) is_newest: bool,
}

/// A line of the list.
pub(crate) struct Conversation {
    pub(crate) href: String,
    pub(crate) who: String,
    pub(crate) company: String,
    pub(crate) badge: Badge,
    pub(crate) at: Moment,
    pub(crate) snippet: String,
    /// Nobody has looked since something arrived.
    pub(crate) unread: bool,
}
