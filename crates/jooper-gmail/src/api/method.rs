//! The Gmail methods that are called: a closed list, which a test freezes.

use crate::settings::ProjectAge;

/// A method of the Gmail API (discovery document `gmail.v1`, revision 20261005).
///
/// Nothing else is ever called, and nothing that changes or deletes a message could be: the two
/// scopes do not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    GetProfile,
    Send,
    UploadSend,
    GetMessage,
    ListMessages,
    ListHistory,
    ListSendAs,
    Watch,
    Stop,
}

/// What a method is and what it costs (Gmail API, "Usage limits", as of 2026-05-01).
struct Row {
    method: Method,
    name: &'static str,
    verb: http::Method,
    path: &'static [&'static str],
    units: u32,
    units_before_2026: u32,
    /// Whether `gmail.readonly` is needed; `gmail.send` covers the others.
    reads: bool,
}

#[rustfmt::skip]
const TABLE: [Row; 9] = [
    row(Method::GetProfile, "getProfile", http::Method::GET, &["profile"], 1, 1, true),
    row(Method::Send, "messages.send", http::Method::POST, &["messages", "send"], 100, 100, false),
    row(Method::UploadSend, "messages.send (upload)", http::Method::POST, &["messages", "send"], 100, 100, false),
    row(Method::GetMessage, "messages.get", http::Method::GET, &["messages"], 20, 5, true),
    row(Method::ListMessages, "messages.list", http::Method::GET, &["messages"], 5, 5, true),
    row(Method::ListHistory, "history.list", http::Method::GET, &["history"], 2, 2, true),
    row(Method::ListSendAs, "settings.sendAs.list", http::Method::GET, &["settings", "sendAs"], 1, 1, true),
    row(Method::Watch, "watch", http::Method::POST, &["watch"], 100, 100, true),
    row(Method::Stop, "stop", http::Method::POST, &["stop"], 50, 50, true),
];

const fn row(
    method: Method,
    name: &'static str,
    verb: http::Method,
    path: &'static [&'static str],
    units: u32,
    units_before_2026: u32,
    reads: bool,
) -> Row {
    Row {
        method,
        name,
        verb,
        path,
        units,
        units_before_2026,
        reads,
    }
}

impl Method {
    fn row(self) -> &'static Row {
        static ROWS: [Row; 9] = TABLE;
        ROWS.iter()
            .find(|row| row.method == self)
            .expect("a test finds every method in the table")
    }

    /// Its name, for logs.
    pub(crate) fn name(self) -> &'static str {
        self.row().name
    }

    /// Its HTTP verb.
    pub(crate) fn verb(self) -> http::Method {
        self.row().verb.clone()
    }

    /// Its path below `users/me/`.
    pub(crate) fn path(self) -> &'static [&'static str] {
        self.row().path
    }

    /// What a call costs, in quota units.
    pub(crate) fn units(self, project: ProjectAge) -> u32 {
        match project {
            ProjectAge::Since2026 => self.row().units,
            ProjectAge::Before2026 => self.row().units_before_2026,
        }
    }

    /// Whether it needs the scope that reads.
    pub(crate) fn reads(self) -> bool {
        self.row().reads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_these_methods_are_called() {
        let listed: Vec<String> = TABLE
            .iter()
            .map(|row| format!("{} users/me/{} {}", row.verb, row.path.join("/"), row.units))
            .collect();
        assert_eq!(
            listed,
            [
                "GET users/me/profile 1",
                "POST users/me/messages/send 100",
                "POST users/me/messages/send 100",
                "GET users/me/messages 20",
                "GET users/me/messages 5",
                "GET users/me/history 2",
                "GET users/me/settings/sendAs 1",
                "POST users/me/watch 100",
                "POST users/me/stop 50",
            ]
        );
        for row in &TABLE {
            assert_eq!(row.method.name(), row.name, "found by its own name");
        }
    }

    #[test]
    fn an_old_project_pays_less_for_a_message() {
        assert_eq!(Method::GetMessage.units(ProjectAge::Before2026), 5);
        assert_eq!(Method::GetMessage.units(ProjectAge::Since2026), 20);
    }
}
