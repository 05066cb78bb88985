//! Sending limits: a rolling day per account, shared with everything else that sends for it.
//!
//! Google's documentation warns that for some minutes after the limit a send is still answered 200
//! though the mail does not go out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::accounts::{UserKind, UserSpec};
use super::super::knobs::{DAY, Knobs};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Sender {
    /// Instant and number of messages, oldest first.
    sends: Vec<(i64, u64)>,
    /// Everyone written to within the day, and when last.
    recipients: BTreeMap<String, i64>,
    over_since: Option<i64>,
}

/// What every account has sent, by `sub`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SendingLedger(BTreeMap<String, Sender>);

/// The verdict on one more message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Within the limit.
    Go,
    /// Over it, in the minutes when the API does not say so yet.
    Grace,
    /// Refused until that instant.
    Refused(i64),
}

impl SendingLedger {
    /// Counts what other programs sent for this account.
    pub(crate) fn add(&mut self, sub: &str, at: i64, messages: u64) {
        self.0
            .entry(sub.to_owned())
            .or_default()
            .sends
            .push((at, messages));
    }

    /// Judges one more message; one that goes out is counted.
    pub(super) fn judge(
        &mut self,
        user: &UserSpec,
        knobs: &Knobs,
        now: i64,
        recipients: &[String],
    ) -> Verdict {
        let sender = self.0.entry(user.sub.clone()).or_default();
        sender.sends.retain(|(at, _)| *at > now - DAY);
        let limit = match user.kind {
            UserKind::Consumer => knobs.consumer_daily_sends,
            UserKind::Workspace => knobs.workspace_daily_sends,
            UserKind::Trial => knobs.trial_daily_sends,
        };
        let used: u64 = sender.sends.iter().map(|(_, messages)| messages).sum();
        sender.recipients.retain(|_, at| *at > now - DAY);
        let domain = user.email.rsplit_once('@').map_or("", |(_, domain)| domain);
        let outside = |address: &String| {
            address
                .rsplit_once('@')
                .is_none_or(|(_, other)| other != domain)
        };
        let known = &sender.recipients;
        let fresh: Vec<&String> = recipients
            .iter()
            .filter(|address| !known.contains_key(*address))
            .collect();
        let unique = known.len() + fresh.len();
        let external = known.keys().filter(|address| outside(address)).count()
            + fresh.iter().filter(|address| outside(address)).count();
        let crowded = user.kind != UserKind::Consumer
            && (unique > knobs.unique_recipients_daily
                || external > knobs.external_recipients_daily);
        if used < limit && !crowded {
            sender
                .recipients
                .extend(recipients.iter().map(|address| (address.clone(), now)));
            sender.over_since = None;
            sender.sends.push((now, 1));
            return Verdict::Go;
        }
        let since = *sender.over_since.get_or_insert(now);
        if now < since + knobs.sending_grace_ms {
            return Verdict::Grace;
        }
        let free_at = sender.sends.first().map_or(now, |(at, _)| at + DAY);
        Verdict::Refused(free_at)
    }
}
