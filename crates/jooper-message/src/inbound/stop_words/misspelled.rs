//! The commonest words of unsubscribing, as they are misspelled.

use crate::inbound::phrases::Tokens;

const WORD: &str = "unsubscribe";

/// Words of other languages that a missing, doubled or swapped letter turns into no other word; folded.
#[rustfmt::skip]
const OTHERS: &[&str] = &["abbestellen", "desabonner", "desabonnement", "desinscrire", "desinscription", "desuscribir",
    "desuscribirme", "disiscrivermi", "disiscrizione", "uitschrijven", "descadastrar"];

/// Shortest misspelled word.
const LEAST: usize = 9;

/// Writes misspelled, hyphenated and spaced words of unsubscribing as the tables have them; tells whether
/// there were any.
pub(super) fn mend(tokens: &mut Tokens) -> bool {
    tokens.rewrite(|tokens, at| {
        let first = tokens.first_byte(at)?;
        // What all of these words begin with, and most words do not.
        let may_be = matches!(first, b'u' | b'n' | b'a' | b'd');
        may_be.then(|| meant(tokens, at)).flatten()
    })
}

/// The word meant by those that begin at `at`, and how many these are.
fn meant(tokens: &Tokens, at: usize) -> Option<(usize, &'static str)> {
    let word = tokens.word(at);
    match word.as_bytes() {
        b"u" => {
            let spelled = |(i, letter): (usize, char)| {
                let word = tokens.word(at + i);
                word.len() == 1 && word.starts_with(letter)
            };
            WORD.chars()
                .enumerate()
                .all(spelled)
                .then_some((WORD.len(), WORD))
        }
        b"un" => (tokens.word(at + 1) == "subscribe").then_some((2, WORD)),
        [b'u' | b'n', ..] if word.len() >= LEAST && !word.starts_with("unsubscrib") => {
            (replaces(word, WORD) || slips(word, WORD) || slips(word, "unsubscribed"))
                .then_some((1, WORD))
                .or_else(|| other(word))
        }
        [b'a' | b'd' | b'u', ..] if word.len() >= LEAST => other(word),
        _ => None,
    }
}

fn other(word: &str) -> Option<(usize, &'static str)> {
    let meant = OTHERS.iter().find(|meant| slips(word, meant))?;
    Some((1, *meant))
}

/// Whether one letter of `word` stands for another.
fn replaces(word: &str, meant: &str) -> bool {
    word.len() == meant.len()
        && word
            .bytes()
            .zip(meant.bytes())
            .filter(|(a, b)| a != b)
            .count()
            == 1
}

/// Whether a letter is missing in `word`, is one too many, or stands before its neighbor.
fn slips(word: &str, meant: &str) -> bool {
    let (word, meant) = (word.as_bytes(), meant.as_bytes());
    let head = word.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (word, meant) = (&word[head..], &meant[head..]);
    match (word, meant) {
        ([a, b, word @ ..], [c, d, meant @ ..]) if a == d && b == c && word == meant => true,
        ([_, word @ ..], meant) if word == meant => true,
        (word, [_, meant @ ..]) => word == meant,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_mended_where_they_stand() {
        let text =
            "So: un-subscribe me. Please u n s u b s c r i b e, abestellen and unsubscrbe now?";
        let mut tokens = Tokens::new(text, text.len());
        assert!(mend(&mut tokens));
        let words: Vec<_> = (0..tokens.len()).map(|at| tokens.word(at)).collect();
        #[rustfmt::skip]
        assert_eq!(words, ["so", "unsubscribe", "me", "please", "unsubscribe", "abbestellen", "and", "unsubscribe", "now"]);
        let spelled = tokens.get(4).unwrap();
        let spelled = &text[spelled.start as usize..spelled.end as usize];
        assert_eq!(spelled, "u n s u b s c r i b e");
        assert_eq!(tokens.sentence_range(4), 3..9);
        let mut tokens = Tokens::new("Nothing to mend here", 100);
        assert!(!mend(&mut tokens));
        assert_eq!((tokens.len(), tokens.moved), (4, 0));
    }

    #[test]
    fn each_word_moves_once_however_many_are_mended() {
        let text = "u n s u b s c r i b e ".repeat(6_000);
        let mut tokens = Tokens::new(&text, text.len());
        let words = tokens.len();
        assert!(mend(&mut tokens));
        assert_eq!(tokens.len(), 6_000);
        assert!(tokens.moved <= words, "{} of {words}", tokens.moved);
    }
}
