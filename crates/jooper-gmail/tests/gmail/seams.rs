//! The seams that an embedder fills, one call at a time: what is asked of them, and how often.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jooper_conformance::mint::Mint;
use jooper_core::{ManualClock, NotSentReason, SystemLeaseClock};
use jooper_gmail::{Endpoints, GMAIL_READONLY, GMAIL_SEND, Gmail};
use jooper_transport::{
    CredentialError, CredentialStore, Credentials, HttpClient, HttpError, HttpRequest, Inbox,
    MailboxRef, Outcome, OutgoingMail, StoredCredentials, Transport, TransportError, UnknownCause,
};
use mockall::{Sequence, mock};
use secrecy::ExposeSecret as _;

use crate::lab::{ADA, Passing, settings, start_time};

mock! {
    #[derive(Debug)]
    Http {}

    #[async_trait]
    impl HttpClient for Http {
        async fn execute(&self, request: HttpRequest) -> Result<http::Response<Bytes>, HttpError>;
    }
}

mock! {
    #[derive(Debug)]
    Store {}

    #[async_trait]
    impl CredentialStore for Store {
        async fn load(&self, mailbox: MailboxRef) -> Result<Option<StoredCredentials>, CredentialError>;
        async fn save(&self, mailbox: MailboxRef, expected: Option<u64>, credentials: &Credentials) -> Result<u64, CredentialError>;
        async fn delete(&self, mailbox: MailboxRef) -> Result<(), CredentialError>;
    }
}

fn stored(access: &str, version: u64) -> StoredCredentials {
    let end = start_time() + jiff::SignedDuration::from_hours(1);
    StoredCredentials {
        credentials: Credentials {
            refresh_token: "refresh".to_owned().into(),
            access_token: Some((access.to_owned().into(), end)),
            scopes: vec![GMAIL_SEND.to_owned(), GMAIL_READONLY.to_owned()],
        },
        version,
    }
}

fn json(status: u16, text: &'static str) -> Result<http::Response<Bytes>, HttpError> {
    let response = http::Response::builder().status(status);
    Ok(response.body(Bytes::from_static(text.as_bytes())).unwrap())
}

fn is(request: &HttpRequest, method: &str, end: &str) -> bool {
    request.request.method() == method && request.request.uri().path().ends_with(end)
}

/// Bearer token of a request.
fn bearer(request: &HttpRequest) -> &str {
    let header = request.request.headers().get("authorization");
    header.map_or("", |value| value.to_str().unwrap())
}

fn gmail(http: MockHttp, store: MockStore) -> Gmail {
    let clock = Arc::new(ManualClock::new(start_time()));
    let endpoints = Endpoints::below(&"http://127.0.0.1:1/".parse().unwrap()).unwrap();
    let sleeper = Arc::new(Passing(clock.clone()));
    Gmail::new(
        settings(&endpoints),
        Arc::new(http),
        Arc::new(store),
        clock,
        sleeper,
    )
}

async fn send(gmail: Gmail) -> Outcome {
    let mint = Mint::new("gmail", Arc::new(SystemLeaseClock::new())).await;
    let mailbox = mint.mailbox();
    let raw = format!(
        "From: {ADA}\r\nTo: p@firm.example\r\nSubject: s\r\n\
         List-Unsubscribe: <https://t.sender.example/u>\r\n\
         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nhttps://t.sender.example/u\r\n"
    );
    let mail = OutgoingMail::new(raw.into_bytes(), None)
        .unwrap()
        .with_notice();
    let permit = mint.permit(mailbox, mail.to()).await;
    let dispatcher = mint.dispatcher(Arc::new(gmail) as Arc<dyn Transport>);
    dispatcher
        .dispatch(mailbox.workspace, mailbox.mailbox, permit, mail)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_send_is_one_request_with_an_end_whatever_the_client_says() {
    let not_sent = |reason| Outcome::NotSent {
        reason,
        retry_at: None,
    };
    for (error, outcome) in [
        (
            HttpError::NotConnected,
            not_sent(NotSentReason::Unreachable),
        ),
        (HttpError::Incomplete, not_sent(NotSentReason::Unreachable)),
        (HttpError::Withheld, not_sent(NotSentReason::LeaseExpired)),
        (HttpError::Timeout, Outcome::Unknown(UnknownCause::Timeout)),
        (
            HttpError::Lost,
            Outcome::Unknown(UnknownCause::ConnectionLost),
        ),
        (
            HttpError::Oversized,
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
    ] {
        let (mut http, mut store) = (MockHttp::new(), MockStore::new());
        store
            .expect_load()
            .returning(|_| Ok(Some(stored("access", 1))));
        http.expect_execute()
            .withf(|request| {
                is(request, "GET", "/settings/sendAs") && request.last_byte_before.is_none()
            })
            .times(1)
            .returning(|_| {
                json(
                    200,
                    r#"{"sendAs":[{"sendAsEmail":"ada@sender.example","isPrimary":true}]}"#,
                )
            });
        http.expect_execute()
            .withf(|request| {
                is(request, "POST", "/messages/send") && request.last_byte_before.is_some()
            })
            .times(1)
            .returning(move |_| Err(error));
        assert_eq!(send(gmail(http, store)).await, outcome, "{error:?}");
    }
}

/// A list too long to read says nothing about which aliases there are: whoever sends as one waits, and
/// nobody says that the address is not theirs.
#[tokio::test]
async fn a_list_of_senders_too_long_to_read_refuses_nobody_for_good() {
    let (mut http, mut store) = (MockHttp::new(), MockStore::new());
    store
        .expect_load()
        .returning(|_| Ok(Some(stored("access", 1))));
    http.expect_execute()
        .withf(|request| is(request, "GET", "/settings/sendAs"))
        .returning(|_| Err(HttpError::Oversized));
    http.expect_execute()
        .withf(|request| is(request, "GET", "/profile"))
        .returning(|_| {
            json(
                200,
                r#"{"emailAddress":"other@sender.example","historyId":"1"}"#,
            )
        });
    let reason = NotSentReason::Unreachable;
    assert_eq!(
        send(gmail(http, store)).await,
        Outcome::NotSent {
            reason,
            retry_at: None
        }
    );
}

#[tokio::test]
async fn tokens_that_cannot_be_read_let_nothing_out() {
    let (mut http, mut store) = (MockHttp::new(), MockStore::new());
    http.expect_execute().never();
    let broken = || CredentialError::Store("the store is away".into());
    store
        .expect_load()
        .times(1)
        .returning(move |_| Err(broken()));
    let outcome = send(gmail(http, store)).await;
    // The store may be back in a minute; nobody has to connect again for it.
    let reason = NotSentReason::Unreachable;
    assert_eq!(
        outcome,
        Outcome::NotSent {
            reason,
            retry_at: None
        }
    );
}

#[tokio::test]
async fn whoever_renews_second_uses_the_token_of_the_first_and_writes_nothing_over_it() {
    let (mut http, mut store, mut order) = (MockHttp::new(), MockStore::new(), Sequence::new());
    let mut load = |access: &'static str, version| {
        store
            .expect_load()
            .times(1)
            .in_sequence(&mut order)
            .returning(move |_| Ok(Some(stored(access, version))));
    };
    // Opened, refused, and looked at once more before the renewal.
    load("old", 1);
    load("old", 1);
    store
        .expect_save()
        .withf(|_, expected, fresh| {
            *expected == Some(1) && fresh.refresh_token.expose_secret() == "refresh"
        })
        .times(1)
        .in_sequence(&mut order)
        .returning(|_, _, _| Err(CredentialError::Conflict));
    store
        .expect_load()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_| Ok(Some(stored("theirs", 2))));
    http.expect_execute()
        .withf(|request| is(request, "GET", "/profile") && bearer(request) == "Bearer old")
        .times(1)
        .returning(|_| json(401, "{}"));
    http.expect_execute()
        .withf(|request| is(request, "POST", "/token"))
        .times(1)
        .returning(|_| {
            json(
                200,
                r#"{"access_token":"ours","expires_in":3599,"token_type":"Bearer"}"#,
            )
        });
    http.expect_execute()
        .withf(|request| is(request, "GET", "/profile") && bearer(request) == "Bearer theirs")
        .times(1)
        .returning(|_| {
            json(
                200,
                r#"{"emailAddress":"ada@sender.example","historyId":"7"}"#,
            )
        });
    let mailbox = MailboxRef {
        workspace: jooper_core::WorkspaceId::from_uuid(uuid::Uuid::nil()),
        mailbox: jooper_core::MailboxId::from_uuid(uuid::Uuid::nil()),
    };
    let cursor = gmail(http, store).baseline(mailbox).await;
    assert!(cursor.is_ok(), "{cursor:?}");
}

#[tokio::test]
async fn a_store_that_fails_at_the_renewal_is_an_error_that_names_no_token() {
    let (mut http, mut store) = (MockHttp::new(), MockStore::new());
    store.expect_load().returning(|_| {
        let mut old = stored("old", 1);
        old.credentials.access_token = None;
        Ok(Some(old))
    });
    store
        .expect_save()
        .times(1)
        .returning(|_, _, _| Err(CredentialError::Store("disk full".into())));
    http.expect_execute()
        .withf(|request| is(request, "POST", "/token"))
        .times(1)
        .returning(|_| json(200, r#"{"access_token":"canary-token","expires_in":3599}"#));
    let mailbox = MailboxRef {
        workspace: jooper_core::WorkspaceId::from_uuid(uuid::Uuid::nil()),
        mailbox: jooper_core::MailboxId::from_uuid(uuid::Uuid::nil()),
    };
    let failed = gmail(http, store).baseline(mailbox).await.unwrap_err();
    assert!(
        matches!(failed, TransportError::Credentials(Some(_))),
        "{failed:?}"
    );
    assert!(!format!("{failed:?}").contains("canary"), "{failed:?}");
}
