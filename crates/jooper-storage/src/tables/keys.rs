//! Wrapped keys: rows of the same store, written with what they protect.

use jooper_core::SubjectId;

use crate::record::table;

table! {
    /// A workspace's key of one epoch, wrapped by the key store's key of that epoch.
    pub struct WorkspaceKeyRow / WORKSPACE_KEY "workspace_key" tenant key 1 {
        /// The epoch.
        epoch: i64 = clear,
        /// The wrapped key.
        wrapped: Vec<u8> = key,
        /// Proves that an unwrapped key is this one.
        check_value: Vec<u8> = key,
    }
}

table! {
    /// A subject's data key, wrapped by the workspace's key of an epoch.
    pub struct SubjectKeyRow / SUBJECT_KEY "subject_key" tenant key 1
        subject "subject" on_erase Delete
    {
        /// Whose key.
        subject: SubjectId = clear,
        /// Which workspace key wraps it.
        epoch: i64 = clear,
        /// The key's own generation.
        generation: u16 = clear,
        /// The wrapped key.
        wrapped: Vec<u8> = key,
        /// Proves that an unwrapped key is this one.
        check_value: Vec<u8> = key,
    }
    index "by_epoch" ["epoch"]
}
