//! A cable between the crate and the server of its tests, through which nothing goes any more once it
//! is told to: neither end hears that the other is gone.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::config::Host;

use crate::spawn;

/// The server's address over a cable, and what makes it stuck.
pub(crate) async fn to_the_server() -> (String, Arc<AtomicBool>) {
    let address = std::env::var("JOOPER_TEST_POSTGRES_URL").unwrap();
    let config: tokio_postgres::Config = address.parse().unwrap();
    let host = match &config.get_hosts()[0] {
        Host::Tcp(name) => name.clone(),
        other => panic!("{other:?}: this test needs TCP"),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let (through, stuck) = lay(format!("{host}:{port}")).await;
    let address = address.replace(&format!(":{port}"), &format!(":{through}"));
    (address, stuck)
}

async fn lay(server: String) -> (u16, Arc<AtomicBool>) {
    let stuck = Arc::new(AtomicBool::new(false));
    let (port, told) = (
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        Arc::clone(&stuck),
    );
    let number = port.local_addr().unwrap().port();
    drop(spawn::task(async move {
        while let Ok((ours, _)) = port.accept().await {
            let theirs = TcpStream::connect(&server).await.unwrap();
            let pairs = [ours.into_split(), theirs.into_split()];
            let [(a, b), (c, d)] = pairs;
            for (from, to) in [(a, d), (c, b)] {
                let told = Arc::clone(&told);
                drop(spawn::task(pass(from, to, told)));
            }
        }
    }));
    (number, stuck)
}

async fn pass(from: OwnedReadHalf, to: OwnedWriteHalf, stuck: Arc<AtomicBool>) {
    let mut bytes = vec![0; 1 << 16];
    loop {
        from.readable().await.unwrap();
        let count = match from.try_read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(_) => return,
        };
        if stuck.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let mut rest = &bytes[..count];
        while !rest.is_empty() {
            to.writable().await.unwrap();
            match to.try_write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }
}
