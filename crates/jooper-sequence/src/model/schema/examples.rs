//! Every sequence that stands in this repository: in files, in pages and in code.

use std::fs;
use std::path::{Path, PathBuf};

/// What every sequence has.
const STEP: &str = "[[step]]";

/// A text, and the file that it stands in.
pub(super) struct Example {
    pub(super) file: PathBuf,
    pub(super) text: String,
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All texts that look like sequences. Some are broken on purpose, some are parts of one.
pub(super) fn all() -> Vec<Example> {
    let mut found = Vec::new();
    for folder in ["benches", "crates", "docs", "examples", "tests"] {
        look(&root().join(folder), &mut found);
    }
    found
}

fn look(folder: &Path, found: &mut Vec<Example>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            look(&path, found);
            continue;
        }
        let read = match path.extension().and_then(|it| it.to_str()) {
            Some("toml") => |text: &str| vec![text.to_owned()],
            Some("md") => snippets,
            Some("rs") => literals,
            _ => continue,
        };
        let texts = read(&fs::read_to_string(&path).unwrap());
        let texts = texts.into_iter().filter(|text| text.contains(STEP));
        found.extend(texts.map(|text| Example {
            file: path.clone(),
            text,
        }));
    }
}

/// The fenced blocks of a page that are TOML.
pub(super) fn snippets(page: &str) -> Vec<String> {
    let blocks = page.split("```toml\n").skip(1);
    blocks
        .filter_map(|block| Some(block.split_once("\n```")?.0.to_owned()))
        .collect()
}

/// The literals of a Rust file that hold a step.
fn literals(code: &str) -> Vec<String> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = code[from..].find(STEP).map(|at| from + at) {
        let raw = code[from..at].rfind("r#\"").map(|begin| from + begin + 3);
        let (text, end) = match raw.filter(|begin| !code[*begin..at].contains("\"#")) {
            Some(begin) => {
                let end = at + code[at..].find("\"#").unwrap_or(code.len() - at);
                (code[begin..end].to_owned(), end)
            }
            None => plain(code, from, at),
        };
        found.push(text);
        from = end;
    }
    found
}

/// The literal around a place, and where it ends.
fn plain(code: &str, from: usize, at: usize) -> (String, usize) {
    let quotes = |part: std::ops::Range<usize>| {
        let bytes = code.as_bytes();
        part.filter(move |at| bytes[*at] == b'"' && (*at == 0 || bytes[*at - 1] != b'\\'))
    };
    let begin = quotes(from..at).next_back().map_or(from, |quote| quote + 1);
    let end = quotes(at..code.len()).next().unwrap_or(code.len());
    let (mut text, mut chars) = (String::new(), code[begin..end].chars().peekable());
    while let Some(next) = chars.next() {
        match (next, chars.peek()) {
            ('\\', Some('n')) => {
                text.push('\n');
                chars.next();
            }
            // The line goes on behind the next one's indentation.
            ('\\', Some('\n')) => while chars.next_if(|c| c.is_whitespace()).is_some() {},
            ('\\', Some(_)) => text.extend(chars.next()),
            _ => text.push(next),
        }
    }
    (text, end.max(at + STEP.len()))
}
