//! People who want no more mail, and one who only seems to.

use super::super::super::http::percent_decode;
use super::super::super::mime::write::{date, text_entity};
use super::super::ReplyForm;
use super::super::context::Context;
use super::reply::written;

/// A reply that asks to be left alone.
pub(super) fn remove_me(context: &Context) -> Vec<u8> {
    written(context, context.words.remove_me, ReplyForm::TopPost)
}

/// An objection under data protection law.
pub(super) fn objection(context: &Context) -> Vec<u8> {
    written(context, context.words.objection, ReplyForm::TopPost)
}

/// Interest, above a quote of our own footer with every word of leaving in it.
pub(super) fn quotes_footer(context: &Context) -> Vec<u8> {
    let mut context = context.clone();
    context
        .text
        .push_str("\n--\nYou can unsubscribe at any time. Abmelden. Se désabonner.\n");
    written(&context, context.words.interested, ReplyForm::TopPost)
}

/// The mail that the `mailto:` of `List-Unsubscribe` asks for (RFC 2369); a plain reply without one.
pub(super) fn to_listed_address(context: &Context) -> Vec<u8> {
    let listed = context.wire.ids("List-Unsubscribe");
    let Some(target) = listed
        .iter()
        .find_map(|entry| entry.trim_matches(['<', '>']).strip_prefix("mailto:"))
    else {
        return remove_me(context);
    };
    let (address, query) = target.split_once('?').unwrap_or((target, ""));
    let field = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| percent_decode(value))
    };
    context
        .arriving(&context.recipient, &context.recipient, true)
        .address("From", &context.recipient_name, &context.recipient)
        .raw("To", &percent_decode(address))
        .text(
            "Subject",
            &field("subject").unwrap_or_else(|| "unsubscribe".to_owned()),
        )
        .raw("Date", &date(context.now))
        .raw("Message-ID", &context.new_id("unsubscribe"))
        .body(&text_entity(
            "text/plain",
            &field("body").unwrap_or_default(),
        ))
}
