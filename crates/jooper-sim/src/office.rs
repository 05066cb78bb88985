//! What people do through the suite: stop, pause, resume, release, give up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jooper_consent::StopScope;
use jooper_core::{
    CampaignId, EmailAddress, EnrollmentId, InvalidEmail, LeadId, MailboxId, MailboxState, SendKey,
    StepIndex, StopReason, StopSource, UserId, WorkspaceId,
};
use jooper_sequence::{
    ConnectMailbox, Engine, EngineError, LaneCommand, TestMail, VaultCredentials,
};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{Column, Scan, StorageExt};
use jooper_transport::Credentials;
use jooper_vault::Vault;
use uuid::Uuid;

use crate::invariants::Violation;
use crate::mutant::Mutant;
use crate::provider::Provider;
use crate::shape::Shape;
use crate::stage::Stage;

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// A recipient, by number, presses the link that stops.
    Stop(usize),
    /// The recipient of an enrollment presses the link that stops.
    StopEnrolled(EnrollmentId),
    /// The campaign is paused.
    PauseCampaign,
    /// The campaign goes on.
    ResumeCampaign,
    /// An enrollment is paused.
    Pause(EnrollmentId),
    /// A paused enrollment goes on.
    Resume(EnrollmentId),
    /// The recipient follows a link of a mail.
    Click(SendKey),
    /// The next step of an enrollment is skipped.
    Skip(EnrollmentId),
    /// A mailbox whose grant had died is connected again.
    Reconnect(MailboxId),
    /// A named person releases an unknown send for one further attempt.
    Release(SendKey),
    /// A named person gives up on an unknown send.
    Abandon(SendKey),
    /// Somebody looks at a send that was unknown for long: what the provider never took is
    /// released or given up.
    Decide(SendKey),
    /// The next mail of an enrollment is to go now.
    SendNow(EnrollmentId),
    /// The owner of a mailbox wants to see a mail of the campaign as a lead would get it: which
    /// mailbox, which mail, which wish.
    Test(MailboxId, u16, u64),
    /// A lead, by number, is added to the running campaign.
    Enroll(usize),
}

impl Errand {
    /// Whether somebody does it again until it is done: nobody else ends what it ends.
    pub(crate) const fn is_for_good(self) -> bool {
        matches!(
            self,
            Self::Resume(_) | Self::Reconnect(_) | Self::Enroll(_) | Self::Decide(_)
        )
    }
}

/// A lead as the office knows it.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: LeadId,
    pub(crate) address: EmailAddress,
}

/// The office: an engine of its own over the same store.
#[derive(Debug, Clone)]
pub(crate) struct Office {
    pub(crate) stage: Arc<Stage>,
    pub(crate) engine: Engine,
    pub(crate) stops: jooper_consent::Stops,
    pub(crate) vault: Vault,
    pub(crate) workspace: WorkspaceId,
    pub(crate) campaign: CampaignId,
    pub(crate) people: Arc<Vec<Person>>,
    pub(crate) mailboxes: Arc<Vec<MailboxId>>,
    pub(crate) credentials: Arc<VaultCredentials>,
    pub(crate) provider: Arc<Mutex<Provider>>,
    pub(crate) shape: Shape,
    pub(crate) mutant: Option<Mutant>,
}

fn owner(mailbox: usize) -> UserId {
    UserId::from_uuid(Uuid::from_u128(1 + mailbox as u128))
}

/// What the owner of a mailbox grants, the first time and again.
pub(crate) fn account(number: usize, shape: Shape) -> Result<ConnectMailbox, InvalidEmail> {
    let domain = match shape.domain_of(number) {
        0 => "sender.example",
        _ => "other.example",
    };
    Ok(ConnectMailbox {
        owner: owner(number),
        sub: format!("sub-{number}"),
        email: EmailAddress::parse(&format!("ada{number}@{domain}"))?,
        display_name: "Ada".to_owned(),
        aliases: Vec::new(),
        state: MailboxState::Connected,
        credentials: Credentials {
            refresh_token: "r".into(),
            access_token: None,
            scopes: Vec::new(),
        },
    })
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What has ended meanwhile is neither paused, resumed nor released.
fn open(done: Result<(), EngineError>) -> Result<(), EngineError> {
    match done {
        Err(EngineError::State(_)) => Ok(()),
        done => done,
    }
}

impl Office {
    /// Does one errand to its end; tries again where others came in between.
    pub(crate) async fn run(self, errand: Errand) {
        let _busy = self.stage.busy();
        self.stage.trace().add(&format!("errand {errand:?}"));
        for _ in 0..20 {
            match self.carry_out(errand).await {
                Ok(()) => break,
                Err(error) => {
                    let line = format!("errand {errand:?} failed: {error}");
                    self.stage.trace().add(&line);
                    self.stage.time.sleep(500).await;
                }
            }
        }
        self.stage.trace().add(&format!("errand {errand:?} done"));
    }

    async fn carry_out(&self, errand: Errand) -> Result<(), Failed> {
        let campaigns = self.engine.campaigns(self.workspace);
        let by = UserId::from_uuid(Uuid::from_u128(1));
        match errand {
            Errand::Stop(lead) => self.stop(lead).await?,
            Errand::StopEnrolled(enrollment) => {
                let store = &self.stage.store;
                let key = vec![enrollment.to_value()];
                let row = store.find::<EnrollmentRow>(self.workspace, key).await?;
                let lead = row.map(|row| row.record.lead);
                let number = self.people.iter().position(|one| Some(one.id) == lead);
                if let Some(number) = number {
                    self.stop(number).await?;
                }
            }
            Errand::PauseCampaign => {
                self.stage.counts().stops += 1;
                campaigns.pause(self.campaign).await?;
            }
            Errand::ResumeCampaign => campaigns.resume(self.campaign, by).await?,
            Errand::Pause(enrollment) => {
                open(campaigns.pause_enrollment(enrollment).await)?;
            }
            Errand::Skip(enrollment) => {
                self.stage.skip_asked(enrollment);
                campaigns.skip(enrollment).await?;
            }
            Errand::Reconnect(mailbox) => {
                // The owner grants it anew before it is connected: a lane that asks in between
                // must not find the old grant once more.
                self.provider().dead.remove(&mailbox);
                let number = self.mailboxes.iter().position(|one| *one == mailbox);
                let account = account(number.unwrap_or(0), self.shape)?;
                let mailboxes = self.engine.mailboxes(self.workspace);
                mailboxes.connect(&*self.credentials, account).await?;
            }
            Errand::SendNow(enrollment) => {
                if self.mutant != Some(Mutant::Desk) {
                    self.stage.now_asked(enrollment);
                }
                open(campaigns.send_now(enrollment).await)?;
            }
            Errand::Test(mailbox, step, wish) => self.test(mailbox, step, wish).await?,
            Errand::Enroll(lead) => self.enroll(lead).await?,
            Errand::Resume(enrollment) => {
                self.stage.resumed(enrollment);
                open(campaigns.resume_enrollment(enrollment, by).await)?;
            }
            Errand::Decide(key) => {
                let (went, again) = self.decide(&key);
                let SendKey::Step { enrollment, step } = key else {
                    return Ok(());
                };
                if went {
                    return Ok(());
                }
                if again {
                    self.stage.release_asked(key);
                    open(campaigns.release(enrollment, step, by).await)?;
                } else {
                    self.stage.given_up(key);
                    campaigns.abandon(enrollment, step).await?;
                }
            }
            Errand::Click(key) => {
                if let SendKey::Step { enrollment, step } = key {
                    self.stage.clicked(key);
                    campaigns.clicked(enrollment, step).await?;
                }
            }
            Errand::Release(key) => {
                if let SendKey::Step { enrollment, step } = key {
                    self.stage.release_asked(key);
                    open(campaigns.release(enrollment, step, by).await)?;
                }
            }
            Errand::Abandon(key) => {
                if let SendKey::Step { enrollment, step } = key {
                    self.stage.given_up(key);
                    campaigns.abandon(enrollment, step).await?;
                }
            }
        }
        Ok(())
    }

    async fn test(&self, mailbox: MailboxId, step: u16, wish: u64) -> Result<(), Failed> {
        let number = self.mailboxes.iter().position(|one| *one == mailbox);
        let user = owner(number.unwrap_or(0));
        let Some(lead) = self.people.first() else {
            return Ok(());
        };
        let test = TestMail {
            campaign: self.campaign,
            step: StepIndex(step),
            variant: 0,
            lead: lead.id,
            mailbox,
            user,
        };
        let key = Uuid::from_u128(u128::from(wish));
        if self.mutant != Some(Mutant::Desk) {
            self.stage.test_asked(SendKey::Test { user, key });
        }
        let campaigns = self.engine.campaigns(self.workspace);
        campaigns.test_mail(&test, key).await?;
        Ok(())
    }

    /// Adds a lead to the running campaign. Where they are not taken in, a colleague must have
    /// answered, or everything must be over.
    async fn enroll(&self, lead: usize) -> Result<(), Failed> {
        let Some(person) = self.people.get(lead) else {
            return Ok(());
        };
        // Somebody whose request broke off asks again.
        let all = Scan::table(&ENROLLMENT);
        let store = &self.stage.store;
        let rows = store.collect::<EnrollmentRow>(self.workspace, all).await?;
        if rows.iter().any(|row| row.record.lead == person.id) {
            return Ok(());
        }
        let campaigns = self.engine.campaigns(self.workspace);
        let report = match campaigns.activate(self.campaign, &[person.id]).await {
            Err(EngineError::State(_)) => {
                self.stage.left_out(person.id);
                return Ok(());
            }
            report => report?,
        };
        if report.enrolled == 1 {
            return Ok(());
        }
        self.stage.left_out(person.id);
        let all = Scan::table(&ENROLLMENT);
        let store = &self.stage.store;
        let rows = store.collect::<EnrollmentRow>(self.workspace, all).await?;
        let company = self.shape.company_of(lead);
        let answered = rows.iter().any(|row| {
            let of = self.people.iter().position(|one| one.id == row.record.lead);
            let colleague = of.is_some_and(|of| self.shape.company_of(of) == company);
            colleague && self.stage.has_answered(row.record.id)
        });
        if !answered {
            self.stage.report(Violation::LeftOut(person.id));
        }
        Ok(())
    }

    fn provider(&self) -> MutexGuard<'_, Provider> {
        self.provider.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a send went, and else whether to try again.
    fn decide(&self, key: &SendKey) -> (bool, bool) {
        let mut provider = self.provider();
        let went = provider.accepted.contains_key(key);
        (went, provider.chance.one_in(2))
    }

    /// What the page behind the link does: first the stop, then the lanes are told.
    async fn stop(&self, lead: usize) -> Result<(), Failed> {
        let Some(person) = self.people.get(lead) else {
            return Ok(());
        };
        self.stage.counts().stops += 1;
        self.stage.stop_asked(person.id);
        let vault = self.vault.workspace(self.workspace).await?;
        let scope = StopScope::Person {
            contact_index: vault.contact_index(&person.address),
            variants: vault.variant_indexes(&person.address),
            lead: Some(person.id),
        };
        let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
        self.stops
            .stop(self.workspace, scope, reason, source)
            .await?;
        let campaigns = self.engine.campaigns(self.workspace);
        let command = LaneCommand::Unsubscribed(person.id);
        campaigns.tell_lead(person.id, &command).await?;
        Ok(())
    }
}
