//! Meetings by mail (RFC 5546).

use super::super::super::knobs::{DAY, HOUR};
use super::super::super::mime::write::{date, multipart, text_entity};
use super::super::context::Context;

/// An invitation from the recipient.
pub(super) fn request(context: &Context) -> Vec<u8> {
    mail(
        context,
        "REQUEST",
        context.words.invitation,
        "NEEDS-ACTION",
        "CONFIRMED",
    )
}

/// An answer to an invitation of the sender's.
pub(super) fn reply(context: &Context, accepted: bool) -> Vec<u8> {
    if accepted {
        mail(
            context,
            "REPLY",
            context.words.accepted,
            "ACCEPTED",
            "CONFIRMED",
        )
    } else {
        mail(
            context,
            "REPLY",
            context.words.declined,
            "DECLINED",
            "CONFIRMED",
        )
    }
}

/// A meeting called off.
pub(super) fn cancel(context: &Context) -> Vec<u8> {
    mail(context, "CANCEL", "Canceled: ", "NEEDS-ACTION", "CANCELLED")
}

fn mail(context: &Context, method: &str, prefix: &str, answer: &str, state: &str) -> Vec<u8> {
    let start = context.now + 3 * DAY;
    let (organizer, attendee) = if method == "REPLY" {
        (&context.reply_to, &context.recipient)
    } else {
        (&context.recipient, &context.reply_to)
    };
    let event = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Calendar//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:{}@{}\r\nDTSTAMP:{}\r\nDTSTART:{}\r\nDTEND:{}\r\nORGANIZER:mailto:{organizer}\r\nATTENDEE;PARTSTAT={answer}:mailto:{attendee}\r\nSTATUS:{state}\r\nSUMMARY:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        context.hex("event", 24),
        context.domain(),
        stamp(context.now),
        stamp(start),
        stamp(start + HOUR),
        context.subject
    );
    let parts = [
        text_entity("text/plain", &format!("{prefix}{}", context.subject)),
        text_entity(&format!("text/calendar; method={method}"), &event),
    ];
    context
        .arriving(&context.recipient, &context.recipient, true)
        .address("From", &context.recipient_name, &context.recipient)
        .raw("To", &context.reply_to)
        .text("Subject", &format!("{prefix}{}", context.subject))
        .raw("Date", &date(context.now))
        .raw("Message-ID", &context.new_id(method))
        .body(&multipart(
            "alternative",
            &context.hex("boundary", 20),
            &parts,
        ))
}

fn stamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}
