//! The rules in force, and what fired.

use serde::{Deserialize, Serialize};

use super::super::draw::chance;
use super::Fault;

/// When a matching call is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum When {
    /// Each time.
    Always,
    /// The n-th matching call, counted from 1.
    Nth(u32),
    /// The n-th matching call and all behind it; with [`FaultRule::times`], a burst.
    From(u32),
    /// Every n-th matching call.
    Every(u32),
    /// With so many chances in a thousand, drawn from the seed.
    PerMille(u32),
}

/// A rule: which calls, when, what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FaultRule {
    /// The HTTP method, any if absent; `PUSH` for notifications.
    #[serde(default)]
    pub method: Option<String>,
    /// The path, with `*` for any run of characters; any path if absent.
    #[serde(default)]
    pub path: Option<String>,
    /// A name and its value that must stand in the query; any query if absent.
    #[serde(default)]
    pub query: Option<(String, String)>,
    /// The caller's primary address, anyone if absent.
    #[serde(default)]
    pub account: Option<String>,
    /// Which of the matching calls.
    pub when: When,
    /// Fires at most so often.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens then.
    pub fault: Fault,
}

impl FaultRule {
    /// Hits every call until it is narrowed.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            method: None,
            path: None,
            query: None,
            account: None,
            when: When::Always,
            times: None,
            fault,
        }
    }

    /// Hits calls of one method and path; `*` stands for any run of characters.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Hits calls with this in their query, such as one format of `messages.get` alone.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: &str) -> Self {
        self.query = Some((name.to_owned(), value.to_owned()));
        self
    }

    /// Hits sends, JSON or upload.
    #[must_use]
    pub fn on_send(self) -> Self {
        self.on("POST", "*/messages/send")
    }

    /// Hits the calls of one account.
    #[must_use]
    pub fn account(mut self, email: &str) -> Self {
        self.account = Some(email.to_lowercase());
        self
    }

    /// Hits when that holds.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Hits at most so often.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    fn matches(&self, call: &FaultCall<'_>) -> bool {
        let same = |wanted: &Option<String>, given: Option<&str>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| given.is_some_and(|given| wanted.eq_ignore_ascii_case(given)))
        };
        same(&self.method, Some(call.method))
            && same(&self.account, call.account)
            && self
                .path
                .as_deref()
                .is_none_or(|pattern| glob(pattern, call.path))
            && self
                .query
                .as_ref()
                .is_none_or(|wanted| call.query.contains(wanted))
    }
}

/// A call as rules see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultCall<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a [(String, String)],
    pub(crate) account: Option<&'a str>,
}

/// One fault that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FiredFault {
    /// The rule's number.
    pub rule: u64,
    /// Virtual milliseconds since 1970.
    pub at_ms: i64,
    /// Method and path of the call.
    pub call: String,
    /// What happened.
    pub fault: Fault,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Active {
    id: u64,
    rule: FaultRule,
    seen: u32,
    fired: u32,
}

/// All rules.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct FaultBoard {
    active: Vec<Active>,
    added: u64,
    pub(crate) fired: Vec<FiredFault>,
}

impl FaultBoard {
    /// Puts a rule in force; answers its number.
    pub(crate) fn add(&mut self, rule: FaultRule) -> u64 {
        self.added += 1;
        self.active.push(Active {
            id: self.added,
            rule,
            seen: 0,
            fired: 0,
        });
        self.added
    }

    /// Takes a rule out of force.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.active.len();
        self.active.retain(|active| active.id != id);
        before != self.active.len()
    }

    /// Takes all rules out of force; what fired stays listed.
    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    /// Whether any rule is in force.
    pub(crate) fn is_active(&self) -> bool {
        !self.active.is_empty()
    }

    /// Rules with their numbers.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (u64, &FaultRule)> {
        self.active.iter().map(|active| (active.id, &active.rule))
    }

    /// What hits this call.
    pub(crate) fn decide(&mut self, seed: u64, now: i64, call: &FaultCall<'_>) -> Vec<Fault> {
        let mut hits = Vec::new();
        for active in &mut self.active {
            if active.rule.times.is_some_and(|times| active.fired >= times)
                || !active.rule.matches(call)
            {
                continue;
            }
            active.seen += 1;
            let hit = match active.rule.when {
                When::Always => true,
                When::Nth(n) => active.seen == n,
                When::From(n) => active.seen >= n,
                When::Every(n) => n > 0 && active.seen.is_multiple_of(n),
                When::PerMille(rate) => chance(
                    seed,
                    &["fault", &active.id.to_string(), &active.seen.to_string()],
                    rate,
                ),
            };
            if hit {
                active.fired += 1;
                self.fired.push(FiredFault {
                    rule: active.id,
                    at_ms: now,
                    call: format!("{} {}", call.method, call.path),
                    fault: active.rule.fault.clone(),
                });
                hits.push(active.rule.fault.clone());
            }
        }
        hits
    }
}

fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let pieces: Vec<&str> = pieces.collect();
    for (at, piece) in pieces.iter().enumerate() {
        if at + 1 == pieces.len() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(found) => rest = &rest[found + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_paths() {
        assert!(glob(
            "*/messages/send",
            "/upload/gmail/v1/users/me/messages/send"
        ));
        assert!(glob("/token", "/token"));
        assert!(!glob("/token", "/tokens"));
        assert!(glob("/gmail/*/messages/*", "/gmail/v1/users/me/messages/1"));
        assert!(!glob(
            "*/messages/send",
            "/gmail/v1/users/me/messages/send/x"
        ));
    }

    fn call<'a>(method: &'a str, path: &'a str) -> FaultCall<'a> {
        FaultCall {
            method,
            path,
            query: &[],
            account: None,
        }
    }

    #[test]
    fn rules_count_only_what_they_match_and_stop_when_spent() {
        let mut board = FaultBoard::default();
        board.add(
            FaultRule::new(Fault::DropUnread)
                .on_send()
                .when(When::Every(2))
                .times(2),
        );
        let read = call("GET", "/gmail/v1/users/me/messages");
        let send = call("POST", "/gmail/v1/users/me/messages/send");
        let mut hits = 0;
        for _ in 0..10 {
            assert!(board.decide(1, 0, &read).is_empty());
            hits += board.decide(1, 0, &send).len();
        }
        assert_eq!(hits, 2);
        assert_eq!(board.fired.len(), 2);
    }

    #[test]
    fn a_burst_hits_some_calls_in_a_row() {
        let mut board = FaultBoard::default();
        board.add(
            FaultRule::new(Fault::DropUnread)
                .when(When::From(3))
                .times(2),
        );
        let hits: Vec<usize> = (0..6)
            .map(|_| board.decide(1, 0, &call("GET", "/x")).len())
            .collect();
        assert_eq!(hits, [0, 0, 1, 1, 0, 0]);
    }

    #[test]
    fn a_rule_for_one_account_leaves_others_alone() {
        let mut board = FaultBoard::default();
        board.add(FaultRule::new(Fault::DropUnread).account("Ann@example.com"));
        let by = |account| FaultCall {
            account,
            ..call("GET", "/x")
        };
        assert!(board.decide(1, 0, &by(Some("bob@example.com"))).is_empty());
        assert!(board.decide(1, 0, &by(None)).is_empty());
        assert_eq!(board.decide(1, 0, &by(Some("ann@example.com"))).len(), 1);
    }

    #[test]
    fn a_rule_for_one_query_leaves_others_alone() {
        let mut board = FaultBoard::default();
        board.add(FaultRule::new(Fault::DropUnread).with_query("format", "raw"));
        let format = |value: &str| vec![("format".to_owned(), value.to_owned())];
        for (query, hits) in [(format("raw"), 1), (format("full"), 0), (Vec::new(), 0)] {
            let call = FaultCall {
                query: &query,
                ..call("GET", "/x")
            };
            assert_eq!(board.decide(1, 0, &call).len(), hits, "{query:?}");
        }
    }
}
