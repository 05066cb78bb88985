//! A working mailbox: ten thousand mails that are none of ours, and fifty answers among them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use std::path::{Path, PathBuf};
use std::{fs, io};

use jooper::core::{FinishReason, InboundKind};
use jooper::storage::tables::{
    ENROLLMENT, EnrollmentRow, MAILBOX, MESSAGE, MailboxRow, MessageRow, THREAD, ThreadRow,
};
use jooper::storage::{Record, Scan, StorageExt};
use jooper_testkit::google::{Canned, Fault, FaultRule, Inbound, Mood, ReplyForm};
use jooper_testkit::grep::encodings;
use memchr::memmem::Finder;
use world::World;

const OWNER: &str = "ada@sender.example";
const ANSWERS: usize = 50;
const FOREIGN: usize = 10_000;
const NOWHERE: [PathBuf; 0] = [];

/// Stands in every part of every foreign mail, and nowhere else.
const MARK: &str = "zqforeignzq";

/// Every shape of answer that is evidence of its own.
const FORMS: [ReplyForm; 10] = [
    ReplyForm::TopPost,
    ReplyForm::BottomPost,
    ReplyForm::Html,
    ReplyForm::Alias,
    ReplyForm::Colleague,
    ReplyForm::NoReferences,
    ReplyForm::NewThread,
    ReplyForm::SubjectEdited,
    ReplyForm::Smime,
    ReplyForm::Latin1,
];

/// A mail of somebody who was never written to: answers, notices, reports and letters in turn.
fn foreign(n: usize) -> String {
    let host = format!("host{}.elsewhere.example", n % 700);
    let id = format!("Message-ID: <{MARK}.{n}@{host}>\r\nTo: {OWNER}\r\n");
    let from = format!("From: {MARK} {n} <{MARK}{n}@{host}>\r\n{id}");
    let text = format!("{MARK} number {n} says nothing to a campaign.\r\n");
    match n % 6 {
        0 => format!(
            "{from}Subject: Re: {MARK} plans {n}\r\nIn-Reply-To: <{MARK}.{n}.before@{host}>\r\n\r\nYes, {text}"
        ),
        1 => format!(
            "{from}Subject: Automatic reply: {MARK} {n}\r\nAuto-Submitted: auto-replied\r\n\r\nAway. {text}"
        ),
        2 => format!(
            "{from}Subject: {MARK} letter {n}\r\nList-Id: <{MARK}.{host}>\r\nList-Unsubscribe: <mailto:{MARK}@{host}>\r\n\r\nNews. {text}"
        ),
        3 => format!(
            "From: Mail Delivery Subsystem <mailer-daemon@{host}>\r\n{id}Subject: Undelivered {MARK} {n}\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n{text}\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; {host}\r\n\r\n\
             Final-Recipient: rfc822; {MARK}{n}@{host}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n\
             Content-Type: message/rfc822\r\n\r\nMessage-ID: <{MARK}.{n}.sent@{host}>\r\nTo: {MARK}{n}@{host}\r\n\r\nx\r\n--b--\r\n"
        ),
        4 => format!(
            "{from}Subject: {MARK} invoice {n}\r\n\r\nPlease remove me from your list. {text}"
        ),
        _ => format!("{from}Subject: {MARK} lunch {n}\r\n\r\n{text}"),
    }
}

async fn rows<R: Record>(world: &World, scan: Scan) -> Vec<R> {
    let storage = world.jooper.storage();
    let rows = storage.collect::<R>(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

/// Whether the mailbox stands behind the last page of what it knew of.
async fn read_through(world: &World) -> bool {
    let mailboxes = rows::<MailboxRow>(world, Scan::table(&MAILBOX)).await;
    mailboxes.iter().all(|row| {
        let cursor = row.cursor.as_deref().unwrap_or("next");
        !cursor.contains("next") && !cursor.contains("resync")
    })
}

/// The files below a folder that hold a word, in whatever form it may be written down.
fn holding(folder: &Path, word: &str) -> io::Result<Vec<PathBuf>> {
    let forms = encodings(word);
    let finders: Vec<_> = forms.iter().map(Finder::new).collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path)?;
            if finders.iter().any(|form| form.find(&bytes).is_some()) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_answers_are_found_and_nothing_of_ten_thousand_foreign_mails_is_stored() {
    let world = World::new(&[OWNER]).await;
    let leads = world.import(ANSWERS, "people.example").await;
    world.campaign(&leads).await;
    world.pass(24).await;
    let first_mails: Vec<(u64, String)> = world
        .google
        .ledger()
        .accepted()
        .iter()
        .map(|send| (send.number, send.deliveries[0].recipient.clone()))
        .collect();
    assert_eq!(first_mails.len(), ANSWERS);

    let mut answers = first_mails.iter().zip(FORMS.into_iter().cycle());
    for n in 0..FOREIGN {
        world
            .google
            .deliver(OWNER, foreign(n).as_bytes(), false)
            .unwrap();
        if n % (FOREIGN / ANSWERS) == 7 {
            let ((send, recipient), form) = answers.next().unwrap();
            let mood = Mood::Interested;
            let act = Inbound::Reply { mood, form };
            world.google.react(*send, recipient, &act);
        }
    }
    assert!(answers.next().is_none());
    world.google.settle().await;
    let held = world.google.mailbox(OWNER).unwrap().len();
    assert!(held >= FOREIGN + ANSWERS, "{held}");
    // A minute's quota reads some 200 mails, so all of them take almost an hour of quota. Time moves
    // by minutes, not hours: the second step must not fall due meanwhile.
    let mut rounds = 0;
    while rounds == 0 || !read_through(&world).await {
        assert!(rounds < 80, "the mailbox is read to its end");
        world.work().await;
        world.clock.0.advance_millis(2 * 60 * 1000);
        world.google.settle().await;
        rounds += 1;
    }

    let enrollments = rows::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    let answered = enrollments
        .iter()
        .filter(|row| row.finish == Some(FinishReason::Replied))
        .count();
    assert_eq!(answered, ANSWERS, "every answer is found, in every form");
    let mails = rows::<MessageRow>(&world, Scan::table(&MESSAGE)).await;
    let arrived: Vec<_> = mails.iter().filter_map(|row| row.kind).collect();
    assert_eq!(arrived.len(), ANSWERS, "and nothing else is kept");
    assert!(arrived.iter().all(|kind| *kind == InboundKind::Reply));
    assert_eq!(world.google.ledger().accepted().len(), ANSWERS);
    let threads = rows::<ThreadRow>(&world, Scan::table(&THREAD)).await;
    assert!(threads.iter().all(|thread| leads.contains(&thread.lead)));

    // What is sealed could hide in the database; what is not would stand in some file.
    let dir = world.dir.path();
    assert_eq!(holding(dir, MARK).unwrap(), NOWHERE);
    // The search itself finds what is there: ids of kept mails are stored in the clear.
    assert_ne!(holding(dir, &mails[0].provider_id).unwrap(), NOWHERE);
}

/// Senders and titles of reports that no field but theirs tells, as gateways and old servers write them.
const REPORTERS: [(&str, &str); 8] = [
    ("MDaemon <mdaemon@mx.people.example>", "Permanent failure"),
    ("imss@mx.people.example", "Notice"),
    ("\"JetMail System\" <>", "Notice"),
    ("post_master@mx.people.example", "Notice"),
    ("<>", "Notice"),
    (
        "Gate Postmaster <noreply@gate.example>",
        "[Postmaster] Email Delivery Failure",
    ),
    ("do-not-reply@gate.example", "Email could not be sent"),
    (
        "Relay <noreply@gate.example>",
        "=?utf-8?q?Zustellung_fehlgeschlagen?=",
    ),
];

/// A report in words about a mail to `to`, with the mail itself.
fn told_in_words((from, title): (&str, &str), to: &str, message_id: &str) -> String {
    format!(
        "From: {from}\r\nTo: {OWNER}\r\nSubject: {title}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nYour mail could not be delivered.\r\n\r\n\
         <{to}>: 550 5.1.1 User unknown\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
         Message-ID: <{message_id}>\r\nFrom: {OWNER}\r\nTo: {to}\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"
    )
}

#[tokio::test]
async fn reports_that_only_their_sender_or_title_tells_are_found_and_those_of_others_are_not_kept()
{
    let world = World::new(&[OWNER]).await;
    let leads = world.import(REPORTERS.len(), "people.example").await;
    world.campaign(&leads).await;
    world.pass(24).await;
    let accepted = world.google.ledger().accepted().to_vec();
    assert_eq!(accepted.len(), REPORTERS.len());
    let deliver = |raw: String| world.google.deliver(OWNER, raw.as_bytes(), false).unwrap();
    let mut ours = Vec::new();
    for (n, (send, reporter)) in accepted.iter().zip(REPORTERS).enumerate() {
        let to = &send.deliveries[0].recipient;
        let id = send.wire_id.trim_matches(['<', '>']);
        ours.push(deliver(told_in_words(reporter, to, id)));
        let stranger = format!("{MARK}{n}@elsewhere.example");
        deliver(told_in_words(reporter, &stranger, &stranger));
    }
    world.google.settle().await;
    world.pass(2).await;
    let mails = rows::<MessageRow>(&world, Scan::table(&MESSAGE)).await;
    let mut kept: Vec<_> = mails.iter().filter(|row| row.kind.is_some()).collect();
    kept.sort_by_key(|row| ours.iter().position(|id| *id == row.provider_id));
    let ids: Vec<_> = kept.iter().map(|row| row.provider_id.clone()).collect();
    assert_eq!(ids, ours, "each report of ours, and nothing else");
    let dead = Some(InboundKind::HardBounce);
    assert!(kept.iter().all(|row| row.kind == dead));
    assert_eq!(holding(world.dir.path(), MARK).unwrap(), NOWHERE);
}

#[tokio::test]
async fn a_mail_whose_text_google_never_gives_hides_no_answer_behind_it() {
    let world = World::new(&[OWNER]).await;
    let leads = world.import(1, "people.example").await;
    world.campaign(&leads).await;
    world.pass(24).await;
    let send = world.google.ledger().accepted()[0].number;
    // A report of a stranger's: its header reads, its text does not.
    let poison = world
        .google
        .deliver(OWNER, foreign(3).as_bytes(), false)
        .unwrap();
    let refused = FaultRule::new(Fault::Answer(Canned::BadRequest400))
        .on("GET", &format!("*/messages/{poison}"))
        .with_query("format", "raw");
    world.google.add_fault(refused);
    world.pass(8).await;
    let act = Inbound::Reply {
        mood: Mood::Interested,
        form: ReplyForm::TopPost,
    };
    let recipient = "person0@people.example";
    world.google.react(send, recipient, &act);
    world.pass(2).await;
    let enrollments = rows::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    assert_eq!(enrollments[0].finish, Some(FinishReason::Replied));
    assert!(read_through(&world).await);
    let raw = |call: &&String| call.contains(&poison);
    let fired = world.google.fired_faults();
    let asked: Vec<String> = fired.into_iter().map(|one| one.call).collect();
    // For an hour, and then no more.
    let times = asked.iter().filter(raw).count();
    assert!((2..=5).contains(&times), "{asked:?}");
}
