//! A demo at the most talkative log level, and a look for its people in everything it writes.

#![allow(dead_code, reason = "each test target uses its own part")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::grep::{Needles, files};
use crate::people::{Fast, Invented, csv, invented};
use crate::support::{Google, Program};

/// Virtual seconds of a real one.
const SPEED: u32 = 14_400;

/// A running demo whose log goes to a file.
pub(crate) struct Watched {
    pub(crate) program: Program,
    pub(crate) people: Vec<Invented>,
    _google: Google,
    needles: Needles,
    home: PathBuf,
    log: PathBuf,
}

impl Watched {
    /// Starts this program below `dir`, which its data and the simulator's share.
    pub(crate) fn start(program: &str, dir: &Path, people: usize) -> Self {
        let people = invented(people);
        let (leads, home, log) = (dir.join("leads.csv"), dir.join("demo"), dir.join("log"));
        std::fs::write(&leads, csv(&people)).unwrap();
        let google = Google::start(dir, SPEED);
        let fast = Fast::write(dir);
        let mut more = vec!["--leads", leads.to_str().unwrap()];
        more.extend(fast.arguments());
        let arguments = google.demo_arguments(&home, &more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let program = Program::logging(program, &arguments, "trace", &log);
        program.says("Started", Duration::from_secs(120));
        let words: Vec<String> = people
            .iter()
            .flat_map(|one| [&one.email, &one.first, &one.last, &one.canary])
            .cloned()
            .collect();
        Self {
            program,
            people,
            _google: google,
            needles: Needles::new(&words),
            home,
            log,
        }
    }

    /// What stands in the clear now, in data, keys, witness and log.
    pub(crate) fn leaks(&self) -> Vec<String> {
        self.needles.found_in(&[&self.home, &self.log])
    }

    /// How many bytes are looked through.
    pub(crate) fn bytes(&self) -> u64 {
        let files = files(&[&self.home, &self.log]).into_iter();
        files
            .filter_map(|file| Some(file.metadata().ok()?.len()))
            .sum()
    }

    /// Whether the demo has said that its campaign has ended.
    pub(crate) fn has_ended(&self) -> bool {
        let mut said = self.program.stdout.try_iter();
        said.any(|line| line.contains("The campaign has ended"))
    }
}
