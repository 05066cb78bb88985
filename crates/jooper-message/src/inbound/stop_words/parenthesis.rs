//! What stands between two commas inside a refusal: "do not, under any circumstances, write to me".

use crate::inbound::phrases::Tokens;

/// How many words a parenthesis has at most.
const LONGEST: usize = 7;

/// Words behind which a refusal may be broken off; folded.
#[rustfmt::skip]
const BROKEN_OFF: &[&str] = &[
    "not", "never", "please", "kindly", "nicht", "nie", "bitte", "ne", "plus", "pas", "no", "non", "nao", "niet", "nooit",
    "inte", "ikke", "aldrig", "nu", "ei", "alkaa", "ne", "не", "больше", "מ", "לא", "لا",
];

/// `text` with blanks in place of each parenthesis that breaks off a refusal; nothing where it has none.
pub(super) fn blanked(tokens: &Tokens, text: &str) -> Option<String> {
    let comma = |word: usize| {
        let end = tokens.get(word)?.end as usize;
        let next = tokens.get(word + 1)?;
        let gap = text.get(end..next.start as usize)?;
        (tokens.sentence(word) == Some(next.sentence) && gap.contains([',', '،', '，']))
            .then_some((end, next.start as usize))
    };
    // The first bytes of the commas of all scripts; most texts have few of them.
    let commas = memchr::memchr3_iter(b',', 0xd8, 0xef, text.as_bytes());
    let mut blanked: Option<String> = None;
    for word in commas.filter_map(|at| tokens.before(at)) {
        let Some((start, _)) = comma(word) else {
            continue;
        };
        if !BROKEN_OFF.contains(&tokens.word(word)) {
            continue;
        }
        if let Some((_, end)) = (word + 1..=word + LONGEST).find_map(comma) {
            let text = blanked.get_or_insert_with(|| text.to_owned());
            text.replace_range(start..end, &" ".repeat(end - start));
        }
    }
    blanked
}
