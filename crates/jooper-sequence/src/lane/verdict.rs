//! What the classifier's verdict on an arrival means for the engine. Pure.

use jiff::civil::Date;
use jooper_core::{InboundKind, StopReason};
use jooper_message::inbound::authenticity::{Origin, TrustLevel};
use jooper_message::inbound::auto_reply::Return;
use jooper_message::inbound::dsn::reason::Reason;
use jooper_message::inbound::intent::{FollowUp, Intent, IntentVerdict};
use jooper_message::inbound::matching::Role;
use jooper_message::inbound::{
    AutoReply, CalendarMethod, Classification, Confidence, Evidence, Kind, ReportKind, Source,
    UnsubscribeBy,
};
use serde_json::{Map, Value as Json, json};

use crate::decide::Event;
use crate::model::ReplyIntent;

/// What ties an arrival to a send by nothing but the sender's company.
pub(super) const BY_COMPANY: &str = "company";

/// What an arrival does.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) kind: InboundKind,
    /// Whether the person goes on the list, for every campaign of the workspace.
    pub(super) stop: Option<StopReason>,
    /// What happens to the enrollment.
    pub(super) event: Option<Event>,
    /// Whether it counts as a fact of the campaign; what only a person can judge does not, and
    /// neither does what is passed on, noticed or delivered.
    pub(super) counts: bool,
    /// Whether our own provider says that the account may send no more for now.
    pub(super) limit: bool,
}

/// What is known of an arrival beside its verdict.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'f> {
    pub(super) role: Role,
    /// What ties it to a send.
    pub(super) by: &'f str,
    /// Whether a report is about the person it is tied to, and not about somebody else who was
    /// written to in the same conversation.
    pub(super) about_them: bool,
    /// Whether a button's mail comes from an address of theirs.
    pub(super) by_them: bool,
    /// Whether the only To header names this mailbox.
    pub(super) to_us: bool,
    /// What a person meant by it.
    pub(super) judged: &'f IntentVerdict,
}

/// Says what `verdict` does, for a mail that is tied to a send `by` something.
///
/// * A report of unproven origin, or about somebody else, stops nobody and ends nothing: it is
///   shown, and that is all.
/// * Words that ask to stop are provisional until a person looks, and so is the mail of a button that comes
///   from somebody else, or whose sender nobody vouches for.
/// * A delivery report may be sent on to us with its writer's signature whole: it was written to whoever sent the
///   mail it is about, and its To header says to whom. A complaint goes to whom the provider has on record.
/// * A forwarded mail is no answer, and neither is a mail that only shares the company's domain.
pub(super) fn meaning(verdict: &Classification, facts: &Facts<'_>) -> Meaning {
    let mut kind = kind_of(verdict);
    let answers = matches!(kind, InboundKind::Reply | InboundKind::Calendar);
    if facts.role == Role::Forward && answers {
        kind = InboundKind::Noise;
    }
    let weak = facts.by == BY_COMPANY;
    let proven = is_proven(verdict, facts.by, facts.to_us);
    let claims = match kind {
        InboundKind::HardBounce | InboundKind::Complaint => !(proven && facts.about_them),
        InboundKind::SendingLimit => !proven,
        InboundKind::Unsubscribe => verdict.is_claim() && !(proven && facts.about_them),
        _ => false,
    };
    if weak || claims {
        return Meaning {
            kind,
            stop: None,
            event: None,
            counts: false,
            limit: false,
        };
    }
    Meaning {
        kind,
        stop: stop_for(kind, verdict, facts),
        event: event_of(kind, verdict, facts.judged),
        // What nobody has to act on is shown, and no number tells of it.
        counts: !matches!(kind, InboundKind::Noise | InboundKind::Delivered),
        limit: kind == InboundKind::SendingLimit
            && facts.to_us
            && verdict.trust.is_trusted()
            && verdict.trust.origin == Origin::Provider
            && is_of_ours(verdict),
    }
}

/// It brings back what only our mail's own readers know and nothing speaks against it, or it comes
/// from whom the receiving provider vouches for: the recipient's organization, or the provider itself.
/// Whoever signs with a domain of their own may say nothing of other people's addresses.
fn is_proven(verdict: &Classification, by: &str, to_us: bool) -> bool {
    let told_us = to_us || !matches!(verdict.kind, Kind::DeliveryReport(_));
    let told_us = told_us && verdict.trust.origin != Origin::Elsewhere;
    match verdict.trust.level {
        TrustLevel::Forged => false,
        TrustLevel::Authenticated if told_us => true,
        _ => brings_back(by),
    }
}

/// Whether a limit is our own provider's: it tells of another server's answer, too, and names that server
/// (RFC 3464 section 2.3.5). Whoever runs a lead's server may write what they like.
fn is_of_ours(verdict: &Classification) -> bool {
    let mut limits = verdict
        .recipients
        .iter()
        .filter(|one| one.reason == Reason::SendingLimit);
    limits.any(|one| one.remote_mta.is_none())
}

/// Whether what ties an arrival to a send is what only our mail's own readers know.
pub(super) fn brings_back(by: &str) -> bool {
    matches!(by, "token" | "message id")
}

/// The classifier's verdict in the engine's own words.
///
/// An absence that objects for whoever is away is an objection: that one ends more than the other. So is mail of a
/// list or a system that carries one.
fn kind_of(verdict: &Classification) -> InboundKind {
    match verdict.also_asks {
        Some(_) if asks_beside(&verdict.kind) => InboundKind::Unsubscribe,
        _ => kind_but_for_words(verdict),
    }
}

/// Whether what is said of a mail leaves room for an objection beside it.
const fn asks_beside(kind: &Kind) -> bool {
    matches!(kind, Kind::AutoReply(_) | Kind::List | Kind::System)
}

/// What it is if the words in it that ask to stop are no objection.
fn kind_but_for_words(verdict: &Classification) -> InboundKind {
    match &verdict.kind {
        Kind::AutoReply(AutoReply::OutOfOffice { .. }) => InboundKind::OutOfOffice,
        Kind::AutoReply(AutoReply::Acknowledgement) => InboundKind::Acknowledgement,
        Kind::AutoReply(AutoReply::LeftCompany) => InboundKind::LeftCompany,
        Kind::AutoReply(AutoReply::ChallengeResponse) => InboundKind::Challenge,
        Kind::DeliveryReport(report) => match report {
            ReportKind::HardBounce => InboundKind::HardBounce,
            ReportKind::SoftBounce => InboundKind::SoftBounce,
            ReportKind::PolicyBlock => InboundKind::PolicyBlock,
            ReportKind::SendingLimit => InboundKind::SendingLimit,
            ReportKind::Delayed => InboundKind::Delayed,
            ReportKind::Delivered => InboundKind::Delivered,
            _ => InboundKind::SoftBounce,
        },
        Kind::Complaint { .. } if verdict.kind.complains() => InboundKind::Complaint,
        // "No spam after all", or a failed check of authentication: shown, and that is all.
        Kind::Complaint { .. } => InboundKind::Noise,
        Kind::Unsubscribe(_) => InboundKind::Unsubscribe,
        Kind::Calendar(_) => InboundKind::Calendar,
        Kind::List | Kind::System => InboundKind::Noise,
        Kind::AutoReply(_) => InboundKind::Acknowledgement,
        _ => InboundKind::Reply,
    }
}

fn stop_for(kind: InboundKind, verdict: &Classification, facts: &Facts<'_>) -> Option<StopReason> {
    // A gateway of the recipient's signs with its own domain, and brings back our mail.
    let claim = verdict.may_suppress() || verdict.trust.is_trusted() && brings_back(facts.by);
    // Anybody can write a title, and any sender above it.
    let theirs = match verdict.trust.level {
        TrustLevel::Forged => false,
        TrustLevel::Authenticated => true,
        _ => brings_back(facts.by),
    };
    let doubtful = !(facts.by_them && theirs);
    match kind {
        InboundKind::Unsubscribe => match &verdict.kind {
            Kind::Unsubscribe(UnsubscribeBy::Words { .. }) => Some(StopReason::StopWords),
            kind if asks_beside(kind) => Some(StopReason::StopWords),
            Kind::Unsubscribe(UnsubscribeBy::Mailto) if doubtful => Some(StopReason::StopWords),
            Kind::Unsubscribe(UnsubscribeBy::Report) if !claim => None,
            _ => Some(StopReason::Unsubscribed),
        },
        InboundKind::HardBounce if claim => Some(StopReason::Bounced),
        InboundKind::Complaint if claim => Some(StopReason::Complained),
        _ => None,
    }
}

/// In which sense a person answered, in the engine's own words; `None` when it is unclear.
fn intent_of(verdict: &Classification, judged: &IntentVerdict) -> Option<ReplyIntent> {
    if let Kind::Calendar(CalendarMethod::Accepted | CalendarMethod::Request) = verdict.kind {
        return Some(ReplyIntent::Meeting);
    }
    match judged.intent? {
        Intent::Interested => Some(ReplyIntent::Interested),
        Intent::NotNow => Some(ReplyIntent::NotNow),
        Intent::NotInterested => Some(ReplyIntent::NotInterested),
        Intent::WrongPerson => Some(ReplyIntent::WrongPerson),
        Intent::Question => Some(ReplyIntent::Question),
        Intent::Meeting => Some(ReplyIntent::Meeting),
        _ => None,
    }
}

fn event_of(kind: InboundKind, verdict: &Classification, judged: &IntentVerdict) -> Option<Event> {
    match kind {
        InboundKind::Reply | InboundKind::Calendar => Some(Event::Replied {
            intent: intent_of(verdict, judged),
        }),
        InboundKind::OutOfOffice => Some(Event::OutOfOffice {
            back_on: back_on(&verdict.kind),
        }),
        InboundKind::LeftCompany => Some(Event::LeftCompany),
        InboundKind::HardBounce => Some(Event::HardBounce),
        InboundKind::Complaint => Some(Event::Complained),
        InboundKind::Unsubscribe => Some(Event::Unsubscribed),
        _ => None,
    }
}

/// The first day on which an absent person can be expected.
fn back_on(kind: &Kind) -> Option<Date> {
    match kind {
        Kind::AutoReply(AutoReply::OutOfOffice { returns }) => {
            returns.as_ref().map(Return::first_day_back)
        }
        _ => None,
    }
}

/// In a kept verdict: the kind of a mail whose words that ask to stop are found to be no objection.
pub(crate) const OTHERWISE: &str = "otherwise";

/// What is kept of a verdict beside the mail, sealed with it: enough to show why.
pub(super) fn record(verdict: &Classification, meaning: &Meaning, facts: &Facts<'_>) -> Json {
    let by = facts.by;
    let evidence: Vec<String> = verdict.evidence.iter().map(sentence).collect();
    let mut record = Map::new();
    let mut put = |name: &str, value: Json| record.insert(name.to_owned(), value);
    put("matched_by", json!(by));
    put("weak", json!(by == BY_COMPANY));
    put("confidence", json!(confidence(verdict.confidence)));
    put("evidence", json!(evidence));
    if let Some(back_on) = back_on(&verdict.kind) {
        put("back_on", json!(back_on));
    }
    if verdict.is_claim() {
        put("reported_by", json!(verdict.reporting_mta));
        put("origin", json!(verdict.trust.reason));
        put("proven", json!(is_proven(verdict, by, facts.to_us)));
        put("about_them", json!(facts.about_them));
        let failures = verdict.recipients.iter().take(20).map(|one| {
            json!({
                "reason": one.reason.as_str(),
                "status": one.status.map(|status| status.to_string()),
                "code": one.code,
                "refused_by": one.remote_mta,
                "settled_by": one.settled_by,
            })
        });
        put("failures", failures.collect());
    }
    if meaning.stop == Some(StopReason::StopWords) {
        put("provisional", json!(true));
        let otherwise = if asks_beside(&verdict.kind) {
            kind_but_for_words(verdict)
        } else {
            InboundKind::Reply
        };
        put(OTHERWISE, json!(otherwise.code()));
    }
    if verdict.kind.is_human() {
        put("intent", intent(facts.judged));
    }
    Json::Object(record)
}

fn intent(judged: &IntentVerdict) -> Json {
    let signs: Vec<&str> = judged.evidence.iter().map(|found| found.sign).collect();
    let referral = judged.referral.as_ref();
    json!({
        "name": judged.intent.map(|intent| intent.as_str()),
        "confidence": judged.confidence,
        "signs": signs,
        "refers_to": referral.and_then(|to| to.address.as_ref().or(to.name.as_ref())),
        "ask_again": judged.follow_up.map(later),
    })
}

fn later(when: FollowUp) -> String {
    match when {
        FollowUp::Days(days) => format!("in {days} days"),
        FollowUp::Month(month) => format!("in month {month}"),
        FollowUp::Quarter(quarter) => format!("in quarter {quarter}"),
        FollowUp::NextQuarter => "next quarter".to_owned(),
        FollowUp::NextYear => "next year".to_owned(),
        _ => "later".to_owned(),
    }
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        _ => "low",
    }
}

fn sentence(evidence: &Evidence) -> String {
    let place = match evidence.source {
        Source::Structure => "Structure",
        Source::Header => "Header",
        Source::Sender => "Sender",
        Source::Subject => "Subject",
        Source::Text => "New text",
        Source::Report => "Report",
        _ => "Mail",
    };
    format!("{place}: {}", evidence.what)
}
