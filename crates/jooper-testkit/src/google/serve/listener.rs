//! A listener whose connections can be cut while a request is under way.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

const WHOLE: u8 = 0;
const CLOSED: u8 = 1;
const RESET: u8 = 2;

/// The handle by which a request's handler cuts its own connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conn(Arc<AtomicU8>);

impl Conn {
    /// From now on nothing is written: the client sees the connection close, or a reset.
    pub(crate) fn cut(&self, reset: bool) {
        self.0
            .store(if reset { RESET } else { CLOSED }, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, FaultListener>> for Conn {
    fn connect_info(stream: IncomingStream<'_, FaultListener>) -> Self {
        stream.io().conn.clone()
    }
}

/// A TCP listener of such connections.
#[derive(Debug)]
pub(crate) struct FaultListener(pub(crate) TcpListener);

impl Listener for FaultListener {
    type Io = FaultStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    // Answers are small and awaited; a failure to set this costs speed only.
                    let _ = stream.set_nodelay(true);
                    return (
                        FaultStream {
                            stream,
                            conn: Conn::default(),
                        },
                        address,
                    );
                }
                // Out of file handles or aborted by the peer: later attempts may succeed.
                Err(_) => super::super::rt::pause(std::time::Duration::from_millis(20)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A connection that obeys its [`Conn`].
#[derive(Debug)]
pub(crate) struct FaultStream {
    stream: TcpStream,
    conn: Conn,
}

impl FaultStream {
    fn check(&self) -> io::Result<()> {
        match self.conn.0.load(Ordering::Acquire) {
            WHOLE => Ok(()),
            RESET => {
                // A zero linger makes the kernel send RST instead of FIN at close.
                self.stream.set_zero_linger()?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
            _ => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

impl AsyncRead for FaultStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for FaultStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
