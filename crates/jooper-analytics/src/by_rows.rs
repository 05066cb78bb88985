//! The balance from rows: enrollments and the send ledger.
//!
//! Audience and pending come from enrollments, every other term from the ledger alone. The engine
//! may be writing meanwhile: enrollments are read first, and what ends an enrollment is committed
//! together with its ledger rows, so that whatever an enrollment implies is in the ledger by then.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{
    CampaignId, EnrollmentId, EnrollmentState, SendKey, SendState, StepIndex, WorkspaceId,
};
use jooper_storage::tables::{CampaignRow, ENROLLMENT, EnrollmentRow, SEND, SendRow, SequenceRow};
use jooper_storage::{Column, Key, Record, Scan, StorageExt, StoreError};

use crate::Analytics;
use crate::balance::{Balance, Term};

/// What an enrollment tells about its steps.
#[derive(Debug, Clone, Copy)]
struct Person {
    steps: u16,
    ended: bool,
}

type People = BTreeMap<EnrollmentId, Person>;
type Terms = BTreeMap<(EnrollmentId, u16), Term>;

impl Analytics {
    /// Accounts for every step of a campaign from enrollments and ledger rows.
    ///
    /// # Errors
    /// As the store.
    pub async fn balance_from_rows(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Balance, StoreError> {
        let people = self.enrolled(workspace, campaign).await?;
        let mut terms = self.terms(workspace, campaign).await?;
        self.look_again(workspace, &people, &mut terms).await?;
        let mut balance = Balance::default();
        for person in people.values() {
            balance.expect(person.steps);
        }
        let mut newer = BTreeMap::new();
        for ((enrollment, step), term) in &terms {
            // Who was enrolled after the enrollments were read belongs to neither side.
            if people.contains_key(enrollment)
                || !self.is_newer(workspace, *enrollment, &mut newer).await?
            {
                balance.count(*step, *term);
            }
        }
        for (enrollment, person) in &people {
            for step in 0..person.steps {
                match (terms.contains_key(&(*enrollment, step)), person.ended) {
                    (true, _) => {}
                    (false, false) => balance.count(step, Term::Pending),
                    (false, true) => balance.count(step, Term::Lost),
                }
            }
        }
        Ok(balance)
    }

    async fn enrolled(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<People, StoreError> {
        let scan = Scan::table(&ENROLLMENT)
            .by("by_campaign")
            .prefix(vec![campaign.to_value()])
            .limit(Scan::MAX_LIMIT);
        let rows = self
            .storage
            .collect::<EnrollmentRow>(workspace, scan)
            .await?;
        let rows: Vec<_> = rows.into_iter().map(|row| row.record).collect();
        let versions = rows.iter().map(|row| row.sequence_version).collect();
        let steps = self.versions(workspace, campaign, versions).await?;
        let person = |row: &EnrollmentRow| Person {
            steps: steps.get(&row.sequence_version).copied().unwrap_or(0),
            ended: row.state == EnrollmentState::Finished,
        };
        Ok(rows.iter().map(|row| (row.id, person(row))).collect())
    }

    /// How many steps these versions of the campaign's sequence have.
    pub(crate) async fn versions(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        versions: BTreeSet<u32>,
    ) -> Result<BTreeMap<u32, u16>, StoreError> {
        let mut steps = BTreeMap::new();
        let key = vec![campaign.to_value()];
        if let Some(row) = self.storage.find::<CampaignRow>(workspace, key).await? {
            for version in versions {
                let key = vec![row.record.sequence.to_value(), version.to_value()];
                let found = self.storage.find::<SequenceRow>(workspace, key).await?;
                steps.insert(version, found.map_or(0, |row| row.record.steps));
            }
        }
        Ok(steps)
    }

    async fn terms(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Terms, StoreError> {
        let scan = Scan::table(&SEND)
            .by("by_campaign")
            .prefix(vec![campaign.to_value()])
            .limit(Scan::MAX_LIMIT);
        let rows = self.storage.collect::<SendRow>(workspace, scan).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| place_of(&row.record).zip(decided(&row.record)))
            .collect())
    }

    /// Reads single ledger rows of ended enrollments that seem to lack them: a row that changed
    /// its state during the scan may have moved from ahead of the scan to behind it.
    async fn look_again(
        &self,
        workspace: WorkspaceId,
        people: &People,
        terms: &mut Terms,
    ) -> Result<(), StoreError> {
        let ended = people.iter().filter(|(_, person)| person.ended);
        let missing: Vec<_> = ended
            .flat_map(|(id, person)| (0..person.steps).map(|step| (*id, step)))
            .filter(|place| !terms.contains_key(place))
            .collect();
        for places in missing.chunks(1000) {
            let key = |(enrollment, step): &(EnrollmentId, u16)| {
                let (enrollment, step) = (*enrollment, StepIndex(*step));
                Key::new(&SEND, vec![SendKey::Step { enrollment, step }.to_value()])
            };
            let keys: Vec<Key> = places.iter().map(key).collect();
            let rows = self.storage.get(workspace.into(), &keys).await?;
            for (place, row) in places.iter().zip(rows) {
                if let Some(row) = row
                    && let Some(term) = decided(&SendRow::from_values(row.values)?)
                {
                    terms.insert(*place, term);
                }
            }
        }
        Ok(())
    }

    async fn is_newer(
        &self,
        workspace: WorkspaceId,
        enrollment: EnrollmentId,
        known: &mut BTreeMap<EnrollmentId, bool>,
    ) -> Result<bool, StoreError> {
        if let Some(known) = known.get(&enrollment) {
            return Ok(*known);
        }
        let key = vec![enrollment.to_value()];
        let found = self.storage.find::<EnrollmentRow>(workspace, key).await?;
        known.insert(enrollment, found.is_some());
        Ok(found.is_some())
    }
}

const fn place_of(send: &SendRow) -> Option<(EnrollmentId, u16)> {
    match send.key {
        SendKey::Step { enrollment, step } => Some((enrollment, step.0)),
        _ => None,
    }
}

/// What the ledger row decides, if it decides anything. A row that says "skipped" or "not sent"
/// without a reason decides nothing: it cannot be explained to anybody (law L16).
pub(crate) fn decided(send: &SendRow) -> Option<Term> {
    match send.state {
        SendState::Sent => Some(Term::Sent),
        SendState::Skipped => send.skip.map(Term::Skipped),
        SendState::Unknown | SendState::Abandoned => Some(Term::Unknown),
        SendState::NotSent => match send.not_sent {
            Some(reason) if reason.is_final() => Some(Term::Failed(reason)),
            _ => None,
        },
        _ => None,
    }
}
