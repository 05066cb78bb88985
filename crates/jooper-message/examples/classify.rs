//! Prints one JSON line for every `.eml` (a mail) and `.txt` (a decoded body) below a folder.
//!
//! `cargo run --release -p jooper-message --example classify -- DIR`
//!
//! The lines are what the scorer of the inbound corpora reads, so that anyone can measure
//! the classifier on their own mail.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

use jooper_message::inbound::dsn::FailedRecipient;
use jooper_message::inbound::dsn::reason::{Class, Reason};
use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::reply_text::visible_text;
use jooper_message::inbound::{Classification, Context, Kind, ReportKind, classify, new_text};
use serde_json::{Map, Value, json};

fn main() {
    let Some(root) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: classify DIR");
        process::exit(2);
    };
    let mut files = Vec::new();
    if let Err(error) = collect(&root, &mut files) {
        eprintln!("{}: {error}", root.display());
        process::exit(1);
    }
    files.sort();
    for file in files {
        let Ok(raw) = fs::read(&file) else { continue };
        let path = file
            .strip_prefix(&root)
            .unwrap_or(&file)
            .to_string_lossy()
            .into_owned();
        let line = if file.extension().is_some_and(|kind| kind == "txt") {
            text_line(&raw)
        } else {
            mail_line(&raw)
        };
        let mut object = Map::new();
        object.insert("path".to_owned(), Value::String(path));
        object.extend(line);
        println!("{}", Value::Object(object));
    }
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, out)?;
        } else if path
            .extension()
            .is_some_and(|kind| kind == "eml" || kind == "txt")
        {
            out.push(path);
        }
    }
    Ok(())
}

fn text_line(raw: &[u8]) -> Map<String, Value> {
    let reply = visible_text(&String::from_utf8_lossy(raw).replace("\r\n", "\n"));
    object(
        json!({ "visible_text": reply.visible, "visible_text_with_signature": reply.with_signature }),
    )
}

fn mail_line(raw: &[u8]) -> Map<String, Value> {
    let mail = InboundMail::parse(raw);
    let verdict = classify(&mail, &Context::default());
    let mut line = object(json!({ "kind": kind(&verdict) }));
    if !verdict.recipients.is_empty() {
        line.insert(
            "recipients".to_owned(),
            verdict.recipients.iter().map(recipient).collect(),
        );
    }
    if let Kind::Complaint { feedback_type } = &verdict.kind {
        line.insert(
            "feedback_type".to_owned(),
            Value::String(feedback_type.clone()),
        );
    }
    if matches!(
        verdict.kind,
        Kind::Reply
            | Kind::Personal
            | Kind::AutoReply(_)
            | Kind::Unsubscribe(_)
            | Kind::List
            | Kind::System
            | Kind::Calendar(_)
    ) {
        let text = new_text(&mail);
        line.insert("visible_text".to_owned(), Value::String(text.visible));
        line.insert(
            "visible_text_with_signature".to_owned(),
            Value::String(text.with_signature),
        );
    }
    if let Kind::AutoReply(found) = &verdict.kind {
        line.insert("sub".to_owned(), Value::String(format!("{found:?}")));
    }
    line.insert(
        "evidence".to_owned(),
        verdict
            .evidence
            .iter()
            .map(|evidence| Value::String(evidence.what.clone()))
            .collect(),
    );
    line
}

fn kind(verdict: &Classification) -> &'static str {
    match &verdict.kind {
        Kind::Reply => "reply",
        Kind::AutoReply(_) => "auto_reply",
        Kind::DeliveryReport(ReportKind::HardBounce) => "hard_bounce",
        Kind::DeliveryReport(ReportKind::Delayed) => "delayed",
        Kind::DeliveryReport(ReportKind::Delivered) => "other",
        Kind::DeliveryReport(_) => "soft_bounce",
        Kind::Complaint { .. } => "complaint",
        Kind::Unsubscribe(_) => "unsubscribe",
        _ => "other",
    }
}

fn recipient(one: &FailedRecipient) -> Value {
    let mut line = object(json!({
        "recipient": one.address,
        "action": one.action.as_str(),
        "hard": one.is_hard(),
        "class": class(one),
        "reason": reason(one.reason),
        "jooper_reason": one.reason.as_str(),
        "settled_by": one.settled_by,
    }));
    if let Some(status) = one.status {
        line.insert("status".to_owned(), Value::String(status.to_string()));
    }
    if let Some(code) = one.code {
        line.insert("replycode".to_owned(), Value::String(code.to_string()));
    }
    Value::Object(line)
}

fn class(one: &FailedRecipient) -> &'static str {
    match one.class {
        Class::Hard => "hard",
        Class::Soft => "soft",
        Class::Policy => "policy",
        _ => "other",
    }
}

/// The scorer's names for our reasons.
fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::AddressUnknown => "userunknown",
        Reason::DomainUnknown => "hostunknown",
        Reason::AddressMoved => "hasmoved",
        Reason::NoMailService => "notaccept",
        Reason::MailboxFull => "mailboxfull",
        Reason::RetriesExhausted => "expired",
        Reason::RecipientDoubtful => "filtered",
        Reason::DeliveryProgram => "mailererror",
        Reason::Network => "networkerror",
        Reason::Encryption => "failedstarttls",
        Reason::ServerTrouble => "systemerror",
        Reason::ServerFull => "systemfull",
        Reason::MailboxDisabled => "suspend",
        Reason::ProviderSuppressed => "suppressed",
        Reason::Protocol => "syntaxerror",
        Reason::Authentication => "authfailure",
        Reason::Reputation => "badreputation",
        Reason::SenderBlocked => "blocked",
        Reason::Content => "contenterror",
        Reason::OverRecipientLimit => "exceedlimit",
        Reason::TooBig => "mesgtoobig",
        Reason::RelayDenied => "norelaying",
        Reason::NotCompliant => "notcompliantrfc",
        Reason::Policy => "policyviolation",
        Reason::SenderRejected => "rejected",
        Reason::ReverseDns => "requireptr",
        Reason::AccessDenied => "securityerror",
        Reason::Spam => "spamdetected",
        Reason::Virus => "virusdetected",
        Reason::TooFast | Reason::SendingLimit => "speeding",
        Reason::TooManyConnections => "toomanyconn",
        _ => "undefined",
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
