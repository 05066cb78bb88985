//! Subjects that pretend to be part of a conversation.

use unicode_normalization::UnicodeNormalization as _;

/// Prefixes that mail programs put before the subject of an answer or a forwarded mail.
///
/// RFC 5322 section 3.6.5 knows `Re:` only; the others are what programs write in Danish, Dutch,
/// Finnish, French, German, Greek, Hungarian, Italian, Norwegian, Polish, Portuguese, Spanish,
/// Swedish, Turkish and Chinese.
const PREFIXES: &[&str] = &[
    "antw", "atb", "aw", "bls", "doorst", "enc", "fs", "fw", "fwd", "i", "odp", "pd", "r", "re",
    "res", "rif", "rv", "sv", "tr", "trs", "vb", "vl", "vs", "wg", "ynt", "απ", "σχετ", "回复",
    "回覆", "轉寄", "转发", "答复",
];

/// What a gateway puts before a subject without brackets around it, in English, French, German, Italian,
/// Portuguese and Spanish.
const TAGS: &[&str] = &[
    "caution", "ext", "extern", "externa", "externe", "external", "externo", "spam", "warning",
];

/// What stands around a tag, or around a subject as a whole.
const BRACKETS: [(char, char); 7] = [
    ('[', ']'),
    ('(', ')'),
    ('{', '}'),
    ('<', '>'),
    ('\u{3010}', '\u{3011}'),
    ('\u{300a}', '\u{300b}'),
    ('\u{300c}', '\u{300d}'),
];
/// What mail programs put between a prefix and the count of answers.
const NUMBERED: [char; 4] = ['[', '(', '^', '*'];

/// Whether a reader sees nothing of a character: space, control and format characters, fillers and
/// variation selectors (Unicode 16.0, `Default_Ignorable_Code_Point`, and what renders blank).
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a subject claims an earlier mail: `Re:`, `Fwd:` and what other languages write, also
/// with characters in between that nobody sees, in letters of another width, in brackets, and behind
/// tags, numbers and signs (`[EXT] Re:`, `#12 Re:`, `\u{25ba} Re:`).
///
/// Deceptive unless the mail continues a thread (CAN-SPAM, 15 USC 7704(a)(2)).
pub fn claims_a_conversation(subject: &str) -> bool {
    // No character of ASCII stands for a colon but the colon itself.
    if subject.is_ascii() && !subject.contains(':') {
        return false;
    }
    let seen = subject
        .chars()
        .filter(|c| c.is_whitespace() || !is_unseen(*c));
    let head = seen.nfkc().collect::<String>().to_lowercase();
    let mut rest = &*head;
    loop {
        if names_an_answer(rest.trim_start_matches(|c: char| !c.is_alphabetic())) {
            return true;
        }
        match behind_tag(rest) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
}

/// Whether a text begins with a prefix and its colon.
fn names_an_answer(text: &str) -> bool {
    let Some((prefix, _)) = text.split_once(':') else {
        return false;
    };
    // `Re[2]:`, `Re(2):`, `Re^2:`, `Re*2:`, `[Re]:` and `R e :` count as well; `(I):` begins a list.
    let counted = prefix.split(NUMBERED).next().unwrap_or_default().trim_end();
    let name = counted.trim_end_matches(|c: char| !c.is_alphanumeric());
    let name: String = name.split_whitespace().collect();
    let alone = name.chars().nth(1).is_none() && counted.len() > name.len();
    !alone && PREFIXES.contains(&&*name)
}

/// What follows the tag that a text begins with; `None`: it begins with something else.
fn behind_tag(text: &str) -> Option<&str> {
    let opens = |c: char| BRACKETS.iter().find(|(open, _)| *open == c);
    let begins = text.find(|c: char| c.is_alphabetic() || opens(c).is_some())?;
    let text = &text[begins..];
    let first = text.chars().next()?;
    let Some((open, close)) = opens(first) else {
        let end = text.find(|c: char| !c.is_alphanumeric())?;
        return TAGS.contains(&&text[..end]).then(|| &text[end..]);
    };
    let inside = &text[first.len_utf8()..];
    // A template's own: what stands there is judged when it is known.
    if first == '{' && inside.starts_with(['{', '%', '#']) {
        return None;
    }
    let mut depth = 1_usize;
    for (at, c) in inside.char_indices() {
        if c == *open {
            depth += 1;
        } else if c == *close {
            depth -= 1;
            if depth == 0 {
                return Some(&inside[at + c.len_utf8()..]);
            }
        }
    }
    Some(inside)
}

/// Whether a subject must be refused: it claims a conversation that the mail does not continue.
pub fn is_deceptive(subject: &str, continues_thread: bool) -> bool {
    !continues_thread && claims_a_conversation(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_conversation_is_refused_in_any_language() {
        for bad in [
            "Re: our call",
            " RE : x",
            "Aw: Angebot",
            "Re[2]: x",
            "Fwd: x",
            "Re:\u{200b} x",
            "Re\u{200b}: x",
            "\u{feff}R\u{ad}e\u{2060}\u{a0}: x",
            "R e : x",
            "回复：你好",
            "[Fwd: our call]",
            "((Re: our call",
            "\u{ff32}\u{ff45}\u{ff1a} our call",
            "\u{1d411}\u{1d41e}\u{fe55} our call",
            "Re^2: x",
            "Re*3: x",
            "[EXT] Re: x",
            "[EXT: from outside] Re: x",
            "[a [b] c] Re: x",
            "[EXT Re: x",
            "{ext}<b> Re: x",
            "EXT: Re: x",
            "External | Re: x",
            "(Re:) x",
            "[Re]: x",
            "\u{25ba} Re: x",
            "\u{1f525}\u{fe0f} Re: x",
            "\u{201e}Re: x\u{201c}",
            "\"Re: x\"",
            "\u{3010}\u{91cd}\u{8981}\u{3011}\u{56de}\u{590d}\u{ff1a}x",
            "#12 Re: x",
            "12. [13] - Re: x",
            ">> Fwd: x",
        ] {
            assert!(is_deceptive(bad, false), "{bad}");
            assert!(!is_deceptive(bad, true), "{bad}");
        }
        for good in [
            "Report: Q3",
            "Research question",
            "Price: 12",
            "Red: the new blue",
            "[Webinar]: starts at nine",
            "[Webinar] Starts at nine: be there",
            "(I): the beginning",
            "50% off: today",
            "Anna, re: your question",
            "{{ first_name }}, re: your question",
            "{% if vip %}Dear{% endif %} re: you",
            "Extra: more",
            "((((",
            "",
        ] {
            assert!(!is_deceptive(good, false), "{good}");
        }
    }
}
