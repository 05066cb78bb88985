//! Looks many phrases up in one pass over a text.

use aho_corasick::AhoCorasick;

/// A list of phrases, searched in time linear in the text however long the list is.
#[derive(Debug)]
pub(super) struct Lookup {
    automaton: Option<AhoCorasick>,
    phrases: Vec<&'static str>,
}

impl Lookup {
    /// Prepares `phrases`; their order is their precedence.
    pub(super) fn new(phrases: impl IntoIterator<Item = &'static str>) -> Self {
        let phrases: Vec<&'static str> = phrases.into_iter().collect();
        Self {
            automaton: AhoCorasick::new(&phrases).ok(),
            phrases,
        }
    }

    /// Returns the first phrase of the list that occurs anywhere in `text`, and its index.
    pub(super) fn first(&self, text: &str) -> Option<(usize, &'static str)> {
        self.best(text, |_| true)
    }

    /// Returns the first phrase of the list that begins at the edge of a word in `text`.
    pub(super) fn first_word(&self, text: &str) -> Option<(usize, &'static str)> {
        self.best(text, |at| starts_a_word(text, at))
    }

    /// Returns the index of the phrase that occurs earliest in `text`.
    pub(super) fn earliest(&self, text: &str) -> Option<usize> {
        let hits = self.automaton.as_ref()?.find_overlapping_iter(text);
        hits.map(|hit| (hit.start(), hit.pattern().as_usize()))
            .min()
            .map(|(_, index)| index)
    }

    /// Whether any phrase occurs in `text`.
    pub(super) fn any(&self, text: &str) -> bool {
        self.automaton
            .as_ref()
            .is_some_and(|automaton| automaton.is_match(text))
    }

    fn best(&self, text: &str, counts: impl Fn(usize) -> bool) -> Option<(usize, &'static str)> {
        let hits = self.automaton.as_ref()?.find_overlapping_iter(text);
        let found = hits
            .filter(|hit| counts(hit.start()))
            .map(|hit| hit.pattern().as_usize())
            .min()?;
        Some((found, self.phrases.get(found).copied()?))
    }
}

/// Whether a phrase that begins at `at` does not begin inside a word. Scripts without spaces
/// have no such edge.
pub(super) fn starts_a_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let first = text.get(at..).and_then(|tail| tail.chars().next());
    match (before, first) {
        (Some(before), Some(first)) => {
            !(before.is_alphanumeric() && first.is_alphanumeric()) || is_unspaced(first)
        }
        _ => true,
    }
}

fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_list_wins_wherever_it_stands() {
        let book = Lookup::new(["late", "early", "不在"]);
        assert_eq!(book.first("early then late"), Some((0, "late")));
        assert_eq!(book.first_word("template early"), Some((1, "early")));
        assert_eq!(book.first_word("明日は不在"), Some((2, "不在")));
        assert_eq!(book.earliest("early then late"), Some(1));
        assert!(!book.any("nothing"));
    }
}
