//! A broken law, in one line.

use jiff::Timestamp;
use jiff::civil::Date;
use jooper_core::{EnrollmentId, LeadId, MailboxId, SendKey, SendState};

/// What was broken, with the ids that lead to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// The provider took one send twice and nobody released it.
    #[error("L1: {key:?} was accepted {times} times, released {released} times")]
    AcceptedTwice {
        /// The send.
        key: SendKey,
        /// How often it was accepted.
        times: u32,
        /// How often a person released it.
        released: u32,
    },
    /// The provider took a mail whose row does not say that it is being posted.
    #[error("L1: {key:?} was accepted while its row said {state:?}: effect before intent")]
    NoIntent {
        /// The send.
        key: SendKey,
        /// What the row said.
        state: Option<SendState>,
    },
    /// A row of the ledger moved where it must not.
    #[error("L2: {key:?} went from {from:?} to {to:?}")]
    IllegalMove {
        /// The send.
        key: SendKey,
        /// From.
        from: Option<SendState>,
        /// To.
        to: SendState,
    },
    /// A send is unknown and its enrollment goes on all the same.
    #[error("L2: {key:?} is unknown, and its enrollment goes on")]
    UnknownGoesOn {
        /// The send.
        key: SendKey,
    },
    /// A row of the ledger was written over what its writer had never seen.
    #[error("L2: the row of {key:?} was written over one that its writer had not read")]
    Overwritten {
        /// The send.
        key: SendKey,
    },
    /// A step was skipped in a person's name who did not ask for it, or asked once for another.
    #[error("L2: {key:?} was skipped, and nobody had asked for it")]
    SkippedUnasked {
        /// The send.
        key: SendKey,
    },
    /// A mail that the sequence owed somebody never goes, and nothing had happened that keeps it back.
    #[error(
        "L2: {key:?} was owed and is lost: the ledger says {reason}, and nothing had happened that keeps it back"
    )]
    Lost {
        /// The send.
        key: SendKey,
        /// What the ledger says instead.
        reason: &'static str,
    },
    /// An enrollment ended, and nothing had happened that ends it.
    #[error("L2: enrollment {enrollment} ended ({reason}), and nothing had happened that ends it")]
    EndedForNothing {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// What it says of its end.
        reason: &'static str,
    },
    /// An unknown send was released or given up in a person's name who had not asked for it.
    #[error("L2: {key:?} was released or given up, and nobody had asked for it")]
    DecidedUnasked {
        /// The send.
        key: SendKey,
    },
    /// The ledger says sent, the provider never took it.
    #[error("L2: the ledger says {key:?} was sent; the provider never took it")]
    NeverSent {
        /// The send.
        key: SendKey,
    },
    /// The provider took it, the ledger says that it never went.
    #[error("L2: {key:?} was accepted, and the ledger says {state:?}")]
    Forgotten {
        /// The send.
        key: SendKey,
        /// What the ledger says; nothing when it has no row.
        state: Option<SendState>,
    },
    /// The numbers do not add up, or rows and log differ.
    #[error("L3: {0}")]
    Imbalance(String),
    /// A mail began after a stop was acknowledged.
    #[error("L4: {key:?} began after {what} was stopped")]
    SentAfterStop {
        /// The send.
        key: SendKey,
        /// What was stopped: a person or a campaign.
        what: &'static str,
    },
    /// A mail began although the mailbox was read beyond the person's answer.
    #[error("L4: {key:?} began after an answer of the person was read")]
    SentAfterAnswer {
        /// The send.
        key: SendKey,
    },
    /// A mail began although a mailbox was read beyond the answer of a colleague.
    #[error("L4: {key:?} began after the answer of a colleague was read")]
    SentAfterColleague {
        /// The send.
        key: SendKey,
    },
    /// A lead was refused, and nobody at their company had answered.
    #[error("L4: lead {0} was not taken in, and no colleague had answered")]
    LeftOut(LeadId),
    /// A mail began although the mailbox was read beyond what its owner wrote to the same person.
    #[error("L4: {key:?} began after the owner of the mailbox had written by hand")]
    SentAfterOwner {
        /// The send.
        key: SendKey,
    },
    /// A mail went that only goes after an answer of another sense.
    #[error("senses: {key:?} went to somebody who {what}")]
    WrongSense {
        /// The send.
        key: SendKey,
        /// What they had done.
        what: &'static str,
    },
    /// A test went that nobody had asked for.
    #[error("desk: {key:?} went, and nobody had asked for it")]
    TestUnasked {
        /// The send.
        key: SendKey,
    },
    /// A mail began for an enrollment that had ended or was paused.
    #[error("L4: {key:?} began while its enrollment was {state}")]
    SentWhileStopped {
        /// The send.
        key: SendKey,
        /// The enrollment's state.
        state: &'static str,
    },
    /// A pause ended and nobody ended it.
    #[error("L4: the pause of enrollment {0} ended by itself")]
    PauseLifted(EnrollmentId),
    /// More mails in a civil day than the cap.
    #[error("L12: mailbox {mailbox} sent {sent} mails on {day}; the cap is {cap}")]
    OverCap {
        /// The mailbox.
        mailbox: MailboxId,
        /// The day.
        day: Date,
        /// How many.
        sent: u32,
        /// How many it may.
        cap: u32,
    },
    /// Two mails too soon after each other.
    #[error("L12: mailbox {mailbox} sent two mails {gap} ms apart; the least is {least} ms")]
    TooSoon {
        /// The mailbox.
        mailbox: MailboxId,
        /// The time between, in milliseconds.
        gap: u64,
        /// The least, in milliseconds.
        least: u64,
    },
    /// A mail outside the sending windows, by the lead's clock.
    #[error("L12: {key:?} was accepted outside its window, at {at}")]
    OutsideWindow {
        /// The send.
        key: SendKey,
        /// When, where the lead lives.
        at: String,
    },
    /// A mail sooner after the one before it than the sequence says.
    #[error("L12: {key:?} was accepted too early: at {at}, after {before}")]
    TooEarly {
        /// The send.
        key: SendKey,
        /// When the mail before it was accepted.
        before: Timestamp,
        /// When it was accepted.
        at: Timestamp,
    },
    /// More mails than a budget allows.
    #[error("L12: {sent} {what}; {most} are allowed")]
    OverBudget {
        /// The budget.
        what: &'static str,
        /// How many.
        sent: usize,
        /// How many are allowed.
        most: usize,
    },
    /// Two workers held one lane.
    #[error("L12: the lane of {0} was given away while it was held")]
    HeldTwice(MailboxId),
    /// Somebody wrote with a token that is no longer the lane's.
    #[error("L12: a write to the lane of {mailbox} under token {token}; the live one is {live}")]
    StaleFence {
        /// The lane.
        mailbox: MailboxId,
        /// The token of the write.
        token: i64,
        /// The lane's token.
        live: i64,
    },
    /// Somebody wrote sends or enrollments without holding the lane.
    #[error("L12: a write to the sends or enrollments of {0} without its lane")]
    WithoutLane(MailboxId),
    /// After faults had ended, something was still open.
    #[error("healed: {0}")]
    NotSettled(String),
    /// After faults had ended, a mail that was accepted was still unknown.
    #[error("healed: {key:?} was accepted, and stays unknown")]
    NotFound {
        /// The send.
        key: SendKey,
    },
    /// The simulation itself could not go on.
    #[error("simulation: {0}")]
    Broken(String),
}
