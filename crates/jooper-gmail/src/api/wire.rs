//! Gmail's resources, as far as they are read, with every tolerance that servers need.
//!
//! Absent keys and empty lists mean the same, unknown ones are passed over, and 64-bit numbers
//! may be texts or numbers. Ids stay texts: nothing here knows what is inside one.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// `getProfile`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Profile {
    #[serde(rename = "historyId", deserialize_with = "opaque")]
    pub(crate) history_id: String,
    #[serde(rename = "emailAddress", deserialize_with = "or_default")]
    pub(crate) email_address: String,
}

/// A message, in any format. Also the answer to a send.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Message {
    #[serde(deserialize_with = "opaque")]
    pub(crate) id: String,
    #[serde(deserialize_with = "opaque")]
    pub(crate) thread_id: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) label_ids: Vec<String>,
    #[serde(deserialize_with = "opaque")]
    pub(crate) history_id: String,
    /// Milliseconds since the epoch.
    #[serde(deserialize_with = "number")]
    pub(crate) internal_date: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) payload: Payload,
    /// base64url.
    #[serde(deserialize_with = "or_default")]
    pub(crate) raw: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Payload {
    #[serde(deserialize_with = "or_default")]
    pub(crate) headers: Vec<Header>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Header {
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) value: String,
}

impl Message {
    /// The first header field of this name, without regard to case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.payload.headers.iter();
        headers
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|h| h.value.as_str())
    }

    /// Whether it carries a label.
    pub(crate) fn has_label(&self, label: &str) -> bool {
        self.label_ids.iter().any(|one| one == label)
    }
}

/// A page of `messages.list`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct MessageList {
    #[serde(deserialize_with = "or_default")]
    pub(crate) messages: Vec<Message>,
    #[serde(deserialize_with = "opaque")]
    pub(crate) next_page_token: String,
}

/// A page of `history.list`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct HistoryList {
    #[serde(deserialize_with = "or_default")]
    pub(crate) history: Vec<History>,
    #[serde(deserialize_with = "opaque")]
    pub(crate) history_id: String,
    #[serde(deserialize_with = "opaque")]
    pub(crate) next_page_token: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct History {
    #[serde(deserialize_with = "or_default")]
    pub(crate) messages_added: Vec<MessageAdded>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct MessageAdded {
    #[serde(deserialize_with = "or_default")]
    pub(crate) message: Message,
}

/// `settings.sendAs.list`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SendAsList {
    #[serde(deserialize_with = "or_default")]
    pub(crate) send_as: Vec<SendAs>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SendAs {
    #[serde(deserialize_with = "or_default")]
    pub(crate) send_as_email: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) is_primary: bool,
    #[serde(deserialize_with = "or_default")]
    pub(crate) verification_status: String,
}

/// The answer to `watch`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Watching {
    #[serde(deserialize_with = "number")]
    pub(crate) expiration: Option<i64>,
}

/// A text, or a number as its text; anything else is empty.
pub(crate) fn opaque<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64(),
        _ => None,
    })
}

/// `null` counts as absent.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_empty_mean_the_same() {
        for text in [
            "{}",
            r#"{"messages":null}"#,
            r#"{"messages":[],"nextPageToken":"","new":1}"#,
        ] {
            let list: MessageList = serde_json::from_str(text).unwrap();
            assert!(
                list.messages.is_empty() && list.next_page_token.is_empty(),
                "{text}"
            );
        }
        let list: HistoryList = serde_json::from_str(
            r#"{"history":[{"id":"9","messages":[{"id":"a"}]}],"historyId":"18446744073709551616"}"#,
        )
        .unwrap();
        assert!(list.history[0].messages_added.is_empty());
        assert_eq!(
            list.history_id, "18446744073709551616",
            "more than 64 bits is still an id"
        );
    }

    #[test]
    fn no_null_anywhere_spoils_the_rest() {
        let senders: SendAsList = serde_json::from_str(
            r#"{"sendAs":[{"sendAsEmail":"a@b.example","isPrimary":null,"verificationStatus":null},
                          {"sendAsEmail":null,"isPrimary":true}]}"#,
        )
        .unwrap();
        assert_eq!(senders.send_as[0].send_as_email, "a@b.example");
        let message: Message = serde_json::from_str(
            r#"{"id":"a","threadId":null,"labelIds":null,"historyId":null,"internalDate":null,
                "raw":null,"payload":{"headers":[{"name":"To","value":null},{"name":null},{"name":"From","value":"x"}]}}"#,
        )
        .unwrap();
        assert_eq!(
            (message.header("To"), message.header("From")),
            (Some(""), Some("x"))
        );
        let profile: Profile =
            serde_json::from_str(r#"{"emailAddress":null,"historyId":7}"#).unwrap();
        assert_eq!(profile.history_id, "7");
        let list: HistoryList = serde_json::from_str(
            r#"{"history":[{"messagesAdded":null},{"messagesAdded":[{"message":null}]}]}"#,
        )
        .unwrap();
        assert!(list.history[1].messages_added[0].message.id.is_empty());
    }

    #[test]
    fn numbers_may_be_texts_and_ids_may_be_numbers() {
        let message: Message = serde_json::from_str(
            r#"{"id":17,"threadId":"t-x","internalDate":"1700000000000","labelIds":["SENT","NEW_KIND"],
                "payload":{"headers":[{"name":"message-id","value":"<a@b>"}],"partId":""}}"#,
        )
        .unwrap();
        assert_eq!(message.id, "17");
        assert_eq!(message.internal_date, Some(1_700_000_000_000));
        assert_eq!(message.header("Message-ID"), Some("<a@b>"));
        let message: Message = serde_json::from_str(r#"{"internalDate":1700000000000}"#).unwrap();
        assert_eq!(message.internal_date, Some(1_700_000_000_000));
    }
}
