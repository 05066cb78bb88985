//! One decision under way.

use jiff::Timestamp;
use jooper_core::{Draw, EnrollmentState, FinishReason, SkipReason, StepIndex, WaitReason};
use jooper_storage::tables::EnrollmentRow;

use super::conditions::Question;
use super::memory::{Memory, is_settled};
use super::{Command, Decision, Facts, TraceLine};
use crate::model::{Condition, Sequence};
use crate::planner::Locale;

#[derive(Clone)]
pub(super) struct Run<'a> {
    pub(super) next: EnrollmentRow,
    pub(super) memory: Memory,
    before: Memory,
    /// Until when the step that is arrived at next waits, if it began to wait before.
    pub(super) kept: Option<Timestamp>,
    /// From when a step that is done at its arrival counts, if not from now: a mail's own time.
    pub(super) counts_from: Option<Timestamp>,
    commands: Vec<Command>,
    trace: Vec<TraceLine>,
    pub(super) facts: &'a Facts<'a>,
    pub(super) locale: Locale,
    pub(super) now: Timestamp,
    pub(super) sequence: &'a Sequence,
    pub(super) draw: Draw,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        enrollment: &EnrollmentRow,
        facts: &'a Facts<'a>,
        now: Timestamp,
        sequence: &'a Sequence,
        draw: Draw,
    ) -> Self {
        let memory = Memory::of(enrollment, sequence);
        Self {
            next: enrollment.clone(),
            before: memory.clone(),
            memory,
            kept: None,
            counts_from: None,
            commands: Vec::new(),
            trace: Vec::new(),
            facts,
            locale: Locale::new(
                facts.schedule,
                facts.zone,
                facts.country,
                enrollment.mailbox,
            ),
            now,
            sequence,
            draw,
        }
    }

    pub(super) fn into_decision(mut self) -> Decision {
        if self.memory != self.before {
            self.next.memory = Some(self.memory.to_bytes());
        }
        Decision {
            next: self.next,
            commands: self.commands,
            trace: self.trace,
        }
    }

    pub(super) fn note(
        &mut self,
        rule: &'static str,
        input: impl Into<String>,
        verdict: impl Into<String>,
    ) {
        self.trace.push(TraceLine::new(rule, input, verdict));
    }

    pub(super) fn command(&mut self, command: Command) {
        self.commands.push(command);
    }

    pub(super) fn holds(&self, condition: &Condition) -> bool {
        self.question().holds(condition)
    }

    /// When a condition is to be looked at again, though nobody does anything.
    pub(super) fn turns_at(&self, condition: &Condition) -> Option<Timestamp> {
        self.question().turns_at(condition)
    }

    const fn question(&self) -> Question<'_> {
        Question {
            enrollment: &self.next,
            memory: &self.memory,
            facts: self.facts,
            locale: &self.locale,
            sequence: self.sequence,
            now: self.now,
        }
    }

    pub(super) fn node(&self) -> usize {
        usize::from(self.memory.node)
    }

    /// The mail that the enrollment stands at, if it stands at one.
    pub(super) fn mail(&self) -> Option<StepIndex> {
        self.sequence.number_at(self.node())
    }

    /// Whether a person's "now" still holds at that time: it does on the day on which it was said, where
    /// the lead lives. Earlier versions did not write down when that was.
    pub(super) fn hurries(&self, at: Timestamp) -> bool {
        let day = |at: Timestamp| at.to_zoned_datetime(self.locale.zone.clone()).date();
        let said = self.memory.hurried_at.unwrap_or(self.now);
        self.memory.hurry && day(said) == day(at)
    }

    /// Nobody wants the mail at once any more.
    pub(super) const fn hurry_no_more(&mut self) {
        self.memory.hurry = false;
        self.memory.hurried_at = None;
    }

    pub(super) const fn is_open(&self, mail: StepIndex) -> bool {
        !is_settled(&self.next, mail)
    }

    pub(super) const fn settle(&mut self, mail: StepIndex) {
        if mail.0 < 64 {
            self.next.settled = Some((self.next.settled_mails() | (1 << mail.0)) as i64);
        }
    }

    /// Never sends these mails, as far as they are open.
    pub(super) fn skip(&mut self, mails: impl IntoIterator<Item = StepIndex>, reason: SkipReason) {
        let steps: Vec<_> = mails
            .into_iter()
            .filter(|mail| self.is_open(*mail))
            .collect();
        if steps.is_empty() {
            return;
        }
        steps.iter().for_each(|mail| self.settle(*mail));
        self.commands.push(Command::Skip { steps, reason });
    }

    /// Ends the enrollment; every mail that is open is skipped, those of older versions too.
    pub(super) fn finish(&mut self, reason: FinishReason, skip: SkipReason) {
        let all = (0..self.sequence.mail_count()).map(StepIndex);
        self.skip(all, skip);
        self.next.state = EnrollmentState::Finished;
        self.next.finish = Some(reason);
        self.next.wait = None;
        self.next.due_at = None;
        self.memory.until = None;
        self.memory.ended = Some(self.now);
    }

    pub(super) fn pause(&mut self, reason: WaitReason) {
        self.note("pause", reason.name(), "waits until resumed");
        self.next.state = EnrollmentState::Paused;
        self.next.wait = Some(reason);
    }

    pub(super) fn park(&mut self, reason: WaitReason) {
        // What a person paused stays paused; the reason comes back when it is resumed.
        if self.next.state != EnrollmentState::Paused {
            self.next.state = EnrollmentState::Parked;
            self.next.wait = Some(reason);
        }
    }

    /// What was parked goes on; what a person paused stays paused.
    pub(super) fn unpark(&mut self) {
        if self.next.state == EnrollmentState::Parked {
            self.next.state = EnrollmentState::Active;
            self.next.wait = None;
        }
    }
}
