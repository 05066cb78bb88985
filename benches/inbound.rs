//! What judging a mail costs beside parsing it, on one core and in one run.
//!
//! The floor is `mail-parser` alone over the same bytes; the other end is Python's own
//! `email.message_from_bytes`, which this bench starts itself. Mails are the test mails beside
//! `jooper-message`, as they are and as Gmail hands them out (with CRLF, for all three). The three take
//! turns, each in processor time, and the median of the turns' ratios counts: other work on the machine
//! slows a turn's neighbours as much. `cargo bench --bench inbound`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark tells and ends"
)]

use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use jooper_core::{LeaseClock, SystemLeaseClock};
use jooper_message::inbound::{Context, InboundMail, Kind, classify};
use mail_parser::MessageParser;

/// How often ours, the floor and Python take turns.
const ROUNDS: usize = 9;

/// How many Pythons are asked, one after the other: where its objects happen to lie makes one of them up
/// to half as fast again as the next.
const PYTHONS: usize = 7;

/// How often the mails are read in one turn: about as long as Python reads them once.
const PASSES: u32 = 12;

/// Reads a count and as many paths, and then all mails once for every line, telling the seconds.
const PYTHON: &str = "
import email, sys, time
paths = [sys.stdin.readline().rstrip('\\n') for _ in range(int(sys.stdin.readline()))]
mails = [open(path, 'rb').read() for path in paths]
while sys.stdin.readline():
    began = time.process_time()
    for mail in mails:
        email.message_from_bytes(mail)
    print(time.process_time() - began, flush=True)
";

/// As the reference server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "parts/delivered.rs"]
mod delivered;
#[path = "parts/html_alone.rs"]
mod html_alone;

/// How many times as fast as Python judging a delivered report or HTML reply must be.
const LEAST_FASTER: f64 = 10.0;

struct Mails {
    paths: Vec<PathBuf>,
    raw: Vec<Vec<u8>>,
}

fn testdata(folders: &[&str], wanted: impl Fn(&InboundMail<'_>) -> bool) -> Mails {
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

/// The processor time this process has used, by the clock that Python's `process_time` reads; elsewhere than on
/// Linux nothing.
fn processor_time() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    {
        let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::try_from(used).ok()
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Python with the mails in its memory.
struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    fn start(mails: &Mails) -> Self {
        let program = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let mut child = Command::new(program)
            .args(["-c", PYTHON])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts; PYTHON names another program");
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{}", mails.paths.len()).unwrap();
        for path in &mails.paths {
            writeln!(input, "{}", path.display()).unwrap();
        }
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    /// Has all mails read once, and returns the processor time it took.
    fn turn(&mut self) -> Duration {
        writeln!(self.input).unwrap();
        let mut said = String::new();
        self.output.read_line(&mut said).unwrap();
        Duration::from_secs_f64(said.trim().parse().expect("Python tells the seconds"))
    }

    fn end(self) {
        let Self {
            mut child, input, ..
        } = self;
        drop(input);
        assert!(child.wait().unwrap().success(), "Python failed");
    }
}

/// The processor time of one pass over all mails, turn by turn.
#[derive(Default)]
struct Turns {
    ours: Vec<Duration>,
    floor: Vec<Duration>,
    python: Vec<Duration>,
}

/// Lets ours, the floor and Python, where it is asked, read `mails` in turns, and adds what they took.
fn measure(mails: &Mails, mut python: Option<&mut Python>, turns: &mut Turns) {
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
    // The first turn builds word lists and fills caches.
    for round in 0..=ROUNDS {
        let (judged, parsed) = (turn(&ours), turn(&floor));
        let read = python.as_mut().map(|python| python.turn());
        if round > 0 {
            turns.ours.push(judged);
            turns.floor.push(parsed);
            turns.python.extend(read);
        }
    }
}

fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("no turn took no time"));
    values[values.len() / 2]
}

/// How many times as long as `other` each turn of `one` took: the median.
fn ratio(one: &[Duration], other: &[Duration]) -> f64 {
    let pairs = one.iter().zip(other);
    median(
        pairs
            .map(|(a, b)| a.as_secs_f64() / b.as_secs_f64())
            .collect(),
    )
}

fn main() {
    let reports = testdata(&["reports"], |_| true);
    let html = testdata(&["replies"], |mail| mail.html().is_some());
    // A plain text beside the HTML is read in its place; without it the HTML must be.
    let alone = Mails {
        paths: Vec::new(),
        raw: html
            .raw
            .iter()
            .filter_map(|raw| html_alone::html_alone(raw))
            .collect(),
    };
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
    assert!(judged(&alone, Kind::is_human));
    assert_eq!(alone.raw.len(), html.raw.len());
    let mut held = true;
    for (what, mails, most) in [
        ("delivery reports", &reports, 4.0),
        ("HTML replies", &html, 8.0),
        ("HTML alone", &alone, 8.0),
    ] {
        let mut turns = Turns::default();
        measure(mails, None, &mut turns);
        let times = ratio(&turns.ours, &turns.floor);
        held &= times <= most;
        let count = mails.raw.len() as u32;
        println!(
            "{what:<18} {count:>4} mails  {:>9.1?} a mail  parser alone {:>9.1?}  {times:.2} times (at most {most})",
            median(turns.ours) / count,
            median(turns.floor) / count,
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let deliver = |mails: &Mails, name: &str| {
        let folder = folder.path().join(name);
        fs::create_dir(&folder).unwrap();
        delivered(mails, &folder)
    };
    let delivered = deliver(&all, "all");
    let same = all.raw.iter().zip(&delivered.raw).all(|(raw, delivered)| {
        let kind = |raw: &[u8]| classify(&InboundMail::parse(raw), &Context::default()).kind;
        std::mem::discriminant(&kind(raw)) == std::mem::discriminant(&kind(delivered))
    });
    assert!(same, "the trace of its way makes no other mail of it");
    // A mail without the trace of its way lies in no mailbox, and a third of all are automatic answers in twenty
    // languages, of a few lines each: these lines tell, and demand nothing.
    let least = Some(LEAST_FASTER);
    for (what, mails, least) in [
        ("reports delivered", &deliver(&reports, "reports"), least),
        ("HTML delivered", &deliver(&html, "html"), least),
        ("all delivered", &delivered, None),
        ("all as they are", &all, None),
    ] {
        let mut turns = Turns::default();
        for _ in 0..PYTHONS {
            let mut python = Python::start(mails);
            measure(mails, Some(&mut python), &mut turns);
            python.end();
        }
        let faster = ratio(&turns.python, &turns.ours);
        held &= least.is_none_or(|least| faster >= least);
        let count = mails.raw.len() as u32;
        println!(
            "{what:<18} {count:>4} mails  {:>9.1?} a mail  Python {:>9.1?}  {faster:.1} times as fast{} (mail-parser alone {:.1}), {} bytes a mail",
            median(turns.ours) / count,
            median(turns.python.clone()) / count,
            least.map_or_else(String::new, |least| format!(", at least {least}")),
            ratio(&turns.python, &turns.floor),
            mails.raw.iter().map(Vec::len).sum::<usize>() / mails.raw.len(),
        );
    }
    assert!(held, "a ratio was not held");
}
