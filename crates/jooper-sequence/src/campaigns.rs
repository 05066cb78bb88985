//! What people do with campaigns.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jooper_core::{
    CampaignId, CampaignState, Dimensions, Draw, DrawPurpose, EmailAddress, EnrollmentId,
    EventKind, LeadId, MailboxId, Origin, ScopeKind, SendKey, SequenceId, StepIndex, StopReason,
    WorkspaceId,
};
use jooper_storage::tables::{
    CAMPAIGN, CampaignContent, CampaignRow, EnrollmentRow, MailboxRow, SEQUENCE, SequenceContent,
    SequenceRow,
};
use jooper_storage::{Batch, Column, LogEntry, Scan, StorageExt, Version, Versioned};
use jooper_vault::Place;

use crate::assign::enrollment_id;
use crate::changes::Kept;
use crate::colleagues::Answered;
use crate::daily::StepPlace;
use crate::decide::Explanation;
use crate::engine::Engine;
use crate::error::{EngineError, sealed};
use crate::forecast::{Approved, Forecast, ForecastRequest, Plan};
use crate::intent::{intent, recipient};
use crate::lane::{Command, append};
use crate::list_quality::List;
use crate::mail_domains::{domain_of, refusal};
use crate::model::{CampaignSettings, Sequence};
use crate::pauses::has_ended;
use crate::render;
use crate::texts::texts;

/// How many leads one enroll command carries.
pub(crate) const CHUNK: usize = 200;

/// A campaign to be created.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// Name, mailboxes and schedule.
    pub settings: CampaignSettings,
    /// What is written, and when.
    pub sequence: Sequence,
    /// The seed of every draw; the same seed over the same leads gives the same plan.
    pub seed: u64,
}

/// A campaign as lists show it.
#[derive(Debug, Clone)]
pub struct CampaignSummary {
    /// The campaign.
    pub id: CampaignId,
    /// Where it stands.
    pub state: CampaignState,
    /// Name, mailboxes and schedule.
    pub settings: CampaignSettings,
    /// What is written.
    pub sequence: Sequence,
    /// The version of the sequence.
    pub sequence_version: u32,
    /// The seed of every draw.
    pub seed: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was activated first.
    pub activated_at: Option<Timestamp>,
    /// Mailboxes that were taken out of it; their leads may wait there still.
    pub former: Vec<MailboxId>,
    /// How often its settings were changed.
    pub settings_version: u32,
}

/// Why a lead was not enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRefusal {
    /// The lead.
    pub lead: LeadId,
    /// Why, and what to do.
    pub reason: String,
}

/// What an activation did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActivationReport {
    /// Leads that were enrolled.
    pub enrolled: usize,
    /// Leads that were not, each with its reason.
    pub refused: Vec<LeadRefusal>,
    /// Leads that were enrolled and to whom, as things stand, no mail may go: each with the rule and
    /// what to do about it. The gate is asked again when their mail is due; the others' goes.
    pub unlawful: Vec<LeadRefusal>,
}

/// A lead in a campaign, with everything that was decided about it.
#[derive(Debug, Clone)]
pub struct EnrollmentView {
    /// The enrollment.
    pub enrollment: EnrollmentRow,
    /// Where it stands now: [`Campaigns::skip_at`] takes it; `None` when the enrollment has ended, or
    /// its sequence does not open.
    pub place: Option<StepPlace>,
    /// Whether that is a mail, which [`Campaigns::send_now_at`] takes.
    pub at_mail: bool,
    /// What was decided, when and why; oldest first. One that does not open says so.
    pub decisions: Vec<(Timestamp, Explanation)>,
    /// What would be decided next if nothing changed, made anew at every call; `None` when the
    /// enrollment has ended.
    pub next: Option<Explanation>,
}

/// Campaigns of one workspace.
#[derive(Debug, Clone)]
pub struct Campaigns {
    pub(crate) engine: Engine,
    pub(crate) workspace: WorkspaceId,
}

/// One campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    campaigns: Campaigns,
    id: CampaignId,
}

impl Campaign {
    /// Which one.
    pub const fn id(&self) -> CampaignId {
        self.id
    }

    /// The campaign as lists show it.
    ///
    /// # Errors
    /// As [`Campaigns::get`].
    pub async fn get(&self) -> Result<CampaignSummary, EngineError> {
        self.campaigns.get(self.id).await
    }

    /// The whole campaign before its first mail; see [`Campaigns::simulate`].
    ///
    /// # Errors
    /// As [`Campaigns::simulate`].
    pub async fn simulate(&self, request: &ForecastRequest) -> Result<Forecast, EngineError> {
        self.campaigns.simulate(self.id, request).await
    }

    /// Starts the campaign as foreseen; see [`Campaigns::launch`].
    ///
    /// # Errors
    /// As [`Campaigns::launch`], and [`EngineError::State`] for another campaign's forecast.
    pub async fn activate(&self, approved: Approved) -> Result<ActivationReport, EngineError> {
        if approved.campaign != self.id {
            return Err(EngineError::State(
                "this forecast is of another campaign; simulate this one",
            ));
        }
        self.campaigns.launch(approved).await
    }
}

impl Engine {
    /// The campaigns of a workspace.
    pub fn campaigns(&self, workspace: WorkspaceId) -> Campaigns {
        Campaigns {
            engine: self.clone(),
            workspace,
        }
    }
}

impl Campaigns {
    /// Saves a campaign as a draft. Nothing is sent.
    ///
    /// # Errors
    /// [`EngineError::Sequence`] and [`EngineError::Campaign`] name what to change.
    pub async fn create(&self, new: &NewCampaign) -> Result<CampaignId, EngineError> {
        new.sequence.check()?;
        let rules = self.engine.parts.gate.content_rules();
        new.sequence.check_content(rules)?;
        self.engine.check_follow_ups(&new.sequence)?;
        new.settings.check()?;
        let now = self.engine.now();
        let ids = &self.engine.parts.ids;
        let id = CampaignId::from_uuid(ids.uuid(now));
        let sequence = SequenceId::from_uuid(ids.uuid(now));
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let content =
            serde_json::to_value(&new.sequence).map_err(|_| EngineError::Content("sequence"))?;
        let place = Place::new(
            &SEQUENCE,
            "content",
            &[sequence.to_value(), 1_u32.to_value()],
        );
        let sequence_row = SequenceRow {
            id: sequence,
            version: 1,
            created_at: now,
            steps: new.sequence.mail_count(),
            content: vault
                .own()
                .seal(&place, Origin::Customer, &SequenceContent(content))?,
        };
        let content =
            serde_json::to_value(&new.settings).map_err(|_| EngineError::Content("campaign"))?;
        let place = Place::new(&CAMPAIGN, "content", &[id.to_value()]);
        let row = CampaignRow {
            id,
            state: CampaignState::Draft,
            sequence,
            sequence_version: 1,
            seed: new.seed as i64,
            created_at: now,
            activated_at: None,
            content: vault
                .own()
                .seal(&place, Origin::Customer, &CampaignContent(content))?,
        };
        let batch = Batch::new(self.workspace)
            .insert(&sequence_row)
            .insert(&row);
        self.engine
            .storage()
            .commit(self.log_change(batch, id, CampaignState::Draft))
            .await?;
        Ok(id)
    }

    pub(crate) fn log_change(&self, batch: Batch, id: CampaignId, state: CampaignState) -> Batch {
        let now = self.engine.now();
        let dimensions = Dimensions {
            campaign: Some(id),
            reason: Some(state.code()),
            ..Dimensions::default()
        };
        let millis = now.as_millisecond().to_be_bytes();
        let whose = id.uuid();
        let code = state.code().to_be_bytes();
        let source: &[&[u8]] = &[whose.as_bytes(), &millis, &code];
        batch.append(LogEntry::new(
            EventKind::CampaignChanged,
            now,
            source,
            dimensions,
        ))
    }

    /// One campaign by its id. Nothing is read yet.
    pub fn campaign(&self, id: CampaignId) -> Campaign {
        Campaign {
            campaigns: self.clone(),
            id,
        }
    }

    /// Starts a campaign as a forecast foresaw it: the same leads, under the same seed, the same
    /// settings and the same sequence.
    ///
    /// A campaign that runs already keeps its seed; its forecast was made with that one.
    ///
    /// # Errors
    /// As [`Campaigns::activate`]; [`EngineError::State`] when somebody changed the settings or the
    /// sequence since: what was approved is not what would go.
    pub async fn launch(&self, approved: Approved) -> Result<ActivationReport, EngineError> {
        let (seed, plan) = (Some(approved.seed), Some(approved.plan));
        self.activate_with(approved.campaign, &approved.leads, seed, plan)
            .await
    }

    /// Every campaign, oldest first.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn list(&self) -> Result<Vec<CampaignSummary>, EngineError> {
        let scan = Scan::table(&CAMPAIGN).by("by_created");
        let rows = self
            .engine
            .storage()
            .collect::<CampaignRow>(self.workspace, scan)
            .await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.push(self.open(row.record).await?);
        }
        Ok(all)
    }

    /// One campaign.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn get(&self, id: CampaignId) -> Result<CampaignSummary, EngineError> {
        let row = self.row(id).await?;
        self.open(row.record).await
    }

    pub(crate) async fn row(&self, id: CampaignId) -> Result<Versioned<CampaignRow>, EngineError> {
        let key = vec![id.to_value()];
        let found = self
            .engine
            .storage()
            .find::<CampaignRow>(self.workspace, key)
            .await?;
        found.ok_or(EngineError::NotFound("campaign"))
    }

    /// The campaign with the version of its sequence that an enrollment runs.
    pub(crate) async fn version(
        &self,
        id: CampaignId,
        version: u32,
    ) -> Result<CampaignSummary, EngineError> {
        let mut row = self.row(id).await?.record;
        row.sequence_version = version;
        self.open(row).await
    }

    pub(crate) async fn open(&self, row: CampaignRow) -> Result<CampaignSummary, EngineError> {
        let Kept {
            settings,
            former,
            version: settings_version,
        } = self.kept(&row).await?;
        let sequence = self
            .open_sequence(row.sequence, row.sequence_version)
            .await?;
        Ok(CampaignSummary {
            id: row.id,
            state: row.state,
            settings,
            sequence,
            sequence_version: row.sequence_version,
            seed: row.seed as u64,
            created_at: row.created_at,
            activated_at: row.activated_at,
            former,
            settings_version,
        })
    }

    async fn kept(&self, row: &CampaignRow) -> Result<Kept, EngineError> {
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let place = Place::new(&CAMPAIGN, "content", &[row.id.to_value()]);
        let content = vault.own().open(&place, &row.content)?.0;
        serde_json::from_value(content).map_err(|_| EngineError::Content("campaign"))
    }

    /// Every mailbox whose lane may have something of a campaign, or be about to: as the campaign's row
    /// of this version says.
    pub(crate) async fn lanes_of(
        &self,
        id: CampaignId,
    ) -> Result<(BTreeSet<MailboxId>, Version), EngineError> {
        let row = self.row(id).await?;
        Ok((self.lanes_in(&row.record).await?, row.version))
    }

    /// The same, of a row that was read.
    pub(crate) async fn lanes_in(
        &self,
        row: &CampaignRow,
    ) -> Result<BTreeSet<MailboxId>, EngineError> {
        let Kept {
            settings, former, ..
        } = self.kept(row).await?;
        Ok(settings.mailboxes.into_iter().chain(former).collect())
    }

    /// One version of a campaign's sequence.
    pub(crate) async fn sequence_of(
        &self,
        campaign: CampaignId,
        version: u32,
    ) -> Result<Sequence, EngineError> {
        let row = self.row(campaign).await?;
        self.open_sequence(row.record.sequence, version).await
    }

    async fn open_sequence(&self, id: SequenceId, version: u32) -> Result<Sequence, EngineError> {
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let key = vec![id.to_value(), version.to_value()];
        let found = self
            .engine
            .storage()
            .find::<SequenceRow>(self.workspace, key.clone())
            .await?;
        let sequence = found.ok_or(EngineError::NotFound("sequence"))?.record;
        let place = Place::new(&SEQUENCE, "content", &key);
        let opened = vault.own().open(&place, &sequence.content);
        let content: SequenceContent = opened.map_err(|error| sealed(error, "sequence"))?;
        serde_json::from_value(content.0).map_err(|_| EngineError::Content("sequence"))
    }

    /// Enrolls leads and starts sending; a campaign that already runs takes further leads. One that
    /// is paused takes them too and stays paused.
    ///
    /// Every lead gets its one mailbox here, by keyed draw. A lead whose mail cannot be written
    /// is refused with its reason, as is one whose data has no stated source or whose domain takes no
    /// mail (where that is asked: [`Engine::with_mail_domain_check`]), and the others go. A list of
    /// poor quality (role and throw-away addresses, slips of the pen) is refused as a whole.
    /// Whether a mail *may* go is the gate's question, asked at every send; its answer is then found
    /// with the lead. It is asked here as well: whom no mail may go to as things stand is named, with
    /// the rule and the remedy. A list is judged by itself and together with the people whom the
    /// campaign has. More people than a first sample, at once or bit by bit, of whom none can be in the
    /// last one, begin another: what came of the first list says nothing about the second.
    ///
    /// # Errors
    /// [`EngineError::Sequence`] when a template names a field that no lead has, or a draft's mails are
    /// more than may go; [`EngineError::State`] when the campaign has ended; [`EngineError::List`] says
    /// what to mend about the list.
    pub async fn activate(
        &self,
        id: CampaignId,
        leads: &[LeadId],
    ) -> Result<ActivationReport, EngineError> {
        self.activate_with(id, leads, None, None).await
    }

    /// Activates under another seed, unless mails may have gone under the one it has; where a plan
    /// is given, by that plan or not at all.
    pub(crate) async fn activate_with(
        &self,
        id: CampaignId,
        leads: &[LeadId],
        seed: Option<u64>,
        plan: Option<Plan>,
    ) -> Result<ActivationReport, EngineError> {
        let mut row = self.row(id).await?;
        if let (Some(seed), None) = (seed, row.record.activated_at) {
            row.record.seed = seed as i64;
        }
        if has_ended(row.record.state) {
            return Err(EngineError::State(
                "the campaign has ended; create a new one",
            ));
        }
        self.engine
            .not_ended(self.workspace, ScopeKind::Campaign, id.uuid())
            .await?;
        let campaign = self.open(row.record.clone()).await?;
        // The row is written below only where it is still the one that was judged here.
        if plan.is_some_and(|plan| plan != campaign.plan()) {
            return Err(EngineError::State(
                "the campaign's settings or its sequence were changed since this forecast was made; \
                 simulate it again and approve that",
            ));
        }
        // The operator's list may have grown since it was written.
        let rules = self.engine.parts.gate.content_rules();
        campaign.sequence.check_content(rules)?;
        if row.record.state == CampaignState::Draft {
            // So may the setting have been lowered; of one that runs the others' mails go on.
            self.engine.check_follow_ups(&campaign.sequence)?;
        }
        let mailboxes = &campaign.settings.mailboxes;
        self.connected(mailboxes.iter().copied()).await?;
        let people = self.people(leads).await?;
        let known: BTreeSet<String> = people
            .iter()
            .filter_map(|(_, person)| person.as_ref().ok())
            .flat_map(|person| render::fields(&person.profile).into_keys())
            .collect();
        if !known.is_empty() {
            campaign.sequence.check_fields(&known)?;
        }
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let identity = self.engine.identity(self.workspace).await?;
        let mut list = List::of(&self.engine, &vault, id).await?;
        let mut report = ActivationReport::default();
        let mut asked = Vec::new();
        let mut chosen: BTreeMap<MailboxId, Vec<(EnrollmentId, LeadId)>> = BTreeMap::new();
        let draw = Draw::new(row.record.seed as u64);
        let now = self.engine.now();
        let texts = texts(&campaign.sequence)?;
        let mut answered = Answered::default();
        let persons = people.iter().filter_map(|(_, person)| person.as_ref().ok());
        let domains = persons.filter_map(|person| domain_of(&person.profile));
        let closed = self.engine.closed_domains(&vault, domains).await?;
        for (lead, person) in people {
            let stopped = match &person {
                Ok(person) if campaign.sequence.stop_company_on_reply => {
                    let stops = answered.stops(&self.engine, self.workspace, id, &person.row);
                    stops.await?
                }
                _ => false,
            };
            let admitted = match person {
                Err(reason) => Err(reason),
                Ok(_) if stopped => Err("a colleague of theirs answered".to_owned()),
                Ok(person) => {
                    let again = self.admitted(&campaign, &texts, lead, &person.profile);
                    again.await?.map(|again| (again, person))
                }
            };
            let (again, person) = match admitted {
                Ok(admitted) => admitted,
                Err(reason) => {
                    report.refused.push(LeadRefusal { lead, reason });
                    continue;
                }
            };
            if let Some(domain) = domain_of(&person.profile).and_then(|domain| closed.get(&domain))
            {
                list.add_closed(*domain);
                let reason = refusal(*domain).to_owned();
                report.refused.push(LeadRefusal { lead, reason });
                continue;
            }
            let at = draw.below(mailboxes.len() as u64, lead.uuid(), 0, DrawPurpose::Mailbox);
            let mailbox = mailboxes[at as usize];
            let enrollment = enrollment_id(id, row.record.created_at, lead, again);
            chosen.entry(mailbox).or_default().push((enrollment, lead));
            report.enrolled += 1;
            list.add(&vault, &person.profile, person.row.country);
            // A forecast asks the gate itself, at every send.
            let Ok(address) = EmailAddress::parse(&person.profile.email) else {
                // It waits for a person, who is told so.
                continue;
            };
            if self.engine.recorder.is_none() {
                let version = campaign.sequence_version;
                let row = EnrollmentRow::fresh(enrollment, id, lead, mailbox, version, now);
                let key = SendKey::Step {
                    enrollment,
                    step: StepIndex(0),
                };
                let to = recipient(&self.engine, &vault, &person.row, &address).await?;
                asked.push((lead, intent(&self.engine, &row, key, to, &identity)));
            }
            if asked.len() >= CHUNK {
                report
                    .unlawful
                    .extend(self.unlawful(std::mem::take(&mut asked)).await?);
            }
        }
        report.unlawful.extend(self.unlawful(asked).await?);
        list.check()?;
        // Whoever is added to a paused campaign waits with the others; one that was through with
        // everybody goes on with them, unless it was paused when its last lead ended.
        let state = match row.record.state {
            CampaignState::Draft => CampaignState::Active,
            CampaignState::Finished if !chosen.is_empty() => {
                let (kind, paused) = (ScopeKind::Campaign, StopReason::Paused);
                let stands = self.engine.stands(self.workspace, kind, id.uuid(), paused);
                match stands.await? {
                    true => CampaignState::Paused,
                    false => CampaignState::Active,
                }
            }
            state => state,
        };
        let next = CampaignRow {
            state,
            activated_at: row.record.activated_at.or(Some(now)),
            ..row.record
        };
        let mut batch = Batch::new(self.workspace).update(&next, row.version);
        batch = list.remember(batch);
        let gate = &self.engine.parts.gate;
        batch = gate
            .people_added(self.workspace, id, report.enrolled, batch)
            .await?;
        if chosen.is_empty() && self.engine.recorder.is_none() {
            // Nobody's end will have anybody look whether anything is to come.
            for mailbox in mailboxes.iter().take(1) {
                batch = append(&self.engine, batch, *mailbox, &Command::MayBeOver(id)).await?;
            }
        }
        for (mailbox, leads) in chosen {
            for chunk in leads.chunks(CHUNK) {
                let command = Command::Enroll {
                    campaign: id,
                    version: campaign.sequence_version,
                    leads: chunk.to_vec(),
                };
                batch = append(&self.engine, batch, mailbox, &command).await?;
            }
        }
        self.engine
            .storage()
            .commit(self.log_change(batch, id, state))
            .await?;
        Ok(report)
    }

    /// Whether all of these mailboxes exist, and show nobody else as the sender.
    pub(crate) async fn connected(
        &self,
        mailboxes: impl Iterator<Item = MailboxId> + Send,
    ) -> Result<(), EngineError> {
        for mailbox in mailboxes {
            let key = vec![mailbox.to_value()];
            let found = self
                .engine
                .storage()
                .find::<MailboxRow>(self.workspace, key)
                .await?;
            let row = found.ok_or(EngineError::NotFound("mailbox"))?.record;
            self.engine.shows_itself(self.workspace, &row).await?;
        }
        Ok(())
    }

    /// Asks the lane of an enrollment to do something with it. A lane hears of it when it looks next:
    /// what stops is told to the gate first, by the verbs for it.
    pub(crate) async fn ask(
        &self,
        enrollment: EnrollmentId,
        command: impl FnOnce(EnrollmentId) -> Command + Send,
    ) -> Result<(), EngineError> {
        let batch = self.asking(enrollment, command).await?;
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// The batch that asks the lane of an enrollment.
    pub(crate) async fn asking(
        &self,
        enrollment: EnrollmentId,
        command: impl FnOnce(EnrollmentId) -> Command + Send,
    ) -> Result<Batch, EngineError> {
        let found = self
            .engine
            .storage()
            .find::<EnrollmentRow>(self.workspace, vec![enrollment.to_value()])
            .await?
            .ok_or(EngineError::NotFound("enrollment"))?;
        let (batch, mailbox) = (Batch::new(self.workspace), found.record.mailbox);
        append(&self.engine, batch, mailbox, &command(enrollment)).await
    }

    /// Tells every lane that holds enrollments of a lead that something happened to the person.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn tell_lead(&self, lead: LeadId, command: &Command) -> Result<(), EngineError> {
        let rows = self.engine.open_enrollments(self.workspace, lead).await?;
        let mailboxes: BTreeSet<MailboxId> = rows.iter().map(|row| row.mailbox).collect();
        let mut batch = Batch::new(self.workspace);
        for mailbox in mailboxes {
            batch = append(&self.engine, batch, mailbox, command).await?;
        }
        Ok(self.engine.storage().commit(batch).await?)
    }
}
