//! Which method a request means: the discovery document's paths as a table.

/// The methods that the simulator answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    GetProfile,
    Send,
    UploadSend,
    ListMessages,
    GetMessage,
    GetAttachment,
    ListHistory,
    ListThreads,
    GetThread,
    ListLabels,
    GetLabel,
    Watch,
    Stop,
    ListSendAs,
    GetSendAs,
    ListDrafts,
    GetDraft,
    GetFilter,
    GetForwarding,
    /// One of the small readable settings.
    GetSetting,
    /// A real method that needs a scope which the simulator never grants.
    NotOurs,
}

/// A matched request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) method: Method,
    /// `me` or an address.
    pub(super) user: String,
    /// The ids in the path after the user.
    pub(super) ids: Vec<String>,
}

#[rustfmt::skip]
const TABLE: &[(&str, &str, Method)] = &[
    ("GET", "profile", Method::GetProfile),
    ("POST", "messages/send", Method::Send),
    ("GET", "messages", Method::ListMessages),
    ("GET", "messages/{}", Method::GetMessage),
    ("GET", "messages/{}/attachments/{}", Method::GetAttachment),
    ("GET", "history", Method::ListHistory),
    ("GET", "threads", Method::ListThreads),
    ("GET", "threads/{}", Method::GetThread),
    ("GET", "labels", Method::ListLabels),
    ("GET", "labels/{}", Method::GetLabel),
    ("POST", "watch", Method::Watch),
    ("POST", "stop", Method::Stop),
    ("GET", "settings/sendAs", Method::ListSendAs),
    ("GET", "settings/sendAs/{}", Method::GetSendAs),
    ("GET", "drafts", Method::ListDrafts),
    ("GET", "drafts/{}", Method::GetDraft),
    ("GET", "settings/vacation", Method::GetSetting),
    ("GET", "settings/autoForwarding", Method::GetSetting),
    ("GET", "settings/imap", Method::GetSetting),
    ("GET", "settings/pop", Method::GetSetting),
    ("GET", "settings/language", Method::GetSetting),
    ("GET", "settings/filters", Method::GetSetting),
    ("GET", "settings/filters/{}", Method::GetFilter),
    ("GET", "settings/forwardingAddresses", Method::GetSetting),
    ("GET", "settings/forwardingAddresses/{}", Method::GetForwarding),
];

/// Real methods outside both scopes; the reading ones among them concern delegation and client-side
/// encryption, which the simulated accounts do not have.
#[rustfmt::skip]
const FOREIGN: &[(&str, &str)] = &[
    ("POST", "messages"), ("POST", "messages/import"), ("POST", "messages/batchModify"), ("POST", "messages/batchDelete"),
    ("POST", "messages/{}/modify"), ("POST", "messages/{}/trash"), ("POST", "messages/{}/untrash"), ("DELETE", "messages/{}"),
    ("POST", "drafts"), ("POST", "drafts/send"), ("PUT", "drafts/{}"), ("DELETE", "drafts/{}"),
    ("POST", "labels"), ("PUT", "labels/{}"), ("PATCH", "labels/{}"), ("DELETE", "labels/{}"),
    ("POST", "threads/{}/modify"), ("POST", "threads/{}/trash"), ("POST", "threads/{}/untrash"), ("DELETE", "threads/{}"),
    ("PUT", "settings/vacation"), ("PUT", "settings/autoForwarding"), ("PUT", "settings/imap"), ("PUT", "settings/pop"),
    ("PUT", "settings/language"), ("POST", "settings/filters"), ("DELETE", "settings/filters/{}"),
    ("POST", "settings/forwardingAddresses"), ("DELETE", "settings/forwardingAddresses/{}"),
    ("POST", "settings/sendAs"), ("PUT", "settings/sendAs/{}"), ("PATCH", "settings/sendAs/{}"), ("DELETE", "settings/sendAs/{}"),
    ("POST", "settings/sendAs/{}/verify"), ("GET", "settings/sendAs/{}/smimeInfo"), ("POST", "settings/sendAs/{}/smimeInfo"),
    ("GET", "settings/sendAs/{}/smimeInfo/{}"), ("DELETE", "settings/sendAs/{}/smimeInfo/{}"), ("POST", "settings/sendAs/{}/smimeInfo/{}/setDefault"),
    ("GET", "settings/delegates"), ("POST", "settings/delegates"), ("GET", "settings/delegates/{}"), ("DELETE", "settings/delegates/{}"),
    ("GET", "settings/cse/identities"), ("POST", "settings/cse/identities"), ("GET", "settings/cse/identities/{}"),
    ("PATCH", "settings/cse/identities/{}"), ("DELETE", "settings/cse/identities/{}"),
    ("GET", "settings/cse/keypairs"), ("POST", "settings/cse/keypairs"), ("GET", "settings/cse/keypairs/{}"), ("POST", "settings/cse/keypairs/{}"),
];

/// Matches a request to a method; `None` when the discovery document has no such path.
pub(super) fn find(method: &str, path: &str) -> Option<Call> {
    if let Some(rest) = path.strip_prefix("/upload/gmail/v1/users/") {
        let (user, tail) = rest.split_once('/')?;
        let ours = method == "POST" && tail == "messages/send";
        let real = FOREIGN
            .iter()
            .any(|(verb, pattern)| *verb == method && matches(pattern, tail).is_some());
        let method = if ours {
            Method::UploadSend
        } else {
            Method::NotOurs
        };
        return (ours || real).then(|| Call {
            method,
            user: user.to_owned(),
            ids: Vec::new(),
        });
    }
    let (user, tail) = path.strip_prefix("/gmail/v1/users/")?.split_once('/')?;
    let call = |method, ids| Call {
        method,
        user: user.to_owned(),
        ids,
    };
    TABLE
        .iter()
        .find_map(|(verb, pattern, known)| {
            if *verb == method {
                matches(pattern, tail).map(|ids| call(*known, ids))
            } else {
                None
            }
        })
        .or_else(|| {
            FOREIGN.iter().find_map(|(verb, pattern)| {
                if *verb == method {
                    matches(pattern, tail).map(|ids| call(Method::NotOurs, ids))
                } else {
                    None
                }
            })
        })
}

fn matches(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    let mut pieces = path.split('/');
    for wanted in pattern.split('/') {
        let piece = pieces.next()?;
        match wanted {
            "{}" if !piece.is_empty() => ids.push(piece.to_owned()),
            _ if wanted == piece => {}
            _ => return None,
        }
    }
    pieces.next().is_none().then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_find_their_methods() {
        let call = find("GET", "/gmail/v1/users/me/messages/m1/attachments/a1").unwrap();
        assert_eq!(
            (call.method, call.ids),
            (
                Method::GetAttachment,
                vec!["m1".to_owned(), "a1".to_owned()]
            )
        );
        assert_eq!(
            find("POST", "/gmail/v1/users/me/messages/m1/trash")
                .unwrap()
                .method,
            Method::NotOurs
        );
        assert_eq!(
            find("POST", "/upload/gmail/v1/users/me/messages/send")
                .unwrap()
                .method,
            Method::UploadSend
        );
        assert_eq!(
            find("POST", "/upload/gmail/v1/users/me/drafts")
                .unwrap()
                .method,
            Method::NotOurs
        );
        assert!(find("GET", "/gmail/v1/users/me/nonsense").is_none());
        assert!(find("DELETE", "/gmail/v1/users/me/profile").is_none());
    }
}
