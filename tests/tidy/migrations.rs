//! Migrations: a numbered file that a database may already have applied is never edited.

use std::collections::BTreeMap;

use crate::files::Files;

/// The list of every migration with the checksum it had when it was added: `CHECKSUM PATH` a line.
const LIST: &str = "tests/tidy/migrations.txt";

/// Returns migrations that changed, vanished, or are not in the list yet.
pub(crate) fn violations(files: &Files) -> Vec<String> {
    let listed: BTreeMap<&str, &str> = files
        .text(LIST)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .map(|(sum, path)| (path.trim(), sum))
        .collect();
    let mut found = Vec::new();
    let sql = files.ending(".sql");
    let present: BTreeMap<&str, String> = sql
        .filter(|(path, _)| path.contains("/migrations/"))
        .map(|(path, text)| (path, checksum(text)))
        .collect();
    for (path, sum) in &present {
        match listed.get(path) {
            Some(had) if *had == sum.as_str() => {}
            Some(_) => found.push(format!("{path} was edited: add a new migration instead")),
            None => found.push(format!(
                "{path} is new: add this line to {LIST}: {sum} {path}"
            )),
        }
    }
    let gone = listed.keys().filter(|path| !present.contains_key(**path));
    found.extend(gone.map(|path| format!("{path} is listed in {LIST} but gone")));
    found
}

/// FNV-1a, 64 bits (the offset basis and prime of its authors' reference page): it notices an edit; nobody
/// attacks this list.
fn checksum(text: &str) -> String {
    let sum = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_fnv_1a() {
        assert_eq!(checksum(""), "cbf29ce484222325");
        assert_eq!(checksum("a"), "af63dc4c8601ec8c");
        assert_eq!(checksum("foobar"), "85944171f73967e8");
    }

    #[test]
    fn an_edit_a_new_file_and_a_lost_file_are_found() {
        const PATH: &str = "crates/x/migrations/0001_start.sql";
        let list = format!("# checksum path\n{} {PATH}\n", checksum("create"));
        let with = |text: &str| violations(&Files::sample(&[(LIST, &list), (PATH, text)]));
        assert_eq!(with("create"), [""; 0]);
        assert!(with("create more")[0].contains("was edited"));

        let gone = violations(&Files::sample(&[(LIST, &list)]));
        assert!(gone[0].contains("but gone"), "{gone:?}");
        let new = violations(&Files::sample(&[(PATH, "create")]));
        assert!(
            new[0].contains(&format!("{} {PATH}", checksum("create"))),
            "{new:?}"
        );
    }
}
