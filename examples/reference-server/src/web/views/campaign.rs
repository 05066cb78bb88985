//! One campaign: how far it is, what came of it, what it says.

use askama::Template;

use super::charts::Segment;
use super::layout::Layout;
use super::refused::Refused;
use super::unlawful::Unlawful;
use crate::web::times::Moment;
use crate::web::words::Badge;

/// The page.
#[derive(Template)]
#[template(path = "campaign.html")]
pub(crate) struct CampaignPage {
    pub(crate) layout: Layout,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: Moment,
    pub(crate) mailboxes: Vec<String>,
    /// It has not started: who would be written to.
    pub(crate) draft: Option<Draft>,
    pub(crate) can_pause: bool,
    pub(crate) can_resume: bool,
    /// How many leads are late and wait for a person's word.
    pub(crate) late: usize,
    pub(crate) can_end: bool,
    pub(crate) can_change: bool,
    pub(crate) live: Campaign,
    /// What a second count, from the log alone, says; `None` while mails are on their way.
    pub(crate) recount: Option<bool>,
    /// The policy tables that admit its mails, and who answers for them.
    pub(crate) rules: Vec<super::safety::Table>,
    pub(crate) steps: Vec<Step>,
    pub(crate) refused: Vec<Refused>,
    pub(crate) more_refused: bool,
}

/// What is known before the start.
pub(crate) struct Draft {
    pub(crate) leads: usize,
    /// To how many of them nothing may go, by the gate.
    pub(crate) refused: usize,
    /// The first of them.
    pub(crate) unlawful: Vec<Unlawful>,
    /// To how many mail may go as things stand.
    pub(crate) may: usize,
    /// Whose mail waits.
    pub(crate) wait: usize,
    /// The first of them.
    pub(crate) waiting: Vec<Unlawful>,
    pub(crate) schedule: String,
}

/// The part that refreshes itself.
#[derive(Template)]
#[template(path = "live/campaign.html")]
pub(crate) struct CampaignFragment {
    pub(crate) live: Campaign,
}

/// Its content.
pub(crate) struct Campaign {
    pub(crate) id: String,
    pub(crate) csrf: String,
    pub(crate) badge: Badge,
    /// A breaker has stopped it, and a person has to look.
    pub(crate) tripped: bool,
    pub(crate) now: Moment,
    pub(crate) enrolled: u64,
    pub(crate) finished: u64,
    pub(crate) sent: u64,
    pub(crate) replies: u64,
    pub(crate) reply_rate: String,
    pub(crate) bounces: u64,
    pub(crate) unsubscribes: u64,
    pub(crate) funnel: Vec<Stage>,
    pub(crate) balance: Vec<StepBalance>,
    pub(crate) balances: bool,
    pub(crate) unknown: Vec<UnknownSend>,
}

/// A stage of the funnel.
pub(crate) struct Stage {
    pub(crate) label: &'static str,
    pub(crate) count: u64,
    /// Of the first stage.
    pub(crate) share: String,
    /// In thousandths.
    pub(crate) width: u64,
    pub(crate) class: &'static str,
}

/// One step's account (law L3).
pub(crate) struct StepBalance {
    pub(crate) number: usize,
    pub(crate) audience: u64,
    pub(crate) sent: u64,
    pub(crate) skipped: u64,
    pub(crate) skipped_why: Vec<(&'static str, u64)>,
    pub(crate) failed: u64,
    pub(crate) failed_why: Vec<(&'static str, u64)>,
    pub(crate) pending: u64,
    pub(crate) unknown: u64,
    pub(crate) segments: Vec<Segment>,
    /// The same in words, for who cannot see the picture.
    pub(crate) words: String,
}

/// A send of which nobody knows whether it arrived.
pub(crate) struct UnknownSend {
    pub(crate) enrollment: String,
    pub(crate) step: u16,
    pub(crate) href: String,
    pub(crate) who: String,
    pub(crate) since: Option<Moment>,
    /// What the last search for it came to.
    pub(crate) searched: &'static str,
    pub(crate) searched_at: Option<Moment>,
}

/// What a step says.
pub(crate) struct Step {
    pub(crate) number: usize,
    pub(crate) wait: String,
    pub(crate) variants: Vec<Variant>,
}

/// One wording.
pub(crate) struct Variant {
    pub(crate) letter: char,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) sent: u64,
    pub(crate) replies: u64,
}
