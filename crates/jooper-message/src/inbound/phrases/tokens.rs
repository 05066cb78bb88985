//! Words with their place in the text and the sentence they belong to.

use super::fold::{fold_word_into, is_invisible};
use super::letters::is_letter_or_figure;
use crate::inbound::blocks::Runs;
use crate::inbound::lookup::{begin, first_bytes};

/// A text without marks is cut after so many words, so that looking at a whole sentence stays cheap.
const LONGEST_SENTENCE: usize = 120;

/// More is not cut into words, so that every place is a small number, also behind the words folded: of three bytes
/// no more than 33 become (U+FDFA, NFKD).
const LONGEST: usize = u32::MAX as usize / 16;

/// One word, or one character of a script written without spaces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// Byte range in the source text.
    pub(crate) start: u32,
    pub(crate) end: u32,
    folded: (u32, u32),
    /// Index of the sentence, counted from zero.
    pub(crate) sentence: u32,
    /// The first bytes of the folded form as one number, zeros behind its end.
    begin: u64,
}

/// A text cut into words once, for any number of phrase searches.
#[derive(Debug)]
pub(crate) struct Tokens {
    folded: String,
    tokens: Vec<Token>,
    /// For each sentence: whether a question mark ends it.
    questions: Vec<bool>,
    /// How many words were moved to another index.
    #[cfg(test)]
    pub(crate) moved: usize,
}

impl Tokens {
    /// Cuts the first `limit` bytes of `text` into words.
    ///
    /// A web or mail address is one word, so that nothing inside it is ever read as a request.
    pub(crate) fn new(text: &str, limit: usize) -> Self {
        let text = &text[..text.floor_char_boundary(limit.min(LONGEST))];
        // Words of ASCII stand folded where they stand written, all others behind the text.
        let plain = text.is_ascii();
        let mut this = Self {
            folded: String::with_capacity(text.len() * if plain { 1 } else { 2 }),
            tokens: Vec::with_capacity(text.len() / 4 + 4),
            questions: Vec::with_capacity(text.len() / 32 + 4),
            #[cfg(test)]
            moved: 0,
        };
        this.folded.push_str(text);
        this.folded.make_ascii_lowercase();
        let mut begin = 0;
        let mut fresh = true; // Whether a sentence boundary lies before the next word.
        let mut newlines = 0;
        let mut words = 0; // In this sentence.
        let bytes = text.as_bytes();
        let mut runs = Runs::new(bytes, |byte| {
            ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10)
        });
        while let Some(&byte) = bytes.get(begin) {
            let at = begin;
            let sign = SIGNS[usize::from(byte)];
            // Most of what stands between words says nothing about sentences.
            if sign == Sign::Nothing {
                begin += 1;
                continue;
            }
            let c = match byte {
                0..=0x7f => char::from(byte),
                _ => text[at..].chars().next().unwrap_or_default(),
            };
            // Most words are letters of ASCII, and nothing goes on with them.
            let mut closed = false;
            if sign == Sign::Letter {
                begin = runs.end(at + 1);
                closed = bytes.get(begin).is_none_or(|byte| ends(*byte));
            } else {
                begin += c.len_utf8();
            }
            if sign == Sign::Letter || is_word(c) {
                if !closed && (sign == Sign::Letter || !is_unspaced(c)) {
                    begin = word_end(text, at, begin);
                }
                fresh |= words >= LONGEST_SENTENCE;
                words = if fresh { 1 } else { words + 1 };
                this.push(text, at, begin, fresh, plain || closed);
                fresh = false;
                newlines = 0;
            } else if c == '\n' {
                newlines += 1;
                fresh |= newlines > 1;
            } else if matches!(c, ',' | '،' | '、' | '，') {
                // "No, remove me", "Hi, …": the word is a sentence of its own.
                fresh |= words == 1;
            } else if matches!(
                c,
                '.' | '!'
                    | '?'
                    | ';'
                    | ':'
                    | '。'
                    | '！'
                    | '？'
                    | '؟'
                    | '…'
                    | '।'
                    | '>'
                    | '('
                    | ')'
                    | '：'
            ) {
                if matches!(c, '?' | '？' | '؟')
                    && !fresh
                    && let Some(last) = this.questions.last_mut()
                {
                    *last = true;
                }
                fresh = true;
            }
        }
        this
    }

    /// Adds a word, which is `plain` where it is known to be ASCII.
    fn push(&mut self, text: &str, start: usize, end: usize, fresh: bool, plain: bool) {
        if fresh || self.questions.is_empty() {
            self.questions.push(false);
        }
        let (from, to) = if plain || text.as_bytes()[start..end].is_ascii() {
            (start, end)
        } else {
            let from = self.folded.len();
            fold_word_into(&text[start..end], &mut self.folded);
            (from, self.folded.len())
        };
        if to > from {
            let begin = begin(&self.folded.as_bytes()[from..]) & first_bytes(to - from);
            self.tokens.push(Token {
                start: small(start),
                end: small(end),
                folded: (small(from), small(to)),
                sentence: small(self.questions.len() - 1),
                begin,
            });
        }
    }

    /// Makes one word of some where `meant` says how many, and folded as which, of those from an index; tells
    /// whether it did anywhere.
    pub(crate) fn rewrite(
        &mut self,
        meant: impl Fn(&Self, usize) -> Option<(usize, &'static str)>,
    ) -> bool {
        // Most texts have none.
        let Some(first) = (0..self.len()).find(|at| meant(self, *at).is_some()) else {
            return false;
        };
        let (mut kept, mut at) = (first, first);
        let mut any = false;
        while let Some(mut token) = self.get(at) {
            let mut words = 1;
            if let Some((taken, word)) = meant(self, at)
                && let Some(last) = self.get((at + taken).saturating_sub(1))
            {
                let from = self.folded.len();
                self.folded.push_str(word);
                token.end = last.end;
                token.folded = (small(from), small(from + word.len()));
                token.begin = begin(word.as_bytes());
                words = taken.max(1);
                any = true;
            }
            // Those behind move once, however many are made fewer before them.
            if any && let Some(place) = self.tokens.get_mut(kept) {
                *place = token;
                #[cfg(test)]
                {
                    self.moved += usize::from(kept != at);
                }
            }
            kept += 1;
            at += words;
        }
        self.tokens.truncate(kept);
        any
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    /// The folded form of word `index`; empty past the end.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |t| {
            &self.folded[t.folded.0 as usize..t.folded.1 as usize]
        })
    }

    /// The index of the last word that ends before byte `at` of the source text.
    pub(crate) fn before(&self, at: usize) -> Option<usize> {
        self.tokens
            .partition_point(|t| t.end as usize <= at)
            .checked_sub(1)
    }

    /// The first bytes of the folded form of word `index` as one number, zeros behind its end.
    pub(crate) fn begin(&self, index: usize) -> u64 {
        self.tokens.get(index).map_or(0, |token| token.begin)
    }

    /// The first byte of the folded form of word `index`.
    pub(crate) fn first_byte(&self, index: usize) -> Option<u8> {
        let [first, ..] = self.tokens.get(index)?.begin.to_le_bytes();
        Some(first)
    }

    pub(crate) fn sentence(&self, index: usize) -> Option<u32> {
        self.tokens.get(index).map(|t| t.sentence)
    }

    pub(crate) fn is_question(&self, sentence: u32) -> bool {
        self.questions
            .get(sentence as usize)
            .copied()
            .unwrap_or(false)
    }

    /// The range of word indexes that share the sentence of word `index`.
    pub(crate) fn sentence_range(&self, index: usize) -> std::ops::Range<usize> {
        let Some(sentence) = self.sentence(index) else {
            return 0..0;
        };
        let start = self.tokens.partition_point(|t| t.sentence < sentence);
        let end = self.tokens.partition_point(|t| t.sentence <= sentence);
        start..end
    }
}

/// What a byte may be to words and sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A letter or figure of ASCII.
    Letter,
    /// It ends a word, and no sentence.
    Nothing,
    /// It ends a word, and perhaps a sentence.
    End,
    /// Anything else: that is looked at closely.
    Other,
}

const SIGNS: [Sign; 256] = {
    let mut signs = [Sign::Other; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        signs[byte as usize] = match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => Sign::Letter,
            b' ' | b'\t' | b'\r' | b'"' | b'$' | b'*' | b'<' | b'[' | b']' | b'\\' | b'|' => {
                Sign::Nothing
            }
            b'\n' | b',' | b'!' | b';' | b'(' | b')' | b'>' => Sign::End,
            _ => Sign::Other,
        };
        byte += 1;
    }
    signs
};

/// How many letters and figures of ASCII `bytes` begin with.
#[inline]
fn letters(bytes: &[u8]) -> usize {
    let other = |byte: &u8| SIGNS[usize::from(*byte)] != Sign::Letter;
    bytes.iter().position(other).unwrap_or(bytes.len())
}

/// Whether no word goes on with a byte, whatever follows.
#[inline]
fn ends(byte: u8) -> bool {
    matches!(SIGNS[usize::from(byte)], Sign::Nothing | Sign::End)
}

/// Returns where the word ends that begins at `at` and goes on at `end`.
fn word_end(text: &str, at: usize, mut end: usize) -> usize {
    loop {
        // Letters and figures of ASCII go on whatever follows, and so do those of scripts with blanks.
        let others = text[end..].chars();
        let goes_on = |c: &char| !c.is_ascii() && is_word(*c) && !is_unspaced(*c);
        end += others
            .take_while(goes_on)
            .map(char::len_utf8)
            .sum::<usize>();
        let rest = &text.as_bytes()[end..];
        let run = letters(rest);
        end += run;
        match rest.get(run..).unwrap_or_default() {
            [] => return end,
            [byte, ..] if ends(*byte) => return end,
            // A mark goes on only where a word does.
            [b'.' | b':' | b'\'', byte, ..] if ends(*byte) => return end,
            _ => {}
        }
        let mut rest = text[end..].chars();
        let Some(c) = rest.next() else { return end };
        let goes_on = c != ' '
            && (is_word(c) && !is_unspaced(c)
                || is_invisible(c)
                || joins(c, &text[at..end], rest.next()));
        if !goes_on {
            return end;
        }
        end += c.len_utf8();
    }
}

#[inline]
fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    is_letter_or_figure(c) || is_mark(c)
}

// Vowel signs of scripts whose words would fall apart without them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5BD}' | '\u{64B}'..='\u{652}' | '\u{900}'..='\u{903}'
        | '\u{93A}'..='\u{94F}' | '\u{E31}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}')
}

/// Scripts that are written without spaces: each character is a word of its own.
fn is_unspaced(c: char) -> bool {
    c >= '\u{E00}'
        && matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{2FA1F}')
}

/// Punctuation inside a word, an address or a URL; sentence marks join only when a word goes on.
fn joins(c: char, so_far: &str, next: Option<char>) -> bool {
    let goes_on = next.is_some_and(|n| is_word(n) && !is_unspaced(n));
    match c {
        '\'' | '’' | 'ʼ' | '׳' | '״' | '@' | '_' | '.' | ':' => goes_on,
        // `e-mail` is two words; `my-list@x.io` and `x.io/my-list` are one. The bound keeps it linear.
        '-' => goes_on && so_far.len() < 200 && so_far.contains(['.', '/', '@']),
        '/' | '%' | '=' | '&' | '?' | '#' | '+' | '~' => goes_on || next == Some('/'),
        _ => false,
    }
}

/// A place in a text, of which no more is cut into words than has such a place.
#[inline]
fn small(at: usize) -> u32 {
    at as u32
}

#[cfg(test)]
mod tests {
    use super::Tokens;

    fn words(text: &str) -> Vec<String> {
        let t = Tokens::new(text, text.len());
        (0..t.len()).map(|i| t.word(i).to_owned()).collect()
    }

    #[test]
    fn words_fold_and_addresses_stay_whole() {
        assert_eq!(words("Don’t WRITE, señor!"), ["don't", "write", "senor"]);
        assert_eq!(
            words("see http://x.io/unsubscribe?u=1 now"),
            ["see", "http", "x.io/unsubscribe?u=1", "now"]
        );
        assert_eq!(words("mail ana@x.es."), ["mail", "ana@x.es"]);
        assert_eq!(words("配信停止"), ["配", "信", "停", "止"]);
        assert_eq!(words("Là, ICI: Ça VA.Là"), ["la", "ici", "ca", "va.la"]);
    }

    #[test]
    fn sentences_end_at_marks_and_blank_lines_only() {
        let t = Tokens::new("One two\nthree. Four?\n\nFive", 100);
        assert_eq!(
            (0..t.len())
                .map(|i| t.sentence(i).unwrap())
                .collect::<Vec<_>>(),
            [0, 0, 0, 1, 2]
        );
        assert!(t.is_question(1) && !t.is_question(0) && !t.is_question(2));
        assert_eq!(t.sentence_range(1), 0..3);
    }

    #[test]
    fn words_are_found_by_place_and_by_their_first_bytes() {
        let t = Tokens::new("Ça va, subscriptions", 100);
        assert_eq!(t.before(0), None);
        assert_eq!((t.before(3), t.before(6)), (Some(0), Some(1)));
        assert_eq!(t.begin(0), u64::from_le_bytes(*b"ca\0\0\0\0\0\0"));
        assert_eq!(t.begin(2), u64::from_le_bytes(*b"subscrip"));
        assert_eq!((t.begin(3), t.first_byte(3)), (0, None));
    }

    #[test]
    fn spans_point_into_the_source() {
        let text = "Ich möchte";
        let t = Tokens::new(text, 100);
        let w = t.get(1).unwrap();
        assert_eq!(&text[w.start as usize..w.end as usize], "möchte");
    }
}
