//! The words of inline styles, as a browser takes them apart (CSS Syntax 3).

use cssparser::{Delimiter, ParseError, Parser, Token};

use super::color::Color;

/// One word of a value. Names are in lower case.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    Name(String),
    /// A number with its unit: `px`, `%`, or nothing.
    Number(f32, String),
    /// A color that is written as `#rgb`.
    Color(Color),
    /// `rgb(…)`, `url(…)`: the name and what stands in it.
    Function(String, Vec<Self>),
    Slash,
    /// What no rule here asks about.
    Other,
}

/// A property and its value.
pub(super) struct Declaration {
    pub(super) name: String,
    pub(super) value: Vec<Word>,
}

/// How deep functions are opened.
const DEEPEST: u8 = 8;

/// What a style states, in the order in which it counts: what is important comes last.
pub(super) fn declarations(style: &str) -> Vec<Declaration> {
    let mut css = Parser::new(style);
    let (mut stated, mut important) = (Vec::new(), Vec::new());
    while !css.is_exhausted() {
        let one = css.parse_until_after(Delimiter::Semicolon, |css| {
            let name = css.expect_ident()?.to_ascii_lowercase();
            css.expect_colon()?;
            Ok::<_, ParseError<()>>((name, words(css, DEEPEST)))
        });
        let Ok((name, mut value)) = one else { continue };
        let last = value.iter().rposition(|word| *word == Word::Other);
        let is = matches!(value.last(), Some(Word::Name(name)) if name == "important");
        match last {
            Some(bang) if is && bang + 2 == value.len() => {
                value.truncate(bang);
                important.push(Declaration { name, value });
            }
            _ => stated.push(Declaration { name, value }),
        }
    }
    stated.append(&mut important);
    stated
}

fn words(css: &mut Parser<'_>, deeper: u8) -> Vec<Word> {
    let mut all = Vec::new();
    while let Ok(token) = css.next() {
        let word = match token {
            Token::Ident(name) => Word::Name(name.to_ascii_lowercase()),
            Token::Hash(digits) | Token::IDHash(digits) => {
                Color::hex(digits).map_or(Word::Other, Word::Color)
            }
            Token::Number { value, .. } => Word::Number(*value, String::new()),
            Token::Percentage { unit_value, .. } => {
                Word::Number(unit_value * 100.0, "%".to_owned())
            }
            Token::Dimension { value, unit, .. } => Word::Number(*value, unit.to_ascii_lowercase()),
            Token::UnquotedUrl(_) => Word::Function("url".to_owned(), Vec::new()),
            Token::Function(name) => {
                let name = name.to_ascii_lowercase();
                let inner = css.parse_nested_block(|css| {
                    let inner = match deeper {
                        0 => Vec::new(),
                        _ => words(css, deeper - 1),
                    };
                    while css.next().is_ok() {}
                    Ok::<_, ParseError<()>>(inner)
                });
                Word::Function(name, inner.unwrap_or_default())
            }
            Token::Delim('/') => Word::Slash,
            Token::Comma => continue,
            _ => Word::Other,
        };
        all.push(word);
    }
    all
}
