//! Faults of push notifications, decided when the notification is made.

use super::super::world::{Errand, Event, World};
use super::{Fault, FaultCall, PushFault};

/// Plans the notification of a mailbox change, as the rules for `PUSH` let it through.
pub(crate) fn plan_push(world: &mut World, sub: &str, project: &str, history_id: u64) {
    if !world.pushes.contains_key(project) {
        return;
    }
    let account = world
        .directory
        .users
        .get(sub)
        .map(|user| user.email.clone());
    let call = FaultCall {
        method: "PUSH",
        path: project,
        query: &[],
        account: account.as_deref(),
    };
    let faults = world.faults.decide(world.seed, world.now, &call);
    world.pushed += 1;
    let mut errand = Errand::Push {
        message_id: world.pushed,
        sub: sub.to_owned(),
        project: project.to_owned(),
        history_id,
        attempt: 0,
        published_at: world.now,
        flaw: None,
    };
    let (mut at, mut copies) = (world.now, 1);
    for fault in faults {
        match fault {
            Fault::Push(PushFault::Drop) => copies = 0,
            Fault::Push(PushFault::Duplicate) => copies = 2,
            Fault::Push(PushFault::Delay(by)) => at += by,
            Fault::Push(other) => {
                if let Errand::Push { flaw, .. } = &mut errand {
                    *flaw = Some(other);
                }
            }
            _ => {}
        }
    }
    for _ in 0..copies {
        world.agenda.plan(at, Event::Errand(errand.clone()));
    }
}
