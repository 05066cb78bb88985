//! Replies that a person writes.

use super::super::super::mime::write::{Draft, date, mailbox, multipart, text_entity};
use super::super::context::Context;
use super::super::{Mood, ReplyForm};

/// A reply in one of its forms.
pub(super) fn reply(context: &Context, mood: Mood, form: ReplyForm) -> Vec<u8> {
    let text = match mood {
        Mood::Interested => context.words.interested,
        Mood::Question => context.words.question,
        Mood::NotNow => context.words.not_now,
        Mood::No => context.words.no,
    };
    written(context, text, form)
}

/// A reply with this text.
pub(super) fn written(context: &Context, text: &str, form: ReplyForm) -> Vec<u8> {
    let (name, email) = writer(context, form);
    let signed = format!("{text}\r\n\r\n{name}");
    let top = format!("{signed}\r\n\r\n{}", context.quoted());
    let head = head(context, &name, &email, form);
    match form {
        ReplyForm::BottomPost => head.body(&text_entity(
            "text/plain",
            &format!("{}\r\n{signed}\r\n", context.quoted()),
        )),
        ReplyForm::NewThread => head.body(&text_entity("text/plain", &signed)),
        ReplyForm::Html => {
            let quote = context
                .text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('\n', "<br>");
            let html = format!(
                "<div dir=\"ltr\">{text}<br><br>{name}</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">{}<br></div><blockquote class=\"gmail_quote\">{quote}</blockquote></div>",
                context
                    .attribution()
                    .replace('<', "&lt;")
                    .replace('>', "&gt;")
            );
            head.body(&multipart(
                "alternative",
                &context.hex("boundary", 28),
                &[
                    text_entity("text/plain", &top),
                    text_entity("text/html", &html),
                ],
            ))
        }
        ReplyForm::Smime => {
            let signature = "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\nMIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEFADCABgkqhkiG9w0BBwEAADGCAAA=";
            let kind = "signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256";
            head.body(&multipart(
                kind,
                &context.hex("boundary", 28),
                &[text_entity("text/plain", &top), signature.to_owned()],
            ))
        }
        // A client chooses a character set that can hold what its owner writes.
        ReplyForm::Latin1 if top.chars().all(|c| u8::try_from(u32::from(c)).is_ok()) => {
            let mut entity = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".to_vec();
            entity.extend(top.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()));
            head.bytes(&entity)
        }
        _ => head.body(&text_entity("text/plain", &top)),
    }
}

/// A reader to whom the mail was passed on writes anew, quoting the whole.
pub(super) fn after_forward(context: &Context) -> Vec<u8> {
    let (name, email) = writer(context, ReplyForm::Colleague);
    let forwarded = format!(
        "{}\r\n\r\n{name}\r\n\r\n---------- Forwarded message ---------\r\nFrom: {} <{}>\r\nDate: {}\r\nSubject: {}\r\nTo: <{}>\r\n\r\n{}\r\n",
        context.words.passed_on,
        context.sender_name,
        context.reply_to,
        date(context.sent_at),
        context.subject,
        context.recipient,
        context.text
    );
    context
        .arriving(&email, &email, true)
        .address("From", &name, &email)
        .raw("To", &context.reply_to)
        .text("Subject", &format!("Fwd: {}", context.subject))
        .raw("Date", &date(context.now))
        .raw("Message-ID", &context.new_id("forward"))
        .body(&text_entity("text/plain", &forwarded))
}

fn head(context: &Context, name: &str, email: &str, form: ReplyForm) -> Draft {
    let subject = match form {
        ReplyForm::NewThread => format!(
            "{} / {}",
            context
                .words
                .question
                .split(['.', '?'])
                .next()
                .unwrap_or_default(),
            context.sender_name
        ),
        ReplyForm::SubjectEdited => format!(
            "{} (was: {})",
            context
                .words
                .interested
                .split('.')
                .next()
                .unwrap_or_default(),
            context.subject
        ),
        _ => format!("{}{}", context.words.reply_prefix, context.subject),
    };
    let head = context
        .arriving(email, email, true)
        .address("From", name, email)
        .raw("To", &mailbox(&context.sender_name, &context.reply_to))
        .text("Subject", &subject)
        .raw("Date", &date(context.now))
        .raw("Message-ID", &context.new_id("reply"));
    match form {
        ReplyForm::NewThread | ReplyForm::NoReferences => head,
        _ => head
            .raw("In-Reply-To", &context.wire_id)
            .raw("References", &context.thread_refs()),
    }
}

fn writer(context: &Context, form: ReplyForm) -> (String, String) {
    match form {
        ReplyForm::Alias => {
            let local = context.recipient.split('@').next().unwrap_or_default();
            (
                context.recipient_name.clone(),
                format!("{local}.direct@{}", context.domain()),
            )
        }
        ReplyForm::Colleague => {
            let first = ["Robin", "Kim", "Sascha", "Andrea"][(context.number % 4) as usize];
            (
                format!("{first} Berg"),
                format!("{}.berg@{}", first.to_lowercase(), context.domain()),
            )
        }
        _ => (context.recipient_name.clone(), context.recipient.clone()),
    }
}
