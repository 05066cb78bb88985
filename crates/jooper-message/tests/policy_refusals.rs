//! What policy servers behind Postfix have it say of a recipient whom they know nothing of.

use jooper_message::inbound::dsn::reason::Class;
use jooper_message::inbound::{Context, InboundMail, classify};

/// Postfix prints what a policy server wants as `554 5.7.1 <recipient>: Recipient address rejected: text`
/// (its `SMTPD_POLICY_README` and `access(5)`).
fn class(status: &str, said: &str, command: &str) -> Class {
    let raw = format!(
        "From: MAILER-DAEMON@mx.our.example\nTo: me@our.example\nSubject: Undelivered Mail Returned to Sender\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
         <ada@x.example>: host mx.x.example[203.0.113.5] said: {said}{command}\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.our.example\n\n\
         Final-Recipient: rfc822; ada@x.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n--b--\n"
    );
    let verdict = classify(&InboundMail::parse(raw.as_bytes()), &Context::default());
    verdict.recipients[0].class
}

fn assert_class(wanted: Class, code: &str, status: &str, text: &str) {
    let said = format!("{code} {status} <ada@x.example>: {text}");
    for command in [" (in reply to RCPT TO command)", ""] {
        assert_eq!(class(status, &said, command), wanted, "{said}{command}");
    }
}

#[test]
fn a_policy_servers_refusal_says_nothing_of_the_address() {
    for (code, status, text) in [
        (
            "554",
            "5.7.1",
            "Please see http://www.openspf.org/Why?s=mfrom;id=me%40our.example;ip=203.0.113.9;r=mx",
        ),
        (
            "550",
            "5.7.1",
            "Please see https://www.openspf.net/Why?s=helo;id=mx.our.example;ip=203.0.113.9",
        ),
        (
            "550",
            "5.7.23",
            "Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom",
        ),
        (
            "550",
            "5.7.24",
            "Message rejected due to: SPF Permanent Error: Void lookup limit of 2 exceeded",
        ),
        (
            "554",
            "5.7.1",
            "Failed SPF check; 203.0.113.9 may not use our.example",
        ),
        (
            "554",
            "5.7.1",
            "SMTP AUTH is required for users under this sender domain",
        ),
        ("554", "5.7.1", "Sender login mismatch"),
        (
            "554",
            "5.7.1",
            "Sender is not same as SMTP authenticate username",
        ),
        ("554", "5.7.1", "Not authorized"),
        ("554", "5.7.1", "Policy rejection"),
        ("554", "5.7.1", "Policy rejection not logged in"),
        ("554", "5.7.1", "Blacklisted"),
        ("554", "5.7.1", "rejected by our policy server"),
        (
            "554",
            "5.7.1",
            "Message size exceed (maybe caused by big attachment file)",
        ),
        (
            "554",
            "5.7.1",
            "Policy rejection; Message count quota exceeded",
        ),
        (
            "554",
            "5.7.1",
            "Policy rejection; Cumulative message size quota exceeded",
        ),
        (
            "554",
            "5.7.1",
            "Invalid HELO/EHLO; Must be a FQDN or an address literal, not 'x'",
        ),
        (
            "554",
            "5.7.1",
            "Mail appeared to be SPAM or forged. Ask your Mail/DNS-Administrator to correct HELO and DNS MX settings",
        ),
        (
            "554",
            "5.7.1",
            "temporarily blocked because of previous errors - retrying too fast. penalty: 30 seconds x 0 retries.",
        ),
        (
            "451",
            "4.7.1",
            "Intentional policy rejection, please try again later",
        ),
        (
            "451",
            "4.7.1",
            "Greylisting in effect, please come back later",
        ),
        (
            "450",
            "4.2.0",
            "Greylisted, see http://isg.ee.ethz.ch/tools/postgrey/help/x.example.html",
        ),
        ("450", "4.7.1", "Too many mails from you this hour"),
        ("554", "5.7.1", "nothing from your side is welcome here"),
        ("554", "5.7.1", "See https://x.example/rule?12"),
    ] {
        assert_class(
            Class::Policy,
            code,
            status,
            &format!("Recipient address rejected: {text}"),
        );
    }
    for (status, text) in [
        ("5.7.1", "Recipient rejected by policy"),
        ("5.7.1", "Recipient rejected: not allowed by our rules"),
        (
            "5.7.1",
            "Requested action not taken: mailbox unavailable, blocked by policy",
        ),
        (
            "5.7.0",
            "Address rejected: your mail is not authorized here",
        ),
    ] {
        assert_class(Class::Policy, "550", status, text);
    }
}

#[test]
fn what_postfix_itself_says_of_an_address_stays_proof() {
    for (code, status, text) in [
        ("550", "5.1.1", "User unknown in virtual mailbox table"),
        ("550", "5.1.1", "User unknown in local recipient table"),
        ("550", "5.1.1", "User unknown in relay recipient table"),
        ("550", "5.1.0", "User unknown"),
        ("554", "5.7.1", "User unknown"),
        ("554", "5.7.1", "User unknown in virtual alias table"),
        ("554", "5.7.1", "Access denied"),
        ("550", "5.4.1", "Access denied. AS(201806281) mx.x.example"),
        (
            "550",
            "5.1.1",
            "undeliverable address: host 203.0.113.9[203.0.113.9] said: 550 5.1.1 User doesn't exist",
        ),
        (
            "550",
            "5.1.1",
            "unverified address: host 203.0.113.9[203.0.113.9] said: 550 no such user",
        ),
        ("550", "5.1.2", "Domain not found"),
        ("550", "5.1.1", "ada went away"),
        ("550", "5.7.1", "Benutzer unbekannt"),
        ("550", "5.7.1", "this recipient does not exist"),
    ] {
        assert_class(
            Class::Hard,
            code,
            status,
            &format!("Recipient address rejected: {text}"),
        );
    }
    for (code, status, text) in [
        ("550", "5.1.1", "Recipient address rejected"),
        ("554", "5.7.1", "Recipient address rejected"),
    ] {
        assert_class(Class::Hard, code, status, text);
    }
    let trying = "Recipient address rejected: unverified address: Address verification in progress";
    assert_class(Class::Soft, "450", "4.1.1", trying);
}
