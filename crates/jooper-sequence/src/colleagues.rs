//! Who is added to a campaign that has stopped for their whole company.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{CampaignId, CompanyId, LeadId, WorkspaceId};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LeadRow};
use jooper_storage::{Column, Scan, StorageExt};

use crate::decide::Memory;
use crate::engine::Engine;
use crate::error::EngineError;

/// Who answered in one campaign, company by company: each is looked through once.
#[derive(Debug, Default)]
pub(crate) struct Answered(BTreeMap<CompanyId, BTreeSet<LeadId>>);

impl Answered {
    /// Whether somebody else at their company answered in the campaign. Not asked of people who
    /// were in it before: the rule of their coming back stands above it.
    pub(crate) async fn stops(
        &mut self,
        engine: &Engine,
        workspace: WorkspaceId,
        campaign: CampaignId,
        lead: &LeadRow,
    ) -> Result<bool, EngineError> {
        let Some(company) = lead.company else {
            return Ok(false);
        };
        if let Entry::Vacant(unknown) = self.0.entry(company) {
            let mut answered = BTreeSet::new();
            for colleague in engine.leads_of(workspace, company).await? {
                let rows = engine.ways_of(workspace, campaign, colleague).await?;
                if rows.iter().any(Memory::answered) {
                    answered.insert(colleague);
                }
            }
            unknown.insert(answered);
        }
        let answered = self.0.get(&company);
        let others = answered.is_some_and(|all| all.iter().any(|who| *who != lead.id));
        Ok(others
            && engine
                .ways_of(workspace, campaign, lead.id)
                .await?
                .is_empty())
    }
}

impl Engine {
    /// A lead's enrollments in one campaign, ended ones too.
    async fn ways_of(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
        lead: LeadId,
    ) -> Result<Vec<EnrollmentRow>, EngineError> {
        let scan = Scan::table(&ENROLLMENT)
            .by("by_lead")
            .prefix(vec![lead.to_value()]);
        let rows = self
            .storage()
            .collect::<EnrollmentRow>(workspace, scan)
            .await?;
        let rows = rows.into_iter().map(|row| row.record);
        Ok(rows.filter(|row| row.campaign == campaign).collect())
    }
}
