//! Leads that are deleted, and two that are one person: the list of who wants no mail only grows.

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    CampaignId, EnrollmentId, EnrollmentState, EventKind, LeadId, LeadState, MailboxId, StepIndex,
    StopReason, StopSource,
};
use jooper_leads::LeadsError;
use jooper_storage::tables::{
    BASIS, CONTACT_FENCE, COUNTER, ContactFenceRow, ENROLLMENT, EnrollmentRow, LEAD, LEAD_ADDRESS,
    LeadRow, SCOPE_STOP, SUBJECT_KEY, SUPPRESSION, ScopeStopRow, SuppressionRow,
};
use jooper_storage::{Batch, LogCursor, Scan, Storage, StorageExt};
use uuid::Uuid;

use crate::support::{World, address, start};

async fn two() -> (World, LeadId, LeadId) {
    let world = World::new();
    world
        .import(
            "email,basis,basis_source,basis_date,basis_proof,basis_notice\n\
             ada@a.example,consent,booth,2026-03-01,card 7,v2\n\
             eve@b.example,consent,booth,2026-03-01,card 8,v2\n",
        )
        .await;
    let (ada, eve) = (
        found(&world, "ada@a.example").await,
        found(&world, "eve@b.example").await,
    );
    (world, ada.unwrap(), eve.unwrap())
}

async fn found(world: &World, email: &str) -> Option<LeadId> {
    let found = world.leads.find_by_email(world.ws, &address(email)).await;
    found.unwrap()
}

async fn enroll(world: &World, lead: LeadId, state: EnrollmentState) {
    let row = EnrollmentRow {
        id: EnrollmentId::from_uuid(Uuid::from_u128(0xE)),
        campaign: CampaignId::from_uuid(Uuid::from_u128(0xC)),
        lead,
        mailbox: MailboxId::from_uuid(Uuid::from_u128(0xB)),
        sequence_version: 1,
        state,
        step: StepIndex(0),
        sent: 0,
        due_at: None,
        wait: None,
        finish: None,
        thread: None,
        last_sent_at: None,
        memory: None,
        created_at: start(),
        settled: None,
    };
    world
        .store
        .commit(Batch::new(world.ws).put(&row))
        .await
        .unwrap();
}

async fn set_state(world: &World, lead: LeadId, state: LeadState) {
    let key = vec![jooper_storage::Column::to_value(&lead)];
    let row = world.store.find::<LeadRow>(world.ws, key).await.unwrap();
    let row = LeadRow {
        state,
        ..row.unwrap().record
    };
    let batch = Batch::new(world.ws).put(&row);
    world.store.commit(batch).await.unwrap();
}

async fn listed(world: &World, email: &str) -> Vec<StopReason> {
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let forms = vault.variant_indexes(&address(email));
    let rows = world
        .store
        .collect::<SuppressionRow>(world.ws, Scan::table(&SUPPRESSION))
        .await
        .unwrap();
    let rows = rows.into_iter().map(|row| row.record);
    let theirs = rows.filter(|row| forms.contains(&row.index));
    theirs.map(|row| row.reason).collect()
}

/// Whose data the log says was erased.
async fn erased(world: &World) -> Vec<LeadId> {
    let log = world.store.read_log(world.ws, LogCursor::start()).await;
    let entries = log.unwrap().records.into_iter().map(|record| record.entry);
    let erased = entries.filter(|entry| entry.kind == EventKind::Erased);
    erased.filter_map(|entry| entry.lead).collect()
}

/// Whoever checks the audit chain is told why the words of a lead are not there.
#[tokio::test]
async fn the_log_says_that_a_lead_was_deleted_or_merged_into_another() {
    let (world, ada, _) = two().await;
    for _ in 0..2 {
        world.leads.delete(world.ws, ada).await.unwrap();
        assert_eq!(erased(&world).await, [ada]);
    }
    let (world, ada, eve) = two().await;
    for _ in 0..2 {
        let merged = world.leads.merge(world.ws, &world.stops, ada, eve).await;
        merged.unwrap();
        assert_eq!(erased(&world).await, [eve]);
    }
}

#[tokio::test]
async fn a_deleted_lead_leaves_nothing_but_its_entry_on_the_list() {
    let (world, ada, eve) = two().await;
    world
        .stop_person("ada@a.example", StopReason::Objected)
        .await;
    world.leads.delete(world.ws, ada).await.unwrap();
    assert_eq!(found(&world, "ada@a.example").await, None);
    assert_eq!(world.emails().await, ["eve@b.example"]);
    for table in [&LEAD, &LEAD_ADDRESS, &BASIS] {
        assert_eq!(world.rows(table).await.len(), 1, "{}: eve's", table.name);
    }
    let keys = world.rows(&SUBJECT_KEY).await.len();
    assert_eq!(listed(&world, "ada@a.example").await.len(), 1);
    // Deleted is deleted, however often; and who objected is not stored again.
    world.leads.delete(world.ws, ada).await.unwrap();
    let again = world.import("email\nada@a.example\n").await;
    assert_eq!((again.imported, again.blocked), (0, 1));
    world.leads.delete(world.ws, eve).await.unwrap();
    assert_eq!(world.rows(&SUBJECT_KEY).await.len(), keys - 1, "eve's key");
    // Whoever objected to nothing may come back.
    let again = world.import("email\neve@b.example\n").await;
    assert_eq!((again.imported, again.blocked), (1, 0));
}

/// What campaigns wrote to somebody stays known under each of their addresses.
#[tokio::test]
async fn a_deleted_lead_leaves_when_and_how_often_it_was_written_to() {
    let (world, ada, eve) = two().await;
    let merged = world.leads.merge(world.ws, &world.stops, ada, eve).await;
    merged.unwrap();
    let campaign = |n| CampaignId::from_uuid(Uuid::from_u128(n));
    let mailed = async |n: u128, campaign, lead, sent, day: i64| {
        let (id, mailbox) = (Uuid::from_u128(n), Uuid::from_u128(0xB));
        let row = EnrollmentRow {
            state: EnrollmentState::Finished,
            sent,
            last_sent_at: (day > 0).then(|| start() + SignedDuration::from_hours(24 * day)),
            ..EnrollmentRow::fresh(
                EnrollmentId::from_uuid(id),
                campaign,
                lead,
                MailboxId::from_uuid(mailbox),
                1,
                start(),
            )
        };
        let batch = Batch::new(world.ws).put(&row);
        world.store.commit(batch).await.unwrap();
    };
    mailed(1, campaign(1), ada, 3, 5).await;
    mailed(2, campaign(1), ada, 1, 9).await;
    // One that nobody knows to have gone, and one that never wrote.
    mailed(3, campaign(2), ada, 0, 7).await;
    mailed(4, campaign(3), ada, 0, 0).await;
    let known = async |email: &str| {
        let vault = world.vault.workspace(world.ws).await.unwrap();
        let key = vec![jooper_storage::Column::to_value(
            &vault.contact_index(&address(email)),
        )];
        let found = world.store.find::<ContactFenceRow>(world.ws, key).await;
        let earlier = found
            .unwrap()
            .map(|row| row.record.earlier_mails().unwrap());
        let earlier = earlier.unwrap_or_default().into_iter();
        let days = |at: Timestamp| at.duration_since(start()).as_hours() / 24;
        let told = earlier.map(|one| (one.campaign, one.mails, days(one.last_at)));
        told.collect::<Vec<_>>()
    };
    let had = vec![(campaign(1), 4, 9), (campaign(2), 1, 7)];
    for _ in 0..2 {
        // Deleted is deleted, however often.
        world.leads.delete(world.ws, ada).await.unwrap();
        for email in ["ada@a.example", "eve@b.example"] {
            assert_eq!(known(email).await, had, "{email}");
        }
    }
    assert_eq!(known("bob@c.example").await, []);
    // Whoever comes back and goes again adds to it.
    world.import("email\nada@a.example\n").await;
    let back = found(&world, "ada@a.example").await.unwrap();
    mailed(5, campaign(2), back, 2, 20).await;
    world.leads.delete(world.ws, back).await.unwrap();
    let more = [(campaign(2), 3, 20), (campaign(1), 4, 9)];
    assert_eq!(known("ada@a.example").await, more);
    assert_eq!(known("eve@b.example").await, had);
}

/// Of somebody who was erased under another lead nothing more is kept than that they are on the list.
#[tokio::test]
async fn a_deleted_lead_of_an_erased_person_leaves_no_memory_of_its_mails() {
    for (reason, kept) in [(StopReason::Erased, 0), (StopReason::Bounced, 1)] {
        let (world, ada, _) = two().await;
        enroll(&world, ada, EnrollmentState::Finished).await;
        let rows = world
            .store
            .collect::<EnrollmentRow>(world.ws, Scan::table(&ENROLLMENT))
            .await
            .unwrap();
        let row = EnrollmentRow {
            sent: 2,
            last_sent_at: Some(start()),
            ..rows[0].record.clone()
        };
        let batch = Batch::new(world.ws).put(&row);
        world.store.commit(batch).await.unwrap();
        world.stop_person("ada@a.example", reason).await;
        world.leads.delete(world.ws, ada).await.unwrap();
        let fences = world
            .store
            .collect::<ContactFenceRow>(world.ws, Scan::table(&CONTACT_FENCE))
            .await
            .unwrap();
        let remembered = fences.iter().filter(|row| row.record.earlier.is_some());
        assert_eq!(remembered.count(), kept, "{reason:?}");
        assert_eq!(world.rows(&COUNTER).await.len(), kept, "{reason:?}");
        let listed = listed(&world, "ada@a.example").await;
        assert!(listed.contains(&reason), "{listed:?}");
    }
}

#[tokio::test]
async fn a_lead_that_is_restricted_or_written_to_is_not_deleted() {
    let (world, ada, eve) = two().await;
    for state in [LeadState::Restricted, LeadState::Held] {
        set_state(&world, ada, state).await;
        let refused = world.leads.delete(world.ws, ada).await;
        assert!(matches!(refused, Err(LeadsError::Restricted { lead }) if lead == ada));
        let refused = world.leads.merge(world.ws, &world.stops, eve, ada).await;
        assert!(matches!(refused, Err(LeadsError::Restricted { .. })));
        let refused = world.leads.merge(world.ws, &world.stops, ada, eve).await;
        assert!(matches!(refused, Err(LeadsError::Restricted { .. })));
    }
    for state in [
        EnrollmentState::Active,
        EnrollmentState::Paused,
        EnrollmentState::Parked,
    ] {
        enroll(&world, eve, state).await;
        let refused = world.leads.delete(world.ws, eve).await;
        assert!(matches!(refused, Err(LeadsError::Enrolled { lead }) if lead == eve));
    }
    enroll(&world, eve, EnrollmentState::Finished).await;
    set_state(&world, ada, LeadState::Active).await;
    let refused = world.leads.merge(world.ws, &world.stops, ada, eve).await;
    assert!(
        matches!(refused, Err(LeadsError::Enrolled { .. })),
        "history"
    );
    world.leads.delete(world.ws, eve).await.unwrap();
    let none = world.leads.merge(world.ws, &world.stops, eve, ada).await;
    assert!(matches!(none, Err(LeadsError::NoLead { lead }) if lead == eve));
    assert_eq!(world.emails().await, ["ada@a.example"]);
}

#[tokio::test]
async fn one_lead_is_made_of_two_and_keeps_both_addresses() {
    let (world, ada, eve) = two().await;
    for _ in 0..2 {
        let merged = world.leads.merge(world.ws, &world.stops, ada, eve).await;
        merged.unwrap();
        for email in ["ada@a.example", "eve@b.example"] {
            assert_eq!(found(&world, email).await, Some(ada), "{email}");
            assert!(listed(&world, email).await.is_empty(), "{email}");
        }
        assert_eq!(world.emails().await, ["ada@a.example"]);
        // A consent that eve@ gave is none for ada@.
        assert_eq!(world.rows(&BASIS).await.len(), 1);
    }
    let again = world.import("email\neve@b.example\n").await;
    assert_eq!((again.imported, again.duplicates), (0, 1));
    // Both addresses open under the key that is left, and go with it.
    world.leads.delete(world.ws, ada).await.unwrap();
    assert!(world.rows(&LEAD_ADDRESS).await.is_empty());
}

/// Whoever objects in a mail to one address is not written to at the other either, whatever becomes
/// of the lead (law L5).
#[tokio::test]
async fn an_objection_behind_a_merge_holds_for_both_addresses() {
    let both = ["ada@a.example", "eve@b.example"];
    for (reason, holds) in [
        (StopReason::Unsubscribed, true),
        (StopReason::Bounced, false),
    ] {
        let (world, ada, eve) = two().await;
        let merged = world.leads.merge(world.ws, &world.stops, ada, eve).await;
        merged.unwrap();
        let vault = world.vault.workspace(world.ws).await.unwrap();
        let written = crate::support::address(both[0]);
        let scope = jooper_consent::StopScope::Person {
            contact_index: vault.contact_index(&written),
            variants: vault.variant_indexes(&written),
            lead: Some(ada),
        };
        let stop = world
            .stops
            .stop_person(world.ws, scope, reason, StopSource::Person);
        stop.await.unwrap();
        assert_eq!(listed(&world, both[0]).await, [reason]);
        assert_eq!(listed(&world, both[1]).await.is_empty(), !holds);
        world.leads.delete(world.ws, ada).await.unwrap();
        let again = world.import("email\neve@b.example\n").await;
        assert_eq!(
            (again.blocked, again.imported),
            (u64::from(holds), u64::from(!holds))
        );
    }
}

#[tokio::test]
async fn what_the_person_said_under_one_address_holds_for_both() {
    for (said_as, other) in [
        ("ada@a.example", "eve@b.example"),
        ("eve@b.example", "ada@a.example"),
    ] {
        for reason in [StopReason::Objected, StopReason::Complained] {
            let (world, ada, eve) = two().await;
            world.stop_person(said_as, reason).await;
            let merged = world.leads.merge(world.ws, &world.stops, ada, eve).await;
            merged.unwrap();
            for email in [said_as, other] {
                assert_eq!(listed(&world, email).await, [reason], "{email}");
            }
        }
        // That one address is dead says nothing of the other.
        let (world, ada, eve) = two().await;
        world.stop_person(said_as, StopReason::Bounced).await;
        let merged = world.leads.merge(world.ws, &world.stops, ada, eve).await;
        merged.unwrap();
        assert_eq!(listed(&world, said_as).await, [StopReason::Bounced]);
        assert!(listed(&world, other).await.is_empty());
    }
    // Nor does it matter who keeps the list: the platform's holds for the person as well.
    for everywhere in ["ada@a.example", "eve@b.example"] {
        let (world, ada, eve) = two().await;
        let platform = world.vault.platform().await.unwrap();
        let variants = platform.variant_indexes(&crate::support::address(everywhere));
        let act = jooper_consent::PersonalAct {
            proof: jooper_core::ActProof::PreferencePage {
                mail: jooper_core::SendKey::Service {
                    request: jooper_core::RequestId::from_uuid(uuid::Uuid::from_u128(1)),
                    kind: 0,
                },
            },
            at: crate::support::start(),
        };
        let stops = &world.stops;
        let stop = stops.do_not_contact(&variants, StopReason::Objected, act);
        stop.await.unwrap();
        let merged = world.leads.merge(world.ws, &world.stops, ada, eve).await;
        merged.unwrap();
        for email in ["ada@a.example", "eve@b.example"] {
            let said = listed(&world, email).await;
            assert_eq!(said, [StopReason::Listed], "{email}");
        }
    }
    // A standing stop of the lead that goes is one of the lead that stays.
    let (world, ada, eve) = two().await;
    let scope = jooper_consent::StopScope::Lead(eve);
    let stop = world
        .stops
        .stop(world.ws, scope, StopReason::Paused, StopSource::User);
    stop.await.unwrap();
    let merged = world.leads.merge(world.ws, &world.stops, ada, eve).await;
    merged.unwrap();
    let stops = world
        .store
        .collect::<ScopeStopRow>(world.ws, Scan::table(&SCOPE_STOP));
    let ids: Vec<_> = stops
        .await
        .unwrap()
        .iter()
        .map(|row| row.record.id)
        .collect();
    assert!(ids.contains(&ada.uuid()), "{ids:?}");
}
