//! Sequences in code.

use super::condition::Condition;
use super::delay::Delay;
use super::invalid::InvalidSequence;
use super::reactions::{OnOutOfOffice, OnReply, ReEnroll, Rule};
use super::sequence::Sequence;
use super::step::{Arm, Step, StepVariant, Task, WaitFor};

/// Builds a sequence in code; [`SequenceBuilder::build`] checks it as a file is checked.
///
/// ```
/// use jooper_sequence::model::{Delay, Sequence, StepBuilder};
///
/// let sequence = Sequence::builder("After the fair")
///     .step(StepBuilder::mail("Your visit", "Hello {{ first_name }}"))
///     .step(StepBuilder::follow_up("Did you see this?").wait(Delay::working_days(3)))
///     .build()?;
/// assert_eq!(sequence.mail_count(), 2);
/// # Ok::<(), jooper_sequence::model::InvalidSequence>(())
/// ```
#[derive(Debug, Clone)]
pub struct SequenceBuilder(Sequence);

impl Sequence {
    /// Begins a sequence of this name.
    pub fn builder(name: impl Into<String>) -> SequenceBuilder {
        SequenceBuilder(Self {
            name: name.into(),
            language: None,
            on_reply: OnReply::default(),
            on_out_of_office: OnOutOfOffice::default(),
            stop_company_on_reply: false,
            re_enroll: None,
            numbers: None,
            goals: Vec::new(),
            exits: Vec::new(),
            steps: Vec::new(),
        })
    }
}

impl SequenceBuilder {
    /// The language of its mails: what jooper writes below them is in it as well.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.0.language = Some(language.into());
        self
    }

    /// What an answer does.
    #[must_use]
    pub const fn on_reply(mut self, on_reply: OnReply) -> Self {
        self.0.on_reply = on_reply;
        self
    }

    /// What an absence notice does.
    #[must_use]
    pub const fn on_out_of_office(mut self, on_out_of_office: OnOutOfOffice) -> Self {
        self.0.on_out_of_office = on_out_of_office;
        self
    }

    /// Ends it for the lead's colleagues too when one of them answers.
    #[must_use]
    pub const fn stop_company_on_reply(mut self) -> Self {
        self.0.stop_company_on_reply = true;
        self
    }

    /// Lets leads come back.
    #[must_use]
    pub fn re_enroll(mut self, rule: ReEnroll) -> Self {
        self.0.re_enroll = Some(rule);
        self
    }

    /// Adds a goal.
    #[must_use]
    pub fn goal(mut self, name: impl Into<String>, when: Condition) -> Self {
        let name = name.into();
        self.0.goals.push(Rule { name, when });
        self
    }

    /// Adds an exit.
    #[must_use]
    pub fn exit(mut self, name: impl Into<String>, when: Condition) -> Self {
        let name = name.into();
        self.0.exits.push(Rule { name, when });
        self
    }

    /// Adds a step behind those before.
    #[must_use]
    pub fn step(mut self, step: StepBuilder) -> Self {
        self.0.steps.push(step.0);
        self
    }

    /// Checks the sequence.
    ///
    /// # Errors
    /// [`InvalidSequence`] names the step and the remedy.
    pub fn build(self) -> Result<Sequence, InvalidSequence> {
        self.0.check()?;
        Ok(self.0)
    }
}

/// Builds one step.
#[derive(Debug, Clone)]
pub struct StepBuilder(Step);

impl StepBuilder {
    /// A mail that begins a thread.
    pub fn mail(subject: impl Into<String>, body: impl Into<String>) -> Self {
        Self(Step::default()).variant(Some(subject.into()), body, 1)
    }

    /// A mail in the thread of the one before it.
    pub fn follow_up(body: impl Into<String>) -> Self {
        Self(Step::default()).variant(None, body, 1)
    }

    /// Something that a person does.
    pub fn task(title: impl Into<String>) -> Self {
        let title = title.into();
        Self(Step {
            task: Some(Task { title, notes: None }),
            ..Step::default()
        })
    }

    /// Says how a task is done.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        if let Some(task) = &mut self.0.task {
            task.notes = Some(notes.into());
        }
        self
    }

    /// Waits for an event, and for so long at most.
    pub fn wait_for(event: Condition, at_most: Delay) -> Self {
        Self(Step {
            wait_for: Some(WaitFor {
                event,
                at_most,
                otherwise: None,
            }),
            ..Step::default()
        })
    }

    /// Sends each lead one of several ways: pairs of a weight and the id of a later step.
    pub fn split<'a>(arms: impl IntoIterator<Item = (u32, &'a str)>) -> Self {
        let arms = arms.into_iter().map(|(weight, go_to)| Arm {
            weight,
            go_to: go_to.to_owned(),
        });
        Self(Step {
            split: arms.collect(),
            ..Step::default()
        })
    }

    /// Leads on to a later step if a condition holds.
    pub fn branch(when: Condition, to: impl Into<String>) -> Self {
        Self(Step::default()).when(when).then(to)
    }

    /// Adds a wording.
    #[must_use]
    pub fn variant(
        mut self,
        subject: Option<String>,
        body: impl Into<String>,
        weight: u32,
    ) -> Self {
        let body = body.into();
        self.0.variants.push(StepVariant {
            subject,
            body,
            weight,
        });
        self
    }

    /// Gives the wording that was added last another share of the leads than one part.
    #[must_use]
    pub fn weight(mut self, weight: u32) -> Self {
        if let Some(last) = self.0.variants.last_mut() {
            last.weight = weight;
        }
        self
    }

    /// Names the step.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.0.id = Some(id.into());
        self
    }

    /// Waits before it.
    #[must_use]
    pub const fn wait(mut self, wait: Delay) -> Self {
        self.0.wait = wait;
        self
    }

    /// Does it only if this holds.
    #[must_use]
    pub fn when(mut self, when: Condition) -> Self {
        self.0.when = Some(when);
        self
    }

    /// Goes on with a later step than the next one.
    #[must_use]
    pub fn then(mut self, id: impl Into<String>) -> Self {
        self.0.then = Some(id.into());
        self
    }

    /// Goes on with this step when the wait is over without its event.
    #[must_use]
    pub fn otherwise(mut self, id: impl Into<String>) -> Self {
        if let Some(wait) = &mut self.0.wait_for {
            wait.otherwise = Some(id.into());
        }
        self
    }

    /// Begins a new thread.
    #[must_use]
    pub const fn new_thread(mut self) -> Self {
        self.0.new_thread = true;
        self
    }
}
