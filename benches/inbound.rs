//! What judging a mail costs beside parsing it, on one core and in one run.
//!
//! The floor is `mail-parser` alone over the same bytes; the other end is Python's own
//! `email.message_from_bytes`, which this bench starts itself. Mails are the test mails beside
//! `jooper-message`, as they are and as Gmail hands them out. Against Python processor time is compared,
//! median with median, so that other work on the machine blurs it less. `cargo bench --bench inbound`
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

/// How often the mails are read in one turn: long beside the steps in which the kernel counts.
const PASSES: u32 = 12;

/// Python reads the mails as often, once warm, and tells the median of its turns.
const PYTHON: &str = "
import email, sys, time
mails = [open(path, 'rb').read() for path in sys.stdin.read().splitlines()]
times = []
for turn in range(10):
    began = time.process_time()
    for mail in mails:
        email.message_from_bytes(mail)
    if turn > 0:
        times.append(time.process_time() - began)
print(sorted(times)[len(times) // 2])
";

#[path = "parts/delivered.rs"]
mod delivered;

/// How many times as fast as Python judging must be.
const LEAST_FASTER: f64 = 10.0;

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

/// Writes `mails` as Gmail hands them out below `folder`, for Python to read.
fn delivered(mails: &Mails, folder: &Path) -> Mails {
    let numbered = || mails.raw.iter().zip(0_u32..);
    let raw: Vec<Vec<u8>> = numbered()
        .map(|(raw, seed)| delivered::as_delivered(raw, seed))
        .collect();
    let paths: Vec<PathBuf> = numbered()
        .map(|(_, seed)| folder.join(format!("{seed}.eml")))
        .collect();
    for (path, raw) in paths.iter().zip(&raw) {
        fs::write(path, raw).unwrap();
    }
    Mails { paths, raw }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The processor time this process has used, where the kernel tells it (Linux).
fn processor_time() -> Option<Duration> {
    let said = fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds = said.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// Returns the processor time of one pass of ours and of the floor, in turns.
fn measure(mails: &Mails) -> (Duration, Duration) {
    let clock = SystemLeaseClock::new();
    let turn = |work: &dyn Fn(&[u8])| {
        let (began, used) = (clock.now(), processor_time());
        for _ in 0..PASSES {
            mails.raw.iter().for_each(|raw| work(raw));
        }
        let used = used.and_then(|used| processor_time()?.checked_sub(used));
        used.unwrap_or_else(|| clock.now().since(began)) / PASSES
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
    let folder = tempfile::tempdir().unwrap();
    let delivered = delivered(&all, folder.path());
    let same = all.raw.iter().zip(&delivered.raw).all(|(raw, delivered)| {
        let kind = |raw: &[u8]| classify(&InboundMail::parse(raw), &Context::default()).kind;
        std::mem::discriminant(&kind(raw)) == std::mem::discriminant(&kind(delivered))
    });
    assert!(same, "the trace of its way makes no other mail of it");
    for (what, mails) in [("as they are", &all), ("as delivered", &delivered)] {
        let (ours, floor) = measure(mails);
        let python = python(mails);
        let faster = python.as_secs_f64() / ours.as_secs_f64();
        held &= faster >= LEAST_FASTER;
        let count = mails.raw.len() as u32;
        println!(
            "{what:<18} {count:>4} mails  {:>9.1?} a mail  Python {:>9.1?}  {faster:.1} times as fast (at least {LEAST_FASTER}; mail-parser alone {:.1}), {} bytes a mail",
            ours / count,
            python / count,
            python.as_secs_f64() / floor.as_secs_f64(),
            mails.raw.iter().map(Vec::len).sum::<usize>() / mails.raw.len(),
        );
    }
    assert!(held, "a ratio was not held");
}
