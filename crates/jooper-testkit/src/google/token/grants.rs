//! Who granted what, and the codes and tokens that came of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::accounts::{ProjectSpec, PublishingStatus};
use super::super::draw::hex;
use super::super::knobs::{DAY, SECOND};
use super::super::world::World;
use super::{DeathCause, canonical_scope, is_identity_scope};

const UNUSED_LIFE: i64 = 183 * DAY;
const TESTING_LIFE: i64 = 7 * DAY;

/// An authorisation code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) sub: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) plain: bool,
    pub(crate) refreshable: bool,
    pub(crate) issued_at: i64,
    pub(crate) used: bool,
}

impl Code {
    pub(crate) fn live(&self, now: i64, seconds: i64) -> bool {
        !self.used && now < self.issued_at + seconds.saturating_mul(SECOND)
    }
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Access {
    pub(crate) client_id: String,
    pub(crate) project: String,
    pub(crate) sub: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: i64,
}

/// A refresh token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) client_id: String,
    pub(crate) project: String,
    pub(crate) sub: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued_at: i64,
    pub(crate) used_at: i64,
    pub(crate) order: u64,
    /// Ends at this time by the user's or the project's choice.
    pub(crate) ends_at: Option<(i64, DeathCause)>,
    pub(crate) dead: Option<DeathCause>,
}

impl Refresh {
    /// Why the token does not work now, if it does not.
    pub(crate) fn death(&self, now: i64) -> Option<DeathCause> {
        let timed = self
            .ends_at
            .filter(|(at, _)| now >= *at)
            .map(|(_, cause)| cause);
        let unused = (now >= self.used_at + UNUSED_LIFE).then_some(DeathCause::Unused);
        self.dead.or(timed).or(unused)
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Grant {
    scopes: BTreeSet<String>,
}

/// All grants; consent is per account and project, tokens per account and client.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) access: BTreeMap<String, Access>,
    pub(crate) refresh: BTreeMap<String, Refresh>,
    grants: BTreeMap<String, BTreeMap<String, Grant>>,
    minted: u64,
}

impl Grants {
    /// Records consent; answers the scopes of this grant, older ones included when they are merged.
    pub(crate) fn consent(
        &mut self,
        sub: &str,
        project: &ProjectSpec,
        granted: Vec<String>,
        merge: bool,
        now: i64,
    ) -> Vec<String> {
        self.codes.retain(|_, code| now < code.issued_at + DAY);
        self.access.retain(|_, token| now < token.expires_at + DAY);
        let grant = self
            .grants
            .entry(project.id.clone())
            .or_default()
            .entry(sub.to_owned())
            .or_default();
        let mut scopes = granted;
        if merge {
            for old in &grant.scopes {
                if !scopes.contains(old) {
                    scopes.push(old.clone());
                }
            }
        }
        grant.scopes.extend(scopes.iter().cloned());
        scopes
    }

    pub(crate) fn has_grant(&self, sub: &str, project: &str) -> bool {
        self.grants
            .get(project)
            .is_some_and(|users| users.contains_key(sub))
    }

    pub(crate) fn users_of(&self, project: &str) -> usize {
        self.grants.get(project).map_or(0, BTreeMap::len)
    }

    /// Whether this client holds a refresh token of that user that still counts at Google.
    pub(crate) fn had_refresh(&self, sub: &str, client_id: &str) -> bool {
        self.refresh
            .values()
            .any(|token| token.sub == sub && token.client_id == client_id && token.dead.is_none())
    }

    pub(crate) fn new_code(&mut self, seed: u64, code: Code) -> String {
        let text = format!("4/0A{}", self.mint(seed, "code", 60));
        self.codes.insert(text.clone(), code);
        text
    }

    pub(crate) fn new_access(
        &mut self,
        seed: u64,
        lifetime: i64,
        refresh: &Refresh,
        scopes: Vec<String>,
        now: i64,
    ) -> String {
        let text = format!("ya29.a0{}", self.mint(seed, "access", 90));
        let token = Access {
            client_id: refresh.client_id.clone(),
            project: refresh.project.clone(),
            sub: refresh.sub.clone(),
            scopes,
            expires_at: now + lifetime * SECOND,
        };
        self.access.insert(text.clone(), token);
        text
    }

    /// Keeps a refresh token; the oldest of the same user and client dies when there are too many.
    pub(crate) fn new_refresh(&mut self, seed: u64, mut token: Refresh, cap: usize) -> String {
        token.order = self.minted;
        let text = format!("1//0{}", self.mint(seed, "refresh", 80));
        let same = |other: &Refresh| {
            other.dead.is_none() && other.sub == token.sub && other.client_id == token.client_id
        };
        while self.refresh.values().filter(|t| same(t)).count() >= cap.max(1) {
            let Some(oldest) = self
                .refresh
                .values_mut()
                .filter(|t| same(t))
                .min_by_key(|t| t.order)
            else {
                break;
            };
            oldest.dead = Some(DeathCause::TokenLimit);
        }
        self.refresh.insert(text.clone(), token);
        text
    }

    /// Ends every token of a user in one project: revocation knows no smaller unit.
    pub(crate) fn end_project(&mut self, sub: &str, project: &str, cause: DeathCause) {
        // The account stays counted: a project's user cap is for its lifetime.
        if let Some(grant) = self
            .grants
            .get_mut(project)
            .and_then(|users| users.get_mut(sub))
        {
            grant.scopes.clear();
        }
        self.access
            .retain(|_, token| token.sub != sub || token.project != project);
        self.end(cause, |token| token.sub == sub && token.project == project);
    }

    /// Ends tokens of a user everywhere for a cause; a password change spares identity-only grants.
    pub(crate) fn end_user(&mut self, sub: &str, cause: DeathCause) {
        let spared = |scopes: &[String]| {
            cause == DeathCause::PasswordChange
                && scopes.iter().all(|scope| is_identity_scope(scope))
        };
        self.access
            .retain(|_, token| token.sub != sub || spared(&token.scopes));
        self.end(cause, |token| token.sub == sub && !spared(&token.scopes));
    }

    fn end(&mut self, cause: DeathCause, matches: impl Fn(&Refresh) -> bool) {
        for token in self
            .refresh
            .values_mut()
            .filter(|token| token.dead.is_none() && matches(token))
        {
            token.dead = Some(cause);
        }
    }

    fn mint(&mut self, seed: u64, kind: &str, chars: usize) -> String {
        self.minted += 1;
        hex(seed, &["token", kind, &self.minted.to_string()], chars)
    }
}

/// When a new grant ends by itself, if it does.
pub(super) fn planned_end(
    project: &ProjectSpec,
    scopes: &[String],
    now: i64,
) -> Option<(i64, DeathCause)> {
    if let Some(days) = project.grant_days {
        return Some((now + days * DAY, DeathCause::GrantExpired));
    }
    let mail = scopes.iter().any(|scope| !is_identity_scope(scope));
    (project.status == PublishingStatus::Testing && mail)
        .then_some((now + TESTING_LIFE, DeathCause::Testing))
}

/// Mints tokens without a consent screen, for tests that are about something else.
pub(crate) fn grant_directly(
    world: &mut World,
    sub: &str,
    client_id: &str,
    project: &ProjectSpec,
    scopes: &[&str],
) -> (String, String) {
    let scopes: Vec<String> = scopes.iter().map(|scope| canonical_scope(scope)).collect();
    let (seed, now) = (world.seed, world.now);
    let scopes = world.grants.consent(sub, project, scopes, false, now);
    let token = Refresh {
        client_id: client_id.to_owned(),
        project: project.id.clone(),
        sub: sub.to_owned(),
        ends_at: planned_end(project, &scopes, now),
        scopes: scopes.clone(),
        issued_at: now,
        used_at: now,
        order: 0,
        dead: None,
    };
    let access =
        world
            .grants
            .new_access(seed, world.knobs.access_token_seconds, &token, scopes, now);
    let refresh = world
        .grants
        .new_refresh(seed, token, world.knobs.refresh_tokens_per_client);
    (access, refresh)
}
