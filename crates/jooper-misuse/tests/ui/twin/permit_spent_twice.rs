//! What is left of a permit is given back once.

use jooper_consent::{Gate, SendPermit};
use jooper_core::{MailboxId, WorkspaceId};
use jooper_storage::Write;
use jooper_transport::{Dispatcher, OutgoingMail};

type Whose = (WorkspaceId, MailboxId);

async fn send(
    by: &Dispatcher,
    whose: Whose,
    permits: [SendPermit; 2],
    mail: OutgoingMail,
) -> [Write; 2] {
    let [permit, other] = permits;
    let (_, spent) = by.hand_over(whose.0, whose.1, permit, mail).await;
    assert!(!other.transport().is_empty());
    let first = Gate::release_write(spent);
    [first, Gate::release_write(other.give_up())]
}

fn main() {
    let _ = send;
}
