//! Erasing a person: what will happen, and what did.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;

/// The question.
#[derive(Template)]
#[template(path = "erase.html")]
pub(crate) struct ErasePage {
    pub(crate) layout: Layout,
    pub(crate) id: String,
    pub(crate) who: String,
    pub(crate) campaigns: usize,
    pub(crate) conversations: usize,
}

/// The answer. Shown once: the salt is kept nowhere.
#[derive(Template)]
#[template(path = "erased.html")]
pub(crate) struct ErasedPage {
    pub(crate) layout: Layout,
    pub(crate) stopped_at: Moment,
    pub(crate) erased_at: Moment,
    pub(crate) backups_from: Moment,
    pub(crate) results: Vec<(String, String)>,
    pub(crate) kept: Vec<(String, String)>,
    pub(crate) out_of_scope: Vec<String>,
    pub(crate) certificate: String,
    pub(crate) salt: String,
    pub(crate) also: Vec<String>,
}
