//! L12: no budget is exceeded, whether of an hour, of 24 hours or of a day that mailboxes share.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use jooper_core::{LeadId, MailboxId};

use super::{Accepted, Invariant, Violation};
use crate::shape::Promises;

/// A mail counts from its reservation, which lies so much earlier at most.
const UNDER_WAY: SignedDuration = SignedDuration::from_secs(12);

/// Counts what the provider takes.
#[derive(Debug)]
pub(crate) struct Budgets {
    promises: Promises,
    /// At which domain each lead has its mail.
    domains: BTreeMap<LeadId, usize>,
    mailboxes: BTreeMap<MailboxId, Vec<Timestamp>>,
    /// Mails of all mailboxes on a UTC day, which all send from one domain.
    days: BTreeMap<Date, usize>,
    /// Mails to a domain on a UTC day.
    recipients: BTreeMap<(Date, usize), usize>,
}

impl Budgets {
    pub(crate) const fn new(promises: Promises, domains: BTreeMap<LeadId, usize>) -> Self {
        Self {
            promises,
            domains,
            mailboxes: BTreeMap::new(),
            days: BTreeMap::new(),
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
        let within = |hours| {
            let span = SignedDuration::from_hours(hours);
            let near = |mail: &&Timestamp| at.duration_since(**mail).abs() < span;
            mails.iter().filter(near).count()
        };
        held("mails in an hour", within(1), self.promises.hour)?;
        held("mails in 24 hours", within(24), Some(self.promises.day))?;
        let day = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
        let today = day(at);
        if day(at.saturating_sub(UNDER_WAY).unwrap_or(at)) != today {
            return Ok(());
        }
        let all = self.days.entry(today).or_default();
        *all += 1;
        held("mails of the workspace", *all, self.promises.workspace)?;
        held("mails of the domain", *all, self.promises.sender_domain)?;
        let lead = accepted.row.as_ref().and_then(|row| row.lead);
        let Some(domain) = lead.and_then(|lead| self.domains.get(&lead)) else {
            return Ok(());
        };
        let to = self.recipients.entry((today, *domain)).or_default();
        *to += 1;
        held("mails to one domain", *to, self.promises.recipient_domain)
    }
}
