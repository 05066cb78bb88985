//! Who exists: Cloud projects with their OAuth clients, and Google accounts with their traits.

mod authorize;
mod page;
mod spec;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use self::authorize::authorize;
pub use self::spec::{
    ClientSpec, ConsentScript, ProjectSpec, PublishingStatus, UserKind, UserSpec,
};

/// Every account, client and project, and what the owner of an account will answer at the consent screen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Directory {
    pub(crate) projects: BTreeMap<String, ProjectSpec>,
    pub(crate) clients: BTreeMap<String, ClientSpec>,
    /// By `sub`, the one stable key of an account.
    pub(crate) users: BTreeMap<String, UserSpec>,
    /// Answers waiting to be given, by `sub`; an empty queue approves.
    pub(crate) consents: BTreeMap<String, Vec<ConsentScript>>,
    /// Who is signed in to the browser when the request names nobody.
    pub(crate) signed_in: Option<String>,
}

impl Directory {
    /// The account with that address (or alias), or that `sub`.
    pub(crate) fn find(&self, hint: &str) -> Option<&UserSpec> {
        let wanted = hint.to_lowercase();
        self.users
            .get(hint)
            .or_else(|| self.users.values().find(|user| user.answers_to(&wanted)))
    }

    /// The project that a client belongs to.
    pub(crate) fn project_of(&self, client_id: &str) -> Option<&ProjectSpec> {
        self.clients
            .get(client_id)
            .and_then(|client| self.projects.get(&client.project))
    }
}
