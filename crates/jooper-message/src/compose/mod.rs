//! Writes mail: strict templates and one-recipient MIME.
//!
//! A [`Template`] can insert fields and nothing else: no statements, no functions, no access to
//! anything outside the fields it is given. [`compose`] adds what no template may leave out: who
//! sends, why the person gets this, and how it stops.

mod footer;
mod mime;
mod template;

pub use footer::{FirstContactNotice, Footer};
pub use mime::{ComposeError, Draft, compose};
pub use template::{RenderError, Template, TemplateError};
