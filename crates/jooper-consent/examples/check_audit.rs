//! Checks an audit export offline: `check_audit EXPORT PUBLIC_KEY...` (keys as 64 hex digits).
//!
//! Prints what was looked at, every finding, and what can be said; ends with 0 only when nothing is wrong
//! and some mail was judged. The public key must come from elsewhere than the export.

#![allow(clippy::print_stdout, reason = "a command prints")]

use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use jooper_consent::check_export;

fn key(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut key = [0; 32];
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(key)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), keys) = (arguments.next(), arguments) else {
        println!("usage: check_audit EXPORT PUBLIC_KEY...");
        return ExitCode::from(2);
    };
    let keys: Option<Vec<_>> = keys.map(|text| key(&text)).collect();
    let Some(keys) = keys.filter(|keys| !keys.is_empty()) else {
        println!("a public key is 64 hexadecimal digits");
        return ExitCode::from(2);
    };
    let report = File::open(&path)
        .map_err(Into::into)
        .and_then(|file| check_export(BufReader::new(file), keys));
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            println!("{path}: {error}");
            return ExitCode::from(2);
        }
    };
    println!(
        "{} leaves, {} heads, {} permits, {} sends, {} stops; {} entries and {} payloads are gone, {} sends not judged, {} found after a restore",
        report.leaves,
        report.heads,
        report.permits,
        report.sends,
        report.stops,
        report.gone,
        report.erased,
        report.unjudged,
        report.adopted,
    );
    for part in &report.restored {
        println!("{part}");
    }
    for finding in &report.findings {
        println!("{finding}");
    }
    let Some(conclusion) = report.conclusion() else {
        return ExitCode::FAILURE;
    };
    println!("{conclusion}");
    if let Some(head) = report.last_head {
        println!("signed until {}, over {} leaves", head.signed_at, head.size);
    }
    match report.judged() {
        0 => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}
