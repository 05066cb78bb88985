//! `simulate`: runs campaigns from seeds, and says what broke and how to see it again.
#![allow(clippy::print_stdout, reason = "a command talks to its user")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Parser;
use jooper_sim::{Mutant, Options, Report, Shape, simulate};

/// Simulates whole campaigns with faults, crashes and clock jumps, and checks every law.
#[derive(Debug, Parser)]
struct Arguments {
    /// The seed of a single campaign.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds to run.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first_seed: u64,
    /// Goes on with further seeds until so many crashes were injected.
    #[arg(long)]
    crashes: Option<u64>,
    /// How many virtual days the faults last.
    #[arg(long, default_value_t = 12)]
    days: u32,
    /// How many leads there are.
    #[arg(long, default_value_t = 16)]
    leads: usize,
    /// How many workers share the store.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// How many mailboxes send.
    #[arg(long, default_value_t = 2)]
    mailboxes: usize,
    /// How many times as often as usual workers crash.
    #[arg(long, default_value_t = 1)]
    crash_factor: u64,
    /// Nothing that people ask for breaks off before it is acknowledged.
    #[arg(long)]
    whole_errands: bool,
    /// Every answer comes when another worker has the lane, and is written when that one has written the row.
    #[arg(long)]
    late_answers: bool,
    /// What the campaign looks like, whatever the seed says: linear, branches, waits, company, senses or desk.
    #[arg(long, value_parser = shape)]
    shape: Option<Shape>,
    /// A safeguard to leave out: unique-key, fence, second-commit, evidence, recheck, windows,
    /// delays, hour, day, shared, colleagues, senses, owner, way, end, desk or retry.
    #[arg(long, value_parser = mutant)]
    mutant: Option<Mutant>,
    /// How many of the last events to print when a law is broken.
    #[arg(long, default_value_t = 40)]
    lines: usize,
}

fn mutant(name: &str) -> Result<Mutant, String> {
    let names: Vec<_> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
    Mutant::named(name).ok_or_else(|| format!("one of {}", names.join(", ")))
}

fn shape(name: &str) -> Result<Shape, String> {
    let names: Vec<_> = Shape::ALL.iter().map(|shape| shape.name()).collect();
    Shape::named(name).ok_or_else(|| format!("one of {}", names.join(", ")))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut totals = Totals::default();
    let first = arguments.seed.unwrap_or(arguments.first_seed);
    let mut seed = first;
    loop {
        let options = options(&arguments, seed);
        let report = simulate(&options);
        if let Some(violation) = &report.violation {
            for line in &report.last {
                println!("  {line}");
            }
            println!("{report}");
            println!("seed: {seed}");
            println!("BROKEN {violation}");
            println!("replay: {}", options.replay());
            return ExitCode::FAILURE;
        }
        totals.add(&report);
        seed += 1;
        let single = arguments.seed.is_some() || arguments.seeds == 1;
        if single && arguments.crashes.is_none() {
            println!("{report}");
            return ExitCode::SUCCESS;
        }
        let enough = match arguments.crashes {
            Some(crashes) => totals.crashes() >= crashes,
            None => seed - first >= arguments.seeds,
        };
        if enough {
            println!("figure: {}", totals.figure(seed - first));
            return ExitCode::SUCCESS;
        }
    }
}

fn options(arguments: &Arguments, seed: u64) -> Options {
    let mut options = Options::new(seed);
    options.days = arguments.days;
    options.leads = arguments.leads;
    options.workers = arguments.workers;
    options.mailboxes = arguments.mailboxes;
    options.crash_factor = arguments.crash_factor.max(1);
    options.errands_crash = !arguments.whole_errands;
    options.late_answers = arguments.late_answers;
    options.mutant = arguments.mutant;
    options.shape = arguments.shape;
    options.keep_lines = arguments.lines;
    options
}

/// What all campaigns came to.
#[derive(Debug, Default)]
struct Totals {
    crashes: BTreeMap<&'static str, u64>,
    accepted: u64,
    stops: u64,
}

impl Totals {
    fn add(&mut self, report: &Report) {
        for (phase, count) in &report.crashes {
            *self.crashes.entry(phase).or_default() += count;
        }
        self.accepted += report.accepted;
        self.stops += report.stops;
    }

    fn crashes(&self) -> u64 {
        self.crashes.values().sum()
    }

    fn figure(&self, campaigns: u64) -> String {
        let by_phase: Vec<String> = self
            .crashes
            .iter()
            .map(|(phase, count)| format!("{phase} {count}"))
            .collect();
        format!(
            "{} crashes ({}) in {campaigns} campaigns, {} mails accepted, {} stops: 0 duplicates, 0 losses, L3 counted after every one",
            self.crashes(),
            by_phase.join(", "),
            self.accepted,
            self.stops
        )
    }
}
