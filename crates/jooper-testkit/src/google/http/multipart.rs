//! Multipart bodies of uploads and batches.

use super::super::mime::Mail;

/// The boundary in a `Content-Type` value.
pub(crate) fn boundary_of(content_type: &str) -> Option<String> {
    let (_, tail) = content_type.split_once("boundary=")?;
    let tail = tail.trim_start();
    let text = match tail.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => tail.split(';').next()?.trim(),
    };
    (!text.is_empty()).then(|| text.to_owned())
}

/// The parts between the boundaries, headers and body, bytes untouched.
pub(crate) fn parts_of(body: &[u8], boundary: &str) -> Vec<Mail> {
    super::super::mime::split(body, boundary)
        .iter()
        .map(|part| Mail::parse(part))
        .collect()
}
