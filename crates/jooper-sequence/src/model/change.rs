//! A change of a running campaign's settings: windows, caps, absences, mailboxes.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jooper_core::MailboxId;
use serde::{Deserialize, Serialize};

use super::campaign::{CampaignSettings, InvalidCampaign};
use super::limits::Limits;
use super::schedule::{Absence, CatchUp, Schedule, Window};

/// What becomes different about a campaign's settings. Whatever is not given stays as it is, so that
/// two people who change different things at the same time both have their way.
///
/// ```
/// use jooper_sequence::model::{CampaignSettings, Schedule, SettingsEdit};
/// # let ada = jooper_core::MailboxId::from_uuid(uuid::Uuid::from_u128(1));
/// # let bob = jooper_core::MailboxId::from_uuid(uuid::Uuid::from_u128(2));
/// let settings = CampaignSettings {
///     name: "Spring".to_owned(),
///     mailboxes: vec![ada],
///     schedule: Schedule::default(),
/// };
/// let edit = SettingsEdit::from_toml("daily_cap = 20")?.add_mailbox(bob);
/// let changed = edit.applied_to(&settings)?;
/// assert_eq!(changed.schedule.daily_cap, 20);
/// assert_eq!(changed.mailboxes, [ada, bob]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SettingsEdit {
    /// What the team calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Mailboxes that send for it from now on, too: they take new leads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add_mailboxes: Vec<MailboxId>,
    /// Mailboxes that send nothing for it any more. Nobody else goes on in a conversation of theirs:
    /// their leads wait until the mailbox is added again, or until somebody takes them out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove_mailboxes: Vec<MailboxId>,
    /// As [`Schedule::zone`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Every window, in place of those that were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<Window>>,
    /// Every holiday of its own, in place of those that were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holidays: Option<BTreeSet<Date>>,
    /// Every calendar, in place of those that were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendars: Option<Vec<String>>,
    /// As [`Schedule::holidays_of_lead`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holidays_of_lead: Option<bool>,
    /// Every absence, in place of those that were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absences: Option<Vec<Absence>>,
    /// Absences beside those that are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add_absences: Vec<Absence>,
    /// As [`Schedule::gap_seconds_min`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_seconds_min: Option<u32>,
    /// As [`Schedule::gap_seconds_max`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_seconds_max: Option<u32>,
    /// As [`Schedule::daily_cap`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_cap: Option<u32>,
    /// Every further budget, in place of those that were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// As [`Schedule::catch_up`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catch_up: Option<CatchUp>,
}

/// Why a change cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidChange(String);

impl SettingsEdit {
    /// A change of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a change as people write it: the names of the fields, and what they are to hold.
    ///
    /// # Errors
    /// [`InvalidChange`] says where and what.
    pub fn from_toml(text: &str) -> Result<Self, InvalidChange> {
        toml::from_str(text).map_err(|error| InvalidChange(error.to_string()))
    }

    /// Has a mailbox send for the campaign, too.
    #[must_use]
    pub fn add_mailbox(mut self, mailbox: MailboxId) -> Self {
        self.add_mailboxes.push(mailbox);
        self
    }

    /// Has a mailbox send nothing for the campaign any more.
    #[must_use]
    pub fn remove_mailbox(mut self, mailbox: MailboxId) -> Self {
        self.remove_mailboxes.push(mailbox);
        self
    }

    /// Replaces every window.
    #[must_use]
    pub fn windows(mut self, windows: Vec<Window>) -> Self {
        self.windows = Some(windows);
        self
    }

    /// Notes an absence beside those that are known.
    #[must_use]
    pub fn add_absence(mut self, absence: Absence) -> Self {
        self.add_absences.push(absence);
        self
    }

    /// Sets the most mails of one mailbox in a day.
    #[must_use]
    pub const fn daily_cap(mut self, cap: u32) -> Self {
        self.daily_cap = Some(cap);
        self
    }

    /// Replaces every further budget.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// The settings as they are after this change.
    ///
    /// # Errors
    /// [`InvalidCampaign`] names what to change: every rule of a new campaign holds, and only a
    /// mailbox that sends for it can be taken out.
    pub fn applied_to(
        &self,
        settings: &CampaignSettings,
    ) -> Result<CampaignSettings, InvalidCampaign> {
        let mut next = settings.clone();
        for mailbox in &self.remove_mailboxes {
            if self.add_mailboxes.contains(mailbox) {
                return Err(InvalidCampaign::InAndOut(*mailbox));
            }
            if !next.mailboxes.contains(mailbox) {
                return Err(InvalidCampaign::NotItsMailbox(*mailbox));
            }
            next.mailboxes.retain(|known| known != mailbox);
        }
        for mailbox in &self.add_mailboxes {
            if !next.mailboxes.contains(mailbox) {
                next.mailboxes.push(*mailbox);
            }
        }
        set(&mut next.name, self.name.as_ref());
        self.reschedule(&mut next.schedule);
        next.check()?;
        Ok(next)
    }

    fn reschedule(&self, schedule: &mut Schedule) {
        set(&mut schedule.zone, self.zone.as_ref());
        set(&mut schedule.windows, self.windows.as_ref());
        set(&mut schedule.holidays, self.holidays.as_ref());
        set(&mut schedule.calendars, self.calendars.as_ref());
        set(
            &mut schedule.holidays_of_lead,
            self.holidays_of_lead.as_ref(),
        );
        set(&mut schedule.absences, self.absences.as_ref());
        for absence in &self.add_absences {
            if !schedule.absences.contains(absence) {
                schedule.absences.push(*absence);
            }
        }
        set(&mut schedule.gap_seconds_min, self.gap_seconds_min.as_ref());
        set(&mut schedule.gap_seconds_max, self.gap_seconds_max.as_ref());
        set(&mut schedule.daily_cap, self.daily_cap.as_ref());
        set(&mut schedule.limits, self.limits.as_ref());
        set(&mut schedule.catch_up, self.catch_up.as_ref());
    }
}

fn set<T: Clone>(known: &mut T, given: Option<&T>) {
    if let Some(given) = given {
        known.clone_from(given);
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use uuid::Uuid;

    use super::*;

    fn mailbox(n: u128) -> MailboxId {
        MailboxId::from_uuid(Uuid::from_u128(n))
    }

    fn settings() -> CampaignSettings {
        CampaignSettings {
            name: "Spring".to_owned(),
            mailboxes: vec![mailbox(1), mailbox(2)],
            schedule: Schedule::default(),
        }
    }

    #[test]
    fn what_is_not_given_stays() {
        assert_eq!(SettingsEdit::new().applied_to(&settings()), Ok(settings()));
        let text = r#"
            windows = [{ weekday = 2, from = "10:00:00", to = "11:00:00" }]
            add_absences = [{ from = "2026-12-24", to = "2026-12-31" }]
        "#;
        let edit = SettingsEdit::from_toml(text).unwrap();
        let changed = edit.applied_to(&settings()).unwrap();
        let (from, to) = (time(10, 0, 0, 0), time(11, 0, 0, 0));
        let windows = vec![Window {
            weekday: 2,
            from,
            to,
        }];
        assert_eq!(changed.schedule.windows, windows);
        assert_eq!(changed.schedule.absences.len(), 1);
        assert_eq!(changed.schedule.daily_cap, Schedule::default().daily_cap);
        assert_eq!(changed.mailboxes, settings().mailboxes);
        let again = edit.applied_to(&changed);
        assert_eq!(again.as_ref(), Ok(&changed), "done twice it is done once");
    }

    #[test]
    fn what_would_leave_nothing_to_send_is_refused_by_name() {
        let refused = |edit: SettingsEdit| edit.applied_to(&settings()).unwrap_err().to_string();
        let none = SettingsEdit::new()
            .remove_mailbox(mailbox(1))
            .remove_mailbox(mailbox(2));
        assert!(refused(none).contains("no mailbox"));
        let unknown = SettingsEdit::new().remove_mailbox(mailbox(3));
        assert!(refused(unknown).contains("does not send for this campaign"));
        let both = SettingsEdit::new()
            .add_mailbox(mailbox(2))
            .remove_mailbox(mailbox(2));
        assert!(refused(both).contains("either added or taken out"));
        assert!(refused(SettingsEdit::new().windows(Vec::new())).contains("no sending window"));
        assert!(refused(SettingsEdit::new().daily_cap(0)).contains("daily cap"));
        let unread = SettingsEdit::from_toml("daily_capp = 3").unwrap_err();
        assert!(unread.to_string().contains("daily_capp"), "{unread}");
    }
}
