//! Signatures that no delimiter announces: a closing, a name, a title, a telephone number, an address.

use std::ops::Range;
use std::sync::LazyLock;

use super::super::lines::Lines;
use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::{fold, is_letter_or_figure};

/// Most filled lines of such a block.
const BLOCK: usize = 14;
/// Longest line of such a block, in bytes.
pub(super) const LINE: usize = 120;

/// Words that close a letter.
#[rustfmt::skip]
const CLOSINGS: &[&str] = &[
    "best", "best regards", "kind regards", "warm regards", "regards", "best wishes", "many thanks", "thanks",
    "thank you", "thanks and regards", "thanks & regards", "cheers", "sincerely", "yours sincerely",
    "sincerely yours", "yours", "br", "rgds", "with best regards", "with kind regards", "all the best", "talk soon",
    "mit freundlichen grüßen", "mit freundlichem gruß", "mit besten grüßen", "freundliche grüße", "viele grüße",
    "beste grüße", "liebe grüße", "herzliche grüße", "schöne grüße", "mfg", "vg", "lg", "bg", "gruß", "grüße",
    "besten gruß", "viele grüße / best regards", "cordialement", "bien cordialement", "bien à vous", "salutations",
    "sincères salutations", "cdt", "bonne journée", "merci", "très cordialement", "saludos", "un saludo",
    "saludos cordiales", "atentamente", "cordialmente", "gracias", "un cordial saludo", "reciba un cordial saludo",
    "atenciosamente", "att", "abraços", "obrigado", "obrigada", "cumprimentos", "com os melhores cumprimentos",
    "melhores cumprimentos", "cordiali saluti", "saluti", "distinti saluti", "grazie", "un saluto",
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "groet", "groeten", "mvg",
    "med venlig hilsen", "venlig hilsen", "mvh", "hilsen", "med vennlig hilsen", "vennlig hilsen",
    "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "vänligen", "ystävällisin terveisin", "terveisin",
    "yt", "pozdrawiam", "z poważaniem", "z wyrazami szacunku", "serdecznie pozdrawiam", "s pozdravem",
    "s přátelským pozdravem", "s pozdravom", "üdvözlettel", "tisztelettel", "cu stimă", "cu respect", "lp",
    "lijep pozdrav", "srdačan pozdrav", "pozdrav", "lep pozdrav", "с уважением", "с наилучшими пожеланиями",
    "з повагою", "με εκτίμηση", "saygılarımla", "iyi çalışmalar", "сердечно", "pagarbiai", "ar cieņu",
    "lugupidamisega", "בברכה", "مع التحية", "تحياتي", "よろしくお願いいたします", "よろしくお願いします", "敬具", "此致", "敬礼", "谢谢", "감사합니다",
    "trân trọng", "salam", "hormat kami", "ขอแสดงความนับถือ",
];

/// Labels before a telephone number or an address.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "tel", "tel.", "phone", "ph", "mobile", "mob", "mob.", "cell", "fax", "direct", "office", "t", "m", "p", "e",
    "w", "d", "o", "f", "telefon", "telefono", "teléfono", "telefone", "téléphone", "móvil", "mobil", "handy",
    "portable", "cellulare", "email", "e-mail", "mail", "web", "website", "www", "skype", "linkedin", "тел", "тел.",
    "моб", "моб.", "電話", "电话", "전화", "puh", "gsm", "tlf", "komórka",
];

static CLOSE: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(CLOSINGS.iter().map(|c| fold(c))));
static LABEL: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(LABELS.iter().map(|c| fold(c))));

/// Returns the line that a contact block at the end of `segment` starts at.
///
/// Something must stand before it: a reply that is nothing but a name and a number is an answer.
pub(super) fn block(lines: &Lines<'_>, segment: Range<usize>) -> Option<usize> {
    let filled = tail(lines, &segment);
    if filled.len() < 2 {
        return None;
    }
    // Whether each of them is a way to reach somebody: without one there is no such block.
    let ways: Vec<(usize, bool)> = filled
        .iter()
        .map(|&i| (i, is_contact(lines.get(i))))
        .collect();
    if !ways.iter().any(|(_, way)| *way) {
        return None;
    }
    let first = segment.clone().find(|&i| !lines.is_blank(i))?;
    let contacts = |from: usize| ways.iter().filter(|(i, way)| *i >= from && *way).count();
    // One address alone may be the answer; one telephone number under a name is a signature.
    let has_number = |from: usize| {
        let below = || ways.iter().filter(|(i, _)| *i > from);
        below().any(|(_, way)| *way) && !below().any(|(i, _)| lines.get(*i).contains('@'))
    };
    // Between a closing and the ways to reach its writer stand names and titles, no sentence.
    let signed = |at: usize| {
        let below = ways.iter().filter(|(i, _)| *i > at);
        let mut until = below.take_while(|(_, way)| !way);
        until.all(|(i, _)| is_closing(lines, *i) || !is_sentence(lines.get(*i)))
    };
    let closing = filled
        .iter()
        .rev()
        .find(|&&i| is_closing(lines, i) && i > first && contacts(i + 1) >= 1 && signed(i));
    if let Some(&at) = closing {
        return Some(at);
    }
    let start = filled.iter().rev().copied().find(|&i| {
        i > first
            && lines.is_blank(i - 1)
            && is_name(lines.get(i))
            && (contacts(i) >= 2 || has_number(i))
    })?;
    let size = filled.iter().filter(|&&i| i >= start).count();
    let announced = (segment.start..start)
        .rev()
        .find(|&i| !lines.is_blank(i))
        .is_some_and(|i| lines.get(i).ends_with([':', '：']));
    (!announced && contacts(start) * 3 >= size).then_some(start)
}

/// The last filled lines, top down, as long as they are as short as a signature's.
fn tail(lines: &Lines<'_>, segment: &Range<usize>) -> Vec<usize> {
    let mut out: Vec<usize> = segment
        .clone()
        .rev()
        .filter(|&i| !lines.is_blank(i))
        .take(BLOCK)
        .take_while(|&i| lines.get(i).len() <= LINE && !lines.get(i).ends_with(['?', '？']))
        .collect();
    out.reverse();
    out
}

fn is_closing(lines: &Lines<'_>, i: usize) -> bool {
    if lines.get(i).len() > 70 {
        return false;
    }
    is_folded_closing(&lines.folded(i))
}

fn is_folded_closing(folded: &str) -> bool {
    CLOSE.holds(folded.trim_matches(|c: char| !is_letter_or_figure(c)))
}

/// Whether a text is words that close a letter and nothing else.
pub(super) fn is_closing_text(text: &str) -> bool {
    text.len() <= 70 && is_folded_closing(&fold(text))
}

/// A line that leads on to the next, or whose words begin as those of a sentence do.
fn is_sentence(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(40).collect();
    let small = words
        .iter()
        .filter(|w| w.starts_with(char::is_lowercase))
        .count();
    let flows = small * 2 >= words.len();
    let ends = line.ends_with(['.', '!', '。', '！']);
    line.ends_with([':', '：']) || flows && (words.len() > 6 || words.len() >= 3 && ends)
}

/// One to five words that each begin as names do, and no sentence.
fn is_name(line: &str) -> bool {
    let line = line.trim_matches(|c: char| !is_letter_or_figure(c) && c != '.' && c != ')');
    let words: Vec<&str> = line.split_whitespace().take(7).collect();
    (1..=6).contains(&words.len())
        && !line.ends_with(['.', '!', ':', ',', ';'])
        && words.iter().all(|w| {
            w.starts_with(|c: char| !c.is_lowercase() && !c.is_ascii_digit()) || w.len() <= 3
        })
        && words[0].starts_with(|c: char| !c.is_lowercase())
}

/// A line that is nothing but a way to reach someone.
pub(super) fn is_contact(line: &str) -> bool {
    if !may_reach(line.as_bytes()) {
        return false;
    }
    let mut other = false; // Whether there was a word that is neither label nor number nor address: one may be.
    let mut digits = 0_usize;
    let mut reach = false;
    for word in line.split(|c: char| c.is_whitespace() || c == '|' || c == '•' || c == '·') {
        let word = word.trim_matches(|c: char| {
            matches!(c, ',' | ';' | '<' | '>' | '[' | ']' | '*' | '(' | ')')
        });
        if word.is_empty() || is_label(word) {
            continue;
        }
        let dotted = word.contains('.');
        let lower = || word.to_ascii_lowercase();
        let count = word.bytes().filter(u8::is_ascii_digit).count();
        if dotted && (word.contains('@') || lower().contains("www."))
            || word.contains(':') && word.contains("://")
            || dotted && is_domain(&lower())
        {
            reach = true;
        } else if count > 0 && count * 2 >= word.chars().count() {
            digits += count;
        } else if word.chars().any(is_letter_or_figure) {
            if other {
                return false;
            }
            other = true;
        }
    }
    reach || (7..=30).contains(&digits)
}

/// Whether a line has what some way to reach someone has: seven figures, an `@`, `://` or `www.`, or
/// a dot within a word.
fn may_reach(line: &[u8]) -> bool {
    // A line of a block is no longer than a byte counts.
    const { assert!(LINE <= u8::MAX as usize) };
    let count = |count: u8, byte: &u8| count.wrapping_add(u8::from(byte.is_ascii_digit()));
    let digits = line.iter().fold(0, count);
    let word = |at: usize| line.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let sign = |at: usize| match line[at] {
        b'.' => word(at + 1) || at > 0 && matches!(line[at - 1], b'w' | b'W'),
        b':' => line[at..].starts_with(b"://"),
        _ => true,
    };
    digits >= 7 || memchr::memchr3_iter(b'.', b':', b'@', line).any(sign)
}

fn is_label(word: &str) -> bool {
    // No label has a figure or an address in it.
    let may_be = |byte: u8| !byte.is_ascii_digit() && byte != b'@';
    word.len() <= 30
        && (!word.is_ascii() || LABEL.may_begin_in_any_case(word))
        && word.bytes().all(may_be)
        && LABEL.holds(fold(word).trim_end_matches([':', '.']))
}

fn is_domain(word: &str) -> bool {
    let host = word.split('/').next().unwrap_or_default();
    host.split_once('.').is_some_and(|(_, _)| {
        let tld = host.rsplit('.').next().unwrap_or_default();
        (2..=6).contains(&tld.len())
            && tld.bytes().all(|b| b.is_ascii_lowercase())
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
            && host.len() > 6
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<usize> {
        let lines = Lines::new(text);
        block(&lines, 0..lines.len())
    }

    #[test]
    fn a_label_begins_so_that_it_is_known_in_any_case() {
        for label in LABELS.iter().filter(|label| label.is_ascii()) {
            let known = |byte: u8| matches!(byte, b'a'..=b'z' | b' ' | b'-');
            assert!(
                label.bytes().take_while(|byte| *byte != b'.').all(known),
                "{label}"
            );
            assert!(is_label(&label.to_ascii_uppercase()), "{label}");
        }
    }

    #[test]
    fn a_closing_with_contacts_and_a_bare_block_are_signatures() {
        assert_eq!(
            at(
                "Yes, call me.\n\nBest regards,\nAna Ruiz\nHead of Sales\n+34 600 123 456\nwww.example.com"
            ),
            Some(2)
        );
        assert_eq!(
            at("Ja, gern.\n\nMit freundlichen Grüßen\nJan Beispiel\nTel.: 030 1234567"),
            Some(2)
        );
        assert_eq!(
            at("Yes.\n\nAna Ruiz\nHead of Sales\nM: +34 600 123 456\nana@example.com"),
            Some(2)
        );
    }

    #[test]
    fn answers_are_not_taken_for_signatures() {
        assert_eq!(at("Thanks,\nAna"), None);
        assert_eq!(
            at("You should talk to:\n\nAna Ruiz\nM: +34 600 123 456\nana@example.com"),
            None
        );
        assert_eq!(at("Ana Ruiz\nana@example.com"), None);
        assert_eq!(at("My colleague can help.\nana@example.com"), None);
    }
}
