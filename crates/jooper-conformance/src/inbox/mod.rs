//! The suite for [`Inbox`].
#![allow(
    missing_docs,
    reason = "a case is documented by its name: it is the promise"
)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{EmailAddress, MailboxId, WorkspaceId};
use jooper_transport::{Arrived, Cursor, Inbox, MailboxRef, TransportError};
use uuid::Uuid;

/// What the suite needs to know of the other side.
#[async_trait]
pub trait InboxSubject: Debug + Send + Sync + 'static {
    /// The inbox.
    fn inbox(&self) -> Arc<dyn Inbox>;

    /// The address that its mailbox receives at.
    fn receiver(&self) -> EmailAddress;

    /// Lets a mail arrive, as if from outside.
    async fn deliver(&self, raw: Vec<u8>);

    /// Lets a mail arrive that the provider takes for spam. Returns whether it can: an inbox without
    /// such a folder has nothing to prove there. Where it cannot, `a_mail_in_spam_is_seen` passes
    /// without a look.
    async fn deliver_to_spam(&self, _raw: Vec<u8>) -> bool {
        false
    }

    /// Lets a mail arrive that a filter puts away before anybody sees it; as above, for
    /// `a_mail_that_was_put_away_is_seen`.
    async fn deliver_archived(&self, _raw: Vec<u8>) -> bool {
        false
    }

    /// Puts a mail there that the owner has sent; as above, for an inbox that shows none and
    /// `what_the_owner_sent_is_outgoing`.
    async fn deliver_sent(&self, _raw: Vec<u8>) -> bool {
        false
    }

    /// Lets a day pass and tells what time it is for the provider; `None` where time cannot be moved.
    async fn pass_a_day(&self) -> Option<Timestamp> {
        None
    }
}

/// Lists every case of the inbox suite as a test of its own, in a module of this name.
///
/// The factory gets the mailbox that is read and returns a future of an [`InboxSubject`].
#[macro_export]
macro_rules! inbox_suite {
    ($name:ident, $factory:expr) => {
        $crate::__mail_cases! { $name, inbox, $factory,
            what_arrives_behind_the_baseline_is_seen
            what_was_there_before_is_not
            a_cursor_behind_everything_is_quiet
            the_same_cursor_gives_the_same_mails_again
            many_mails_come_in_pages_and_none_is_missing
            the_headers_that_matching_needs_are_there
            a_mail_is_fetched_as_it_was_received
            what_is_not_there_is_gone
            a_cursor_that_nobody_knows_loses_nothing
            a_full_search_shows_everything_behind_its_bound
            a_mail_in_spam_is_seen
            a_mail_that_was_put_away_is_seen
            what_the_owner_sent_is_outgoing
            nothing_printed_names_a_person
            a_revoked_grant_reads_nothing_more
        }
    };
}

/// Runs one case.
#[doc(hidden)]
pub fn run<S: InboxSubject, Made, Ran>(
    make: impl FnOnce(MailboxRef) -> Made,
    case: impl FnOnce(Bench) -> Ran,
) where
    Made: Future<Output = S>,
    Ran: Future<Output = ()>,
{
    crate::transport::block_on(async {
        let mailbox = MailboxRef {
            workspace: WorkspaceId::from_uuid(Uuid::from_u128(0x77)),
            mailbox: MailboxId::from_uuid(Uuid::from_u128(0x78)),
        };
        let subject = make(mailbox).await;
        case(Bench {
            mailbox,
            subject: Arc::new(subject),
        })
        .await;
    });
}

/// An inbox under test.
#[doc(hidden)]
#[derive(Debug)]
pub struct Bench {
    mailbox: MailboxRef,
    subject: Arc<dyn InboxSubject>,
}

impl Bench {
    fn inbox(&self) -> Arc<dyn Inbox> {
        self.subject.inbox()
    }

    fn mail(&self, n: usize) -> Vec<u8> {
        format!(
            "From: Person <person{n}@sender.example>\r\nTo: <{}>\r\nSubject: Re: number {n}\r\n\
             Message-ID: <m{n}@sender.example>\r\nIn-Reply-To: <sent{n}@receiver.example>\r\n\
             References: <sent{n}@receiver.example>\r\nAuto-Submitted: no\r\n\
             Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\nThis is number {n}.\r\n",
            self.subject.receiver()
        )
        .into_bytes()
    }

    async fn deliver(&self, numbers: impl Iterator<Item = usize>) {
        for n in numbers {
            self.subject.deliver(self.mail(n)).await;
        }
    }

    async fn baseline(&self) -> Cursor {
        self.inbox()
            .baseline(self.mailbox)
            .await
            .expect("an inbox has a baseline")
    }

    /// Everything behind a cursor, and the cursor behind that.
    async fn read(&self, cursor: &Cursor) -> (Vec<Arrived>, Cursor) {
        self.read_from(cursor, Timestamp::UNIX_EPOCH).await
    }

    async fn read_from(&self, cursor: &Cursor, not_before: Timestamp) -> (Vec<Arrived>, Cursor) {
        let (mut all, mut cursor) = (Vec::new(), cursor.clone());
        for _ in 0..1_000 {
            let delta = self
                .inbox()
                .changes(self.mailbox, &cursor, not_before)
                .await;
            let delta = delta.expect("an inbox is read");
            all.extend(delta.arrived);
            cursor = delta.next;
            if !delta.more {
                return (all, cursor);
            }
        }
        panic!("the inbox always has more");
    }
}

fn subjects(arrived: &[Arrived]) -> BTreeSet<String> {
    arrived
        .iter()
        .filter_map(|mail| mail.header("Subject").map(str::to_owned))
        .collect()
}

fn wanted(numbers: impl Iterator<Item = usize>) -> BTreeSet<String> {
    numbers.map(|n| format!("Re: number {n}")).collect()
}

#[doc(hidden)]
pub mod cases {
    use super::*;

    pub async fn what_arrives_behind_the_baseline_is_seen(bench: Bench) {
        let cursor = bench.baseline().await;
        bench.deliver(1..=2).await;
        let (arrived, cursor) = bench.read(&cursor).await;
        assert_eq!(subjects(&arrived), wanted(1..=2));
        assert!(arrived.iter().all(|mail| !mail.outgoing));
        bench.deliver(3..=3).await;
        let (arrived, _) = bench.read(&cursor).await;
        assert_eq!(subjects(&arrived), wanted(3..=3));
    }

    pub async fn what_was_there_before_is_not(bench: Bench) {
        bench.deliver(1..=3).await;
        let cursor = bench.baseline().await;
        bench.deliver(4..=4).await;
        let (arrived, _) = bench.read(&cursor).await;
        assert_eq!(subjects(&arrived), wanted(4..=4));
    }

    pub async fn a_cursor_behind_everything_is_quiet(bench: Bench) {
        let cursor = bench.baseline().await;
        let (arrived, cursor) = bench.read(&cursor).await;
        assert!(arrived.is_empty());
        bench.deliver(1..=1).await;
        let (_, cursor) = bench.read(&cursor).await;
        let (arrived, _) = bench.read(&cursor).await;
        assert!(arrived.is_empty(), "{arrived:?}");
    }

    pub async fn the_same_cursor_gives_the_same_mails_again(bench: Bench) {
        let cursor = bench.baseline().await;
        bench.deliver(1..=3).await;
        let (once, _) = bench.read(&cursor).await;
        let (again, _) = bench.read(&cursor).await;
        let ids = |all: &[Arrived]| -> BTreeSet<String> {
            all.iter().map(|mail| mail.provider_id.clone()).collect()
        };
        assert_eq!((ids(&once).len(), ids(&once)), (3, ids(&again)));
    }

    pub async fn many_mails_come_in_pages_and_none_is_missing(bench: Bench) {
        let cursor = bench.baseline().await;
        bench.deliver(1..=130).await;
        let (arrived, _) = bench.read(&cursor).await;
        assert_eq!(subjects(&arrived), wanted(1..=130));
    }

    pub async fn the_headers_that_matching_needs_are_there(bench: Bench) {
        let cursor = bench.baseline().await;
        bench.deliver(7..=7).await;
        let (arrived, _) = bench.read(&cursor).await;
        let mail = &arrived[0];
        assert_eq!(mail.header("in-reply-to"), Some("<sent7@receiver.example>"));
        assert_eq!(mail.header("References"), Some("<sent7@receiver.example>"));
        assert_eq!(mail.header("Message-ID"), Some("<m7@sender.example>"));
        assert_eq!(mail.header("Auto-Submitted"), Some("no"));
        assert!(
            mail.header("From")
                .is_some_and(|from| from.contains("person7@sender.example"))
        );
        assert!(
            mail.header("Content-Type")
                .is_some_and(|kind| kind.starts_with("text/plain"))
        );
        assert!(!mail.thread.is_empty() && !mail.provider_id.is_empty());
    }

    pub async fn a_mail_is_fetched_as_it_was_received(bench: Bench) {
        let cursor = bench.baseline().await;
        bench.deliver(1..=1).await;
        let (arrived, _) = bench.read(&cursor).await;
        let raw = bench
            .inbox()
            .fetch(bench.mailbox, &arrived[0].provider_id)
            .await;
        let raw = raw.expect("the mail is there");
        let text = String::from_utf8_lossy(&raw);
        assert!(text.contains("This is number 1."), "{text}");
        assert!(text.contains("Message-ID: <m1@sender.example>"), "{text}");
    }

    pub async fn what_is_not_there_is_gone(bench: Bench) {
        let nothing = bench.inbox().fetch(bench.mailbox, "0000never0000").await;
        assert!(matches!(nothing, Err(TransportError::Gone)), "{nothing:?}");
    }

    pub async fn a_cursor_that_nobody_knows_loses_nothing(bench: Bench) {
        bench.deliver(1..=60).await;
        let (arrived, cursor) = bench.read(&Cursor("of another version".to_owned())).await;
        assert_eq!(subjects(&arrived), wanted(1..=60));
        bench.deliver(61..=61).await;
        let (arrived, _) = bench.read(&cursor).await;
        assert!(subjects(&arrived).contains("Re: number 61"));
    }

    pub async fn a_full_search_shows_everything_behind_its_bound(bench: Bench) {
        bench.deliver(1..=3).await;
        let Some(bound) = bench.subject.pass_a_day().await else {
            return;
        };
        bench.deliver(4..=60).await;
        let nobodys = Cursor("of another version".to_owned());
        let (arrived, _) = bench.read_from(&nobodys, bound).await;
        // What is older may be shown as well.
        let seen = subjects(&arrived);
        assert!(wanted(4..=60).is_subset(&seen), "{seen:?}");
    }

    pub async fn a_mail_in_spam_is_seen(bench: Bench) {
        let cursor = bench.baseline().await;
        if bench.subject.deliver_to_spam(bench.mail(1)).await {
            is_incoming(&bench, &cursor).await;
        }
    }

    pub async fn a_mail_that_was_put_away_is_seen(bench: Bench) {
        let cursor = bench.baseline().await;
        if bench.subject.deliver_archived(bench.mail(1)).await {
            is_incoming(&bench, &cursor).await;
        }
    }

    /// Mail 1 is there, behind the cursor and in a full search.
    async fn is_incoming(bench: &Bench, cursor: &Cursor) {
        for cursor in [cursor, &Cursor("of another version".to_owned())] {
            let (arrived, _) = bench.read(cursor).await;
            assert_eq!(subjects(&arrived), wanted(1..=1), "{cursor:?}");
            assert!(arrived.iter().all(|mail| !mail.outgoing));
        }
    }

    pub async fn what_the_owner_sent_is_outgoing(bench: Bench) {
        let cursor = bench.baseline().await;
        if !bench.subject.deliver_sent(bench.mail(1)).await {
            return;
        }
        bench.deliver(2..=2).await;
        let (arrived, _) = bench.read(&cursor).await;
        let outgoing = |mail: &&Arrived| mail.outgoing;
        let sent: Vec<Arrived> = arrived.iter().filter(outgoing).cloned().collect();
        assert_eq!(subjects(&sent), wanted(1..=1));
        assert_eq!(subjects(&arrived), wanted(1..=2));
    }

    pub async fn nothing_printed_names_a_person(bench: Bench) {
        let cursor = bench.baseline().await;
        bench.deliver(1..=1).await;
        let (arrived, cursor) = bench.read(&cursor).await;
        let printed = format!("{:?} {arrived:?} {cursor:?}", bench.inbox());
        assert!(
            !printed.contains("person1") && !printed.contains("number 1"),
            "{printed}"
        );
    }

    pub async fn a_revoked_grant_reads_nothing_more(bench: Bench) {
        let cursor = bench.baseline().await;
        bench.deliver(0..1).await;
        let inbox = bench.inbox();
        let revoked = inbox.revoke(bench.mailbox).await;
        let read = inbox
            .changes(bench.mailbox, &cursor, Timestamp::UNIX_EPOCH)
            .await;
        match revoked {
            Ok(()) => {
                assert!(
                    matches!(
                        read,
                        Err(TransportError::NeedsReauth | TransportError::Credentials(None))
                    ),
                    "{read:?}"
                );
                let again = inbox.revoke(bench.mailbox).await;
                assert!(again.is_ok(), "nothing is left to end: {again:?}");
            }
            // One that cannot revoke says so, and goes on.
            Err(TransportError::Protocol(_)) => {
                assert_eq!(read.expect("it reads on").arrived.len(), 1);
            }
            Err(error) => panic!("{error}"),
        }
    }
}
