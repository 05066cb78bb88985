//! What is read just before a handing-over.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use jooper_core::EmailAddress;
use jooper_transport::{HttpRequest, MailboxRef, TransportError};
use serde::Deserialize;

use crate::api::{
    Failure, Message, MessageList, Method, Profile, Request, SendAsList, bearer, classify,
};
use crate::backoff::Patience;
use crate::call::Manner;
use crate::gmail::Inner;
use crate::session::Session;
use crate::time;

/// How long a list of sender addresses counts. Google's guide wants it read at connection; owners
/// add and remove aliases later, too.
const SENDERS_LIVE: Duration = Duration::from_secs(3600);
/// How old a list must be before it is read again for an address that is not in it.
const SENDERS_REREAD: Duration = Duration::from_secs(60);

/// The start of history: what no mailbox knows any more, so that a search begins from the list.
const NO_HISTORY: &str = "1";

impl Inner {
    /// The mailbox's cursor now, and a warm list of sender addresses.
    pub(crate) async fn before_sending(
        &self,
        mailbox: MailboxRef,
    ) -> Result<Option<String>, TransportError> {
        let session = self.open(mailbox, Patience::Short).await?;
        if !session.grant.is_some_and(|grant| grant.sends()) {
            return Err(TransportError::Forbidden("sending was not granted"));
        }
        let now = self.clock.now();
        if let Some(until) = session.state.parked_until(now) {
            let after = Some(time::until(now, until));
            return Err(TransportError::RateLimited { after });
        }
        self.senders(&session, SENDERS_LIVE, Manner::SENDING)
            .await?;
        if session.must_read().is_err() {
            return Ok(None);
        }
        match self.history_id(&session, Manner::SENDING).await {
            // What was granted has shrunk meanwhile: it sends on as one that may only send.
            Err(TransportError::Forbidden(_)) => Ok(None),
            read => read.map(Some),
        }
    }

    /// The newest history id.
    ///
    /// Compatible servers may lack `getProfile`; then the newest message has it.
    pub(crate) async fn history_id(
        &self,
        session: &Session,
        manner: Manner,
    ) -> Result<String, TransportError> {
        let endpoints = &self.settings.endpoints;
        let profile = Request::new(endpoints, Method::GetProfile, None);
        match self.call::<Profile>(session, &profile, manner).await {
            Ok(profile) if !profile.history_id.is_empty() => return Ok(profile.history_id),
            Ok(_) | Err(TransportError::Gone | TransportError::Protocol(_)) => {}
            Err(error) => return Err(error),
        }
        let list = Request::new(endpoints, Method::ListMessages, None)
            .with("maxResults", "1")
            .with("includeSpamTrash", "true");
        let list: MessageList = self.call(session, &list, manner).await?;
        let Some(newest) = list.messages.first() else {
            return Ok(NO_HISTORY.to_owned());
        };
        let get =
            Request::new(endpoints, Method::GetMessage, Some(&newest.id)).with("format", "minimal");
        let message: Message = self.call(session, &get, manner).await?;
        Ok(if message.history_id.is_empty() {
            NO_HISTORY.to_owned()
        } else {
            message.history_id
        })
    }

    /// Whether the mailbox may send as this address. Gmail would put the account's own address in
    /// place of any other, so that the recipient meets a stranger.
    pub(crate) async fn may_send_as(
        &self,
        session: &Session,
        from: &EmailAddress,
    ) -> Result<bool, TransportError> {
        for age in [SENDERS_LIVE, SENDERS_REREAD] {
            match self.senders(session, age, Manner::SENDING).await? {
                Senders::Listed(senders) if senders.contains(from) => return Ok(true),
                Senders::Listed(_) => {}
                Senders::OwnAlone { sure, own } => {
                    return match own.contains(from) {
                        false if !sure => Err(TransportError::Unavailable),
                        may => Ok(may),
                    };
                }
            }
        }
        Ok(false)
    }

    async fn senders(
        &self,
        session: &Session,
        age: Duration,
        manner: Manner,
    ) -> Result<Senders, TransportError> {
        let now = self.clock.now();
        if let Some((at, senders)) = session.state.send_as()
            && fresh(at, now, age)
        {
            return Ok(Senders::Listed(senders));
        }
        if session.must_read().is_ok() {
            let sure = match self.listed_senders(session, manner).await {
                // Every account has its own address: an empty list is as good as none.
                Ok(listed) if listed.is_empty() => false,
                Ok(listed) => return Ok(remembered(session, now, listed)),
                // A compatible server without settings, or a grant that has shrunk: the account's
                // own address is left.
                Err(
                    TransportError::Gone
                    | TransportError::Protocol(_)
                    | TransportError::Forbidden(_),
                ) => true,
                // Not known now. Its own address is the account's in any weather.
                Err(TransportError::Unavailable) => false,
                Err(error) => return Err(error),
            };
            // Never remembered: an hour without aliases would follow from one bad answer.
            let own = self.own_address(session, manner).await?;
            return Ok(Senders::OwnAlone { sure, own });
        }
        // Such a grant has no list to read.
        let own = self.own_address(session, manner).await?;
        Ok(remembered(session, now, own))
    }

    /// The verified addresses (`settings.sendAs`: a custom alias counts once `verificationStatus`
    /// is `accepted`; the primary address has none).
    async fn listed_senders(
        &self,
        session: &Session,
        manner: Manner,
    ) -> Result<BTreeSet<EmailAddress>, TransportError> {
        let request = Request::new(&self.settings.endpoints, Method::ListSendAs, None);
        let list: SendAsList = self.call(session, &request, manner).await?;
        let verified = list.send_as.iter().filter(|alias| {
            alias.is_primary || matches!(alias.verification_status.as_str(), "accepted" | "")
        });
        Ok(verified
            .filter_map(|alias| EmailAddress::parse(&alias.send_as_email).ok())
            .collect())
    }

    /// The account's own address: from its profile, or, as `gmail.send` alone cannot tell, from
    /// userinfo.
    async fn own_address(
        &self,
        session: &Session,
        manner: Manner,
    ) -> Result<BTreeSet<EmailAddress>, TransportError> {
        if session.must_read().is_ok() {
            let profile = Request::new(&self.settings.endpoints, Method::GetProfile, None);
            match self.call::<Profile>(session, &profile, manner).await {
                Ok(profile) => {
                    if let Ok(address) = EmailAddress::parse(&profile.email_address) {
                        return Ok(BTreeSet::from([address]));
                    }
                }
                // A server without it, or a grant that has shrunk.
                Err(
                    TransportError::Gone
                    | TransportError::Protocol(_)
                    | TransportError::Forbidden(_),
                ) => {}
                Err(error) => return Err(error),
            }
        }
        let token = session.token();
        let mut answer = self.ask_userinfo(session).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.reopen(session, &token, manner.patience).await?;
            answer = self.ask_userinfo(session).await?;
        }
        let refusal = classify(
            answer.status(),
            answer.headers(),
            answer.body(),
            self.clock.now(),
        );
        match answer.status() {
            status if status.is_success() => {}
            StatusCode::UNAUTHORIZED if refusal.failure == Failure::Unauthorized => {
                // A token just renewed is refused: the grant is worth nothing.
                session.state.mark_dead(session.token().grant);
                return Err(TransportError::NeedsReauth);
            }
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND if refusal.own => {
                return Err(TransportError::Protocol("nobody says whose account it is"));
            }
            _ => return Err(TransportError::Unavailable),
        }
        #[derive(Deserialize)]
        struct UserInfo {
            email: String,
        }
        let info: UserInfo =
            serde_json::from_slice(answer.body()).map_err(|_| TransportError::Unavailable)?;
        let address = EmailAddress::parse(&info.email)
            .map_err(|_| TransportError::Protocol("the account has no address"))?;
        Ok(BTreeSet::from([address]))
    }

    async fn ask_userinfo(
        &self,
        session: &Session,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let url = self.settings.endpoints.userinfo.url();
        let unprintable = || TransportError::Protocol("the access token is not printable");
        let bearer = bearer(&session.token().access).ok_or_else(unprintable)?;
        let request = http::Request::get(url.as_str())
            .header(http::header::AUTHORIZATION, bearer)
            .body(Bytes::new())
            .map_err(|_| unprintable())?;
        let request = HttpRequest {
            request,
            last_byte_before: None,
            timeout: self.settings.timeouts.oauth(),
        };
        let answer = self.http.execute(request).await;
        answer.map_err(|_| TransportError::Unavailable)
    }
}

/// What is known of the addresses that a mailbox may send as.
enum Senders {
    /// All of them.
    Listed(Arc<BTreeSet<EmailAddress>>),
    /// There is no list. `sure`: nor will there be; else aliases are only not known now.
    OwnAlone {
        sure: bool,
        own: BTreeSet<EmailAddress>,
    },
}

fn remembered(session: &Session, now: Timestamp, senders: BTreeSet<EmailAddress>) -> Senders {
    let senders = Arc::new(senders);
    session.state.set_send_as(now, Arc::clone(&senders));
    Senders::Listed(senders)
}

fn fresh(at: Timestamp, now: Timestamp, age: Duration) -> bool {
    at <= now && time::until(at, now) < age
}
