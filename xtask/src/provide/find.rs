//! Looks for programs and variables on this machine.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Returns the value of a variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the first of `names` that is a program on the search path.
pub(crate) fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    first_in(names, &folders)
}

fn first_in(names: &[&str], folders: &[PathBuf]) -> Option<PathBuf> {
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|candidate| is_program(candidate))
}

/// Returns whether `path` is a file that may be run.
pub(crate) fn is_program(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tried_in_the_order_given() {
        let folders = [PathBuf::from("/nowhere"), PathBuf::from("/bin")];
        assert_eq!(
            first_in(&["no-such-program", "sh", "cat"], &folders),
            Some(PathBuf::from("/bin/sh"))
        );
        assert_eq!(first_in(&["no-such-program"], &folders), None);
    }

    #[test]
    fn a_folder_is_not_a_program() {
        assert!(!is_program(Path::new("/bin")));
        assert!(is_program(Path::new("/bin/sh")));
    }
}
