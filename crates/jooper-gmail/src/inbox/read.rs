//! The headers of messages that a list has named.

use std::collections::BTreeSet;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use jooper_transport::{Arrived, TransportError};

use crate::api::{Message, MessageList, Method, Request};
use crate::backoff::Patience;
use crate::budget::Use;
use crate::call::Manner;
use crate::gmail::Inner;
use crate::session::Session;

/// The header fields that deciding needs, in their canonical spelling: some servers compare
/// `metadataHeaders` letter by letter.
const HEADERS: [&str; 24] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Delivered-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Return-Path",
    "X-Failed-Recipients",
    "Auto-Submitted",
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Response-Suppress",
    "Precedence",
    "List-Id",
    "Content-Type",
    "Authentication-Results",
    "Feedback-Type",
    "X-Google-Original-From",
    "X-MS-Exchange-Inbox-Rules-Loop",
];

/// Reads at the same time. Gmail refuses too many of one user; its limit is not published.
const PARALLEL: usize = 4;
/// A message that could not be read this often, while others could, is passed on without its headers,
/// so that it cannot hold up the mailbox.
const STRIKES: u8 = 5;
/// How many other messages are asked for before the server counts as one that gives none.
const OTHERS: usize = 5;
/// How many messages are listed to choose those from: more than one portion holds.
const LISTED: &str = "120";

/// Messages that are read at once. A history record may name several, and a server may pass over how
/// many entries were asked for: such a page is read in portions, each of which fits into a minute.
const PORTION: usize = 100;

/// What to read next of a page: each message once, behind the one that was `read` last. All of it
/// again, where that one is gone. The second value is the last one where there is more.
pub(super) fn portion(page: Vec<Message>, read: Option<&str>) -> (Vec<Message>, Option<String>) {
    let mut seen = BTreeSet::new();
    let mut left: Vec<Message> = page
        .into_iter()
        .filter(|message| !message.id.is_empty() && seen.insert(message.id.clone()))
        .collect();
    let behind = left.iter().position(|m| read == Some(m.id.as_str()));
    left.drain(..behind.map_or(0, |at| at + 1));
    let more = left.len() > PORTION;
    left.truncate(PORTION);
    let last = left.last().filter(|_| more).map(|last| last.id.clone());
    (left, last)
}

/// Which messages no list is read for: they are not mail yet, or never were.
fn is_no_mail(message: &Message) -> bool {
    message.has_label("DRAFT") || message.has_label("CHAT")
}

impl Inner {
    /// Reads the headers of a portion of messages, oldest first. Whatever is gone meanwhile is left
    /// out.
    pub(super) async fn read_all(
        &self,
        session: &Session,
        messages: Vec<Message>,
        purpose: Use,
    ) -> Result<Vec<Arrived>, TransportError> {
        let wanted: Vec<Message> = messages.into_iter().filter(|m| !is_no_mail(m)).collect();
        let price = Method::GetMessage.units(self.settings.quota.project);
        let units = u64::from(price) * u64::try_from(wanted.len()).unwrap_or(u64::MAX);
        let ids: BTreeSet<String> = wanted.iter().map(|m| m.id.clone()).collect();
        if units > 0 {
            self.prepay(session, units, purpose)?;
        }
        let reads: Vec<_> = wanted
            .into_iter()
            .map(|m| self.read_one(session, m).boxed())
            .collect();
        let crowded = session.state.is_crowded(self.clock.now());
        let parallel = if crowded { 1 } else { PARALLEL };
        let mut reads = stream::iter(reads).buffer_unordered(parallel);
        let (mut arrived, mut failed, mut answered) = (Vec::new(), Vec::new(), false);
        while let Some((named, read)) = reads.next().await {
            match read {
                Ok(read) => {
                    answered = true;
                    arrived.extend(read);
                }
                Err(error @ (TransportError::Unavailable | TransportError::Protocol(_))) => {
                    failed.push((named, error));
                    // The rest is read only where somebody else's failure is none of theirs: nobody is
                    // given up while one of a portion was not asked for.
                    if !answered && failed.len() > PARALLEL {
                        answered = self.gives_others(session, &ids).await;
                        if !answered {
                            break;
                        }
                    }
                }
                Err(error) => return Err(error),
            }
        }
        drop(reads);
        if !answered && !failed.is_empty() && failed.len() <= PARALLEL {
            answered = self.gives_others(session, &ids).await;
        }
        arrived.extend(self.given_up(session, failed, answered)?);
        arrived.sort_by(|a, b| (a.at, &a.provider_id).cmp(&(b.at, &b.provider_id)));
        Ok(arrived)
    }

    /// Which message, and what it is; `None`: it is gone, or no mail.
    async fn read_one(
        &self,
        session: &Session,
        named: Message,
    ) -> (Message, Result<Option<Arrived>, TransportError>) {
        let read = self
            .metadata(session, &named.id, (&HEADERS, "From"), Manner::PREPAID)
            .await;
        let read = match read {
            Ok(message) if is_no_mail(&message) => Ok(None),
            Ok(message) => {
                session.state.forget_strikes(&named.id);
                Ok(Some(self.arrived(&named, message)))
            }
            Err(TransportError::Gone) => Ok(None),
            Err(error) => Err(error),
        };
        (named, read)
    }

    /// Messages that were tried often enough, as far as their list entries tell. An error while one of
    /// them is worth another try.
    ///
    /// One message that the server cannot give must not hide all that came after it: what its list
    /// entry says is passed on, and the thread says whether it matters. But only where the server
    /// gives others meanwhile: while it gives none, nothing is known of any.
    fn given_up(
        &self,
        session: &Session,
        failed: Vec<(Message, TransportError)>,
        answered: bool,
    ) -> Result<Vec<Arrived>, TransportError> {
        let (mut given_up, mut worth_another) = (Vec::new(), None);
        for (named, error) in failed {
            if !answered || session.state.strike(&named.id) < STRIKES {
                worth_another = Some(error);
                continue;
            }
            tracing::warn!(mailbox = %session.mailbox.mailbox, "a message cannot be read");
            let outgoing = named.has_label("SENT");
            given_up.push(Arrived {
                provider_id: named.id,
                thread: named.thread_id,
                at: self.clock.now(),
                outgoing,
                headers: Vec::new(),
            });
        }
        worth_another.map_or(Ok(given_up), Err)
    }

    /// Whether the server gives a message that is none of these, read as they are.
    ///
    /// Any other one may be as unreadable, and bad ones lie together: a few are asked for, from the
    /// newest to the oldest of the list.
    async fn gives_others(&self, session: &Session, portion: &BTreeSet<String>) -> bool {
        let manner = Manner {
            patience: Patience::Short,
            ..Manner::READING
        };
        let list = Request::new(&self.settings.endpoints, Method::ListMessages, None)
            .with("includeSpamTrash", "true")
            .with("maxResults", LISTED);
        let Ok(list) = self.call::<MessageList>(session, &list, manner).await else {
            return false;
        };
        let others: Vec<Message> = list
            .messages
            .into_iter()
            .filter(|m| !m.id.is_empty() && !portion.contains(&m.id))
            .collect();
        let apart = others.len().div_ceil(OTHERS).max(1);
        for other in others.iter().step_by(apart) {
            let read = self.metadata(session, &other.id, (&HEADERS, "From"), manner);
            match read.await {
                Ok(_) => return true,
                Err(
                    TransportError::Unavailable
                    | TransportError::Protocol(_)
                    | TransportError::Gone,
                ) => {}
                Err(_) => return false,
            }
        }
        false
    }

    fn arrived(&self, named: &Message, message: Message) -> Arrived {
        let first = |one: String, other: &str| {
            if one.is_empty() {
                other.to_owned()
            } else {
                one
            }
        };
        let at = self.instant(message.internal_date);
        let outgoing = message.has_label("SENT");
        let headers = message
            .payload
            .headers
            .into_iter()
            .map(|h| (h.name, h.value))
            .collect();
        Arrived {
            provider_id: first(message.id, &named.id),
            thread: first(message.thread_id, &named.thread_id),
            at,
            outgoing,
            headers,
        }
    }
}
