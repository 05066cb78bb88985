//! Who is added to a campaign that has stopped for their whole company.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{CampaignId, CompanyId, LeadId, WorkspaceId};
use jooper_storage::tables::{EnrollmentRow, LeadRow};

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
        let here = |row: &&EnrollmentRow| row.campaign == campaign;
        if let Entry::Vacant(unknown) = self.0.entry(company) {
            let mut answered = BTreeSet::new();
            for colleague in engine.leads_of(workspace, company).await? {
                let rows = engine.enrollments_of(workspace, colleague).await?;
                if rows.iter().filter(here).any(Memory::answered) {
                    answered.insert(colleague);
                }
            }
            unknown.insert(answered);
        }
        let answered = self.0.get(&company);
        let others = answered.is_some_and(|all| all.iter().any(|who| *who != lead.id));
        if !others {
            return Ok(false);
        }
        let theirs = engine.enrollments_of(workspace, lead.id).await?;
        Ok(!theirs.iter().any(|row| here(&row)))
    }
}
