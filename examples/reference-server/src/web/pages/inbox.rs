//! The list of conversations, newest first.

use std::ops::Bound;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use jooper::core::{InboundKind, from_millis, to_millis};
use jooper::storage::tables::{THREAD, ThreadRow};
use jooper::storage::{Column, Scan, StorageExt};

use super::thread;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::guard::Query;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::inbox::{Conversation, Inbox, InboxFragment, InboxPage};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::words;

/// How many conversations a page shows.
const PAGE: usize = 40;
/// How much of a mail the list shows.
const SNIPPET: usize = 140;

/// `GET /inbox`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let layout = Layout::new(&app, &visitor, Section::Inbox, "Inbox");
    respond(&InboxPage {
        layout,
        live: part(&app, &query).await?,
    })
}

/// `GET /live/inbox`
pub(crate) async fn live(
    State(app): State<Arc<App>>,
    _: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    respond(&InboxFragment {
        live: part(&app, &query).await?,
    })
}

async fn part(app: &App, query: &Query) -> Result<Inbox, PageError> {
    let everything = query.get("show").as_deref() == Some("all");
    let before = query
        .get("before")
        .and_then(|text| text.parse().ok())
        .map(from_millis);
    let (conversations, older) = newest(app, before, everything, PAGE).await?;
    Ok(Inbox {
        everything,
        conversations,
        older: older
            .map(|at| to_millis(at).to_string())
            .unwrap_or_default(),
        is_newest: before.is_none(),
    })
}

/// The newest conversations before an instant, and the instant at which older ones begin.
pub(super) async fn newest(
    app: &App,
    before: Option<Timestamp>,
    everything: bool,
    most: usize,
) -> Result<(Vec<Conversation>, Option<Timestamp>), PageError> {
    let (rows, older) = rows(app, before, everything, most).await?;
    let people = people::find(app, rows.iter().map(|row| row.lead)).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(person) = people.get(&row.lead) else {
            continue;
        };
        let arrived = thread::mails(app, &row)
            .await?
            .into_iter()
            .rev()
            .find(|mail| mail.kind.is_some());
        let text = arrived.map(|mail| mail.content.text).unwrap_or_default();
        shown.push(Conversation {
            href: format!("/inbox/{}", row.id),
            who: person.name(),
            company: person.company(),
            badge: words::inbound(row.last_kind.unwrap_or(InboundKind::Noise)),
            at: app.zone.moment(row.last_at),
            snippet: snippet(&text),
            unread: row.unread,
        });
    }
    Ok((shown, older))
}

/// Stores scan upward only, so this looks through ever longer spans of time, backward.
async fn rows(
    app: &App,
    before: Option<Timestamp>,
    everything: bool,
    most: usize,
) -> Result<(Vec<ThreadRow>, Option<Timestamp>), PageError> {
    // The present may be a little behind the newest mail's own time.
    let now = app
        .now()
        .checked_add(SignedDuration::from_hours(24))
        .unwrap_or(Timestamp::MAX);
    let mut to = before.unwrap_or(now);
    let mut found: Vec<ThreadRow> = Vec::new();
    for days in [2, 14, 90, 730, i64::MAX] {
        let span = SignedDuration::from_hours(days.saturating_mul(24).min(24 * 365_000));
        let from = to.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
        let scan = Scan::table(&THREAD).by("by_time").range(
            Bound::Included(from.to_value()),
            Bound::Excluded(to.to_value()),
        );
        let page = app
            .jooper
            .storage()
            .collect::<ThreadRow>(app.workspace, scan)
            .await?;
        let fits = |row: &ThreadRow| {
            row.last_kind
                .is_some_and(|kind| everything || words::is_for_people(kind))
        };
        found.extend(page.into_iter().rev().map(|row| row.record).filter(fits));
        if found.len() > most {
            break;
        }
        to = from;
    }
    if found.len() <= most {
        return Ok((found, None));
    }
    // Conversations of the same instant stay together: the next page begins before it.
    let last = found[most - 1].last_at;
    let end = found
        .iter()
        .position(|row| row.last_at < last)
        .unwrap_or(found.len());
    let older = (end < found.len()).then_some(last);
    found.truncate(end);
    Ok((found, older))
}

/// The beginning of a text on one line.
fn snippet(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SNIPPET) {
        Some((at, _)) => format!("{} \u{2026}", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_one_line_and_cut_between_letters() {
        assert_eq!(snippet("Hello\n\n  you"), "Hello you");
        let long = snippet(&"ü".repeat(300));
        assert_eq!(long.chars().count(), SNIPPET + 2);
    }
}
