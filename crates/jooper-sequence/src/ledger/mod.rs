//! The send ledger: one row a send, for ever; intent before effect.
//!
//! ```text
//! (no row) ──reserve──> Reserved ──posting──> Posting ──settle──> Sent | NotSent | Unknown
//!     ^                    │ dead fence           │ dead fence         │ evidence      │ person
//!     └── NotSent may ─────┘ back to Planned      └──> Unknown         Sent        Abandoned
//!         be reserved again                                            NotSent  or released once
//! ```
//!
//! What was refused for good is planned once more when a person goes on with the lead, or when the mail
//! was written anew: nothing of it was accepted.
//!
//! Pure: every function takes a row and returns a row with the batch parts that write it.

use jiff::Timestamp;
use jooper_consent::Note;
use jooper_core::{
    Dimensions, EventKind, KeyedIndex, LeadId, NotSentReason, SearchResult, SendState, SkipReason,
    StepIndex, UserId,
};
use jooper_storage::tables::{EnrollmentRow, SendRow, ThreadRow};
use jooper_storage::{Batch, LogEntry, Versioned};
use jooper_transport::Receipt;

/// The recipient of a send, as the ledger may know it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct To {
    pub(crate) lead: LeadId,
    pub(crate) email_index: KeyedIndex,
    pub(crate) domain_index: KeyedIndex,
}

/// The row of a step that has none yet.
pub(crate) fn planned_step(
    enrollment: &EnrollmentRow,
    step: StepIndex,
    variant: u8,
    now: Timestamp,
) -> SendRow {
    let key = jooper_core::SendKey::Step {
        enrollment: enrollment.id,
        step,
    };
    SendRow {
        enrollment: Some(enrollment.id),
        step: Some(step),
        campaign: Some(enrollment.campaign),
        variant,
        ..planned(key, enrollment.lead, enrollment.mailbox, now)
    }
}

/// The row of an answer that a person wrote. It belongs to no campaign: numbers of campaigns count
/// steps only.
pub(crate) fn planned_reply(
    thread: &ThreadRow,
    key: jooper_core::SendKey,
    now: Timestamp,
) -> SendRow {
    planned(key, thread.lead, thread.mailbox, now)
}

fn planned(
    key: jooper_core::SendKey,
    lead: LeadId,
    mailbox: jooper_core::MailboxId,
    now: Timestamp,
) -> SendRow {
    SendRow {
        kind: key.kind(),
        key,
        state: SendState::Planned,
        enrollment: None,
        step: None,
        campaign: None,
        lead: Some(lead),
        mailbox,
        variant: 0,
        attempt: 0,
        fence: 0,
        permit: None,
        evidence_base: None,
        planned_at: now,
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
    }
}

/// The row of a test or a service mail that has none yet.
pub(crate) const fn planned_service(
    key: jooper_core::SendKey,
    mailbox: jooper_core::MailboxId,
    now: Timestamp,
) -> SendRow {
    SendRow {
        kind: key.kind(),
        key,
        state: SendState::Planned,
        enrollment: None,
        step: None,
        campaign: None,
        lead: None,
        mailbox,
        variant: 0,
        attempt: 0,
        fence: 0,
        permit: None,
        evidence_base: None,
        planned_at: now,
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
    }
}

/// Intent of a test: like [`reserved`], to nobody but the user.
pub(crate) fn reserved_test(
    mut row: SendRow,
    fence: i64,
    email_index: KeyedIndex,
    domain_index: KeyedIndex,
) -> SendRow {
    row.state = SendState::Reserved;
    row.fence = fence;
    row.attempt += 1;
    row.evidence_base = None;
    row.posting_at = None;
    row.posted_at = None;
    row.settled_at = None;
    row.not_sent = None;
    row.email_index = Some(email_index);
    row.domain_index = Some(domain_index);
    row
}

/// The row of a send of which this ledger knows nothing but its key, from where, and to whom.
pub(crate) fn foreign(
    key: jooper_core::SendKey,
    mailbox: jooper_core::MailboxId,
    at: Timestamp,
    to: Option<(KeyedIndex, KeyedIndex)>,
) -> SendRow {
    let (enrollment, step) = match key {
        jooper_core::SendKey::Step { enrollment, step } => (Some(enrollment), Some(step)),
        _ => (None, None),
    };
    SendRow {
        enrollment,
        step,
        email_index: to.map(|(email, _)| email),
        domain_index: to.map(|(_, domain)| domain),
        ..planned_service(key, mailbox, at)
    }
}

/// The provider's thread for the next attempt: none where the one before was refused for its sake.
/// Its headers still say which mails it follows.
pub(crate) fn thread_for(
    before: Option<&Versioned<SendRow>>,
    thread: Option<String>,
) -> Option<String> {
    let refused = before.and_then(|row| row.record.not_sent);
    thread.filter(|_| refused != Some(NotSentReason::ThreadGone))
}

/// Whether this row may be reserved: nothing is out, and nothing ever went.
pub(crate) const fn may_reserve(row: &SendRow) -> bool {
    match row.state {
        SendState::Planned => true,
        SendState::NotSent => !matches!(row.not_sent, Some(reason) if reason.is_final()),
        _ => false,
    }
}

/// A row that was refused for good, for one more try: planned, as nothing of it was accepted. None for
/// any other, above all for one that may have been.
pub(crate) fn once_more(row: &SendRow, by: Option<UserId>) -> Option<SendRow> {
    let refused = row.state == SendState::NotSent && !may_reserve(row);
    refused.then(|| SendRow {
        state: SendState::Planned,
        not_sent: None,
        settled_at: None,
        released_by: by,
        ..row.clone()
    })
}

/// Intent: the row under this fence, one try further.
pub(crate) fn reserved(mut row: SendRow, fence: i64, to: To) -> SendRow {
    row.state = SendState::Reserved;
    row.fence = fence;
    row.attempt += 1;
    if row.released == 0 {
        row.evidence_base = None;
    }
    row.posting_at = None;
    row.posted_at = None;
    row.settled_at = None;
    row.not_sent = None;
    row.lead = Some(to.lead);
    row.email_index = Some(to.email_index);
    row.domain_index = Some(to.domain_index);
    row
}

/// The second commit, immediately before the POST.
///
/// `store` is the store's clock, read before the permit's end was looked at. What was released keeps the
/// base of its first try: nobody knows yet whether that one was accepted.
pub(crate) fn posting(
    mut row: SendRow,
    evidence_base: Option<String>,
    now: Timestamp,
    store: Timestamp,
) -> SendRow {
    row.state = SendState::Posting;
    let first = row.evidence_base.take().filter(|_| row.released > 0);
    row.evidence_base = first.or(evidence_base);
    row.posting_at = Some(now);
    row.posted_at = Some(store);
    row
}

/// Accepted. Evidence: written whatever the fence is now.
pub(crate) fn sent(
    mut row: SendRow,
    receipt: &Receipt,
    message_index: Option<KeyedIndex>,
    now: Timestamp,
) -> SendRow {
    row.state = SendState::Sent;
    row.settled_at = Some(receipt.at.unwrap_or(now));
    row.provider_id = Some(receipt.provider_id.clone());
    row.provider_thread = Some(receipt.thread.clone());
    row.message_index = message_index.or(row.message_index);
    row.not_sent = None;
    row
}

/// Certainly not accepted.
pub(crate) fn not_sent(mut row: SendRow, reason: NotSentReason, now: Timestamp) -> SendRow {
    row.state = SendState::NotSent;
    row.settled_at = Some(now);
    row.not_sent = Some(reason);
    row
}

/// This try was certainly not accepted.
///
/// Where a person released the send and there will be no other try, it is as unknown as before: of
/// the first one nobody knows to this day.
pub(crate) fn refused(row: SendRow, reason: NotSentReason, now: Timestamp) -> SendRow {
    let next = not_sent(row.clone(), reason, now);
    if next.released > 0 && !may_reserve(&next) {
        return unknown(row);
    }
    next
}

/// Nobody knows, and nobody has looked yet.
pub(crate) fn unknown(mut row: SendRow) -> SendRow {
    row.state = SendState::Unknown;
    row.searched = None;
    row.searched_at = None;
    row
}

/// It was looked for, and is as unknown as before. A look that failed takes nothing from what an
/// earlier one found out.
pub(crate) fn searched(mut row: SendRow, result: SearchResult, now: Timestamp) -> SendRow {
    let known = row
        .searched
        .is_some_and(|known| known != SearchResult::Failed);
    if known && result == SearchResult::Failed {
        return row;
    }
    row.searched = Some(result);
    row.searched_at = Some(now);
    row
}

/// Why a send is open again, in a fact of [`EventKind::Released`]: its try was refused after all, which
/// became known when it was taken for unknown.
pub(crate) const NOT_ACCEPTED: i64 = 2;

/// What a row under a dead fence becomes: nobody can reach Posting with it any more.
pub(crate) fn recovered(row: &SendRow, live_fence: i64) -> Option<SendRow> {
    if row.fence >= live_fence {
        return None;
    }
    let mut next = row.clone();
    match row.state {
        SendState::Reserved => {
            next.state = SendState::Planned;
            next.attempt = next.attempt.saturating_sub(1);
        }
        SendState::Posting => next = unknown(next),
        _ => return None,
    }
    Some(next)
}

/// The row of a step that is never sent.
pub(crate) fn skipped(mut row: SendRow, reason: SkipReason, now: Timestamp) -> SendRow {
    row.state = SendState::Skipped;
    row.skip = Some(reason);
    row.settled_at = Some(now);
    row
}

/// The row of a step that is not tried any more.
///
/// A try that a person released was unknown before: the one that was to follow it is skipped, and
/// of the first nobody knows to this day, so that the step counts as given up.
pub(crate) fn ended(row: SendRow, reason: SkipReason, now: Timestamp) -> (SendRow, LogEntry) {
    if row.released == 0 {
        let row = skipped(row, reason, now);
        let fact = fact(&row, EventKind::Skipped, now, Some(reason.code()));
        return (row, fact);
    }
    let row = abandoned(row, now);
    let fact = fact(&row, EventKind::Released, now, Some(0));
    (row, fact)
}

/// The row of an unknown send that is given up.
pub(crate) fn abandoned(mut row: SendRow, now: Timestamp) -> SendRow {
    row.state = SendState::Abandoned;
    row.settled_at = Some(now);
    row
}

/// What the numbers of a send are grouped by.
pub(crate) fn dimensions(row: &SendRow) -> Dimensions {
    Dimensions {
        campaign: row.campaign,
        step: row.step,
        variant: row.step.map(|_| row.variant),
        mailbox: Some(row.mailbox),
        domain: row.domain_index,
        reason: None,
    }
}

/// When the mail of a row began to leave: the second commit, right before the POST.
///
/// Facts of a mail carry this time, whenever they became known: it decides whether a mail began
/// before a stop, and it is the same again when a fact is told twice.
pub(crate) fn began_at(row: &SendRow) -> Timestamp {
    row.posting_at.unwrap_or(row.planned_at)
}

/// A fact about a send. One fact of a kind for each try: a redelivered settle repeats it.
pub(crate) fn fact(row: &SendRow, kind: EventKind, at: Timestamp, reason: Option<i64>) -> LogEntry {
    let dimensions = Dimensions {
        reason,
        ..dimensions(row)
    };
    let attempt = row.attempt.to_be_bytes();
    let key = row.key.to_bytes();
    let mut source: Vec<&[u8]> = vec![&key, &attempt];
    // One try may be released and then given up.
    let how = reason.unwrap_or(0).to_be_bytes();
    if kind == EventKind::Released {
        source.push(&how);
    }
    let mut entry = LogEntry::new(kind, at, &source, dimensions);
    if matches!(kind, EventKind::Sent | EventKind::SendUnknown) {
        // Whoever checks the chain finds the permit of a mail by this, also of one without a step.
        let note = Note::Send {
            send_key: row.key,
            began: row.posted_at,
        };
        entry.payload = Some(note.to_payload());
        entry.subject = row.lead.map(Into::into);
    }
    match row.lead {
        Some(lead) => entry.about(lead),
        None => entry,
    }
}

/// Writes a row over what was read, or as the first of its key.
pub(crate) fn write(batch: Batch, row: &SendRow, before: Option<&Versioned<SendRow>>) -> Batch {
    match before {
        Some(before) => batch.update(row, before.version),
        None => batch.insert(row),
    }
}

#[cfg(test)]
mod tests {
    use jooper_core::{CampaignId, EnrollmentId, MailboxId};
    use uuid::Uuid;

    use super::*;

    fn row(state: SendState, fence: i64) -> SendRow {
        let enrollment = EnrollmentRow::fresh(
            EnrollmentId::from_uuid(Uuid::from_u128(1)),
            CampaignId::from_uuid(Uuid::from_u128(2)),
            LeadId::from_uuid(Uuid::from_u128(3)),
            MailboxId::from_uuid(Uuid::from_u128(4)),
            1,
            Timestamp::UNIX_EPOCH,
        );
        let mut row = planned_step(&enrollment, StepIndex(0), 0, Timestamp::UNIX_EPOCH);
        row.state = state;
        row.fence = fence;
        row.attempt = 1;
        row
    }

    #[test]
    fn a_dead_fence_plans_a_reservation_again_and_makes_a_posting_unknown() {
        let reserved = recovered(&row(SendState::Reserved, 1), 2).unwrap();
        assert_eq!((reserved.state, reserved.attempt), (SendState::Planned, 0));
        assert_eq!(
            recovered(&row(SendState::Posting, 1), 2).unwrap().state,
            SendState::Unknown
        );
        assert_eq!(recovered(&row(SendState::Posting, 2), 2), None);
        assert_eq!(recovered(&row(SendState::Sent, 1), 2), None);
    }

    #[test]
    fn a_search_that_failed_takes_nothing_from_what_an_earlier_one_found_out() {
        let (first, later) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let failed = searched(row(SendState::Unknown, 1), SearchResult::Failed, first);
        assert_eq!(failed.searched, Some(SearchResult::Failed));
        let again = searched(failed.clone(), SearchResult::Failed, later);
        assert_eq!(again.searched_at, Some(later));
        let known = searched(failed, SearchResult::Nowhere, first);
        assert_eq!(searched(known.clone(), SearchResult::Failed, later), known);
        let next = searched(known, SearchResult::Incomplete, later);
        assert_eq!(next.searched, Some(SearchResult::Incomplete));
    }

    #[test]
    fn only_what_was_refused_for_good_is_planned_once_more() {
        let refused = not_sent(
            row(SendState::Posting, 1),
            NotSentReason::TooLarge,
            Timestamp::MAX,
        );
        let next = once_more(&refused, None).unwrap();
        assert_eq!((next.state, next.attempt), (SendState::Planned, 1));
        assert!(may_reserve(&next));
        let passing = not_sent(
            row(SendState::Posting, 1),
            NotSentReason::RateLimited,
            Timestamp::MAX,
        );
        assert_eq!(once_more(&passing, None), None, "it goes again by itself");
        for state in [
            SendState::Planned,
            SendState::Reserved,
            SendState::Posting,
            SendState::Sent,
            SendState::Unknown,
            SendState::Abandoned,
            SendState::Skipped,
        ] {
            assert_eq!(once_more(&row(state, 1), None), None, "{state:?}");
        }
    }

    #[test]
    fn only_what_certainly_never_went_is_reserved_again() {
        for (state, may) in [
            (SendState::Planned, true),
            (SendState::NotSent, true),
            (SendState::Reserved, false),
            (SendState::Posting, false),
            (SendState::Sent, false),
            (SendState::Unknown, false),
            (SendState::Abandoned, false),
            (SendState::Skipped, false),
        ] {
            assert_eq!(may_reserve(&row(state, 1)), may, "{state:?}");
        }
    }
}
