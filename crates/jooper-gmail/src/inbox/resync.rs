//! Reading a mailbox again when its history has a gap.

use std::time::Duration;

use jiff::Timestamp;
use jooper_core::to_millis;
use jooper_transport::{Delta, TransportError};

use super::cursor::{Again, Place, Resync};
use super::read::portion;
use crate::api::{MessageList, Method, Request};
use crate::budget::Use;
use crate::call::Manner;
use crate::gmail::Inner;
use crate::session::Session;

/// How far behind the list of messages may be. Field reports of lag speak of minutes.
const LIST_LAG: Duration = Duration::from_secs(15 * 60);
/// Messages on one page.
const PAGE: &str = "50";

impl Inner {
    /// Begins a full search: first the history id of now, so that nothing falls between the
    /// search and what follows it.
    pub(super) async fn begin_resync(
        &self,
        session: &Session,
        not_before: Timestamp,
    ) -> Result<Delta, TransportError> {
        let end = self.history_id(session, Manner::READING).await?;
        tracing::info!(mailbox = %session.mailbox.mailbox, "history has a gap: reading again");
        let now = to_millis(self.clock.now());
        let lag = i64::try_from(LIST_LAG.as_millis()).unwrap_or(i64::MAX);
        let place = Resync {
            end,
            not_before: to_millis(not_before),
            page: String::new(),
            again: Some(Again {
                not_before: now - lag,
                due: now + lag,
            }),
            read: None,
            anew: false,
        };
        self.resync(session, place).await
    }

    /// Takes the second look that a full search owes.
    ///
    /// A mail that had just come may have been in neither: its history id was counted already, and
    /// the list did not show it yet.
    pub(super) async fn look_again(
        &self,
        session: &Session,
        start: String,
        again: Again,
    ) -> Result<Delta, TransportError> {
        let place = Resync {
            end: start,
            not_before: again.not_before,
            page: String::new(),
            again: None,
            read: None,
            anew: false,
        };
        self.resync(session, place).await
    }

    /// Reads one page of the list of all messages, spam and trash included, newest first.
    ///
    /// No search term is used. Gmail's search is an index that lags and skips mail, so what it
    /// does not show may still be there. The list ends at the first page on which every message
    /// is older than the bound: one message with an odd date does not end it.
    pub(super) async fn resync(
        &self,
        session: &Session,
        place: Resync,
    ) -> Result<Delta, TransportError> {
        let request = Request::new(&self.settings.endpoints, Method::ListMessages, None)
            .with("includeSpamTrash", "true")
            .with("maxResults", PAGE)
            .with("pageToken", &place.page);
        let page: MessageList = match self.call(session, &request, Manner::READING).await {
            Ok(page) => page,
            // The page token ended: from the newest again, once. A server that refuses the new list's
            // as well would be asked without end.
            Err(TransportError::Protocol(_) | TransportError::Gone) if !place.page.is_empty() => {
                if place.anew {
                    return Err(TransportError::Protocol("the list's next page is refused"));
                }
                let place = Place::Resync(Resync {
                    page: String::new(),
                    read: None,
                    anew: true,
                    ..place
                });
                let (arrived, next) = (Vec::new(), place.to_cursor());
                return Ok(Delta {
                    arrived,
                    next,
                    more: true,
                    resynced: true,
                });
            }
            Err(error) => return Err(error),
        };
        let (messages, rest) = portion(page.messages, place.read.as_deref());
        let arrived = self.read_all(session, messages, Use::Reading).await?;
        let past = |at: Timestamp| to_millis(at) < place.not_before;
        // What is left of a long page may be one message, which says nothing of those behind it.
        let telling = place.read.is_none() || arrived.len() > 1;
        let over = telling && !arrived.is_empty() && arrived.iter().all(|mail| past(mail.at));
        let next = if !over && rest.is_some() {
            Place::Resync(Resync {
                read: rest,
                ..place
            })
        } else if over || page.next_page_token.is_empty() {
            Place::History {
                start: place.end,
                next: None,
                again: place.again,
                read: None,
                anew: false,
            }
        } else {
            Place::Resync(Resync {
                page: page.next_page_token,
                read: None,
                ..place
            })
        };
        // Behind the last page comes the history since the search began: there is always more.
        Ok(Delta {
            arrived,
            next: next.to_cursor(),
            more: true,
            resynced: true,
        })
    }
}
