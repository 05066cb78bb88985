//! A campaign before its mails.

use askama::Template;

use super::layout::Layout;
use crate::web::times::Moment;

/// The page.
#[derive(Template)]
#[template(path = "forecast.html")]
pub(crate) struct ForecastPage {
    pub(crate) layout: Layout,
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) seed: u64,
    /// Whether another seed may be tried: one that has begun keeps its own.
    pub(crate) may_choose: bool,
    pub(crate) start: Option<Start>,
    pub(crate) replies: u8,
    pub(crate) bounces: u8,
    pub(crate) absences: u8,
    pub(crate) unsubscribes: u8,
    pub(crate) clicks: u8,
    pub(crate) tasks: u16,
    /// What its pages and files have behind their addresses.
    pub(crate) query: String,
    pub(crate) warnings: Vec<String>,
    pub(crate) total: usize,
    pub(crate) people: usize,
    pub(crate) working_days: usize,
    pub(crate) last: Option<Moment>,
    /// Written by the forecast itself out of numbers and dates.
    pub(crate) picture: String,
    pub(crate) mailboxes: Vec<Mailbox>,
    pub(crate) skipped: Vec<Reason>,
    pub(crate) waiting: Vec<Reason>,
    pub(crate) mails: Vec<Mail>,
    pub(crate) mails_from: usize,
    pub(crate) mails_next: Option<String>,
    /// Who gets no mail, or none any more, or waits.
    pub(crate) left: Vec<Left>,
    pub(crate) left_total: usize,
    pub(crate) left_from: usize,
    pub(crate) left_next: Option<String>,
}

/// What a start of this forecast tells of it.
pub(crate) struct Start {
    pub(crate) settings: u32,
    pub(crate) sequence: u32,
    pub(crate) audience: u64,
}

/// A lead without its next mail.
pub(crate) struct Left {
    pub(crate) what: &'static str,
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) number: u16,
    pub(crate) why: String,
}

/// A mailbox and its share.
pub(crate) struct Mailbox {
    pub(crate) address: String,
    pub(crate) mails: usize,
    pub(crate) days: usize,
    pub(crate) most_a_day: usize,
}

/// Why something does not go, and to how many people.
pub(crate) struct Reason {
    pub(crate) people: usize,
    pub(crate) why: String,
}

/// A mail that would go.
pub(crate) struct Mail {
    pub(crate) at: Moment,
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) number: u16,
    pub(crate) variant: char,
    pub(crate) mailbox: String,
    pub(crate) subject: String,
}
