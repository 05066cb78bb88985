//! A provider that tells of no threads, or has lost one: what a follow-up answers stands in its own
//! headers.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jooper_core::NotSentReason;
use jooper_sequence::EngineSettings;
use jooper_storage::tables::{MESSAGE, MessageRow, THREAD, ThreadRow};
use jooper_storage::{Scan, StorageExt};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation,
    RecordingTransport, Transport, TransportCapabilities, TransportError,
};
use support::people::rename;
use support::{LeaseOf, Passing, Process, World};

#[derive(Debug)]
struct Threadless {
    inner: Arc<RecordingTransport>,
    /// Whether it tells of threads.
    threads: bool,
    /// Whether it can say what an accepted mail is called on the wire.
    reads_back: bool,
}

impl Threadless {
    fn told(&self, receipt: Receipt) -> Receipt {
        let thread = match self.threads {
            true => receipt.thread,
            false => String::new(),
        };
        Receipt { thread, ..receipt }
    }
}

#[async_trait]
impl Transport for Threadless {
    fn capabilities(&self) -> TransportCapabilities {
        self.inner.capabilities()
    }

    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        self.inner.evidence_base(mailbox).await
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        match self.inner.send(cleared).await {
            Outcome::Sent(receipt) => Outcome::Sent(Receipt {
                message_id: None,
                ..self.told(receipt)
            }),
            other => other,
        }
    }

    async fn read_back(&self, mailbox: MailboxRef, id: &str) -> Result<Receipt, TransportError> {
        match self.reads_back {
            true => {
                let receipt = self.inner.read_back(mailbox, id).await?;
                Ok(self.told(receipt))
            }
            false => Err(TransportError::Gone),
        }
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        self.inner.reconcile(attempt).await
    }
}

fn header(raw: &str, name: &str) -> String {
    let (section, _) = raw.split_once("\r\n\r\n").unwrap();
    let unfolded = section.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines = unfolded.split("\r\n");
    let mut values = lines.filter_map(|line| line.strip_prefix(&format!("{name}: ")));
    values.next().unwrap_or_default().trim().to_owned()
}

async fn world(leads: usize, threads: bool, reads_back: bool) -> World {
    let mut world = World::new(leads).await;
    world.engine = Process {
        store: world.store.clone(),
        inbox: world.inbox.clone(),
        clock: world.clock.clone(),
        lease: Arc::new(LeaseOf(world.clock.clone())),
        sleeper: Arc::new(Passing(world.clock.clone())),
        transport: Arc::new(Threadless {
            inner: world.transport.clone(),
            threads,
            reads_back,
        }),
        settings: EngineSettings::default(),
        number: 8,
    }
    .engine();
    world.campaign().await;
    world
}

#[tokio::test]
async fn a_follow_up_names_the_mails_before_it_where_the_provider_tells_of_no_threads() {
    for reads_back in [true, false] {
        let world = world(2, false, reads_back).await;
        world.run_for(24 * 21).await;
        let mut mails: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (n, (_, _, mail)) in world.transport.accepted().into_iter().enumerate() {
            assert_eq!(mail.thread(), None);
            let raw = String::from_utf8_lossy(mail.raw()).into_owned();
            let id = match reads_back {
                true => format!("<m{}@recording.invalid>", n + 1),
                false => header(&raw, "Message-ID"),
            };
            mails
                .entry(mail.to().to_string())
                .or_default()
                .push((id, raw));
        }
        assert_eq!(mails.len(), 2);
        for (_, mails) in mails {
            let [(first, _), (second, answer), (_, last)] = &mails[..] else {
                panic!("{} mails", mails.len())
            };
            assert_eq!(header(answer, "Subject").get(..4), Some("Re: "), "{answer}");
            assert_eq!(header(answer, "In-Reply-To"), *first, "{answer}");
            assert_eq!(header(last, "In-Reply-To"), *second, "{last}");
            let named = header(last, "References");
            assert!(named.starts_with(&format!("{first} {second} ")), "{last}");
            assert_eq!(named.matches('<').count(), 3, "and its own token: {last}");
        }
        // One conversation for each person.
        let rows = world
            .store
            .collect::<ThreadRow>(world.workspace, Scan::table(&THREAD));
        let leads: BTreeMap<_, _> = rows
            .await
            .unwrap()
            .into_iter()
            .map(|row| (row.record.id, row.record.lead))
            .collect();
        let people: BTreeSet<_> = leads.values().collect();
        assert_eq!((leads.len(), people.len()), (2, 2));
        let rows = world
            .store
            .collect::<MessageRow>(world.workspace, Scan::table(&MESSAGE));
        for row in rows.await.unwrap() {
            assert_eq!(leads.get(&row.record.thread), Some(&row.record.lead));
        }
    }
}

#[tokio::test]
async fn a_follow_up_has_the_subject_that_went_where_no_mail_can_be_read_back() {
    for threads in [true, false] {
        let world = world(1, threads, false).await;
        world.run_for(24).await;
        rename(&world, world.leads[0], "Joanna").await;
        world.run_for(24 * 21).await;
        let accepted = world.transport.accepted();
        let raw = |n: usize| String::from_utf8_lossy(accepted[n].2.raw()).into_owned();
        let [first, second, third] = [0, 1, 2].map(|n| header(&raw(n), "Subject"));
        assert_eq!([&second, &third], [&format!("Re: {first}"); 2]);
    }
}

#[tokio::test]
async fn a_follow_up_whose_thread_is_gone_names_the_mail_before_it_as_it_was_written() {
    let world = world(1, true, false).await;
    while world.transport.accepted().is_empty() {
        world.run_for(1).await;
    }
    world.transport.script(Outcome::NotSent {
        reason: NotSentReason::ThreadGone,
        retry_at: None,
    });
    world.run_for(24 * 21).await;
    let accepted = world.transport.accepted();
    let raw = |n: usize| String::from_utf8_lossy(accepted[n].2.raw()).into_owned();
    assert_eq!(accepted.len(), 3);
    assert_eq!(accepted[1].2.thread(), None, "not once more");
    assert_eq!(
        header(&raw(1), "In-Reply-To"),
        header(&raw(0), "Message-ID")
    );
}
