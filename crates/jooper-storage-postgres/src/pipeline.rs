//! Statements sent one behind the other without waiting for answers.
//!
//! tokio-postgres sends a statement when its future is polled first, and the server runs what one
//! connection sends in that order. So polling every future once, in order, is one round trip.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A statement on its way.
pub(crate) type Step<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends every step in order, then waits for all answers.
pub(crate) async fn send<T>(mut steps: Vec<Step<'_, T>>) -> Vec<T> {
    let mut answers: Vec<Option<T>> = steps.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (step, answer) in steps.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                match step.as_mut().poll(context) {
                    Poll::Ready(value) => *answer = Some(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    answers.into_iter().flatten().collect()
}
