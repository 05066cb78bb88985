//! Keyed indexes and tags: HMAC-SHA256 under keys that never leave the vault.
//!
//! Keys come from the key store's index root by HKDF, one per workspace and label, and do not
//! rotate with epochs: an index that changed would no longer find its row. Different workspaces
//! cannot be joined on them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::hmac;
use jooper_core::{EmailAddress, KeyedIndex};

use crate::aad::Fields;
use crate::key::KeyBytes;

/// The label of every address index. One label for exact forms and variants alike: the exact
/// index of an address equals the index of that variant, so rows of both kinds meet.
const ADDRESS: &str = "address v1";
/// The label of domain indexes.
const DOMAIN: &str = "domain v1";

/// Keys for indexes of one workspace, or of the platform.
pub(crate) struct IndexKeys {
    root: KeyBytes,
    address: hmac::Key,
    domain: hmac::Key,
    /// Keys of the labels that were asked for, as there are few.
    tags: RwLock<BTreeMap<String, Arc<hmac::Key>>>,
}

/// Labels whose keys are kept: those that code writes, in case somebody makes labels of their data.
const KEPT: usize = 32;

impl IndexKeys {
    pub(crate) fn new(root: KeyBytes) -> Self {
        Self {
            address: label_key(&root, ADDRESS),
            domain: label_key(&root, DOMAIN),
            root,
            tags: RwLock::default(),
        }
    }

    pub(crate) fn address(&self, address: &EmailAddress) -> KeyedIndex {
        keyed(&self.address, address.as_str())
    }

    pub(crate) fn variants(&self, address: &EmailAddress) -> Vec<KeyedIndex> {
        let all = address.variants();
        all.iter().map(|one| self.address(one)).collect()
    }

    /// Domains are compared as DNS compares them, RFC 4343: without regard to case.
    pub(crate) fn domain(&self, domain: &str) -> KeyedIndex {
        keyed(&self.domain, &domain.to_ascii_lowercase())
    }

    pub(crate) fn index(&self, label: &str, value: &str) -> KeyedIndex {
        keyed(&label_key(&self.root, &format!("custom {label}")), value)
    }

    pub(crate) fn tag(&self, label: &str, data: &[u8]) -> Tag {
        let tag = hmac::sign(&self.tag_key(label), data);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        Tag(bytes)
    }

    fn tag_key(&self, label: &str) -> Arc<hmac::Key> {
        let known = self.tags.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known.get(label) {
            return Arc::clone(key);
        }
        drop(known);
        let info = Fields::of("jooper tag v1").field(label.as_bytes());
        let key = Arc::new(self.root.derive(info.bytes()).hmac());
        let mut known = self.tags.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KEPT {
            known.insert(label.to_owned(), Arc::clone(&key));
        }
        key
    }
}

fn label_key(root: &KeyBytes, label: &str) -> hmac::Key {
    let info = Fields::of("jooper index v1").field(label.as_bytes());
    root.derive(info.bytes()).hmac()
}

fn keyed(key: &hmac::Key, value: &str) -> KeyedIndex {
    let tag = hmac::sign(key, value.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    KeyedIndex::from_bytes(bytes)
}

/// Proof that this installation wrote some bytes: for signed links and the token in a mail's
/// headers.
#[derive(Clone, Copy)]
pub struct Tag([u8; 32]);

impl Tag {
    /// The shortest part of a tag that proves anything.
    pub const MIN_LEN: usize = 12;

    /// The tag. Its first bytes may be used alone, [`Tag::MIN_LEN`] at least.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `other` is this tag or its beginning; takes the same time either way.
    ///
    /// Anything shorter than [`Tag::MIN_LEN`] is refused.
    pub fn matches(&self, other: &[u8]) -> bool {
        (Self::MIN_LEN..=self.0.len()).contains(&other.len())
            && aws_lc_rs::constant_time::verify_slices_are_equal(&self.0[..other.len()], other)
                .is_ok()
    }
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tag(***)")
    }
}

/// Keyed indexes that all workspaces share: do-not-contact, accounts and sign-in.
///
/// Never given to code that acts for one workspace: what it finds would tell about another (law L7).
#[derive(Clone)]
pub struct PlatformVault(std::sync::Arc<IndexKeys>);

impl PlatformVault {
    pub(crate) fn new(root: KeyBytes) -> Self {
        Self(std::sync::Arc::new(IndexKeys::new(root)))
    }

    /// The index of every form under which an address may have objected, exact first.
    pub fn variant_indexes(&self, address: &EmailAddress) -> Vec<KeyedIndex> {
        self.0.variants(address)
    }

    /// The index of a value under a label of the caller's choice.
    pub fn index(&self, label: &str, value: &str) -> KeyedIndex {
        self.0.index(label, value)
    }

    /// The tag of some bytes, for tokens that name no workspace.
    pub fn tag(&self, label: &str, data: &[u8]) -> Tag {
        self.0.tag(label, data)
    }
}

impl std::fmt::Debug for PlatformVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlatformVault")
    }
}
