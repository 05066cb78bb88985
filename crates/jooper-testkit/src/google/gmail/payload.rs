//! A message as the API shows it: four formats, 64-bit numbers as strings, empty things left out.

use serde_json::{Map, Value, json};

use super::super::knobs::Knobs;
use super::super::mailbox::Message;
use super::super::mime::{Part, base64url, decode_words};
use super::super::world::Spool;

/// What `format` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Format {
    Minimal,
    Metadata(Vec<String>),
    Full,
    Raw,
}

impl Format {
    /// Reads `format` and `metadataHeaders`.
    pub(super) fn read(format: Option<&str>, headers: Vec<String>) -> Option<Self> {
        match format.map(str::to_ascii_lowercase).as_deref() {
            None | Some("full") => Some(Self::Full),
            Some("minimal") => Some(Self::Minimal),
            Some("metadata") => Some(Self::Metadata(headers)),
            Some("raw") => Some(Self::Raw),
            Some(_) => None,
        }
    }
}

/// The JSON of a message; `fetch` colours the attachment ids of this one answer.
pub(super) fn message(
    knobs: &Knobs,
    spool: &Spool,
    message: &Message,
    format: &Format,
    fetch: u64,
) -> Value {
    let mut out = json!({
        "id": message.id,
        "threadId": message.thread,
        "historyId": message.history_id.to_string(),
        "internalDate": message.internal_ms.to_string(),
        "sizeEstimate": message.size,
        "snippet": message.snippet,
    });
    if !message.labels.is_empty() {
        out["labelIds"] = json!(message.labels);
    }
    let raw = spool.get(message.raw);
    match format {
        Format::Minimal => {}
        Format::Raw => out["raw"] = json!(base64url(&raw)),
        Format::Metadata(wanted) => {
            let root = Part::parse(&raw);
            out["payload"] = json!({"mimeType": root.mime_type});
            let listed = headers(
                knobs,
                &root,
                Some(wanted).filter(|wanted| !wanted.is_empty()),
            );
            if !listed.is_empty() {
                out["payload"]["headers"] = Value::Array(listed);
            }
        }
        Format::Full => {
            let root = Part::parse(&raw);
            let colour = if knobs.stable_attachment_ids {
                0
            } else {
                fetch
            };
            out["payload"] = part(knobs, &root, &message.id, colour);
        }
    }
    out
}

fn headers(knobs: &Knobs, part: &Part, wanted: Option<&Vec<String>>) -> Vec<Value> {
    let asked = |name: &str| {
        wanted.is_none_or(|list| {
            list.iter().any(|want| {
                if knobs.metadata_headers_any_case {
                    want.eq_ignore_ascii_case(name)
                } else {
                    want == name
                }
            })
        })
    };
    part.mail
        .fields
        .iter()
        .filter(|field| asked(&field.name))
        .map(|field| {
            let value = field.value();
            json!({"name": field.name, "value": if knobs.decode_headers { decode_words(&value) } else { value }})
        })
        .collect()
}

fn part(knobs: &Knobs, part_of: &Part, message: &str, colour: u64) -> Value {
    let mut out = Map::new();
    out.insert("partId".to_owned(), json!(part_of.id));
    out.insert("mimeType".to_owned(), json!(part_of.mime_type));
    out.insert("filename".to_owned(), json!(part_of.filename));
    let listed = headers(knobs, part_of, None);
    if !listed.is_empty() {
        out.insert("headers".to_owned(), Value::Array(listed));
    }
    let mut body = json!({"size": part_of.content.len()});
    let separate =
        !part_of.filename.is_empty() || part_of.content.len() as u64 > knobs.inline_part_limit;
    if part_of.parts.is_empty() && !part_of.content.is_empty() {
        if separate {
            body["attachmentId"] = json!(attachment_id(message, &part_of.id, colour));
        } else {
            body["data"] = json!(base64url(&part_of.content));
        }
    }
    out.insert("body".to_owned(), body);
    if !part_of.parts.is_empty() {
        out.insert(
            "parts".to_owned(),
            part_of
                .parts
                .iter()
                .map(|child| part(knobs, child, message, colour))
                .collect(),
        );
    }
    Value::Object(out)
}

/// An opaque id that says where the part is and when it was given out.
fn attachment_id(message: &str, part: &str, colour: u64) -> String {
    base64url(format!("{message}/{part}/{colour}").as_bytes())
        .trim_end_matches('=')
        .to_owned()
}

/// The message and part that an attachment id names.
pub(super) fn read_attachment_id(id: &str) -> Option<(String, String)> {
    let text = String::from_utf8(super::super::mime::decode_base64url(id)?).ok()?;
    let mut pieces = text.split('/');
    Some((pieces.next()?.to_owned(), pieces.next()?.to_owned()))
}
