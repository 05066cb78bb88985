//! The suite for [`Transport`].
#![allow(
    missing_docs,
    reason = "a case is documented by its name: it is the promise"
)]

mod cases_of;

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jooper_core::{EmailAddress, LeaseClock, LeaseInstant, SendKey, StepIndex, from_millis};
use jooper_transport::{
    Attempt, DispatchRefusal, Dispatcher, EvidenceBase, MailboxRef, Outcome, OutgoingMail, Receipt,
    Transport,
};

use crate::mint::Mint;

#[doc(hidden)]
pub mod cases {
    pub use super::cases_of::*;
}

/// What the suite needs to know of the other side.
#[async_trait]
pub trait TransportSubject: Debug + Send + Sync + 'static {
    /// The transport.
    fn transport(&self) -> Arc<dyn Transport>;

    /// The address that its mailbox sends from.
    fn sender(&self) -> EmailAddress;

    /// How many mails whose `References` hold this token were accepted, as the other side counts.
    async fn accepted(&self, token: &str) -> usize;

    /// Makes the answer to the next send be lost behind its acceptance. Returns whether it can:
    /// a transport whose answers cannot be lost has nothing to prove there.
    async fn lose_next_answer(&self) -> bool;

    /// Whether there is a step that completes the handing-over and that can be left out, so that the
    /// lease is looked at before it. Only a transport that hands nothing over may say no.
    fn withholds(&self) -> bool {
        true
    }
}

/// Lists every case of the transport suite as a test of its own, in a module of this name.
///
/// The factory gets the lease clock by which permits end and the mailbox that is sent from, and
/// returns a future of a [`TransportSubject`]. Permits are minted by the real gate.
#[macro_export]
macro_rules! transport_suite {
    ($name:ident, $factory:expr) => {
        $crate::__mail_cases! { $name, transport, $factory,
            an_accepted_mail_is_accepted_once_and_has_an_id
            two_mails_have_two_ids
            a_mail_is_read_back_with_the_message_id_that_travels
            what_was_never_sent_is_gone
            an_accepted_mail_is_found_by_its_token
            the_mail_of_an_earlier_try_proves_the_send
            a_token_that_was_never_sent_is_not_found
            a_lost_answer_is_unknown_and_the_mail_is_found
            the_same_mail_under_another_token_is_not_taken_for_it
            an_ended_permit_reaches_no_transport
            a_permit_that_ends_at_any_reading_of_its_clock_sends_nothing
            a_permit_for_another_recipient_reaches_no_transport
            a_permit_for_another_transport_reaches_no_transport
            a_permit_for_another_mailbox_or_tenant_reaches_no_transport
            a_permit_of_another_installation_reaches_no_transport
            a_mail_that_pretends_to_answer_reaches_no_transport
            a_follow_up_answers_only_what_it_names
            a_mail_that_hides_something_reaches_no_transport
            a_mail_without_a_way_out_reaches_no_transport
            a_mail_that_nobody_wrote_out_reaches_no_transport
            a_first_mail_without_its_notice_reaches_no_transport
            a_mail_that_is_too_large_is_certainly_not_sent
            mails_sent_at_once_are_each_accepted_once
            nothing_printed_names_a_person
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __mail_cases {
    ($name:ident, $suite:ident, $factory:expr, $($case:ident)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $case() {
                    $crate::$suite::run($factory, $crate::$suite::cases::$case);
                }
            )*
        }
    };
}

/// Runs a future to its end on a runtime of its own.
#[doc(hidden)]
pub fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
        .block_on(future);
}

/// A lease clock that stands until it is moved, by hand or at a reading that is told before.
#[derive(Debug, Default)]
pub struct ManualLease {
    millis: AtomicU64,
    /// Readings until it jumps; 0: it does not.
    left: AtomicU64,
}

/// Longer than any permit lasts.
const BEYOND: Duration = Duration::from_secs(60);

impl ManualLease {
    /// Moves it.
    pub fn advance(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Ends every permit at the nth reading from now, from 1: as a process does that is frozen there.
    pub fn end_at_reading(&self, n: u64) {
        self.left.store(n, Ordering::SeqCst);
    }

    /// Stands again, and tells whether it came to that reading.
    pub fn stand_still(&self) -> bool {
        self.left.swap(0, Ordering::SeqCst) == 0
    }
}

impl LeaseClock for ManualLease {
    fn now(&self) -> LeaseInstant {
        let one_less = |left: u64| left.checked_sub(1);
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
        if left == Ok(1) {
            self.advance(BEYOND);
        }
        LeaseInstant::from_elapsed(Duration::from_millis(self.millis.load(Ordering::SeqCst)))
    }
}

/// A transport under test, with a gate that lets its mails through.
#[doc(hidden)]
#[derive(Debug)]
pub struct Bench {
    mint: Mint,
    lease: Arc<ManualLease>,
    mailbox: MailboxRef,
    subject: Arc<dyn TransportSubject>,
}

/// Runs one case.
#[doc(hidden)]
pub fn run<S: TransportSubject, Made, Ran>(
    make: impl FnOnce(Arc<dyn LeaseClock>, MailboxRef) -> Made,
    case: impl FnOnce(Bench) -> Ran,
) where
    Made: Future<Output = S>,
    Ran: Future<Output = ()>,
{
    block_on(async {
        let lease = Arc::new(ManualLease::default());
        let mint = Mint::new("unnamed", Arc::clone(&lease) as Arc<dyn LeaseClock>).await;
        let mailbox = mint.mailbox();
        let subject = make(Arc::clone(&lease) as Arc<dyn LeaseClock>, mailbox).await;
        case(Bench {
            mint: mint.with_transport(&*subject.transport()),
            lease,
            mailbox,
            subject: Arc::new(subject),
        })
        .await;
    });
}

fn token(n: u32) -> String {
    format!("jp.conformance{n}@sender.example")
}

fn person(n: u32) -> EmailAddress {
    EmailAddress::parse(&format!("person{n}@recipient.example")).expect("an address")
}

impl Bench {
    fn transport(&self) -> Arc<dyn Transport> {
        self.subject.transport()
    }

    fn dispatcher(&self) -> Dispatcher {
        self.mint.dispatcher(self.transport())
    }

    /// A mail to person `n` that carries token `n`.
    fn mail(&self, n: u32) -> OutgoingMail {
        self.mail_to(&person(n), &token(n), "")
    }

    fn mail_to(&self, to: &EmailAddress, token: &str, more: &str) -> OutgoingMail {
        OutgoingMail::new(self.raw(to, token, more), None)
            .expect("a mail to one person")
            .with_notice()
    }

    fn raw(&self, to: &EmailAddress, token: &str, more: &str) -> Vec<u8> {
        format!(
            "From: Sender <{}>\r\nTo: Person <{to}>\r\nSubject: Conformance\r\n\
             Message-ID: <own.{token}>\r\nReferences: <{token}>\r\n\
             Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n\
             List-Unsubscribe: <https://sender.example/u>\r\n\
             List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\nHello.\r\n\
             No more mail: https://sender.example/u\r\n{more}",
            self.subject.sender()
        )
        .into_bytes()
    }

    /// Sends a mail by the whole way, and tells under which key.
    async fn dispatch(&self, mail: OutgoingMail) -> (SendKey, Result<Outcome, DispatchRefusal>) {
        let permit = self.mint.permit(self.mailbox, mail.to()).await;
        let key = *permit.send_key();
        let MailboxRef { workspace, mailbox } = self.mailbox;
        (
            key,
            self.dispatcher()
                .dispatch(workspace, mailbox, permit, mail)
                .await,
        )
    }

    /// Sends mail `n`, which must be accepted.
    async fn send(&self, n: u32) -> (SendKey, Receipt) {
        match self.dispatch(self.mail(n)).await {
            (key, Ok(Outcome::Sent(receipt))) => (key, receipt),
            (_, other) => panic!("mail {n} should be accepted: {other:?}"),
        }
    }

    async fn base(&self) -> Option<EvidenceBase> {
        Some(
            self.transport()
                .evidence_base(self.mailbox)
                .await
                .expect("a base is read"),
        )
    }

    fn attempt(&self, n: u32, base: Option<EvidenceBase>, key: SendKey) -> Attempt {
        Attempt {
            mailbox: self.mailbox,
            send_key: key,
            number: 1,
            token: token(n),
            earlier: Vec::new(),
            evidence_base: base,
            to: Some(person(n)),
            subject: Some("Conformance".to_owned()),
            began_at: from_millis(1_795_000_000_000),
            since: from_millis(1_795_000_000_000),
        }
    }
}

/// A key that no permit of the mint has.
fn no_key() -> SendKey {
    SendKey::Step {
        enrollment: jooper_core::EnrollmentId::from_uuid(uuid::Uuid::nil()),
        step: StepIndex(0),
    }
}
