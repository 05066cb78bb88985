//! The form for the settings of a campaign that is there already.

use askama::Template;

use super::layout::Layout;
use super::new_campaign::Choice;

#[derive(Template)]
#[template(path = "settings.html")]
pub(crate) struct SettingsPage {
    pub(crate) layout: Layout,
    /// The campaign.
    pub(crate) id: String,
    /// What the settings were when the page was made.
    pub(crate) known: String,
    pub(crate) name: String,
    pub(crate) mailboxes: Vec<Choice>,
    pub(crate) zone: String,
    pub(crate) daily_cap: String,
    pub(crate) days: Vec<Day>,
    pub(crate) absences: Vec<Absent>,
    /// A new absence: from, to.
    pub(crate) away: [String; 2],
    /// What is wrong with it.
    pub(crate) error: String,
}

/// A day of the week and when mail may go on it.
pub(crate) struct Day {
    /// 1 is Monday.
    pub(crate) number: i8,
    pub(crate) name: &'static str,
    /// `09:00-12:00, 13:00-17:00`; empty when nothing goes.
    pub(crate) spans: String,
}

/// An absence that is known.
pub(crate) struct Absent {
    pub(crate) place: usize,
    pub(crate) words: String,
    pub(crate) kept: bool,
}
