//! A forecast as text: the command line's table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jiff::tz::TimeZone;
use jooper_core::LeadId;

use super::Forecast;

/// The letter of a variant: A for the first.
pub(super) fn letter(variant: u8) -> char {
    char::from(b'A' + variant.min(25))
}

impl Forecast {
    /// The forecast in words and columns: warnings, mailboxes, what is skipped and why, then up to
    /// `most` leads of these and as many mails. Holds names; for a person's eyes, not for a log.
    pub fn to_table(&self, most: usize) -> String {
        self.to_table_naming(most, &BTreeMap::new())
    }

    /// The same with names or addresses in place of the leads' ids, where there are any.
    pub fn to_table_naming(&self, most: usize, names: &BTreeMap<LeadId, String>) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_table(&mut out, most, names);
        out
    }

    /// The leads that a table of so many names.
    pub fn leads_of_table(&self, most: usize) -> BTreeSet<LeadId> {
        let skipped = self.skipped.iter().take(most).map(|skip| skip.lead);
        let waiting = self.waiting.iter().take(most).map(|skip| skip.lead);
        let mails = self.mails.iter().take(most).map(|mail| mail.lead);
        skipped.chain(waiting).chain(mails).collect()
    }

    /// How many different leads get a mail.
    pub fn reached(&self) -> usize {
        let leads: BTreeSet<_> = self.mails.iter().map(|mail| mail.lead).collect();
        leads.len()
    }

    fn write_table(
        &self,
        out: &mut String,
        most: usize,
        names: &BTreeMap<LeadId, String>,
    ) -> std::fmt::Result {
        let name = |lead: LeadId| {
            names
                .get(&lead)
                .cloned()
                .unwrap_or_else(|| lead.to_string())
        };
        let all = self.leads_of_table(most);
        let wide = all.iter().map(|lead| name(*lead).chars().count()).max();
        let wide = wide.unwrap_or(0).clamp(4, 60);
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        let time = |at: jiff::Timestamp| {
            let zoned = at.to_zoned_datetime(zone.clone());
            zoned.strftime("%a %F %H:%M:%S").to_string()
        };
        writeln!(
            out,
            "{} mails to {} leads from {} mailboxes, seed {}, times in {}",
            self.mails.len(),
            self.reached(),
            self.mailboxes.len(),
            self.seed,
            self.zone
        )?;
        if !self.leads.is_empty() {
            writeln!(
                out,
                "{} of {} leads are enrolled",
                self.enrolled,
                self.leads.len()
            )?;
        }
        if let Some(last) = self.capacity.last_mail {
            writeln!(
                out,
                "{} working days, the last mail on {}",
                self.capacity.working_days,
                time(last)
            )?;
        }
        for warning in &self.warnings {
            writeln!(out, "! {warning}")?;
        }
        writeln!(
            out,
            "\n{:<40} {:>7} {:>6} {:>10}",
            "mailbox", "mails", "days", "most a day"
        )?;
        for mailbox in &self.mailboxes {
            let (mails, days, most) = (mailbox.mails, mailbox.days, mailbox.most_a_day);
            writeln!(
                out,
                "{:<40} {mails:>7} {days:>6} {most:>10}",
                mailbox.address
            )?;
        }
        for (title, what) in [("not sent", &self.skipped), ("waiting", &self.waiting)] {
            let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
            for skip in what {
                *reasons.entry(&skip.why).or_default() += 1;
            }
            if !reasons.is_empty() {
                writeln!(out, "\n{:>7}  {title}, because", "leads")?;
            }
            for (why, count) in reasons {
                writeln!(out, "{count:>7}  {why}")?;
            }
            if most > 0 && !what.is_empty() {
                writeln!(out, "\n{:<wide$} mail  why", "lead")?;
            }
            for skip in what.iter().take(most) {
                writeln!(
                    out,
                    "{:<wide$} {:<5} {}",
                    name(skip.lead),
                    skip.step,
                    skip.why
                )?;
            }
            if most > 0 && what.len() > most {
                writeln!(out, "… and {} more", what.len() - most)?;
            }
        }
        let addresses: BTreeMap<_, _> = self
            .mailboxes
            .iter()
            .map(|mailbox| (mailbox.id, mailbox.address.as_str()))
            .collect();
        writeln!(
            out,
            "\n{:<24} {:<wide$} {:<28} {:<5} subject",
            "time", "lead", "mailbox", "mail"
        )?;
        for mail in self.mails.iter().take(most) {
            let address = addresses.get(&mail.mailbox).copied().unwrap_or("");
            let mark = format!("{}{}", mail.step, letter(mail.variant));
            writeln!(
                out,
                "{:<24} {:<wide$} {address:<28} {mark:<5} {}",
                time(mail.at),
                name(mail.lead),
                mail.subject
            )?;
        }
        if self.mails.len() > most {
            writeln!(out, "… and {} more", self.mails.len() - most)?;
        }
        Ok(())
    }
}
