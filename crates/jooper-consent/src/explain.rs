//! A trace in words for the person who sells.

use jooper_core::{BasisKind, ScopeKind, StopReason};

use crate::gate::{GateName, RefusalReason, Trace, Verdict};

/// Says in plain words why a mail may go, or what stands in its way and what to do about it.
///
/// One sentence or two for each thing in the way; when nothing is, one that names the basis.
pub fn explain(trace: &Trace) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for step in &trace.0 {
        let Some(reason) = step.verdict.reason() else {
            continue;
        };
        let when = match &step.verdict {
            Verdict::Defer {
                until: Some(until), ..
            } => format!(" Not before {} UTC.", until.strftime("%F %H:%M")),
            _ => String::new(),
        };
        let what = why_not(reason);
        let remedy = remedy(reason);
        let gap = if remedy.is_empty() { "" } else { " " };
        said.push(format!("{what}{when}{gap}{remedy}"));
    }
    said.dedup();
    if said.is_empty() {
        let basis = trace.0.iter().find(|step| step.gate == GateName::Basis);
        said.push(match basis {
            Some(step) => format!("The mail may go. Basis: {}.", step.input),
            None => "The mail may go.".to_owned(),
        });
    }
    said
}

/// What a gate looks after, in a salesperson's words.
pub const fn gate_name(gate: GateName) -> &'static str {
    match gate {
        GateName::Workspace => "who sends",
        GateName::Suppression => "your do-not-mail list",
        GateName::DoNotContact => "addresses that nobody may mail",
        GateName::Stops => "what is paused or stopped",
        GateName::Rights => "the person's rights",
        GateName::Address => "the address",
        GateName::Purpose => "what the mail is",
        GateName::Content => "what the mail holds",
        GateName::Basis => "the reason you may write",
        GateName::Transport => "the mail provider's rules",
        GateName::Ceilings => "how many mails, how soon",
        GateName::Contact => "other mails to the person",
        GateName::Sample => "the first 50 mails",
        GateName::Policy => "your own rules",
    }
}

/// What a gate said, in a few words.
pub fn verdict_in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allow => "fine".to_owned(),
        Verdict::Defer {
            until: Some(until), ..
        } => format!("not before {} UTC", until.strftime("%F %H:%M")),
        Verdict::Defer { until: None, .. } => "not now".to_owned(),
        Verdict::Deny { .. } => "no".to_owned(),
    }
}

fn basis(kind: BasisKind) -> &'static str {
    match kind {
        BasisKind::Consent => "the consent",
        BasisKind::ConfirmedOptIn => "the confirmed opt-in",
        BasisKind::Requested => "the request for information",
        BasisKind::PriorReply => "the earlier reply",
        BasisKind::ExistingCustomer => "being a customer",
        BasisKind::LegitimateInterest => "the legitimate interest",
        BasisKind::PublishedForPurpose => "the published address",
        BasisKind::ImpliedRelationship => "the business relationship",
        BasisKind::ImpliedPublication => "the publicly listed address",
        _ => "the recorded basis",
    }
}

fn listed(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Unsubscribed => "This person unsubscribed.",
        StopReason::Objected => "This person objected to such mail.",
        StopReason::Bounced => "Mail to this address came back: the address does not exist.",
        StopReason::Complained => "This person reported a mail as spam.",
        StopReason::Erased => "This person asked to be erased.",
        StopReason::Restricted => "This person's data is restricted.",
        StopReason::StopWords => "A reply looks as if this person wants no more mail.",
        StopReason::Replied => "This person has replied.",
        _ => "This person or their company is on your do-not-mail list.",
    }
}

fn place(scope: ScopeKind) -> &'static str {
    match scope {
        ScopeKind::Company => "Mail to this company",
        ScopeKind::Enrollment => "This person's place in the campaign",
        ScopeKind::Campaign => "The campaign",
        ScopeKind::Mailbox => "The mailbox",
        ScopeKind::Workspace => "The whole workspace",
        _ => "Mail to this person",
    }
}

fn why(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Paused => "is paused",
        StopReason::Disconnected => "is disconnected",
        StopReason::Breaker => {
            "was stopped automatically, because too many mails came back or were complained about"
        }
        StopReason::Unauthenticated => {
            "is held, because its domain does not prove that mail from it is real"
        }
        StopReason::Replied => "has ended, because somebody replied",
        StopReason::Ended => "was ended by hand",
        StopReason::Restricted => "waits, because their data may only be kept and not used",
        _ => "is stopped",
    }
}

/// Why a mail does not go, in one sentence without a remedy.
pub fn why_not(reason: &RefusalReason) -> String {
    match reason {
        RefusalReason::UnknownWorkspace => "This workspace does not exist.".to_owned(),
        RefusalReason::WorkspacePaused => "The whole workspace is paused.".to_owned(),
        RefusalReason::WorkspaceLeaving => "This workspace is being closed.".to_owned(),
        RefusalReason::NoIdentity => {
            "Your legal name, postal address or privacy notice is missing; every mail must carry \
             them."
                .to_owned()
        }
        RefusalReason::Suppressed(reason) => listed(*reason).to_owned(),
        RefusalReason::DoNotContact => "This address cannot be mailed.".to_owned(),
        RefusalReason::Stopped { scope, reason } => format!("{} {}.", place(*scope), why(*reason)),
        RefusalReason::UnknownLead => "This lead no longer exists.".to_owned(),
        RefusalReason::Restricted => "This person's data may only be kept, not used.".to_owned(),
        RefusalReason::NotTheirAddress => "This address does not belong to the lead.".to_owned(),
        RefusalReason::RoleAddress => {
            "This is the address of a machine or an abuse desk.".to_owned()
        }
        RefusalReason::TypoDomain => "The address looks misspelled.".to_owned(),
        RefusalReason::NotThisEnrollment => {
            "The mail does not belong to this lead's place in the campaign.".to_owned()
        }
        RefusalReason::NothingToAnswer => "There is no mail from this person to answer.".to_owned(),
        RefusalReason::NotOwnAddress => "A test goes to your own sign-in address only.".to_owned(),
        RefusalReason::NoRequest => "There is no open request to answer.".to_owned(),
        RefusalReason::Content(finding) => format!("{}.", upper(&finding.to_string())),
        RefusalReason::NoBasis => {
            "Nothing is recorded that allows you to write to this person.".to_owned()
        }
        RefusalReason::BasisExpired(kind) => {
            format!("{} has run out.", upper(basis(*kind)))
        }
        RefusalReason::BasisWithdrawn(kind) => {
            format!("{} was withdrawn.", upper(basis(*kind)))
        }
        RefusalReason::BasisNotYet(kind) => format!(
            "{} is recorded from a later time than it is now.",
            upper(basis(*kind))
        ),
        RefusalReason::BasisNotInCountry(kind) => format!(
            "{} is not enough in this person's country.",
            upper(basis(*kind))
        ),
        RefusalReason::BasisNotStated(kind, missing) => format!(
            "{} counts in this person's country only if you state {}, and nobody did.",
            upper(basis(*kind)),
            missing.words()
        ),
        RefusalReason::BasisNotOverTransport(kind) => format!(
            "{} is enough for the law, but not for the mail provider's rules.",
            upper(basis(*kind))
        ),
        RefusalReason::BasisRefusedHere(kind) => {
            format!("Your workspace does not rely on {}.", basis(*kind))
        }
        RefusalReason::FollowUpCeiling => "This person has had enough follow-ups.".to_owned(),
        RefusalReason::AnswerCeiling => {
            "This person has had enough answers in a row, and has not written since.".to_owned()
        }
        RefusalReason::TooSoon => "This person had a mail only a short time ago.".to_owned(),
        RefusalReason::AnotherCampaign => {
            "Another campaign is writing to this person at the moment.".to_owned()
        }
        RefusalReason::AnotherSend => "A mail to this person is on its way right now.".to_owned(),
        RefusalReason::SampleRunning => {
            "The first 50 mails of this campaign are out; the rest waits until it is clear how \
             many came back."
                .to_owned()
        }
        RefusalReason::Policy(name) => format!("Your own rule \"{name}\" does not allow it."),
    }
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// What a salesperson can do about it; empty when nothing can be done.
pub fn remedy(reason: &RefusalReason) -> &'static str {
    match reason {
        RefusalReason::Content(finding) => finding.remedy(),
        RefusalReason::WorkspacePaused => "Resume everything on the page Safety.",
        RefusalReason::NoIdentity => "Fill them in under Settings, Sender.",
        RefusalReason::Suppressed(StopReason::StopWords) => {
            "Read the reply, then confirm or dismiss it."
        }
        RefusalReason::Suppressed(StopReason::Bounced) => "Ask for a working address.",
        RefusalReason::Suppressed(_) | RefusalReason::DoNotContact => {
            "Only the person can change that."
        }
        RefusalReason::Stopped { reason, .. } => match reason {
            StopReason::Paused => "Resume it when you are ready.",
            StopReason::Disconnected => "Connect the mailbox again.",
            StopReason::Restricted => "It goes on when the restriction has ended.",
            StopReason::Breaker => {
                "Look at the figures and clean the list, then let it go on, on the page Safety."
            }
            StopReason::Unauthenticated => {
                "Publish what stands beside the mailbox; it goes on by itself within the hour."
            }
            StopReason::Replied => "Answer them yourself.",
            StopReason::Ended => {
                "It does not go on: end it once more if it is still shown as under way, and begin anew."
            }
            StopReason::StopWords => "Read the reply, then confirm or dismiss it.",
            _ => "Only the person can change that.",
        },
        RefusalReason::Restricted => "It goes on when the restriction has ended.",
        RefusalReason::TypoDomain => "Correct the address.",
        RefusalReason::RoleAddress => "Ask for the address of a person.",
        RefusalReason::UnknownLead => "Import the person again, if they may be written to.",
        RefusalReason::NotThisEnrollment => "Add the person to the campaign again.",
        RefusalReason::NothingToAnswer => "Answer a mail that the person has sent.",
        RefusalReason::NoRequest => "The person can ask once more.",
        RefusalReason::FollowUpCeiling => {
            "It goes on when the person answers, or some weeks after the last mail."
        }
        RefusalReason::AnswerCeiling => {
            "Answer when they have written again. As many go in a row as a campaign sends mails: whoever \
             runs the server sets how many follow-ups that allows."
        }
        RefusalReason::Policy(_) => "Ask whoever made that rule.",
        RefusalReason::NotTheirAddress => "Import the address with the lead.",
        RefusalReason::NoBasis | RefusalReason::BasisExpired(_) => {
            "Import the proof of a consent, or record how the person asked for mail."
        }
        RefusalReason::BasisWithdrawn(_) => {
            "Only the person can change that: with a new consent, a request or a reply."
        }
        RefusalReason::BasisNotYet(_) => "It goes on by itself when that time has come.",
        RefusalReason::BasisNotInCountry(_) => {
            "A consent, a request or a reply from the person would be enough. If the country is \
             missing, import the list again with it."
        }
        RefusalReason::BasisNotStated(..) => {
            "Record it anew with that statement, from the day on which it is made, or record another \
             reason."
        }
        RefusalReason::BasisNotOverTransport(_) => {
            "A consent, a request, a reply or a running customer relationship would be enough."
        }
        RefusalReason::BasisRefusedHere(_) => {
            "Record another basis, or ask whoever set the workspace's rules."
        }
        RefusalReason::NotOwnAddress => "Choose your own address.",
        RefusalReason::TooSoon | RefusalReason::AnotherSend | RefusalReason::AnotherCampaign => {
            "It goes by itself later."
        }
        RefusalReason::SampleRunning => {
            "It goes on by itself when the result is good. What comes back to a mailbox that cannot \
             be read nobody knows: then somebody lets the rest go on, on the page Safety."
        }
        RefusalReason::UnknownWorkspace | RefusalReason::WorkspaceLeaving => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{ContentFinding, Hiding, MailPart, OtherName};
    use crate::gate::GateStep;
    use crate::policy::Attestation;
    use jooper_core::Code;

    fn reasons() -> Vec<RefusalReason> {
        let mut all = vec![
            RefusalReason::UnknownWorkspace,
            RefusalReason::WorkspacePaused,
            RefusalReason::WorkspaceLeaving,
            RefusalReason::NoIdentity,
            RefusalReason::DoNotContact,
            RefusalReason::UnknownLead,
            RefusalReason::Restricted,
            RefusalReason::NotTheirAddress,
            RefusalReason::RoleAddress,
            RefusalReason::TypoDomain,
            RefusalReason::NotThisEnrollment,
            RefusalReason::NothingToAnswer,
            RefusalReason::NotOwnAddress,
            RefusalReason::NoRequest,
            RefusalReason::NoBasis,
            RefusalReason::FollowUpCeiling,
            RefusalReason::AnswerCeiling,
            RefusalReason::TooSoon,
            RefusalReason::AnotherCampaign,
            RefusalReason::AnotherSend,
            RefusalReason::SampleRunning,
            RefusalReason::Policy("quiet weeks".to_owned()),
            RefusalReason::Content(ContentFinding::Shortener {
                host: "bit.ly".to_owned(),
                part: MailPart::Text,
            }),
            RefusalReason::Content(ContentFinding::HiddenText {
                how: Hiding::Characters,
                part: MailPart::Subject,
            }),
            RefusalReason::Content(ContentFinding::FromName {
                shows: OtherName::Domain,
            }),
        ];
        for reason in StopReason::all() {
            all.push(RefusalReason::Suppressed(*reason));
            for scope in ScopeKind::all() {
                all.push(RefusalReason::Stopped {
                    scope: *scope,
                    reason: *reason,
                });
            }
        }
        for kind in BasisKind::all() {
            all.extend([
                RefusalReason::BasisExpired(*kind),
                RefusalReason::BasisWithdrawn(*kind),
                RefusalReason::BasisNotYet(*kind),
                RefusalReason::BasisNotInCountry(*kind),
                RefusalReason::BasisNotStated(*kind, Attestation::SimilarGoods),
                RefusalReason::BasisNotOverTransport(*kind),
                RefusalReason::BasisRefusedHere(*kind),
            ]);
        }
        all
    }

    #[test]
    fn every_reason_has_a_remedy_but_those_of_a_workspace_that_is_gone() {
        for reason in reasons() {
            let gone = matches!(
                reason,
                RefusalReason::UnknownWorkspace | RefusalReason::WorkspaceLeaving
            );
            assert_eq!(remedy(&reason).is_empty(), gone, "{reason:?}");
        }
    }

    #[test]
    fn every_reason_is_a_sentence_without_jargon() {
        for reason in reasons() {
            let verdict = Verdict::Deny {
                reason: reason.clone(),
                permanent: true,
            };
            let step = GateStep {
                gate: GateName::Stops,
                input: String::new(),
                verdict,
            };
            let said = explain(&Trace(vec![step]));
            assert_eq!(said.len(), 1, "{reason:?}");
            let text = &said[0];
            let first = text.chars().next().is_some_and(char::is_uppercase);
            assert!(
                first && text.ends_with('.') && !text.contains("  "),
                "{text}"
            );
            for word in [
                "basis",
                "suppress",
                "opt_in",
                "_",
                "CASL",
                "GDPR",
                "enrollment",
                "permit",
            ] {
                let own = word == "basis" && matches!(reason, RefusalReason::BasisRefusedHere(_));
                assert!(own || !text.contains(word), "{word}: {text}");
            }
        }
    }

    #[test]
    fn a_wait_says_when_and_an_allowance_says_why() {
        let step = |gate, verdict| GateStep {
            gate,
            input: "consent of 2026-10-23".to_owned(),
            verdict,
        };
        let until = "2026-11-25T21:00:00Z".parse().unwrap();
        let reason = RefusalReason::TooSoon;
        let wait = Verdict::Defer {
            until: Some(until),
            reason,
        };
        let said = explain(&Trace(vec![step(GateName::Ceilings, wait)]));
        assert!(said[0].contains("Not before 2026-11-25 21:00 UTC."));
        let said = explain(&Trace(vec![step(GateName::Basis, Verdict::Allow)]));
        assert_eq!(said, ["The mail may go. Basis: consent of 2026-10-23."]);
    }
}
