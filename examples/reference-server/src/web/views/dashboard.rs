//! How everything stands, on one page.

use askama::Template;

use super::charts::Days;
use super::inbox::Conversation;
use super::layout::Layout;
use crate::web::times::Moment;
use crate::web::words::Badge;

/// The page.
#[derive(Template)]
#[template(path = "dashboard.html")]
pub(crate) struct DashboardPage {
    pub(crate) layout: Layout,
    pub(crate) live: Dashboard,
}

/// The part that refreshes itself.
#[derive(Template)]
#[template(path = "live/dashboard.html")]
pub(crate) struct DashboardFragment {
    pub(crate) live: Dashboard,
}

/// Its content.
pub(crate) struct Dashboard {
    pub(crate) now: Moment,
    pub(crate) sent_today: u64,
    pub(crate) replies_today: u64,
    pub(crate) sent: u64,
    pub(crate) replies: u64,
    pub(crate) reply_rate: String,
    pub(crate) bounces: u64,
    pub(crate) days: Days,
    pub(crate) attention: Vec<Attention>,
    pub(crate) campaigns: Vec<CampaignCard>,
    pub(crate) answers: Vec<Conversation>,
    pub(crate) senders: Vec<Sender>,
    pub(crate) has_mailboxes: bool,
    pub(crate) has_leads: bool,
}

/// Something that a person should look at.
pub(crate) struct Attention {
    pub(crate) tone: &'static str,
    pub(crate) text: String,
    pub(crate) href: String,
    pub(crate) action: &'static str,
}

/// A mailbox in the list.
pub(crate) struct Sender {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) badge: Badge,
}

/// A campaign in the list.
pub(crate) struct CampaignCard {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) badge: Badge,
    pub(crate) enrolled: u64,
    pub(crate) finished: u64,
    /// In thousandths.
    pub(crate) done: u64,
    pub(crate) sent: u64,
    pub(crate) replies: u64,
    pub(crate) bounces: u64,
    pub(crate) unsubscribes: u64,
}
