//! Any text and any HTML is cut to what is new in it; stop words and intent are read from the rest.
#![no_main]

use jooper_fuzz::{MAIL, bounded};
use jooper_message::inbound::intent::{PhraseClassifier, ReplyClassifier};
use jooper_message::inbound::reply_text::{visible_html, visible_text};
use jooper_message::inbound::stop_words::find_stop_request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    bounded(raw.len(), MAIL, || {
        for reply in [visible_text(&text), visible_html(&text)] {
            assert!(
                reply.visible.len() <= reply.with_signature.len(),
                "cutting the signature added text"
            );
            let _ = find_stop_request(&reply.visible);
            for found in PhraseClassifier::new().intent(&reply.visible).evidence {
                assert!(
                    reply.visible.get(found.span.clone()).is_some(),
                    "evidence at {:?} is no part of the reply",
                    found.span
                );
            }
        }
    });
});
