//! The suite for [`HttpClient`], against a server that misbehaves on purpose.
#![allow(
    missing_docs,
    reason = "a case is documented by its name: it is the promise"
)]

mod server;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use jooper_core::{LeaseClock, LeaseInstant};
use jooper_transport::{HttpClient, HttpError, HttpRequest};

use self::server::{Answer, Server};
use crate::transport::ManualLease;

/// Lists every case of the HTTP client suite as a test of its own, in a module of this name.
///
/// The factory gets the lease clock that last bytes are checked against and returns a future of a
/// guard and a client.
#[macro_export]
macro_rules! http_client_suite {
    ($name:ident, $factory:expr) => {
        $crate::__mail_cases! { $name, http_client, $factory,
            a_request_arrives_whole_and_with_its_length
            an_error_status_is_an_answer
            a_redirect_is_an_answer_and_not_followed
            nothing_is_sent_behind_the_lease
            the_last_byte_is_withheld_when_the_lease_ends_on_the_way
            no_connection_is_told_as_such
            a_lost_answer_is_told_as_such_and_nothing_is_tried_again
            half_an_answer_is_no_answer
            silence_ends_in_time
            an_error_names_no_address
        }
    };
}

/// Runs one case.
#[doc(hidden)]
pub fn run<G, C: HttpClient, Made, Ran>(
    make: impl FnOnce(Arc<dyn LeaseClock>) -> Made,
    case: impl FnOnce(Bench) -> Ran,
) where
    Made: Future<Output = (G, C)>,
    Ran: Future<Output = ()>,
{
    crate::transport::block_on(async {
        let lease = Arc::new(ManualLease::default());
        let (guard, client) = make(Arc::clone(&lease) as Arc<dyn LeaseClock>).await;
        case(Bench {
            lease,
            client: Arc::new(client),
        })
        .await;
        drop(guard);
    });
}

/// A client under test.
#[doc(hidden)]
#[derive(Debug)]
pub struct Bench {
    lease: Arc<ManualLease>,
    client: Arc<dyn HttpClient>,
}

/// When the leases of this suite end, by the manual clock.
const END: Duration = Duration::from_secs(10);

fn post(url: &str, body: usize) -> HttpRequest {
    let body: Vec<u8> = (0..body).map(|n| b'a' + (n % 26) as u8).collect();
    HttpRequest {
        request: http::Request::post(url)
            .body(body.into())
            .expect("a request"),
        last_byte_before: Some(LeaseInstant::from_elapsed(END)),
        timeout: Duration::from_secs(5),
    }
}

#[doc(hidden)]
pub mod cases {
    use super::*;

    pub async fn a_request_arrives_whole_and_with_its_length(bench: Bench) {
        for size in [0, 1, 2, 70_000, 2_000_000] {
            let server = Server::start(Answer::Whole("200 OK", "hello")).await;
            let serve = server.serve(|_| ());
            let (answer, seen) = join(bench.client.execute(post(&server.url(), size)), serve).await;
            let answer = answer.expect("an answer");
            assert_eq!(
                (answer.status().as_u16(), &answer.body()[..]),
                (200, &b"hello"[..])
            );
            assert_eq!((seen.declared, seen.received), (Some(size), size), "{size}");
            assert!(
                !seen.head.to_lowercase().contains("transfer-encoding"),
                "{}",
                seen.head
            );
        }
    }

    pub async fn an_error_status_is_an_answer(bench: Bench) {
        for status in ["400 Bad Request", "429 Too Many", "502 Bad Gateway"] {
            let server = Server::start(Answer::Whole(status, "<html>")).await;
            let serve = server.serve(|_| ());
            let (answer, _) = join(bench.client.execute(post(&server.url(), 9)), serve).await;
            let answer = answer.expect("an answer");
            assert!(status.starts_with(answer.status().as_str()));
        }
    }

    pub async fn a_redirect_is_an_answer_and_not_followed(bench: Bench) {
        let server = Server::start(Answer::Redirect).await;
        let serve = server.serve(|_| ());
        let (answer, _) = join(bench.client.execute(post(&server.url(), 9)), serve).await;
        assert_eq!(answer.expect("an answer").status(), 307);
        assert!(server.nobody_comes().await);
    }

    pub async fn nothing_is_sent_behind_the_lease(bench: Bench) {
        let server = Server::start(Answer::Whole("200 OK", "")).await;
        bench.lease.advance(END);
        for size in [0, 9] {
            let answer = bench.client.execute(post(&server.url(), size)).await;
            assert_eq!(answer.err(), Some(HttpError::Withheld));
        }
        assert!(server.nobody_comes().await);
    }

    pub async fn the_last_byte_is_withheld_when_the_lease_ends_on_the_way(bench: Bench) {
        // So large that the client must wait for the server to read, so that the server can end
        // the lease in the middle of the body.
        for size in [40_000_000] {
            let server = Server::start(Answer::Whole("200 OK", "accepted")).await;
            let lease = Arc::clone(&bench.lease);
            let serve = server.serve(move |_| lease.advance(END));
            let (answer, seen) = join(bench.client.execute(post(&server.url(), size)), serve).await;
            assert_eq!(answer.err(), Some(HttpError::Withheld), "{size}");
            assert_eq!(seen.declared, Some(size));
            assert!(
                seen.received < size,
                "{} of {size} bytes came",
                seen.received
            );
        }
    }

    pub async fn no_connection_is_told_as_such(bench: Bench) {
        let server = Server::start(Answer::Nothing).await;
        let url = server.url();
        drop(server);
        let answer = bench.client.execute(post(&url, 9)).await;
        assert_eq!(answer.err(), Some(HttpError::NotConnected));
    }

    pub async fn a_lost_answer_is_told_as_such_and_nothing_is_tried_again(bench: Bench) {
        let server = Server::start(Answer::Nothing).await;
        let serve = server.serve(|_| ());
        let (answer, seen) = join(bench.client.execute(post(&server.url(), 9)), serve).await;
        assert_eq!(answer.err(), Some(HttpError::Lost));
        assert_eq!(seen.received, 9);
        assert!(server.nobody_comes().await);
    }

    pub async fn half_an_answer_is_no_answer(bench: Bench) {
        let server = Server::start(Answer::Half).await;
        let serve = server.serve(|_| ());
        let (answer, _) = join(bench.client.execute(post(&server.url(), 9)), serve).await;
        assert_eq!(answer.err(), Some(HttpError::Lost));
    }

    pub async fn silence_ends_in_time(bench: Bench) {
        let server = Server::start(Answer::Silence).await;
        let mut request = post(&server.url(), 9);
        request.timeout = Duration::from_millis(200);
        let serve = server.serve(|_| ());
        let (answer, _seen) = join(bench.client.execute(request), serve).await;
        assert_eq!(answer.err(), Some(HttpError::Timeout));
    }

    pub async fn an_error_names_no_address(bench: Bench) {
        let answer = bench
            .client
            .execute(post("http://127.0.0.1:1/secret-path", 9))
            .await;
        let error = answer.expect_err("nobody listens on port 1");
        let printed = format!("{error} {error:?} {:?}", bench.client);
        assert!(
            !printed.contains("secret-path") && !printed.contains("127.0.0.1"),
            "{printed}"
        );
    }
}
