//! Who got nothing, and why.

use askama::Template;

use super::layout::Layout;

#[derive(Template)]
#[template(path = "refused.html")]
pub(crate) struct RefusedPage {
    pub(crate) layout: Layout,
    pub(crate) campaign: String,
    pub(crate) href: String,
    pub(crate) refused: Vec<Refused>,
    /// Where the next page begins; empty on the last.
    pub(crate) next: String,
}

/// A person who is not written to.
pub(crate) struct Refused {
    pub(crate) href: String,
    pub(crate) who: String,
    pub(crate) company: String,
    pub(crate) country: String,
    pub(crate) why: String,
}
