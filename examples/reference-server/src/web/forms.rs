//! Forms: read only when they carry this session's token.

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;

use super::app::App;
use super::error::PageError;
use super::random;
use super::sessions::Visitor;

/// The name of the token's field.
const TOKEN: &str = "csrf";

const FORGED: PageError =
    PageError::Forbidden("this form belongs to an older session; it may have timed out");

/// The fields of a form whose token was right.
#[derive(Debug)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a field, without white space around it; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default().trim()
    }

    /// Every value of a field.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let named: Vec<&str> = self
            .0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect();
        named.into_iter()
    }

    /// A field that holds an id.
    pub(crate) fn id<T: FromStr>(&self, name: &'static str) -> Result<T, PageError> {
        let wrong = |_| PageError::BadRequest(format!("the field `{name}` holds no id"));
        self.text(name).parse().map_err(wrong)
    }
}

impl FromRequest<Arc<App>> for Fields {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, PageError> {
        let visitor = request
            .extensions()
            .get::<Visitor>()
            .cloned()
            .ok_or(FORGED)?;
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|_| PageError::TooLarge)?;
        let fields: Vec<(String, String)> =
            url::form_urlencoded::parse(&body).into_owned().collect();
        let fields = Self(fields);
        if random::same(fields.text(TOKEN), &visitor.csrf) {
            Ok(fields)
        } else {
            Err(FORGED)
        }
    }
}

/// An uploaded file.
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    /// Where the people on it come from, if that was filled in.
    pub(crate) source: String,
}

/// Reads a form with one file; the token comes first, so that nothing else of a forged form is
/// read.
pub(crate) async fn upload(visitor: &Visitor, mut form: Multipart) -> Result<Upload, PageError> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            PageError::TooLarge
        } else {
            PageError::BadRequest("the upload broke off".to_owned())
        }
    };
    let first = form.next_field().await.map_err(broken)?.ok_or(FORGED)?;
    if first.name() != Some(TOKEN) {
        return Err(FORGED);
    }
    let token = first.text().await.map_err(broken)?;
    if !random::same(&token, &visitor.csrf) {
        return Err(FORGED);
    }
    let mut source = String::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("source") {
            source = field.text().await.map_err(broken)?;
            continue;
        }
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("upload.csv").to_owned();
        let bytes = field.bytes().await.map_err(broken)?;
        return Ok(Upload {
            name,
            bytes,
            source,
        });
    }
    Err(PageError::BadRequest("no file was chosen".to_owned()))
}
