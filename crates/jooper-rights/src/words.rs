//! Names for stored numbers, so that an export is intelligible (GDPR Art. 12(1)).

use jooper_consent::Attestation;
use jooper_core::{
    BasisKind, Code, EnrollmentState, FinishReason, InboundKind, LeadState, NotSentReason, Origin,
    Purpose, SearchResult, SendKind, SendState, SkipReason, WaitReason, from_millis,
};
use serde_json::{Value as Json, json};

/// What a stored number means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meaning {
    /// A moment, Unix milliseconds.
    Time,
    /// A number, a count or a position.
    Number,
    /// A code with a name.
    Word(fn(i64) -> Option<&'static str>),
    /// A bit for each of some words.
    Words(fn(i64) -> Vec<&'static str>),
}

fn stated(bits: i64) -> Vec<&'static str> {
    Attestation::stated_in(bits)
        .map(Attestation::name)
        .collect()
}

fn word<C: Code>(code: i64) -> Option<&'static str> {
    C::from_code(code).ok().map(C::name)
}

/// What the numbers of a column mean, for every number column of a table with rows of a lead.
pub(crate) fn meaning(table: &str, column: &str) -> Option<Meaning> {
    Some(match (table, column) {
        (_, "at") => Meaning::Time,
        (_, name) if name.ends_with("_at") || name.ends_with("_until") => Meaning::Time,
        ("lead", "state") => Meaning::Word(word::<LeadState>),
        ("basis", "purpose") => Meaning::Word(word::<Purpose>),
        ("basis", "kind") => Meaning::Word(word::<BasisKind>),
        ("basis", "stated") => Meaning::Words(stated),
        ("enrollment", "state") => Meaning::Word(word::<EnrollmentState>),
        ("enrollment", "wait") => Meaning::Word(word::<WaitReason>),
        ("enrollment", "finish") => Meaning::Word(word::<FinishReason>),
        ("send", "kind") => Meaning::Word(word::<SendKind>),
        ("send", "state") => Meaning::Word(word::<SendState>),
        ("send", "not_sent") => Meaning::Word(word::<NotSentReason>),
        ("send", "skip") => Meaning::Word(word::<SkipReason>),
        ("send", "searched") => Meaning::Word(word::<SearchResult>),
        ("thread", "last_kind") | ("message", "kind") => Meaning::Word(word::<InboundKind>),
        ("message", "origin") => Meaning::Word(word::<Origin>),
        ("thread", "unread")
        | ("trace", "number")
        | ("enrollment", "sequence_version" | "step" | "sent" | "settled")
        | ("send", "step" | "variant" | "attempt" | "fence" | "released")
        | ("subject_key", "epoch" | "generation") => Meaning::Number,
        _ => return None,
    })
}

/// A stored number as an export shows it.
pub(crate) fn show(table: &str, column: &str, number: i64) -> Json {
    match meaning(table, column) {
        Some(Meaning::Time) => json!(from_millis(number)),
        Some(Meaning::Word(word)) => word(number).map_or(json!(number), |word| json!(word)),
        Some(Meaning::Words(words)) => json!(words(number)),
        Some(Meaning::Number) | None => json!(number),
    }
}

#[cfg(test)]
mod tests {
    use jooper_storage::{ColumnKind, Label, tables};

    use super::*;
    use crate::rows::lead_column;

    #[test]
    fn every_number_about_a_lead_has_a_meaning() {
        // Rows of a user, a mailbox or the workspace are nobody's whom an export is about.
        let others = ["workspace", "account", "mailbox", "credential"];
        let theirs = tables::all()
            .iter()
            .filter(|table| lead_column(table).is_some() && !others.contains(&table.name));
        for table in theirs {
            for column in table.columns {
                if column.kind == ColumnKind::Int && column.label == Label::Clear {
                    let known = meaning(table.name, column.name).is_some();
                    assert!(known, "{}.{} needs a meaning", table.name, column.name);
                }
            }
        }
    }

    #[test]
    fn numbers_are_shown_as_words_and_times() {
        assert_eq!(show("lead", "state", 2), json!("restricted"));
        assert_eq!(show("lead", "created_at", 0), json!("1970-01-01T00:00:00Z"));
        assert_eq!(show("lead", "state", 99), json!(99), "of a newer version");
        assert_eq!(show("send", "attempt", 3), json!(3));
        let stated = json!(["role_relevant", "interest_assessed"]);
        assert_eq!(show("basis", "stated", 33), stated);
    }
}
