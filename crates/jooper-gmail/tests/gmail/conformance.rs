//! The suites of `jooper-conformance` on Gmail over the simulator.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_conformance::inbox::InboxSubject;
use jooper_conformance::transport::TransportSubject;
use jooper_core::{Clock as _, EmailAddress, LeaseClock};
use jooper_testkit::google::{Fault, FaultRule};
use jooper_transport::{Inbox, MailboxRef, Transport};

use crate::lab::{ADA, Lab, address};

#[derive(Debug)]
struct Subject(Lab);

async fn sending(lease: Arc<dyn LeaseClock>, mailbox: MailboxRef) -> Subject {
    let lab = Lab::by(lease, 90, |_| {}).await;
    lab.connect_as(mailbox, ADA).await;
    Subject(lab)
}

async fn receiving(mailbox: MailboxRef) -> Subject {
    let lab = Lab::new(91).await;
    lab.connect_as(mailbox, ADA).await;
    Subject(lab)
}

#[async_trait]
impl TransportSubject for Subject {
    fn transport(&self) -> Arc<dyn Transport> {
        Arc::new(self.0.gmail.clone())
    }

    fn sender(&self) -> EmailAddress {
        address(ADA)
    }

    async fn accepted(&self, token: &str) -> usize {
        let ledger = self.0.sim.ledger();
        let holds = |references: &[String]| references.iter().any(|id| id.contains(token));
        ledger
            .accepted()
            .iter()
            .filter(|mail| holds(&mail.references))
            .count()
    }

    async fn lose_next_answer(&self) -> bool {
        let rule = FaultRule::new(Fault::CommitThenClose).on_send().times(1);
        self.0.sim.add_fault(rule);
        true
    }
}

#[async_trait]
impl InboxSubject for Subject {
    fn inbox(&self) -> Arc<dyn Inbox> {
        Arc::new(self.0.gmail.clone())
    }

    fn receiver(&self) -> EmailAddress {
        address(ADA)
    }

    async fn deliver(&self, raw: Vec<u8>) {
        self.0.sim.deliver(ADA, &raw, false).unwrap();
        self.0.clock.advance_millis(1_000);
    }

    async fn deliver_to_spam(&self, raw: Vec<u8>) -> bool {
        self.0.sim.deliver(ADA, &raw, true).is_ok()
    }

    async fn deliver_archived(&self, raw: Vec<u8>) -> bool {
        let id = self.0.sim.deliver(ADA, &raw, false).unwrap();
        self.0.sim.relabel(ADA, &id, &[], &["INBOX"]).is_ok()
    }

    async fn deliver_sent(&self, raw: Vec<u8>) -> bool {
        let id = self.0.sim.deliver(ADA, &raw, false).unwrap();
        let labels = (["SENT"], ["INBOX"]);
        self.0.sim.relabel(ADA, &id, &labels.0, &labels.1).is_ok()
    }

    async fn pass_a_day(&self) -> Option<Timestamp> {
        self.0.advance(Duration::from_secs(86_400));
        Some(self.0.clock.now())
    }
}

jooper_conformance::transport_suite!(transport, sending);
jooper_conformance::inbox_suite!(inbox, receiving);
