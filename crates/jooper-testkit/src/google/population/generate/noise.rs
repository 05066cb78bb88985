//! Mail that answers nothing, and mail that tries the reader's patience.

use super::super::super::mime::write::{binary_entity, date, mailbox, multipart, text_entity};
use super::super::context::Context;

/// A filter that wants proof of a human sender.
pub(super) fn challenge(context: &Context) -> Vec<u8> {
    let text = format!(
        "Your message to {} is being held. Confirm that you are a person: https://verify.{}/{}",
        context.recipient,
        context.domain(),
        context.hex("challenge", 16)
    );
    context
        .arriving("", &context.recipient, true)
        .address("From", &context.recipient_name, &context.recipient)
        .raw("To", &mailbox(&context.sender_name, &context.reply_to))
        .text(
            "Subject",
            &format!("Please confirm your message: {}", context.subject),
        )
        .raw("Auto-Submitted", "auto-replied")
        .raw("In-Reply-To", &context.wire_id)
        .raw("References", &context.wire_id)
        .raw("Message-ID", &context.new_id("challenge"))
        .raw("Date", &date(context.now))
        .body(&text_entity("text/plain", &text))
}

/// A list digest from the recipient's domain, about something else.
pub(super) fn digest(context: &Context) -> Vec<u8> {
    let list = format!("news@{}", context.domain());
    context
        .arriving(&format!("bounces@{}", context.domain()), &list, true)
        .raw("From", &list)
        .raw("To", &list)
        .raw("Subject", "News digest, volume 12, issue 4")
        .raw("List-ID", &format!("<news.{}>", context.domain()))
        .raw(
            "List-Unsubscribe",
            &format!("<mailto:leave@{}>", context.domain()),
        )
        .raw("Precedence", "list")
        .raw("Message-ID", &context.new_id("digest"))
        .raw("Date", &date(context.now))
        .body(&text_entity(
            "text/plain",
            "Today's topics:\r\n\r\n   1. Unsubscribe links, again\r\n   2. The summer party\r\n",
        ))
}

/// A reply with three megabytes of attachment.
pub(super) fn oversized(context: &Context) -> Vec<u8> {
    let file = binary_entity(
        "application/octet-stream; name=\"scan.bin\"\r\nContent-Disposition: attachment; filename=\"scan.bin\"",
        &vec![0x5a; 3_000_000],
    );
    let parts = [
        text_entity("text/plain", &format!("{}\r\n", context.words.interested)),
        file,
    ];
    reply_head(context, "oversized").body(&multipart("mixed", &context.hex("boundary", 20), &parts))
}

/// A message in a message, three hundred times.
pub(super) fn bomb(context: &Context) -> Vec<u8> {
    let shell = "Content-Type: message/rfc822\r\n\r\n";
    let core = format!(
        "{}{}",
        shell.repeat(300),
        text_entity("text/plain", context.words.interested)
    );
    reply_head(context, "bomb").body(&core)
}

fn reply_head(context: &Context, purpose: &str) -> super::super::super::mime::write::Draft {
    context
        .arriving(&context.recipient, &context.recipient, true)
        .address("From", &context.recipient_name, &context.recipient)
        .raw("To", &mailbox(&context.sender_name, &context.reply_to))
        .text(
            "Subject",
            &format!("{}{}", context.words.reply_prefix, context.subject),
        )
        .raw("In-Reply-To", &context.wire_id)
        .raw("References", &context.thread_refs())
        .raw("Message-ID", &context.new_id(purpose))
        .raw("Date", &date(context.now))
}
