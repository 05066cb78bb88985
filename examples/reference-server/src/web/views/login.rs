//! The door.

use askama::Template;

#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage {
    pub(crate) csrf: String,
    /// Why the last try failed; empty before the first.
    pub(crate) error: &'static str,
    pub(crate) password: bool,
    pub(crate) google: bool,
}
