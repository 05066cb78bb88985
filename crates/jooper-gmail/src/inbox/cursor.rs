//! Where reading stands, as text that only this crate reads.

use jooper_transport::Cursor;
use serde::{Deserialize, Serialize};

/// A place in a mailbox's changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// Behind this history id, perhaps in the middle of a list.
    History {
        start: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Next>,
        /// A second look at the list that is still owed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<Again>,
        /// The last message that was read of a page too long for one reading.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read: Option<String>,
        /// Whether a page of this list was refused, so that it was begun anew.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        anew: bool,
    },
    /// In the middle of a full search.
    Resync(Resync),
}

/// The next page of a history list, and the history id that the whole list goes up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Next {
    pub(super) page: String,
    pub(super) end: String,
}

/// A second look behind a full search, at what the list may not have shown yet. Milliseconds since
/// the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Again {
    /// How far back it goes.
    pub(super) not_before: i64,
    /// Not before this.
    pub(super) due: i64,
}

/// A full search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Resync {
    /// The history id from before it began: reading goes on from there afterwards.
    pub(super) end: String,
    /// Messages older than this many milliseconds since the epoch end it.
    pub(super) not_before: i64,
    /// The next page.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) page: String,
    /// The second look that will follow it; none follows a second look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) again: Option<Again>,
    /// The last message that was read of a page too long for one reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) read: Option<String>,
    /// Whether a page of this list was refused, so that it was begun anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) anew: bool,
}

impl Place {
    pub(super) fn to_cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).expect("texts and numbers serialize"))
    }

    pub(super) fn of_cursor(cursor: &Cursor) -> Option<Self> {
        serde_json::from_str(&cursor.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_keep_their_form() {
        let next = Some(Next {
            page: "p".to_owned(),
            end: "12".to_owned(),
        });
        let resync = Resync {
            end: "9".to_owned(),
            not_before: 5,
            page: String::new(),
            again: None,
            read: None,
            anew: false,
        };
        let begun_anew = Resync {
            anew: true,
            ..resync.clone()
        };
        for (place, text) in [
            (
                Place::History {
                    start: "7".to_owned(),
                    next: None,
                    again: None,
                    read: None,
                    anew: false,
                },
                r#"{"history":{"start":"7"}}"#,
            ),
            (
                Place::History {
                    start: "7".to_owned(),
                    next,
                    again: Some(Again {
                        not_before: 1,
                        due: 2,
                    }),
                    read: None,
                    anew: false,
                },
                r#"{"history":{"start":"7","next":{"page":"p","end":"12"},"again":{"not_before":1,"due":2}}}"#,
            ),
            (
                Place::History {
                    start: "7".to_owned(),
                    next: None,
                    again: None,
                    read: Some("m".to_owned()),
                    anew: true,
                },
                r#"{"history":{"start":"7","read":"m","anew":true}}"#,
            ),
            (
                Place::Resync(resync),
                r#"{"resync":{"end":"9","not_before":5}}"#,
            ),
            (
                Place::Resync(begun_anew),
                r#"{"resync":{"end":"9","not_before":5,"anew":true}}"#,
            ),
        ] {
            assert_eq!(place.to_cursor().0, text);
            assert_eq!(Place::of_cursor(&Cursor(text.to_owned())), Some(place));
        }
        assert_eq!(Place::of_cursor(&Cursor("12345".to_owned())), None);
    }
}
