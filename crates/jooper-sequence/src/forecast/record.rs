//! What a forecast's lanes tell while they run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jooper_core::{
    CampaignId, EnrollmentId, EnrollmentState, FinishReason, LeadId, SendKey, SkipReason, StepIndex,
};
use jooper_storage::tables::EnrollmentRow;
use jooper_transport::MailboxRef;

use super::seen::figure;
use super::{ForecastMail, ForecastSkip, Tasked};

/// Collects the mails and endings of one campaign. Instead of records that nobody would read.
#[derive(Debug)]
pub(crate) struct Recorder {
    campaign: CampaignId,
    state: Mutex<Recorded>,
}

/// A mail between its composition and its acceptance.
#[derive(Debug)]
struct Written {
    lead: LeadId,
    enrollment: EnrollmentId,
    /// As people count it, from 1.
    place: u16,
    variant: u8,
    due_at: Option<Timestamp>,
    subject: Arc<str>,
}

#[derive(Debug, Default)]
pub(super) struct Recorded {
    written: BTreeMap<SendKey, Written>,
    pub(super) mails: Vec<ForecastMail>,
    /// What the ledger calls each of them.
    pub(super) numbers: Vec<StepIndex>,
    pub(super) ended: Vec<ForecastSkip>,
    /// Mails that lie on another way than the one that was taken.
    pub(super) branched: Vec<ForecastSkip>,
    pub(super) completed: usize,
    /// Tasks that were asked for, each with the place of the mail that comes behind it.
    pub(super) asked: Vec<(Tasked, u16)>,
    /// How many the lanes enrolled.
    pub(super) enrolled: usize,
    /// What was told last about those that have not ended.
    pub(super) told: BTreeMap<EnrollmentId, (LeadId, u16, Arc<str>)>,
    /// When the next step of each is due.
    plans: BTreeMap<EnrollmentId, (u16, Timestamp)>,
    /// How often the gate did not let a mail go since one went.
    pub(super) refused: usize,
    /// How often it did not let any mail of the campaign go, since one went.
    pub(super) held: usize,
    /// The same words are kept once, by their figures; of others that have the same figure, the first.
    words: BTreeMap<u64, Arc<str>>,
}

impl Recorded {
    fn word(&mut self, text: &str) -> Arc<str> {
        let known = self.words.entry(figure(text.bytes()));
        let known = known.or_insert_with(|| text.into());
        match &**known == text {
            true => Arc::clone(known),
            false => text.into(),
        }
    }
}

impl Recorder {
    pub(super) fn new(campaign: CampaignId) -> Self {
        Self {
            campaign,
            state: Mutex::default(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lead was enrolled, and its first step was given its time.
    pub(crate) fn enrolled(&self, next: &EnrollmentRow) {
        if next.campaign == self.campaign {
            self.lock().enrolled += 1;
            self.planned(next);
        }
    }

    /// The next step of an enrollment was given its time.
    pub(crate) fn planned(&self, next: &EnrollmentRow) {
        if next.campaign != self.campaign {
            return;
        }
        let plans = &mut self.lock().plans;
        match next.due_at {
            Some(due_at) => plans.insert(next.id, (next.step.0, due_at)),
            None => plans.remove(&next.id),
        };
    }

    /// A mail was composed; whether it goes is for the gate to say.
    pub(crate) fn written(
        &self,
        key: SendKey,
        row: &EnrollmentRow,
        place: u16,
        variant: u8,
        subject: &str,
    ) {
        if row.campaign != self.campaign {
            return;
        }
        let mut state = self.lock();
        let subject = state.word(subject);
        let plan = state.plans.get(&row.id);
        let plan = plan.filter(|(step, _)| *step == row.step.0);
        let due_at = plan.map(|(_, due_at)| *due_at);
        let written = Written {
            lead: row.lead,
            enrollment: row.id,
            place,
            variant,
            due_at,
            subject,
        };
        state.written.insert(key, written);
    }

    /// The gate did not let a mail go.
    pub(crate) fn refused(&self, key: &SendKey) {
        let mut state = self.lock();
        state.written.remove(key);
        state.refused += 1;
    }

    /// The gate lets no mail of the campaign go for now.
    pub(crate) fn held(&self) {
        self.lock().held += 1;
    }

    /// Mails at these places lie on another way than the one that was taken.
    pub(crate) fn branched(&self, next: &EnrollmentRow, at: Timestamp, mails: Vec<u16>) {
        if next.campaign != self.campaign {
            return;
        }
        let mut state = self.lock();
        let reason = state.word(SkipReason::Branch.name());
        let why = state.word("The sequence goes another way for them, so this mail is not sent.");
        let skips = mails.into_iter().map(|step| ForecastSkip {
            lead: next.lead,
            step,
            at: Some(at),
            reason: Arc::clone(&reason),
            why: Arc::clone(&why),
        });
        state.branched.extend(skips);
    }

    /// Somebody is asked to do a task. The mail at this place comes behind it.
    pub(crate) fn asked(&self, next: &EnrollmentRow, node: u16, place: u16, at: Timestamp) {
        if next.campaign == self.campaign {
            let task = Tasked {
                lead: next.lead,
                enrollment: next.id,
                node,
                at,
            };
            self.lock().asked.push((task, place));
        }
    }

    /// A mail went.
    pub(super) fn went(&self, key: &SendKey, mailbox: MailboxRef, at: Timestamp) {
        let mut state = self.lock();
        state.refused = 0;
        state.held = 0;
        let Some(written) = state.written.remove(key) else {
            return;
        };
        let late = written
            .due_at
            .map_or(0, |due| at.duration_since(due).as_secs());
        if let SendKey::Step { step, .. } = key {
            state.numbers.push(*step);
        }
        state.mails.push(ForecastMail {
            lead: written.lead,
            enrollment: written.enrollment,
            step: written.place,
            variant: written.variant,
            mailbox: mailbox.mailbox,
            at,
            late_seconds: late.max(0),
            subject: written.subject,
        });
    }

    /// Something was decided that a person would ask about. The mail at this place comes next.
    pub(crate) fn decided(&self, next: &EnrollmentRow, place: u16, at: Timestamp, summary: &str) {
        if next.campaign != self.campaign {
            return;
        }
        let mut state = self.lock();
        let why = state.word(summary);
        if next.state != EnrollmentState::Finished {
            state.told.insert(next.id, (next.lead, place, why));
            return;
        }
        state.told.remove(&next.id);
        if next.finish == Some(FinishReason::Completed) {
            state.completed += 1;
            return;
        }
        let reason = next.finish.map_or("ended", FinishReason::name);
        let reason = state.word(reason);
        state.ended.push(ForecastSkip {
            lead: next.lead,
            step: place,
            at: Some(at),
            reason,
            why,
        });
    }
}
