//! One person, and why each mail went or did not.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;
use crate::web::words::Badge;

#[derive(Template)]
#[template(path = "lead.html")]
pub(crate) struct LeadPage {
    pub(crate) layout: Layout,
    pub(crate) id: String,
    pub(crate) badge: Badge,
    /// Why nothing is sent to this person any more; empty when nothing stops it.
    pub(crate) stopped: &'static str,
    /// What the person asks for, a sentence each.
    pub(crate) asked: Vec<String>,
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) imported: Moment,
    pub(crate) bases: Vec<Basis>,
    pub(crate) campaigns: Vec<Story>,
    pub(crate) threads: Vec<(String, Moment)>,
}

/// Why the person may be written to.
pub(crate) struct Basis {
    pub(crate) kind: &'static str,
    pub(crate) since: Moment,
    pub(crate) ended: &'static str,
    pub(crate) source: String,
    pub(crate) proof: String,
}

/// The person in one campaign.
pub(crate) struct Story {
    pub(crate) campaign: String,
    pub(crate) href: String,
    pub(crate) badge: Badge,
    /// What happens next, or what it waits for.
    pub(crate) outlook: String,
    /// Every rule that stands before the next mail, as it would be asked now.
    pub(crate) next: Vec<Rule>,
    pub(crate) enrollment: String,
    /// The version of the sequence and the step of it that are shown.
    pub(crate) place: Option<(u32, u16)>,
    pub(crate) can_skip: bool,
    pub(crate) can_send_now: bool,
    pub(crate) can_finish_task: bool,
    pub(crate) can_pause: bool,
    pub(crate) can_resume: bool,
    pub(crate) can_end: bool,
    pub(crate) decisions: Vec<Decision>,
}

/// Something that was decided.
pub(crate) struct Decision {
    pub(crate) tone: &'static str,
    pub(crate) at: Moment,
    pub(crate) summary: String,
    /// How often it was decided alike before, and since when.
    pub(crate) times: usize,
    pub(crate) since: Option<Moment>,
    pub(crate) lines: Vec<Rule>,
}

/// A rule that was looked at.
pub(crate) struct Rule {
    pub(crate) rule: String,
    pub(crate) input: String,
    pub(crate) verdict: String,
}
