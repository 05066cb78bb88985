//! Whose civil time a plan is made in.

use jiff::tz::TimeZone;
use jooper_core::{Country, MailboxId};

use crate::model::Schedule;

/// The lead's civil time and holidays, and the sender whose absences count.
#[derive(Debug, Clone)]
pub struct Locale {
    /// The lead's zone.
    pub zone: TimeZone,
    /// The lead's country, if known.
    pub country: Option<Country>,
    /// The mailbox that sends.
    pub mailbox: MailboxId,
}

impl Locale {
    /// The civil time of a lead, whose own zone may be unknown.
    pub fn new(
        schedule: &Schedule,
        zone: Option<&str>,
        country: Option<Country>,
        mailbox: MailboxId,
    ) -> Self {
        Self {
            zone: zone_of(schedule, zone),
            country,
            mailbox,
        }
    }
}

/// The lead's zone, or the schedule's where the lead's is unknown or does not exist.
pub fn zone_of(schedule: &Schedule, lead: Option<&str>) -> TimeZone {
    lead.and_then(|name| TimeZone::get(name).ok())
        .or_else(|| TimeZone::get(&schedule.zone).ok())
        .unwrap_or(TimeZone::UTC)
}
