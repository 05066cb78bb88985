//! A transport gets what the dispatcher has looked at, and nothing else.

use jooper_consent::SendPermit;
use jooper_transport::{Cleared, OutgoingMail, Outcome, Transport};

async fn around(transport: &dyn Transport, permit: SendPermit, mail: OutgoingMail) -> Outcome {
    transport.send(Cleared { permit, mail }).await
}

fn main() {
    let _ = around;
}
