//! What the gate's refusal of a step means.

use jooper_consent::{RefusalReason, Verdict};
use jooper_core::{ScopeKind, WaitReason};
use jooper_storage::Versioned;
use jooper_storage::tables::EnrollmentRow;

use super::Lane;
use super::send::{ASK_AGAIN, Done};
use crate::decide::{Event, Memory};
use crate::error::EngineError;
use crate::explain::gate_lines;

impl Lane<'_> {
    /// What the gate's "no" or "not now" means for the lead, and for whoever waits beside it.
    pub(super) async fn refused(
        &mut self,
        found: &Versioned<EnrollmentRow>,
        judgement: &jooper_consent::Judgement,
    ) -> Result<Done, EngineError> {
        if let Some(done) = self.stopped(found, judgement).await? {
            return Ok(done);
        }
        let name = judgement
            .verdict
            .reason()
            .and_then(|reason| serde_json::to_string(reason).ok())
            .unwrap_or_default();
        let why = crate::explain::decisive(judgement);
        let later = self
            .now()
            .saturating_add(ASK_AGAIN)
            .unwrap_or_else(|_| self.now());
        let event = match &judgement.verdict {
            Verdict::Defer { until, .. } => Event::Deferred {
                until: until.unwrap_or(later).max(later),
                reason: name,
                why,
            },
            Verdict::Deny {
                permanent: false, ..
            } => Event::Deferred {
                until: later,
                reason: name,
                why,
            },
            Verdict::Deny { reason, .. } => Event::Refused {
                skip: crate::intent::skipped_as(reason),
                why,
            },
            _ => Event::Deferred {
                until: later,
                reason: name,
                why,
            },
        };
        // Nobody else would get their first mail either: all keep their places.
        let sampled = judgement.verdict.reason() == Some(&RefusalReason::SampleRunning);
        let (event, held_until) = match event {
            Event::Deferred { until, reason, why } if sampled => {
                let event = match Memory::hurries(&found.record) {
                    true => Event::Deferred { until, reason, why },
                    false => Event::Held { reason, why },
                };
                (event, Some(until))
            }
            event => (event, None),
        };
        let lines = gate_lines(&judgement.trace);
        self.happen_told(found.record.id, &event, self.batch(), &lines)
            .await?;
        let Some(until) = held_until else {
            return Ok(Done::Moved);
        };
        if let Some(recorder) = &self.engine.recorder {
            recorder.held();
        }
        Ok(Done::Sampled(until))
    }

    /// What a standing stop that somebody may end means for more than this one mail. A whole
    /// campaign, mailbox or workspace is set aside at its first refusal, and nobody in it is asked
    /// about: a resume wakes the lane, and it looks once an hour in case that was missed.
    async fn stopped(
        &mut self,
        found: &Versioned<EnrollmentRow>,
        judgement: &jooper_consent::Judgement,
    ) -> Result<Option<Done>, EngineError> {
        let Verdict::Defer { reason, .. } = &judgement.verdict else {
            return Ok(None);
        };
        let scope = match reason {
            RefusalReason::Stopped { scope, .. } => *scope,
            RefusalReason::WorkspacePaused => ScopeKind::Workspace,
            _ => return Ok(None),
        };
        let until = self.after(ASK_AGAIN);
        Ok(match scope {
            ScopeKind::Campaign => Some(Done::Full(until)),
            ScopeKind::Mailbox | ScopeKind::Workspace => Some(Done::Later(until)),
            // Its lane is on its way to be told; the gate knows already.
            ScopeKind::Enrollment => {
                let event = Event::Paused(WaitReason::ByPerson);
                let lines = crate::explain::gate_lines(&judgement.trace);
                let id = found.record.id;
                self.happen_told(id, &event, self.batch(), &lines).await?;
                Some(Done::Moved)
            }
            _ => None,
        })
    }
}
