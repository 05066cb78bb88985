//! Which stops and list entries keep back which mails: one rule for the gate and the auditor.

use jooper_core::{ScopeKind, SendKind, StopReason};

/// Whether an entry for this reason keeps such a mail from the person.
///
/// A campaign step: every reason. A person's own reply: every reason but that the other one
/// replied. A service mail answers the person's own request, so only a dead address, a complaint
/// and a disconnected account keep it back.
pub(crate) fn keeps_back(reason: StopReason, kind: SendKind) -> bool {
    match kind {
        SendKind::Reply => reason != StopReason::Replied,
        SendKind::Service => matches!(
            reason,
            StopReason::Bounced | StopReason::Complained | StopReason::Disconnected
        ),
        _ => true,
    }
}

/// Whether a standing stop of such a scope reaches such a mail.
///
/// A reply, a test and a service mail belong to no campaign and no enrollment. Pausing the
/// workspace or the mailbox stops everything.
pub(crate) fn reaches(scope: ScopeKind, reason: StopReason, kind: SendKind) -> bool {
    match scope {
        ScopeKind::Workspace | ScopeKind::Mailbox => true,
        ScopeKind::Campaign | ScopeKind::Enrollment => kind == SendKind::Step,
        _ => keeps_back(reason, kind),
    }
}
