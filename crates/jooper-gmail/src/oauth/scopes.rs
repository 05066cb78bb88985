//! What is asked for: a list that a test freezes, because every scope more is a promise more
//! (Google API Services User Data Policy, "Request relevant permissions").

use std::collections::BTreeSet;

/// Sends, and nothing else: it cannot even tell whose mailbox it is. A sensitive scope.
pub const GMAIL_SEND: &str = "https://www.googleapis.com/auth/gmail.send";
/// Reads everything, changes nothing. A restricted scope.
pub const GMAIL_READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";

/// The scopes of signing in.
pub const SIGN_IN_SCOPES: [&str; 3] = ["openid", "email", "profile"];
/// The scopes of connecting a mailbox.
pub const MAILBOX_SCOPES: [&str; 5] = ["openid", "email", "profile", GMAIL_SEND, GMAIL_READONLY];

/// What the owner of a mailbox has granted; each box on Google's screen can be unticked alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grant {
    /// Sending and reading.
    Full,
    /// Sending only: replies and bounces cannot be seen, nor evidence of an unknown send.
    SendOnly,
    /// Reading only.
    ReadOnly,
}

impl Grant {
    /// What these scopes amount to; `None` when neither sending nor reading is among them.
    pub fn of<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let scopes: BTreeSet<&str> = scopes.into_iter().map(canonical).collect();
        match (scopes.contains(GMAIL_SEND), scopes.contains(GMAIL_READONLY)) {
            (true, true) => Some(Self::Full),
            (true, false) => Some(Self::SendOnly),
            (false, true) => Some(Self::ReadOnly),
            (false, false) => None,
        }
    }

    /// Whether mail can be sent.
    pub const fn sends(self) -> bool {
        matches!(self, Self::Full | Self::SendOnly)
    }

    /// What is left of it where reading turned out to be refused.
    pub(crate) const fn blind(self) -> Option<Self> {
        match self {
            Self::Full | Self::SendOnly => Some(Self::SendOnly),
            Self::ReadOnly => None,
        }
    }

    /// Whether mail can be read.
    pub const fn reads(self) -> bool {
        matches!(self, Self::Full | Self::ReadOnly)
    }
}

/// One spelling for a scope: Google's answers write out the short identity scopes.
pub(crate) fn canonical(scope: &str) -> &str {
    match scope {
        "https://www.googleapis.com/auth/userinfo.email" => "email",
        "https://www.googleapis.com/auth/userinfo.profile" => "profile",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scopes_are_exactly_these_five() {
        assert_eq!(
            MAILBOX_SCOPES,
            [
                "openid",
                "email",
                "profile",
                "https://www.googleapis.com/auth/gmail.send",
                "https://www.googleapis.com/auth/gmail.readonly",
            ]
        );
        assert_eq!(SIGN_IN_SCOPES, MAILBOX_SCOPES[..3]);
    }

    #[test]
    fn a_grant_is_what_was_ticked() {
        assert_eq!(Grant::of(MAILBOX_SCOPES), Some(Grant::Full));
        assert_eq!(Grant::of(["openid", GMAIL_SEND]), Some(Grant::SendOnly));
        assert_eq!(Grant::of([GMAIL_READONLY]), Some(Grant::ReadOnly));
        assert_eq!(Grant::of(["openid", "https://mail.google.com/"]), None);
    }
}
