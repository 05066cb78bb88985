//! What to simulate.

use crate::mutant::Mutant;
use crate::shape::Shape;

/// One simulated campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Everything follows from it.
    pub seed: u64,
    /// What the campaign looks like; `None`: the seed says so.
    pub shape: Option<Shape>,
    /// How many virtual days the faults last.
    pub days: u32,
    /// How many leads there are.
    pub leads: usize,
    /// How many worker processes share the store.
    pub workers: usize,
    /// How many mailboxes send.
    pub mailboxes: usize,
    /// How many times as often as usual workers crash, with less time passing in between.
    pub crash_factor: u64,
    /// Whether what people ask for breaks off before it is acknowledged, too.
    pub errands_crash: bool,
    /// Whether every answer of the provider's comes when another worker has the lane, and a receipt is
    /// written down when that one has written the same row. With no days of faults nothing else goes wrong.
    pub late_answers: bool,
    /// A safeguard to leave out; the laws must notice.
    pub mutant: Option<Mutant>,
    /// How many of the last events a report keeps.
    pub keep_lines: usize,
}

impl Options {
    /// A small campaign: 16 leads, two mailboxes, two workers, twelve days of faults.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            shape: None,
            days: 12,
            leads: 16,
            workers: 2,
            mailboxes: 2,
            crash_factor: 1,
            errands_crash: true,
            late_answers: false,
            mutant: None,
            keep_lines: 0,
        }
    }

    /// What the campaign looks like.
    pub(crate) fn shape(&self) -> Shape {
        self.shape.unwrap_or(Shape::of_seed(self.seed))
    }

    /// The command that does the same again.
    pub fn replay(&self) -> String {
        let mut command = format!(
            "cargo run -p jooper-sim --bin simulate -- --seed {} --days {} --leads {} --workers {} --mailboxes {}",
            self.seed, self.days, self.leads, self.workers, self.mailboxes
        );
        if let Some(shape) = self.shape {
            command.push_str(" --shape ");
            command.push_str(shape.name());
        }
        if self.crash_factor != 1 {
            command.push_str(&format!(" --crash-factor {}", self.crash_factor));
        }
        if !self.errands_crash {
            command.push_str(" --whole-errands");
        }
        if self.late_answers {
            command.push_str(" --late-answers");
        }
        if let Some(mutant) = self.mutant {
            command.push_str(" --mutant ");
            command.push_str(mutant.name());
        }
        command
    }
}
