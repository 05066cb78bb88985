//! L4: nobody at a company is written to once the answer of a colleague was read, where the sequence
//! says so; also whoever was enrolled on another mailbox at that very moment.

use std::collections::BTreeMap;

use jooper_core::{EnrollmentId, LeadId};

use super::{Accepted, Change, Heard, Invariant, Spoke, Violation};
use crate::population::Said;

/// Who works where, and who has answered.
#[derive(Debug)]
pub(crate) struct Colleagues {
    companies: BTreeMap<LeadId, usize>,
    leads: BTreeMap<EnrollmentId, LeadId>,
    answers: Vec<Spoke>,
    heard: Heard,
}

impl Colleagues {
    pub(crate) fn new(companies: BTreeMap<LeadId, usize>) -> Self {
        Self {
            companies,
            leads: BTreeMap::new(),
            answers: Vec::new(),
            heard: Heard::default(),
        }
    }

    fn is_colleague(&self, of: EnrollmentId, lead: LeadId) -> bool {
        let Some(other) = self.leads.get(&of).filter(|other| **other != lead) else {
            return false;
        };
        let company = self.companies.get(&lead);
        company.is_some() && company == self.companies.get(other)
    }
}

impl Invariant for Colleagues {
    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        self.heard.follow(change);
        for moved in &change.enrollments {
            self.leads.insert(moved.after.id, moved.after.lead);
        }
        Ok(())
    }

    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        let Some(lead) = accepted.row.as_ref().and_then(|row| row.lead) else {
            return Ok(());
        };
        let mut read = self
            .answers
            .iter()
            .filter(|spoke| self.heard.has_read(spoke));
        if read.any(|spoke| self.is_colleague(spoke.enrollment, lead)) {
            let key = accepted.key;
            return Err(Violation::SentAfterColleague { key });
        }
        Ok(())
    }

    fn spoke(&mut self, spoke: &Spoke) {
        if spoke.said == Said::Answer {
            self.answers.push(*spoke);
        }
    }
}
