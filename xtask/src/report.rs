//! The table at the end: what ran, how long it took, what failed.

use std::time::Duration;

use crate::clock;

/// What one row ended with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It ran and held; the text says what was found.
    Ok(String),
    /// It ran and did not hold, or could not run; the text says why.
    Failed(String),
}

/// Collects one row for each thing that was asked for.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<(String, Verdict, Duration)>,
}

impl Report {
    /// Adds a row.
    pub(crate) fn add(&mut self, name: &str, verdict: Verdict, took: Duration) {
        self.rows.push((name.to_owned(), verdict, took));
    }

    /// Returns the names of the rows that failed, in order.
    pub(crate) fn failed(&self) -> Vec<&str> {
        self.rows
            .iter()
            .filter(|(_, verdict, _)| matches!(verdict, Verdict::Failed(_)))
            .map(|(name, _, _)| name.as_str())
            .collect()
    }

    /// Renders the table and the closing line.
    pub(crate) fn render(&self, total: Duration) -> String {
        let mut out = String::new();
        for (name, verdict, took) in &self.rows {
            let (mark, note) = match verdict {
                Verdict::Ok(note) => ("ok", note),
                Verdict::Failed(note) => ("FAILED", note),
            };
            let line = format!("  {name:<12} {mark:<7} {:>13}  {note}", clock::show(*took));
            out.push_str(line.trim_end());
            out.push('\n');
        }
        let failed = self.failed();
        let all = self.rows.len();
        let time = clock::show(total);
        if failed.is_empty() {
            out.push_str(&format!("all {all} steps passed in {time}"));
        } else {
            let names = failed.join(", ");
            out.push_str(&format!(
                "{} of {all} steps FAILED in {time}: {names}",
                failed.len()
            ));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_fails_the_whole_and_is_named() {
        let mut report = Report::default();
        report.add("fmt", Verdict::Ok(String::new()), Duration::from_millis(5));
        report.add(
            "clippy",
            Verdict::Failed("exit code 101".into()),
            Duration::from_secs(61),
        );
        let text = report.render(Duration::from_secs(62));
        assert_eq!(report.failed(), ["clippy"]);
        assert!(text.contains("clippy       FAILED     1 min 01 s  exit code 101"));
        assert!(text.ends_with("1 of 2 steps FAILED in 1 min 02 s: clippy"));
    }

    #[test]
    fn a_clean_run_says_so() {
        let mut report = Report::default();
        report.add("fmt", Verdict::Ok(String::new()), Duration::from_millis(5));
        assert!(report.failed().is_empty());
        assert!(
            report
                .render(Duration::from_millis(5))
                .ends_with("all 1 steps passed in 5 ms")
        );
    }
}
