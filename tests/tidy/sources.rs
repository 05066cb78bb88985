//! Rust sources: nothing unfinished, no test left out, no file too long, no chance in the core.

use crate::files::Files;

/// A file longer than this must be mostly documentation.
const LONGEST: usize = 800;

/// The crates whose results must repeat (law L10).
const DETERMINISTIC: &[&str] = &["jooper-core", "jooper-sequence", "jooper-sim"];

/// Returns unfinished code, tests that do not run, and files that are too long.
pub(crate) fn violations(files: &Files) -> Vec<String> {
    // Put together here, so that this file does not contain what it looks for.
    let banned = [
        (
            ["#[ign", "ore"].concat(),
            "a test that does not run proves nothing",
        ),
        (["to", "do!("].concat(), "finish it, or leave it out"),
        (
            ["unimpl", "emented!("].concat(),
            "finish it, or leave it out",
        ),
    ];
    let mut found = Vec::new();
    for (path, text) in files.ending(".rs") {
        for (number, line) in (1..).zip(text.lines()) {
            let code = without_comment(line);
            for (word, why) in &banned {
                if code.contains(word.as_str()) {
                    found.push(format!("{path}:{number}: `{word}`: {why}"));
                }
            }
        }
        let lines = text.lines().count();
        if lines > LONGEST && documentation(text) * 2 < lines {
            found.push(format!(
                "{path}: {lines} lines, and not mostly documentation"
            ));
        }
    }
    found
}

/// Returns hash maps and unbiased selects in the crates that must repeat their results: their order is
/// chance, and chance there is a bug that a seed cannot find again.
pub(crate) fn chance_violations(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for name in DETERMINISTIC {
        let folder = format!("crates/{name}/src/");
        for (path, text) in files
            .ending(".rs")
            .filter(|(path, _)| path.starts_with(&folder))
        {
            found.extend(
                chance_in(text)
                    .into_iter()
                    .map(|what| format!("{path}: {what}")),
            );
        }
    }
    found
}

fn chance_in(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().map(without_comment).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for word in ["HashMap", "HashSet"] {
        if code.contains(word) {
            found.push(format!(
                "{word}: its order is chance; use a BTreeMap or BTreeSet"
            ));
        }
    }
    for rest in code.split("select!").skip(1) {
        let body = rest
            .trim_start()
            .trim_start_matches(['{', '('])
            .trim_start();
        if !body.starts_with("biased;") {
            found.push("select! without `biased;` picks by chance".to_owned());
        }
    }
    found
}

/// Cuts a line at its comment. A `//` inside a string cuts too much, which can only hide what follows it on
/// the same line.
fn without_comment(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

fn documentation(text: &str) -> usize {
    let lines = text.lines().map(str::trim_start);
    lines
        .filter(|line| line.starts_with("///") || line.starts_with("//!"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_code_and_left_out_tests_are_found() {
        let bad = [
            "    #[ign",
            "ore = \"later\"]\n    to",
            "do!()\n unimpl",
            "emented!()",
        ]
        .concat();
        let good = ["// to", "do!() is banned\n"].concat();
        let found = violations(&Files::sample(&[("a.rs", &bad), ("b.rs", &good)]));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|line| line.starts_with("a.rs:")));
    }

    #[test]
    fn a_long_file_is_found_unless_it_is_documentation() {
        let code = "let x = 1;\n".repeat(LONGEST + 1);
        let documented = "/// Says something.\n".repeat(LONGEST) + "fn f() {}\n";
        let found = violations(&Files::sample(&[("a.rs", &code), ("b.rs", &documented)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("a.rs: 801 lines"));
    }

    #[test]
    fn chance_in_the_core_is_found_and_elsewhere_it_is_free() {
        let chance = "use std::collections::HashMap;\ntokio::select! {\n  a = b => {}\n}";
        let files = Files::sample(&[
            ("crates/jooper-sim/src/x.rs", chance),
            ("crates/jooper-gmail/src/x.rs", chance),
        ]);
        assert_eq!(chance_violations(&files).len(), 2);
    }

    #[test]
    fn a_biased_select_and_a_comment_pass() {
        let good = "// no HashMap here\ntokio::select! {\n    biased;\n    a = b => {}\n}";
        assert_eq!(chance_in(good), [""; 0]);
    }
}
