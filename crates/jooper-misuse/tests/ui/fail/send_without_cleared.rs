//! A transport takes what the dispatcher has cleared, and nothing else.

use jooper_transport::{Cleared, Outcome, OutgoingMail, Transport};

async fn send(transport: &dyn Transport, mail: OutgoingMail, cleared: Cleared) -> Outcome {
    assert_eq!(cleared.mail(), &mail);
    transport.send(mail).await
}

fn main() {
    let _ = send;
}
