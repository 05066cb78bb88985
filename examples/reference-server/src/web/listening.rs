//! A port, and what answers on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use super::app::App;
use super::routes;
use crate::demo::{pause, spawn as spawn_task};
use crate::error::{Context, ServerError};

/// How long open requests may take once the server is asked to end.
const GRACE: Duration = Duration::from_secs(5);

/// A port that is ours, before anything answers on it.
pub(crate) struct Listening {
    listener: TcpListener,
    address: SocketAddr,
}

/// A server that answers until it is stopped.
pub(crate) struct Server {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Listening {
    /// Takes a port; `option` is what the user would change if it is taken.
    pub(crate) async fn bind(
        address: SocketAddr,
        option: &'static str,
    ) -> Result<Self, ServerError> {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                let address = listener.local_addr().context("the address of the port")?;
                Ok(Self { listener, address })
            }
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                Err(ServerError::PortTaken {
                    address: address.to_string(),
                    option,
                })
            }
            Err(error) => Err(error).context(format!("cannot listen on {address}")),
        }
    }

    /// The address of the pages.
    pub(crate) fn url(&self) -> Url {
        format!("http://{}/", self.address)
            .parse()
            .expect("a socket address is a valid authority of a URL (RFC 3986 section 3.2)")
    }
}

/// Answers requests in a task of its own.
pub(crate) fn spawn(listening: Listening, app: Arc<App>) -> Server {
    let (stop, mut stopped) = watch::channel(false);
    let router = routes::router(app);
    let task = spawn_task(async move {
        let served = axum::serve(listening.listener, router).with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        });
        if let Err(error) = served.await {
            tracing::error!(%error, "the pages are no longer served");
        }
    });
    Server { stop, task }
}

impl Server {
    /// Finishes the requests that are under way, and ends.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.send(true);
        tokio::select! {
            biased;
            _ = &mut self.task => {}
            () = pause(GRACE) => self.task.abort(),
        }
    }
}
