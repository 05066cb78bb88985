//! A server that reads one request to its declared end and answers as it was told.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How it answers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    /// This status line and body.
    Whole(&'static str, &'static str),
    /// 307 to itself.
    Redirect,
    /// Closes the connection.
    Nothing,
    /// Less than it declared.
    Half,
    /// Keeps the connection open and says nothing.
    Silence,
}

/// What came.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) head: String,
    pub(super) declared: Option<usize>,
    pub(super) received: usize,
    _open: Option<TcpStream>,
}

#[derive(Debug)]
pub(super) struct Server {
    listener: TcpListener,
    answer: Answer,
}

impl Server {
    pub(super) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port of the loopback");
        Self { listener, answer }
    }

    pub(super) fn url(&self) -> String {
        let at = self
            .listener
            .local_addr()
            .expect("a bound listener has an address");
        format!("http://{at}/x")
    }

    /// Whether nobody connects for a while.
    #[allow(
        clippy::disallowed_methods,
        reason = "only time shows that nothing happens"
    )]
    pub(super) async fn nobody_comes(&self) -> bool {
        let wait = Duration::from_millis(100);
        tokio::time::timeout(wait, self.listener.accept())
            .await
            .is_err()
    }

    /// Serves one request; `begun` is called when its head is there.
    pub(super) async fn serve(&self, begun: impl FnOnce(&str)) -> Seen {
        let (mut stream, _) = self.listener.accept().await.expect("a connection");
        let mut all = Vec::new();
        let end = loop {
            if let Some(end) = all.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            let mut buffer = [0; 1024];
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break all.len(),
                Ok(read) => all.extend_from_slice(&buffer[..read]),
            }
        };
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        begun(&head);
        let declared = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        let mut received = all.len() - end;
        let mut buffer = vec![0; 65_536];
        while received < declared.unwrap_or(0) {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => received += read,
            }
        }
        let whole = received == declared.unwrap_or(0);
        let open = if whole {
            self.reply(stream).await
        } else {
            None
        };
        let declared = declared.or(Some(0));
        Seen {
            head,
            declared,
            received,
            _open: open,
        }
    }

    async fn reply(&self, mut stream: TcpStream) -> Option<TcpStream> {
        let text = match self.answer {
            Answer::Whole(status, body) => {
                format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
            }
            Answer::Redirect => {
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"
                    .into()
            }
            Answer::Half => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".into(),
            Answer::Nothing => return None,
            Answer::Silence => return Some(stream),
        };
        stream.write_all(text.as_bytes()).await.ok()?;
        stream.shutdown().await.ok()?;
        None
    }
}
