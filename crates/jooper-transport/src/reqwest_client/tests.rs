use std::sync::Mutex;

use jooper_core::{LeaseInstant, SystemLeaseClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A lease clock that shows a scripted time, step by step, and then stays.
#[derive(Debug)]
struct Script(Mutex<Vec<u64>>);

impl Script {
    fn shows(mut seconds: Vec<u64>) -> Arc<dyn LeaseClock> {
        seconds.reverse();
        Arc::new(Self(Mutex::new(seconds)))
    }
}

impl LeaseClock for Script {
    fn now(&self) -> LeaseInstant {
        let mut left = self.0.lock().unwrap();
        let now = if left.len() > 1 {
            left.pop()
        } else {
            left.last().copied()
        };
        LeaseInstant::from_elapsed(Duration::from_secs(now.unwrap_or(0)))
    }
}

async fn server() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    (listener, url)
}

/// Reads a request until its declared length, or until the client goes away.
async fn read_request(stream: &mut TcpStream) -> (String, usize, usize) {
    let mut all = Vec::new();
    let mut buffer = [0; 65536];
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return (head.to_owned(), length, body.len());
            }
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return (head.to_owned(), length, body.len()),
                Ok(read) => all.extend_from_slice(&buffer[..read]),
            }
            continue;
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return (text, 0, 0),
            Ok(read) => all.extend_from_slice(&buffer[..read]),
        }
    }
}

fn post(url: &str, body: usize, end: Option<u64>) -> HttpRequest {
    HttpRequest {
        request: http::Request::post(url)
            .body(vec![b'x'; body].into())
            .unwrap(),
        last_byte_before: end.map(|end| LeaseInstant::from_elapsed(Duration::from_secs(end))),
        timeout: Duration::from_secs(20),
    }
}

fn client(lease: Arc<dyn LeaseClock>) -> ReqwestClient {
    ReqwestClient::new(lease, ReqwestSettings::default()).unwrap()
}

/// Whether no further connection is made for a while.
#[allow(
    clippy::disallowed_methods,
    reason = "only time shows that nothing happens"
)]
async fn nobody_comes(listener: &TcpListener) -> bool {
    tokio::time::timeout(Duration::from_millis(50), listener.accept())
        .await
        .is_err()
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

#[tokio::test]
async fn a_request_arrives_whole_with_its_length() {
    let (listener, url) = server().await;
    for (body, end) in [
        (0, None),
        (1, Some(9)),
        (2_000, Some(9)),
        (3_000_000, Some(9)),
        (7, None),
    ] {
        let client = client(Script::shows(vec![0]));
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let read = read_request(&mut stream).await;
            stream.write_all(OK).await.unwrap();
            read
        };
        let (answer, (head, length, read)) =
            tokio::join!(client.execute(post(&url, body, end)), serve);
        assert_eq!(answer.unwrap().body(), "hi");
        assert_eq!((length, read), (body, body));
        assert!(!head.to_lowercase().contains("transfer-encoding"), "{head}");
    }
}

#[tokio::test]
async fn the_last_byte_is_withheld_once_the_lease_has_ended() {
    for body in [1, 2, 2_000, 3_000_000] {
        let (listener, url) = server().await;
        // The first look finds the lease alive, the look before the last byte finds it dead.
        let client = client(Script::shows(vec![0, 9]));
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await
        };
        let (answer, (_, length, read)) =
            tokio::join!(client.execute(post(&url, body, Some(9))), serve);
        assert_eq!(answer.unwrap_err(), HttpError::Withheld);
        assert_eq!(length, body);
        assert!(read < body, "{read} of {body} bytes came");
    }
}

#[tokio::test]
async fn nothing_is_written_after_the_lease() {
    let (listener, url) = server().await;
    let client = client(Script::shows(vec![9]));
    let answer = client.execute(post(&url, 10, Some(9))).await;
    assert_eq!(answer.unwrap_err(), HttpError::Withheld);
    assert!(nobody_comes(&listener).await, "nobody connected");
}

#[tokio::test]
async fn a_body_that_the_lease_leaves_no_time_for_is_not_begun() {
    let settings = ReqwestSettings {
        least_upload: 1_000,
        ..ReqwestSettings::default()
    };
    for (now, body, begun) in [
        (0, 9_000, true),
        (0, 9_001, false),
        (7, 2_000, true),
        (7, 2_001, false),
    ] {
        let (listener, url) = server().await;
        let client = ReqwestClient::new(Script::shows(vec![now]), settings).unwrap();
        let left = Duration::from_secs(9 - now);
        assert_eq!(body <= client.most_upload(left), begun, "{now} {body}");
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let read = read_request(&mut stream).await;
            stream.write_all(OK).await.unwrap();
            read
        };
        let ask = client.execute(post(&url, body, Some(9)));
        if begun {
            let (answer, (_, _, read)) = tokio::join!(ask, serve);
            assert_eq!((answer.unwrap().status().as_u16(), read), (200, body));
        } else {
            assert_eq!(ask.await.unwrap_err(), HttpError::Withheld, "{body}");
            assert!(nobody_comes(&listener).await, "{body}: nobody connected");
        }
    }
}

#[tokio::test]
async fn a_refused_connection_is_not_connected() {
    let (listener, url) = server().await;
    drop(listener);
    let client = client(Arc::new(SystemLeaseClock::new()));
    assert_eq!(
        client.execute(post(&url, 10, None)).await.unwrap_err(),
        HttpError::NotConnected
    );
}

#[tokio::test]
async fn a_connection_lost_after_the_body_is_lost_and_not_tried_again() {
    for answer in [&b""[..], b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhi"] {
        let (listener, url) = server().await;
        let client = client(Arc::new(SystemLeaseClock::new()));
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            stream.write_all(answer).await.unwrap();
            drop(stream);
            listener
        };
        let (result, listener) = tokio::join!(client.execute(post(&url, 10, None)), serve);
        assert_eq!(result.unwrap_err(), HttpError::Lost);
        assert!(nobody_comes(&listener).await, "nobody came again");
    }
}

#[tokio::test]
async fn a_connection_lost_within_the_body_is_incomplete() {
    let (listener, url) = server().await;
    let client = client(Arc::new(SystemLeaseClock::new()));
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        // Reads the head only; far more stays than any buffer takes.
        let mut buffer = [0; 1024];
        stream.read_exact(&mut buffer).await.unwrap();
        drop(stream);
    };
    let request = post(&url, 60_000_000, Some(u64::MAX / 2));
    let (answer, ()) = tokio::join!(client.execute(request), serve);
    assert_eq!(answer.unwrap_err(), HttpError::Incomplete);
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let (listener, url) = server().await;
    let client = client(Arc::new(SystemLeaseClock::new()));
    let mut request = post(&url, 10, None);
    request.timeout = Duration::from_millis(100);
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream
    };
    let (answer, _stream) = tokio::join!(client.execute(request), serve);
    assert_eq!(answer.unwrap_err(), HttpError::Timeout);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (listener, url) = server().await;
    let client = client(Arc::new(SystemLeaseClock::new()));
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        let moved = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(moved.as_bytes()).await.unwrap();
        stream
    };
    let (answer, mut stream) = tokio::join!(client.execute(post(&url, 10, None)), serve);
    assert_eq!(answer.unwrap().status(), 307);
    drop(client);
    assert_eq!(
        read_request(&mut stream).await.1,
        0,
        "no second request on the connection"
    );
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_cut() {
    let (listener, url) = server().await;
    let settings = ReqwestSettings {
        max_answer: 1,
        ..ReqwestSettings::default()
    };
    let client = ReqwestClient::new(Script::shows(vec![0]), settings).unwrap();
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(OK).await.unwrap();
        stream
    };
    let (answer, _stream) = tokio::join!(client.execute(post(&url, 10, None)), serve);
    assert_eq!(answer.unwrap_err(), HttpError::Oversized);
}

mod last_byte;
