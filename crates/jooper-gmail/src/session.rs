//! An open mailbox: its access token for one operation, renewed at most once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jooper_transport::{
    CredentialError, Credentials, MailboxRef, StoredCredentials, TransportError,
};
use secrecy::SecretString;

use crate::backoff::{Patience, pause};
use crate::gmail::Inner;
use crate::mailbox::{GrantMark, MailboxState};
use crate::oauth::{Grant, TokenAnswer, TokenFailure};
use crate::time;

/// A token that ends sooner than this is renewed before it is used.
const LEAST_LIFE: Duration = Duration::from_secs(120);

/// One mailbox, opened.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) mailbox: MailboxRef,
    pub(crate) state: Arc<MailboxState>,
    /// What the owner allows; `None`: neither sending nor reading.
    pub(crate) grant: Option<Grant>,
    token: Mutex<Token>,
}

/// An access token and the version of the credentials it stands in.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) access: SecretString,
    pub(crate) version: u64,
    pub(crate) grant: GrantMark,
}

impl Session {
    pub(crate) fn token(&self) -> Token {
        self.token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// An error unless mail may be read.
    pub(crate) fn must_read(&self) -> Result<(), TransportError> {
        match self.grant {
            Some(grant) if grant.reads() => Ok(()),
            _ => Err(TransportError::Forbidden("reading was not granted")),
        }
    }
}

/// Credentials with a token that can be used now.
struct Usable {
    token: Token,
    grant: Option<Grant>,
}

impl Inner {
    /// Opens a mailbox, renewing its access token where that is due.
    pub(crate) async fn open(
        &self,
        mailbox: MailboxRef,
        patience: Patience,
    ) -> Result<Session, TransportError> {
        let state = self.mailboxes.get(mailbox);
        let stored = self.load(mailbox).await?;
        if state.is_dead(GrantMark::of(&stored.credentials)) {
            return Err(TransportError::NeedsReauth);
        }
        let usable = match self.usable(&state, &stored) {
            Some(usable) => usable,
            None => {
                self.renew(mailbox, &state, stored.version, patience)
                    .await?
            }
        };
        let blind = state.is_blind(usable.token.grant);
        let grant = usable.grant.and_then(|grant| match blind {
            true => grant.blind(),
            false => Some(grant),
        });
        Ok(Session {
            mailbox,
            state,
            grant,
            token: Mutex::new(usable.token),
        })
    }

    /// Renews the token of a session after Google has refused it.
    pub(crate) async fn reopen(
        &self,
        session: &Session,
        refused: &Token,
        patience: Patience,
    ) -> Result<(), TransportError> {
        session.state.mark_stale(refused.version);
        let usable = self
            .renew(session.mailbox, &session.state, refused.version, patience)
            .await?;
        *session.token.lock().unwrap_or_else(PoisonError::into_inner) = usable.token;
        Ok(())
    }

    async fn load(&self, mailbox: MailboxRef) -> Result<StoredCredentials, TransportError> {
        match self.credentials.load(mailbox).await {
            Ok(Some(stored)) => Ok(stored),
            Ok(None) => Err(TransportError::Credentials(None)),
            Err(error) => Err(TransportError::Credentials(Some(Box::new(error)))),
        }
    }

    fn usable(&self, state: &MailboxState, stored: &StoredCredentials) -> Option<Usable> {
        if state.is_stale(stored.version) {
            return None;
        }
        let (access, end) = stored.credentials.access_token.clone()?;
        if time::until(self.clock.now(), end) < LEAST_LIFE {
            return None;
        }
        Some(usable(&stored.credentials, access, stored.version))
    }

    /// Renews the access token: one at a time in this process, and by compare-and-swap against
    /// other processes. Whoever comes second uses what the first one got.
    async fn renew(
        &self,
        mailbox: MailboxRef,
        state: &MailboxState,
        seen: u64,
        patience: Patience,
    ) -> Result<Usable, TransportError> {
        let _only_one = state.renewing.lock().await;
        let mut stored = self.load(mailbox).await?;
        if state.is_dead(GrantMark::of(&stored.credentials)) {
            return Err(TransportError::NeedsReauth);
        }
        if stored.version != seen
            && let Some(usable) = self.usable(state, &stored)
        {
            return Ok(usable);
        }
        let answer = loop {
            match self
                .ask_for_token(mailbox, &stored.credentials, patience)
                .await
            {
                Ok(answer) => break answer,
                Err(TokenFailure::Dead) => {
                    // Only this refresh token is dead.
                    let dead = GrantMark::of(&stored.credentials);
                    let Some(other) = self.another_grant(mailbox, state, dead).await? else {
                        state.mark_dead(dead);
                        tracing::warn!(mailbox = %mailbox.mailbox, "the grant is dead; connect again");
                        return Err(TransportError::NeedsReauth);
                    };
                    if let Some(usable) = self.usable(state, &other) {
                        return Ok(usable);
                    }
                    stored = other;
                }
                Err(TokenFailure::Client) => {
                    return Err(TransportError::Protocol("the OAuth client was refused"));
                }
                Err(TokenFailure::Unavailable) => return Err(TransportError::Unavailable),
                Err(TokenFailure::RateLimited(after)) => {
                    return Err(TransportError::RateLimited { after });
                }
            }
        };
        let credentials = renewed(&stored.credentials, answer, self.clock.now());
        let (access, _) = credentials
            .access_token
            .clone()
            .ok_or(TransportError::Unavailable)?;
        let version = match self
            .credentials
            .save(mailbox, Some(stored.version), &credentials)
            .await
        {
            Ok(version) => version,
            Err(CredentialError::Conflict) => {
                // Somebody else renewed, reconnected or disconnected: theirs counts.
                let theirs = self.load(mailbox).await?;
                return self
                    .usable(state, &theirs)
                    .ok_or(TransportError::Unavailable);
            }
            Err(error) => return Err(TransportError::Credentials(Some(Box::new(error)))),
        };
        Ok(usable(&credentials, access, version))
    }

    /// The credentials with another refresh token than the one that was refused, if there are any.
    ///
    /// Somebody may have reconnected, or another process has renewed: where refresh tokens rotate (RFC
    /// 6749 section 6), its renewal ended the one that was asked with here. It may not have written
    /// the new one yet, so that is looked for twice.
    async fn another_grant(
        &self,
        mailbox: MailboxRef,
        state: &MailboxState,
        dead: GrantMark,
    ) -> Result<Option<StoredCredentials>, TransportError> {
        for wait in [true, false] {
            let stored = self.load(mailbox).await?;
            let mark = GrantMark::of(&stored.credentials);
            if mark != dead {
                return Ok((!state.is_dead(mark)).then_some(stored));
            }
            if wait {
                self.sleeper.sleep(pause(mailbox.mailbox.uuid(), 1)).await;
            }
        }
        Ok(None)
    }

    async fn ask_for_token(
        &self,
        mailbox: MailboxRef,
        credentials: &Credentials,
        patience: Patience,
    ) -> Result<TokenAnswer, TokenFailure> {
        let mut number = 0;
        loop {
            let answer = self
                .tokens
                .refresh(&self.settings.mailbox, &credentials.refresh_token)
                .await;
            let again = matches!(
                answer,
                Err(TokenFailure::Unavailable | TokenFailure::RateLimited(_))
            );
            if !again || number == patience.pauses() {
                return answer;
            }
            number += 1;
            self.sleeper
                .sleep(pause(mailbox.mailbox.uuid(), number))
                .await;
        }
    }
}

fn usable(credentials: &Credentials, access: SecretString, version: u64) -> Usable {
    let grant = Grant::of(credentials.scopes.iter().map(String::as_str));
    Usable {
        token: Token {
            access,
            version,
            grant: GrantMark::of(credentials),
        },
        grant,
    }
}

/// The credentials after a renewal. A refresh token comes once: the old one stays unless another
/// is given.
fn renewed(old: &Credentials, answer: TokenAnswer, now: Timestamp) -> Credentials {
    Credentials {
        refresh_token: answer.refresh.unwrap_or_else(|| old.refresh_token.clone()),
        access_token: Some((answer.access, time::after(now, answer.expires_in))),
        scopes: answer.scopes.unwrap_or_else(|| old.scopes.clone()),
    }
}
