//! The faults themselves.

use serde::{Deserialize, Serialize};

use super::super::token::DeathCause;

/// One way for a call to go wrong. "Commit" means that Google did what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// The connection closes before the request body is read.
    DropUnread,
    /// The same with a TCP reset.
    ResetUnread,
    /// The request is held back this many real milliseconds before it is processed.
    SlowToAccept(u64),
    /// Google answers this and does nothing.
    Answer(Canned),
    /// Committed; then the connection closes without an answer.
    CommitThenClose,
    /// Committed; then a TCP reset.
    CommitThenReset,
    /// Committed; then this status with an error page.
    CommitThenStatus(u16),
    /// Committed; then silence until the client gives up.
    CommitThenHang,
    /// Committed; the answer comes after this many real milliseconds.
    CommitThenPause(u64),
    /// The answer's body breaks off after so many bytes.
    Truncate(usize),
    /// The answer's body comes in pieces of so many bytes.
    Trickle {
        /// Bytes of a piece.
        bytes: usize,
        /// Real milliseconds between two.
        pause_ms: u64,
    },
    /// The first half of the answer's body comes twice.
    DuplicateChunk,
    /// Fields that no client knows are in the answer, in every object.
    UnknownField,
    /// Labels and change kinds that no client knows are in the answer.
    UnknownEnum,
    /// These top-level fields are missing from the answer.
    OmitFields(Vec<String>),
    /// The caller's access token stops working now; a refresh helps.
    ExpireAccess,
    /// The refresh token in the request dies of this first; at any other endpoint, the whole grant of
    /// the bearer, so that the call is refused and no renewal helps.
    KillGrant(DeathCause),
    /// The refresh token in the request loses this scope first.
    ShrinkScope(String),
    /// A history page is wrong in this way.
    History(HistoryFault),
    /// The virtual clock jumps by so many milliseconds, either way, before the call.
    ClockJump(i64),
    /// For pushes: what happens to the notification.
    Push(PushFault),
    /// The watches of the caller's mailbox end without a word.
    ExpireWatch,
}

/// An answer that Google gives instead of doing what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Canned {
    /// 403 `userRateLimitExceeded`, with the retry time in its text after so many virtual milliseconds, or without.
    UserRate403(Option<i64>),
    /// 403 `rateLimitExceeded` of the project.
    ProjectRate403,
    /// 403 `dailyLimitExceeded`.
    DailyLimit403,
    /// 429, with or without the retry time.
    TooMany429(Option<i64>),
    /// 429 for parallel requests.
    Concurrent429,
    /// 429 "(Mail sending)", with or without the retry time.
    SendingLimit429(Option<i64>),
    /// 401 `authError`, though the token is good.
    Credentials401,
    /// 403 missing scope.
    Scope403,
    /// 403 `domainPolicy`.
    DomainPolicy403,
    /// 400 "Mail service not enabled".
    NoMailService400,
    /// 400 `invalidArgument`.
    BadRequest400,
    /// 404 `notFound`: for history, the start id is too old.
    NotFound404,
    /// A backend error of this status.
    Backend(u16),
    /// An HTML page of this status.
    Html(u16),
    /// Another vendor's JSON of this status.
    ForeignJson(u16),
    /// This status and these words in Google's envelope, with neither number, status nor reason: what
    /// a gateway may say that speaks as Google does.
    Words(u16, String),
    /// This status and no body.
    Empty(u16),
    /// The token endpoint's error form.
    OAuth {
        /// The status.
        status: u16,
        /// `error`.
        error: String,
        /// `error_description`.
        description: String,
        /// `error_subtype`.
        subtype: Option<String>,
    },
}

/// How a history page is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HistoryFault {
    /// No records, but a token for the next page.
    EmptyPage,
    /// Records in another order.
    OutOfOrder,
    /// Every record twice.
    Duplicates,
    /// A record more, of a message that is not there.
    Vanished,
    /// A message's labels are reported as they were not at the time of its arrival.
    LabelRace,
}

/// What happens to a push notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PushFault {
    /// It comes twice.
    Duplicate,
    /// It comes so many virtual milliseconds late, perhaps after later ones.
    Delay(i64),
    /// It never comes.
    Drop,
    /// Its JWT is signed by somebody else.
    Forged,
    /// Its JWT names a key that is no longer published.
    UnknownKey,
    /// Its JWT is for somebody else.
    WrongAudience,
    /// Its JWT has expired.
    Expired,
    /// Its JWT comes from another service account.
    WrongAccount,
}
