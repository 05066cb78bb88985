//! The audit of a campaign of the demo, as somebody checks it who has only the file and the key.

use std::path::Path;
use std::process::{Command, Output};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jiff::SignedDuration;
use jooper::consent::{AuditLine, HeadLine, LeafLine};
use jooper::core::{EventKind, from_millis};

use crate::browsing::Pages;
use crate::people::{Fast, csv, invented};
use crate::support::{Google, SERVER};
use crate::{PATIENCE, SPEED, accepted, root_of};

fn command(arguments: &[&str]) -> Output {
    Command::new(SERVER).args(arguments).output().unwrap()
}

/// What the offline checker says of these lines: whether it is content, and all that it prints.
fn check(file: &Path, lines: &[String], key: &str) -> (bool, String) {
    std::fs::write(file, lines.join("\n") + "\n").unwrap();
    let output = command(&["audit", "check", file.to_str().unwrap(), "--key", key]);
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), said)
}

fn findings(said: &str) -> Vec<&str> {
    let lines = said.lines();
    lines
        .filter_map(|line| line.strip_prefix("finding   "))
        .collect()
}

fn parsed(line: &str) -> AuditLine {
    serde_json::from_str(line).unwrap()
}

fn leaf(line: &str) -> Option<Box<LeafLine>> {
    match parsed(line) {
        AuditLine::Leaf(leaf) => Some(leaf),
        _ => None,
    }
}

fn head(line: &str) -> Option<HeadLine> {
    match parsed(line) {
        AuditLine::Head(head) => Some(head),
        _ => None,
    }
}

fn sent_at(line: &str) -> Option<i64> {
    let record = leaf(line)?.record?;
    (record.kind == EventKind::Sent).then_some(record.at)
}

/// One bit of the time of an entry.
fn bit_flipped(line: &str) -> String {
    let (before, rest) = line.split_once("\"at\":").unwrap();
    let digits = rest.find(',').unwrap();
    let at = before.len() + "\"at\":".len() + digits - 1;
    let mut bytes = line.as_bytes().to_vec();
    bytes[at] ^= 1;
    String::from_utf8(bytes).unwrap()
}

/// The history without its last leaf, under a head that somebody else signed, in the name of this
/// key or, without one, in their own.
fn forged(lines: &[String], named: Option<[u8; 32]>) -> (Vec<String>, u64) {
    let mut lines = lines.to_vec();
    let AuditLine::Start(mut start) = parsed(&lines[0]) else {
        panic!("{}", lines[0]);
    };
    let honest = lines.pop().unwrap();
    while leaf(lines.last().unwrap()).is_none() {
        lines.pop();
    }
    lines.pop();
    let end = lines.iter().rev().find_map(|line| leaf(line)).unwrap();
    start.leaves = end.seq;
    let mut head = head(&honest).unwrap();
    (head.size, head.chain) = (end.seq, end.chain);
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[6; 32]).unwrap();
    let message = [
        &b"jooper audit head v1"[..],
        start.workspace.uuid().as_bytes(),
        &head.size.to_be_bytes(),
        &head.chain,
        &head.signed_at.to_be_bytes(),
    ]
    .concat();
    let signature = stranger.sign(&message);
    head.signature = signature
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let own = stranger.public_key().as_ref().try_into().unwrap();
    head.public_key = named.unwrap_or(own);
    lines[0] = serde_json::to_string(&AuditLine::Start(start)).unwrap();
    lines.push(serde_json::to_string(&AuditLine::Head(head)).unwrap());
    (lines, end.seq)
}

/// Runs the demo to its end, with somebody taken off the list under way.
async fn run(google: &Google, dir: &Path, home: &Path) {
    let leads = dir.join("leads.csv");
    std::fs::write(&leads, csv(&invented(24))).unwrap();
    let fast = Fast::write(dir);
    let mut more = vec!["--leads", leads.to_str().unwrap()];
    more.extend(fast.arguments());
    let mut demo = google.demo_with(home, "error", &more);
    let mut pages = Pages::new(&root_of(&demo));
    demo.says("Started", PATIENCE);
    let begun = std::time::Instant::now();
    let stopped = loop {
        if let Some((to, _)) = accepted(google).await.pop() {
            break to;
        }
        assert!(begun.elapsed() < PATIENCE, "no mail went");
    };
    let (root, token) = (pages.root.clone(), pages.token("/leads").await);
    let form = [("csrf", token.as_str()), ("email", stopped.as_str())];
    let found = pages.post("/leads/search", &root, &form).await;
    let lead = found.headers()["location"].to_str().unwrap().to_owned();
    let answer = pages.post(&format!("{lead}/stop"), &root, &form[..1]).await;
    assert!(answer.status().is_redirection(), "{}", answer.status());
    demo.says("The campaign has ended", 2 * PATIENCE);
    demo.interrupt();
    assert_eq!(demo.wait(PATIENCE), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn its_audit_verifies_offline_and_whatever_was_done_to_the_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), SPEED);
    let home = dir.path().join("demo");
    run(&google, dir.path(), &home).await;

    let exported = dir.path().join("audit.jsonl");
    let (of_demo, to) = (home.to_str().unwrap(), exported.to_str().unwrap());
    let output = command(&["audit", "export", "--demo", of_demo, to]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let (_, key) = said.split_once("Public key: ").unwrap();
    let key = key.lines().next().unwrap();

    let text = std::fs::read_to_string(&exported).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let file = dir.path().join("checked.jsonl");
    let (content, said) = check(&file, &lines, key);
    assert!(content && said.contains("Nothing is wrong"), "{said}");
    let mails = accepted(&google).await.len();
    assert!(
        said.contains(&format!(" {mails} mails, ")),
        "{mails}: {said}"
    );
    assert!(!said.contains(" 0 stops"), "{said}");
    let sent: Vec<i64> = lines.iter().filter_map(|line| sent_at(line)).collect();
    let days = from_millis(*sent.iter().max().unwrap())
        .duration_since(from_millis(*sent.iter().min().unwrap()));
    assert!(days >= SignedDuration::from_hours(48), "{days:?}");

    // A mail in the middle, before two more leaves without a head between.
    let middle = (lines.len() / 3..lines.len())
        .find(|at| {
            sent_at(&lines[*at]).is_some()
                && lines[at + 1..at + 3]
                    .iter()
                    .all(|line| leaf(line).is_some())
        })
        .unwrap();
    let n = leaf(&lines[middle]).unwrap().seq;
    let named = |lines: &[String], expected: &[String]| {
        let (content, said) = check(&file, lines, key);
        assert!(!content, "{said}");
        assert_eq!(findings(&said), expected, "{said}");
    };

    let mut changed = lines.clone();
    changed[middle] = bit_flipped(&lines[middle]);
    named(&changed, &[format!("entry {n} was changed")]);

    let mut changed = lines.clone();
    changed.remove(middle);
    let broken = |n: u64| format!("leaf {n} does not continue the chain");
    let removed = format!("leaf {n} was removed");
    named(&changed, &[removed.clone(), broken(n + 1)]);

    let mut changed = lines.clone();
    changed.swap(middle, middle + 1);
    let elsewhere = format!("leaf {n} stands where another should");
    let chain = [broken(n + 1), elsewhere, broken(n), broken(n + 2)];
    named(&changed, &[&[removed][..], &chain].concat());

    let own = head(lines.last().unwrap()).unwrap().public_key;
    for signer in [None, Some(own)] {
        let (changed, size) = forged(&lines, signer);
        let strange = format!("the head over {size} leaves is forged or of a strange key");
        let genuine = changed[..changed.len() - 1].iter();
        let vouched = genuine.rev().find_map(|line| head(line));
        let from = vouched.map_or(0, |head| head.size) + 1;
        let unsigned = format!("no head vouches for the leaves from {from} on");
        let mut expected = vec![strange];
        expected.extend((from <= size).then_some(unsigned));
        named(&changed, &expected);
    }
}
