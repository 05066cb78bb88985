//! Which user a program runs as: PostgreSQL refuses to run as root.

use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;

/// A user to run a program as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunAs {
    /// Whoever runs us.
    Ourselves,
    /// Another user, by number.
    Other {
        /// User id.
        uid: u32,
        /// Group id.
        gid: u32,
    },
}

impl RunAs {
    /// Chooses who runs a server that refuses root: ourselves, or `postgres` or `nobody` when we are root.
    ///
    /// # Errors
    /// When we are root and there is neither.
    pub(crate) fn unprivileged() -> Result<Self, Failure> {
        if !is_root() {
            return Ok(Self::Ourselves);
        }
        let users = std::fs::read_to_string("/etc/passwd")
            .map_err(|e| Failure::io("reading /etc/passwd", &e))?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| find_user(&users, name))
            .ok_or_else(|| Failure("no user `postgres` or `nobody` to run PostgreSQL as".into()))
    }

    /// Makes a command run as this user.
    pub(crate) fn apply(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Ourselves => command,
            Self::Other { uid, gid } => command.uid(uid).gid(gid),
        }
    }

    /// Gives a file or folder to this user.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn own(self, path: &Path) -> Result<(), Failure> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { uid, gid } => std::os::unix::fs::chown(path, Some(uid), Some(gid))
                .map_err(|e| Failure::io(format_args!("giving {} away", path.display()), &e)),
        }
    }

    /// Reads what [`fmt::Display`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "ourselves" {
            return Some(Self::Ourselves);
        }
        let (uid, gid) = text.split_once(':')?;
        Some(Self::Other {
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
        })
    }
}

impl fmt::Display for RunAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ourselves => f.write_str("ourselves"),
            Self::Other { uid, gid } => write!(f, "{uid}:{gid}"),
        }
    }
}

/// Returns whether we run as root: the owner of our own entry in /proc (Linux), else the answer is no.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

fn find_user(passwd: &str, name: &str) -> Option<RunAs> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(RunAs::Other { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65533:nobody:/nonexistent:/bin/false\n";

    #[test]
    fn users_are_found_by_whole_name() {
        let nobody = RunAs::Other {
            uid: 65_534,
            gid: 65_533,
        };
        assert_eq!(find_user(PASSWD, "nobody"), Some(nobody));
        assert_eq!(find_user(PASSWD, "no"), None);
    }

    #[test]
    fn a_user_survives_being_written_down() {
        for user in [RunAs::Ourselves, RunAs::Other { uid: 101, gid: 104 }] {
            assert_eq!(RunAs::parse(&user.to_string()), Some(user));
        }
        assert_eq!(RunAs::parse("root"), None);
    }
}
