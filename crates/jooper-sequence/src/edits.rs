//! Live edits: a new version of a running campaign's sequence, with a preview of what it does.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jooper_core::{CampaignId, Draw, EnrollmentState, Origin, StepIndex};
use jooper_storage::tables::{
    CampaignRow, ENROLLMENT, EnrollmentRow, SEQUENCE, SequenceContent, SequenceRow,
};
use jooper_storage::{Batch, Column, Scan, StorageExt};
use jooper_vault::Place;

use crate::campaigns::Campaigns;
use crate::decide::{Memory, cohort_moves, is_settled, migrate};
use crate::error::EngineError;
use crate::lane::{Command, LeadFacts, append};
use crate::model::{Action, Cohort, Edit, Sequence};
use crate::pauses::{TRIES, has_ended};

/// What an edit would do to the leads that are under way. Nothing is changed by looking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EditPreview {
    /// The number of the new version.
    pub version: u32,
    /// By the step that comes next for them: who moves and who stays.
    pub steps: Vec<EditedStep>,
    /// Leads that would move but cannot: the fate of their last mail is unknown.
    pub unknown: usize,
    /// Leads among them who still run an older version than the one that runs now.
    pub older: usize,
    /// The most mails that are still to come if nothing is changed.
    pub mails_before: usize,
    /// The most mails that are still to come after the edit.
    pub mails_after: usize,
}

/// The leads for whom the same step comes next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EditedStep {
    /// The step of the version that they run, by its id.
    pub step: String,
    /// How many stay.
    pub stay: usize,
    /// How many move, by the id of the step that comes next for them then; `end` for those whom it
    /// ends.
    pub go_on_with: BTreeMap<String, usize>,
}

impl EditedStep {
    /// How many move.
    pub fn moving(&self) -> usize {
        self.go_on_with.values().sum()
    }
}

impl Campaigns {
    /// Says what an edit would do.
    ///
    /// # Errors
    /// [`EngineError::Edit`] names what is wrong with it; [`EngineError::State`] when the campaign
    /// has ended.
    pub async fn preview_edit(
        &self,
        campaign: CampaignId,
        sequence: &Sequence,
        edit: &Edit,
    ) -> Result<EditPreview, EngineError> {
        let summary = self.get(campaign).await?;
        let (row, new) = self.next_version(campaign, sequence, edit).await?;
        let version = row.sequence_version + 1;
        let mut running = BTreeMap::new();
        let draw = Draw::new(row.seed as u64);
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let schedule = &summary.settings.schedule;
        let mut preview = EditPreview {
            version,
            ..EditPreview::default()
        };
        let mut steps: BTreeMap<(u32, u16), EditedStep> = BTreeMap::new();
        for enrollment in self.open_enrollments(campaign).await? {
            let runs = enrollment.sequence_version;
            preview.older += usize::from(runs != row.sequence_version);
            if let Entry::Vacant(unread) = running.entry(runs) {
                unread.insert(self.if_there(campaign, runs).await?);
            }
            let Some(old) = &running[&runs] else {
                continue;
            };
            let node = Memory::of(&enrollment, old).node;
            let step = old.id_at(usize::from(node));
            // Those for whom a step of one name comes next are told together, whichever version they run.
            let named = steps.iter().find(|(_, known)| known.step == step);
            let place = named.map_or((version - runs, node), |(place, _)| *place);
            let known = steps.entry(place).or_insert_with(|| EditedStep {
                step,
                ..EditedStep::default()
            });
            let before = to_come(&enrollment, old);
            preview.mails_before += before;
            let moves = cohort_moves(edit, &enrollment, old, version, draw);
            let now = self.engine.now();
            let moved = if moves {
                let lead = LeadFacts::of(&self.engine, &vault, enrollment.lead, &new).await?;
                let facts = lead.under(schedule);
                Some(migrate(&enrollment, &facts, now, old, &new, version, draw))
            } else {
                None
            };
            match moved {
                Some(Some(decision)) => {
                    let next = decision.next;
                    preview.mails_after += to_come(&next, &new);
                    let node = usize::from(Memory::of(&next, &new).node);
                    let id = if next.state == EnrollmentState::Finished {
                        crate::model::END.to_owned()
                    } else {
                        new.id_at(node)
                    };
                    *known.go_on_with.entry(id).or_default() += 1;
                }
                stays => {
                    preview.unknown += usize::from(stays.is_some());
                    preview.mails_after += before;
                    known.stay += 1;
                }
            }
        }
        preview.steps = steps.into_values().collect();
        Ok(preview)
    }

    /// Saves a sequence as the next version of a campaign's, and moves leads to it. Leads that are
    /// enrolled later get the new version.
    ///
    /// # Errors
    /// As [`Campaigns::preview_edit`].
    pub async fn edit(
        &self,
        campaign: CampaignId,
        sequence: &Sequence,
        edit: &Edit,
    ) -> Result<u32, EngineError> {
        let (row, new) = self.next_version(campaign, sequence, edit).await?;
        let version = row.sequence_version + 1;
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let key = [row.sequence.to_value(), version.to_value()];
        let content = serde_json::to_value(&new).map_err(|_| EngineError::Content("sequence"))?;
        let place = Place::new(&SEQUENCE, "content", &key);
        let saved = SequenceRow {
            id: row.sequence,
            version,
            created_at: self.engine.now(),
            steps: new.mail_count(),
            content: vault
                .own()
                .seal(&place, Origin::Customer, &SequenceContent(content))?,
        };
        // Ids of steps are words of people: lanes get places.
        let mut older = BTreeMap::new();
        for runs in 1..=row.sequence_version {
            if let Some(sequence) = self.if_there(campaign, runs).await? {
                older.insert(runs, places(edit, &sequence));
            }
        }
        let command = Command::Migrate {
            campaign,
            from: row.sequence_version,
            to: version,
            edit: older.remove(&row.sequence_version).unwrap_or_default(),
            older,
        };
        for _ in 0..TRIES {
            let found = self.row(campaign).await?;
            if found.record.sequence_version != row.sequence_version {
                return Err(EngineError::State(
                    "somebody else edited the campaign meanwhile; look at it again",
                ));
            }
            may_edit(&found.record)?;
            let lanes = self.lanes_in(&found.record).await?;
            let next = CampaignRow {
                sequence_version: version,
                ..found.record
            };
            let state = next.state;
            let mut batch = Batch::new(self.workspace)
                .insert(&saved)
                .update(&next, found.version);
            for mailbox in lanes {
                batch = append(&self.engine, batch, mailbox, &command).await?;
            }
            let batch = self.log_change(batch, campaign, state);
            match self.engine.storage().commit(batch).await {
                Err(error) if error.is_conflict() => {}
                result => {
                    result?;
                    return Ok(version);
                }
            }
        }
        Err(EngineError::State(
            "the campaign changed during every attempt; try again",
        ))
    }

    async fn next_version(
        &self,
        campaign: CampaignId,
        sequence: &Sequence,
        edit: &Edit,
    ) -> Result<(CampaignRow, Sequence), EngineError> {
        let row = self.row(campaign).await?.record;
        may_edit(&row)?;
        let old = self.sequence_of(campaign, row.sequence_version).await?;
        edit.check(&old)?;
        let new = sequence.clone().following(&old)?;
        new.check_content(self.engine.parts.gate.content_rules())?;
        self.engine.check_follow_ups(&new)?;
        Ok((row, new))
    }

    /// One version; whoever runs one that is not there, or does not open, waits for a person, and moves
    /// nowhere.
    async fn if_there(
        &self,
        campaign: CampaignId,
        version: u32,
    ) -> Result<Option<Sequence>, EngineError> {
        match self.sequence_of(campaign, version).await {
            Err(EngineError::NotFound("sequence") | EngineError::Content(_)) => Ok(None),
            found => found.map(Some),
        }
    }

    async fn open_enrollments(
        &self,
        campaign: CampaignId,
    ) -> Result<Vec<EnrollmentRow>, EngineError> {
        let mut open = Vec::new();
        for state in [
            EnrollmentState::Active,
            EnrollmentState::Paused,
            EnrollmentState::Parked,
        ] {
            let prefix = vec![campaign.to_value(), state.to_value()];
            let scan = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
            let rows = self
                .engine
                .storage()
                .collect::<EnrollmentRow>(self.workspace, scan)
                .await?;
            open.extend(rows.into_iter().map(|row| row.record));
        }
        Ok(open)
    }
}

fn may_edit(row: &CampaignRow) -> Result<(), EngineError> {
    match has_ended(row.state) {
        true => Err(EngineError::State(
            "the campaign has ended; create a new one",
        )),
        false => Ok(()),
    }
}

/// The mails that are still open: the most that can come.
fn to_come(enrollment: &EnrollmentRow, sequence: &Sequence) -> usize {
    if enrollment.state == EnrollmentState::Finished {
        return 0;
    }
    let mails = sequence.mails().map(|(mail, _): (StepIndex, _)| mail);
    mails.filter(|mail| !is_settled(enrollment, *mail)).count()
}

/// The same edit with the places of steps instead of their ids. Nobody is at a step that the version
/// does not have.
fn places(edit: &Edit, old: &Sequence) -> Edit {
    let place = |(cohort, action): &(Cohort, Action)| match cohort {
        Cohort::At(id) => {
            let node = old.node_named(id)?;
            Some((Cohort::AtPlace(node as u16), *action))
        }
        other => Some((other.clone(), *action)),
    };
    Edit {
        rules: edit.rules.iter().filter_map(place).collect(),
        otherwise: edit.otherwise,
    }
}
