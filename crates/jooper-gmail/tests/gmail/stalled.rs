//! A server that stops reading in the middle of a mail, until the permit has ended.

use std::sync::Arc;
use std::time::Duration;

use jooper_conformance::transport::ManualLease;
use jooper_core::NotSentReason;
use jooper_transport::{Outcome, OutgoingMail};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpSocket;

use crate::lab::{ADA, Lab};

/// Large enough for the upload endpoint, which has a URL of its own.
const SIZE: usize = 3_600_000;

/// Long enough for everything that can be written to be written.
#[allow(
    clippy::disallowed_methods,
    reason = "only time shows that nothing happens"
)]
async fn while_nothing_moves() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn a_mail_whose_server_read_on_behind_the_lease_was_not_sent() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let upload = format!("http://{}/upload", listener.local_addr().unwrap());
    let lease = Arc::new(ManualLease::default());
    let lab = Lab::by(lease.clone(), 99, |settings| {
        settings.endpoints.upload = upload.parse().unwrap();
        settings.timeouts.send_seconds = 60;
    })
    .await;
    let mailbox = lab.connect(ADA).await;
    let mut raw = lab.mail(ADA, "p@firm.example", "stalled").raw().to_vec();
    while raw.len() < SIZE {
        raw.extend_from_slice(&[b'x'; 76]);
        raw.extend_from_slice(b"\r\n");
    }
    let length = raw.len();
    let mail = OutgoingMail::new(raw, None).unwrap().with_notice();
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::with_capacity(1_024, stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
        }
        // All but this much is read in time: no buffer of the sender's is full any more.
        let mut most = vec![0; length - 300_000];
        stream.read_exact(&mut most).await.unwrap();
        while_nothing_moves().await;
        lease.advance(Duration::from_secs(30));
        let (mut rest, mut buffer) = (0, vec![0; 65_536]);
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            rest += read;
        }
        most.len() + rest
    };
    let (outcome, came) = tokio::join!(lab.send(&lab.gmail, mailbox, mail), serve);
    assert_eq!(came, length - 1, "all but the last byte");
    let expired = Outcome::NotSent {
        reason: NotSentReason::LeaseExpired,
        retry_at: None,
    };
    assert_eq!(outcome, expired);
}
