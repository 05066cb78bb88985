//! Phrase search over folded words, shared by stop words and reply intent.
//!
//! A phrase is written as words with two signs: `word*` stands for any word that starts so (for
//! languages that inflect) and `~` for up to four words of anything within the sentence.

mod book;
mod fold;
mod letters;
mod tokens;

pub(crate) use book::{Book, Hit};
pub(crate) use fold::{
    ascii_run, fold, fold_into, is_invisible, squeeze_ascii, squeeze_ascii_lower,
};
pub(crate) use letters::{has_no_capitals, is_letter, is_letter_or_figure, is_small, push_small};
pub(crate) use tokens::Tokens;
