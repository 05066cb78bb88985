//! What an import did.

use askama::Template;

use super::layout::Layout;

#[derive(Template)]
#[template(path = "import.html")]
pub(crate) struct ImportPage {
    pub(crate) layout: Layout,
    pub(crate) file: String,
    /// Why the file was not read to its end; empty when it was.
    pub(crate) error: String,
    /// Whether anything was stored: a file that breaks in the middle has both.
    pub(crate) counted: bool,
    pub(crate) rows: u64,
    pub(crate) imported: u64,
    pub(crate) updated: u64,
    pub(crate) duplicates: u64,
    pub(crate) blocked: u64,
    pub(crate) rejected: u64,
    pub(crate) rejects: Vec<Problem>,
    pub(crate) remarks: Vec<Problem>,
}

/// An import of a do-not-mail list of which some lines were not used.
#[derive(Template)]
#[template(path = "listed.html")]
pub(crate) struct ListedPage {
    pub(crate) layout: Layout,
    pub(crate) file: String,
    pub(crate) rows: u64,
    pub(crate) people: u64,
    pub(crate) domains: u64,
    /// How many lines said that the person takes mail.
    pub(crate) takes_mail: u64,
    /// How many named nobody.
    pub(crate) nobody: u64,
    pub(crate) rejects: Vec<Problem>,
}

/// A line of the file that somebody should look at.
pub(crate) struct Problem {
    pub(crate) line: u64,
    pub(crate) column: String,
    pub(crate) reason: String,
    pub(crate) remedy: String,
}
