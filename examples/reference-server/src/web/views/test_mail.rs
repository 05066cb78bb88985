//! A mail to oneself: asking for one, and what became of it.

use askama::Template;

use super::layout::Layout;
use super::new_campaign::Choice;
use crate::web::times::Moment;
use crate::web::words::Badge;

#[derive(Template)]
#[template(path = "test_mail.html")]
pub(crate) struct TestMailPage {
    pub(crate) layout: Layout,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) mails: Vec<Choice>,
    pub(crate) mailboxes: Vec<Choice>,
    pub(crate) email: String,
    /// Makes pressing twice send once.
    pub(crate) key: String,
    pub(crate) error: String,
}

#[derive(Template)]
#[template(path = "tested.html")]
pub(crate) struct TestedPage {
    pub(crate) layout: Layout,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) live: Outcome,
}

#[derive(Template)]
#[template(path = "live/tested.html")]
pub(crate) struct TestedFragment {
    pub(crate) live: Outcome,
}

/// What became of it.
pub(crate) struct Outcome {
    pub(crate) key: String,
    pub(crate) badge: Badge,
    pub(crate) says: String,
    pub(crate) at: Option<Moment>,
}
