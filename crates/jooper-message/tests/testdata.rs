//! The classifier against the test mails beside this crate, by their labels.
//!
//! The mails were written apart from the rules (see `testdata/README.md`).

use std::path::{Path, PathBuf};
use std::{fs, io};

use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{AutoReply, Context, Kind, classify};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

fn labelled(name: &str) -> io::Result<Vec<(Value, Kind)>> {
    let folder = folder(name);
    let mut out = Vec::new();
    for line in fs::read_to_string(folder.join("labels.jsonl"))?
        .lines()
        .filter(|line| !line.trim().is_empty())
    {
        let label: Value = serde_json::from_str(line)?;
        let raw = fs::read(folder.join(label["file"].as_str().unwrap_or_default()))?;
        out.push((
            label,
            classify(&InboundMail::parse(&raw), &Context::default()).kind,
        ));
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
    let mut wrong = Vec::new();
    for (label, kind) in &mails {
        let right =
            matches!(kind, Kind::AutoReply(found) if Some(sub(found)) == label["sub"].as_str());
        if !right {
            wrong.push(format!("{}: {kind:?}", label["file"]));
        }
    }
    assert!(
        wrong.len() * 20 <= mails.len(),
        "{} of {} wrong: {wrong:#?}",
        wrong.len(),
        mails.len()
    );
    Ok(())
}

#[test]
fn stated_days_of_return_are_read() -> io::Result<()> {
    let (mut stated, mut right) = (0, 0);
    for (label, kind) in labelled("auto-replies")? {
        let Some(date) = label["return_date"].as_str() else {
            continue;
        };
        stated += 1;
        if let Kind::AutoReply(AutoReply::OutOfOffice {
            returns: Some(found),
        }) = kind
        {
            right += usize::from(found.date.to_string() == date);
        }
    }
    assert!(
        stated >= 40 && right * 100 >= stated * 90,
        "{right} of {stated}"
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
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

#[test]
fn line_ends_and_mbox_lines_change_no_verdict() -> io::Result<()> {
    for name in ["auto-replies", "replies"] {
        for entry in fs::read_dir(folder(name))? {
            let path = entry?.path();
            if path.extension().is_none_or(|kind| kind != "eml") {
                continue;
            }
            let raw = fs::read(&path)?;
            let lf: Vec<u8> = String::from_utf8_lossy(&raw)
                .replace("\r\n", "\n")
                .into_bytes();
            let verdict = |raw: &[u8]| {
                format!(
                    "{:?}",
                    classify(&InboundMail::parse(raw), &Context::default()).kind
                )
            };
            let expected = verdict(&lf);
            let text = String::from_utf8_lossy(&lf).into_owned();
            for variant in [
                text.replace('\n', "\r\n"),
                text.replace('\n', "\r"),
                format!("From x@y Mon Nov  2 10:00:00 2026\n{text}"),
            ] {
                assert_eq!(verdict(variant.as_bytes()), expected, "{}", path.display());
            }
        }
    }
    Ok(())
}
