//! Leads for lists: many profiles opened at once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jooper::core::{LeadId, SubjectId, from_millis, to_millis};
use jooper::storage::tables::{LEAD, LeadProfile, LeadRow};
use jooper::storage::{Column, Key, Record, Scan, StorageExt};
use jooper::vault::Place;

use super::app::App;
use super::error::PageError;

/// A lead with its opened profile.
pub(crate) struct Person {
    pub(crate) row: LeadRow,
    pub(crate) profile: LeadProfile,
}

impl Person {
    /// The name, or the address where there is none.
    pub(crate) fn name(&self) -> String {
        name(&self.profile)
    }

    pub(crate) fn company(&self) -> String {
        self.profile.company.clone().unwrap_or_default()
    }
}

/// The name in a profile, or the address where there is none.
pub(crate) fn name(profile: &LeadProfile) -> String {
    let parts = [&profile.first_name, &profile.last_name];
    let full: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    if full.is_empty() {
        profile.email.clone()
    } else {
        full.join(" ")
    }
}

/// A place in the list of leads. Its text stands in addresses: a time and an id, no person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position(Timestamp, LeadId);

impl Position {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (millis, id) = text.split_once('-')?;
        Some(Self(from_millis(millis.parse().ok()?), id.parse().ok()?))
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", to_millis(self.0), self.1)
    }
}

/// Leads in the order of their import, behind a position; and where to go on, if there are more.
pub(crate) async fn page(
    app: &App,
    after: Option<Position>,
    limit: usize,
) -> Result<(Vec<Person>, Option<Position>), PageError> {
    let after = after.map(|Position(at, id)| vec![at.to_value(), id.to_value()]);
    let scan = Scan::table(&LEAD)
        .by("by_created")
        .after(after)
        .limit(limit);
    let found = app
        .jooper
        .storage()
        .page::<LeadRow>(app.workspace, scan)
        .await?;
    let rows: Vec<LeadRow> = found.records.into_iter().map(|row| row.record).collect();
    let last = rows.last().map(|row| Position(row.created_at, row.id));
    let next = last.filter(|_| found.next.is_some());
    Ok((open(app, rows).await?, next))
}

/// The leads with these ids; erased ones are absent.
pub(crate) async fn find(
    app: &App,
    leads: impl IntoIterator<Item = LeadId>,
) -> Result<BTreeMap<LeadId, Person>, PageError> {
    let ids: std::collections::BTreeSet<LeadId> = leads.into_iter().collect();
    let keys: Vec<Key> = ids
        .iter()
        .map(|id| Key::new(&LEAD, vec![id.to_value()]))
        .collect();
    let rows = app
        .jooper
        .storage()
        .get(app.workspace.into(), &keys)
        .await?;
    let rows: Result<Vec<LeadRow>, _> = rows
        .into_iter()
        .flatten()
        .map(|row| LeadRow::from_values(row.values))
        .collect();
    let people = open(app, rows?).await?;
    Ok(people
        .into_iter()
        .map(|person| (person.row.id, person))
        .collect())
}

async fn open(app: &App, rows: Vec<LeadRow>) -> Result<Vec<Person>, PageError> {
    let vault = app.jooper.vault().workspace(app.workspace).await?;
    let subjects: Vec<SubjectId> = rows.iter().map(|row| row.id.into()).collect();
    let keys = vault.subjects(&subjects).await?;
    let mut people = Vec::with_capacity(rows.len());
    for row in rows {
        // No key: the lead is being erased.
        let Some(theirs) = keys.get(&row.id.into()) else {
            continue;
        };
        let place = Place::new(&LEAD, "profile", &[row.id.to_value()]);
        let profile = theirs.open(&place, &row.profile)?;
        people.push(Person { row, profile });
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_and_nonsense_is_none() {
        let id = LeadId::from_uuid(uuid::Uuid::from_u128(7));
        let here = Position(from_millis(1_795_000_000_123), id);
        assert_eq!(Position::parse(&here.to_string()), Some(here));
        for bad in ["", "-", "12-x", "x-lead_00000000000000000000000000000007"] {
            assert_eq!(Position::parse(bad), None, "{bad}");
        }
    }
}
