//! What judging a mail costs beside parsing it, on one core and in one run.
//!
//! The floor is `mail-parser` alone over the same bytes; the other end is Python's own
//! `email.message_from_bytes`, which this bench starts itself. Mails are the test mails beside
//! `jooper-message`. `cargo bench --bench inbound`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark tells and ends"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use jooper_core::{LeaseClock, SystemLeaseClock};
use jooper_message::inbound::{Context, InboundMail, Kind, classify};
use mail_parser::MessageParser;

/// How often ours and the floor take turns; the median of each counts.
const ROUNDS: usize = 15;

/// How often the mails are read in one turn.
const PASSES: u32 = 4;

/// Python reads the mails as often, once warm, and tells the best of its turns.
const PYTHON: &str = "
import email, sys, time
mails = [open(path, 'rb').read() for path in sys.stdin.read().splitlines()]
best = None
for turn in range(8):
    began = time.perf_counter()
    for mail in mails:
        email.message_from_bytes(mail)
    took = time.perf_counter() - began
    best = took if best is None else min(best, took)
print(best)
";

struct Mails {
    paths: Vec<PathBuf>,
    raw: Vec<Vec<u8>>,
}

fn testdata(folders: &[&str], wanted: impl Fn(&InboundMail) -> bool) -> Mails {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/jooper-message/testdata");
    let mut paths: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "eml"))
        .collect();
    paths.sort();
    paths.retain(|path| wanted(&InboundMail::parse(&fs::read(path).unwrap())));
    let raw = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    Mails { paths, raw }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Returns the time of one pass of ours and of the floor, in turns.
fn measure(mails: &Mails) -> (Duration, Duration) {
    let clock = SystemLeaseClock::new();
    let turn = |work: &dyn Fn(&[u8])| {
        let began = clock.now();
        for _ in 0..PASSES {
            mails.raw.iter().for_each(|raw| work(raw));
        }
        clock.now().since(began) / PASSES
    };
    let context = Context::default();
    let parser = MessageParser::default();
    let ours = |raw: &[u8]| drop(black_box(classify(&InboundMail::parse(raw), &context)));
    let floor = |raw: &[u8]| drop(black_box(parser.parse(raw)));
    // Word lists are built at first use.
    turn(&ours);
    turn(&floor);
    let (mut judged, mut parsed) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        judged.push(turn(&ours));
        parsed.push(turn(&floor));
    }
    (median(judged), median(parsed))
}

fn python(mails: &Mails) -> Duration {
    use std::io::Write as _;
    use std::process::Stdio;

    let program = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut child = Command::new(program)
        .args(["-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts; PYTHON names another program");
    let list: Vec<String> = mails
        .paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let mut input = child.stdin.take().unwrap();
    input.write_all(list.join("\n").as_bytes()).unwrap();
    drop(input);
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success(), "Python failed");
    let seconds: f64 = String::from_utf8_lossy(&said.stdout)
        .trim()
        .parse()
        .unwrap();
    Duration::from_secs_f64(seconds)
}

fn main() {
    let reports = testdata(&["reports"], |_| true);
    let html = testdata(&["replies", "auto-replies"], |mail| mail.html().is_some());
    let all = testdata(&["reports", "replies", "auto-replies"], |_| true);
    let judged = |mails: &Mails, wanted: fn(&Kind) -> bool| {
        mails.raw.iter().all(|raw| {
            let verdict = classify(&InboundMail::parse(raw), &Context::default());
            wanted(&verdict.kind)
        })
    };
    // A fast wrong answer is no figure.
    assert!(judged(&reports, |kind| matches!(
        kind,
        Kind::DeliveryReport(_)
    )));
    assert!(judged(&all, |kind| !matches!(kind, Kind::System)));
    let mut held = true;
    for (what, mails, most) in [
        ("delivery reports", &reports, 4.0),
        ("HTML mails", &html, 8.0),
    ] {
        let (ours, floor) = measure(mails);
        let ratio = ours.as_secs_f64() / floor.as_secs_f64();
        held &= ratio <= most;
        println!(
            "{what:<18} {:>4} mails  {:>9.1?} a mail  parser alone {:>9.1?}  {ratio:.2} times (at most {most})",
            mails.raw.len(),
            ours / mails.raw.len() as u32,
            floor / mails.raw.len() as u32,
        );
    }
    let (ours, _) = measure(&all);
    let python = python(&all);
    let faster = python.as_secs_f64() / ours.as_secs_f64();
    held &= faster >= 10.0;
    println!(
        "all mails          {:>4} mails  {:>9.1?} a mail  Python {:>15.1?}  {faster:.1} times as fast (at least 10)",
        all.raw.len(),
        ours / all.raw.len() as u32,
        python / all.raw.len() as u32,
    );
    assert!(held, "a ratio was not held");
}
