//! A forecast as text: the command line's table.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::tz::TimeZone;

use super::Forecast;

/// The letter of a variant: A for the first.
pub(super) fn letter(variant: u8) -> char {
    char::from(b'A' + variant.min(25))
}

impl Forecast {
    /// The forecast in words and columns: warnings, mailboxes, what is skipped and why, then up to
    /// `most` mails. Holds names; for a person's eyes, not for a log.
    pub fn to_table(&self, most: usize) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_table(&mut out, most);
        out
    }

    fn write_table(&self, out: &mut String, most: usize) -> std::fmt::Result {
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        let time = |at: jiff::Timestamp| {
            let zoned = at.to_zoned_datetime(zone.clone());
            zoned.strftime("%a %F %H:%M:%S").to_string()
        };
        writeln!(
            out,
            "{} mails to {} of {} leads from {} mailboxes, seed {}, times in {}",
            self.mails.len(),
            self.enrolled,
            self.leads.len(),
            self.mailboxes.len(),
            self.seed,
            self.zone
        )?;
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
        }
        let addresses: BTreeMap<_, _> = self
            .mailboxes
            .iter()
            .map(|mailbox| (mailbox.id, mailbox.address.as_str()))
            .collect();
        writeln!(
            out,
            "\n{:<24} {:<28} {:<5} subject",
            "time", "mailbox", "mail"
        )?;
        for mail in self.mails.iter().take(most) {
            let address = addresses.get(&mail.mailbox).copied().unwrap_or("");
            let mark = format!("{}{}", mail.step, letter(mail.variant));
            writeln!(
                out,
                "{:<24} {address:<28} {mark:<5} {}",
                time(mail.at),
                mail.subject
            )?;
        }
        if self.mails.len() > most {
            writeln!(out, "… and {} more", self.mails.len() - most)?;
        }
        Ok(())
    }
}
