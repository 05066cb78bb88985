//! What people asked for.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;

#[derive(Template)]
#[template(path = "requests.html")]
pub(crate) struct RequestsPage {
    pub(crate) layout: Layout,
    pub(crate) asked: Vec<Asked>,
}

/// A request.
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) lead: String,
    pub(crate) who: String,
    /// They want to be erased, not to see their data.
    pub(crate) erase: bool,
    /// Their data is gone already.
    pub(crate) gone: bool,
    pub(crate) at: Moment,
    pub(crate) by: Moment,
    pub(crate) late: bool,
}
