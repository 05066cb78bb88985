//! What is inside a link: who must not be mailed any more, sealed.
//!
//! The token outlives the lead: it carries the keyed indexes that a stop needs, under the
//! workspace's own key, so that a link in a years-old mail still works after the erasure. Its
//! purpose is part of what is authenticated: an unsubscribe token opens no preference page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jooper_core::{KeyedIndex, LeadId, Origin, SendKey, WorkspaceId};
use jooper_storage::tables::{SETTING, WorkspaceDirectoryRow};
use jooper_storage::{Scope, Storage, StorageExt, Value};
use jooper_vault::{Place, SubjectVault, Vault, VaultError};
use uuid::Uuid;

use crate::error::TrackingError;

/// The longest text that is even looked at.
const MAX_LEN: usize = 1024;

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Stops this sender's mail.
    Unsubscribe,
    /// Opens the preference page.
    Preferences,
}

impl Purpose {
    /// The part of the path that stands before a token of this purpose.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Unsubscribe => "u",
            Self::Preferences => "p",
        }
    }

    /// The purpose whose tokens stand behind this part of a path.
    pub(crate) fn from_path(path: &str) -> Option<Self> {
        let mut all = [Self::Unsubscribe, Self::Preferences].into_iter();
        all.find(|purpose| purpose.path() == path)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Unsubscribe => "link unsubscribe v1",
            Self::Preferences => "link preferences v1",
        }
    }
}

/// Whom a link is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) workspace: WorkspaceId,
    /// The widest form of the address, under the workspace's key.
    pub(crate) contact: KeyedIndex,
    /// The exact address, under the workspace's key.
    pub(crate) exact: KeyedIndex,
    /// The widest form of the address, under the platform's key.
    pub(crate) platform: KeyedIndex,
    pub(crate) lead: LeadId,
    pub(crate) send_key: SendKey,
}

fn place(name: &'static str) -> Place {
    Place::new(&SETTING, "value", &[Value::Text(name.to_owned())])
}

/// Seals a few bytes under the workspace's own key; the name is part of what is authenticated.
pub(crate) fn seal(
    own: &SubjectVault,
    name: &'static str,
    plain: &[u8],
) -> Result<String, VaultError> {
    let mut token = own.workspace().uuid().as_bytes().to_vec();
    token.extend(own.seal_bytes(&place(name), Origin::System, plain)?);
    Ok(URL_SAFE_NO_PAD.encode(token))
}

/// Opens what [`seal`] wrote; `None` when it is not one of ours of that name.
pub(crate) async fn open(
    vault: &Vault,
    storage: &dyn Storage,
    text: &str,
    name: &'static str,
) -> Result<Option<(WorkspaceId, Vec<u8>)>, TrackingError> {
    if text.len() > MAX_LEN {
        return Ok(None);
    }
    let Ok(token) = URL_SAFE_NO_PAD.decode(text) else {
        return Ok(None);
    };
    let Some((workspace, envelope)) = token.split_at_checked(16) else {
        return Ok(None);
    };
    let Ok(workspace) = Uuid::from_slice(workspace) else {
        return Ok(None);
    };
    let workspace = WorkspaceId::from_uuid(workspace);
    // A forged workspace must not be created by being asked for.
    let key = vec![Value::Id(workspace.uuid())];
    if storage
        .find::<WorkspaceDirectoryRow>(Scope::Platform, key)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let opened = vault.workspace(workspace).await?;
    let plain = opened.own().open_bytes(&place(name), envelope);
    Ok(plain.ok().map(|plain| (workspace, plain.to_vec())))
}

impl Ticket {
    /// Writes the token.
    pub(crate) fn write(&self, own: &SubjectVault, purpose: Purpose) -> Result<String, VaultError> {
        let mut plain = Vec::with_capacity(160);
        for index in [&self.contact, &self.exact, &self.platform] {
            plain.extend_from_slice(index.as_bytes());
        }
        plain.extend_from_slice(self.lead.uuid().as_bytes());
        plain.extend_from_slice(&self.send_key.to_bytes());
        seal(own, purpose.name(), &plain)
    }

    /// Reads a token; `None` when it is not one of ours for this purpose.
    pub(crate) async fn read(
        vault: &Vault,
        storage: &dyn Storage,
        text: &str,
        purpose: Purpose,
    ) -> Result<Option<Self>, TrackingError> {
        let opened = open(vault, storage, text, purpose.name()).await?;
        Ok(opened.and_then(|(workspace, plain)| Self::from_plain(workspace, &plain)))
    }

    fn from_plain(workspace: WorkspaceId, plain: &[u8]) -> Option<Self> {
        let index = |at: usize| -> Option<KeyedIndex> {
            let bytes: [u8; 32] = plain.get(at * 32..(at + 1) * 32)?.try_into().ok()?;
            Some(KeyedIndex::from_bytes(bytes))
        };
        Some(Self {
            workspace,
            contact: index(0)?,
            exact: index(1)?,
            platform: index(2)?,
            lead: LeadId::from_uuid(Uuid::from_slice(plain.get(96..112)?).ok()?),
            send_key: SendKey::from_bytes(plain.get(112..)?).ok()?,
        })
    }
}
