//! API units of one mailbox's day, as the simulator's ledger counts them.

use std::sync::Arc;

use jooper_core::{Clock as _, ManualClock};
use jooper_gmail::{GMAIL_READONLY, GMAIL_SEND};
use jooper_testkit::google::{GoogleSimulator, Mix, SimClock, UserSpec};
use jooper_transport::Inbox as _;

use crate::office::{Office, account, most, start};

/// Google's budgets for a project of 2026 (Gmail API, "Usage limits").
const PROJECT_DAY: f64 = 80_000_000.0;
const USER_MINUTE: f64 = 6_000.0;
const SENDS: usize = 50;
const MINUTES: usize = 24 * 60;

/// The units of a day with 50 sends and a poll a minute, in which so much other mail comes in.
async fn day(other_mail: usize) -> (u64, u64) {
    let clock = Arc::new(ManualClock::new(start()));
    let shown = Arc::clone(&clock);
    let account = account(0);
    let sim = GoogleSimulator::builder()
        .clock(SimClock::external(move || shown.now()))
        .user(UserSpec::new(&account))
        .mix(Mix::silent())
        .start()
        .await
        .unwrap();
    sim.set_knobs(|knobs| knobs.access_token_seconds = 366 * 86_400);
    let (client, _) = GoogleSimulator::default_client();
    let tokens = sim
        .grant(&account, client, &[GMAIL_SEND, GMAIL_READONLY])
        .unwrap();
    let office = Office::open(&sim.gmail_url(), clock).await;
    let mailbox = office
        .connect(0, &tokens.access_token, &tokens.refresh_token)
        .await;
    let mut cursor = office.gmail.baseline(mailbox).await.unwrap();
    let (mut sent, mut came, mut seen) = (0, 0, 0);
    for minute in 0..MINUTES {
        // Sends between nine and five, other mail all day.
        if sent < SENDS && minute >= 540 && (minute - 540) * SENDS >= sent * 480 {
            office.send(mailbox, &account, sent).await;
            sent += 1;
        }
        while came < other_mail && minute * other_mail >= came * MINUTES {
            let raw = format!("From: c{came}@other.example\r\nTo: {account}\r\n\r\nhi");
            sim.deliver(&account, raw.as_bytes(), false).unwrap();
            came += 1;
        }
        office.clock.advance_millis(60_000);
        loop {
            let delta = office
                .gmail
                .changes(mailbox, &cursor, start())
                .await
                .unwrap();
            seen += delta.arrived.len();
            cursor = delta.next;
            if !delta.more {
                break;
            }
        }
    }
    assert_eq!((sent, came, seen), (SENDS, other_mail, SENDS + other_mail));
    let (peak, refused) = sim.quota_peak();
    assert_eq!(refused, 0, "no call was refused for its quota");
    let units = sim.quota_units(&account);
    sim.shutdown().await;
    (units, peak)
}

/// Whether everything fits.
pub(crate) async fn measure() -> bool {
    let mut held = true;
    for other in [0, 200] {
        let (units, peak) = day(other).await;
        let many = PROJECT_DAY / units as f64;
        println!(
            "  a day with {SENDS} sends, {MINUTES} polls and {other} other mails: {units} units; \
             80,000,000 a day are {many:.0} such mailboxes"
        );
        held &= most(
            "share of the project's day, per mille",
            units as f64 / PROJECT_DAY * 1e3,
            1.0,
        );
        held &= most(
            "share of a user's fullest minute",
            peak as f64 / USER_MINUTE,
            1.0,
        );
    }
    held
}
