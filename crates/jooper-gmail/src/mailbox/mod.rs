//! What is remembered of one mailbox while the process lives. All of it can be lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use jooper_core::EmailAddress;
use jooper_transport::{Credentials, MailboxRef};
use secrecy::ExposeSecret;

use crate::budget::{Minute, Use};
use crate::reconcile::Search;
use crate::time;
use crate::watch::Watch;

/// However long somebody is told to wait, it is no longer than this: a wrong clock or a wrong
/// answer must not stop a mailbox for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// Knows a refresh token again without keeping it. A version of stored credentials would not do:
/// versions begin anew once a mailbox was disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GrantMark([u8; 32]);

impl GrantMark {
    pub(crate) fn of(credentials: &Credentials) -> Self {
        let hash = digest(
            &SHA256,
            credentials.refresh_token.expose_secret().as_bytes(),
        );
        let mut mark = [0; 32];
        mark.copy_from_slice(hash.as_ref());
        Self(mark)
    }
}

/// One mailbox's state in this process.
#[derive(Debug, Default)]
pub(crate) struct MailboxState {
    /// Held while its access token is renewed.
    pub(crate) renewing: tokio::sync::Mutex<()>,
    /// Its quota units of the last minute.
    pub(crate) minute: Mutex<Minute>,
    facts: Mutex<Facts>,
}

#[derive(Debug, Default)]
struct Facts {
    /// The version of the stored credentials whose access token Google has refused.
    stale_version: Option<u64>,
    /// The refresh token that is dead.
    dead: Option<GrantMark>,
    /// The refresh token whose tokens turned out not to read, whatever its scopes say.
    blind: Option<GrantMark>,
    /// The refresh token, and the version of its tokens, that were refused at the last send.
    refused_send: Option<(GrantMark, u64)>,
    /// No sending before this.
    parked_until: Option<Timestamp>,
    /// No call at all before this.
    quiet_until: Option<Timestamp>,
    /// No reading of what arrived before this; sending and its evidence go on.
    unread_until: Option<Timestamp>,
    /// One read at a time before this.
    crowded_until: Option<Timestamp>,
    /// The addresses it may send as, and when they were read.
    send_as: Option<(Timestamp, Arc<BTreeSet<EmailAddress>>)>,
    /// The watch that was begun last, and with which refresh token.
    watch: Option<(GrantMark, Watch)>,
    /// Before this no watch is asked for, because one was refused.
    watch_again: Option<Timestamp>,
    /// Failed readings of single messages.
    strikes: BTreeMap<String, u8>,
    /// Searches that were broken off, by the token they look for.
    searches: BTreeMap<String, Search>,
}

/// How many broken-off searches are remembered.
const MAX_SEARCHES: usize = 16;

/// How many messages are remembered as failing: more than are read at once, so that each of them is given
/// up some time. More than that is a failing server.
const MAX_STRIKES: usize = 256;

impl MailboxState {
    fn facts<T>(&self, with: impl FnOnce(&mut Facts) -> T) -> T {
        with(&mut self.facts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn mark_stale(&self, version: u64) {
        self.facts(|facts| facts.stale_version = Some(version));
    }

    pub(crate) fn is_stale(&self, version: u64) -> bool {
        self.facts(|facts| facts.stale_version == Some(version))
    }

    pub(crate) fn mark_dead(&self, grant: GrantMark) {
        self.facts(|facts| facts.dead = Some(grant));
    }

    pub(crate) fn is_dead(&self, grant: GrantMark) -> bool {
        self.facts(|facts| facts.dead == Some(grant))
    }

    pub(crate) fn mark_blind(&self, grant: GrantMark) {
        self.facts(|facts| facts.blind = Some(grant));
    }

    pub(crate) fn is_blind(&self, grant: GrantMark) -> bool {
        self.facts(|facts| facts.blind == Some(grant))
    }

    /// Remembers a token that was refused at a send, and tells whether another one of the same
    /// grant was refused at the send before: then no new token helps.
    pub(crate) fn refuse_send(&self, grant: GrantMark, version: u64) -> bool {
        self.facts(|facts| {
            let before = facts.refused_send.replace((grant, version));
            before.is_some_and(|(known, last)| known == grant && last != version)
        })
    }

    /// A send was answered by more than a refused token.
    pub(crate) fn forget_refused_send(&self) {
        self.facts(|facts| facts.refused_send = None);
    }

    /// Stops sending until then, or for longer where it is stopped for longer already.
    pub(crate) fn park(&self, now: Timestamp, until: Timestamp) {
        self.facts(|facts| facts.parked_until = later(now, facts.parked_until, until));
    }

    /// Until when sending is stopped, if it is.
    pub(crate) fn parked_until(&self, now: Timestamp) -> Option<Timestamp> {
        let latest = time::after(now, LONGEST_WAIT);
        self.facts(|facts| facts.parked_until)
            .filter(|until| *until > now && *until <= latest)
    }

    /// Makes no such call until then, or for longer where that was asked for already. A refused read
    /// stops reads alone; a refusal around a send stops everything.
    pub(crate) fn keep_quiet(&self, purpose: Use, now: Timestamp, until: Timestamp) {
        self.facts(|facts| {
            let quiet = match purpose {
                Use::Reading => &mut facts.unread_until,
                Use::Sending => &mut facts.quiet_until,
            };
            *quiet = later(now, *quiet, until);
        });
    }

    /// How long no such call may be made, if so.
    pub(crate) fn quiet_for(&self, purpose: Use, now: Timestamp) -> Option<Duration> {
        let (all, reads) = self.facts(|facts| (facts.quiet_until, facts.unread_until));
        let reads = reads.filter(|_| purpose == Use::Reading);
        let waits = all.into_iter().chain(reads);
        waits
            .map(|until| time::until(now, until))
            .filter(|left| !left.is_zero() && *left <= LONGEST_WAIT)
            .max()
    }

    /// Reads one by one until then.
    pub(crate) fn crowd(&self, until: Timestamp) {
        self.facts(|facts| facts.crowded_until = Some(until));
    }

    /// Whether reads should go one by one.
    pub(crate) fn is_crowded(&self, now: Timestamp) -> bool {
        self.facts(|facts| facts.crowded_until)
            .is_some_and(|until| until > now && time::until(now, until) <= LONGEST_WAIT)
    }

    pub(crate) fn send_as(&self) -> Option<(Timestamp, Arc<BTreeSet<EmailAddress>>)> {
        self.facts(|facts| facts.send_as.clone())
    }

    pub(crate) fn set_send_as(&self, now: Timestamp, addresses: Arc<BTreeSet<EmailAddress>>) {
        self.facts(|facts| facts.send_as = Some((now, addresses)));
    }

    /// Whether to ask for a watch now.
    pub(crate) fn watch_is_due(&self, grant: GrantMark, now: Timestamp) -> bool {
        self.facts(|facts| {
            let refused = facts
                .watch_again
                .is_some_and(|again| again > now && time::until(now, again) <= LONGEST_WAIT);
            let known = facts.watch.filter(|(with, _)| *with == grant);
            !refused && known.is_none_or(|(_, watch)| watch.is_due(now))
        })
    }

    pub(crate) fn set_watch(&self, watch: Option<(GrantMark, Watch)>, again: Option<Timestamp>) {
        self.facts(|facts| {
            facts.watch = watch;
            facts.watch_again = again;
        });
    }

    /// What a search for this token has looked at so far.
    pub(crate) fn take_search(&self, token: &str) -> Search {
        self.facts(|facts| facts.searches.remove(token).unwrap_or_default())
    }

    pub(crate) fn keep_search(&self, token: &str, search: Search) {
        self.facts(|facts| {
            if facts.searches.len() >= MAX_SEARCHES {
                facts.searches.pop_first();
            }
            facts.searches.insert(token.to_owned(), search);
        });
    }

    /// Counts a failed reading of one message and tells how many there were.
    pub(crate) fn strike(&self, id: &str) -> u8 {
        self.facts(|facts| {
            if facts.strikes.len() >= MAX_STRIKES && !facts.strikes.contains_key(id) {
                facts.strikes.clear();
            }
            let count = facts.strikes.entry(id.to_owned()).or_default();
            *count = count.saturating_add(1);
            *count
        })
    }

    pub(crate) fn forget_strikes(&self, id: &str) {
        self.facts(|facts| facts.strikes.remove(id));
    }
}

/// The later of two ends of a pause: a shorter pause that is asked for meanwhile ends no longer one.
/// One that lies further away than any pause may be does not count: the clock was set back.
fn later(now: Timestamp, known: Option<Timestamp>, until: Timestamp) -> Option<Timestamp> {
    let latest = time::after(now, LONGEST_WAIT);
    let known = known.filter(|known| *known <= latest);
    Some(until.min(latest)).max(known)
}

/// The states of all mailboxes.
#[derive(Debug, Default)]
pub(crate) struct Mailboxes(Mutex<BTreeMap<MailboxRef, Arc<MailboxState>>>);

impl Mailboxes {
    pub(crate) fn get(&self, mailbox: MailboxRef) -> Arc<MailboxState> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(mailbox).or_default())
    }

    pub(crate) fn forget(&self, mailbox: MailboxRef) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&mailbox);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_pause_ends_no_longer_one_and_a_wrong_clock_none_for_ever() {
        let state = MailboxState::default();
        let start = Timestamp::UNIX_EPOCH;
        let at = |minutes: u64| time::after(start, Duration::from_secs(60 * minutes));
        state.park(start, at(60));
        state.park(start, at(5));
        assert_eq!(state.parked_until(start), Some(at(60)));
        state.park(start, at(90));
        assert_eq!(state.parked_until(start), Some(at(90)));
        for purpose in [Use::Reading, Use::Sending] {
            state.keep_quiet(purpose, start, at(60));
            state.keep_quiet(purpose, start, at(5));
            let left = state.quiet_for(purpose, start);
            assert_eq!(left, Some(Duration::from_secs(3600)), "{purpose:?}");
        }
        // The clock was days ahead: what it said is passed over, and what is said now holds.
        let ahead = MailboxState::default();
        ahead.park(at(10_000), at(10_060));
        ahead.keep_quiet(Use::Sending, at(10_000), at(10_060));
        ahead.park(start, at(5));
        ahead.keep_quiet(Use::Sending, start, at(5));
        assert_eq!(ahead.parked_until(start), Some(at(5)));
        let left = ahead.quiet_for(Use::Sending, start);
        assert_eq!(left, Some(Duration::from_secs(300)));
    }
}
