//! docs/laws.md: each law has an owner and a test, and the test is really there.

use crate::files::Files;

const PAGE: &str = "docs/laws.md";
const LAWS: usize = 16;

/// What a row says while no test enforces its law.
const NOT_YET: &str = "not yet enforced";

/// Returns laws without a row, owner or test, and tests that do not exist.
pub(crate) fn violations(files: &Files) -> Vec<String> {
    // The rows of long campaigns below begin with a law too.
    let page = files.text(PAGE);
    let table = page.split("## Long campaigns").next().unwrap_or(page);
    let rows: Vec<Row<'_>> = table.lines().filter_map(Row::parse).collect();
    let mut found = Vec::new();
    for number in 1..=LAWS {
        let law = format!("L{number}");
        let mut of_law = rows.iter().filter(|row| row.law == law);
        match (of_law.next(), of_law.next()) {
            (Some(row), None) => found.extend(row.violations(files)),
            (None, _) => found.push(format!("{law} has no row")),
            (Some(_), Some(_)) => found.push(format!("{law} has two rows")),
        }
    }
    found.iter().map(|what| format!("{PAGE}: {what}")).collect()
}

/// Returns the laws that the README leaves out or shows without a file of tests that exists.
pub(crate) fn readme(files: &Files) -> Vec<String> {
    let page = files.text("README.md");
    let missing = |number: &usize| {
        let begin = format!("| L{number} |");
        let Some(row) = page.lines().find(|line| line.starts_with(&begin)) else {
            return Some(format!("README.md: L{number} has no row"));
        };
        let mut tests = quoted(row).peekable();
        let open = row.contains(NOT_YET);
        let there =
            (open || tests.peek().is_some()) && tests.all(|test| files.0.contains_key(test));
        (!there).then(|| format!("README.md: L{number} names no file of tests that exists"))
    };
    (1..=LAWS).filter_map(|number| missing(&number)).collect()
}

/// One row: `| L1 | promise | owner | tests | last figure |`.
#[derive(Debug)]
struct Row<'a> {
    law: &'a str,
    owner: &'a str,
    tests: &'a str,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
        let [law, _, owner, tests, _, ..] = cells[..] else {
            return None;
        };
        let law = law.trim_matches('*');
        let digits = law.strip_prefix('L')?;
        let is_law = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        is_law.then_some(Row { law, owner, tests })
    }

    fn violations(&self, files: &Files) -> Vec<String> {
        let law = self.law;
        let enforced = !self.tests.contains(NOT_YET);
        let mut found = Vec::new();
        let owners: Vec<&str> = quoted(self.owner).collect();
        if owners.is_empty() {
            found.push(format!("{law} names no owner"));
        }
        for owner in owners.iter().filter(|_| enforced) {
            if !files.0.contains_key(&format!("crates/{owner}/Cargo.toml")) {
                found.push(format!("{law}: there is no crate `{owner}`"));
            }
        }
        let tests: Vec<&str> = quoted(self.tests)
            .filter(|item| item.contains("::"))
            .collect();
        if enforced && tests.is_empty() {
            found.push(format!("{law} names no test and does not say `{NOT_YET}`"));
        }
        let missing = tests.iter().filter(|test| !exists(test, files));
        found.extend(missing.map(|test| format!("{law}: there is no test `{test}`")));
        found
    }
}

/// Returns the parts of a cell in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Looks a test `PATH/TO/file.rs::name` up: the file defines a function of that name.
fn exists(test: &str, files: &Files) -> bool {
    let Some((path, name)) = test.split_once("::") else {
        return false;
    };
    let name = name.rsplit("::").next().unwrap_or(name);
    let starts = [format!("fn {name}("), format!("fn {name}<")];
    let mut lines = files.text(path).lines().map(str::trim_start);
    lines.any(|line| {
        !line.starts_with("//") && starts.iter().any(|start| line.contains(start.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: (&str, &str) = (
        "crates/jooper-core/src/x.rs",
        "#[test]\n    fn it_holds() {}\n// fn gone()\n",
    );
    const MANIFEST: (&str, &str) = ("crates/jooper-core/Cargo.toml", "");

    fn page(change: impl Fn(usize) -> Option<String>) -> String {
        let good = |n: usize| {
            format!(
                "| L{n} | promise | `jooper-core` | `crates/jooper-core/src/x.rs::it_holds` | 1 |"
            )
        };
        let rows: Vec<String> = (1..=LAWS)
            .filter_map(|n| change(n).or_else(|| Some(good(n))))
            .collect();
        rows.join("\n")
    }

    fn found(page: &str) -> Vec<String> {
        violations(&Files::sample(&[(PAGE, page), CODE, MANIFEST]))
    }

    fn found_with(row: &str) -> Vec<String> {
        found(&page(|n| (n == 3).then(|| row.to_owned())))
    }

    #[test]
    fn a_full_page_passes() {
        assert_eq!(found(&page(|_| None)), [""; 0]);
        assert_eq!(
            found_with("| **L3** | p | `jooper-leads` | not yet enforced | - |"),
            [""; 0]
        );
    }

    #[test]
    fn a_law_that_the_readme_leaves_out_or_shows_without_its_test_is_found() {
        let row = |n: usize| format!("| L{n} | promise | `crates/jooper-core/src/x.rs` |");
        let rows: Vec<String> = (1..=LAWS).map(row).collect();
        let found = |page: &str| readme(&Files::sample(&[("README.md", page), CODE]));
        assert_eq!(found(&rows.join("\n")), [""; 0]);
        assert_eq!(found(&rows[1..].join("\n")), ["README.md: L1 has no row"]);
        let gone = rows.join("\n").replacen("x.rs", "y.rs", 1);
        assert_eq!(found(&gone).len(), 1);
    }

    #[test]
    fn a_missing_or_double_row_is_found() {
        assert_eq!(found("").len(), LAWS);
        let double = page(|_| None) + "\n| L3 | p | `jooper-core` | not yet enforced | - |";
        assert_eq!(found(&double), ["docs/laws.md: L3 has two rows"]);
    }

    #[test]
    fn rows_of_long_campaigns_are_not_taken_for_laws() {
        let campaign = "\n## Long campaigns\n| L3 | 0 lost | 0..=9 | `cargo x` | 2026-01-02 |";
        assert_eq!(found(&(page(|_| None) + campaign)), [""; 0]);
    }

    #[test]
    fn a_row_without_owner_or_test_is_found() {
        assert_eq!(found_with("| L3 | p | - | not yet enforced | - |").len(), 1);
        assert_eq!(
            found_with("| L3 | p | `jooper-core` | the whole suite | - |").len(),
            1
        );
    }

    #[test]
    fn a_test_or_owner_that_does_not_exist_is_found() {
        for (owner, test) in [
            ("jooper-core", "crates/jooper-core/src/x.rs::gone"),
            ("jooper-core", "crates/jooper-core/src/x.rs::it_hold"),
            ("jooper-core", "crates/jooper-core/src/y.rs::it_holds"),
            ("jooper-else", "crates/jooper-core/src/x.rs::it_holds"),
        ] {
            let found = found_with(&format!("| L3 | p | `{owner}` | `{test}` | 1 |"));
            assert_eq!(found.len(), 1, "{owner} {test}: {found:?}");
        }
    }
}
