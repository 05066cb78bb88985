//! Who took an entry off a list, and what proves it.

use serde::{Deserialize, Serialize};

use crate::{EventId, RequestId, SendKey, UserId};

/// How a person said that they want mail again, or none from anybody, and where the proof of it is
/// kept. Ids only: it stands in the audit chain and in the witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActProof {
    /// The person, from the address itself (double opt-in).
    ConfirmedOptIn {
        /// The receipt of the confirmed opt-in: its fact in the log.
        receipt: EventId,
    },
    /// The person, on the preference page that a mail to them links to.
    PreferencePage {
        /// That mail.
        mail: SendKey,
    },
    /// The person, in writing.
    WrittenRequest {
        /// The request as which it is kept.
        request: RequestId,
        /// Who wrote it down.
        by: UserId,
    },
}

/// Who took an entry off the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LiftedBy {
    /// The person, as this proves.
    Person(ActProof),
    /// A user, who found that the words of a reply were no objection.
    User(UserId),
}

impl std::fmt::Display for LiftedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(proof) => write!(f, "the person, {proof}"),
            Self::User(user) => write!(f, "{user}, who found that a reply was no objection"),
        }
    }
}

impl std::fmt::Display for ActProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ConfirmedOptIn { receipt } => {
                write!(f, "by a link mailed to the address; receipt {receipt}")
            }
            Self::PreferencePage { mail } => {
                write!(f, "on the preference page of {}", words(mail))
            }
            Self::WrittenRequest { request, by } => {
                write!(f, "in writing; {request}, written down by {by}")
            }
        }
    }
}

fn words(mail: &SendKey) -> String {
    match mail {
        SendKey::Step { enrollment, step } => {
            format!("mail {} of {enrollment}", u32::from(step.0) + 1)
        }
        SendKey::Reply { thread, .. } => format!("an answer in {thread}"),
        SendKey::Test { .. } => "a test mail".to_owned(),
        SendKey::Service { request, .. } => format!("the mail about {request}"),
    }
}
