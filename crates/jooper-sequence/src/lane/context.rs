//! What a lane reads about campaigns, leads and enrollments.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jooper_core::{CampaignId, CampaignState, Country, Draw, EnrollmentId, LeadId, WorkspaceId};
use jooper_storage::tables::{
    CAMPAIGN, CampaignRow, EnrollmentRow, LEAD, LeadProfile, LeadRow, SEQUENCE, SequenceRow,
    WorkspaceIdentity, WorkspaceRow,
};
use jooper_storage::{Check, Column, Key, StorageExt, Version, Versioned};
use jooper_vault::{Place, VaultError, WorkspaceVault};

use super::Lane;
use super::send::Person;
use crate::decide::{Decision, Event, Facts, Memory, decide};
use crate::engine::Engine;
use crate::error::{EngineError, sealed};
use crate::model::{CampaignSettings, Schedule, Sequence};
use crate::render::{self, Templates};
use crate::undone::Missing;
use crate::workspaces::open_identity;

/// A campaign with one version of its sequence, opened.
#[derive(Debug)]
pub(super) struct LoadedCampaign {
    /// Of the campaign's row: a mail is reserved by these settings or by none.
    pub(super) row_version: Version,
    pub(super) state: CampaignState,
    pub(super) settings: CampaignSettings,
    pub(super) sequence: Sequence,
    pub(super) templates: Templates,
    pub(super) draw: Draw,
}

/// What decisions look at of a lead.
#[derive(Debug, Default)]
pub(crate) struct LeadFacts {
    zone: Option<String>,
    country: Option<Country>,
    fields: BTreeMap<String, String>,
    unreadable: bool,
}

impl LeadFacts {
    /// The profile is opened only where a condition reads a field; an erased person has none, and
    /// what does not open says so.
    pub(crate) async fn of(
        engine: &Engine,
        vault: &WorkspaceVault,
        lead: LeadId,
        sequence: &Sequence,
    ) -> Result<Self, EngineError> {
        let Some(row) = lead_row(engine, vault.workspace(), lead).await? else {
            return Ok(Self::default());
        };
        let mut facts = Self {
            zone: row.zone,
            country: row.country,
            fields: BTreeMap::new(),
            unreadable: false,
        };
        if sequence.reads_fields() {
            let opened = match vault.subject(lead).await {
                Ok(subject) => {
                    let place = Place::new(&LEAD, "profile", &[lead.to_value()]);
                    subject.open(&place, &row.profile)
                }
                Err(VaultError::NoKey { .. }) => return Ok(facts),
                Err(error) => Err(error),
            };
            let opened: Result<LeadProfile, _> = opened.map_err(|error| sealed(error, "profile"));
            match opened {
                Ok(profile) => facts.fields = render::fields(&profile),
                Err(EngineError::Content(_)) => facts.unreadable = true,
                Err(error) => return Err(error),
            }
        }
        Ok(facts)
    }

    /// The same of a person who was read already.
    pub(super) fn of_person(person: &Person, sequence: &Sequence) -> Self {
        let fields = match sequence.reads_fields() {
            true => render::fields(&person.profile),
            false => BTreeMap::new(),
        };
        Self {
            zone: person.row.zone.clone(),
            country: person.row.country,
            fields,
            unreadable: false,
        }
    }

    /// With the schedule of a campaign.
    pub(crate) fn under<'a>(&'a self, schedule: &'a Schedule) -> Facts<'a> {
        Facts {
            schedule,
            zone: self.zone.as_deref(),
            country: self.country,
            fields: &self.fields,
            unreadable: self.unreadable,
        }
    }
}

async fn lead_row(
    engine: &Engine,
    workspace: WorkspaceId,
    lead: LeadId,
) -> Result<Option<LeadRow>, EngineError> {
    let key = vec![lead.to_value()];
    let found = engine.storage().find::<LeadRow>(workspace, key).await?;
    Ok(found.map(|row| row.record))
}

impl LoadedCampaign {
    /// That nobody changed the campaign since it was read.
    pub(super) fn unchanged(&self, campaign: CampaignId) -> Check {
        Check::Version(
            Key::new(&CAMPAIGN, vec![campaign.to_value()]),
            self.row_version,
        )
    }

    pub(super) fn facts<'a>(&'a self, lead: &'a LeadFacts) -> Facts<'a> {
        lead.under(&self.settings.schedule)
    }

    pub(super) fn decide(
        &self,
        enrollment: &EnrollmentRow,
        lead: &LeadFacts,
        event: &Event,
        now: Timestamp,
    ) -> Decision {
        let facts = self.facts(lead);
        decide(enrollment, &facts, event, now, &self.sequence, self.draw)
    }
}

/// Campaigns that this lane has opened; versions of sequences never change.
pub(super) type Campaigns = BTreeMap<(CampaignId, u32), Arc<LoadedCampaign>>;

/// Who the workspace is, as the row of this version says it.
pub(super) type Identity = Option<(Version, Arc<WorkspaceIdentity>)>;

impl Lane<'_> {
    /// Who the workspace is: opened once for each version of its row.
    pub(super) async fn identity(&mut self) -> Result<Arc<WorkspaceIdentity>, EngineError> {
        let key = vec![self.workspace.to_value()];
        let storage = self.engine.storage();
        let found = storage.find::<WorkspaceRow>(self.workspace, key).await?;
        let found = found.ok_or(EngineError::NotFound("workspace"))?;
        match &self.identity {
            Some((version, identity)) if *version == found.version => Ok(Arc::clone(identity)),
            _ => {
                let identity = Arc::new(open_identity(&self.vault, &found.record)?);
                self.identity = Some((found.version, Arc::clone(&identity)));
                Ok(identity)
            }
        }
    }

    pub(super) async fn campaign(
        &mut self,
        campaign: CampaignId,
        version: u32,
    ) -> Result<Arc<LoadedCampaign>, EngineError> {
        if let Some(loaded) = self.campaigns.get(&(campaign, version)) {
            return Ok(Arc::clone(loaded));
        }
        let storage = self.engine.storage();
        let key = vec![campaign.to_value()];
        let row = storage
            .find::<CampaignRow>(self.workspace, key.clone())
            .await?
            .ok_or(EngineError::NotFound("campaign"))?;
        let row_version = row.version;
        let row = row.record;
        let place = Place::new(&CAMPAIGN, "content", &key);
        let opened = self.vault.own().open(&place, &row.content);
        let opened = opened.map_err(|error| sealed(error, "campaign"))?;
        let settings =
            serde_json::from_value(opened.0).map_err(|_| EngineError::Content("campaign"))?;
        let key = vec![row.sequence.to_value(), version.to_value()];
        let sequence = storage
            .find::<SequenceRow>(self.workspace, key.clone())
            .await?
            .ok_or(EngineError::NotFound("sequence"))?
            .record;
        let place = Place::new(&SEQUENCE, "content", &key);
        let opened = self.vault.own().open(&place, &sequence.content);
        let opened = opened.map_err(|error| sealed(error, "sequence"))?;
        let sequence: Sequence =
            serde_json::from_value(opened.0).map_err(|_| EngineError::Content("sequence"))?;
        let loaded = Arc::new(LoadedCampaign {
            row_version,
            state: row.state,
            settings,
            templates: Templates::of(&sequence),
            sequence,
            draw: Draw::new(row.seed as u64),
        });
        self.campaigns
            .insert((campaign, version), Arc::clone(&loaded));
        Ok(loaded)
    }

    /// The same; `None` where either is not there.
    pub(super) async fn campaign_if_there(
        &mut self,
        campaign: CampaignId,
        version: u32,
    ) -> Result<Option<Arc<LoadedCampaign>>, EngineError> {
        match self.campaign(campaign, version).await {
            Err(error) if Missing::told_by(&error).is_some() => Ok(None),
            loaded => loaded.map(Some),
        }
    }

    pub(super) async fn enrollment(
        &self,
        id: EnrollmentId,
    ) -> Result<Option<Versioned<EnrollmentRow>>, EngineError> {
        let key = vec![id.to_value()];
        let found = self
            .engine
            .storage()
            .find::<EnrollmentRow>(self.workspace, key)
            .await?;
        Ok(found.filter(|row| row.record.mailbox == self.mailbox))
    }

    /// Whether an enrollment stands at this step of this version.
    pub(super) async fn stands_at(
        &mut self,
        id: EnrollmentId,
        version: u32,
        node: u16,
    ) -> Result<bool, EngineError> {
        let found = self.enrollment(id).await?.map(|found| found.record);
        let Some(row) = found.filter(|row| row.sequence_version == version) else {
            return Ok(false);
        };
        let loaded = self.campaign(row.campaign, version).await?;
        Ok(Memory::of(&row, &loaded.sequence).node == node)
    }

    /// That nobody changes a lead's row from here on.
    pub(super) async fn lead_as_it_is(&self, lead: LeadId) -> Result<Check, EngineError> {
        let key = Key::new(&LEAD, vec![lead.to_value()]);
        let storage = self.engine.storage();
        let found = storage.find::<LeadRow>(self.workspace, key.values().to_vec());
        Ok(match found.await? {
            Some(row) => Check::Version(key, row.version),
            None => Check::Absent(key),
        })
    }

    /// What a decision about this lead may look at.
    pub(super) async fn lead_facts(
        &self,
        lead: LeadId,
        sequence: &Sequence,
    ) -> Result<LeadFacts, EngineError> {
        LeadFacts::of(self.engine, &self.vault, lead, sequence).await
    }

    pub(super) async fn lead_row(&self, lead: LeadId) -> Result<Option<LeadRow>, EngineError> {
        lead_row(self.engine, self.workspace, lead).await
    }
}
