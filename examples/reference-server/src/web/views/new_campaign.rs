//! The form for a new campaign.

use askama::Template;

use super::layout::Layout;

#[derive(Template)]
#[template(path = "new_campaign.html")]
pub(crate) struct NewCampaignPage {
    pub(crate) layout: Layout,
    pub(crate) name: String,
    pub(crate) name_error: String,
    pub(crate) sequence: String,
    pub(crate) sequence_error: String,
    pub(crate) zone: String,
    pub(crate) zone_error: String,
    pub(crate) daily_cap: String,
    pub(crate) daily_cap_error: String,
    pub(crate) mailboxes: Vec<Choice>,
    pub(crate) mailboxes_error: String,
    pub(crate) fields: Vec<String>,
    pub(crate) leads: usize,
    /// What failed apart from the fields.
    pub(crate) error: String,
}

/// A mailbox that may send.
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// What a campaign began with.
#[derive(Template)]
#[template(path = "started.html")]
pub(crate) struct StartedPage {
    pub(crate) layout: Layout,
    pub(crate) href: String,
    pub(crate) enrolled: usize,
    /// Who was not enrolled, and why.
    pub(crate) refused: Vec<(String, String, String)>,
    pub(crate) refused_in_all: usize,
    pub(crate) unlawful: Vec<(String, String, String)>,
    pub(crate) unlawful_in_all: usize,
}
