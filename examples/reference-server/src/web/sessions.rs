//! Sessions of browsers, in memory: a restart signs everybody out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jooper::core::{LeaseClock, LeaseInstant};
use jooper::gmail::PendingAuthorization;

use super::error::PageError;
use super::random;

/// A session ends after this long without a request.
const IDLE: Duration = Duration::from_secs(60 * 60);
/// A session ends after this long in any case.
const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);
/// More sessions than this are not kept; the ones that are idle longest go first.
const MOST: usize = 10_000;

/// Which session: the hash of its cookie.
pub(crate) type Key = [u8; 32];

/// What a request needs to know of its session.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) key: Key,
    pub(crate) csrf: String,
    pub(crate) signed_in: bool,
}

/// A message for the next page.
#[derive(Clone)]
pub(crate) struct Notice {
    pub(crate) tone: &'static str,
    pub(crate) text: String,
    /// A place elsewhere to go on to, with its name.
    pub(crate) link: Option<(&'static str, &'static str)>,
}

/// Which of Google's two flows a browser was sent into.
pub(crate) enum Pending {
    SignIn(PendingAuthorization),
    Connect(PendingAuthorization),
}

impl Pending {
    fn state(&self) -> &str {
        match self {
            Self::SignIn(pending) | Self::Connect(pending) => pending.state(),
        }
    }
}

struct Session {
    csrf: String,
    signed_in: bool,
    began: LeaseInstant,
    seen: LeaseInstant,
    pending: Option<Pending>,
    notice: Option<Notice>,
}

/// Every open session. Times are real ones: the demo's clock would end sessions in half a second.
pub(crate) struct Sessions {
    open: Mutex<BTreeMap<Key, Session>>,
    clock: Arc<dyn LeaseClock>,
}

impl Sessions {
    pub(crate) fn new(clock: Arc<dyn LeaseClock>) -> Self {
        Self {
            open: Mutex::new(BTreeMap::new()),
            clock,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session; the text is the cookie's value and is kept nowhere.
    pub(crate) fn begin(&self, signed_in: bool) -> Result<(String, Visitor), PageError> {
        let (cookie, csrf) = (random::token()?, random::token()?);
        let now = self.clock.now();
        let key = random::hash(&cookie);
        let mut open = self.lock();
        if open.len() >= MOST {
            open.retain(|_, session| is_live(session, now));
        }
        if open.len() >= MOST {
            let idlest = open
                .iter()
                .min_by_key(|(_, session)| (session.signed_in, session.seen));
            if let Some(key) = idlest.map(|(key, _)| *key) {
                open.remove(&key);
            }
        }
        let session = Session {
            csrf: csrf.clone(),
            signed_in,
            began: now,
            seen: now,
            pending: None,
            notice: None,
        };
        open.insert(key, session);
        Ok((
            cookie,
            Visitor {
                key,
                csrf,
                signed_in,
            },
        ))
    }

    /// Finds the session of a cookie, unless it has ended.
    pub(crate) fn find(&self, cookie: &str) -> Option<Visitor> {
        let (key, now) = (random::hash(cookie), self.clock.now());
        let mut open = self.lock();
        let session = open.get_mut(&key)?;
        if !is_live(session, now) {
            open.remove(&key);
            return None;
        }
        session.seen = now;
        Some(Visitor {
            key,
            csrf: session.csrf.clone(),
            signed_in: session.signed_in,
        })
    }

    /// Ends a session.
    pub(crate) fn end(&self, key: &Key) {
        self.lock().remove(key);
    }

    /// Remembers that this browser was sent to Google. An older trip of the same browser is void.
    pub(crate) fn set_pending(&self, key: &Key, pending: Pending) {
        if let Some(session) = self.lock().get_mut(key) {
            session.pending = Some(pending);
        }
    }

    /// Takes out what waits for an answer with this state: once, and only in this session.
    pub(crate) fn take_pending(&self, key: &Key, state: &str) -> Option<Pending> {
        let mut open = self.lock();
        let waiting = &mut open.get_mut(key)?.pending;
        let fits = waiting
            .as_ref()
            .is_some_and(|pending| random::same(pending.state(), state));
        if fits { waiting.take() } else { None }
    }

    /// Leaves a message for the next page of this browser.
    pub(crate) fn tell(&self, key: &Key, tone: &'static str, text: impl Into<String>) {
        self.notice(key, tone, text.into(), None);
    }

    /// Tells something, and where to go on.
    pub(crate) fn point(
        &self,
        key: &Key,
        tone: &'static str,
        text: impl Into<String>,
        link: (&'static str, &'static str),
    ) {
        self.notice(key, tone, text.into(), Some(link));
    }

    fn notice(
        &self,
        key: &Key,
        tone: &'static str,
        text: String,
        link: Option<(&'static str, &'static str)>,
    ) {
        if let Some(session) = self.lock().get_mut(key) {
            session.notice = Some(Notice { tone, text, link });
        }
    }

    pub(crate) fn take_notice(&self, key: &Key) -> Option<Notice> {
        self.lock().get_mut(key)?.notice.take()
    }
}

fn is_live(session: &Session, now: LeaseInstant) -> bool {
    now.since(session.seen) < IDLE && now.since(session.began) < ABSOLUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Hand(Mutex<Duration>);

    impl LeaseClock for Hand {
        fn now(&self) -> LeaseInstant {
            LeaseInstant::from_elapsed(*self.0.lock().unwrap())
        }
    }

    fn pass(clock: &Hand, minutes: u64) {
        *clock.0.lock().unwrap() += Duration::from_secs(minutes * 60);
    }

    #[test]
    fn a_session_ends_when_it_idles_and_at_the_latest_after_half_a_day() {
        let clock = Arc::new(Hand::default());
        let sessions = Sessions::new(clock.clone());
        let (idle, _) = sessions.begin(false).unwrap();
        let (busy, visitor) = sessions.begin(true).unwrap();
        for _ in 0..14 {
            pass(&clock, 50);
            assert!(sessions.find(&busy).is_some());
        }
        assert!(sessions.find(&idle).is_none());
        pass(&clock, 50);
        assert!(sessions.find(&busy).is_none(), "12 hours are over");
        assert!(sessions.take_notice(&visitor.key).is_none());
    }

    #[test]
    fn the_cookie_itself_is_not_kept_and_an_unknown_one_finds_nothing() {
        let sessions = Sessions::new(Arc::new(Hand::default()));
        let (cookie, visitor) = sessions.begin(false).unwrap();
        assert_ne!(cookie.as_bytes(), visitor.key);
        assert!(sessions.find("").is_none());
        assert!(sessions.find(&visitor.csrf).is_none());
        sessions.end(&visitor.key);
        assert!(sessions.find(&cookie).is_none());
    }

    #[test]
    fn a_message_is_shown_once() {
        let sessions = Sessions::new(Arc::new(Hand::default()));
        let (_, visitor) = sessions.begin(false).unwrap();
        sessions.tell(&visitor.key, "good", "Saved.");
        assert_eq!(sessions.take_notice(&visitor.key).unwrap().text, "Saved.");
        assert!(sessions.take_notice(&visitor.key).is_none());
    }
}
