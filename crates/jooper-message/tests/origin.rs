//! Who may say of an address that it is dead, or that its owner complained: reports as somebody may
//! forge them who signs for a domain or an account of their own, and as mail systems write them.

use jooper_message::inbound::authenticity::Origin;
use jooper_message::inbound::dsn::FailedRecipient;
use jooper_message::inbound::{Classification, Context, InboundMail, classify};

/// A mail from an address that its provider vouches for.
fn read(from: &str, rest: &str) -> Classification {
    let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
    let results =
        format!("mx.google.com; dkim=pass header.i=@{domain}; spf=pass smtp.mailfrom={from}");
    let mail = format!("Authentication-Results: {results}\nFrom: {from}\n{rest}");
    let verdict = classify(&InboundMail::parse(mail.as_bytes()), &Context::default());
    assert!(verdict.trust.is_trusted(), "{}", verdict.trust.reason);
    verdict
}

/// A report of dead recipients, each with the address that their mail was first sent to.
fn bounce(from: &str, recipients: &[(&str, Option<&str>)]) -> Classification {
    let about: String = recipients
        .iter()
        .map(|(last, first)| {
            let first = first.map(|first| format!("Original-Recipient: rfc822; {first}\n"));
            let first = first.unwrap_or_default();
            format!("Final-Recipient: rfc822; {last}\n{first}Action: failed\nStatus: 5.1.1\n\n")
        })
        .collect();
    let verdict = read(
        from,
        &format!(
            "Subject: Undelivered Mail\nX-Failed-Recipients: lead@acme.com\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n{about}--b--\n"
        ),
    );
    assert!(verdict.recipients.iter().all(FailedRecipient::is_hard));
    assert_eq!(verdict.recipients.len(), recipients.len());
    verdict
}

fn complaint(from: &str, about: &str, kind: &str) -> Classification {
    read(
        from,
        &format!(
            "Subject: Fw: Hello\nX-Failed-Recipients: lead@acme.com\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nx\n--b\n\
             Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nVersion: 1\n\
             Original-Rcpt-To: {about}\n\n--b\nContent-Type: message/rfc822\n\nTo: {about}\n\nx\n--b--\n"
        ),
    )
}

#[test]
fn a_report_must_come_from_where_every_address_is_that_it_calls_dead() {
    let evil = "postmaster@evil.example";
    for recipients in [
        &[("x@evil.example", Some("lead@acme.com"))][..],
        &[("lead@acme.com", Some("x@evil.example"))],
        &[("x@evil.example", None), ("lead@acme.com", None)],
    ] {
        let verdict = bounce(evil, recipients);
        assert_eq!(verdict.trust.origin, Origin::Elsewhere, "{recipients:?}");
        assert!(!verdict.may_suppress(), "{recipients:?}");
    }
    let own = bounce(
        "postmaster@mail.acme.com",
        &[("jo.lead@acme.com", Some("lead@acme.com"))],
    );
    assert_eq!(own.trust.origin, Origin::Recipient);
    assert!(own.may_suppress());
}

#[test]
fn a_neighbor_at_a_mail_provider_is_not_its_mail_system() {
    for from in [
        "somebody@gmail.com",
        "somebody@outlook.com",
        "mailer@gmx.de",
        "bounces@gmx.de",
        "postmaster.jo@gmx.de",
        "mailer-daemon-jo@outlook.com",
        "jo@yahoo.fr",
    ] {
        let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
        let neighbor = format!("neighbor@{domain}");
        let verdict = bounce(from, &[(&neighbor, None)]);
        assert_eq!(verdict.trust.origin, Origin::Elsewhere, "{from}");
        let verdict = complaint(from, &neighbor, "abuse");
        assert_eq!(verdict.trust.origin, Origin::Elsewhere, "{from}");
        assert!(!verdict.may_suppress(), "{from}");
    }
    for from in ["MAILER-DAEMON@gmx.de", "postmaster@outlook.com"] {
        let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
        let verdict = bounce(from, &[(&format!("lead@{domain}"), None)]);
        assert_eq!(verdict.trust.origin, Origin::Recipient, "{from}");
    }
    for from in ["staff@hotmail.com", "feedback@arf.mail.yahoo.com"] {
        let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
        let domain = domain.trim_start_matches("arf.mail.");
        let verdict = complaint(from, &format!("lead@{domain}"), "abuse");
        assert_eq!(verdict.trust.origin, Origin::Recipient, "{from}");
        assert!(verdict.may_suppress(), "{from}");
    }
    let person = complaint("stafford@hotmail.com", "lead@hotmail.com", "abuse");
    assert_eq!(person.trust.origin, Origin::Elsewhere);
}

#[test]
fn only_a_mail_system_speaks_for_its_domain_whoever_has_mailboxes_there() {
    // Whether anybody may have a mailbox at a domain is on no list that is complete.
    for domain in ["nifty.com", "hinet.net", "tlen.pl", "somewhere.example"] {
        for local in [
            "taro.yamada",
            "bounces",
            "mailer",
            "postmaster-jo",
            "mailer-daemon2",
            "microsoftexchange",
            "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109",
            "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109g",
            "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e5",
        ] {
            let from = format!("{local}@{domain}");
            let verdict = bounce(&from, &[(&format!("lead@{domain}"), None)]);
            assert_eq!(verdict.trust.origin, Origin::Elsewhere, "{from}");
            assert!(!verdict.may_suppress(), "{from}");
            let verdict = complaint(&from, &format!("lead@{domain}"), "abuse");
            assert_eq!(verdict.trust.origin, Origin::Elsewhere, "{from}");
            assert!(!verdict.may_suppress(), "{from}");
        }
        for local in [
            "postmaster",
            "MAILER-DAEMON",
            "mailerdaemon",
            "mailer_daemon",
            "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e",
        ] {
            let from = format!("{local}@{domain}");
            let verdict = bounce(&from, &[(&format!("lead@{domain}"), None)]);
            // Where anybody chooses a name, one that is not reserved may be a person's.
            let reserved = matches!(local, "postmaster" | "MAILER-DAEMON");
            let system = reserved || domain == "somewhere.example";
            let expected = if system {
                Origin::Recipient
            } else {
                Origin::Elsewhere
            };
            assert_eq!(verdict.trust.origin, expected, "{from}");
            assert_eq!(verdict.may_suppress(), system, "{from}");
        }
    }
}

#[test]
fn a_name_that_somebody_may_choose_at_a_provider_complains_for_nobody() {
    for local in ["staff", "feedbackloop", "feedback-loop", "fbl", "feedback"] {
        for domain in [
            "gmail.com",
            "gmx.de",
            "yahoo.fr",
            "ms12.hinet.net",
            "nc.rr.com",
        ] {
            let from = format!("{local}@{domain}");
            let verdict = complaint(&from, &format!("lead@{domain}"), "abuse");
            assert!(!verdict.may_suppress(), "{from}");
        }
        let from = format!("{local}@acme.com");
        assert!(
            complaint(&from, "lead@acme.com", "abuse").may_suppress(),
            "{from}"
        );
    }
}

#[test]
fn only_the_mail_system_of_our_provider_speaks_for_it() {
    for from in [
        "comments-noreply@docs.google.com",
        "drive-shares-noreply@google.com",
        "somebody@googlemail.com",
        "somebody@google.com",
    ] {
        let verdict = bounce(from, &[("lead@acme.com", None)]);
        assert_eq!(verdict.trust.origin, Origin::Elsewhere, "{from}");
        assert!(!verdict.may_suppress(), "{from}");
    }
    let daemon = "mailer-daemon@googlemail.com";
    let verdict = bounce(daemon, &[("lead@acme.com", None)]);
    assert_eq!(verdict.trust.origin, Origin::Provider);
    assert!(verdict.may_suppress());
}

#[test]
fn a_feedback_report_is_about_the_address_that_it_states_first() {
    for kind in ["abuse", "opt-out"] {
        let verdict = complaint("fbl@evil.example", "x@evil.example", kind);
        assert_eq!(verdict.complained_of(), Some("x@evil.example"));
        let verdict = complaint("fbl@evil.example", "lead@acme.com", kind);
        assert!(!verdict.may_suppress(), "{kind}");
        let verdict = complaint("fbl@acme.com", "lead@acme.com", kind);
        assert_eq!(verdict.complained_of(), Some("lead@acme.com"));
        assert!(verdict.may_suppress(), "{kind}");
    }
}

#[test]
fn dmarc_of_another_domain_vouches_for_nobody() {
    for (checked, trusted) in [("evil.example", false), ("acme.com", true)] {
        let mail = format!(
            "Authentication-Results: mx.google.com; dmarc=pass header.from={checked}\n\
             From: postmaster@acme.com\nSubject: Undelivered Mail\n\nx\n"
        );
        let verdict = classify(&InboundMail::parse(mail.as_bytes()), &Context::default());
        assert_eq!(verdict.trust.is_trusted(), trusted, "{checked}");
    }
}
