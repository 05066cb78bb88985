//! The last byte of a request, while its server does not read.

use std::sync::atomic::{AtomicU64, Ordering};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpSocket;
use tokio_rustls::TlsAcceptor;

use super::*;

/// When the leases of these tests end.
const END: u64 = 10;

/// A lease clock that is set.
#[derive(Debug, Default)]
struct Hand(AtomicU64);

impl Hand {
    fn end(&self) {
        self.0.store(END, Ordering::SeqCst);
    }
}

impl LeaseClock for Hand {
    fn now(&self) -> LeaseInstant {
        LeaseInstant::from_elapsed(Duration::from_secs(self.0.load(Ordering::SeqCst)))
    }
}

const CA: &[u8] = include_bytes!("../../../testdata/tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../../testdata/tls/server.pem");
const KEY: &[u8] = include_bytes!("../../../testdata/tls/server.key");

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A server whose buffer takes next to nothing, with TLS or without, and a client that trusts it.
struct Bench {
    listener: TcpListener,
    tls: bool,
    lease: Arc<Hand>,
    client: ReqwestClient,
}

impl Bench {
    fn new(tls: bool) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(CA).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let lease = Arc::new(Hand::default());
        let settings = ReqwestSettings::default();
        Self {
            listener: socket.listen(8).unwrap(),
            tls,
            client: ReqwestClient::with_tls(config, lease.clone(), settings).unwrap(),
            lease,
        }
    }

    fn post(&self, body: Vec<u8>) -> HttpRequest {
        let scheme = if self.tls { "https" } else { "http" };
        let url = format!("{scheme}://{}/x", self.listener.local_addr().unwrap());
        let mut request = post(&url, 0, Some(END));
        *request.request.body_mut() = body.into();
        request
    }

    async fn accept(&self) -> Box<dyn Stream> {
        let (stream, _) = self.listener.accept().await.unwrap();
        if !self.tls {
            return Box::new(stream);
        }
        Box::new(acceptor().accept(stream).await.unwrap())
    }
}

fn acceptor() -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        );
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

/// Long enough for everything that can be written to be written.
#[allow(
    clippy::disallowed_methods,
    reason = "only time shows that nothing happens"
)]
async fn while_nothing_moves() {
    tokio::time::sleep(Duration::from_millis(150)).await;
}

/// Reads the head of a request and no more than one byte of its body.
async fn read_head(stream: &mut dyn Stream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Reads until the client has gone, however it goes.
async fn read_on(stream: &mut dyn Stream) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), vec![0; 65_536]);
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        all.extend_from_slice(&buffer[..read]);
    }
    all
}

fn numbered(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

/// From what the system alone could take to more than this process ever kept.
const SIZES: [usize; 5] = [300_000, 600_000, 2_700_000, 3_000_000, 6_000_000];

#[tokio::test]
async fn it_is_withheld_where_the_lease_ends_while_nobody_reads() {
    for tls in [false, true] {
        for size in SIZES {
            let bench = Bench::new(tls);
            let serve = async {
                let mut stream = bench.accept().await;
                let head = read_head(&mut *stream).await;
                while_nothing_moves().await;
                bench.lease.end();
                (head, read_on(&mut *stream).await)
            };
            let body = numbered(size);
            let request = bench.client.execute(bench.post(body.clone()));
            let (answer, (head, came)) = tokio::join!(request, serve);
            assert!(came.len() < size, "all of {size} came, with TLS: {tls}");
            assert_eq!(answer.unwrap_err(), HttpError::Withheld, "{size} {tls}");
            assert!(came == body[..size - 1], "nothing else is missing");
            assert!(
                head.contains(&format!("content-length: {size}\r\n")),
                "{head}"
            );
        }
    }
}

#[tokio::test]
async fn it_never_left_where_nobody_reads_until_time_is_up() {
    for tls in [false, true] {
        let bench = Bench::new(tls);
        let mut request = bench.post(numbered(300_000));
        request.timeout = Duration::from_secs(3);
        let (done, over) = tokio::sync::oneshot::channel();
        let serve = async {
            let mut stream = bench.accept().await;
            read_head(&mut *stream).await;
            over.await.unwrap();
            read_on(&mut *stream).await.len()
        };
        let ask = async {
            let answer = bench.client.execute(request).await;
            done.send(()).unwrap();
            answer
        };
        let (answer, came) = tokio::join!(ask, serve);
        assert_eq!(answer.unwrap_err(), HttpError::Incomplete, "{tls}");
        assert!(came < 300_000, "{came} {tls}");
    }
}

#[tokio::test]
async fn it_leaves_once_the_server_reads_on_within_the_lease() {
    for tls in [false, true] {
        for size in [1, 2, 16_384, 16_385, 300_000, 6_000_000] {
            let bench = Bench::new(tls);
            let body = numbered(size);
            let serve = async {
                let mut stream = bench.accept().await;
                let head = read_head(&mut *stream).await;
                if size == 300_000 {
                    while_nothing_moves().await;
                }
                let mut came = vec![0; size];
                stream.read_exact(&mut came).await.unwrap();
                stream.write_all(OK).await.unwrap();
                stream.flush().await.unwrap();
                (head, came, read_on(&mut *stream).await)
            };
            let request = bench.client.execute(bench.post(body.clone()));
            let (answer, (head, came, rest)) = tokio::join!(request, serve);
            assert_eq!(answer.unwrap().body(), "hi", "{size} {tls}");
            assert!(came == body && rest.is_empty(), "{size} {tls}");
            assert!(head.starts_with("POST /x HTTP/1.1\r\n"), "{head}");
            let host = bench.listener.local_addr().unwrap();
            assert!(head.contains(&format!("host: {host}\r\n")), "{head}");
            assert!(head.contains("connection: close\r\n"), "{head}");
        }
    }
}

#[tokio::test]
async fn it_stays_where_the_answer_comes_before_it() {
    for tls in [false, true] {
        let bench = Bench::new(tls);
        let (done, over) = tokio::sync::oneshot::channel();
        let serve = async {
            let mut stream = bench.accept().await;
            read_head(&mut *stream).await;
            let refused = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\n";
            stream.write_all(refused).await.unwrap();
            stream.flush().await.unwrap();
            while_nothing_moves().await;
            // There is room for all that is left, before the answer is whole.
            let mut came = 0;
            let mut buffer = vec![0; 65_536];
            let read = async {
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    came += read;
                }
            };
            tokio::select! {
                biased;
                () = read => {}
                () = while_nothing_moves() => {}
            }
            stream.write_all(b"no").await.unwrap();
            stream.flush().await.unwrap();
            over.await.unwrap();
            came += read_on(&mut *stream).await.len();
            came
        };
        let ask = async {
            let answer = bench.client.execute(bench.post(numbered(300_000))).await;
            done.send(()).unwrap();
            answer
        };
        let (answer, came) = tokio::join!(ask, serve);
        let answer = answer.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.body()[..]),
            (429, &b"no"[..])
        );
        assert!(came < 300_000, "all came after the answer, with TLS: {tls}");
    }
}

#[tokio::test]
async fn a_certificate_of_nobody_is_no_connection() {
    let mut bench = Bench::new(true);
    let settings = ReqwestSettings::default();
    bench.client = ReqwestClient::new(bench.lease.clone(), settings).unwrap();
    let serve = async {
        let (stream, _) = bench.listener.accept().await.unwrap();
        acceptor().accept(stream).await.is_err()
    };
    let request = bench.client.execute(bench.post(numbered(9)));
    let (answer, refused) = tokio::join!(request, serve);
    assert_eq!(answer.unwrap_err(), HttpError::NotConnected);
    assert!(refused);
}
