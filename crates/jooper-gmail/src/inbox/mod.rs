//! What changed in a mailbox.

mod cursor;
mod history_id;
mod raw;
mod read;
mod resync;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::to_millis;
use jooper_transport::{Cursor, Delta, Inbox, MailboxRef, TransportError};

use crate::api::{HistoryList, Method, Request};
use crate::backoff::Patience;
use crate::budget::Use;
use crate::call::Manner;
use crate::gmail::{Gmail, Inner};
use crate::session::Session;

use self::cursor::Place;
use self::history_id::earlier;

/// History records on one page. A page is read as a whole, so it must fit into what a minute
/// leaves for reading, several times.
const PAGE: &str = "50";
/// Where a list of history is read on.
struct History {
    start: String,
    next: Option<cursor::Next>,
    again: Option<cursor::Again>,
    read: Option<String>,
    anew: bool,
}

#[async_trait]
impl Inbox for Gmail {
    async fn baseline(&self, mailbox: MailboxRef) -> Result<Cursor, TransportError> {
        let session = self.inner.open(mailbox, Patience::Long).await?;
        session.must_read()?;
        let start = self.inner.history_id(&session, Manner::READING).await?;
        Ok(Place::History {
            start,
            next: None,
            again: None,
            read: None,
            anew: false,
        }
        .to_cursor())
    }

    async fn changes(
        &self,
        mailbox: MailboxRef,
        cursor: &Cursor,
        not_before: Timestamp,
    ) -> Result<Delta, TransportError> {
        let session = self.inner.open(mailbox, Patience::Long).await?;
        session.must_read()?;
        match Place::of_cursor(cursor) {
            Some(Place::History {
                start,
                next: None,
                again: Some(again),
                read: None,
                anew: _,
            }) if to_millis(self.inner.clock.now()) >= again.due => {
                self.inner.look_again(&session, start, again).await
            }
            Some(Place::History {
                start,
                next,
                again,
                read,
                anew,
            }) => {
                let at = History {
                    start,
                    next,
                    again,
                    read,
                    anew,
                };
                self.inner.history(&session, at, not_before).await
            }
            Some(Place::Resync(place)) => self.inner.resync(&session, place).await,
            // Not a cursor of ours: reading everything again loses nothing.
            None => self.inner.begin_resync(&session, not_before).await,
        }
    }

    async fn fetch(
        &self,
        mailbox: MailboxRef,
        provider_id: &str,
    ) -> Result<Vec<u8>, TransportError> {
        let session = self.inner.open(mailbox, Patience::Long).await?;
        self.inner.raw(&session, provider_id, Manner::READING).await
    }

    async fn keep_watch(&self, mailbox: MailboxRef) {
        self.renew_watch(mailbox).await;
    }

    async fn end_watch(&self, mailbox: MailboxRef) {
        self.stop_watch(mailbox).await;
    }

    /// Google revokes per person and Cloud *project* (OAuth 2.0 guide, "Revoking a token"): every
    /// other mailbox row of this person is dead afterwards, and so is their sign-in, where it uses
    /// the same project.
    async fn revoke(&self, mailbox: MailboxRef) -> Result<(), TransportError> {
        self.revoke_grant(mailbox).await
    }
}

impl Inner {
    /// Reads one page of history (`users.history.list`).
    ///
    /// A page may be empty and yet have a next one; records may come twice and out of order; a
    /// message may be gone when it is read. Neither label nor type but "added" is asked for:
    /// replies that a filter archives or that land in spam are replies.
    async fn history(
        &self,
        session: &Session,
        at: History,
        not_before: Timestamp,
    ) -> Result<Delta, TransportError> {
        let History {
            start,
            next,
            again,
            read,
            anew,
        } = at;
        let token = next.as_ref().map_or("", |next| next.page.as_str());
        let request = Request::new(&self.settings.endpoints, Method::ListHistory, None)
            .with("startHistoryId", &start)
            .with("historyTypes", "messageAdded")
            .with("maxResults", PAGE)
            .with("pageToken", token);
        let page: HistoryList = match self.call(session, &request, Manner::READING).await {
            Ok(page) => page,
            // A page token that ended: from the start again, once; what comes twice is known by its
            // id. Where the new list's is refused as well, another way is gone.
            Err(TransportError::Protocol(_)) if next.is_some() && !anew => {
                let place = Place::History {
                    start,
                    next: None,
                    again,
                    read: None,
                    anew: true,
                };
                let (arrived, next) = (Vec::new(), place.to_cursor());
                return Ok(Delta {
                    arrived,
                    next,
                    more: true,
                    resynced: false,
                });
            }
            // Too old, or none of this server's. Going on from the newest would lose what came
            // between.
            Err(TransportError::Gone | TransportError::Protocol(_)) => {
                return self.begin_resync(session, not_before).await;
            }
            Err(error) => return Err(error),
        };
        let added = page
            .history
            .into_iter()
            .flat_map(|record| record.messages_added);
        let added = added.map(|added| added.message).collect();
        let (added, rest) = read::portion(added, read.as_deref());
        let arrived = self.read_all(session, added, Use::Reading).await?;
        if rest.is_some() {
            let place = Place::History {
                start,
                next,
                again,
                read: rest,
                anew,
            };
            return Ok(Delta {
                arrived,
                next: place.to_cursor(),
                more: true,
                resynced: false,
            });
        }
        // The first page says how far this list goes: what arrives while it is paged through stands
        // behind that. A later page may come from a view that lags and goes less far.
        let end = match next {
            Some(next) => earlier(next.end, page.history_id),
            None if page.history_id.is_empty() => start.clone(),
            None => page.history_id,
        };
        let more = !page.next_page_token.is_empty();
        let place = if more {
            Place::History {
                start,
                next: Some(cursor::Next {
                    page: page.next_page_token,
                    end,
                }),
                again,
                read: None,
                anew,
            }
        } else {
            Place::History {
                start: end,
                next: None,
                again,
                read: None,
                anew: false,
            }
        };
        Ok(Delta {
            arrived,
            next: place.to_cursor(),
            more,
            resynced: false,
        })
    }
}
