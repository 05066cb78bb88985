//! The crate's timer seam: nobody waits for ever for a server that has fallen silent.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use crate::error::Failure;

/// Waits for so long; behind it the connection counts as lost, for whoever waited must not use it
/// again.
#[allow(clippy::disallowed_methods, reason = "this is the seam")]
pub(crate) async fn wait<T>(most: Duration, work: impl Future<Output = T>) -> Result<T, Failure> {
    let waited = tokio::time::timeout(most, work).await;
    waited.map_err(|_| silent(most))
}

/// Waits for work that takes as long as it takes, and looks every `most` whether the server is there.
pub(crate) async fn while_alive<T, F>(
    most: Duration,
    is_alive: impl Fn() -> F,
    work: impl Future<Output = T>,
) -> Result<T, Failure>
where
    F: Future<Output = bool>,
{
    let mut work = pin!(work);
    loop {
        if let Ok(done) = wait(most, work.as_mut()).await {
            return Ok(done);
        }
        if !wait(most, is_alive()).await? {
            return Err(silent(most));
        }
    }
}

fn silent(most: Duration) -> Failure {
    Failure::said(format!("the server has said nothing for {most:?}"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, poll_fn, ready};
    use std::task::Poll;

    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn long_work_is_waited_for_as_long_as_somebody_answers_beside_it() {
        let asked = Cell::new(0);
        let is_alive = || {
            asked.set(asked.get() + 1);
            ready(true)
        };
        let work = poll_fn(|_| match asked.get() {
            3 => Poll::Ready("done"),
            _ => Poll::Pending,
        });
        assert_eq!(while_alive(SHORT, is_alive, work).await.ok(), Some("done"));
        let refused = while_alive(SHORT, || ready(false), pending::<()>()).await;
        assert!(refused.is_err_and(|failure| failure.is_lost()));
        let silent = while_alive(SHORT, pending, pending::<()>()).await;
        assert!(silent.is_err_and(|failure| failure.is_lost()));
    }
}
