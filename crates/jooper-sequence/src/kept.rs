//! Decisions about a lead as they are kept, and what led to a mail whatever became of it.
//!
//! What led to a mail is kept with the commit right before it is handed over, together with what is told of
//! it if it is accepted: of most mails nothing more has to be kept. Whatever else becomes of one in its
//! worker's hands takes the place of that record; what becomes of it later has a record of its own.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::StepIndex;
use serde::{Deserialize, Serialize};

use crate::decide::{Event, Explanation};

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(flatten)]
    pub(crate) told: Explanation,
    /// The mail of which this says what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fate_of: Option<StepIndex>,
    /// The mail that was handed over behind this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handed_over: Option<HandedOver>,
}

/// A mail that was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HandedOver {
    pub(crate) mail: StepIndex,
    /// Which try of it.
    pub(crate) attempt: u16,
    /// What is told of it if it was accepted and nothing else is said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) if_accepted: Option<Explanation>,
}

impl From<Explanation> for Kept {
    fn from(told: Explanation) -> Self {
        Self {
            told,
            fate_of: None,
            handed_over: None,
        }
    }
}

impl Kept {
    /// Of which mail an event says what became of it, for an enrollment that stands at it.
    pub(crate) const fn fate(event: &Event, at: StepIndex) -> Option<StepIndex> {
        match event {
            Event::Sent { .. }
            | Event::NotSent { .. }
            | Event::SendUnknown { .. }
            | Event::SendAbandoned
            | Event::SendReleased => Some(at),
            _ => None,
        }
    }

    /// What is told, with the tries that were accepted, and the mails of which is said later what became of
    /// them.
    fn tell(self, accepted: &BTreeMap<StepIndex, u16>, later: &BTreeSet<StepIndex>) -> Explanation {
        let mut told = self.told;
        let Some(handed) = self.handed_over else {
            return told;
        };
        let is_accepted = accepted.get(&handed.mail) == Some(&handed.attempt);
        if let Some(so) = handed.if_accepted
            && is_accepted
            && !later.contains(&handed.mail)
        {
            told.lines.extend(so.lines);
            told.summary = so.summary;
            told.step = so.step;
        }
        told
    }
}

/// What is told of everything that was kept of an enrollment, oldest first, with the try of each mail that
/// was accepted.
pub(crate) fn tell_all(
    kept: Vec<Result<Kept, Explanation>>,
    accepted: &BTreeMap<StepIndex, u16>,
) -> Vec<Explanation> {
    let mut later = BTreeSet::new();
    let mut told: Vec<_> = kept
        .into_iter()
        .rev()
        .map(|kept| match kept {
            Ok(kept) => {
                let fate = kept.fate_of;
                let told = kept.tell(accepted, &later);
                later.extend(fate);
                told
            }
            Err(told) => told,
        })
        .collect();
    told.reverse();
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(summary: &str) -> Explanation {
        Explanation {
            summary: summary.to_owned(),
            step: Some(1),
            lines: Vec::new(),
        }
    }

    fn handed(attempt: u16) -> Kept {
        Kept {
            handed_over: Some(HandedOver {
                mail: StepIndex(0),
                attempt,
                if_accepted: Some(told("sent")),
            }),
            ..Kept::from(told("handed over"))
        }
    }

    fn fate(what: &str) -> Kept {
        Kept {
            fate_of: Some(StepIndex(0)),
            ..Kept::from(told(what))
        }
    }

    #[test]
    fn a_mail_is_told_as_accepted_where_it_was_and_nothing_else_is_said_of_it() {
        let all = |kept: Vec<Kept>, accepted: &[u16]| -> Vec<String> {
            let kept = kept.into_iter().map(Ok).collect();
            let accepted = accepted.iter().map(|attempt| (StepIndex(0), *attempt));
            let told = tell_all(kept, &accepted.collect()).into_iter();
            told.map(|one| one.summary).collect()
        };
        assert_eq!(all(vec![handed(1)], &[1]), ["sent"]);
        assert_eq!(all(vec![handed(1)], &[]), ["handed over"], "under way");
        assert_eq!(
            all(vec![handed(1), handed(2)], &[2]),
            ["handed over", "sent"]
        );
        assert_eq!(
            all(vec![handed(1), fate("unknown"), fate("found")], &[1]),
            ["handed over", "unknown", "found"]
        );
        assert_eq!(
            all(vec![fate("refused"), handed(2)], &[2]),
            ["refused", "sent"]
        );
    }

    #[test]
    fn what_earlier_versions_kept_reads_as_it_is() {
        let old = serde_json::to_value(told("sent")).unwrap();
        let read: Kept = serde_json::from_value(old.clone()).unwrap();
        assert_eq!(read, Kept::from(told("sent")));
        assert_eq!(serde_json::to_value(&read).unwrap(), old);
        let new = serde_json::to_value(handed(3)).unwrap();
        assert_eq!(serde_json::from_value::<Kept>(new).unwrap(), handed(3));
    }
}
