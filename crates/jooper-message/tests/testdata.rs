//! The classifier against the test mails beside this crate, by their labels.
//!
//! The mails were written apart from the rules (see `testdata/README.md`). Each test prints its figure:
//! `cargo test -p jooper-message --test testdata -- --nocapture`
#![allow(clippy::print_stdout, reason = "figures are printed on demand")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jooper_message::inbound::dsn::reason::Class;
use jooper_message::inbound::intent::{PhraseClassifier, ReplyClassifier};
use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{
    AutoReply, Classification, Context, Kind, ReportKind, classify, new_text,
};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

fn labelled(name: &str) -> io::Result<Vec<(Value, Kind)>> {
    let judged = mails(name)?.into_iter();
    Ok(judged
        .map(|(label, mail)| (label, classify(&mail, &Context::default()).kind))
        .collect())
}

fn mails(name: &str) -> io::Result<Vec<(Value, InboundMail<'static>)>> {
    let folder = folder(name);
    let mut out = Vec::new();
    for line in fs::read_to_string(folder.join("labels.jsonl"))?
        .lines()
        .filter(|line| !line.trim().is_empty())
    {
        let label: Value = serde_json::from_str(line)?;
        let raw = fs::read(folder.join(label["file"].as_str().unwrap_or_default()))?;
        out.push((label, InboundMail::parse(&raw).into_owned()));
    }
    Ok(out)
}

fn sub(kind: &AutoReply) -> &'static str {
    match kind {
        AutoReply::OutOfOffice { .. } => "out_of_office",
        AutoReply::Acknowledgement => "acknowledgement",
        AutoReply::LeftCompany => "left_company",
        AutoReply::ChallengeResponse => "challenge",
        _ => "unknown",
    }
}

#[test]
fn automatic_replies_are_told_with_their_kind() -> io::Result<()> {
    let mails = labelled("auto-replies")?;
    assert!(mails.len() >= 120, "{} mails", mails.len());
    let (mut wrong, mut apart, mut wrong_apart) = (Vec::new(), 0, 0);
    for (label, kind) in &mails {
        let right =
            matches!(kind, Kind::AutoReply(found) if Some(sub(found)) == label["sub"].as_str());
        let is_apart = label["batch"] == "blind";
        apart += usize::from(is_apart);
        if !right {
            wrong_apart += usize::from(is_apart);
            wrong.push(format!("{}: {kind:?}", label["file"]));
        }
    }
    let distinct = |field: &str| {
        let named = mails.iter().filter_map(|(label, _)| label[field].as_str());
        named.collect::<BTreeSet<_>>().len()
    };
    let (products, languages) = (distinct("product"), distinct("lang"));
    println!(
        "figure: {} of {} automatic answers right, {products} products, {languages} languages; \
         {} of {apart} that were written apart from the rules",
        mails.len() - wrong.len(),
        mails.len(),
        apart - wrong_apart
    );
    assert!(products >= 25 && languages >= 20, "{products} {languages}");
    assert!(
        wrong.len() * 20 <= mails.len(),
        "{} of {} wrong: {wrong:#?}",
        wrong.len(),
        mails.len()
    );
    assert!(apart * 2 >= mails.len(), "{apart} of {}", mails.len());
    assert!(
        wrong_apart * 20 <= apart,
        "{wrong_apart} of {apart} wrong: {wrong:#?}"
    );
    Ok(())
}

#[test]
fn no_notice_objects_by_its_housekeeping() -> io::Result<()> {
    let mut wrong = Vec::new();
    for (label, mail) in mails("auto-replies")? {
        let asks = classify(&mail, &Context::default()).also_asks.is_some();
        if asks != (label["asks"] == true) {
            wrong.push(label["file"].to_string());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

#[test]
fn stated_days_of_return_are_read() -> io::Result<()> {
    let (mut stated, mut wrong) = (0, Vec::new());
    for (label, kind) in labelled("auto-replies")? {
        let Some(date) = label["return_date"].as_str() else {
            continue;
        };
        stated += 1;
        let right = matches!(&kind, Kind::AutoReply(AutoReply::OutOfOffice { returns: Some(found) })
            if found.date.to_string() == date);
        if !right {
            wrong.push(format!("{}: {kind:?}", label["file"]));
        }
    }
    let right = stated - wrong.len();
    println!("figure: {right} of {stated} days of return read");
    assert!(
        stated >= 40 && right * 100 >= stated * 90,
        "{right} of {stated}: {wrong:#?}"
    );
    Ok(())
}

#[test]
fn no_person_is_called_a_machine() -> io::Result<()> {
    let mails = labelled("replies")?;
    assert!(mails.len() >= 200, "{} mails", mails.len());
    let wrong: Vec<_> = mails
        .iter()
        .filter(|(_, kind)| !kind.is_human())
        .map(|(label, kind)| format!("{}: {kind:?}", label["file"]))
        .collect();
    println!(
        "figure: {} of {} human replies called automatic",
        wrong.len(),
        mails.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// Says what of `verdict` is not as `label` has it.
fn wrong_in(verdict: &Classification, label: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut differs = |what: &str, found: Option<String>, wanted: &Value| {
        if wanted.is_string() && found.as_deref() != wanted.as_str() {
            wrong.push(format!("{what} {found:?}, not {wanted}"));
        }
    };
    let kind = match &verdict.kind {
        Kind::DeliveryReport(kind) => match kind {
            ReportKind::HardBounce => "hard_bounce",
            ReportKind::PolicyBlock => "policy_block",
            ReportKind::SendingLimit => "sending_limit",
            ReportKind::Delayed => "delayed",
            ReportKind::SoftBounce => "soft_bounce",
            _ => "other",
        },
        _ => "no report",
    };
    differs("kind", Some(kind.to_owned()), &label["kind"]);
    let only = verdict
        .recipients
        .first()
        .filter(|_| verdict.recipients.len() == 1);
    differs(
        "recipient",
        only.map(|one| one.address.clone()),
        &label["recipient"],
    );
    let status = only
        .and_then(|one| one.status)
        .map(|status| status.to_string());
    differs("status", status, &label["status"]);
    let class = only.map(|one| match one.class {
        Class::Hard => "hard",
        Class::Soft => "soft",
        Class::Policy => "policy",
        _ => "unclear",
    });
    differs("class", class.map(str::to_owned), &label["class"]);
    let reason = only.map_or("none", |one| one.reason.as_str());
    if let Some(reasons) = label["reasons"].as_array()
        && !reasons.iter().any(|one| one == reason)
    {
        wrong.push(format!("reason {reason}, not of {reasons:?}"));
    }
    wrong
}

#[test]
fn delivery_reports_of_many_servers_are_read() -> io::Result<()> {
    let mails = mails("reports")?;
    assert!(mails.len() >= 100, "{} mails", mails.len());
    let mut wrong = Vec::new();
    for (label, mail) in &mails {
        let verdict = classify(mail, &Context::default());
        assert!(
            matches!(verdict.kind, Kind::DeliveryReport(_)),
            "{}: {:?}",
            label["file"],
            verdict.kind
        );
        let found = wrong_in(&verdict, label);
        if !found.is_empty() {
            wrong.push(format!("{}: {found:?}", label["file"]));
        }
    }
    println!("figure: {} delivery reports right", mails.len());
    assert!(
        wrong.is_empty(),
        "{} of {} wrong: {wrong:#?}",
        wrong.len(),
        mails.len()
    );
    Ok(())
}

#[test]
fn intents_of_human_replies_are_covered_and_precise() -> io::Result<()> {
    let (mut meant, mut said, mut right) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (label, mail) in mails("replies")? {
        let wanted = label["intent"].as_str();
        meant += usize::from(wanted.is_some());
        let verdict = PhraseClassifier::new().intent(&new_text(&mail).visible);
        let Some(found) = verdict.intent.map(|intent| intent.as_str()) else {
            continue;
        };
        said += 1;
        let also = label["also"].as_array().into_iter().flatten();
        if wanted == Some(found) || also.into_iter().any(|one| one == found) {
            right += 1;
        } else {
            wrong.push(format!("{}: {found}, not {wanted:?}", label["file"]));
        }
    }
    println!(
        "figure: intent said of {said} human replies, right in {right} ({} %); {meant} have one ({} % found)",
        right * 100 / said.max(1),
        right * 100 / meant.max(1)
    );
    assert!(meant >= 200, "{meant} with an intent");
    assert!(
        right * 100 >= meant * 60,
        "{right} right of {meant} that mean something"
    );
    assert!(right * 100 >= said * 90, "{right} of {said}: {wrong:#?}");
    Ok(())
}

/// Writes every line end of `raw` as `end`.
fn with_line_ends(raw: &[u8], end: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() * 2);
    for byte in raw.iter().filter(|byte| **byte != b'\r') {
        match byte {
            b'\n' => out.extend_from_slice(end),
            other => out.push(*other),
        }
    }
    out
}

/// Everything a verdict says.
fn everything(raw: &[u8]) -> String {
    let verdict = classify(&InboundMail::parse(raw), &Context::default());
    let failed: Vec<_> = verdict
        .recipients
        .iter()
        .map(|one| (&one.address, one.status, one.code, one.reason, one.action))
        .collect();
    format!("{verdict:?} {failed:?} {:?}", verdict.original.message_id)
}

#[test]
fn line_ends_and_mbox_lines_change_no_verdict() -> io::Result<()> {
    for name in ["auto-replies", "replies", "reports"] {
        for entry in fs::read_dir(folder(name))? {
            let path = entry?.path();
            if path.extension().is_none_or(|kind| kind != "eml") {
                continue;
            }
            let raw = fs::read(&path)?;
            let plain = with_line_ends(&raw, b"\n");
            let mut boxed = b"From x@y Mon Nov  2 10:00:00 2026\n".to_vec();
            boxed.extend_from_slice(&plain);
            let expected = everything(&plain);
            for variant in [
                with_line_ends(&raw, b"\r\n"),
                with_line_ends(&raw, b"\r"),
                boxed,
            ] {
                assert_eq!(everything(&variant), expected, "{}", path.display());
            }
        }
    }
    Ok(())
}

/// A report in Postfix's frame about one refusal.
fn refusal(command: &str, diagnostic: &str) -> String {
    let said = match command {
        "none" => diagnostic.to_owned(),
        "conn" => format!("host mx.x.example[203.0.113.9] refused to talk to me: {diagnostic}"),
        command => {
            let name = match command {
                "rcpt" => "RCPT TO",
                "mail" => "MAIL FROM",
                _ => "end of DATA",
            };
            format!(
                "host mx.x.example[203.0.113.9] said: {diagnostic} (in reply to {name} command)"
            )
        }
    };
    let class = if diagnostic.starts_with('4') { 4 } else { 5 };
    let status = jooper_message::inbound::status::best_status(diagnostic)
        .map_or(format!("{class}.0.0"), |status| status.to_string());
    format!(
        "From: MAILER-DAEMON@relay.example\nTo: me@our.example\nSubject: Undelivered Mail Returned to Sender\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
         Content-Type: text/plain; charset=utf-8\n\nYour message could not be delivered.\n\n\
         <ada@x.example>: {said}\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n\
         Final-Recipient: rfc822; ada@x.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {diagnostic}\n\n--b--\n"
    )
}

#[test]
fn refusals_of_many_servers_are_told_apart_by_whose_problem_they_are() -> io::Result<()> {
    let (mut all, mut wrong) = (0, Vec::new());
    for line in fs::read_to_string(folder("diagnostics.tsv"))?.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [command, wanted, diagnostic] = fields.as_slice() else {
            assert!(line.starts_with('#'), "{line}");
            continue;
        };
        all += 1;
        let raw = refusal(command, diagnostic);
        let mail = InboundMail::parse(raw.as_bytes());
        let verdict = classify(&mail, &Context::default());
        let found = match verdict.recipients.first().map(|one| one.class) {
            Some(Class::Hard) => "hard",
            Some(Class::Soft) => "soft",
            Some(Class::Policy) => "policy",
            _ => "unclear",
        };
        if found != *wanted {
            wrong.push(format!("{diagnostic}: {found}, not {wanted}"));
        }
    }
    println!("figure: {} of {all} refusals right", all - wrong.len());
    assert!(all >= 370, "{all}");
    assert!(
        wrong.len() * 100 <= all * 2,
        "{} of {all} wrong: {wrong:#?}",
        wrong.len()
    );
    Ok(())
}
