//! Refusing a basis for good: what will happen.

use askama::Template;

use super::layout::Layout;

/// The question.
#[derive(Template)]
#[template(path = "refuse.html")]
pub(crate) struct RefusePage {
    pub(crate) layout: Layout,
    /// What is refused beside what was, in words.
    pub(crate) new: Vec<&'static str>,
    /// What is refused then, by name.
    pub(crate) all: Vec<&'static str>,
    /// How many bases are left.
    pub(crate) left: usize,
}
