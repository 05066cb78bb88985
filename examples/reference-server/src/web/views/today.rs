//! What one mailbox has before it today.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;

#[derive(Template)]
#[template(path = "today.html")]
pub(crate) struct TodayPage {
    pub(crate) layout: Layout,
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) now: Moment,
    pub(crate) queue: Vec<Entry>,
    /// How many more there are than the page shows.
    pub(crate) more: usize,
    /// Why nothing leaves this mailbox; empty when it sends.
    pub(crate) stopped: &'static str,
}

/// What comes next for one person.
pub(crate) struct Entry {
    pub(crate) enrollment: String,
    pub(crate) version: u32,
    pub(crate) node: u16,
    pub(crate) who: String,
    pub(crate) lead: String,
    pub(crate) campaign: String,
    pub(crate) campaign_name: String,
    pub(crate) next: String,
    pub(crate) due: Moment,
    /// Whether it is a mail, which can go at once.
    pub(crate) is_mail: bool,
}
