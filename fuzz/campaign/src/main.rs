//! Runs every fuzz target for a stated CPU time and prints how often it ran: `--seeds N --first-seed S`.
//!
//! A seed is one CPU minute of each target under libFuzzer's `-seed`, one target after the other. Inputs start
//! from the test mails of jooper-message and from mails made here to be hostile; what is found interesting is
//! kept below cargo's target folder for the next run. Any crash, an input that takes over a second, or one that
//! breaks a bound ends the campaign with the input's path.
//! CPU time is read from `/proc`, so this runs on Linux only. Without arguments it only tries each target for a
//! few hundred inputs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs};

use jooper_message::inbound::InboundMail;

const TARGETS: &[&str] = &["parser", "classifier", "reply_text", "sanitizer"];

/// The longest input; shorter ones find more in the same time, and sizes up to 1 MB are a test of the crate.
const MAX_LEN: usize = 16 * 1024;

fn main() {
    let (seeds, first) = arguments();
    let programs = build();
    let root = programs.join("fuzz-inbound");
    let only = env::var("FUZZ_ONLY").ok();
    let mut figures = Vec::new();
    let chosen = |name: &str| only.as_deref().is_none_or(|only| only == name);
    for name in TARGETS.iter().copied().filter(|name| chosen(name)) {
        let program = programs.join(name);
        let corpus = root.join(name);
        fs::create_dir_all(&corpus).expect("the corpus folder can be made");
        write_seeds(name, &corpus);
        let (mut runs, mut cpu) = (0, 0.0_f64);
        if seeds == 0 {
            runs += run(name, &program, &corpus, 0, &["-runs=300".into()]);
        }
        for seed in first..first + seeds {
            let until = cpu + 60.0;
            let mut slice = 0;
            while cpu < until {
                let before = children_cpu();
                let limit = format!("-max_total_time={}", (until - cpu).ceil().max(5.0) as u64);
                runs += run(name, &program, &corpus, seed * 100 + slice, &[limit]);
                cpu += children_cpu() - before;
                slice += 1;
            }
            println!(
                "{name}: seed {seed}: {runs} inputs, {:.1} CPU minutes so far",
                cpu / 60.0
            );
        }
        figures.push(format!(
            "{name} {runs} inputs in {:.1} CPU minutes",
            cpu / 60.0
        ));
    }
    println!(
        "figure: no crash, no input over 1 s, none that held over 56 bytes a byte (116 of shown HTML): {}",
        figures.join("; ")
    );
}

fn arguments() -> (u64, u64) {
    let words: Vec<String> = env::args().skip(1).collect();
    let value = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1)?.parse().ok()
    };
    (
        value("--seeds").unwrap_or(0),
        value("--first-seed").unwrap_or(0),
    )
}

/// Builds the targets with coverage counters and returns the folder they lie in.
fn build() -> PathBuf {
    let folder = home();
    let target = folder.join("target");
    let target = env::var_os("CARGO_TARGET_DIR").map_or(target, PathBuf::from);
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--release",
            "--bins",
            "-p",
            "jooper-fuzz",
            "--target",
            "host-tuple",
        ])
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        .arg("--config")
        .arg(folder.join("coverage.toml"))
        .arg("--target-dir")
        .arg(target.join("fuzz"))
        .status()
        .expect("cargo starts");
    if !status.success() {
        exit(1);
    }
    let mut places = fs::read_dir(target.join("fuzz")).expect("cargo made its folder");
    let built = places.find_map(|entry| {
        let folder = entry.expect("an entry").path().join("release");
        folder.join(TARGETS[0]).exists().then_some(folder)
    });
    built.expect("the targets were built")
}

/// The folder of the fuzz workspace.
fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the workspace")
}

/// Runs one target and returns how many inputs it tried; ends the program when it fails.
fn run(name: &str, program: &Path, corpus: &Path, seed: u64, more: &[String]) -> u64 {
    let folder = home();
    let artifacts = corpus.with_extension("found");
    fs::create_dir_all(&artifacts).expect("the folder for findings can be made");
    let output = Command::new(program)
        .arg(corpus)
        .arg(format!("-seed={}", seed + 1))
        .arg(format!("-max_len={MAX_LEN}"))
        .arg(format!("-dict={}", folder.join("mail.dict").display()))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args([
            "-timeout=30",
            "-rss_limit_mb=1024",
            "-print_final_stats=1",
            "-reload=0",
            "-verbosity=0",
        ])
        .args(more)
        .output()
        .expect("the target starts");
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        eprintln!(
            "{said}\n{name} FAILED; the input is in {}",
            artifacts.display()
        );
        exit(1);
    }
    let count = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|value| value.trim().parse().ok())
    };
    let Some(runs) = count("stat::number_of_executed_units:") else {
        eprintln!("{said}\n{name} told no figures");
        exit(1);
    };
    runs
}

/// CPU seconds of all ended children of this process (proc(5): `cutime`, `cstime`, in ticks of 10 ms).
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells a process about itself");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<u64> = after_name
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    (fields[13] + fields[14]) as f64 / 100.0
}

/// Writes the inputs a target starts from.
fn write_seeds(target: &str, corpus: &Path) {
    let testdata = home().join("../crates/jooper-message/testdata");
    let mut mails = Vec::new();
    for folder in ["auto-replies", "replies", "reports"] {
        let files =
            fs::read_dir(testdata.join(folder)).expect("the test mails lie beside the crate");
        let mut paths: Vec<PathBuf> = files.map(|entry| entry.expect("a file").path()).collect();
        paths.sort();
        let mails_only = paths
            .iter()
            .filter(|path| path.extension().is_some_and(|kind| kind == "eml"));
        mails.extend(mails_only.map(|path| fs::read(path).expect("a test mail can be read")));
    }
    mails.extend(hostile().into_iter().map(String::into_bytes));
    for (number, raw) in mails.iter().enumerate() {
        let mail = InboundMail::parse(raw);
        let inputs = match target {
            "parser" | "classifier" => vec![raw.clone()],
            "reply_text" => vec![
                mail.text().into_bytes(),
                mail.html().unwrap_or_default().into_bytes(),
            ],
            _ => vec![mail.html().unwrap_or_default().into_bytes()],
        };
        for (part, input) in inputs
            .iter()
            .enumerate()
            .filter(|(_, input)| !input.is_empty() && input.len() <= MAX_LEN)
        {
            fs::write(corpus.join(format!("seed-{number:03}-{part}")), input)
                .expect("the corpus can be written");
        }
    }
}

/// Mails that no honest program writes: reports of many dialects, deep and broken MIME, tangled HTML.
fn hostile() -> Vec<String> {
    let mut out = vec![
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n550 5.1.1 <a@x.example>: user unknown\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n\n--b\nContent-Type: message/rfc822\n\nSubject: ours\nMessage-ID: <t@x.example>\n\nbody\n--b--\n".to_owned(),
        "From: staff@mx.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\ncomplaint\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: a@x.example\n\n--b\nContent-Type: text/rfc822-headers\n\nSubject: ours\n--b--\n".to_owned(),
        "From: a@x.example\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nATTENDEE;PARTSTAT=DECLINED:mailto:a@x.example\nEND:VEVENT\nEND:VCALENDAR\n".to_owned(),
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail\n\nHi. This is the mail program.\n\n<a@x.example>:\n203.0.113.9 does not like recipient.\nRemote host said: 550 no such user\nGiving up.\n\n--- Below this line is a copy of the message.\n\nSubject: ours\n\nbody\n".to_owned(),
        "Subject: =?utf-8?B?4pyT?= =?iso-2022-jp?B?GyRCJDMbKEI=?=\nContent-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n//5oAGkA\n".to_owned(),
        "Content-Type: text/html; charset=utf-7\nContent-Transfer-Encoding: quoted-printable\n\n+ADw-script+AD4-=3Cimg src=3Dx onerror=3D\"x\"=3E<svg><a><set attributeName=href to=javascript:x></svg><math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1&gt;\"><form><input autofocus><iframe srcdoc=\"&lt;x\"><base href=//x><a href=vbscript:x>y</a>\n".to_owned(),
        "Content-Type: application/octet-stream; name*0*=utf-8''..%2f; name*1=x.exe\nContent-Disposition: attachment; filename*=UTF-8''..%2f..%2fx.exe\n\nMZ\n".to_owned(),
    ];
    let mut nested = String::new();
    for level in 0..20 {
        let _ = write!(
            nested,
            "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        );
    }
    out.push(nested + "\nend\n");
    out.push(format!(
        "Content-Type: text/html\n\n{}",
        "<blockquote><table><tr><td><b><font><a href=x>".repeat(30)
    ));
    out.push(format!(
        "Subject: Re: x\nIn-Reply-To: <a@b>\n\nyes\n{}",
        "> > On Mon, 1 Jan 2026, A <a@b> wrote:\n".repeat(30)
    ));
    out
}
