//! No mail of a megabyte makes any reader hold more than 64 MB (an allocation counter).
//!
//! Counted for each reader and each hostile mail: what is held at once. What is allocated in
//! all, freed or not, is bounded too, because it is the time of a reader that copies.
#![allow(clippy::print_stdout, reason = "the figures are for docs/inbound.md")]

use allocation_counter::{AllocationInfo, measure};
use jooper_message::inbound::intent::{PhraseClassifier, ReplyClassifier};
use jooper_message::inbound::reply_text::{visible_html, visible_text};
use jooper_message::inbound::stop_words::find_stop_request;
use jooper_message::inbound::view::view;
use jooper_message::inbound::{Context, InboundMail, classify};

#[path = "support/hostile.rs"]
mod hostile;

/// Held at once, at most.
const HELD: u64 = 64_000_000;

/// Allocated in all, at most: text is copied some dozen times between bytes and verdict.
const IN_ALL: u64 = 256_000_000;

type Reader = (&'static str, fn(&InboundMail<'_>));

const READERS: &[Reader] = &[
    ("headers and texts", |mail| {
        let _ = (
            mail.subject(),
            mail.addresses("to"),
            mail.text(),
            mail.embedded().count(),
        );
    }),
    ("classifier", |mail| {
        let _ = classify(mail, &Context::default());
    }),
    ("reply text", |mail| {
        let reply = visible_text(&mail.text());
        let _ = (
            find_stop_request(&reply.visible),
            PhraseClassifier::new().intent(&reply.visible),
        );
    }),
    ("html", |mail| {
        let _ = mail.html().map(|html| visible_html(&html));
    }),
    ("view", |mail| {
        let _ = view(mail);
    }),
];

fn broken(used: &AllocationInfo) -> bool {
    used.bytes_max > HELD || used.bytes_total > IN_ALL
}

/// Reads every mail with every reader; what the parsed mail holds counts for each reader.
fn assert_bounded(mails: &[hostile::Mail], readers: &[Reader]) {
    // Word lists are built once and stay; they are no part of any mail.
    let plain = InboundMail::parse(b"Subject: Re: x\n\nPlease stop writing.");
    READERS.iter().for_each(|(_, read)| read(&plain));
    let mut wrong = Vec::new();
    let (mut held, mut in_all) = ((0, ""), (0, ""));
    for (name, raw) in mails {
        let mut parsed = None;
        let parser = measure(|| parsed = Some(InboundMail::parse(raw)));
        let Some(mail) = parsed else {
            unreachable!("measure runs its closure")
        };
        let mut check = |reader: &str, used: AllocationInfo| {
            held = held.max((used.bytes_max, name));
            in_all = in_all.max((used.bytes_total, name));
            if broken(&used) {
                let (most, total) = (used.bytes_max, used.bytes_total);
                wrong.push(format!(
                    "{name}, {reader}: {most} held at once, {total} in all"
                ));
            }
        };
        for (reader, read) in readers {
            let mut used = measure(|| read(&mail));
            used.bytes_max += u64::try_from(parser.bytes_current).unwrap_or(0);
            used.bytes_total += parser.bytes_total;
            check(reader, used);
        }
        check("parser", parser);
    }
    println!(
        "{} mails: most held {held:?}, most in all {in_all:?}",
        mails.len()
    );
    assert_eq!(wrong, [""; 0]);
}

/// The size the bounds are stated for.
const MEGABYTE: usize = 1_000_000;

#[test]
fn a_megabyte_of_headers_is_read_within_64_megabytes() {
    assert_bounded(&hostile::headers(MEGABYTE), READERS);
}

#[test]
fn a_megabyte_of_parts_is_read_within_64_megabytes() {
    assert_bounded(&hostile::structures(MEGABYTE), READERS);
}

#[test]
fn a_megabyte_of_text_is_read_within_64_megabytes() {
    assert_bounded(&hostile::texts(MEGABYTE), READERS);
}

#[test]
fn a_megabyte_of_markup_is_read_within_64_megabytes() {
    assert_bounded(&hostile::markups(MEGABYTE), READERS);
}

/// A megabyte of HTML is more than is shown; this much is shown.
#[test]
fn the_longest_html_that_is_shown_is_read_within_64_megabytes() {
    let shown: Reader = ("view", |mail| assert!(view(mail).html.is_some()));
    assert_bounded(&hostile::markups(512 * 1024), &[shown]);
}

#[test]
fn there_are_mails_enough_and_each_is_of_its_size() {
    let mails = hostile::mails(MEGABYTE);
    assert!(mails.len() >= 90, "{} mails", mails.len());
    for (name, raw) in mails {
        assert!(
            raw.len() > MEGABYTE - 1_000 && raw.len() <= MEGABYTE,
            "{name}: {}",
            raw.len()
        );
    }
}

#[test]
fn the_counter_counts() {
    let used = measure(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(65_000_000))));
    assert!(broken(&used), "{used:?}");
}
