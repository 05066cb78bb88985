//! What Gmail changes in a message that it is given.

use super::super::accounts::{UserKind, UserSpec};
use super::super::draw::hex;
use super::super::knobs::{Keep, MessageIdPolicy};
use super::super::mime::write::{date, encode_word, mailbox, text_entity};
use super::super::mime::{Mail, Part, addresses, strip_tags};
use super::super::world::World;
use super::error::ApiError;

/// The recipients of `To`, `Cc` and `Bcc`, each once, in order.
pub(super) fn envelope_recipients(mail: &Mail) -> Result<Vec<String>, ApiError> {
    let mut all: Vec<String> = Vec::new();
    for name in ["To", "Cc", "Bcc"] {
        for value in mail.headers(name) {
            let list = addresses(&value);
            if list.is_empty()
                && !value.trim().trim_end_matches(';').ends_with(':')
                && !value.is_empty()
            {
                return Err(ApiError::bad_request(&format!("Invalid {name} header")));
            }
            for address in list {
                if !all.contains(&address.email) {
                    all.push(address.email);
                }
            }
        }
    }
    Ok(all)
}

/// The message as it leaves: id, sender and date are Gmail's, the rest depends on the knobs.
pub(super) fn rewrite(world: &World, user: &UserSpec, posted: &Mail, number: u64) -> Mail {
    let mut mail = posted.clone();
    let knobs = &world.knobs;
    let own = knobs
        .workspace_message_id
        .filter(|_| user.kind != UserKind::Consumer);
    let policy = own.unwrap_or(knobs.message_id);
    if policy == MessageIdPolicy::Rewrite || mail.header("Message-ID").is_none() {
        // The caller's id is not even kept aside, unlike what SMTP submission does.
        let fresh = format!(
            "<CA{}@mail.gmail.com>",
            hex(world.seed, &["wire-id", &number.to_string()], 48)
        );
        mail.set("Message-ID", &fresh);
    }
    if knobs.rewrite_date || mail.header("Date").is_none() {
        mail.set("Date", &date(world.now));
    }
    rewrite_from(user, &mut mail);
    if knobs.x_headers == Keep::Strip {
        mail.fields.retain(|field| {
            !field.name.to_ascii_lowercase().starts_with("x-")
                || field.name == "X-Google-Original-From"
        });
    }
    if knobs.list_unsubscribe == Keep::Strip {
        mail.remove("List-Unsubscribe");
        mail.remove("List-Unsubscribe-Post");
    }
    if mail.header("MIME-Version").is_none() {
        mail.set("MIME-Version", "1.0");
    }
    if knobs.regenerate_text {
        regenerate_text(&mut mail);
    }
    mail
}

/// Only a verified send-as address is honoured; anything else becomes the account's own.
fn rewrite_from(user: &UserSpec, mail: &mut Mail) {
    let written = mail.header("From").unwrap_or_default();
    match addresses(&written).first() {
        Some(address) if user.answers_to(&address.email) => {}
        Some(address) => {
            let name = if address.name.is_empty() {
                user.name.clone()
            } else {
                address.name.clone()
            };
            mail.set("From", &mailbox(&name, &user.email));
            mail.set("X-Google-Original-From", &written);
        }
        None => mail.set(
            "From",
            &format!("{} <{}>", encode_word(&user.name), user.email),
        ),
    }
}

/// Makes the text part anew from the HTML part of a `multipart/alternative`.
fn regenerate_text(mail: &mut Mail) {
    let part = Part::parse(&mail.to_bytes());
    let Some(html) = part
        .body_text("text/html")
        .filter(|_| part.mime_type == "multipart/alternative")
    else {
        return;
    };
    let Some(boundary) = mail
        .header("Content-Type")
        .and_then(|value| super::super::http::boundary_of(&value))
    else {
        return;
    };
    let pieces: Vec<String> = super::super::http::parts_of(&mail.body, &boundary)
        .iter()
        .map(|piece| {
            let plain = piece
                .header("Content-Type")
                .is_some_and(|value| value.to_lowercase().starts_with("text/plain"));
            if plain {
                text_entity("text/plain", &strip_tags(&html))
            } else {
                String::from_utf8_lossy(&piece.to_bytes()).into_owned()
            }
        })
        .collect();
    let mut body = String::new();
    for piece in pieces {
        body.push_str(&format!(
            "--{boundary}\r\n{}\r\n",
            piece.strip_suffix("\r\n").unwrap_or(&piece)
        ));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    mail.body = body.into_bytes();
}
