//! The page for what could not be shown.

use askama::Template;

use super::layout::{Layout, Section};

#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    layout: Layout,
    what: String,
    remedy: &'static str,
    causes: Vec<String>,
}

impl ErrorPage {
    pub(crate) fn new(
        title: &'static str,
        what: String,
        remedy: &'static str,
        causes: Vec<String>,
    ) -> Self {
        let mut what = what;
        if let Some(first) = what.get(..1).map(str::to_uppercase) {
            what.replace_range(..1, &first);
        }
        Self {
            layout: Layout::bare(Section::None, title).narrow(),
            what,
            remedy,
            causes,
        }
    }
}
