//! What is inside the sealed columns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a customer knows about a lead.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeadProfile {
    /// The address that mail goes to.
    pub email: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// The company's name, as imported.
    pub company: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where the data came from, as whoever brought it states it (GDPR Art. 14(2)(f)): a first mail
    /// tells the person. Empty: nobody has said, and no mail goes.
    pub source: String,
    /// How it came here: file, line and time of an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported: Option<String>,
    /// Everything else, by column name.
    pub fields: BTreeMap<String, String>,
}

/// One address of a lead.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressText(pub String);

/// A name that a user typed: a tag, a segment, a file, a company.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name(pub String);

/// Who sends, as the law wants it told.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkspaceIdentity {
    /// What the workspace is called on screen.
    pub name: String,
    /// The sender's legal name.
    pub legal_name: String,
    /// The sender's postal address.
    pub postal_address: String,
    /// The page with the sender's privacy notice.
    pub privacy_url: String,
    /// Domains that it named as its own beside those of its mailboxes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub own_domains: Vec<String>,
}

/// A connected account as its owner knows it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailboxProfile {
    /// The account's address.
    pub email: String,
    /// The name that recipients see.
    pub display_name: String,
    /// Verified addresses it may send from.
    pub aliases: Vec<String>,
    /// The provider's stable account id.
    pub sub: String,
}

/// Tokens of a mailbox. Deliberately without `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Credential {
    /// The long-lived token.
    pub refresh_token: String,
    /// The short-lived token, if one is cached.
    pub access_token: Option<String>,
    /// When the short-lived token ends, Unix milliseconds.
    pub access_expires_at: i64,
    /// The granted scopes.
    pub scopes: Vec<String>,
}

/// A campaign's name and settings, as JSON that the engine owns.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignContent(pub serde_json::Value);

/// A sequence's steps and texts, as JSON that the engine owns.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceContent(pub serde_json::Value);

/// What the engine and the gate saw and concluded, as JSON that they own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionTrace(pub serde_json::Value);

/// A mail in the campaign inbox.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageContent {
    /// The sender, as the mail says.
    pub from: String,
    /// The recipients, as the mail says.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The new text, without quotes and signature.
    pub text: String,
    /// The mail's HTML, sanitized for display.
    pub html: Option<String>,
    /// Names and sizes of attachments; never their content.
    pub attachments: Vec<(String, u64)>,
    /// The Message-ID header.
    pub message_id: Option<String>,
    /// What the classifier concluded, as JSON that it owns.
    pub verdict: serde_json::Value,
}

/// Evidence of a lawful basis.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BasisEvidence {
    /// Where and how the basis came about.
    pub source: String,
    /// What proves it: a text, a URL, a file's hash.
    pub proof: String,
    /// The version of the notice that the person saw.
    pub notice_version: Option<String>,
    /// The balancing test, for legitimate interest.
    pub assessment: Option<String>,
}

/// A user's account.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserProfile {
    /// The address they sign in with.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The Argon2id hash of their password, if they have one (PHC string).
    pub password_hash: Option<String>,
}

macro_rules! masked {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    )*};
}
masked!(
    LeadProfile,
    AddressText,
    Name,
    WorkspaceIdentity,
    MailboxProfile,
    Credential,
    CampaignContent,
    SequenceContent,
    DecisionTrace,
    MessageContent,
    BasisEvidence,
    UserProfile
);
