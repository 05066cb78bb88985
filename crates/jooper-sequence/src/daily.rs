//! What people do with a campaign day by day.

use std::ops::Bound;

use jiff::Timestamp;
use jooper_core::{
    CampaignId, EmailAddress, EnrollmentId, EnrollmentState, LeadId, MailboxId, SendKey, SendState,
    StepIndex, UserId, WaitReason,
};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LEAD, LeadProfile, LeadRow, MAILBOX, MailboxProfile, MailboxRow,
    SendRow, SignInRow,
};
use jooper_storage::{Batch, Column, Scan, Scope, StorageExt, Value};
use jooper_vault::{Place, VaultError};
use uuid::Uuid;

use crate::campaigns::{CampaignSummary, Campaigns};
use crate::decide::Memory;
use crate::error::EngineError;
use crate::lane::{Command, append};
use crate::model::{Schedule, Sequence, StepKind};
use crate::render;
use crate::today::queued;

/// Something that a mailbox has before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// The lead.
    pub lead: LeadId,
    /// The campaign.
    pub campaign: CampaignId,
    /// What comes next.
    pub next: QueuedStep,
    /// When it is due; budgets and gaps may move it later.
    pub due_at: Timestamp,
    /// Where it stands now: [`Campaigns::skip_at`] takes it.
    pub place: StepPlace,
}

/// A step of a version of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepPlace {
    /// The version.
    pub version: u32,
    /// The position among its steps.
    pub node: u16,
}

impl StepPlace {
    /// Where an enrollment stands.
    pub(crate) fn of(row: &EnrollmentRow, sequence: &Sequence) -> Self {
        Self {
            version: row.sequence_version,
            node: Memory::of(row, sequence).node,
        }
    }
}

/// What comes next for a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueuedStep {
    /// A mail, counted from 1 in the order of the steps.
    Mail(usize),
    /// Another step, by its id: a task, a wait, a branch.
    Step(String),
}

/// A task that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTask {
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// Which step of it: [`Campaigns::task_done_at`] and [`Campaigns::skip_at`] take both.
    pub place: StepPlace,
    /// Whom it is about.
    pub lead: LeadId,
    /// What to do, with the lead's fields filled in.
    pub title: String,
    /// How.
    pub notes: Option<String>,
}

/// A mail that a user wants to see in their own mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestMail {
    /// The campaign; a draft will do.
    pub campaign: CampaignId,
    /// Which mail, by its number.
    pub step: StepIndex,
    /// Which variant of it.
    pub variant: u8,
    /// The lead whose fields fill the template. The mail goes to the user, never to the lead.
    pub lead: LeadId,
    /// The mailbox that sends and receives it: one of the user's own.
    pub mailbox: MailboxId,
    /// Who asks.
    pub user: UserId,
}

const NO_MAIL: EngineError = EngineError::State(
    "what comes next for this lead is no mail: a task or a wait ends by itself, or is skipped",
);

impl Campaigns {
    /// Lets the next mail go without waiting for its time or its window. Gate, budgets and gaps
    /// hold all the same.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::State`] when what comes next is no mail.
    pub async fn send_now(&self, enrollment: EnrollmentId) -> Result<(), EngineError> {
        let row = self.enrollment(enrollment).await?;
        let sequence = self.sequence_of(row.campaign, row.sequence_version).await?;
        match Memory::stands_at_mail(&row, &sequence) {
            true => self.ask(enrollment, Command::SendNow).await,
            false => Err(NO_MAIL),
        }
    }

    /// Like [`Campaigns::send_now`], if it still stands at this step when its lane looks: pressed twice it
    /// hurries one mail.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Passed`] when it stands elsewhere by now;
    /// [`EngineError::State`] when this step is no mail.
    pub async fn send_now_at(
        &self,
        enrollment: EnrollmentId,
        place: StepPlace,
    ) -> Result<(), EngineError> {
        let StepPlace { version, node } = place;
        let sequence = self.stands_at(enrollment, place).await?;
        if sequence.number_at(usize::from(node)).is_none() {
            return Err(NO_MAIL);
        }
        self.ask(enrollment, |enrollment| Command::SendNowAt {
            enrollment,
            version,
            node,
        })
        .await
    }

    /// Marks the task that an enrollment waits for as done.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn task_done(&self, enrollment: EnrollmentId) -> Result<(), EngineError> {
        self.ask(enrollment, Command::TaskDone).await
    }

    /// Like [`Campaigns::task_done`], if it still stands at this step when its lane looks: pressed twice
    /// it does not mark the task behind it.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Passed`] when it stands elsewhere by now.
    pub async fn task_done_at(
        &self,
        enrollment: EnrollmentId,
        place: StepPlace,
    ) -> Result<(), EngineError> {
        let StepPlace { version, node } = place;
        self.stands_at(enrollment, place).await?;
        self.ask(enrollment, |enrollment| Command::TaskDoneAt {
            enrollment,
            version,
            node,
        })
        .await
    }

    /// Whoever presses a button for a step that was done meanwhile is told so.
    async fn stands_at(
        &self,
        enrollment: EnrollmentId,
        place: StepPlace,
    ) -> Result<Sequence, EngineError> {
        let row = self.enrollment(enrollment).await?;
        let sequence = self.sequence_of(row.campaign, row.sequence_version).await?;
        let is_open = row.state != EnrollmentState::Finished;
        match is_open && StepPlace::of(&row, &sequence) == place {
            true => Ok(sequence),
            false => Err(EngineError::Passed),
        }
    }

    /// Tells an enrollment that its lead followed a link of a mail. Only for clicks that were judged
    /// human (law L11).
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn clicked(
        &self,
        enrollment: EnrollmentId,
        step: StepIndex,
    ) -> Result<(), EngineError> {
        self.ask(enrollment, |id| Command::Clicked(id, step)).await
    }

    /// Lets go on whatever of a campaign a downtime or a restore made late.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn resume_overdue(&self, campaign: CampaignId) -> Result<(), EngineError> {
        let summary = self.get(campaign).await?;
        let mut batch = Batch::new(self.workspace);
        for mailbox in summary.lanes() {
            let command = Command::ResumeOverdue(campaign);
            batch = append(&self.engine, batch, mailbox, &command).await?;
        }
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// Releases one unknown send for one further attempt, in a named person's name, once.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::State`] when it was released before, is not unknown, or
    /// its enrollment has ended.
    pub async fn release(
        &self,
        enrollment: EnrollmentId,
        step: StepIndex,
        by: UserId,
    ) -> Result<(), EngineError> {
        let key = SendKey::Step { enrollment, step };
        let found = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?
            .ok_or(EngineError::NotFound("send"))?;
        if found.record.state != SendState::Unknown {
            return Err(EngineError::State(
                "this send is not unknown any more; look at it again",
            ));
        }
        if found.record.released > 0 {
            return Err(EngineError::State(
                "this send was released once before; wait for evidence, or give it up",
            ));
        }
        if self.enrollment(enrollment).await?.state == EnrollmentState::Finished {
            return Err(EngineError::State(
                "this lead's way through the campaign has ended, and nothing of it is attempted any \
                 more; wait for evidence, or give the send up",
            ));
        }
        tracing::info!(%enrollment, step = step.0, %by, "an unknown send is released");
        self.ask(enrollment, |_| Command::Release(key, by)).await
    }

    /// What a mailbox has before it until some time, earliest first, whether or not its budgets
    /// let it go by then: [`Campaigns::today`] is what they let go today.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn queue(
        &self,
        mailbox: MailboxId,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Queued>, EngineError> {
        let prefix = vec![mailbox.to_value(), EnrollmentState::Active.to_value()];
        let scan = Scan::table(&ENROLLMENT)
            .by("by_due")
            .prefix(prefix)
            .range(
                Bound::Included(Value::Int(i64::MIN)),
                Bound::Included(until.to_value()),
            )
            .limit(limit.clamp(1, Scan::MAX_LIMIT));
        let page = self
            .engine
            .storage()
            .page::<EnrollmentRow>(self.workspace, scan)
            .await?;
        let mut queue = Vec::with_capacity(page.records.len());
        let mut versions = std::collections::BTreeMap::new();
        for found in page.records {
            let row = found.record;
            let version = (row.campaign, row.sequence_version);
            if let std::collections::btree_map::Entry::Vacant(vacant) = versions.entry(version) {
                let sequence = self.sequence_of(row.campaign, row.sequence_version).await?;
                vacant.insert(sequence);
            }
            let sequence = versions.get(&version);
            queue.extend(sequence.and_then(|sequence| queued(&row, sequence)));
        }
        Ok(queue)
    }

    /// The end of the day by a schedule's zone: until when "today" lasts.
    pub fn end_of_today(&self, schedule: &Schedule) -> Timestamp {
        let now = self.engine.now();
        let zone = crate::planner::zone_of(schedule, None);
        let tomorrow = now.to_zoned_datetime(zone.clone()).date().tomorrow();
        tomorrow
            .ok()
            .and_then(|day| day.to_zoned_datetime(zone).ok())
            .map_or(now, |day| day.timestamp())
    }

    /// The tasks of a campaign that wait for a person.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn tasks(&self, campaign: CampaignId) -> Result<Vec<OpenTask>, EngineError> {
        let prefix = vec![campaign.to_value(), EnrollmentState::Parked.to_value()];
        let scan = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
        let rows = self
            .engine
            .storage()
            .collect::<EnrollmentRow>(self.workspace, scan)
            .await?;
        let mut tasks = Vec::new();
        for row in rows.into_iter().map(|row| row.record) {
            if row.wait != Some(WaitReason::ManualTask) {
                continue;
            }
            let sequence = self.sequence_of(campaign, row.sequence_version).await?;
            let place = StepPlace::of(&row, &sequence);
            let step = sequence.steps.get(usize::from(place.node));
            let Some(StepKind::Task(task)) = step.map(|step| step.kind()) else {
                continue;
            };
            let Some(profile) = self.profile(row.lead).await? else {
                continue;
            };
            let fields = render::fields(&profile);
            // A template that lacks a field is still better read than hidden.
            let fill = |text: &String| {
                let template = jooper_message::compose::Template::parse(text).ok();
                let filled = template.and_then(|template| template.render(&fields).ok());
                filled.unwrap_or_else(|| text.clone())
            };
            tasks.push(OpenTask {
                enrollment: row.id,
                place,
                lead: row.lead,
                title: fill(&task.title),
                notes: task.notes.as_ref().map(fill),
            });
        }
        Ok(tasks)
    }

    async fn profile(&self, lead: LeadId) -> Result<Option<LeadProfile>, EngineError> {
        let key = vec![lead.to_value()];
        let found = self
            .engine
            .storage()
            .find::<LeadRow>(self.workspace, key.clone())
            .await?;
        let Some(row) = found else { return Ok(None) };
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        match vault.subject(lead).await {
            Ok(subject) => {
                let place = Place::new(&LEAD, "profile", &key);
                Ok(Some(subject.open(&place, &row.record.profile)?))
            }
            Err(VaultError::NoKey { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends one mail of a campaign to the user themselves, as a lead would get it who got every mail before
    /// it: a follow-up has the subject of an answer, and no notice. It stands in no conversation, and its
    /// unsubscribe link leads to the workspace's privacy notice. `key` is made by the caller: the same key again sends nothing more. [`Campaigns::tested`] says of the key that is
    /// returned what became of it: one that cannot be written or that the gate refuses is skipped, and one too
    /// many for its mailbox today is not sent.
    ///
    /// It goes from one of the user's own mailboxes to the address of that mailbox, and through the
    /// gate under the rules for tests. Its unsubscribe link leads to the privacy notice: nobody is
    /// unsubscribed by a test.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::State`] when the mailbox belongs to somebody else.
    pub async fn test_mail(&self, test: &TestMail, key: Uuid) -> Result<SendKey, EngineError> {
        let summary: CampaignSummary = self.get(test.campaign).await?;
        let mail = summary.sequence.step(test.step);
        if mail.is_none_or(|step| usize::from(test.variant) >= step.variants.len()) {
            return Err(EngineError::NotFound("mail or variant"));
        }
        let storage = self.engine.storage();
        let mailbox_key = vec![test.mailbox.to_value()];
        let account = storage
            .find::<MailboxRow>(self.workspace, mailbox_key.clone())
            .await?
            .ok_or(EngineError::NotFound("mailbox"))?
            .record;
        if account.owner != test.user {
            return Err(EngineError::State(
                "a test goes to the user themselves: choose a mailbox of your own",
            ));
        }
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let subject = vault.subject(test.mailbox).await?;
        let place = Place::new(&MAILBOX, "profile", &mailbox_key);
        let profile: MailboxProfile = subject.open(&place, &account.profile)?;
        let address = EmailAddress::parse(&profile.email)
            .map_err(|_| EngineError::Content("mailbox address"))?;
        self.is_own_address(test.user, &address).await?;
        let command = Command::Test {
            user: test.user,
            key,
            campaign: test.campaign,
            version: summary.sequence_version,
            step: test.step,
            variant: test.variant,
            lead: test.lead,
        };
        let batch = Batch::new(self.workspace);
        let batch = append(&self.engine, batch, test.mailbox, &command).await?;
        storage.commit(batch).await?;
        Ok(SendKey::Test {
            user: test.user,
            key,
        })
    }

    /// Records that a user has this address: they connected the account, so it is theirs. The gate
    /// looks it up.
    async fn is_own_address(
        &self,
        user: UserId,
        address: &EmailAddress,
    ) -> Result<(), EngineError> {
        let storage = self.engine.storage();
        let platform = self.engine.parts.vault.platform().await?;
        let Some(index) = platform.variant_indexes(address).into_iter().next() else {
            return Err(EngineError::Content("mailbox address"));
        };
        let known = storage
            .find::<SignInRow>(Scope::Platform, vec![index.to_value()])
            .await?;
        match known {
            Some(row) if row.record.user == user && row.record.workspace == self.workspace => {
                Ok(())
            }
            Some(_) => Err(EngineError::State(
                "this address signs in somebody else; a test cannot go to it",
            )),
            None => {
                let row = SignInRow {
                    sub_index: index,
                    workspace: self.workspace,
                    user,
                };
                let batch = Batch::new(Scope::Platform).insert(&row);
                Ok(storage.commit(batch).await?)
            }
        }
    }
}
