//! L2 for a server that was killed: whoever is let go and whatever never goes has a cause.
//!
//! The server's own word for a cause proves nothing: it is held against what the simulator of
//! Google accepted, what its people did, and where the kills fell.

use std::collections::{BTreeMap, BTreeSet};

use jooper::core::{
    EnrollmentId, EnrollmentState, FinishReason, SendKey, SendState, SkipReason, StepIndex,
    WaitReason,
};
use jooper::storage::tables::EnrollmentRow;
use serde_json::Value;

/// Somebody answered: the simulator's words for it.
const ANSWERS: &[&str] = &[
    "reply",
    "quotes_footer",
    "calendar_request",
    "calendar_reply",
    "calendar_cancel",
    "junked_reply",
    "oversized",
];
const BOUNCES: &[&str] = &["bounce"];
/// Somebody asked for no more mail.
const OBJECTIONS: &[&str] = &[
    "one_click",
    "unsubscribe_text",
    "unsubscribe_mail",
    "objection",
];
const COMPLAINTS: &[&str] = &["complaint"];

/// What the simulator knows of a campaign.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    /// How often each send was accepted.
    pub(crate) accepted: BTreeMap<SendKey, usize>,
    /// What people did about the mails of an enrollment.
    acts: BTreeMap<EnrollmentId, BTreeSet<String>>,
}

impl World {
    /// Reads the simulator's ledger.
    pub(crate) fn of(ledger: &Value) -> Self {
        let mut world = Self::default();
        let mut numbers = BTreeMap::new();
        for mail in ledger["accepted"].as_array().unwrap() {
            let key = key_of(mail);
            *world.accepted.entry(key).or_default() += 1;
            numbers.insert(mail["number"].as_u64().unwrap(), key);
        }
        let reactions = ledger["reactions"].as_array().unwrap().iter();
        let reactions = reactions.map(|act| (act, act["what"].as_str().unwrap()));
        let clicks = ledger["one_clicks"].as_array().unwrap().iter();
        for (act, what) in reactions.chain(clicks.map(|act| (act, "one_click"))) {
            let key = numbers[&act["send"].as_u64().unwrap()];
            if let SendKey::Step { enrollment, .. } = key {
                let acts = world.acts.entry(enrollment).or_default();
                acts.insert(what.to_owned());
            }
        }
        world
    }

    fn did(&self, id: EnrollmentId, acts: &[&[&str]]) -> bool {
        let known = self.acts.get(&id);
        let mut acts = acts.iter().copied().flatten();
        known.is_some_and(|known| acts.any(|act| known.contains(*act)))
    }

    fn may_end(&self, id: EnrollmentId, finish: FinishReason) -> bool {
        match finish {
            // Each of its mails is judged by itself.
            FinishReason::Completed => true,
            FinishReason::Replied => self.did(id, &[ANSWERS]),
            FinishReason::Bounced => self.did(id, &[BOUNCES]),
            FinishReason::Unsubscribed => self.did(id, &[OBJECTIONS]),
            FinishReason::Complained => self.did(id, &[COMPLAINTS]),
            FinishReason::Refused => self.did(id, &[OBJECTIONS, BOUNCES, COMPLAINTS]),
            // Everybody has a basis, and nobody here is erased, taken out, or works beside the campaign.
            _ => false,
        }
    }
}

/// A send's key: it stands in the token that the mail carries, before attempt and tag.
fn key_of(mail: &Value) -> SendKey {
    let references = mail["references"].as_array().unwrap();
    let token = references
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|token| token.trim_start_matches('<').strip_prefix("jp."))
        .next_back()
        .unwrap_or_else(|| panic!("a mail without our token: {mail}"));
    // A step's key: a kind byte, 16 bytes of the enrollment, two of the step.
    let bytes: Vec<u8> = (0..19)
        .map(|at| u8::from_str_radix(&token[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    SendKey::from_bytes(&bytes).unwrap()
}

/// What the server says at the end, with nothing under way any more.
#[derive(Debug)]
pub(crate) struct Books<'a> {
    pub(crate) enrollments: &'a [EnrollmentRow],
    pub(crate) sends: BTreeMap<SendKey, (SendState, Option<SkipReason>)>,
    /// How many mails the sequence owes everybody.
    pub(crate) mails: u16,
}

/// What became of the mails that were owed and never accepted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// Never to go, for a cause.
    pub(crate) skipped: usize,
    /// Behind one of which nobody knows whether it went.
    pub(crate) behind: usize,
    /// Everything without a cause, in words.
    pub(crate) losses: Vec<String>,
}

/// Holds the server's books against the world. `cut` are the sends that stood at Posting when the
/// server was killed: of nothing else may it be unknown whether it went.
pub(crate) fn judge(books: &Books<'_>, world: &World, cut: &BTreeSet<SendKey>) -> Judgement {
    let mut judgement = Judgement::default();
    for row in books.enrollments {
        let case = Case {
            row,
            books,
            world,
            cut,
        };
        if !case.stands_for_a_cause() {
            judgement
                .losses
                .push(format!("{}, and nothing had happened", case.told()));
        }
        for mail in 0..books.mails {
            if world.accepted.contains_key(&case.key(mail)) {
                continue;
            }
            match case.fate(mail) {
                Fate::Skipped => judgement.skipped += 1,
                Fate::Behind => judgement.behind += 1,
                Fate::Unknown => {}
                Fate::Lost(says) => judgement.losses.push(format!(
                    "mail {mail} to {} was owed and is lost: {says}",
                    case.told()
                )),
            }
        }
    }
    judgement
}

/// What became of a mail that was never accepted.
enum Fate {
    Skipped,
    Unknown,
    Behind,
    Lost(String),
}

struct Case<'a> {
    row: &'a EnrollmentRow,
    books: &'a Books<'a>,
    world: &'a World,
    cut: &'a BTreeSet<SendKey>,
}

impl Case<'_> {
    const fn key(&self, mail: u16) -> SendKey {
        SendKey::Step {
            enrollment: self.row.id,
            step: StepIndex(mail),
        }
    }

    fn told(&self) -> String {
        let Self { row, .. } = self;
        let why = row.finish.map(FinishReason::name);
        let why = why.or_else(|| row.wait.map(WaitReason::name));
        let why = why.unwrap_or("no reason");
        format!("{} ({} is {}: {why})", row.lead, row.id, row.state.name())
    }

    /// A kill left it open whether this mail went, and the simulator never had it.
    fn is_cut(&self, mail: u16) -> bool {
        let key = self.key(mail);
        let state = self.books.sends.get(&key).map(|(state, _)| *state);
        state == Some(SendState::Unknown) && self.cut.contains(&key)
    }

    fn stands_for_a_cause(&self) -> bool {
        match (self.row.state, self.row.finish, self.row.wait) {
            (EnrollmentState::Finished, Some(finish), _) => self.world.may_end(self.row.id, finish),
            (EnrollmentState::Parked, None, Some(WaitReason::SendUnknown)) => {
                (0..self.books.mails).any(|mail| self.is_cut(mail))
            }
            // Nobody pauses anything here, and both mailboxes always can send.
            _ => false,
        }
    }

    fn fate(&self, mail: u16) -> Fate {
        let completed = self.row.finish == Some(FinishReason::Completed);
        let waits = self.row.state == EnrollmentState::Parked;
        match self.books.sends.get(&self.key(mail)) {
            Some((SendState::Skipped, Some(reason))) if self.may_skip(*reason) => Fate::Skipped,
            Some((SendState::Unknown, _)) if self.is_cut(mail) && !completed => Fate::Unknown,
            None | Some((SendState::Planned | SendState::NotSent, _))
                if waits && (0..mail).any(|before| self.is_cut(before)) =>
            {
                Fate::Behind
            }
            None => Fate::Lost("the ledger has no row".to_owned()),
            Some((state, skip)) => {
                let skip = skip.map_or("no reason", SkipReason::name);
                Fate::Lost(format!("the ledger says {}, {skip}", state.name()))
            }
        }
    }

    fn may_skip(&self, reason: SkipReason) -> bool {
        let id = self.row.id;
        match reason {
            SkipReason::Ended => self.row.finish.is_some_and(|finish| {
                finish != FinishReason::Completed && self.world.may_end(id, finish)
            }),
            SkipReason::Suppressed => self.world.may_end(id, FinishReason::Refused),
            _ => false,
        }
    }
}
