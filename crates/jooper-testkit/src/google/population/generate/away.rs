//! Out-of-office notices (RFC 3834), as three programs write them.

use super::super::super::knobs::DAY;
use super::super::super::mime::write::{date, mailbox, text_entity};
use super::super::AwayStyle;
use super::super::context::Context;

/// A notice of absence that names a day of return.
pub(super) fn away(context: &Context, style: AwayStyle) -> Vec<u8> {
    let back = context.now + (3 + (context.number % 9) as i64) * DAY;
    let day = jiff::Timestamp::from_millisecond(back)
        .unwrap_or_default()
        .strftime("%Y-%m-%d")
        .to_string();
    let text = format!(
        "{}\r\n\r\n{}",
        context.words.away.replace("{date}", &day),
        context.recipient_name
    );
    let return_path = if style == AwayStyle::Exchange {
        ""
    } else {
        context.recipient.as_str()
    };
    let head = context
        .arriving(return_path, &context.recipient, true)
        .address("From", &context.recipient_name, &context.recipient)
        .raw("To", &mailbox(&context.sender_name, &context.reply_to))
        .raw("Date", &date(context.now))
        .raw("Message-ID", &context.new_id("away"));
    let prefixed = format!("{}{}", context.words.away_prefix, context.subject);
    let head = match style {
        AwayStyle::Gmail => head
            .text("Subject", &prefixed)
            .raw("In-Reply-To", &context.wire_id)
            .raw("References", &context.thread_refs())
            .raw("Auto-Submitted", "auto-replied")
            .raw("Precedence", "bulk")
            .raw("X-Autoreply", "yes"),
        AwayStyle::Exchange => head
            .text("Subject", &prefixed)
            .raw("In-Reply-To", &context.wire_id)
            .raw("References", &context.wire_id)
            .raw("Auto-Submitted", "auto-generated")
            .raw("X-Auto-Response-Suppress", "All")
            .raw("X-MS-Exchange-Inbox-Rules-Loop", &context.recipient),
        AwayStyle::SubjectOnly => {
            head.text("Subject", &format!("Out of Office: {}", context.subject))
        }
    };
    head.body(&text_entity("text/plain", &text))
}
