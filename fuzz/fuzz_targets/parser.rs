//! Any bytes are read as a mail: headers, texts and embedded mails, the same with other line ends.
#![no_main]

use jooper_fuzz::{MAIL, bounded, with_line_ends};
use jooper_message::inbound::InboundMail;
use libfuzzer_sys::fuzz_target;

fn read(raw: &[u8]) -> (String, String, Vec<String>, Vec<String>) {
    let mail = InboundMail::parse(raw);
    let mut seen = Vec::new();
    for part in mail.parts() {
        assert!(part.body.end <= raw.len() && part.body.start <= part.body.end);
        seen.push(mail.decode(part));
    }
    for embedded in mail.embedded() {
        seen.extend(embedded.header("subject"));
        seen.extend(embedded.message_ids("message-id"));
        seen.extend(embedded.addresses("to").into_iter().map(|one| one.address));
    }
    for name in ["from", "to", "cc", "reply-to"] {
        seen.extend(mail.addresses(name).into_iter().map(|one| one.address));
    }
    seen.extend(mail.civil_date().map(|date| date.to_string()));
    (
        mail.subject(),
        mail.text(),
        mail.message_ids("references"),
        seen,
    )
}

fuzz_target!(|raw: &[u8]| {
    let plain = bounded(raw.len(), MAIL, || read(&with_line_ends(raw, b"\n")));
    assert!(
        read(&with_line_ends(raw, b"\r\n")) == plain,
        "CRLF reads differently"
    );
});
