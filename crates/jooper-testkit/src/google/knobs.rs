//! What nobody has verified about Gmail, and what differs between servers: each a named setting, so
//! that one probe of the real thing later only flips a default.

use serde::{Deserialize, Serialize};

/// What becomes of the `Message-ID` that the caller wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageIdPolicy {
    /// Replaced by one under `mail.gmail.com`, the old one lost: what field reports agree on.
    Rewrite,
    /// Kept, as SMTP does.
    Preserve,
}

/// Whether a kind of header survives a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// It arrives as written.
    Keep,
    /// It is gone from the sent copy and from what the recipient gets.
    Strip,
}

/// What a send with a `threadId` that the mailbox lacks is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownThread {
    /// 404 `notFound`, nothing sent.
    NotFound,
    /// 400 `invalidArgument`, nothing sent.
    Invalid,
    /// The mail goes out in a thread of its own.
    NewThread,
}

/// When two subjects count as the same for threading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectMatch {
    /// `Re:`, `Fwd:` and their like are taken off first.
    IgnorePrefixes,
    /// Byte for byte.
    Exact,
}

/// How the ID token spells its issuer; Google documents both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssuerForm {
    /// `https://accounts.google.com`
    WithScheme,
    /// `accounts.google.com`
    Bare,
}

/// Every knob, with the likeliest truth as default. Times are virtual milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Knobs {
    /// The fate of the caller's Message-ID.
    pub message_id: MessageIdPolicy,
    /// The same for Workspace accounts, should they differ (not verified).
    pub workspace_message_id: Option<MessageIdPolicy>,
    /// Custom `X-` headers of a raw send (not verified).
    pub x_headers: Keep,
    /// `List-Unsubscribe` and `List-Unsubscribe-Post` of a raw send (not verified).
    pub list_unsubscribe: Keep,
    /// The answer to an unknown `threadId` on send (not verified).
    pub unknown_thread: UnknownThread,
    /// Subject comparison of the threading rule (not verified).
    pub subject_match: SubjectMatch,
    /// The payload shows header values decoded from RFC 2047 (not verified).
    pub decode_headers: bool,
    /// The text part is made anew from the HTML part (seen about 2016, today not verified).
    pub regenerate_text: bool,
    /// Largest body of the JSON send endpoint in bytes (not verified).
    pub json_body_limit: u64,
    /// Largest message in bytes: the discovery document's `maxSize`.
    pub max_message_bytes: u64,
    /// Status for a message above either limit.
    pub too_large_status: u16,
    /// How long history records stay listed.
    pub history_horizon_ms: i64,
    /// Messages that one history record names at most: the schema has a list there.
    pub history_record_messages: usize,
    /// `maxResults` counts; off, pages are as long as may be, as on some Gmail-compatible servers.
    pub max_results: bool,
    /// Lifetime of a page token in seconds (not stated by Google).
    pub page_token_seconds: i64,
    /// Between accepting a message and its history record being visible (not verified).
    pub history_lag_ms: i64,
    /// Between accepting a message and its being in label listings (not verified).
    pub label_list_lag_ms: i64,
    /// Least delay before a search finds a message.
    pub search_lag_min_ms: i64,
    /// Greatest delay before a search finds a message.
    pub search_lag_max_ms: i64,
    /// Messages in a thousand that searches never find.
    pub search_missing_per_mille: u32,
    /// An attachment keeps one id over several fetches (reported not to).
    pub stable_attachment_ids: bool,
    /// Parts above this many bytes come as an `attachmentId`, text as well.
    pub inline_part_limit: u64,
    /// `metadataHeaders` are matched without regard to case.
    pub metadata_headers_any_case: bool,
    /// `getProfile` works; off, it answers 404 as some Gmail-compatible servers do.
    pub profile_available: bool,
    /// The token answer spells `email` and `profile` as full scope URLs (not verified).
    pub expand_identity_scopes: bool,
    /// The issuer spelling in ID tokens.
    pub issuer: IssuerForm,
    /// An access token that has ended is refused; off, it is taken as long as its account is there,
    /// as by some Gmail-compatible servers.
    pub reject_bearer: bool,
    /// Lifetime of an access token in seconds.
    pub access_token_seconds: i64,
    /// Lifetime of an authorization code in seconds (not stated by Google; RFC 6749 recommends at most
    /// ten minutes).
    pub code_seconds: i64,
    /// Lifetime of an ID token in seconds.
    pub id_token_seconds: i64,
    /// `max-age` of the key set in seconds.
    pub certs_max_age_seconds: u32,
    /// Live refresh tokens per user and client; one more silently ends the oldest.
    pub refresh_tokens_per_client: usize,
    /// How long a user over the sending limit still gets 200 while the mail bounces.
    pub sending_grace_ms: i64,
    /// Sends per rolling day: consumer accounts.
    pub consumer_daily_sends: u64,
    /// Sends per rolling day: paid Workspace accounts.
    pub workspace_daily_sends: u64,
    /// Sends per rolling day: Workspace accounts in their trial.
    pub trial_daily_sends: u64,
    /// Different recipients in a rolling day: Workspace accounts.
    pub unique_recipients_daily: usize,
    /// Different recipients outside the domain in a rolling day: Workspace accounts.
    pub external_recipients_daily: usize,
    /// Recipients of one message through the API.
    pub recipients_per_message: usize,
    /// Answers are compressed for clients that ask for it.
    pub gzip: bool,
    /// Simultaneous requests of one user before 429, none if absent (number not verified).
    pub concurrent_requests: Option<u32>,
    /// Quotas are enforced; they are counted anyway.
    pub enforce_quota: bool,
    /// Units of one user and minute; the table's number if absent.
    pub user_minute_units: Option<u64>,
    /// Units of one project and day, which turns at midnight Pacific time; the table's number if
    /// absent.
    pub project_day_units: Option<u64>,
    /// Cost of `watch` (not verified in the table of 2026).
    pub watch_units: u64,
    /// Cost of `stop` (not verified in the table of 2026).
    pub stop_units: u64,
    /// Cost of `threads.list` (not verified in the table of 2026).
    pub threads_list_units: u64,
    /// The refusal for a missing scope names it in `details` (not verified).
    pub scope_error_details: bool,
    /// Gmail writes delay notices as plain text, as it once did, and not as a report (not verified).
    pub plain_delays: bool,
    /// The sent copy's `Date` is the accept time, whatever the caller wrote.
    pub rewrite_date: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            message_id: MessageIdPolicy::Rewrite,
            workspace_message_id: None,
            x_headers: Keep::Keep,
            list_unsubscribe: Keep::Keep,
            unknown_thread: UnknownThread::NotFound,
            subject_match: SubjectMatch::IgnorePrefixes,
            decode_headers: true,
            regenerate_text: false,
            json_body_limit: 5_000_000,
            max_message_bytes: 36_700_160,
            too_large_status: 413,
            history_horizon_ms: 7 * DAY,
            history_record_messages: 1,
            max_results: true,
            page_token_seconds: 3_600,
            history_lag_ms: 0,
            label_list_lag_ms: 0,
            search_lag_min_ms: 1_000,
            search_lag_max_ms: 120_000,
            search_missing_per_mille: 0,
            stable_attachment_ids: false,
            inline_part_limit: 1_000_000,
            metadata_headers_any_case: true,
            profile_available: true,
            expand_identity_scopes: true,
            issuer: IssuerForm::WithScheme,
            reject_bearer: true,
            access_token_seconds: 3_599,
            code_seconds: 600,
            id_token_seconds: 3_600,
            certs_max_age_seconds: 23_474,
            refresh_tokens_per_client: 100,
            sending_grace_ms: 10 * MINUTE,
            consumer_daily_sends: 500,
            workspace_daily_sends: 2_000,
            trial_daily_sends: 500,
            unique_recipients_daily: 3_000,
            external_recipients_daily: 2_000,
            recipients_per_message: 500,
            gzip: true,
            concurrent_requests: None,
            enforce_quota: true,
            user_minute_units: None,
            project_day_units: None,
            watch_units: 100,
            stop_units: 50,
            threads_list_units: 10,
            scope_error_details: true,
            plain_delays: false,
            rewrite_date: true,
        }
    }
}

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
