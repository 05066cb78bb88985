//! A connection below HTTP that keeps one request's last byte back.
//!
//! Two wrappers, because TLS keeps a buffer of its own between them: [`Outer`] sees the request as
//! it is and knows which byte is the last; [`Inner`] sees what goes to the system.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

#[cfg(target_os = "linux")]
use tokio::io::Interest;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::last_byte::LastByte;

/// What ends the head of a request (RFC 9112 section 2.1).
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Hands a request on, and its last byte alone, when all before it was flushed.
#[derive(Debug)]
pub(super) struct Outer<S> {
    stream: S,
    gate: Arc<LastByte>,
    /// How much of [`END_OF_HEAD`] the bytes so far end with.
    matched: usize,
    /// What is left of the body.
    left: usize,
}

impl<S> Outer<S> {
    /// For one request with a body of this length.
    pub(super) const fn new(stream: S, gate: Arc<LastByte>, body: usize) -> Self {
        Self {
            stream,
            gate,
            matched: 0,
            left: body,
        }
    }

    /// How many of these bytes belong to the head; counted on in `matched`.
    fn head(bytes: &[u8], matched: &mut usize) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            if *matched == END_OF_HEAD.len() {
                return at;
            }
            *matched = match *byte {
                byte if byte == END_OF_HEAD[*matched] => *matched + 1,
                b'\r' => 1,
                _ => 0,
            };
        }
        bytes.len()
    }

    /// How many of these bytes come before the last one.
    fn before_last(&self, bytes: &[u8]) -> usize {
        let head = Self::head(bytes, &mut self.matched.clone());
        bytes.len().min(head + self.left.saturating_sub(1))
    }

    fn passed(&mut self, bytes: &[u8]) {
        let head = Self::head(bytes, &mut self.matched);
        self.left -= (bytes.len() - head).min(self.left);
        self.gate.begin();
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Outer<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let free = match this.left {
            0 => bytes.len(),
            _ => this.before_last(bytes),
        };
        if free > 0 || bytes.is_empty() {
            let wrote = ready!(Pin::new(&mut this.stream).poll_write(context, &bytes[..free]))?;
            this.passed(&bytes[..wrote]);
            return Poll::Ready(Ok(wrote));
        }
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        this.gate.is_next();
        let wrote = ready!(Pin::new(&mut this.stream).poll_write(context, &bytes[..1]))?;
        this.passed(&bytes[..wrote]);
        // What is not flushed here is flushed when HTTP asks for it, which it does behind a body.
        if let Poll::Ready(Ok(())) = Pin::new(&mut this.stream).poll_flush(context) {
            this.gate.flushed();
        }
        Poll::Ready(Ok(wrote))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        if this.left == 0 {
            this.gate.flushed();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    /// So that HTTP keeps a body where it is, instead of copying it behind the head. One slice is
    /// written at a time all the same.
    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Outer<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, into)
    }
}

/// Asks before every write to the system.
#[derive(Debug)]
pub(super) struct Inner {
    tcp: TcpStream,
    gate: Arc<LastByte>,
    /// Whether the system was told to take no more than it can send.
    strict: bool,
}

impl Inner {
    pub(super) const fn new(tcp: TcpStream, gate: Arc<LastByte>) -> Self {
        Self {
            tcp,
            gate,
            strict: false,
        }
    }

    /// Lets the system take bytes only while all that it has taken was sent, where it can: a last
    /// byte that it has taken does not wait behind others for a network that stands still. For the
    /// last byte alone, as it makes everything else slow.
    fn be_strict(&mut self) {
        if !self.strict {
            self.strict = true;
            #[cfg(target_os = "linux")]
            // Where it is refused, the system's buffer is as it was.
            let _ = socket2::SockRef::from(&self.tcp).set_tcp_notsent_lowat(1);
        }
    }

    /// Writes so that what follows begins a segment of its own (`MSG_EOR`): Linux looks at how much
    /// is unsent only before it makes one, and adds a byte to the last one without a look.
    #[cfg(target_os = "linux")]
    fn write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        const MSG_EOR: i32 = 0x80;
        const MSG_NOSIGNAL: i32 = 0x4000;
        loop {
            ready!(self.tcp.poll_write_ready(context))?;
            let wrote = self.tcp.try_io(Interest::WRITABLE, || {
                let socket = socket2::SockRef::from(&self.tcp);
                socket.send_with_flags(bytes, MSG_EOR | MSG_NOSIGNAL)
            });
            match wrote {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                wrote => return Poll::Ready(wrote),
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }
}

impl AsyncWrite for Inner {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.gate.is_answered() {
            // Nobody waits for it any more: the connection ends with the answer.
            return Poll::Pending;
        }
        if this.gate.is_waiting() {
            this.be_strict();
        }
        this.gate.check()?;
        let wrote = ready!(this.write(context, bytes))?;
        this.gate.wrote();
        Poll::Ready(Ok(wrote))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(context)
    }
}

impl AsyncRead for Inner {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_read(context, into)
    }
}
