//! Subjects that pretend to be part of a conversation.

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

/// Whether a subject claims an earlier mail: `Re:`, `Fwd:` and what other languages write.
///
/// Deceptive unless the mail continues a thread (CAN-SPAM, 15 USC 7704(a)(2)).
pub fn claims_a_conversation(subject: &str) -> bool {
    let head = subject.trim_start().to_lowercase();
    let Some((prefix, _)) = head.split_once([':', '\u{ff1a}']) else {
        return false;
    };
    // `Re[2]:` and `Re(2):` count as well.
    let name = prefix.split(['[', '(']).next().unwrap_or_default().trim();
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
            "回复：你好",
        ] {
            assert!(is_deceptive(bad, false), "{bad}");
            assert!(!is_deceptive(bad, true), "{bad}");
        }
        for good in [
            "Report: Q3",
            "Research question",
            "Price: 12",
            "Red: the new blue",
            "",
        ] {
            assert!(!is_deceptive(good, false), "{good}");
        }
    }
}
