//! The list of leads.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;
use crate::web::words::Badge;

#[derive(Template)]
#[template(path = "leads.html")]
pub(crate) struct LeadsPage {
    pub(crate) layout: Layout,
    pub(crate) leads: Vec<Line>,
    /// Where the next page begins; empty on the last.
    pub(crate) next: String,
    pub(crate) is_first: bool,
    /// Why a search found nothing; empty when nothing was searched.
    pub(crate) search_error: String,
}

/// A line of the list.
pub(crate) struct Line {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) company: String,
    pub(crate) title: String,
    pub(crate) country: String,
    pub(crate) badge: Badge,
    pub(crate) imported: Moment,
}
