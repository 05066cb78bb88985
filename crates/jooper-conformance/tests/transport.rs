//! The mail suites on what jooper-transport ships.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use async_trait::async_trait;
use jooper_conformance::transport::TransportSubject;
use jooper_core::EmailAddress;
use jooper_transport::{
    MemoryCredentialStore, Outcome, RecordingTransport, ReqwestClient, ReqwestSettings, Transport,
    UnknownCause,
};

#[derive(Debug, Default)]
struct Recording(Arc<RecordingTransport>);

#[async_trait]
impl TransportSubject for Recording {
    fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.0) as Arc<dyn Transport>
    }

    fn sender(&self) -> EmailAddress {
        EmailAddress::parse("sender@sender.example").unwrap()
    }

    async fn accepted(&self, token: &str) -> usize {
        let accepted = self.0.accepted();
        let holds = |raw: &[u8]| String::from_utf8_lossy(raw).contains(token);
        accepted
            .iter()
            .filter(|(_, _, mail)| holds(mail.raw()))
            .count()
    }

    async fn lose_next_answer(&self) -> bool {
        self.0
            .script(Outcome::Unknown(UnknownCause::ConnectionLost));
        true
    }

    /// It hands nothing over: its mails leave for nowhere.
    fn withholds(&self) -> bool {
        false
    }
}

jooper_conformance::transport_suite!(recording, |_, _| async { Recording::default() });

jooper_conformance::credential_store_suite!(memory, || async {
    ((), MemoryCredentialStore::new())
});

jooper_conformance::http_client_suite!(reqwest, |lease| async {
    (
        (),
        ReqwestClient::new(lease, ReqwestSettings::default()).unwrap(),
    )
});
