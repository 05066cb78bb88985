//! The twin: the dispatcher looks, and hands over.

use jooper_consent::SendPermit;
use jooper_core::{MailboxId, WorkspaceId};
use jooper_transport::{DispatchRefusal, Dispatcher, Outcome, OutgoingMail};

async fn through(
    dispatcher: &Dispatcher,
    ws: WorkspaceId,
    mailbox: MailboxId,
    permit: SendPermit,
    mail: OutgoingMail,
) -> Result<Outcome, DispatchRefusal> {
    dispatcher.dispatch(ws, mailbox, permit, mail).await
}

fn main() {
    let _ = through;
}
