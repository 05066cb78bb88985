//! Looks for words in files, in the usual encodings, all at once.

#![allow(dead_code, reason = "each test target uses its own part")]

use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

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

/// Raw, in either case, hexadecimal, percent, UTF-16, and base64 at its three alignments without
/// the characters that depend on what stands next to the word.
fn encodings(word: &str) -> Vec<Vec<u8>> {
    let bytes = word.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![
        bytes.to_vec(),
        word.to_uppercase().into_bytes(),
        word.to_lowercase().into_bytes(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        word.replace('@', "%40").into_bytes(),
        word.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        word.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    for lead in 0..3 {
        let mut shifted = vec![0; lead];
        shifted.extend_from_slice(bytes);
        let (skip, keep) = ((lead * 8).div_ceil(6), shifted.len() * 8 / 6);
        for text in [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            all.push(text.as_bytes()[skip..keep].to_vec());
        }
    }
    all.sort();
    all.dedup();
    all
}
