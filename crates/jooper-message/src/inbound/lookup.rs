//! Looks many phrases up in one pass over a text.
//!
//! Most places of a text begin no phrase, and their next bytes already say so. A general
//! automaton (Aho-Corasick) walks every byte through a table too large for the nearest cache.
//! Here the phrases stand in groups, and one word of 64 bits tells for each group how far the
//! bytes read last could be the beginning of one of it (Shift-Or): a shift and an OR a byte.

use std::borrow::Cow;
use std::ops::Range;

use super::blocks::{BLOCK, which};
use super::phrases::is_letter_or_figure;

/// Slots of the table of beginnings, a power of two.
const SLOTS: usize = 4096;
/// Bits of the table of followed bytes, a power of two.
const HEADS: usize = 16_384;
/// Bytes of a phrase that choose its slot.
const HEAD: usize = 3;
/// The most bytes of a beginning that are followed.
const FOLLOWED: usize = 8;
/// Groups of phrases, a bit each for every byte that is followed: the fewer bytes, the more groups.
const MANY: usize = 21;
const SOME: usize = 16;
const FEW: usize = 8;

/// A phrase in its slot, with enough of it to tell most places apart without a look at the phrase.
#[derive(Debug)]
struct Entry {
    id: u16,
    /// How many bytes chose the slot.
    head: u8,
    /// Whether the phrase goes on behind `begin`.
    long: bool,
    /// Its first eight bytes as one number, and which of its bits count.
    begin: u64,
    counts: u64,
}

impl Entry {
    fn new(id: u16, phrase: &[u8]) -> Self {
        Self {
            id,
            head: u8::try_from(phrase.len().min(HEAD)).unwrap_or(u8::MAX),
            long: phrase.len() > 8,
            begin: begin(phrase),
            counts: first_bytes(phrase.len()),
        }
    }
}

/// A list of phrases, searched in time linear in the text however long the list is.
#[derive(Debug)]
pub(super) struct Lookup {
    phrases: Vec<Cow<'static, str>>,
    /// For each byte, and each place in a beginning, the groups that have no such byte there.
    strange: Box<[u64; 256]>,
    /// How many bytes of a beginning are followed: all phrases are as long.
    followed: usize,
    /// Which bits of a number of eight bytes are of these.
    counts: u64,
    /// These bytes of all phrases, a bit for each by its hash: most places say no.
    heads: Box<[u64; HEADS / 64]>,
    /// Which slots hold a phrase: small enough to stay in the nearest cache.
    filled: Box<[u64; SLOTS / 64]>,
    /// Where each slot's phrases begin in `order`, and behind the last where they end.
    begins: Vec<u16>,
    order: Vec<Entry>,
    /// Whether a phrase is shorter than its head, and stands in the slot of a shorter one.
    any_short: bool,
}

impl Lookup {
    /// Prepares `phrases`; their order is their precedence.
    pub(super) fn new<P: Into<Cow<'static, str>>>(phrases: impl IntoIterator<Item = P>) -> Self {
        let phrases: Vec<Cow<'static, str>> = phrases.into_iter().map(Into::into).collect();
        let ids = 0..u16::try_from(phrases.len()).unwrap_or(u16::MAX);
        let mut slotted: Vec<(usize, u16)> = ids
            .zip(&phrases)
            .filter(|(_, phrase)| !phrase.is_empty())
            .map(|(id, phrase)| (slot(begin(phrase.as_bytes()), phrase.len().min(HEAD)), id))
            .collect();
        slotted.sort_unstable();
        let begins = (0..=SLOTS)
            .map(|slot| slotted.partition_point(|(own, _)| *own < slot))
            .map(|at| u16::try_from(at).unwrap_or(u16::MAX))
            .collect();
        let mut filled = Box::new([0; SLOTS / 64]);
        for (slot, _) in &slotted {
            filled[slot / 64] |= 1 << (slot % 64);
        }
        let (strange, followed) = follow(&phrases);
        let counts = first_bytes(followed);
        let mut heads = Box::new([0; HEADS / 64]);
        for phrase in phrases.iter().filter(|phrase| !phrase.is_empty()) {
            let (at, bit) = head_at(begin(phrase.as_bytes()) & counts);
            heads[at] |= bit;
        }
        Self {
            strange,
            followed,
            counts,
            heads,
            filled,
            begins,
            order: slotted
                .into_iter()
                .filter_map(|(_, id)| Some((id, phrases.get(usize::from(id))?)))
                .map(|(id, phrase)| Entry::new(id, phrase.as_bytes()))
                .collect(),
            any_short: phrases.iter().any(|phrase| phrase.len() < HEAD),
            phrases,
        }
    }

    /// Returns the first phrase of the list that occurs anywhere in `text`, and its index.
    pub(super) fn first(&self, text: &str) -> Option<(usize, &str)> {
        let mut best = None;
        self.each(text, |_, index| {
            best = lower(best, index);
            true
        });
        self.named(best)
    }

    /// Returns the first phrase of the list that begins at the edge of a word in `text`.
    pub(super) fn first_word(&self, text: &str) -> Option<(usize, &str)> {
        let mut best = None;
        self.each_word(text, starts_a_word, |_, index| {
            best = lower(best, index);
        });
        self.named(best)
    }

    /// Returns the first phrase of the list that `text` begins with and `counts` agrees to.
    pub(super) fn first_prefix(
        &self,
        text: &str,
        mut counts: impl FnMut(usize) -> bool,
    ) -> Option<(usize, &str)> {
        let mut best = None;
        self.prefixes(text, |index| {
            if counts(index) {
                best = lower(best, index);
            }
        });
        self.named(best)
    }

    /// Tells `found` of every phrase that `text` begins with.
    pub(super) fn prefixes(&self, text: &str, mut found: impl FnMut(usize)) {
        self.at(text, 0, &mut |_, index| {
            found(index);
            true
        });
    }

    /// Does what [`Self::prefixes`] does, given the first bytes of `text` as one number.
    pub(super) fn prefixes_of(&self, text: &str, first: u64, mut found: impl FnMut(usize)) {
        self.begun(text.as_bytes(), first, &mut |index| {
            found(index);
            true
        });
    }

    /// Whether `text` is one of the phrases.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.whole(text).is_some()
    }

    /// Returns the index of the phrase that `text` is.
    pub(super) fn whole(&self, text: &str) -> Option<usize> {
        let mut found = None;
        self.at(text, 0, &mut |_, index| {
            found = (self.phrase(index).len() == text.len()).then_some(index);
            found.is_none()
        });
        found
    }

    /// Returns the index of the phrase that occurs earliest in `text`, and where it begins.
    pub(super) fn earliest(&self, text: &str) -> Option<(usize, usize)> {
        let mut found: Option<(usize, usize)> = None;
        self.each(text, |at, index| {
            found = Some(found.map_or((at, index), |found| found.min((at, index))));
            // All that begin here are told before the next place is looked at.
            found.is_some_and(|(first, _)| first == at)
        });
        found
    }

    /// Whether any phrase occurs in `text`.
    pub(super) fn any(&self, text: &str) -> bool {
        let mut found = false;
        self.each(text, |_, _| {
            found = true;
            false
        });
        found
    }

    /// Returns where each phrase begins in `text` with its index, in order of place.
    pub(super) fn hits(&self, text: &str) -> Vec<(usize, usize)> {
        let mut hits = Vec::new();
        self.each(text, |at, index| {
            hits.push((at, index));
            true
        });
        hits
    }

    /// Tells `found` of every phrase that begins where `edge` sees the edge of a word.
    ///
    /// Whatever `edge` says, no word begins between two small letters of ASCII, or with white space.
    pub(super) fn each_word(
        &self,
        text: &str,
        edge: impl Fn(&str, usize) -> bool,
        mut found: impl FnMut(usize, usize),
    ) {
        let mut found = |at: usize, index: usize| {
            if edge(text, at) {
                found(at, index);
            }
            true
        };
        self.at_words(text, &mut found);
    }

    /// There is one such walk for all questions, so that its code stays in the nearest cache.
    fn at_words(&self, text: &str, found: &mut dyn FnMut(usize, usize) -> bool) {
        let bytes = text.as_bytes();
        let mut goes_on = 0;
        for block in (0..bytes.len()).step_by(BLOCK) {
            let letters = which(bytes, block, |byte| byte.wrapping_sub(b'a') < 26);
            // No character begins with its second byte.
            let begins = which(bytes, block, |byte| {
                (byte > b' ') & (byte & 0b1100_0000 != 0b1000_0000)
            });
            let mut starts = begins & !(letters & (letters << 1 | goes_on));
            goes_on = letters >> (BLOCK - 1);
            // In all but the last block eight bytes stand behind every place.
            let wide: Option<&[u8; BLOCK + 8]> = bytes[block..].first_chunk();
            while starts != 0 {
                let nth = starts.trailing_zeros() as usize;
                starts &= starts - 1;
                let at = block + nth;
                let first = begin(wide.map_or_else(|| &bytes[at..], |wide| &wide[nth..]));
                if self.may_begin(first) {
                    self.begun(&bytes[at..], first, &mut |index| found(at, index));
                }
            }
        }
    }

    /// Returns the phrase at `index`.
    pub(super) fn phrase(&self, index: usize) -> &str {
        self.phrases.get(index).map_or("", |phrase| phrase)
    }

    fn each(&self, text: &str, mut found: impl FnMut(usize, usize) -> bool) {
        self.places(text, &mut |at| self.at(text, at, &mut found));
    }

    /// Tells `found` of the places where a phrase may begin, in order, while it wants to go on.
    ///
    /// There is one such walk for all questions, so that its code stays in the nearest cache.
    fn places(&self, text: &str, found: &mut dyn FnMut(usize) -> bool) {
        match groups(self.followed) {
            MANY => self.walk::<MANY>(text, found),
            SOME => self.walk::<SOME>(text, found),
            _ => self.walk::<FEW>(text, found),
        }
    }

    #[inline]
    fn walk<const COUNT: usize>(&self, text: &str, found: &mut dyn FnMut(usize) -> bool) {
        if self.followed == 0 {
            return;
        }
        // The last of the followed bytes: a bit that is not set means that a group's beginning stands here.
        let seen = u64::MAX << (64 - COUNT);
        let bytes = text.as_bytes();
        let mut found = |end: usize| {
            let at = end - self.followed;
            !self.may_stand(bytes, at) || found(at)
        };
        let strange = &*self.strange;
        let next = |state: u64, byte: u8| state << COUNT | strange[usize::from(byte)];
        let mut state = u64::MAX.unbounded_shl(first_bit(COUNT, self.followed));
        let (fours, rest) = bytes.as_chunks::<4>();
        let mut end = 0;
        for &[a, b, c, d] in fours {
            let first = next(state, a);
            let second = next(first, b);
            let third = next(second, c);
            state = next(third, d);
            if first & second & third & state < seen {
                for (nth, state) in (1..).zip([first, second, third, state]) {
                    if state < seen && !found(end + nth) {
                        return;
                    }
                }
            }
            end += 4;
        }
        for &byte in rest {
            state = next(state, byte);
            end += 1;
            if state < seen && !found(end) {
                return;
            }
        }
    }

    /// Whether `text` in lower case may begin with a phrase, where the first bytes of all are small letters, blanks and
    /// hyphens of ASCII.
    pub(super) fn may_begin_in_any_case(&self, text: &str) -> bool {
        /// The bit that a small letter has and its capital has not; blanks and hyphens have it, too.
        const SMALL: u64 = 0x2020_2020_2020_2020;
        let first = begin(text.as_bytes());
        self.may_begin((first | SMALL) & first_bytes(text.len()))
    }

    /// Whether a text with these first bytes may begin with a phrase; by far the most say no.
    #[inline]
    fn may_begin(&self, first: u64) -> bool {
        let (at, bit) = head_at(first & self.counts);
        self.heads[at] & bit != 0
    }

    /// Whether the next three bytes are those of a phrase.
    #[inline]
    fn may_stand(&self, bytes: &[u8], at: usize) -> bool {
        if self.any_short {
            return true;
        }
        let Some([a, b, c]) = bytes.get(at..at + HEAD) else {
            return false;
        };
        let slot = slot(u64::from_le_bytes([*a, *b, *c, 0, 0, 0, 0, 0]), HEAD);
        self.is_filled(slot)
    }

    #[inline]
    fn is_filled(&self, slot: usize) -> bool {
        self.filled[slot / 64] >> (slot % 64) & 1 == 1
    }

    /// Tells `found` of every phrase that begins at byte `at`; returns whether to go on.
    #[inline]
    fn at(&self, text: &str, at: usize, found: &mut impl FnMut(usize, usize) -> bool) -> bool {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        self.begun(rest, begin(rest), &mut |index| found(at, index))
    }

    /// Tells `found` of every phrase that `rest` begins with; `first` are its first bytes as one number.
    #[inline]
    fn begun(&self, rest: &[u8], first: u64, found: &mut impl FnMut(usize) -> bool) -> bool {
        if !self.may_begin(first) {
            return true;
        }
        let least = if self.any_short { 1 } else { HEAD };
        for len in least..=HEAD.min(rest.len()) {
            let slot = slot(first, len);
            if self.is_filled(slot)
                && let Some(&[from, to]) = self.begins.get(slot..=slot + 1)
                && !self.among(from..to, rest, first, len, found)
            {
                return false;
            }
        }
        true
    }

    /// Looks at the phrases of one slot that have a head of `len` bytes.
    fn among(
        &self,
        slot: Range<u16>,
        rest: &[u8],
        first: u64,
        len: usize,
        found: &mut impl FnMut(usize) -> bool,
    ) -> bool {
        let slot = usize::from(slot.start)..usize::from(slot.end);
        for entry in self.order.get(slot).unwrap_or_default() {
            // A text that ends within a phrase has zeros where the phrase goes on.
            let begins = first & entry.counts == entry.begin && usize::from(entry.head) == len;
            let index = usize::from(entry.id);
            if begins
                && (!entry.long || rest.starts_with(self.phrase(index).as_bytes()))
                && !found(index)
            {
                return false;
            }
        }
        true
    }

    fn named(&self, index: Option<usize>) -> Option<(usize, &str)> {
        index.map(|index| (index, self.phrase(index)))
    }
}

fn lower(best: Option<usize>, index: usize) -> Option<usize> {
    Some(best.map_or(index, |best| best.min(index)))
}

/// Groups `phrases` by their beginnings, and tells which bytes each group lacks at which place.
fn follow(phrases: &[Cow<'static, str>]) -> (Box<[u64; 256]>, usize) {
    let mut sorted: Vec<&[u8]> = phrases.iter().map(|phrase| phrase.as_bytes()).collect();
    sorted.retain(|phrase| !phrase.is_empty());
    sorted.sort_unstable();
    let shortest = sorted.iter().map(|phrase| phrase.len()).min().unwrap_or(0);
    let followed = shortest.min(FOLLOWED);
    let groups = groups(followed);
    // The last place stands highest, so that one comparison tells whether any group is there.
    let lowest = first_bit(groups, followed);
    let mut strange = Box::new([u64::MAX.unbounded_shl(lowest); 256]);
    for (nth, phrase) in sorted.iter().enumerate() {
        let group = nth * groups / sorted.len();
        for (place, &byte) in phrase.iter().take(followed).enumerate() {
            strange[usize::from(byte)] &= !(1 << (lowest as usize + groups * place + group));
        }
    }
    (strange, followed)
}

/// How many groups there is room for where `followed` bytes are followed.
#[inline]
fn groups(followed: usize) -> usize {
    match followed {
        0..=3 => MANY,
        4 => SOME,
        _ => FEW,
    }
}

/// The lowest bit of the first place, where the last place of `followed` ends at the highest bit.
#[inline]
fn first_bit(groups: usize, followed: usize) -> u32 {
    64 - (groups * followed) as u32
}

/// The first eight bytes of a text as one number, zeros behind its end.
#[inline]
pub(super) fn begin(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    // Two looks that may overlap, and no loop.
    let at = |nth: usize| u64::from(bytes[nth]) << (8 * nth);
    match bytes.len() {
        0 => 0,
        len @ 1..=3 => at(0) | at(len / 2) | at(len - 1),
        len => {
            let four = |four: Option<&[u8; 4]>| four.map_or(0, |four| u32::from_le_bytes(*four));
            let (first, last) = (four(bytes.first_chunk()), four(bytes.last_chunk()));
            u64::from(first) | u64::from(last) << (8 * (len - 4))
        }
    }
}

/// The bits of the first `len` bytes of eight.
#[inline]
pub(super) fn first_bytes(len: usize) -> u64 {
    !u64::MAX.unbounded_shl(8 * len.min(8) as u32)
}

/// Where the bit of the first bytes is (Fibonacci hashing).
#[inline]
fn head_at(head: u64) -> (usize, u64) {
    let hash = head.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bit = hash >> (u64::BITS - HEADS.trailing_zeros());
    ((bit >> 6) as usize, 1 << (bit & 63))
}

/// Spreads heads of `len` bytes over the slots by their upper bits (Fibonacci hashing).
#[inline]
fn slot(begin: u64, len: usize) -> usize {
    let head = (begin & first_bytes(len)) as u32;
    (head.wrapping_mul(0x9E37_79B1) >> (32 - SLOTS.trailing_zeros())) as usize
}

/// Whether a phrase that begins at `at` does not begin inside a word. Scripts without spaces
/// have no such edge.
pub(super) fn starts_a_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let first = text.get(at..).and_then(|tail| tail.chars().next());
    match (before, first) {
        (Some(before), Some(first)) => {
            !(is_letter_or_figure(before) && is_letter_or_figure(first)) || is_unspaced(first)
        }
        _ => true,
    }
}

fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_of_the_list_wins_wherever_it_stands() {
        let book = Lookup::new(["late", "early", "不在"]);
        assert_eq!(book.first("early then late"), Some((0, "late")));
        assert_eq!(book.first_word("template early"), Some((1, "early")));
        assert_eq!(book.first_word("明日は不在"), Some((2, "不在")));
        assert_eq!(book.earliest("early then late"), Some((0, 1)));
        assert_eq!(book.first_prefix("early", |_| true), Some((1, "early")));
        assert_eq!(book.first_prefix("early", |index| index == 0), None);
        assert!(!book.any("nothing"));
    }

    #[test]
    fn a_short_text_begins_as_a_long_one_does() {
        let text = b"abcdefgh";
        for len in 0..=text.len() {
            let mut padded = [0; 8];
            padded[..len].copy_from_slice(&text[..len]);
            assert_eq!(begin(&text[..len]), u64::from_le_bytes(padded), "{len}");
        }
    }

    #[test]
    fn a_long_phrase_is_found_whole_or_not_at_all() {
        let book = Lookup::new(["out of office", "out of o"]);
        assert_eq!(book.first("now out of office"), Some((0, "out of office")));
        assert_eq!(book.first("now out of order"), Some((1, "out of o")));
        assert_eq!(book.first("now out of "), None);
        assert!(book.holds("out of office") && !book.holds("out of offic"));
    }

    proptest! {
        /// However long the shortest phrase is, and so however many groups there are.
        #[test]
        fn phrases_of_any_least_length_are_found(
            least in 1_usize..9,
            words in proptest::collection::vec(("[ab]{12}", 0_usize..4), 1..40),
            text in "[ab]{0,60}",
        ) {
            let cut = |(word, more): &(String, usize)| word[..least + more].to_owned();
            let phrases: Vec<String> = words.iter().map(cut).collect();
            let book = Lookup::new(phrases.clone());
            let earliest = phrases
                .iter()
                .enumerate()
                .filter_map(|(index, phrase)| Some((text.find(phrase.as_str())?, index)))
                .min();
            prop_assert_eq!(book.earliest(&text), earliest);
            let plain = phrases.iter().position(|phrase| text.contains(phrase.as_str()));
            prop_assert_eq!(book.first(&text).map(|(index, _)| index), plain);
        }

        #[test]
        fn it_finds_what_a_plain_search_finds(
            phrases in proptest::collection::vec("[abé-]{1,5}|[abé-]{6,12}", 1..12),
            text in "[abé -]{0,60}",
        ) {
            let book = Lookup::new(phrases.clone());
            let plain = phrases.iter().position(|phrase| text.contains(phrase.as_str()));
            prop_assert_eq!(book.first(&text).map(|(index, _)| index), plain);
            prop_assert_eq!(book.any(&text), plain.is_some());
            let word = phrases.iter().position(|phrase| {
                (0..text.len()).any(|at| {
                    text.get(at..).is_some_and(|rest| rest.starts_with(phrase.as_str()))
                        && starts_a_word(&text, at)
                })
            });
            prop_assert_eq!(book.first_word(&text).map(|(index, _)| index), word);
            let earliest = phrases
                .iter()
                .enumerate()
                .filter_map(|(index, phrase)| Some((text.find(phrase.as_str())?, index)))
                .min();
            prop_assert_eq!(book.earliest(&text), earliest);
            let count: usize = phrases.iter().map(|phrase| {
                (0..text.len()).filter(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(phrase.as_str()))).count()
            }).sum();
            prop_assert_eq!(book.hits(&text).len(), count);
        }
    }
}
