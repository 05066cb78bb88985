//! Listening, by UDP and TCP under one port.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::{State, lock, wire};

/// A datagram that passes every network whole.
const LONGEST_DATAGRAM: usize = 1232;

/// A port that is free for both.
pub(super) async fn listen() -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 0;
    loop {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        tries += 1;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if tries == 16 => return Err(error),
            Err(_) => {}
        }
    }
}

pub(super) async fn datagrams(udp: UdpSocket, state: Arc<Mutex<State>>) {
    let mut buffer = vec![0; 4096];
    while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
        let message = buffer.get(..length).unwrap_or_default();
        let answer = wire::answer(&mut lock(&state), message, LONGEST_DATAGRAM);
        if let Some(answer) = answer {
            // Whoever is gone asks no more.
            let _ = udp.send_to(&answer, from).await;
        }
    }
}

pub(super) async fn connections(tcp: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = tcp.accept().await {
        crate::google::rt::spawn(connection(stream, state.clone()));
    }
}

/// Messages with their length in front (RFC 1035 section 4.2.2), until the other side hangs up.
async fn connection(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    while let Ok(length) = stream.read_u16().await {
        let mut message = vec![0; usize::from(length)];
        if stream.read_exact(&mut message).await.is_err() {
            return;
        }
        let answer = wire::answer(&mut lock(&state), &message, usize::from(u16::MAX));
        let Some(answer) = answer else { return };
        let mut out = u16::try_from(answer.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes()
            .to_vec();
        out.extend(answer);
        if stream.write_all(&out).await.is_err() {
            return;
        }
    }
}
