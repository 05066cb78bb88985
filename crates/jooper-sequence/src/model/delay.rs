//! Spans of time as people write them.

use serde::{Deserialize, Serialize};

/// A span of time, written `3 working days`, `2 days` or `4 hours`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Delay {
    /// How many.
    pub amount: u16,
    /// Of what.
    pub unit: DelayUnit,
}

/// What a delay counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DelayUnit {
    /// 60 minutes each.
    #[default]
    Hours,
    /// Civil days in the lead's zone.
    Days,
    /// Civil days that are working days of the schedule.
    WorkingDays,
}

impl Delay {
    /// So many hours.
    pub const fn hours(amount: u16) -> Self {
        Self {
            amount,
            unit: DelayUnit::Hours,
        }
    }

    /// So many civil days.
    pub const fn days(amount: u16) -> Self {
        Self {
            amount,
            unit: DelayUnit::Days,
        }
    }

    /// So many working days.
    pub const fn working_days(amount: u16) -> Self {
        Self {
            amount,
            unit: DelayUnit::WorkingDays,
        }
    }

    /// Whether it is no time at all.
    pub const fn is_zero(self) -> bool {
        self.amount == 0
    }

    /// The hours that it surely lasts. A civil day counts as 24 although one in a year has 23: the
    /// gate keeps two mails to a person further apart than a day in any case.
    pub(crate) const fn least_hours(self) -> u32 {
        match self.unit {
            DelayUnit::Hours => self.amount as u32,
            DelayUnit::Days | DelayUnit::WorkingDays => self.amount as u32 * 24,
        }
    }
}

impl TryFrom<String> for Delay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "write a time as `4 hours`, `2 days` or `3 working days`";
        let (amount, unit) = text.trim().split_once(' ').ok_or(wrong)?;
        let amount = amount.parse().map_err(|_| wrong)?;
        let unit = match unit.trim() {
            "hour" | "hours" => DelayUnit::Hours,
            "day" | "days" => DelayUnit::Days,
            "working day" | "working days" => DelayUnit::WorkingDays,
            _ => return Err(wrong),
        };
        Ok(Self { amount, unit })
    }
}

impl From<Delay> for String {
    fn from(delay: Delay) -> Self {
        let unit = match delay.unit {
            DelayUnit::Hours => "hours",
            DelayUnit::Days => "days",
            DelayUnit::WorkingDays => "working days",
        };
        format!("{} {unit}", delay.amount)
    }
}

impl std::fmt::Display for Delay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from(*self))
    }
}
