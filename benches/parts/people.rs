//! People who consented, their enrollments, and a long list of others who want no mail.

use std::path::Path;

use jiff::Timestamp;
use jooper::consent::{CapFacts, OwnDomains, Proof, Recipient, SendIntent, TransportPolicy};
use jooper_core::{
    BasisKind, CampaignId, EmailAddress, EnrollmentId, EnrollmentState, KeyedIndex, LeadId,
    LeadState, MailboxId, Purpose, Sealed, SendKey, SendKind, SendState, StepIndex, StopReason,
    StopSource, WorkspaceState, from_millis,
};
use jooper_storage::tables::{
    BasisRow, COUNTER, CounterRow, EnrollmentRow, LaneRow, LeadAddressRow, LeadRow, SendRow,
    SuppressionRow, WorkspaceRow,
};
use jooper_storage::{Batch, Check, Column, ColumnOp, Key, Record, Scope, Write};
use uuid::Uuid;

use crate::floor::Floor;
use crate::rows::workspace;

/// The present, by the wall clock.
pub(crate) const NOW: i64 = 1_795_000_000_000;
const FENCE: i64 = 7;

fn id(kind: u128, n: u64) -> Uuid {
    // Spread, as random ids are.
    let spread = u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    Uuid::from_u128(spread << 64 | kind << 48 | u128::from(n))
}

fn index(kind: u64, n: u64) -> KeyedIndex {
    let mut bytes = [0; 32];
    let mut seed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ kind.wrapping_mul(0xd6e8_feb8_6659_fd93);
    for part in bytes.chunks_mut(8) {
        seed ^= seed >> 29;
        seed = seed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        seed ^= seed >> 32;
        part.copy_from_slice(&seed.to_be_bytes());
    }
    KeyedIndex::from_bytes(bytes)
}

fn mailbox() -> MailboxId {
    MailboxId::from_uuid(id(1, 1))
}

fn campaign() -> CampaignId {
    CampaignId::from_uuid(id(2, 1))
}

fn lead(n: u64) -> LeadId {
    LeadId::from_uuid(id(3, n))
}

fn enrollment(n: u64) -> EnrollmentId {
    EnrollmentId::from_uuid(id(4, n))
}

fn key(n: u64) -> SendKey {
    SendKey::Step {
        enrollment: enrollment(n),
        step: StepIndex(0),
    }
}

fn now() -> Timestamp {
    from_millis(NOW)
}

/// What is known of a mail to the `n`th person.
pub(crate) fn intent(n: u64) -> SendIntent {
    let address = EmailAddress::parse(&format!("jane.doe{n}@firm{}.example", n % 97)).unwrap();
    SendIntent {
        key: key(n),
        recipient: Recipient {
            lead: Some(lead(n)),
            company: None,
            country: None,
            email_index: index(1, n),
            contact_index: index(2, n),
            domain_index: index(3, n % 97),
            parent_domains: Vec::new(),
            variants: vec![index(1, n), index(2, n)],
            platform_variants: vec![index(4, n), index(5, n)],
            address,
            role_address: false,
        },
        mailbox: mailbox(),
        campaign: Some(campaign()),
        enrollment: Some(enrollment(n)),
        identity_complete: true,
        transport: TransportPolicy::named("gmail"),
        proof: Proof::None,
        caps: CapFacts {
            first_contact: true,
            ..CapFacts::default()
        },
        // As the engine does, which has looked at every mail.
        content: Some(Vec::new()),
        own_domains: OwnDomains::default(),
    }
}

/// The engine's own part: fence, enrollment, ledger row, the day's count.
pub(crate) fn reserve(n: u64) -> Batch {
    let send = SendRow {
        key: key(n),
        kind: SendKind::Step,
        state: SendState::Reserved,
        enrollment: Some(enrollment(n)),
        step: Some(StepIndex(0)),
        campaign: Some(campaign()),
        lead: Some(lead(n)),
        mailbox: mailbox(),
        variant: 0,
        attempt: 1,
        fence: FENCE,
        permit: None,
        evidence_base: None,
        planned_at: now(),
        posting_at: None,
        posted_at: None,
        settled_at: None,
        not_sent: None,
        skip: None,
        provider_id: None,
        provider_thread: None,
        message_index: None,
        email_index: Some(index(1, n)),
        domain_index: Some(index(3, n % 97)),
        released: 0,
        released_by: None,
        searched: None,
        searched_at: None,
    };
    let counter = CounterRow {
        key: b"day of the mailbox 2026-11-23".to_vec(),
        count: 1,
        expires_at: NOW + 7 * 86_400_000,
    };
    let day = Key::new(&COUNTER, vec![counter.key.to_value()]);
    let grow = vec![("count", ColumnOp::Add(1))];
    Batch::new(workspace())
        .fenced(mailbox(), FENCE)
        .insert(&send)
        .check(Check::Version(enrolled(n).key(), 1))
        .write(Write::Upsert(day.clone(), counter.to_values(), grow))
        .check(Check::AtMost(day, "count", 1_000_000))
}

fn enrolled(n: u64) -> EnrollmentRow {
    EnrollmentRow {
        id: enrollment(n),
        campaign: campaign(),
        lead: lead(n),
        mailbox: mailbox(),
        sequence_version: 1,
        state: EnrollmentState::Active,
        step: StepIndex(0),
        sent: 0,
        due_at: Some(now()),
        wait: None,
        finish: None,
        thread: None,
        last_sent_at: None,
        memory: None,
        settled: None,
        created_at: now(),
    }
}

/// Writes everybody into a store's file that is closed.
pub(crate) fn fill(file: &Path, suppressions: u64, people: u64) {
    let mut floor = Floor::open(file);
    let scope = Scope::Workspace(workspace());
    let mut listed: Vec<KeyedIndex> = (0..suppressions).map(|n| index(9, n)).collect();
    listed.sort_unstable();
    floor.fill(
        scope,
        listed.into_iter().map(|index| SuppressionRow {
            index,
            reason: StopReason::Listed,
            source: StopSource::Import,
            since: now(),
            provisional: false,
            renewed_at: None,
            beside: None,
        }),
    );
    let sealed = || vec![5; 280];
    floor.fill(
        scope,
        [WorkspaceRow {
            id: workspace(),
            state: WorkspaceState::Active,
            identity: Some(Sealed::from_envelope(sealed())),
            created_at: now(),
        }],
    );
    floor.fill(
        scope,
        [LaneRow {
            mailbox: mailbox(),
            wake_at: now(),
            lease_until: now(),
            fence: FENCE,
            next_slot: now(),
            high_water: now(),
            recent: None,
        }],
    );
    // The first sample of the campaign is behind it.
    let mut sample = b"consent.sample.".to_vec();
    sample.extend_from_slice(campaign().uuid().as_bytes());
    floor.fill(
        scope,
        [CounterRow {
            key: sample,
            count: i64::MIN / 2,
            expires_at: i64::MAX,
        }],
    );
    floor.fill(
        scope,
        (0..people).map(|n| LeadRow {
            id: lead(n),
            state: LeadState::Active,
            country: Some("DE".parse().unwrap()),
            zone: None,
            company: None,
            contact_index: index(2, n),
            domain_index: index(3, n % 97),
            created_at: now(),
            profile: Sealed::from_envelope(sealed()),
        }),
    );
    floor.fill(
        scope,
        (0..people).map(|n| LeadAddressRow {
            email_index: index(1, n),
            lead: lead(n),
            contact_index: index(2, n),
            domain_index: index(3, n % 97),
            address: Sealed::from_envelope(vec![5; 80]),
        }),
    );
    floor.fill(
        scope,
        (0..people).map(|n| BasisRow {
            lead: lead(n),
            purpose: Purpose::Outreach,
            kind: BasisKind::Consent,
            country: Some("DE".parse().unwrap()),
            obtained_at: from_millis(NOW - 30 * 86_400_000),
            expires_at: None,
            withdrawn_at: None,
            stated: None,
            evidence: Sealed::from_envelope(sealed()),
        }),
    );
    floor.fill(scope, (0..people).map(enrolled));
}
