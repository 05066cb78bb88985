//! Tokens: the token endpoint, revocation, identity, and everything that ends a grant.

mod death;
mod endpoint;
mod grants;
mod identity;
mod jwt;
mod revoke;

pub use self::death::DeathCause;
pub(crate) use self::endpoint::token;
pub(crate) use self::grants::{Code, Grants, Refresh, grant_directly};
pub(crate) use self::identity::{certs, discovery, userinfo};
pub(crate) use self::jwt::SigningKeys;
pub(crate) use self::revoke::revoke;

pub(crate) const SEND_SCOPE: &str = "https://www.googleapis.com/auth/gmail.send";
pub(crate) const READ_SCOPE: &str = "https://www.googleapis.com/auth/gmail.readonly";
/// The Gmail scopes a client of the simulator may ask for.
pub(crate) const GMAIL_SCOPES: [&str; 2] = [SEND_SCOPE, READ_SCOPE];

const EMAIL_URL: &str = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE_URL: &str = "https://www.googleapis.com/auth/userinfo.profile";

/// One spelling for the scopes that have two.
pub(crate) fn canonical_scope(scope: &str) -> String {
    match scope {
        "email" => EMAIL_URL.to_owned(),
        "profile" => PROFILE_URL.to_owned(),
        other => other.to_owned(),
    }
}

/// Whether a (canonical) scope is about who somebody is, not about their mail.
pub(crate) fn is_identity_scope(scope: &str) -> bool {
    matches!(scope, "openid" | EMAIL_URL | PROFILE_URL)
}

/// The scope list as the token answer spells it.
fn spell(scopes: &[String], expanded: bool) -> String {
    let words: Vec<&str> = scopes
        .iter()
        .map(|scope| match scope.as_str() {
            EMAIL_URL if !expanded => "email",
            PROFILE_URL if !expanded => "profile",
            other => other,
        })
        .collect();
    words.join(" ")
}
