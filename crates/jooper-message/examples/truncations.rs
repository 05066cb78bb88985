//! Every mail of ours, cut off behind each of its bytes: `--seeds N --first-seed S`, one line `figure: …`
//! at the end. A seed is a mail, in the order of their paths; `--folder DIR` reads others.
//!
//! Parser, classifier, reply text, intent and view read each of them; none may panic, however it ends.
#![allow(clippy::print_stdout, reason = "a program that prints its figure")]

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use jooper_message::inbound::intent::{PhraseClassifier, ReplyClassifier};
use jooper_message::inbound::view::view;
use jooper_message::inbound::{Context, InboundMail, classify, new_text};

/// So many bytes of a mail are cut behind; what follows is more of the same text.
const BYTES: usize = 20_000;

fn text(name: &str) -> Option<String> {
    env::args().skip_while(|word| word != name).nth(1)
}

fn number(name: &str) -> Option<usize> {
    text(name)?.parse().ok()
}

fn main() -> io::Result<()> {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut paths = Vec::new();
    collect(
        &text("--folder").map_or_else(own, PathBuf::from),
        &mut paths,
    )?;
    paths.sort();
    let first = number("--first-seed").unwrap_or(0);
    let seeds = number("--seeds").unwrap_or(usize::MAX);
    let (mut mails, mut readings) = (0_usize, 0_usize);
    for path in paths.iter().skip(first).take(seeds) {
        let raw = fs::read(path)?;
        for end in 0..=raw.len().min(BYTES) {
            read(&raw[..end]);
            readings += 1;
        }
        mails += 1;
    }
    if mails == 0 {
        return Err(io::Error::other("there are fewer mails than that"));
    }
    println!("figure: {mails} mails cut behind each byte, read {readings} times without a panic");
    Ok(())
}

fn read(raw: &[u8]) {
    let mail = InboundMail::parse(raw);
    let verdict = classify(&mail, &Context::default());
    let _ = (
        new_text(&mail),
        view(&mail),
        PhraseClassifier::new().intent(&verdict.visible_text),
    );
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, out)?;
        } else if path.extension().is_some_and(|kind| kind == "eml") {
            out.push(path);
        }
    }
    Ok(())
}
