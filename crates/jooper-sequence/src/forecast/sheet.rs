//! A forecast as comma-separated lines, for a spreadsheet: every mail, and every lead without one.

use std::collections::BTreeMap;
use std::fmt::Write;

use jooper_core::LeadId;

use super::table::letter;
use super::{Forecast, ForecastSkip};

/// A field of RFC 4180, section 2. What a spreadsheet would take for a formula begins with an
/// apostrophe: <https://owasp.org/www-community/attacks/CSV_Injection>.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = text.replace('"', "\"\"");
    format!("\"{}{text}\"", if formula { "'" } else { "" })
}

impl Forecast {
    /// Every mail in order of time, then what is not sent and what waits, each with its lead and its
    /// reason. Where there is no name or address for a lead, its id is all that is told. Holds names;
    /// keep it where the data may be.
    pub fn to_csv(&self, names: &BTreeMap<LeadId, String>) -> String {
        let mut out = "what,time,lead,name,mail,variant,mailbox,subject,why\r\n".to_owned();
        let addresses: BTreeMap<_, _> = self
            .mailboxes
            .iter()
            .map(|mailbox| (mailbox.id, mailbox.address.as_str()))
            .collect();
        let name = |lead| names.get(&lead).map_or("", String::as_str);
        for mail in &self.mails {
            let address = addresses.get(&mail.mailbox).copied().unwrap_or("");
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "mail,{},{},{},{},{},{},{},\r\n",
                mail.at,
                mail.lead,
                field(name(mail.lead)),
                mail.step,
                letter(mail.variant),
                field(address),
                field(&mail.subject)
            );
        }
        let left = |what| move |skip| (what, skip);
        let skipped = self.skipped.iter().map(left("not sent"));
        let waiting = self.waiting.iter().map(left("waits"));
        for (what, skip) in skipped.chain(waiting) {
            let ForecastSkip { lead, step, at, .. } = skip;
            let at = at.map(|at| at.to_string()).unwrap_or_default();
            let (name, why) = (field(name(*lead)), field(&skip.why));
            let _ = write!(out, "{what},{at},{lead},{name},{step},,,,{why}\r\n");
        }
        out
    }
}
