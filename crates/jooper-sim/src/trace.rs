//! The trace: one hash over everything that happened, in order.

use sha2::{Digest, Sha256};

/// A running hash, and the last lines for a person.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    hash: Sha256,
    lines: u64,
    last: std::collections::VecDeque<String>,
    keep: usize,
}

impl Trace {
    /// A trace that also keeps its last lines.
    pub(crate) fn keeping(lines: usize) -> Self {
        Self {
            keep: lines,
            ..Self::default()
        }
    }

    /// Adds an event. It must hold nothing that the seed does not determine: no ciphertext.
    pub(crate) fn add(&mut self, line: &str) {
        self.hash.update(line.as_bytes());
        self.hash.update([b'\n']);
        self.lines += 1;
        if self.keep > 0 {
            if self.last.len() == self.keep {
                self.last.pop_front();
            }
            self.last.push_back(line.to_owned());
        }
    }

    /// Adds a number: cheaper than a line, and as binding.
    pub(crate) fn mark(&mut self, number: u64) {
        self.hash.update(number.to_be_bytes());
    }

    /// The hash so far, as 64 hexadecimal digits.
    pub(crate) fn hex(&self) -> String {
        let digest = self.hash.clone().finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How many lines were added.
    pub(crate) const fn lines(&self) -> u64 {
        self.lines
    }

    /// The last lines, oldest first.
    pub(crate) fn last(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }
}
