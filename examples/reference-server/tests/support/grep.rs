//! Looks for words in files, in the usual encodings, all at once.

#![allow(dead_code, reason = "each test target uses its own part")]

use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use jooper_testkit::grep::encodings;

/// What must not be found.
pub(crate) struct Needles {
    automaton: AhoCorasick,
    /// The word behind each pattern.
    words: Vec<String>,
}

impl Needles {
    /// These words in every encoding.
    pub(crate) fn new(words: &[String]) -> Self {
        let (mut patterns, mut of) = (Vec::new(), Vec::new());
        for word in words {
            for encoded in encodings(word) {
                patterns.push(encoded);
                of.push(word.clone());
            }
        }
        Self {
            automaton: AhoCorasick::new(patterns).unwrap(),
            words: of,
        }
    }

    /// Where which word stands, in all files below these places. Files may change meanwhile.
    pub(crate) fn found_in(&self, places: &[&Path]) -> Vec<String> {
        let mut found = Vec::new();
        for file in files(places) {
            let Ok(bytes) = std::fs::read(&file) else {
                continue;
            };
            for hit in self.automaton.find_overlapping_iter(&bytes) {
                let (from, to) = (hit.start().saturating_sub(60), hit.end() + 20);
                let around = &bytes[from..to.min(bytes.len())];
                found.push(format!(
                    "{} at {} of {}: {:?}",
                    self.words[hit.pattern().as_usize()],
                    hit.start(),
                    file.display(),
                    String::from_utf8_lossy(around)
                ));
            }
        }
        found
    }
}

/// Every file below these places.
pub(crate) fn files(places: &[&Path]) -> Vec<PathBuf> {
    let mut left: Vec<PathBuf> = places.iter().map(|place| place.to_path_buf()).collect();
    let mut found = Vec::new();
    while let Some(place) = left.pop() {
        match std::fs::read_dir(&place) {
            Ok(entries) => left.extend(entries.map_while(Result::ok).map(|entry| entry.path())),
            Err(_) => found.push(place),
        }
    }
    found
}
