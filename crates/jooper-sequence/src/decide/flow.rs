//! From step to step.

use jiff::Timestamp;
use jooper_core::{DrawPurpose, EnrollmentState, FinishReason, SkipReason, StepIndex, WaitReason};

use super::run::Run;
use super::{Command, by_weight, conditions, variant_for};
use crate::model::{Step, StepKind};
use crate::planner::{Placed, add_delay, in_line, in_same_line, place_step};

impl Run<'_> {
    /// The step that follows one which was done.
    pub(super) fn follower(&self, node: usize) -> usize {
        let step = self.sequence.steps.get(node);
        let named = step.and_then(|step| step.then.as_deref());
        named
            .and_then(|id| self.sequence.node_named(id))
            .unwrap_or(node + 1)
    }

    /// Goes to a step and plans it. Steps lead forward only: whatever mail lies before it and is
    /// open is never sent.
    pub(super) fn arrive(&mut self, node: usize, from: Timestamp) {
        let passed = (0..node).filter_map(|node| self.sequence.number_at(node));
        let passed: Vec<StepIndex> = passed.filter(|mail| self.is_open(*mail)).collect();
        if !passed.is_empty() {
            let places: Vec<_> = passed.iter().map(|mail| self.place(*mail)).collect();
            let input = format!("mail {} lies on another way", places.join(", "));
            self.note("branch", input, "never sent");
            self.skip(passed, SkipReason::Branch);
        }
        self.memory.node = u16::try_from(node).unwrap_or(u16::MAX);
        self.memory.since = Some(from);
        self.memory.until = self.kept.take();
        self.hurry_no_more();
        self.memory.deferred = None;
        self.next.step = self.next_open(node);
        let Some(step) = self.sequence.steps.get(node) else {
            self.note("sequence", "every step is done", "completed");
            self.finish(FinishReason::Completed, SkipReason::Branch);
            return;
        };
        let instant = self.is_instant(step);
        let due = self.plan(step, node, from);
        self.next.due_at = Some(due);
        if instant && step.wait.is_zero() && self.next.state == EnrollmentState::Active {
            self.counts_from = Some(from);
            self.perform();
            self.counts_from = None;
        } else {
            let input = format!("{}, {} after {from}", self.name(node), step.wait);
            self.note("plan", input, format!("{due}"));
        }
    }

    /// Whether a step takes no time and asks nobody.
    fn is_instant(&self, step: &Step) -> bool {
        !matches!(step.kind(), StepKind::Mail | StepKind::Task(_))
    }

    fn plan(&self, step: &Step, node: usize, from: Timestamp) -> Timestamp {
        let (schedule, locale) = (self.facts.schedule, &self.locale);
        if self.is_instant(step) {
            return add_delay(schedule, locale, from, step.wait);
        }
        let key = self.sequence.number_at(node);
        // Tasks draw apart from mails.
        let key = key.unwrap_or(StepIndex(0x8000 | node as u16));
        let due = place_step(
            schedule,
            locale,
            from,
            step.wait,
            self.draw,
            Placed {
                enrollment: self.next.id,
                step: key,
                sent: self.next.sent,
            },
        );
        self.memory.away.map_or(due, |back| due.max(back))
    }

    /// Plans what is not due yet anew, by the settings as they are now. What is due keeps its place in
    /// the line: windows and budgets are looked at when its turn comes. A wait that has begun keeps
    /// its end.
    pub(super) fn replan(&mut self, rule: &'static str, why: &str) {
        let node = self.node();
        let step = self.sequence.steps.get(node);
        let (Some(step), Some(planned)) = (step, self.next.due_at) else {
            self.note(rule, why, "nothing is planned");
            return;
        };
        let waits = self.memory.until.is_some();
        let budget = self.memory.waits_for_budget();
        if planned <= self.now || self.hurries(self.now) && !budget || waits {
            self.note(rule, why, "nothing to be planned anew");
            return;
        }
        let (schedule, now) = (self.facts.schedule, self.now);
        let due = if budget {
            // It may allow more by now. Where it does not, that is said again.
            self.memory.deferred = None;
            let from = self.memory.away.map_or(now, |back| back.max(now));
            match self.hurries(self.now) {
                true => from,
                false => self.in_line(from),
            }
        } else if self.memory.deferred.is_some() {
            // The gate said when to ask again.
            self.in_line(planned)
        } else {
            let due = self.plan(step, node, self.since());
            // What lies behind would have gone, had the windows been as they are now.
            let due = due.max(now);
            if self.is_instant(step) {
                due
            } else {
                self.in_line(due)
            }
        };
        // Nobody is told of another place in the same line, and whoever has one keeps it.
        let timed = !self.is_instant(step) && !self.hurries(self.now);
        let due = match timed && in_same_line(schedule, &self.locale, planned, due) {
            true => planned,
            false => due,
        };
        let verdict = if due == planned {
            "changes nothing for them".to_owned()
        } else {
            format!("{} is planned for {due}", self.name(node))
        };
        self.note(rule, why, verdict);
        self.next.due_at = Some(due);
    }

    /// Since when they wait for the step that comes next.
    fn since(&self) -> Timestamp {
        let since = self.memory.since.or(self.next.last_sent_at);
        since.unwrap_or(self.next.created_at)
    }

    /// When what may go from this time on may go: in their place of the line, where a window opens first.
    pub(super) fn in_line(&self, from: Timestamp) -> Timestamp {
        let (schedule, sent) = (self.facts.schedule, self.next.sent);
        in_line(schedule, &self.locale, from, self.since(), sent)
    }

    fn next_open(&self, node: usize) -> StepIndex {
        (node..self.sequence.steps.len())
            .filter_map(|node| self.sequence.number_at(node))
            .find(|mail| self.is_open(*mail))
            .unwrap_or(StepIndex(self.sequence.mail_count()))
    }

    /// A mail as people count it.
    pub(super) fn place(&self, mail: StepIndex) -> String {
        let place = self.sequence.place_of(mail);
        place.map_or_else(|| "?".to_owned(), |place| place.to_string())
    }

    /// What the trace calls a step.
    pub(super) fn name(&self, node: usize) -> String {
        match self.sequence.number_at(node) {
            Some(mail) => format!("mail {}", self.place(mail)),
            None => format!("step \u{201c}{}\u{201d}", self.sequence.id_at(node)),
        }
    }

    /// Ends the enrollment if a goal or an exit of the sequence holds.
    pub(super) fn check_rules(&mut self) -> bool {
        if self.facts.unreadable {
            return false;
        }
        let sequence = self.sequence;
        let rules = [
            (&sequence.goals, "goal", FinishReason::Goal),
            (&sequence.exits, "exit", FinishReason::Exit),
        ];
        for (rules, kind, reason) in rules {
            if let Some(rule) = rules.iter().find(|rule| self.holds(&rule.when)) {
                let why = conditions::words(&rule.when);
                let input = format!("\u{201c}{}\u{201d}: {why}", rule.name);
                self.note(kind, input, "nothing more is sent");
                self.finish(reason, SkipReason::Ended);
                return true;
            }
        }
        false
    }

    /// Does the step whose time has come.
    pub(super) fn perform(&mut self) {
        if self.facts.unreadable {
            self.note("content", "their fields do not open", "waits for a person");
            self.park(WaitReason::Unreadable);
            return;
        }
        if self.check_rules() {
            return;
        }
        let (node, sequence) = (self.node(), self.sequence);
        let Some(step) = sequence.steps.get(node) else {
            self.arrive(node, self.now);
            return;
        };
        if let Some(when) = &step.when {
            let (holds, why) = (self.holds(when), conditions::words(when));
            let verdict = if holds { "holds" } else { "does not hold" };
            self.note("condition", why, verdict);
            if !holds {
                self.arrive(node + 1, self.counted());
                return;
            }
        }
        match step.kind() {
            StepKind::Mail => self.send(node),
            StepKind::Task(_) => {
                self.note("task", self.name(node), "waits for a person");
                self.memory.done = Some(node as u16);
                self.park(WaitReason::ManualTask);
                self.command(Command::Ask { node: node as u16 });
            }
            StepKind::WaitFor(wait) => {
                let why = conditions::words(&wait.event);
                if self.holds(&wait.event) {
                    self.note("event", why, "has happened");
                    self.go_on(node, self.follower(node));
                    return;
                }
                let since = self.counted();
                let until = self.memory.until.unwrap_or_else(|| {
                    add_delay(self.facts.schedule, &self.locale, since, wait.at_most)
                });
                if until <= self.now {
                    self.note("event", why, "did not happen in time");
                    self.time_out(node);
                } else {
                    // What it waits for is told once, however often it is looked at.
                    let began = self.memory.until.is_none();
                    let rule = if began { "event" } else { "look" };
                    self.note(rule, why, format!("waits until {until}"));
                    self.memory.until = Some(until);
                    let turns = self.turns_at(&wait.event);
                    self.next.due_at = Some(turns.map_or(until, |at| at.min(until)));
                }
            }
            StepKind::Split(arms) => {
                let weights = arms.iter().map(|arm| arm.weight);
                let (lead, key) = (self.next.lead, node as u16);
                let chosen = by_weight(weights, self.draw, lead, key, DrawPurpose::Split);
                let to = arms.get(chosen).map(|arm| arm.go_to.as_str());
                let to = to.and_then(|id| sequence.node_named(id));
                let to = to.unwrap_or(node + 1);
                self.note(
                    "split",
                    format!("way {} of {}", chosen + 1, arms.len()),
                    self.name_or_end(to),
                );
                self.go_on(node, to);
            }
            StepKind::Jump => {
                let to = self.follower(node);
                self.note("branch", self.name(node), self.name_or_end(to));
                self.go_on(node, to);
            }
        }
    }

    fn name_or_end(&self, node: usize) -> String {
        if node < self.sequence.steps.len() {
            format!("goes on with {}", self.name(node))
        } else {
            "ends here".to_owned()
        }
    }

    fn go_on(&mut self, done: usize, to: usize) {
        self.memory.done = Some(done as u16);
        self.arrive(to, self.counted());
    }

    /// From when what follows counts: steps that take no time pass on what they were given.
    fn counted(&self) -> Timestamp {
        self.counts_from.unwrap_or(self.now)
    }

    /// Leaves a wait whose event did not come.
    pub(super) fn time_out(&mut self, node: usize) {
        let step = self.sequence.steps.get(node);
        let wait = step.and_then(|step| step.wait_for.as_ref());
        let to = wait.and_then(|wait| wait.otherwise.as_deref());
        let to = to.and_then(|id| self.sequence.node_named(id));
        self.go_on(node, to.unwrap_or(node + 1));
    }

    fn send(&mut self, node: usize) {
        let Some(mail) = self.mail() else { return };
        if !self.is_open(mail) {
            self.note(
                "ledger",
                format!("{} is settled", self.name(node)),
                "goes on",
            );
            self.go_on(node, self.follower(node));
            return;
        }
        if self.hurries(self.now) {
            self.note("person", "said \u{201c}now\u{201d}", "windows do not count");
        } else {
            if self.memory.hurry {
                let input = "said \u{201c}now\u{201d} on another day";
                self.note("person", input, "windows count again");
                self.hurry_no_more();
            }
            let slot = self.in_line(self.now);
            if slot > self.now {
                let verdict = format!("moved to {slot}");
                self.note("window", "outside the sending window", verdict);
                self.next.due_at = Some(slot);
                return;
            }
        }
        let variant = variant_for(self.sequence, self.draw, self.next.lead, mail);
        self.note("plan", format!("{} is due", self.name(node)), "send");
        self.command(Command::Send {
            step: mail,
            variant,
        });
    }
}
