//! Any bytes get a verdict, the same with other line ends; a person's words get an intent.
#![no_main]

use jooper_fuzz::{MAIL, bounded, with_line_ends};
use jooper_message::inbound::{Classification, Context, InboundMail, classify};
use libfuzzer_sys::fuzz_target;

fn judge(raw: &[u8]) -> Classification {
    classify(&InboundMail::parse(raw), &Context::default())
}

fuzz_target!(|raw: &[u8]| {
    let verdict = bounded(raw.len(), MAIL, || judge(raw));
    for recipient in &verdict.recipients {
        assert!(!recipient.address.is_empty());
    }
    for end in [&b"\r\n"[..], b"\r"] {
        let other = judge(&with_line_ends(raw, end));
        assert_eq!(other.kind, verdict.kind, "line ends changed the verdict");
        assert_eq!(other.recipients.len(), verdict.recipients.len());
    }
});
