//! Reads how many tests passed, from the runner's own report.

/// Tests counted in one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that ran and held.
    pub(crate) passed: u64,
    /// Tests that ran and did not hold.
    pub(crate) failed: u64,
    /// Tests that were left out by `#[ignore]` or a filter.
    pub(crate) skipped: u64,
}

impl Counts {
    /// Reads the totals that cargo-nextest wrote as JUnit XML: the attributes of its first `testsuites` tag.
    pub(crate) fn from_junit(xml: &str) -> Option<Self> {
        let start = xml.find("<testsuites")?;
        let tag = &xml[start..start + xml[start..].find('>')?];
        let tests = attribute(tag, "tests")?;
        let failed = attribute(tag, "failures")? + attribute(tag, "errors")?;
        Some(Self {
            passed: tests.checked_sub(failed)?,
            failed,
            skipped: 0,
        })
    }

    /// Adds one line of plain `cargo test` output, if it is a `test result:` line.
    pub(crate) fn add_libtest_line(&mut self, line: &str) {
        if !line.starts_with("test result:") {
            return;
        }
        for part in line.split([';', '.']) {
            let mut words = part.split_whitespace().rev();
            let (Some(what), Some(count)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(count) = count.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.skipped += count,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} IGNORED", self.skipped)?;
        }
        Ok(())
    }
}

fn attribute(tag: &str, name: &str) -> Option<u64> {
    let marker = format!(" {name}=\"");
    let start = tag.find(&marker)? + marker.len();
    let end = start + tag[start..].find('"')?;
    tag[start..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junit_totals_are_read() {
        let xml = r#"<?xml version="1.0"?>
<testsuites name="nextest-run" tests="12" failures="2" errors="1" uuid="x" time="3.2">
  <testsuite name="a" tests="99" failures="9" errors="9">"#;
        let counts = Counts::from_junit(xml).unwrap();
        assert_eq!(counts.to_string(), "9 passed, 3 failed");
    }

    #[test]
    fn a_broken_report_is_not_a_pass() {
        assert_eq!(Counts::from_junit(""), None);
        assert_eq!(Counts::from_junit("<testsuites tests=\"x\">"), None);
    }

    #[test]
    fn libtest_lines_add_up() {
        let mut counts = Counts::default();
        counts.add_libtest_line("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        counts.add_libtest_line("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.20s");
        counts.add_libtest_line("test a::passed ... ok");
        assert_eq!(counts.to_string(), "7 passed, 2 failed, 1 IGNORED");
    }
}
