//! States, kinds and reasons in words, with the tone they are shown in.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::Timestamp;
use jooper::consent::{QualityReport, SenderRules};
use jooper::core::{
    BasisKind, CampaignState, EnrollmentState, FinishReason, InboundKind, LeadState, MailboxState,
    NotSentReason, ParkReason, Retry, SkipReason, StopReason, WaitReason,
};
use jooper::sequence::{CampaignSummary, EngineError, Missing, SenderVerdict, Skipping, Tested};
use jooper::storage::tables::MailboxRow;

/// A word on a colored ground. Displays as a `<span>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Badge {
    /// A class of the style sheet: `good`, `warn`, `bad`, `info`, or none.
    pub(crate) tone: &'static str,
    pub(crate) label: &'static str,
}

impl fmt::Display for Badge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tone, label } = self;
        write!(f, "<span class=\"badge {tone}\">{label}</span>")
    }
}

// Both parts are words of this file.
impl HtmlSafe for Badge {}

const fn badge(tone: &'static str, label: &'static str) -> Badge {
    Badge { tone, label }
}

pub(crate) fn campaign(state: CampaignState) -> Badge {
    match state {
        CampaignState::Draft => badge("", "Draft"),
        CampaignState::Active => badge("good", "Sending"),
        CampaignState::Paused => badge("warn", "Paused"),
        CampaignState::Tripped => badge("bad", "Stopped by a safety limit"),
        CampaignState::Finished => badge("info", "Finished"),
        CampaignState::Stopped => badge("", "Ended"),
        _ => badge("", "Unknown state"),
    }
}

const UNREADABLE_CAMPAIGN: &str = "A campaign that cannot be read";

/// What a campaign is called where its name is told beside something else. One that is not here, or does
/// not open, has words in its place: what is told of its leads is told without it. Whatever passes is an
/// error.
pub(crate) fn campaign_name(
    found: Result<CampaignSummary, EngineError>,
) -> Result<String, EngineError> {
    match found {
        Err(EngineError::NotFound(_)) => Ok("A campaign that is not here".to_owned()),
        Err(EngineError::Content(_)) => Ok(UNREADABLE_CAMPAIGN.to_owned()),
        // Not where the keys cannot be had just now.
        Err(EngineError::Vault(error)) if error.retry() == Retry::Never => {
            Ok(UNREADABLE_CAMPAIGN.to_owned())
        }
        found => Ok(found?.settings.name),
    }
}

/// A mailbox that a breaker stopped.
pub(crate) const TRIPPED_MAILBOX: (Badge, &str) = (
    badge("bad", "Stopped by a safety limit"),
    "Too many mails came back or were complained about. Look at Safety, then let it go on.",
);

/// A mailbox that a breaker stopped and somebody paused.
pub(crate) const TRIPPED_AND_PAUSED_MAILBOX: (Badge, &str) = (
    badge("bad", "Stopped by a safety limit, and paused"),
    "Look at Safety, then let it go on there; after that, resume it here.",
);

/// A mailbox that was to be disconnected, and whose permission the provider did not take back.
pub(crate) const LEAVING_MAILBOX: (Badge, &str) = (
    badge("bad", "Held: not disconnected to the end"),
    "No mail starts from it. Google did not take the permission back: try again with \"Disconnect and \
     revoke\", disconnect it without, or connect it again to go on.",
);

/// Such a mailbox that somebody had paused.
pub(crate) const LEAVING_AND_PAUSED_MAILBOX: (Badge, &str) = (
    badge("bad", "Held: not disconnected to the end, and paused"),
    "No mail starts from it. Google did not take the permission back: try again with \"Disconnect and \
     revoke\", or disconnect it without. To go on, connect it again and resume it.",
);

/// A mailbox whose domain does not prove that its mail is real.
pub(crate) const HELD_MAILBOX: (Badge, &str) = (
    badge("bad", "Held: its domain does not prove its mail"),
    "Publish what stands here. It goes on by itself within the hour, or when you check it.",
);

/// What to do with such a mailbox where nobody checks domains any more.
pub(crate) const UNCHECKED_MAILBOX: &str = "Nobody checks domains here any more, so nothing else lets it go: publish what stands here, then let it \
     send.";

pub(crate) fn enrollment(state: EnrollmentState, finish: Option<FinishReason>) -> Badge {
    match (state, finish) {
        (EnrollmentState::Active, _) => badge("good", "Under way"),
        (EnrollmentState::Paused, _) => badge("warn", "Waiting"),
        (EnrollmentState::Parked, _) => badge("bad", "Needs you"),
        (EnrollmentState::Finished, Some(reason)) => finished(reason),
        _ => badge("", "Ended"),
    }
}

pub(crate) fn finished(reason: FinishReason) -> Badge {
    match reason {
        FinishReason::Completed => badge("info", "Sequence over"),
        FinishReason::Replied => badge("good", "Answered"),
        FinishReason::Bounced => badge("bad", "Address does not exist"),
        FinishReason::Unsubscribed => badge("warn", "Unsubscribed"),
        FinishReason::Complained => badge("bad", "Complained"),
        FinishReason::Erased => badge("", "Erased"),
        FinishReason::Removed => badge("", "Removed by hand"),
        FinishReason::Stopped => badge("", "Campaign ended"),
        FinishReason::Goal => badge("good", "Goal reached"),
        FinishReason::CompanyReplied => badge("info", "A colleague answered"),
        FinishReason::Refused => badge("warn", "May not be written to"),
        FinishReason::LeftCompany => badge("info", "Left the company"),
        FinishReason::Exit => badge("info", "Exit rule"),
        FinishReason::Away => badge("info", "Away"),
        _ => badge("", "Ended"),
    }
}

pub(crate) fn waits(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::ByPerson => "Paused by hand.",
        WaitReason::OutOfOffice => "They are away; it goes on when somebody resumes it.",
        WaitReason::OwnerWrote => "Somebody wrote to them by hand in the same conversation.",
        WaitReason::SendUnknown => "It is not known whether the last mail arrived.",
        WaitReason::MailboxDown => "The mailbox cannot send.",
        WaitReason::ManualTask => "A task waits for you.",
        WaitReason::Overdue => "It is long overdue; please look first.",
        WaitReason::SendRefused => "The mail was refused; please look.",
        WaitReason::Unread => {
            "A mail arrived in their conversation that Google cannot give; please look in the mailbox."
        }
        WaitReason::Restored => "Restored from a backup; please look first.",
        WaitReason::Answered => "They answered; please read it first.",
        WaitReason::Unreadable => "What is stored about them cannot be read; please look.",
        WaitReason::CampaignMissing => {
            "Its campaign, or this version of its sequence, is not here; please look."
        }
        WaitReason::MailboxRemoved => {
            "Their mailbox was taken out of the campaign. Add it again, or take them out, too."
        }
        _ => "It waits.",
    }
}

/// What to tell of an account: a pause of Google's stands beside its state, and is told where
/// nothing graver is.
pub(crate) fn told(row: &MailboxRow, now: Timestamp) -> MailboxState {
    let parked = row.parked_until.is_some_and(|until| until > now);
    match row.state {
        MailboxState::Connected if parked => MailboxState::Parked,
        state => state,
    }
}

/// Why Google takes no mail from an account for now.
pub(crate) fn parked(reason: Option<ParkReason>) -> &'static str {
    match reason {
        Some(ParkReason::SendingLimit) => {
            "Google says that this account has sent as much as it may for now."
        }
        Some(ParkReason::LimitNotice) => {
            "A mail came back because this account has sent as much as it may for now."
        }
        Some(ParkReason::RateLimited) => "Google was asked too much in a short time.",
        _ => "An earlier version did not write down why.",
    }
}

pub(crate) fn mailbox(state: MailboxState) -> (Badge, &'static str) {
    match state {
        MailboxState::Connected => (badge("good", "Connected"), ""),
        MailboxState::SendOnly => (
            badge("warn", "Sends only"),
            "Replies and bounces cannot be read. Connect it again and tick both boxes.",
        ),
        MailboxState::ReadOnly => (
            badge("warn", "Reads only"),
            "It cannot send. Connect it again and tick both boxes.",
        ),
        MailboxState::NeedsReauth => (
            badge("bad", "Needs to be connected again"),
            "Google no longer accepts the permission. Its owner connects it again; nothing is lost.",
        ),
        MailboxState::Paused => (badge("warn", "Paused"), "A person paused it."),
        MailboxState::Parked => (
            badge("warn", "Parked"),
            "Google takes no mail from it for now. It goes on by itself.",
        ),
        MailboxState::Disconnected => (
            badge("", "Disconnected"),
            "Its mail waits until it is connected again.",
        ),
        MailboxState::Contested => (
            badge("bad", "Stopped: a second copy sends"),
            "Another copy of this installation writes from the same mailbox. Switch one off.",
        ),
        _ => (badge("", "Unknown state"), ""),
    }
}

/// A mailbox that is held because nobody has said anything of its domain yet.
pub(crate) const NOT_ASKED: &str =
    "The DNS did not answer when it was connected. It is asked again every ten minutes.";

/// What is wrong with the domain of an address and what to publish.
pub(crate) fn sender(
    email: &str,
    verdict: &SenderVerdict,
    rules: Option<&SenderRules>,
) -> Vec<String> {
    let domain = email.rsplit('@').next().unwrap_or_default();
    let shipped = SenderRules::default();
    let rules = rules.unwrap_or(&shipped);
    let findings = verdict.findings.iter();
    findings
        .map(|finding| finding.advice(domain, rules))
        .collect()
}

pub(crate) fn inbound(kind: InboundKind) -> Badge {
    match kind {
        InboundKind::Reply => badge("good", "Answer"),
        InboundKind::OutOfOffice => badge("info", "Away"),
        InboundKind::Acknowledgement => badge("", "Automatic reply"),
        InboundKind::LeftCompany => badge("info", "Left the company"),
        InboundKind::Challenge => badge("warn", "Asks for proof"),
        InboundKind::HardBounce => badge("bad", "Address does not exist"),
        InboundKind::SoftBounce => badge("warn", "Came back"),
        InboundKind::Delayed => badge("", "Delayed"),
        InboundKind::Delivered => badge("", "Delivered"),
        InboundKind::PolicyBlock => badge("warn", "Blocked by their provider"),
        InboundKind::SendingLimit => badge("bad", "Sending limit reached"),
        InboundKind::Complaint => badge("bad", "Complaint"),
        InboundKind::Unsubscribe => badge("warn", "Wants no more mail"),
        InboundKind::Calendar => badge("info", "Calendar answer"),
        InboundKind::Noise => badge("", "System mail"),
        InboundKind::OwnerWrote => badge("", "Written by hand"),
        _ => badge("", "Mail"),
    }
}

/// Whether a person wrote it, and somebody should read it.
pub(crate) const fn is_for_people(kind: InboundKind) -> bool {
    matches!(
        kind,
        InboundKind::Reply
            | InboundKind::Unsubscribe
            | InboundKind::Complaint
            | InboundKind::Challenge
            | InboundKind::Calendar
    )
}

pub(crate) fn lead(state: LeadState) -> Badge {
    match state {
        LeadState::Active => badge("good", "Active"),
        LeadState::Restricted => badge("warn", "Restricted"),
        LeadState::Held => badge("", "Held"),
        _ => badge("", "Unknown state"),
    }
}

pub(crate) fn skipped(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Ended => "ended before (answered, stopped, came back)",
        SkipReason::Branch => "another branch was taken",
        SkipReason::ByPerson => "skipped by hand",
        SkipReason::NoBasis => "nothing recorded that allows it",
        SkipReason::Suppressed => "on the do-not-mail list",
        SkipReason::Erased => "erased",
        SkipReason::Refused => "not allowed for another reason",
        SkipReason::Stopped => "campaign ended",
        SkipReason::Unrenderable => "the text cannot be written for them",
        _ => "another reason",
    }
}

pub(crate) fn failed(reason: NotSentReason) -> &'static str {
    match reason {
        NotSentReason::Invalid => "the provider calls it invalid",
        NotSentReason::TooLarge => "too large",
        NotSentReason::Unreachable => "the provider was not reached",
        NotSentReason::Unauthorized => "the permission was refused",
        NotSentReason::Forbidden => "an administrator forbids it",
        NotSentReason::RateLimited => "too fast",
        NotSentReason::SendingLimit => "the mailbox's daily limit",
        NotSentReason::LeaseExpired => "ran out of time before it was handed over",
        NotSentReason::NoMailService => "the account has no mail service",
        NotSentReason::TokenRefused => "the provider no longer took the access token",
        NotSentReason::ThreadGone => "its conversation was deleted",
        NotSentReason::ForeignPermit => {
            "its permit was another installation's, transport's or mailbox's"
        }
        NotSentReason::NotAsPermitted => "it is not the mail that its permit allows",
        NotSentReason::Content => "it holds what no mail may hold, or cannot be read",
        _ => "another reason",
    }
}

/// What becomes of a step that somebody wants skipped.
pub(crate) const fn skipping(skipping: Skipping) -> (&'static str, &'static str) {
    match skipping {
        Skipping::Asked => (
            "good",
            "It is skipped when the mailbox looks next, mostly within seconds, unless it goes before \
             that; the step after it follows.",
        ),
        Skipping::UnderWay => (
            "warn",
            "It is being sent just now: it is skipped only if it does not go.",
        ),
        Skipping::Sent => ("warn", "Nothing was skipped: this mail had gone before."),
        Skipping::Unknown => (
            "warn",
            "Nothing was skipped: it is not known whether this mail went.",
        ),
        Skipping::Ended => (
            "warn",
            "Nothing was skipped: nothing comes next for this person any more.",
        ),
        _ => (
            "warn",
            "Nothing was skipped: this step is not what comes next any more.",
        ),
    }
}

/// What became of a mail to oneself, and what to do.
pub(crate) fn tested(tested: Tested) -> (Badge, String) {
    match tested {
        Tested::Waits => (
            badge("", "Waits"),
            "The mailbox takes it up when it looks next, mostly within seconds.".to_owned(),
        ),
        Tested::UnderWay => (badge("info", "Under way"), "It is being sent.".to_owned()),
        Tested::Sent(_) => (
            badge("good", "Sent"),
            "The provider took it: look into the mailbox.".to_owned(),
        ),
        Tested::Unknown => (
            badge("warn", "Unknown"),
            "The provider gave no answer: it may have gone. Look into the mailbox; it does not go \
             again by itself."
                .to_owned(),
        ),
        Tested::NotSent(why) => (
            badge("bad", "Not sent"),
            format!(
                "It did not go: {}. Send another when that is over.",
                failed(why)
            ),
        ),
        Tested::Skipped(why) => (
            badge("bad", "Not sent"),
            format!("It cannot go: {}.", skipped(why)),
        ),
        _ => (badge("", "Unknown state"), String::new()),
    }
}

/// Why a command could not be carried out.
pub(crate) fn missing(missing: Missing) -> &'static str {
    match missing {
        Missing::Campaign => "its campaign is not here.",
        Missing::Sequence => "this version of the sequence is not here.",
        Missing::Send => "the mail that it is about is not here.",
        _ => "what it is about is not here.",
    }
}

/// What whoever wrote an answer by hand may do about it, beside trying again as it is.
pub(crate) fn advice(reason: NotSentReason) -> &'static str {
    match reason {
        NotSentReason::TooLarge => {
            " Nothing was sent. Write a shorter answer: the provider takes no larger mail, or this \
             connection cannot carry it within the seconds that one mail is allowed."
        }
        NotSentReason::LeaseExpired => {
            " Nothing was sent: one mail is allowed a few seconds, and the mailbox, this server or its \
             connection took longer. Send it again."
        }
        NotSentReason::ForeignPermit => {
            " Nothing was sent. Look whether two copies of this server run, or its transport was \
             changed under way; the log names what differs."
        }
        NotSentReason::NotAsPermitted => {
            " Nothing was sent: what composes mails left something out or changed whom it goes to. The \
             log names it."
        }
        NotSentReason::Content => {
            " Nothing was sent. Look at the account's name and at the text: no shortened link, nothing \
             hidden, all of it in UTF-8."
        }
        _ => "",
    }
}

pub(crate) fn basis(kind: BasisKind) -> &'static str {
    match kind {
        BasisKind::Consent => "Consent",
        BasisKind::ConfirmedOptIn => "Confirmed opt-in",
        BasisKind::Requested => "Asked for information",
        BasisKind::PriorReply => "Answered before",
        BasisKind::ExistingCustomer => "Existing customer",
        BasisKind::LegitimateInterest => "Legitimate interest",
        BasisKind::PublishedForPurpose => "Published for this purpose",
        BasisKind::ImpliedRelationship => "Business relationship (implied consent)",
        BasisKind::ImpliedPublication => "Public listing (implied consent)",
        _ => "Another basis",
    }
}

/// What the people of a campaign are, taken together.
pub(crate) fn list(people: &QualityReport) -> String {
    format!(
        "{} people: {} have private addresses of free providers, and the country of {} is unknown, so \
         that the strictest rules apply to them",
        people.people, people.free_mail, people.without_country
    )
}

/// What a reset of a limit did, by what else stops the same: the weightiest cause that is left, and
/// whether a first sample runs.
pub(crate) const fn reset(left: Option<StopReason>, sampled: bool) -> &'static str {
    match left {
        None if sampled => {
            "It goes on with its first mails. The figures begin anew, and the rest waits until it is \
             clear how many of them came back."
        }
        None => "It goes on. The figures begin anew.",
        Some(StopReason::Disconnected) => {
            "The figures begin anew. It goes on when the mailbox is connected again."
        }
        Some(StopReason::Unauthenticated) => {
            "The figures begin anew. It goes on when its domain proves its mail: see Mailboxes."
        }
        Some(StopReason::Ended) => "The figures begin anew. It was ended, and does not go on.",
        Some(_) => "The figures begin anew. It is paused as well: resume it on its own page.",
    }
}

/// Why a person is on the do-not-mail list.
pub(crate) fn stopped(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Unsubscribed => "they unsubscribed.",
        StopReason::Objected => "they objected to such mail.",
        StopReason::Bounced => "the address does not exist.",
        StopReason::Complained => "they reported a mail as spam.",
        StopReason::Erased => "they were erased.",
        StopReason::Restricted => "their data is restricted.",
        StopReason::StopWords => "an answer reads as if they want no more mail. Please read it.",
        StopReason::Listed => "somebody of your team put them on the do-not-mail list.",
        StopReason::WholeDomain => "their whole domain is on the do-not-mail list.",
        _ => "they are on the do-not-mail list.",
    }
}

#[cfg(test)]
mod tests {
    use jooper::core::Code;
    use jooper::storage::StoreError;
    use jooper::vault::VaultError;

    use super::*;

    #[test]
    fn a_campaign_that_cannot_be_named_has_words_in_place_of_its_name() {
        let vault = VaultError::NotAuthentic {
            table: "campaign",
            column: "settings",
        };
        for (error, words) in [
            (
                EngineError::NotFound("campaign"),
                "A campaign that is not here",
            ),
            (
                EngineError::Content("campaign"),
                "A campaign that cannot be read",
            ),
            (EngineError::Vault(vault), "A campaign that cannot be read"),
        ] {
            assert_eq!(campaign_name(Err(error)).unwrap(), words);
        }
        for passes in [
            EngineError::Store(StoreError::Unavailable(None)),
            EngineError::Vault(VaultError::Cipher),
        ] {
            assert!(campaign_name(Err(passes)).is_err());
        }
    }

    #[test]
    fn a_reset_says_what_else_is_to_be_done() {
        for (left, sampled, part) in [
            (None, false, "It goes on. The"),
            (None, true, "goes on with its first mails"),
            (Some(StopReason::Disconnected), true, "is connected again"),
            (
                Some(StopReason::Unauthenticated),
                true,
                "its domain proves its mail",
            ),
            (Some(StopReason::Paused), true, "It is paused as well"),
            (Some(StopReason::Ended), false, "does not go on"),
        ] {
            let said = reset(left, sampled);
            assert!(said.contains(part), "{said}");
            assert!(said.contains("figures begin anew"), "{said}");
        }
    }

    #[test]
    fn every_state_and_reason_has_words_of_its_own() {
        assert!(
            CampaignState::all()
                .iter()
                .all(|s| campaign(*s).label != "Unknown state")
        );
        assert!(
            MailboxState::all()
                .iter()
                .all(|s| mailbox(*s).0.label != "Unknown state")
        );
        assert!(
            LeadState::all()
                .iter()
                .all(|s| lead(*s).label != "Unknown state")
        );
        assert!(
            InboundKind::all()
                .iter()
                .all(|k| inbound(*k).label != "Mail")
        );
        assert!(
            FinishReason::all()
                .iter()
                .all(|r| finished(*r).label != "Ended")
        );
        let unknown = parked(None);
        assert!(
            ParkReason::all()
                .iter()
                .all(|r| parked(Some(*r)) != unknown)
        );
        assert!(WaitReason::all().iter().all(|r| waits(*r) != "It waits."));
        assert!(
            SkipReason::all()
                .iter()
                .all(|r| skipped(*r) != "another reason")
        );
        assert!(
            NotSentReason::all()
                .iter()
                .all(|r| failed(*r) != "another reason")
        );
        assert!(
            BasisKind::all()
                .iter()
                .all(|k| basis(*k) != "Another basis")
        );
        let advised: Vec<_> = NotSentReason::all()
            .iter()
            .filter(|reason| advice(**reason).starts_with(" Nothing was sent"))
            .collect();
        assert_eq!(
            advised,
            [
                &NotSentReason::LeaseExpired,
                &NotSentReason::TooLarge,
                &NotSentReason::ForeignPermit,
                &NotSentReason::NotAsPermitted,
                &NotSentReason::Content,
            ]
        );
    }
}
