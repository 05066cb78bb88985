//! What the classifier's verdict on an arrival means for the engine. Pure.

use jooper_core::{InboundKind, StopReason};
use jooper_message::inbound::authenticity::TrustLevel;
use jooper_message::inbound::intent::{
    FollowUp, Intent, IntentVerdict, PhraseClassifier, ReplyClassifier,
};
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
    /// Whether it counts as a fact of the campaign; what only a person can judge does not.
    pub(super) counts: bool,
}

/// Says what `verdict` does, for a mail that is tied to a send `by` something.
///
/// * A report of unproven origin stops nobody and ends nothing: it is shown, and that is all.
/// * Words that ask to stop are provisional until a person looks.
/// * A forwarded mail is no answer, and neither is a mail that only shares the company's domain.
pub(super) fn meaning(verdict: &Classification, role: Role, by: &str) -> Meaning {
    let mut kind = kind_of(verdict);
    if role == Role::Forward && kind == InboundKind::Reply {
        kind = InboundKind::Noise;
    }
    let weak = by == BY_COMPANY;
    let proven = is_proven(verdict, by);
    let claims = matches!(kind, InboundKind::HardBounce | InboundKind::Complaint);
    if weak || claims && !proven {
        return Meaning {
            kind,
            stop: None,
            event: None,
            counts: false,
        };
    }
    Meaning {
        kind,
        stop: stop_for(kind, verdict),
        event: event_of(kind, verdict),
        counts: true,
    }
}

/// The receiving provider vouches for it, or it brings back what only our mail's own readers know
/// and nothing speaks against it.
fn is_proven(verdict: &Classification, by: &str) -> bool {
    match verdict.trust.level {
        TrustLevel::Authenticated => true,
        TrustLevel::Forged => false,
        _ => matches!(by, "token" | "message id"),
    }
}

/// The classifier's verdict in the engine's own words.
fn kind_of(verdict: &Classification) -> InboundKind {
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
        Kind::Complaint { .. } => InboundKind::Complaint,
        Kind::Unsubscribe(_) => InboundKind::Unsubscribe,
        Kind::Calendar(_) => InboundKind::Calendar,
        Kind::List | Kind::System => InboundKind::Noise,
        Kind::AutoReply(_) => InboundKind::Acknowledgement,
        _ => InboundKind::Reply,
    }
}

fn stop_for(kind: InboundKind, verdict: &Classification) -> Option<StopReason> {
    match kind {
        InboundKind::Unsubscribe => Some(match verdict.kind {
            Kind::Unsubscribe(UnsubscribeBy::Words { .. }) => StopReason::StopWords,
            _ => StopReason::Unsubscribed,
        }),
        InboundKind::HardBounce if verdict.may_suppress() => Some(StopReason::Bounced),
        InboundKind::Complaint if verdict.may_suppress() => Some(StopReason::Complained),
        _ => None,
    }
}

/// In which sense a person answered, in the engine's own words; `None` when it is unclear.
fn intent_of(verdict: &Classification) -> Option<ReplyIntent> {
    if let Kind::Calendar(CalendarMethod::Accepted | CalendarMethod::Request) = verdict.kind {
        return Some(ReplyIntent::Meeting);
    }
    match PhraseClassifier::new()
        .intent(&verdict.visible_text)
        .intent?
    {
        Intent::Interested => Some(ReplyIntent::Interested),
        Intent::NotNow => Some(ReplyIntent::NotNow),
        Intent::NotInterested => Some(ReplyIntent::NotInterested),
        Intent::WrongPerson => Some(ReplyIntent::WrongPerson),
        Intent::Question => Some(ReplyIntent::Question),
        Intent::Meeting => Some(ReplyIntent::Meeting),
        _ => None,
    }
}

fn event_of(kind: InboundKind, verdict: &Classification) -> Option<Event> {
    match kind {
        InboundKind::Reply | InboundKind::Calendar => Some(Event::Replied {
            intent: intent_of(verdict),
        }),
        InboundKind::OutOfOffice => {
            let back_on = match &verdict.kind {
                Kind::AutoReply(AutoReply::OutOfOffice { returns }) => {
                    returns.as_ref().map(|stated| stated.first_day_back())
                }
                _ => None,
            };
            Some(Event::OutOfOffice { back_on })
        }
        InboundKind::LeftCompany => Some(Event::LeftCompany),
        InboundKind::HardBounce => Some(Event::HardBounce),
        InboundKind::Complaint => Some(Event::Complained),
        InboundKind::Unsubscribe => Some(Event::Unsubscribed),
        _ => None,
    }
}

/// What is kept of a verdict beside the mail, sealed with it: enough to show why.
pub(super) fn record(verdict: &Classification, meaning: &Meaning, by: &str) -> Json {
    let evidence: Vec<String> = verdict.evidence.iter().map(sentence).collect();
    let mut record = Map::new();
    let mut put = |name: &str, value: Json| record.insert(name.to_owned(), value);
    put("matched_by", json!(by));
    put("weak", json!(by == BY_COMPANY));
    put("confidence", json!(confidence(verdict.confidence)));
    put("evidence", json!(evidence));
    if matches!(
        verdict.kind,
        Kind::DeliveryReport(_) | Kind::Complaint { .. }
    ) {
        put("origin", json!(verdict.trust.reason));
        put("proven", json!(is_proven(verdict, by)));
        let failures = verdict.recipients.iter().take(20).map(|one| {
            json!({
                "reason": one.reason.as_str(),
                "status": one.status.map(|status| status.to_string()),
                "code": one.code,
                "settled_by": one.settled_by,
            })
        });
        put("failures", failures.collect());
    }
    if meaning.stop == Some(StopReason::StopWords) {
        put("provisional", json!(true));
    }
    if verdict.kind.is_human() {
        // Gmail-derived text: the embedded classifier only, inside this process (law L15).
        let judged = PhraseClassifier::new().intent(&verdict.visible_text);
        put("intent", intent(&judged));
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
