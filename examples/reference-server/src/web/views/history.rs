//! What the log keeps of one person for good.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;

#[derive(Template)]
#[template(path = "history.html")]
pub(crate) struct HistoryPage {
    pub(crate) layout: Layout,
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) receipts: Vec<Kept>,
    pub(crate) lifts: Vec<(Moment, String)>,
}

/// A basis as it was recorded.
pub(crate) struct Kept {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) recorded: Moment,
    pub(crate) source: String,
    pub(crate) proof: String,
    pub(crate) notice: String,
}
