//! L12: no budget is exceeded, of an hour or of 24, of one mailbox or of what mailboxes share.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{LeadId, MailboxId, SendKey};

use super::{Accepted, Invariant, Violation};
use crate::shape::Promises;

/// Counts what the provider takes.
#[derive(Debug)]
pub(crate) struct Budgets {
    promises: Promises,
    /// At which domain each lead has its mail.
    domains: BTreeMap<LeadId, usize>,
    mailboxes: BTreeMap<MailboxId, Vec<Timestamp>>,
    /// At which domain each mailbox sends.
    senders: BTreeMap<MailboxId, usize>,
    /// Mails of all mailboxes.
    all: Vec<Timestamp>,
    /// Mails from a domain.
    from: BTreeMap<usize, Vec<Timestamp>>,
    /// Mails to a domain.
    recipients: BTreeMap<usize, Vec<Timestamp>>,
}

impl Budgets {
    pub(crate) const fn new(
        promises: Promises,
        domains: BTreeMap<LeadId, usize>,
        senders: BTreeMap<MailboxId, usize>,
    ) -> Self {
        Self {
            promises,
            domains,
            senders,
            from: BTreeMap::new(),
            mailboxes: BTreeMap::new(),
            all: Vec::new(),
            recipients: BTreeMap::new(),
        }
    }
}

fn held(what: &'static str, sent: usize, most: Option<usize>) -> Result<(), Violation> {
    match most {
        Some(most) if sent > most => Err(Violation::OverBudget { what, sent, most }),
        _ => Ok(()),
    }
}

impl Invariant for Budgets {
    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        // Set while the mail was under way, the clock may have shown anything when it was counted.
        if accepted.is_unsettled() {
            return Ok(());
        }
        let at = accepted.seen();
        let mails = self.mailboxes.entry(accepted.mailbox).or_default();
        mails.push(at);
        // Clocks of two mailboxes may differ: every span that this mail lies in counts.
        let within = |mails: &[Timestamp], hours| {
            let span = SignedDuration::from_hours(hours);
            let follows = |from: Timestamp, at: Timestamp| {
                let behind = at.duration_since(from);
                !behind.is_negative() && behind < span
            };
            let starts = mails.iter().filter(|from| follows(**from, at));
            let spans = starts.map(|from| mails.iter().filter(|at| follows(*from, **at)).count());
            spans.max().unwrap_or(0)
        };
        self.all.push(at);
        let domain = self.senders.get(&accepted.mailbox).copied().unwrap_or(0);
        let from = self.from.entry(domain).or_default();
        from.push(at);
        // A test waits for no budget of a campaign's, and takes from each.
        if matches!(accepted.key, SendKey::Test { .. }) {
            return Ok(());
        }
        held("mails in an hour", within(mails, 1), self.promises.hour)?;
        held(
            "mails in 24 hours",
            within(mails, 24),
            Some(self.promises.day),
        )?;
        let all = within(&self.all, 24);
        held("mails of the workspace", all, self.promises.workspace)?;
        let from = within(from, 24);
        held("mails of the domain", from, self.promises.sender_domain)?;
        let lead = accepted.row.as_ref().and_then(|row| row.lead);
        let Some(domain) = lead.and_then(|lead| self.domains.get(&lead)) else {
            return Ok(());
        };
        let to = self.recipients.entry(*domain).or_default();
        to.push(at);
        held(
            "mails to one domain",
            within(to, 24),
            self.promises.recipient_domain,
        )
    }
}
