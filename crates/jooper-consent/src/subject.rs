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

/// What opens a subject that a mail program puts into brackets as a whole.
const BRACKETS: [char; 2] = ['[', '('];
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
/// with characters in between that nobody sees, in letters of another width, or in brackets.
///
/// Deceptive unless the mail continues a thread (CAN-SPAM, 15 USC 7704(a)(2)).
pub fn claims_a_conversation(subject: &str) -> bool {
    // No character of ASCII stands for a colon but the colon itself.
    if subject.is_ascii() && !subject.contains(':') {
        return false;
    }
    let seen = subject.chars().filter(|c| !is_unseen(*c)).nfkc();
    let head = seen.collect::<String>().to_lowercase();
    let Some((prefix, _)) = head.split_once(':') else {
        return false;
    };
    // `Re[2]:`, `Re(2):`, `Re^2:`, `Re*2:` and `[Fwd: …]` count as well.
    let prefix = prefix.trim_start_matches(BRACKETS);
    let name = prefix.split(NUMBERED).next().unwrap_or_default();
    PREFIXES.contains(&name)
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
            "",
        ] {
            assert!(!is_deceptive(good, false), "{good}");
        }
    }
}
