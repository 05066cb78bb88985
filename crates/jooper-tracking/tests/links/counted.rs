//! What is told to the log and to listeners.

use std::error::Error;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::StatusCode;
use jooper_core::{EventKind, LeadId, MailboxId, SendState, StepIndex, WorkspaceId};
use jooper_storage::tables::SendRow;
use jooper_storage::{Batch, LogRecord, Storage};
use jooper_tracking::OnStop;
use uuid::Uuid;

use crate::world::{ONE_CLICK, World, campaign, key};

async fn sent(world: &World, step: u16) {
    let send = SendRow {
        key: key(step),
        kind: key(step).kind(),
        state: SendState::Sent,
        enrollment: None,
        step: Some(StepIndex(step)),
        campaign: Some(campaign()),
        lead: Some(world.lead),
        mailbox: MailboxId::from_uuid(Uuid::from_u128(2)),
        variant: 1,
        attempt: 1,
        fence: 1,
        permit: None,
        evidence_base: None,
        planned_at: world.now(),
        posting_at: None,
        posted_at: None,
        settled_at: None,
        not_sent: None,
        skip: None,
        provider_id: None,
        provider_thread: None,
        message_index: None,
        email_index: None,
        domain_index: None,
        released: 0,
        released_by: None,
        searched: None,
        searched_at: None,
    };
    world
        .store
        .commit(Batch::new(world.ws).insert(&send))
        .await
        .unwrap();
}

async fn requests(world: &World) -> Vec<LogRecord> {
    let mut log = world.log().await;
    log.retain(|record| record.entry.kind == EventKind::Unsubscribed);
    log
}

#[tokio::test]
async fn a_person_who_presses_often_is_one_fact_of_the_first_mail() {
    let world = World::new().await;
    sent(&world, 0).await;
    sent(&world, 1).await;
    let (first, second) = (world.link_of(0).await, world.link_of(1).await);
    let (one, other) = tokio::join!(world.post(&first, ONE_CLICK), world.post(&first, ONE_CLICK));
    assert_eq!(
        (one.status(), other.status()),
        (StatusCode::OK, StatusCode::OK)
    );
    world.clock.advance_millis(86_400_000);
    world.post(&second, ONE_CLICK).await;
    let facts = requests(&world).await;
    assert_eq!(facts.len(), 1);
    let fact = &facts[0].entry;
    assert_eq!(fact.lead, Some(world.lead));
    assert_eq!(fact.dimensions.campaign, Some(campaign()));
    assert_eq!(
        (fact.dimensions.step, fact.dimensions.variant),
        (Some(StepIndex(0)), Some(1))
    );
}

#[tokio::test]
async fn a_press_after_a_crash_in_between_completes_the_fact() {
    let world = World::new().await;
    // The stop of the first press came through, then the process died.
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let address = crate::world::address();
    let scope = jooper_consent::StopScope::person(
        vault.contact_index(&address),
        vault.variant_indexes(&address),
    );
    let (reason, source) = (
        jooper_core::StopReason::Unsubscribed,
        jooper_core::StopSource::Person,
    );
    world
        .stops
        .stop(world.ws, scope, reason, source)
        .await
        .unwrap();
    assert_eq!(requests(&world).await.len(), 0);
    world.post(&world.link().await, ONE_CLICK).await;
    assert_eq!(requests(&world).await.len(), 1);
}

#[derive(Debug, Default)]
struct Listener {
    heard: Mutex<Vec<(WorkspaceId, LeadId)>>,
}

#[async_trait]
impl OnStop for Listener {
    async fn stopped(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.heard.lock().unwrap().push((workspace, lead));
        Err("no lane".into())
    }
}

#[tokio::test]
async fn a_listener_is_told_and_its_failure_changes_nothing() {
    let mut world = World::new().await;
    let listener = Arc::new(Listener::default());
    world.tracking = world.tracking.with_listener(listener.clone());
    let link = world.link().await;
    world.get(&link).await;
    assert!(listener.heard.lock().unwrap().is_empty());
    assert_eq!(world.post(&link, ONE_CLICK).await.status(), StatusCode::OK);
    assert_eq!(*listener.heard.lock().unwrap(), [(world.ws, world.lead)]);
}
