//! The same as a tower service, for frameworks that mount those.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::tracking::Tracking;

/// [`Tracking::handle`] as a [`Service`] over whole bodies.
#[derive(Debug, Clone)]
pub struct TrackingService(Arc<Tracking>);

impl TrackingService {
    /// A service over these links.
    pub const fn new(tracking: Arc<Tracking>) -> Self {
        Self(tracking)
    }
}

impl Service<Request<Bytes>> for TrackingService {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let tracking = Arc::clone(&self.0);
        Box::pin(async move { Ok(tracking.handle(&request).await) })
    }
}
