//! From signs to one verdict, or to none.

use super::features;
use super::{Intent, IntentEvidence, IntentVerdict, follow_up, referral};
use crate::inbound::phrases::Tokens;
use crate::inbound::stop_words;

/// How much of a reply is read, in bytes. What people mean stands at the top.
const LIMIT: usize = 16 << 10;
/// Replies longer than this many words say too many things for phrases to judge.
const LONGEST: usize = 400;
/// Least weight that may decide.
const ENOUGH: u16 = 3;
/// Least confidence that is worth saying, in thousandths.
const LEAST: u16 = 700;
const MOST_EVIDENCE: usize = 8;

pub(super) fn decide(reply: &str) -> IntentVerdict {
    let text = &reply[..reply.floor_char_boundary(LIMIT)];
    let (stop, tokens) = stop_words::find_among(Tokens::new(text, LIMIT), text);
    if let Some(stop) = stop {
        let sign = IntentEvidence {
            intent: Intent::Unsubscribe,
            sign: stop.phrase,
            span: stop.span,
            weight: 4,
        };
        return IntentVerdict {
            intent: Some(Intent::Unsubscribe),
            confidence: stop.confidence,
            evidence: vec![sign],
            ..IntentVerdict::default()
        };
    }
    let tokens = tokens.unwrap_or_else(|| Tokens::new(text, LIMIT));
    judged(&tokens, text)
}

/// Says what [`decide`] does where that is what `counts` agrees to, and no request to stop, which is looked for
/// last.
pub(super) fn decide_where(
    reply: &str,
    counts: impl FnOnce(&IntentVerdict) -> bool,
) -> Option<IntentVerdict> {
    let text = &reply[..reply.floor_char_boundary(LIMIT)];
    let tokens = Tokens::new(text, LIMIT);
    let verdict = judged(&tokens, text);
    (counts(&verdict) && stop_words::find_among(tokens, text).0.is_none()).then_some(verdict)
}

/// Judges the words of `text`, but for requests to stop.
fn judged(tokens: &Tokens, text: &str) -> IntentVerdict {
    let mut evidence = features::find(tokens, text);
    if evidence.iter().any(|e| e.intent == Intent::WrongPerson)
        && let Some(at) = referral::first_address(tokens)
        && let Some(token) = tokens.get(at)
    {
        evidence.push(IntentEvidence {
            intent: Intent::WrongPerson,
            sign: "address named",
            span: token.start as usize..token.end as usize,
            weight: 2,
        });
    }
    let scores = Scores::of(&evidence);
    let mut verdict = match choose(&scores) {
        Some((intent, confidence)) if tokens.len() <= LONGEST && confidence >= LEAST => {
            IntentVerdict {
                intent: Some(intent),
                confidence,
                ..IntentVerdict::default()
            }
        }
        _ => IntentVerdict::default(),
    };
    evidence.sort_by_key(|e| {
        (
            verdict.intent != Some(e.intent),
            std::cmp::Reverse(e.weight),
            e.span.start,
        )
    });
    evidence.truncate(MOST_EVIDENCE);
    match verdict.intent {
        Some(Intent::WrongPerson) => verdict.referral = referral::find(text, tokens, &evidence),
        Some(Intent::NotNow) => verdict.follow_up = follow_up::find(tokens),
        _ => {}
    }
    verdict.evidence = evidence;
    verdict
}

#[derive(Debug, Default)]
struct Scores {
    interested: u16,
    not_now: u16,
    not_interested: u16,
    wrong_person: u16,
    question: u16,
    meeting: u16,
}

impl Scores {
    fn of(evidence: &[IntentEvidence]) -> Self {
        let sum = |intent| {
            evidence
                .iter()
                .filter(|e| e.intent == intent)
                .map(|e| u16::from(e.weight))
                .sum::<u16>()
                .min(12)
        };
        Self {
            interested: sum(Intent::Interested),
            not_now: sum(Intent::NotNow),
            not_interested: sum(Intent::NotInterested),
            wrong_person: sum(Intent::WrongPerson),
            question: sum(Intent::Question),
            meeting: sum(Intent::Meeting),
        }
    }
}

/// The order says what wins where a reply says several things: who, then whether, then when.
fn choose(s: &Scores) -> Option<(Intent, u16)> {
    let sure = |score: u16, against: u16| -> u16 {
        (640 + score.min(8) * 45)
            .saturating_sub(against.min(6) * 30)
            .min(980)
    };
    let positive = s.interested.max(s.meeting);
    if s.wrong_person >= ENOUGH && s.wrong_person + 1 >= positive {
        return Some((Intent::WrongPerson, sure(s.wrong_person, positive / 2)));
    }
    if s.not_now >= ENOUGH && s.not_now + 2 >= s.not_interested {
        // "Interested, but not before May" is still not now; with a time agreed on it is not.
        return (s.meeting < s.not_now + 3).then(|| (Intent::NotNow, sure(s.not_now, s.meeting)));
    }
    if s.not_interested >= ENOUGH {
        // A refusal beside enthusiasm is irony, politeness, or about something else.
        return (s.not_interested > positive).then(|| {
            (
                Intent::NotInterested,
                sure(s.not_interested, positive * 2 + s.not_now),
            )
        });
    }
    if s.meeting >= ENOUGH {
        return Some((
            Intent::Meeting,
            sure(s.meeting, s.not_now + s.not_interested),
        ));
    }
    if s.interested >= ENOUGH {
        return Some((
            Intent::Interested,
            sure(s.interested, s.not_now + s.not_interested),
        ));
    }
    if s.question >= ENOUGH && s.not_now + s.not_interested + s.wrong_person == 0 {
        return Some((Intent::Question, sure(s.question, positive)));
    }
    None
}
