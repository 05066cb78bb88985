//! The key store suite on what jooper-vault ships.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use async_trait::async_trait;
use jooper_conformance::kms::KmsSubject;
use jooper_vault::{FileKms, FileKmsSettings, Kms, MemoryKms};
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse";

#[derive(Debug)]
struct Memory(Arc<MemoryKms>);

#[async_trait]
impl KmsSubject for Memory {
    fn kms(&self) -> Arc<dyn Kms> {
        self.0.clone()
    }

    async fn reopened(&self) -> Option<Arc<dyn Kms>> {
        None
    }
}

#[derive(Debug)]
struct File {
    kms: Arc<FileKms>,
    _folder: TempDir,
}

#[async_trait]
impl KmsSubject for File {
    fn kms(&self) -> Arc<dyn Kms> {
        self.kms.clone()
    }

    async fn reopened(&self) -> Option<Arc<dyn Kms>> {
        let again = FileKms::open(self.kms.path(), PASSPHRASE).unwrap();
        Some(Arc::new(again))
    }
}

jooper_conformance::kms_suite!(memory, || async {
    Memory(Arc::new(MemoryKms::from_seed(5)))
});

jooper_conformance::kms_suite!(file, || async {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jooper.keys");
    let kms = FileKms::create_with(path, PASSPHRASE, FileKmsSettings::cheap()).unwrap();
    File {
        kms: Arc::new(kms),
        _folder: folder,
    }
});
