//! Making one call, and making it again where that is harmless.

use std::time::Duration;

use http::StatusCode;
use jooper_core::from_millis;
use jooper_transport::{HttpError, HttpRequest, TransportError};
use serde::de::DeserializeOwned;

use crate::api::{Failure, Method, Request, classify};
use crate::backoff::{Patience, pause};
use crate::budget::Use;
use crate::gmail::Inner;
use crate::session::Session;
use crate::time;

/// How long every mailbox rests once the project's day is used up.
const PROJECT_REST: Duration = Duration::from_secs(3600);
/// How long reads of a mailbox go one by one after Gmail found too many at once.
pub(crate) const CROWDED: Duration = Duration::from_secs(600);

/// How a read is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) patience: Patience,
    /// What its units are for.
    pub(crate) purpose: Use,
    /// Whether those of the first try were taken already.
    pub(crate) prepaid: bool,
}

impl Manner {
    pub(crate) const SENDING: Self = Self {
        patience: Patience::Short,
        purpose: Use::Sending,
        prepaid: false,
    };
    pub(crate) const READING: Self = Self {
        patience: Patience::Long,
        purpose: Use::Reading,
        prepaid: false,
    };
    pub(crate) const EVIDENCE: Self = Self {
        patience: Patience::Long,
        purpose: Use::Sending,
        prepaid: false,
    };
    pub(crate) const PREPAID: Self = Self {
        patience: Patience::Long,
        purpose: Use::Reading,
        prepaid: true,
    };
}

/// What one try came to.
enum Try<T> {
    Done(T),
    Again(TransportError),
    /// With a new token, which Google's own word asks for, or somebody else's.
    Renew {
        own: bool,
    },
    Fail(TransportError),
}

impl Inner {
    /// Takes units for several calls that follow.
    pub(crate) fn prepay(
        &self,
        session: &Session,
        units: u64,
        purpose: Use,
    ) -> Result<(), TransportError> {
        let now = self.clock.now();
        if let Some(after) = session.state.quiet_for(purpose, now) {
            return Err(TransportError::RateLimited { after: Some(after) });
        }
        self.budget
            .take(&session.state.minute, now, units, purpose)
            .map_err(|wait| TransportError::RateLimited { after: Some(wait) })
    }

    /// Makes a call that changes nothing, or the same every time: again after a pause where the
    /// server or the network failed, once more with a new token after a refused one.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        session: &Session,
        request: &Request,
        manner: Manner,
    ) -> Result<T, TransportError> {
        if request.method.reads() {
            session.must_read()?;
        }
        let (mut pauses, mut renewed) = (0, false);
        let mut manner = manner;
        loop {
            let token = session.token();
            let tried = self.try_once(session, request, manner).await;
            // Google counts every try.
            manner.prepaid = false;
            match tried {
                Try::Done(value) => return Ok(value),
                Try::Fail(error) => return Err(error),
                // Whoever that is, they do not say what Google thinks of the grant.
                Try::Renew { own: false } if renewed => return Err(TransportError::Unavailable),
                Try::Renew { .. } if renewed => {
                    // A token just renewed is refused: the grant is worth nothing.
                    session.state.mark_dead(token.grant);
                    return Err(TransportError::NeedsReauth);
                }
                Try::Renew { .. } => {
                    renewed = true;
                    self.reopen(session, &token, manner.patience).await?;
                }
                Try::Again(error) if pauses == manner.patience.pauses() => return Err(error),
                Try::Again(_) => {
                    pauses += 1;
                    self.sleeper
                        .sleep(pause(session.mailbox.mailbox.uuid(), pauses))
                        .await;
                }
            }
        }
    }

    async fn try_once<T: DeserializeOwned>(
        &self,
        session: &Session,
        request: &Request,
        manner: Manner,
    ) -> Try<T> {
        let units = u64::from(request.method.units(self.settings.quota.project));
        if !manner.prepaid
            && let Err(error) = self.prepay(session, units, manner.purpose)
        {
            return Try::Fail(error);
        }
        let Some(wire) = request.authorized(&session.token().access) else {
            return Try::Fail(TransportError::Protocol(
                "the access token is not printable",
            ));
        };
        let timeout = self.settings.timeouts.read();
        let wire = HttpRequest {
            request: wire,
            last_byte_before: None,
            timeout,
        };
        let answer = match self.http.execute(wire).await {
            Ok(answer) => answer,
            // Such a list says nothing about which aliases there are.
            Err(HttpError::Oversized) if matches!(request.method, Method::ListSendAs) => {
                return Try::Fail(TransportError::Unavailable);
            }
            // The same the next time.
            Err(HttpError::Oversized) => {
                return Try::Fail(TransportError::Protocol("the answer is too long"));
            }
            Err(error) => {
                tracing::debug!(method = request.method.name(), %error, "no answer");
                return Try::Again(TransportError::Unavailable);
            }
        };
        let status = answer.status();
        tracing::debug!(
            method = request.method.name(),
            status = status.as_u16(),
            "answered"
        );
        if status.is_success() {
            // A proxy's page with status 200 is no answer of Gmail's: ask again.
            let body: &[u8] = if status == StatusCode::NO_CONTENT {
                b"{}"
            } else {
                answer.body()
            };
            return serde_json::from_slice(body)
                .map_or(Try::Again(TransportError::Unavailable), Try::Done);
        }
        let now = self.clock.now();
        let refusal = classify(status, answer.headers(), answer.body(), now);
        if !refusal.own {
            match (request.method, refusal.failure) {
                // Somebody on the way says so. Taken for Google's word it would hide a mail for good.
                (Method::GetMessage, Failure::NotFound) => {
                    return Try::Again(TransportError::Unavailable);
                }
                // Or that a mailbox has no aliases. Not asked again: a server without the method
                // says it each time.
                (Method::ListSendAs, Failure::NotFound | Failure::Invalid) => {
                    return Try::Fail(TransportError::Unavailable);
                }
                _ => {}
            }
        }
        self.judge(session, request.method, manner.purpose, refusal.failure)
    }

    /// What a read does about a failure.
    fn judge<T>(
        &self,
        session: &Session,
        method: Method,
        purpose: Use,
        failure: Failure,
    ) -> Try<T> {
        match failure {
            Failure::Unauthorized => Try::Renew { own: true },
            Failure::ForeignUnauthorized => Try::Renew { own: false },
            Failure::Scope => {
                // A watch can be refused for its topic's sake.
                if method.reads() && method.verb() == http::Method::GET {
                    session.state.mark_blind(session.token().grant);
                }
                Try::Fail(TransportError::Forbidden("a scope is missing"))
            }
            Failure::Policy => Try::Fail(TransportError::Blocked(
                "an administrator does not allow it",
            )),
            Failure::NoMailService => {
                Try::Fail(TransportError::Blocked("the account has no Gmail"))
            }
            // No word of Google's about the account, so nothing is given up for it.
            Failure::Foreign => Try::Fail(TransportError::Unavailable),
            Failure::NotFound => Try::Fail(TransportError::Gone),
            Failure::Invalid | Failure::TooLarge => Try::Fail(TransportError::Protocol(
                "the request was refused as invalid",
            )),
            Failure::RateLimited(Some(until)) | Failure::SendingLimit(Some(until)) => {
                let now = self.clock.now();
                session.state.keep_quiet(purpose, now, until);
                let after = time::until(now, until);
                Try::Fail(TransportError::RateLimited { after: Some(after) })
            }
            Failure::RateLimited(None) | Failure::SendingLimit(None) => {
                Try::Again(TransportError::RateLimited { after: None })
            }
            Failure::Crowded => {
                let now = self.clock.now();
                session.state.crowd(time::after(now, CROWDED));
                Try::Again(TransportError::RateLimited { after: None })
            }
            Failure::ProjectDay | Failure::ProjectOff => {
                self.stop_project(failure);
                let after = Some(PROJECT_REST);
                Try::Fail(TransportError::RateLimited { after })
            }
            Failure::Server | Failure::Odd => Try::Again(TransportError::Unavailable),
        }
    }

    /// The owner of the project has set a cap and it is reached, or the API is not switched on for it:
    /// nobody's call will succeed. Tried again after an hour, since the answer does not say when the
    /// cap's day ends.
    pub(crate) fn stop_project(&self, failure: Failure) -> jiff::Timestamp {
        if failure == Failure::ProjectOff {
            tracing::error!("the Gmail API is not enabled for the project: every mailbox waits");
        } else {
            tracing::error!("the project's daily quota is used up: every mailbox waits");
        }
        let until = time::after(self.clock.now(), PROJECT_REST);
        self.budget.stop(until);
        until
    }

    /// The instant of an `internalDate`, or now where a server leaves it out.
    pub(crate) fn instant(&self, internal_date: Option<i64>) -> jiff::Timestamp {
        internal_date.map_or_else(|| self.clock.now(), from_millis)
    }
}
