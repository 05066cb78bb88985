//! To whom no mail of a draft may go, the rule, and what to do about it.

use askama::Template;

use super::layout::Layout;

#[derive(Template)]
#[template(path = "unlawful.html")]
pub(crate) struct UnlawfulPage {
    pub(crate) layout: Layout,
    pub(crate) campaign: String,
    pub(crate) href: String,
    pub(crate) people: usize,
    /// To how many mail may go as things stand.
    pub(crate) may: usize,
    /// To how many nothing may go.
    pub(crate) refused: usize,
    /// Whose mail waits.
    pub(crate) wait: usize,
    pub(crate) unlawful: Vec<Unlawful>,
    pub(crate) waiting: Vec<Unlawful>,
    /// The number of the next page; 0 on the last.
    pub(crate) next: usize,
}

/// A person to whom nothing may go, or not now.
pub(crate) struct Unlawful {
    pub(crate) href: String,
    pub(crate) who: String,
    pub(crate) rule: String,
    pub(crate) why: String,
    pub(crate) remedy: String,
}
