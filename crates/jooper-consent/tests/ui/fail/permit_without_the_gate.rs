//! Nobody but the gate makes a permit.

use jooper_consent::SendPermit;
use jooper_core::{EmailAddress, InstallationId, LeaseInstant, MailboxId, PermitId, SendKey, WorkspaceId};

#[allow(clippy::too_many_arguments)]
fn forge(
    id: PermitId,
    installation: InstallationId,
    workspace: WorkspaceId,
    mailbox: MailboxId,
    recipient: EmailAddress,
    send_key: SendKey,
    deadline: LeaseInstant,
    lease_until: jiff::Timestamp,
) -> SendPermit {
    SendPermit {
        id,
        installation,
        workspace,
        mailbox,
        recipient,
        send_key,
        deadline,
        lease_until,
        must_carry: Default::default(),
    }
}

fn main() {
    let _ = forge;
}
