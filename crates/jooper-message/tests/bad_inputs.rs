//! Input nobody should send (B-60 of the list; B-41 to B-59 stand beside the code that meets them),
//! and mails cut off anywhere.

use std::path::Path;
use std::{fs, io};

use jooper_message::inbound::intent::{PhraseClassifier, ReplyClassifier};
use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::matching::{Candidate, Receiver, keys, rank};
use jooper_message::inbound::view::view;
use jooper_message::inbound::{Context, Kind, ReportKind, classify, new_text};

#[test]
fn a_report_about_a_thousand_strangers_is_bounded_and_concerns_nobody_b60() {
    let recipients: String = (0..1_000)
        .map(|n| {
            format!("Final-Recipient: rfc822; user{n}@elsewhere.example\nAction: failed\nStatus: 5.1.1\n\n")
        })
        .collect();
    let report = format!(
        "From: mailer-daemon@elsewhere.example\nSubject: Undelivered Mail\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; elsewhere.example\n\n{recipients}--b--\n"
    );
    let mail = InboundMail::parse(report.as_bytes());
    let verdict = classify(&mail, &Context::default());
    assert_eq!(verdict.kind, Kind::DeliveryReport(ReportKind::HardBounce));
    assert!(!verdict.may_suppress(), "nothing vouches for it");
    let receiver = Receiver::new(["me@our.example".to_owned()]);
    assert_eq!(keys(&mail, &verdict, &receiver).addresses.len(), 200);
    let ours = Candidate::new(1, "ada@lovelace.example");
    assert!(rank(&mail, &verdict, &receiver, &[ours]).is_empty());
}

#[test]
fn a_thousand_headers_of_failed_recipients_are_as_bounded() {
    let named = |n: usize| (0..200).map(move |k| format!("u{n}x{k}@elsewhere.example"));
    let headers: String = (0..900)
        .map(|n| {
            format!(
                "X-Failed-Recipients: {}\n",
                named(n).collect::<Vec<_>>().join(",")
            )
        })
        .collect();
    let report = format!("From: mailer-daemon@elsewhere.example\n{headers}\nUser unknown\n");
    let verdict = classify(&InboundMail::parse(report.as_bytes()), &Context::default());
    assert_eq!(verdict.recipients.len(), 200);
    // Several machine-readable parts are no way around it.
    let part = |n: usize| {
        let fields: String = (0..200)
            .map(|k| {
                format!("Final-Recipient: rfc822; u{n}x{k}@elsewhere.example\nAction: failed\n\n")
            })
            .collect();
        format!("--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{fields}")
    };
    let report = format!(
        "From: mailer-daemon@elsewhere.example\nContent-Type: multipart/report; \
         report-type=delivery-status; boundary=b\n\n{}--b--\n",
        (0..8).map(part).collect::<String>()
    );
    let verdict = classify(&InboundMail::parse(report.as_bytes()), &Context::default());
    assert_eq!(verdict.recipients.len(), 200);
}

fn read_whole(raw: &[u8]) {
    let mail = InboundMail::parse(raw);
    let verdict = classify(&mail, &Context::default());
    let _ = (
        new_text(&mail),
        view(&mail),
        PhraseClassifier::new().intent(&verdict.visible_text),
    );
}

/// Every mail is cut at a few places, one of each hundred and more at every byte.
#[test]
fn a_mail_may_end_anywhere() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    for folder in ["auto-replies", "replies", "reports"] {
        let mut paths: Vec<_> = fs::read_dir(root.join(folder))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        paths.retain(|path| path.extension().is_some_and(|kind| kind == "eml"));
        paths.sort();
        assert!(paths.len() > 100);
        for (n, path) in paths.iter().enumerate() {
            let raw = fs::read(path)?;
            let step = if n % 160 == 7 {
                1
            } else {
                raw.len() / 3 + 1 + n % 7
            };
            for end in (0..raw.len()).step_by(step) {
                read_whole(&raw[..end]);
            }
        }
    }
    Ok(())
}
