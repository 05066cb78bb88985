//! Header blocks that clients put above a quoted original ("From: / Sent: / To: / Subject:").

use std::ops::Range;
use std::sync::LazyLock;

use super::dividers::is_rule_line;
use super::facts::facts;
use super::header_labels::LABELS;
use super::lines::Lines;
use crate::inbound::auto_reply::is_answer_title;
use crate::inbound::lookup::Lookup;
use crate::inbound::mail::trim;
use crate::inbound::phrases::{fold, fold_into};

/// What a label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    From,
    Date,
    To,
    Copy,
    Subject,
    /// Importance, attachments and the like: part of a block, no proof of one.
    Other,
}

/// Longest label, in bytes as written.
const LABEL_BYTES: usize = 72;
/// Most lines of one block, wrapped recipient lists included.
const BLOCK_LINES: usize = 24;

static NAMES: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(names().map(|(name, _)| fold(name))));
static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| names().map(|(_, field)| field).collect());

/// The names of all fields; of two fields of one name the later counts, as it stands first.
fn names() -> impl Iterator<Item = (&'static str, Field)> {
    let fields = LABELS.iter().rev();
    fields.flat_map(|(field, names)| names.iter().rev().map(|name| (*name, *field)))
}

fn field(name: &str) -> Option<Field> {
    FIELDS.get(NAMES.whole(name)?).copied()
}

/// A header block, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inbound) struct Head<'a> {
    /// The line after it.
    pub(super) end: usize,
    /// Whom it names as the writer.
    pub(in crate::inbound) from: Option<&'a str>,
    /// Whether it has a day and a time, as clients write them.
    pub(in crate::inbound) stamped: bool,
}

/// Returns the line after the header block that starts at line `i`.
pub(super) fn header_block(lines: &Lines<'_>, i: usize) -> Option<usize> {
    head(lines, i).map(|head| head.end)
}

/// Returns the header block that starts at line `i`.
pub(super) fn head<'a>(lines: &Lines<'a>, i: usize) -> Option<Head<'a>> {
    label(lines, i).filter(|f| *f != Field::Other)?;
    let mut seen = [0_u8; 6];
    let mut with_address = false;
    let mut from = None;
    let mut stamped = false;
    let mut end = i;
    let mut loose = 0;
    let mut dated = false;
    let mut subject = None;
    let mut at = i;
    while at < lines.len().min(i + BLOCK_LINES) {
        let line = lines.get(at);
        if let Some(field) = label(lines, at) {
            let value = value(line);
            if field == Field::From && is_time(value) {
                break; // "From: 10:00, to: 11:00": somebody proposes a meeting.
            }
            if field == Field::Date {
                let mut folded = String::new();
                fold_into(&value[..value.floor_char_boundary(100)], &mut folded);
                let facts = facts(&folded);
                stamped |= facts.date && facts.time;
                dated |= folded.bytes().any(|byte| byte.is_ascii_digit());
            }
            if field == Field::Subject {
                subject = subject.or(Some(value));
            }
            if field == Field::From {
                from = from.or(Some(value));
            }
            seen[field as usize] = 1;
            with_address |= line.contains('@');
            end = at + 1;
            loose = 0;
        } else if line.is_empty() {
            // Some clients set each header as a paragraph.
            if label(lines, at + 1).is_none() {
                break;
            }
        } else {
            loose += 1;
            if loose > 3 {
                break;
            }
        }
        at += 1;
    }
    let has = |f: Field| seen[f as usize] == 1;
    let distinct = seen[..5].iter().sum::<u8>();
    // Travellers and planners write "from", "to" and "date" too, but no subject, sender and time.
    let proven = has(Field::From) && (has(Field::Subject) || stamped);
    // People name addresses to write to in the same form: only what they do not write tells a client's block.
    let likely = distinct >= 3 && has(Field::Subject) || with_address && distinct >= 2;
    let formed = || {
        dated
            || from.is_some_and(|from| from.ends_with(['>', ']', ')']) && from.contains('@'))
            || has(Field::Date) && (has(Field::From) || has(Field::Subject))
            || subject.is_some_and(is_answer_title)
            || stands_below_a_rule(lines, i)
            || has_unknown_fields(lines, i.saturating_sub(2)..end)
    };
    (proven || likely && formed()).then_some(Head { end, from, stamped })
}

/// Returns whom a header block on these lines names as who gets it, each line of a list on its own.
pub(super) fn recipients<'a>(lines: &Lines<'a>, block: Range<usize>) -> Vec<&'a str> {
    let mut named = Vec::new();
    let mut listed = false;
    for at in block {
        let field = label(lines, at);
        listed = match field {
            Some(field) => matches!(field, Field::To | Field::Copy),
            None => listed,
        };
        if listed {
            let line = lines.get(at);
            named.push(field.map_or(line, |_| value(line)));
        }
    }
    named
}

/// Returns the line after a head as Notes sets it, each label on a line of its own: who and when, then "An",
/// "Kopie" and "Thema" above what they name.
pub(super) fn vertical_head(lines: &Lines<'_>, i: usize) -> Option<usize> {
    let line = lines.get(i);
    if !line.contains('@') || line.len() > 200 {
        return None;
    }
    let stamp = lines.folded(i + 1);
    let facts = facts(&stamp);
    if !(facts.date && facts.time && stamp.len() < 60) {
        return None;
    }
    let named = |at: usize| {
        let name = lines.get(at);
        (name.len() <= LABEL_BYTES)
            .then(|| field(lines.folded(at).trim()))
            .flatten()
    };
    let mut to = false;
    for at in i + 2..lines.len().min(i + 2 + BLOCK_LINES) {
        match named(at) {
            Some(Field::To) => to = true,
            // Its value stands below.
            Some(Field::Subject) if to => return Some((at + 2).min(lines.len())),
            _ => {}
        }
    }
    None
}

/// Whether the last filled line above line `i` is a rule.
fn stands_below_a_rule(lines: &Lines<'_>, i: usize) -> bool {
    let mut above = (i.saturating_sub(3)..i).rev();
    let filled = above.find(|at| !lines.is_blank(*at));
    filled.is_some_and(|at| is_rule_line(lines.get(at)))
}

/// Whether two of these lines are fields whose labels no list has, as in a client's language that we do not know.
fn has_unknown_fields(lines: &Lines<'_>, block: Range<usize>) -> bool {
    let unknown = |at: &usize| is_like_a_field(lines.get(*at)) && label(lines, *at).is_none();
    block.filter(unknown).nth(1).is_some()
}

/// Whether a line is a word or two and a value behind a colon, as a field with a label that no list has.
fn is_like_a_field(line: &str) -> bool {
    let Some((name, value)) = line.split_once([':', '：']) else {
        return false;
    };
    !name.is_empty()
        && name.len() <= LABEL_BYTES
        && name.split_whitespace().nth(3).is_none()
        && !name.contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '/' | '@'))
        && !value.trim().is_empty()
        && !value.starts_with('/')
}

/// What stands behind the label of a line.
fn value(line: &str) -> &str {
    let value = line.find([':', '：']).map(|colon| &line[colon..]);
    let value = value.unwrap_or_default();
    value.trim_start_matches([':', '：', '*', '_', ' ', '\t', '\u{a0}'])
}

/// Whether a value is a time of day and nobody's name: figures, and words as short as "Uhr".
fn is_time(value: &str) -> bool {
    let mut words = value.split(|c: char| !c.is_alphabetic());
    value.starts_with(|c: char| c.is_ascii_digit())
        && !value.contains('@')
        && words.all(|word| word.chars().count() <= 4)
}

/// The field that a line's label names.
fn label(lines: &Lines<'_>, i: usize) -> Option<Field> {
    let whole = lines.get(i);
    let line = if whole.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        whole
    } else {
        whole.trim_start_matches(['*', '_', '|', ' ', '\u{a0}', '-', '•'])
    };
    let head = &line[..line.floor_char_boundary(LABEL_BYTES)];
    // Most lines have no colon.
    let bytes = head.as_bytes();
    let wide = |at: usize| bytes[at] == 0xef && bytes[at..].starts_with("：".as_bytes());
    let colon =
        memchr::memchr2_iter(b':', 0xef, bytes).find(|&at| bytes[at] == b':' || wide(at))?;
    let around = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '\u{a0}');
    let rest = head[..colon].trim_start_matches(around);
    let name = rest.trim_end_matches(around);
    if name.is_empty() {
        return None;
    }
    let to = whole.len() - line.len() + colon;
    if whole[..to].is_ascii() {
        // Behind nothing but ASCII a name stands folded where it stands written.
        let from = to - rest.len();
        let folded = lines.folded(i);
        return field(trim(folded.get(from..from + name.len())?));
    }
    let mut folded = String::with_capacity(name.len() + 4);
    fold_into(name, &mut folded);
    field(folded.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Option<usize> {
        header_block(&Lines::new(text), 0)
    }

    #[test]
    fn blocks_are_known_in_many_languages_and_dresses() {
        for text in [
            "From: A\nSent: today\nTo: B\nSubject: x\n\nbody",
            "*Von:* A\n*Gesendet:* heute\n*An:* B\n*Betreff:* x\n\nbody",
            "De : A\nEnvoyé : hier\nÀ : B\nObjet : x\n\nbody",
            "Lähettäjä: A\nLähetetty: B\nVastaanottaja: C\nAihe: D\n\nbody",
            "差出人: A\n送信日時: B\n宛先: C\n件名: D\n\nbody",
            "发件人：A\n发送时间：B\n收件人：C\n主题：D\n\nbody",
            "보낸 사람: A\n보낸 날짜: B\n받는 사람: C\n제목: D\n\nbody",
            "От: A\nОтправлено: B\nКому: C\nТема: D\n\nbody",
            "מאת: A\nנשלח: B\nאל: C\nנושא: D\n\nbody",
            "من: A\nتاريخ الإرسال: B\nإلى: C\nالموضوع: D\n\nbody",
        ] {
            assert_eq!(block(text), Some(4), "{text}");
        }
    }

    #[test]
    fn wrapped_and_spaced_blocks_end_after_their_last_header() {
        assert_eq!(
            block("From: A\n\nSent: B\n\nTo: C;\n D;\n E\nSubject: x\n\nbody"),
            Some(8)
        );
    }

    #[test]
    fn ordinary_lists_are_no_header_block() {
        for text in [
            "Date: 3 May\nTime: 7 am\nAddress: 1 Rd\n\nBring it",
            "To: do\n- this",
            "A: yes\nB: no",
            "From: London\nTo: Paris\n\nok?",
        ] {
            assert_eq!(block(text), None, "{text}");
        }
    }
}
