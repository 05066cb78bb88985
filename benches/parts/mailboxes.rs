//! A thousand mailboxes of the transport in one process, and whether its memory stays flat.

use std::sync::Arc;

use jooper_core::{LeaseClock as _, ManualClock, SystemLeaseClock};
use jooper_transport::{Cursor, Inbox as _, MailboxRef};
use tokio::task::JoinSet;

use crate::google::{Google, resident};
use crate::office::{Office, account, most, start};

const MAILBOXES: usize = 1_000;
/// Virtual minutes, each with a poll of every mailbox.
const ROUNDS: usize = 40;
/// Rounds until pools, caches and the allocator have what they need.
const WARM: usize = 10;
/// Mails that leave in each round, from mailboxes in turn.
const SENDS: usize = 50;
const PARALLEL: usize = 16;

/// Polls every mailbox once, so many at a time.
async fn poll(office: &Office, mailboxes: &mut [(MailboxRef, Cursor)]) -> usize {
    let mut arrived = 0;
    for group in mailboxes.chunks_mut(PARALLEL) {
        let mut polls = JoinSet::new();
        for (place, (mailbox, cursor)) in group.iter().enumerate() {
            let (gmail, mailbox, cursor) = (office.gmail.clone(), *mailbox, cursor.clone());
            polls.spawn(async move { (place, gmail.changes(mailbox, &cursor, start()).await) });
        }
        while let Some(polled) = polls.join_next().await {
            let (place, delta) = polled.unwrap();
            let delta = delta.unwrap();
            arrived += delta.arrived.len();
            group[place].1 = delta.next;
        }
    }
    arrived
}

/// Whether memory stayed flat.
pub(crate) async fn measure() -> bool {
    let (google, tokens) = Google::start(MAILBOXES, false);
    let mut office = Office::open(&google.root, Arc::new(ManualClock::new(start()))).await;
    let mut mailboxes = Vec::with_capacity(MAILBOXES);
    for (number, [access, refresh]) in tokens.iter().enumerate() {
        let mailbox = office.connect(number, access, refresh).await;
        let cursor = office.gmail.baseline(mailbox).await.unwrap();
        mailboxes.push((mailbox, cursor));
    }
    drop(tokens);
    let watch = SystemLeaseClock::new();
    let began = watch.now();
    let (mut warm, mut seen, mut sent) = (0.0, 0, 0);
    for round in 0..ROUNDS {
        for _ in 0..SENDS {
            let number = sent % MAILBOXES;
            office
                .send(mailboxes[number].0, &account(number), sent)
                .await;
            sent += 1;
        }
        office.clear_desk().await;
        office.clock.advance_millis(60_000);
        google.advance(60_000).await;
        seen += poll(&office, &mut mailboxes).await;
        if round + 1 == WARM {
            warm = resident();
        }
    }
    let took = watch.now().since(began);
    assert_eq!(seen, sent, "each mailbox saw what it sent");
    let end = resident();
    println!(
        "  the transport alone: {MAILBOXES} mailboxes, {ROUNDS} polls of each and {sent} sends in {:.1} s: \
         {warm:.1} MiB after {WARM} rounds, {end:.1} MiB at the end",
        took.as_secs_f64()
    );
    most(
        "memory at the end beside that of the warm process",
        end / warm,
        1.05,
    )
}
