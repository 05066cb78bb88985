//! Reading what changed, however badly it is told.

use std::collections::BTreeSet;
use std::time::Duration;

use jooper_testkit::google::{
    Canned, Fault, FaultRule, HistoryFault, Inbound, Mood, ReplyForm, When,
};
use jooper_transport::{Arrived, Inbox, MailboxRef, Outcome, TransportError};

use crate::lab::{ADA, Lab, start_time};

const REPLY: Inbound = Inbound::Reply {
    mood: Mood::Question,
    form: ReplyForm::Html,
};

/// Sends `count` mails, the nth to `p{n}@firm.example` with token `t{n}`.
async fn send(lab: &Lab, mailbox: MailboxRef, count: usize) {
    for n in 0..count {
        let mail = lab.mail(ADA, &format!("p{n}@firm.example"), &format!("t{n}"));
        let outcome = lab.send(&lab.gmail, mailbox, mail).await;
        assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
        lab.advance(Duration::from_secs(5));
    }
}

fn incoming(arrived: &[Arrived]) -> BTreeSet<String> {
    arrived
        .iter()
        .filter(|mail| !mail.outgoing)
        .map(|mail| mail.provider_id.clone())
        .collect()
}

/// What the simulator's own ledger says came in.
fn truth(lab: &Lab) -> BTreeSet<String> {
    let ledger = lab.sim.ledger();
    ledger
        .reactions()
        .iter()
        .filter_map(|reaction| reaction.message_id.clone())
        .collect()
}

#[tokio::test]
async fn a_message_that_somebody_on_the_way_calls_missing_is_read_when_google_answers() {
    let lab = Lab::new(21).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    send(&lab, mailbox, 1).await;
    lab.react(0, "p0@firm.example", &REPLY);
    let page = FaultRule::new(Fault::Answer(Canned::Html(404)));
    lab.sim.add_fault(page.on("GET", "*/messages/*").times(2));
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(incoming(&arrived), truth(&lab));
    assert_eq!(lab.sim.fired_faults().len(), 2);
}

#[tokio::test]
async fn every_reply_is_seen_through_every_bad_page() {
    for kind in [
        HistoryFault::EmptyPage,
        HistoryFault::OutOfOrder,
        HistoryFault::Duplicates,
        HistoryFault::Vanished,
        HistoryFault::LabelRace,
    ] {
        let lab = Lab::new(20).await;
        let mailbox = lab.connect(ADA).await;
        let cursor = lab.gmail.baseline(mailbox).await.unwrap();
        send(&lab, mailbox, 4).await;
        for n in 0..4 {
            lab.react(n, &format!("p{n}@firm.example"), &REPLY);
        }
        let rule = FaultRule::new(Fault::History(kind)).when(When::Nth(1));
        lab.sim.add_fault(rule);
        let (arrived, cursor) = lab.all_changes(mailbox, &cursor).await.unwrap();
        assert_eq!(incoming(&arrived), truth(&lab), "{kind:?}");
        assert_eq!(arrived.len(), 8, "{kind:?}: each once");
        assert!(
            arrived.is_sorted_by_key(|mail| mail.at),
            "{kind:?}: oldest first"
        );
        let (again, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
        assert!(again.is_empty(), "{kind:?}");
        assert!(!lab.sim.fired_faults().is_empty(), "{kind:?} happened");
    }
}

#[tokio::test]
async fn a_gap_in_history_loses_no_reply() {
    let lab = Lab::new(21).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    send(&lab, mailbox, 5).await;
    for n in 0..5 {
        let act = if n == 2 { Inbound::JunkedReply } else { REPLY };
        lab.react(n, &format!("p{n}@firm.example"), &act);
    }
    // Ten days: the history is gone, and the search index never saw half of it.
    lab.sim
        .set_knobs(|knobs| knobs.search_missing_per_mille = 1_000);
    lab.advance(Duration::from_secs(10 * 86_400));
    let delta = lab
        .gmail
        .changes(mailbox, &cursor, start_time())
        .await
        .unwrap();
    assert!(delta.resynced);
    let (arrived, next) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(incoming(&arrived), truth(&lab), "the one in spam as well");
    lab.react(0, "p0@firm.example", &REPLY);
    let (arrived, _) = lab.all_changes(mailbox, &next).await.unwrap();
    assert_eq!(arrived.len(), 1, "and from then on changes again");
    assert_eq!(lab.calls("q="), 0, "no search term in any URL");
}

#[tokio::test]
async fn a_reply_that_the_list_shows_late_is_found_by_a_second_look() {
    let lab = Lab::new(26).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    lab.sim.set_knobs(|knobs| {
        knobs.label_list_lag_ms = 60_000;
        knobs.history_lag_ms = 60_000;
    });
    let late = lab
        .sim
        .deliver(ADA, b"From: a@other.example\r\n\r\nhi", false)
        .unwrap();
    let gap = FaultRule::new(Fault::Answer(Canned::NotFound404))
        .on("GET", "*/history")
        .times(1);
    lab.sim.add_fault(gap);
    let (arrived, cursor) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert!(arrived.is_empty(), "nothing shows it yet");
    lab.advance(Duration::from_secs(16 * 60));
    let (arrived, cursor) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert!(arrived.iter().any(|mail| mail.provider_id == late));
    lab.advance(Duration::from_secs(16 * 60));
    let (again, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert!(again.is_empty(), "one second look is enough");
}

#[tokio::test]
async fn a_gap_that_comes_while_reading_and_mail_that_comes_meanwhile_are_seen() {
    let lab = Lab::new(22).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    for n in 0..120 {
        let raw = format!("From: x{n}@other.example\r\nTo: {ADA}\r\nSubject: {n}\r\n\r\nhi");
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
        lab.advance(Duration::from_secs(1));
    }
    lab.sim.add_fault(
        FaultRule::new(Fault::Answer(Canned::NotFound404))
            .on("GET", "*/history")
            .times(1),
    );
    let first = lab
        .gmail
        .changes(mailbox, &cursor, start_time())
        .await
        .unwrap();
    assert!(first.resynced && first.more);
    let late = lab
        .sim
        .deliver(ADA, b"From: late@other.example\r\n\r\nhi", false)
        .unwrap();
    let (arrived, _) = lab.all_changes(mailbox, &first.next).await.unwrap();
    let seen: BTreeSet<_> = first
        .arrived
        .iter()
        .chain(&arrived)
        .map(|mail| mail.provider_id.clone())
        .collect();
    assert!(seen.contains(&late));
    assert_eq!(seen.len(), 121);
}

#[tokio::test]
async fn a_full_search_ends_where_it_was_told_to() {
    let lab = Lab::new(23).await;
    let mailbox = lab.connect(ADA).await;
    for _ in 0..200 {
        lab.sim
            .deliver(ADA, b"From: old@other.example\r\n\r\nhi", false)
            .unwrap();
    }
    lab.advance(Duration::from_secs(30 * 86_400));
    let since = jooper_core::Clock::now(&*lab.clock);
    let fresh = lab
        .sim
        .deliver(ADA, b"From: new@other.example\r\n\r\nhi", false)
        .unwrap();
    let foreign = jooper_transport::Cursor("of another version".to_owned());
    let before = lab.calls("messages/");
    let delta = lab.gmail.changes(mailbox, &foreign, since).await.unwrap();
    assert!(delta.arrived.iter().any(|mail| mail.provider_id == fresh));
    let next = lab
        .gmail
        .changes(mailbox, &delta.next, since)
        .await
        .unwrap();
    assert!(
        next.next.0.contains("history"),
        "the second page is all old: {:?}",
        next.next
    );
    assert!(
        lab.calls("messages/") - before <= 100,
        "200 old mails were not all read"
    );
}

#[tokio::test]
async fn a_message_that_cannot_be_read_holds_up_nothing_for_ever() {
    let lab = Lab::new(24).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let poison = lab
        .sim
        .deliver(ADA, b"From: a@other.example\r\n\r\nhi", false)
        .unwrap();
    lab.sim
        .deliver(ADA, b"From: b@other.example\r\n\r\nhi", false)
        .unwrap();
    let rule = FaultRule::new(Fault::Answer(Canned::Backend(500)));
    lab.sim
        .add_fault(rule.on("GET", &format!("*/messages/{poison}")));
    let mut failures = 0;
    let arrived = loop {
        match lab.all_changes(mailbox, &cursor).await {
            Ok((arrived, _)) => break arrived,
            Err(TransportError::Unavailable) => failures += 1,
            Err(error) => panic!("{error:?}"),
        }
        assert!(failures < 10);
    };
    assert_eq!(failures, 4);
    assert_eq!(arrived.len(), 2);
    let poisoned = arrived
        .iter()
        .find(|mail| mail.provider_id == poison)
        .unwrap();
    assert!(poisoned.headers.is_empty() && !poisoned.thread.is_empty());
}

/// While the server gives no message at all, nothing is known of any single one: each is read with its
/// headers once it answers again, however long that took.
#[tokio::test]
async fn a_long_failure_of_all_reading_costs_no_mail_its_headers() {
    let lab = Lab::new(27).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    lab.sim
        .deliver(ADA, b"From: old@other.example\r\n\r\nhi", false)
        .unwrap();
    let (_, cursor) = lab.all_changes(mailbox, &cursor).await.unwrap();
    for n in 0..8 {
        let raw = format!("From: x{n}@other.example\r\n\r\nhi");
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
    }
    let down = FaultRule::new(Fault::Answer(Canned::Backend(503)));
    lab.sim.add_fault(down.on("GET", "*/messages/*"));
    for poll in 0..8 {
        let read = lab.all_changes(mailbox, &cursor).await;
        let down = matches!(read, Err(TransportError::Unavailable));
        assert!(down, "{poll}: {read:?}");
        lab.advance(Duration::from_secs(120));
    }
    lab.sim.clear_faults();
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(arrived.len(), 8);
    let told = arrived.iter().all(|mail| mail.header("From").is_some());
    assert!(told, "{arrived:?}");
}

#[tokio::test]
async fn a_single_new_message_that_cannot_be_read_is_measured_by_an_older_one() {
    let lab = Lab::new(28).await;
    let mailbox = lab.connect(ADA).await;
    lab.sim
        .deliver(ADA, b"From: old@other.example\r\n\r\nhi", false)
        .unwrap();
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let poison = lab
        .sim
        .deliver(ADA, b"From: a@other.example\r\n\r\nhi", false)
        .unwrap();
    let rule = FaultRule::new(Fault::Answer(Canned::Backend(500)));
    lab.sim
        .add_fault(rule.on("GET", &format!("*/messages/{poison}")));
    for poll in 0..4 {
        let read = lab.all_changes(mailbox, &cursor).await;
        assert!(read.is_err(), "{poll}: {read:?}");
    }
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(arrived.len(), 1);
    assert!(arrived[0].headers.is_empty());
}

/// Five failures say nothing of the rest: it is read once the server is seen to give others.
#[tokio::test]
async fn many_messages_that_cannot_be_read_hide_none_behind_them() {
    let lab = Lab::new(31).await;
    let mailbox = lab.connect(ADA).await;
    let deliver = |from: &str| {
        let raw = format!("From: {from}@other.example\r\n\r\nhi");
        lab.advance(Duration::from_secs(1));
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap()
    };
    deliver("old");
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let mut wanted = BTreeSet::new();
    // So many that the fifth failure comes before anybody asks for the last.
    for n in 0..12 {
        let poison = deliver(&format!("x{n}"));
        let rule = FaultRule::new(Fault::Answer(Canned::Backend(500)));
        lab.sim
            .add_fault(rule.on("GET", &format!("*/messages/{poison}")));
        wanted.insert(poison);
    }
    let readable = deliver("last");
    wanted.insert(readable.clone());
    for poll in 0..4 {
        let read = lab.all_changes(mailbox, &cursor).await;
        assert!(read.is_err(), "{poll}: {read:?}");
        lab.advance(Duration::from_secs(120));
    }
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(incoming(&arrived), wanted);
    for mail in arrived {
        let told = mail.header("From").is_some();
        assert_eq!(told, mail.provider_id == readable, "{mail:?}");
    }
}

/// What measures a message that cannot be read may be none that can be read itself.
#[tokio::test]
async fn a_message_is_not_measured_by_one_that_cannot_be_read_either() {
    let lab = Lab::new(32).await;
    let mailbox = lab.connect(ADA).await;
    let deliver = |poisoned: bool| {
        lab.advance(Duration::from_secs(1));
        let raw = b"From: a@other.example\r\n\r\nhi";
        let id = lab.sim.deliver(ADA, raw, false).unwrap();
        if poisoned {
            let rule = FaultRule::new(Fault::Answer(Canned::Backend(500)));
            lab.sim
                .add_fault(rule.on("GET", &format!("*/messages/{id}")));
        }
    };
    (0..3).for_each(|_| deliver(false));
    // More than are asked for, one beside the other.
    (0..7).for_each(|_| deliver(true));
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    deliver(true);
    for poll in 0..4 {
        let read = lab.all_changes(mailbox, &cursor).await;
        assert!(read.is_err(), "{poll}: {read:?}");
        lab.advance(Duration::from_secs(120));
    }
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(arrived.len(), 1);
    assert!(arrived[0].headers.is_empty());
}

#[tokio::test]
async fn a_full_search_whose_next_page_is_refused_each_time_ends_with_that() {
    let lab = Lab::new(33).await;
    let mailbox = lab.connect(ADA).await;
    for n in 0..60 {
        let raw = format!("From: x{n}@other.example\r\n\r\nhi");
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
    }
    let mut cursor = jooper_transport::Cursor("of another version".to_owned());
    for asked in 0.. {
        assert!(asked < 10, "it never ends");
        let second = cursor.0.contains("\"page\"");
        let refused = FaultRule::new(Fault::Answer(Canned::BadRequest400)).on("GET", "*/messages");
        let rule = second.then(|| lab.sim.add_fault(refused));
        let delta = lab.gmail.changes(mailbox, &cursor, start_time()).await;
        rule.into_iter().for_each(|rule| {
            lab.sim.remove_fault(rule);
        });
        match delta {
            Ok(delta) => cursor = delta.next,
            Err(TransportError::Protocol(_)) => {
                assert_eq!(asked, 3, "once anew");
                break;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    // Another day the page is there.
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(arrived.len(), 10);
}

/// The first page says how far the list goes; a later one may come from a view that goes less far.
#[tokio::test]
async fn a_later_page_of_a_view_that_lags_moves_the_cursor_no_further_than_it_shows() {
    let lab = Lab::new(29).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    for n in 0..60 {
        let raw = format!("From: x{n}@other.example\r\n\r\nhi");
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
        lab.advance(Duration::from_secs(1));
    }
    let first = lab.gmail.changes(mailbox, &cursor, start_time());
    let first = first.await.unwrap();
    assert!(first.more && first.arrived.len() == 50);
    // The last five are five seconds old at most.
    lab.sim.set_knobs(|knobs| knobs.history_lag_ms = 5_500);
    let (second, next) = lab.all_changes(mailbox, &first.next).await.unwrap();
    assert_eq!(second.len(), 5, "the view lags");
    lab.sim.set_knobs(|knobs| knobs.history_lag_ms = 0);
    let (third, _) = lab.all_changes(mailbox, &next).await.unwrap();
    assert_eq!(third.len(), 5, "and hid what comes now");
}

#[tokio::test]
async fn a_list_whose_next_page_is_refused_each_time_is_given_up_for_a_full_search() {
    let lab = Lab::new(30).await;
    let mailbox = lab.connect(ADA).await;
    let mut cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let mut wanted = BTreeSet::new();
    for n in 0..60 {
        let raw = format!("From: x{n}@other.example\r\n\r\nhi");
        wanted.insert(lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap());
    }
    let mut seen = BTreeSet::new();
    let (mut pages, mut resynced) = (0, false);
    loop {
        pages += 1;
        assert!(pages < 20, "it never ends");
        // Each list's second page, and no first one.
        let second = cursor.0.contains("\"page\"") && cursor.0.contains("history");
        let refused = FaultRule::new(Fault::Answer(Canned::BadRequest400)).on("GET", "*/history");
        let rule = second.then(|| lab.sim.add_fault(refused));
        let delta = lab.gmail.changes(mailbox, &cursor, start_time()).await;
        rule.into_iter().for_each(|rule| {
            lab.sim.remove_fault(rule);
        });
        let delta = delta.unwrap();
        seen.extend(delta.arrived.into_iter().map(|mail| mail.provider_id));
        cursor = delta.next;
        resynced |= delta.resynced;
        if !delta.more {
            break;
        }
    }
    assert!(resynced);
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn a_mailbox_full_of_mail_stays_within_its_minute() {
    let lab = Lab::new(25).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    for n in 0..700 {
        let raw = format!("From: x{n}@other.example\r\nTo: {ADA}\r\n\r\nhi");
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
    }
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(arrived.len(), 700);
    let (peak, refused) = lab.sim.quota_peak();
    assert!(peak <= 6_000, "{peak}");
    assert_eq!(refused, 0);
}

/// How many mails can be fetched before the minute's quota is used up, after a page of ten was read
/// whose first tries failed so often.
async fn fetched_after(failures: u32) -> usize {
    let lab = Lab::new(60).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    for n in 0..10 {
        let raw = format!("From: x@y.example\r\nSubject: {n}\r\n\r\nx\r\n");
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
    }
    let fault = FaultRule::new(Fault::Answer(Canned::Backend(503))).on("GET", "*/messages/*");
    lab.sim.add_fault(fault.times(failures));
    let delta = lab.gmail.changes(mailbox, &cursor, start_time()).await;
    let arrived = delta.unwrap().arrived;
    assert_eq!(arrived.len(), 10);
    for fetched in 0.. {
        let read = lab.gmail.fetch(mailbox, &arrived[0].provider_id).await;
        match read {
            Ok(_) => {}
            Err(TransportError::RateLimited { .. }) => return fetched,
            Err(error) => panic!("{error}"),
        }
    }
    unreachable!("the quota ends")
}

#[tokio::test]
async fn tries_after_the_first_are_counted_although_the_first_was_paid_before() {
    assert_eq!(fetched_after(0).await - fetched_after(4).await, 4);
}

#[tokio::test]
async fn a_page_longer_than_a_minute_allows_is_read_in_portions() {
    // Fifty arrivals a record, or a server that passes over how many records were asked for.
    for (together, counted) in [(50, true), (1, false), (50, false)] {
        let lab = Lab::new(61).await;
        lab.sim.set_knobs(|knobs| {
            knobs.history_record_messages = together;
            knobs.max_results = counted;
        });
        let mailbox = lab.connect(ADA).await;
        let cursor = lab.gmail.baseline(mailbox).await.unwrap();
        for n in 0..700 {
            let raw = format!("From: x{n}@other.example\r\nTo: {ADA}\r\n\r\nhi");
            lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
        }
        for gap in [false, true] {
            if gap {
                let gone = FaultRule::new(Fault::Answer(Canned::NotFound404));
                lab.sim.add_fault(gone.on("GET", "*/history").times(1));
            }
            let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
            let ids: BTreeSet<_> = arrived.iter().map(|mail| &mail.provider_id).collect();
            let what = format!("{together} a record, counted: {counted}, a gap: {gap}");
            assert_eq!(ids.len(), 700, "{what}");
            assert!(gap || arrived.len() == 700, "{what}: each once");
        }
        let (peak, refused) = lab.sim.quota_peak();
        assert!(peak <= 6_000 && refused == 0, "{peak} {refused}");
    }
}
