//! Changing a campaign's settings while it runs: windows, caps, absences, mailboxes.

use jooper_consent::Note;
use jooper_core::{
    CampaignId, CampaignState, Dimensions, EnrollmentState, EventKind, MailboxId, Origin, UserId,
};
use jooper_storage::tables::{CAMPAIGN, CampaignContent, CampaignRow, ENROLLMENT, EnrollmentRow};
use jooper_storage::{Batch, Column, LogEntry, Scan, StorageExt, Versioned};
use jooper_vault::Place;
use serde::{Deserialize, Serialize};

use crate::campaigns::{CampaignSummary, Campaigns};
use crate::error::EngineError;
use crate::forecast::Plan;
use crate::lane::{Command, append};
use crate::model::{CampaignSettings, SettingsEdit};

/// How often a change is made anew when somebody else changed the campaign meanwhile.
const TRIES: usize = 5;

/// The settings as they are kept, with the mailboxes that were taken out: what they wait for may
/// still have to be told to them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(flatten)]
    pub(crate) settings: CampaignSettings,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) former: Vec<MailboxId>,
    /// How often they were changed: what was foreseen under others is no plan any more.
    #[serde(default, rename = "settings_version", skip_serializing_if = "is_first")]
    pub(crate) version: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_first(version: &u32) -> bool {
    *version == 0
}

/// What a change of settings would do. Nothing is changed by looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePreview {
    /// The settings as they would be.
    pub settings: CampaignSettings,
    /// The names of what changes.
    pub changed: Vec<&'static str>,
    /// Leads under way whose next step is planned anew.
    pub replanned: usize,
    /// Leads under way whose mailbox is taken out: nothing more is sent to them before it is added
    /// again.
    pub waiting: usize,
}

impl CampaignSummary {
    /// Every mailbox whose lane may have something of this campaign.
    pub(crate) fn lanes(&self) -> impl Iterator<Item = MailboxId> + '_ {
        let former = self.former.iter();
        self.settings.mailboxes.iter().chain(former).copied()
    }

    /// By what a forecast of it was made.
    pub(crate) const fn plan(&self) -> Plan {
        Plan {
            settings: self.settings_version,
            sequence: self.sequence_version,
        }
    }
}

impl Campaigns {
    /// Says what a change of settings would do.
    ///
    /// # Errors
    /// As [`Campaigns::change`].
    pub async fn preview_change(
        &self,
        campaign: CampaignId,
        edit: &SettingsEdit,
    ) -> Result<ChangePreview, EngineError> {
        let summary = self.get(campaign).await?;
        let (settings, changed) = self.changed(&summary, edit).await?;
        let mut preview = ChangePreview {
            settings,
            changed,
            replanned: 0,
            waiting: 0,
        };
        for state in [
            EnrollmentState::Active,
            EnrollmentState::Paused,
            EnrollmentState::Parked,
        ] {
            let prefix = vec![campaign.to_value(), state.to_value()];
            let scan = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
            let storage = self.engine.storage();
            let rows = storage.collect::<EnrollmentRow>(self.workspace, scan);
            for row in rows.await? {
                if preview.settings.mailboxes.contains(&row.record.mailbox) {
                    preview.replanned += 1;
                } else {
                    preview.waiting += 1;
                }
            }
        }
        Ok(preview)
    }

    /// Changes the settings of a campaign, in a named person's name, and returns them as they are
    /// from now on.
    ///
    /// Of a campaign that runs, each lane plans what is not due yet anew when it looks next, which
    /// is at once; a mail that is on its way leaves. A mailbox that is added takes leads that are
    /// added later; conversations stay where they were begun. The leads of a mailbox that is taken
    /// out wait ([`WaitReason::MailboxRemoved`]) until it is added again, or until somebody takes
    /// them out: in its conversation nobody else goes on.
    ///
    /// [`WaitReason::MailboxRemoved`]: jooper_core::WaitReason::MailboxRemoved
    ///
    /// # Errors
    /// [`EngineError::Campaign`] names what is wrong with it; [`EngineError::State`] when the
    /// campaign was ended; [`EngineError::NotFound`] also for a mailbox that is to be added.
    pub async fn change(
        &self,
        campaign: CampaignId,
        edit: &SettingsEdit,
        by: UserId,
    ) -> Result<CampaignSettings, EngineError> {
        for _ in 0..TRIES {
            let found = self.row(campaign).await?;
            let summary = self.open(found.record.clone()).await?;
            let (settings, changed) = self.changed(&summary, edit).await?;
            if changed.is_empty() {
                return Ok(settings);
            }
            let batch = self.written(found, &summary, &settings, changed, by);
            match self.engine.storage().commit(batch.await?).await {
                Err(error) if error.is_conflict() => {}
                result => {
                    result?;
                    tracing::info!(%campaign, %by, "a campaign's settings are changed");
                    return Ok(settings);
                }
            }
        }
        Err(EngineError::State(
            "the campaign changed during every attempt; try again",
        ))
    }

    /// The settings after a change, and the names of what it changes.
    async fn changed(
        &self,
        summary: &CampaignSummary,
        edit: &SettingsEdit,
    ) -> Result<(CampaignSettings, Vec<&'static str>), EngineError> {
        if summary.state == CampaignState::Stopped {
            return Err(EngineError::State(
                "the campaign has ended; create a new one",
            ));
        }
        let (old, new) = (&summary.settings, edit.applied_to(&summary.settings)?);
        let added = new.mailboxes.iter();
        let added: Vec<_> = added.filter(|id| !old.mailboxes.contains(id)).collect();
        self.connected(added.into_iter().copied()).await?;
        let (was, is) = (&old.schedule, &new.schedule);
        let gaps = |of: &crate::model::Schedule| (of.gap_seconds_min, of.gap_seconds_max);
        let all = [
            ("name", old.name != new.name),
            ("mailboxes", old.mailboxes != new.mailboxes),
            ("zone", was.zone != is.zone),
            ("windows", was.windows != is.windows),
            ("holidays", was.holidays != is.holidays),
            ("calendars", was.calendars != is.calendars),
            (
                "holidays_of_lead",
                was.holidays_of_lead != is.holidays_of_lead,
            ),
            ("absences", was.absences != is.absences),
            ("gaps", gaps(was) != gaps(is)),
            ("daily_cap", was.daily_cap != is.daily_cap),
            ("limits", was.limits != is.limits),
            ("catch_up", was.catch_up != is.catch_up),
        ];
        let changed = all.into_iter().filter(|(_, differs)| *differs);
        Ok((new, changed.map(|(name, _)| name).collect()))
    }

    /// Everything that a change writes: the settings, a fact for the audit chain, and a command for
    /// every lane.
    async fn written(
        &self,
        found: Versioned<CampaignRow>,
        before: &CampaignSummary,
        settings: &CampaignSettings,
        changed: Vec<&'static str>,
        by: UserId,
    ) -> Result<Batch, EngineError> {
        let id = before.id;
        let missing = |from: &[MailboxId], of: &[MailboxId]| -> Vec<MailboxId> {
            let missing = of.iter().filter(|mailbox| !from.contains(mailbox));
            missing.copied().collect()
        };
        let added = missing(&before.settings.mailboxes, &settings.mailboxes);
        let removed = missing(&settings.mailboxes, &before.settings.mailboxes);
        let mut former = missing(&settings.mailboxes, &before.former);
        former.extend(removed.iter().copied());
        let kept = Kept {
            settings: settings.clone(),
            former,
            version: before.settings_version.saturating_add(1),
        };
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let content = serde_json::to_value(&kept).map_err(|_| EngineError::Content("campaign"))?;
        let place = Place::new(&CAMPAIGN, "content", &[id.to_value()]);
        let state = found.record.state;
        let row = CampaignRow {
            content: vault
                .own()
                .seal(&place, Origin::Customer, &CampaignContent(content))?,
            ..found.record
        };
        let note = Note::Settings {
            campaign: id,
            by,
            changed: changed.into_iter().map(str::to_owned).collect(),
            added,
            removed,
        };
        let (now, version) = (self.engine.now(), found.version.to_be_bytes());
        let dimensions = Dimensions {
            campaign: Some(id),
            reason: Some(state.code()),
            ..Dimensions::default()
        };
        let whose = id.uuid();
        let source: &[&[u8]] = &[whose.as_bytes(), b"settings", &version];
        let mut fact = LogEntry::new(EventKind::CampaignChanged, now, source, dimensions);
        fact.payload = Some(note.to_payload());
        let mut batch = Batch::new(self.workspace)
            .update(&row, found.version)
            .append(fact);
        if state == CampaignState::Draft {
            return Ok(batch);
        }
        let lanes = kept.settings.mailboxes.iter().chain(&kept.former);
        for mailbox in lanes {
            let command = Command::Settings(id, by);
            batch = append(&self.engine, batch, *mailbox, &command).await?;
        }
        Ok(batch)
    }
}
