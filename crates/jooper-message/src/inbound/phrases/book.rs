//! A set of phrases, searched together in time linear in the text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Tokens, fold};
use crate::inbound::lookup::{Lookup, begin, first_bytes};

/// How many words `~` may stand for.
const GAP: usize = 4;

#[derive(Debug)]
enum Piece {
    Word(String),
    Stem(String),
    Gap,
}

/// A phrase among those with the same first word, with enough of its second to leave most of them out.
#[derive(Debug)]
struct Begun {
    phrase: u32,
    /// The first bytes of the second word as one number, and which of its bits count: none where any word,
    /// or no word at all, may stand there.
    second: u64,
    counts: u64,
}

impl Begun {
    fn new(phrase: u32, pieces: &[Piece]) -> Self {
        let (second, counts) = match pieces.get(1) {
            // Behind the end of a short word stand zeros, and they count.
            Some(Piece::Word(word)) => (begin(word.as_bytes()), u64::MAX),
            Some(Piece::Stem(stem)) => (begin(stem.as_bytes()), first_bytes(stem.len())),
            Some(Piece::Gap) | None => (0, 0),
        };
        Self {
            phrase,
            second,
            counts,
        }
    }

    /// Whether the phrase may go on with a word that begins so.
    #[inline]
    fn may_go_on(&self, word: u64) -> bool {
        (word ^ self.second) & self.counts == 0
    }
}

/// Words that may stand inside any phrase, in the order of their first bytes as one number: numbers are
/// compared faster than words, and nearly all words are none of these.
#[derive(Debug)]
struct Passed {
    words: Vec<(u64, &'static str)>,
    /// A bit for each of them by its hash.
    bits: [u64; 64],
}

impl Passed {
    fn new(words: &[&'static str]) -> Self {
        let numbered = words.iter().map(|word| (begin(word.as_bytes()), *word));
        let mut words: Vec<_> = numbered.collect();
        words.sort_unstable();
        let mut bits = [0; 64];
        for (first, _) in &words {
            let (at, bit) = bit_of(*first, 12);
            bits[at] |= bit;
        }
        Self { words, bits }
    }

    /// Whether `word` is one of these; `first` are its first bytes as one number.
    fn holds(&self, word: &str, first: u64) -> bool {
        let (at, bit) = bit_of(first, 12);
        if self.bits[at] & bit == 0 {
            return false;
        }
        let at = self.words.partition_point(|(number, _)| *number < first);
        let mut alike = self.words[at..].iter();
        alike
            .by_ref()
            .take_while(|(number, _)| *number == first)
            .any(|(_, passed)| *passed == word)
    }
}

/// What phrases begin with, a bit for each by its hash: the first eight bytes of a word, and three of a stem. Most
/// words of a text are none of these.
#[derive(Debug)]
struct Heads {
    words: Box<[u64; 256]>,
    stems: Box<[u64; 256]>,
}

impl Heads {
    /// `firsts` are words and stems, each with whether it is a stem.
    fn new<'a>(firsts: impl Iterator<Item = (bool, &'a str)>) -> Self {
        let mut heads = Self {
            words: Box::new([0; 256]),
            stems: Box::new([0; 256]),
        };
        for (stem, first) in firsts {
            let head = begin(first.as_bytes());
            if !stem {
                let (at, bit) = bit_of(head, 14);
                heads.words[at] |= bit;
                continue;
            }
            // Behind a short stem any byte may follow.
            let open = 3_usize.saturating_sub(first.len());
            for rest in 0..1_u64 << (8 * open) {
                let head = head & first_bytes(3) | rest << (8 * (3 - open));
                let (at, bit) = bit_of(head, 14);
                heads.stems[at] |= bit;
            }
        }
        heads
    }

    /// Whether a word may be one of these; `first` are its first bytes as one number.
    #[inline]
    fn may_hold(&self, first: u64) -> bool {
        let (at, bit) = bit_of(first, 14);
        let (stem_at, stem_bit) = bit_of(first & first_bytes(3), 14);
        (self.words[at] & bit) | (self.stems[stem_at] & stem_bit) != 0
    }
}

/// Where among two to the power of `width` bits that of these first bytes is (Fibonacci hashing).
#[inline]
fn bit_of(first: u64, width: u32) -> (usize, u64) {
    let hash = first.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - width);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// Phrases with what each one means.
#[derive(Debug)]
pub(crate) struct Book<T> {
    phrases: Vec<(Vec<Piece>, T)>,
    /// The words and stems that phrases begin with.
    firsts: Lookup,
    heads: Heads,
    /// For each of them, whether it is a stem, and the phrases that begin with it.
    begun: Vec<(bool, Vec<Begun>)>,
    passed: Passed,
}

/// One phrase found: the range of words it covers and what it means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit<T> {
    /// Index of the first word.
    pub(crate) start: usize,
    /// Index after the last word.
    pub(crate) end: usize,
    pub(crate) meaning: T,
}

impl<T: Copy> Book<T> {
    /// Builds the search from phrases written as the module describes.
    pub(crate) fn new<'a>(entries: impl IntoIterator<Item = (&'a str, T)>) -> Self {
        let mut phrases = Vec::new();
        let mut begun: BTreeMap<(bool, String), Vec<Begun>> = BTreeMap::new();
        for (text, meaning) in entries {
            let pieces = parse(text);
            let first = match pieces.first() {
                Some(Piece::Word(word)) => (false, word.clone()),
                Some(Piece::Stem(stem)) => (true, stem.clone()),
                // A leading gap means nothing; an empty phrase matches nothing.
                Some(Piece::Gap) | None => continue,
            };
            let id = u32::try_from(phrases.len()).unwrap_or(u32::MAX);
            let entry = begun.entry(first).or_default();
            entry.push(Begun::new(id, &pieces));
            phrases.push((pieces, meaning));
        }
        // Words come before stems, and of two stems of one word the shorter comes first.
        Self {
            phrases,
            firsts: Lookup::new(begun.keys().map(|(_, first)| first.clone())),
            heads: Heads::new(begun.keys().map(|(stem, first)| (*stem, first.as_str()))),
            begun: begun
                .into_iter()
                .map(|((stem, _), ids)| (stem, ids))
                .collect(),
            passed: Passed::new(&[]),
        }
    }

    /// Lets `words` (folded) stand inside any phrase.
    pub(crate) fn passing(mut self, words: &[&'static str]) -> Self {
        self.passed = Passed::new(words);
        self
    }

    /// Finds every phrase, in the order of its first word.
    pub(crate) fn find(&self, tokens: &Tokens) -> Vec<Hit<T>> {
        self.find_in(tokens, 0..tokens.len())
    }

    /// Finds every phrase that begins in a range of words, in the order of its first word.
    pub(crate) fn find_in(&self, tokens: &Tokens, words: Range<usize>) -> Vec<Hit<T>> {
        let (mut firsts, mut hits) = (Vec::new(), Vec::new());
        for start in words {
            self.at(tokens, start, &mut firsts, &mut hits);
        }
        hits
    }

    /// Reports whether a phrase begins in a range of words.
    pub(crate) fn any_in(&self, tokens: &Tokens, mut range: Range<usize>) -> bool {
        let (mut firsts, mut hits) = (Vec::new(), Vec::new());
        range.any(|start| {
            self.at(tokens, start, &mut firsts, &mut hits);
            !hits.is_empty()
        })
    }

    /// Adds the phrases that begin at word `start`; `firsts` is room to work in.
    fn at(&self, tokens: &Tokens, start: usize, firsts: &mut Vec<usize>, hits: &mut Vec<Hit<T>>) {
        let begin = tokens.begin(start);
        if !self.heads.may_hold(begin) {
            return;
        }
        let word = tokens.word(start);
        firsts.clear();
        self.firsts.prefixes_of(word, begin, |index| {
            let whole = self.firsts.phrase(index).len() == word.len();
            if whole || self.begun.get(index).is_some_and(|(stem, _)| *stem) {
                firsts.push(index);
            }
        });
        if firsts.is_empty() {
            return;
        }
        firsts.sort_unstable();
        let next = tokens.word(start + 1);
        let second = tokens.begin(start + 1);
        let passes = self.passed.holds(next, second);
        for (_, begun) in firsts.iter().filter_map(|index| self.begun.get(*index)) {
            let may_be = |one: &&Begun| passes || one.may_go_on(second);
            self.try_all(begun.iter().filter(may_be), tokens, start, hits);
        }
    }

    fn try_all<'a>(
        &self,
        begun: impl Iterator<Item = &'a Begun>,
        tokens: &Tokens,
        start: usize,
        hits: &mut Vec<Hit<T>>,
    ) {
        let sentence = tokens.sentence(start);
        for one in begun {
            let Some((pieces, meaning)) = self.phrases.get(one.phrase as usize) else {
                continue;
            };
            if let Some(end) = follow(&pieces[1..], tokens, start + 1, sentence, &self.passed) {
                hits.push(Hit {
                    start,
                    end,
                    meaning: *meaning,
                });
            }
        }
    }
}

fn follow(
    pieces: &[Piece],
    tokens: &Tokens,
    at: usize,
    sentence: Option<u32>,
    passed: &Passed,
) -> Option<usize> {
    let Some((first, rest)) = pieces.split_first() else {
        return Some(at);
    };
    if tokens.sentence(at) != sentence {
        return None;
    }
    let word = tokens.word(at);
    let meets = match first {
        Piece::Word(w) => word == w,
        Piece::Stem(s) => word.starts_with(s.as_str()),
        Piece::Gap => {
            return (0..=GAP).find_map(|skip| follow(rest, tokens, at + skip, sentence, passed));
        }
    };
    if meets {
        return follow(rest, tokens, at + 1, sentence, passed);
    }
    passed
        .holds(word, tokens.begin(at))
        .then(|| follow(pieces, tokens, at + 1, sentence, passed))
        .flatten()
}

/// Cuts a phrase by the same rules as a text, so that both always meet.
fn parse(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in text.split_whitespace() {
        if part == "~" {
            pieces.push(Piece::Gap);
            continue;
        }
        let (part, stem) = part.strip_suffix('*').map_or((part, false), |p| (p, true));
        let words = Tokens::new(part, part.len());
        for i in 0..words.len() {
            let word = fold(words.word(i));
            pieces.push(if stem && i + 1 == words.len() {
                Piece::Stem(word)
            } else {
                Piece::Word(word)
            });
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> bool {
        !Book::new([(phrase, ())])
            .find(&Tokens::new(text, text.len()))
            .is_empty()
    }

    #[test]
    fn words_stems_and_gaps_match_within_a_sentence() {
        assert!(found("remove me", "Please REMOVE me."));
        assert!(!found("remove me", "remove. Me too"));
        assert!(found("remove ~ from", "remove this old address from it"));
        assert!(!found(
            "remove ~ from",
            "remove one two three four five from it"
        ));
        assert!(found("отпи* меня", "Отпишите меня"));
        assert!(found("配信停止", "メールの配信停止をお願いします"));
        assert!(found("ne m'écrivez plus", "Ne m’ecrivez PLUS"));
    }

    #[test]
    fn words_and_stems_shorter_than_a_head_are_found() {
        for (phrase, text) in [
            ("a*", "zebra apple"),
            ("a*", "a"),
            ("ot* moi", "otez moi"),
            ("no", "no"),
            ("no me", "no me"),
            ("不", "不要"),
        ] {
            assert!(found(phrase, text), "{phrase}: {text}");
        }
        assert!(!found("no", "not"));
        assert!(!found("a", "apple"));
    }

    #[test]
    fn most_words_that_begin_otherwise_are_left_out_at_once() {
        let firsts = [(false, "no"), (true, "ot"), (true, "unsub")];
        let heads = Heads::new(firsts.into_iter());
        let may = |word: &str| heads.may_hold(begin(word.as_bytes()));
        assert!(
            ["no", "ot", "ote", "otez", "unsubscribe"]
                .into_iter()
                .all(may)
        );
        assert!(!["not", "now", "under", "o", "n", ""].into_iter().any(may));
    }

    #[test]
    fn a_second_word_counts_to_its_end() {
        assert!(found("stop mail*", "stop mailing"));
        assert!(!found("stop mail", "stop mailing"));
        assert!(!found("stop mailings", "stop mail"));
        assert!(found("stop newsletters", "stop newsletters now"));
        assert!(!found("stop newsletters", "stop newsletter"));
        assert!(found("stop", "stop"));
    }

    #[test]
    fn words_that_may_stand_inside_a_phrase_are_passed_whole() {
        let book = Book::new([("remove me", ())]).passing(&["pls", "graciously", "graciousness"]);
        let found = |text: &str| !book.find(&Tokens::new(text, text.len())).is_empty();
        assert!(found("remove pls me"));
        assert!(found("remove graciousness graciously me"));
        assert!(!found("remove gracious me"));
        assert!(!found("remove pl me"));
    }
}
