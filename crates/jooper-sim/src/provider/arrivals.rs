//! What arrives when its time has come.

use std::sync::Mutex;

use jooper_core::SendKey;

use super::{Mail, Pending, Provider, mails};
use crate::invariants::Spoke;
use crate::office::Errand;
use crate::population::Reaction;
use crate::stage::Stage;

/// Delivers everything whose time has come.
pub(crate) fn deliver(stage: &Stage, provider: &Mutex<Provider>) {
    let now = stage.time.elapsed();
    loop {
        let mut provider = provider
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(first) = provider.pending.first_entry() else {
            return;
        };
        if first.key().0 > now {
            return;
        }
        let pending = first.remove();
        put(stage, &mut provider, &pending);
    }
}

fn put(stage: &Stage, provider: &mut Provider, pending: &Pending) {
    let Pending {
        mailbox,
        reaction,
        key,
        place,
    } = pending;
    let line = format!("arrives {} for {key:?}", reaction.name());
    stage.trace().add(&line);
    stage.counts().arrivals += 1;
    let SendKey::Step { enrollment, .. } = *key else {
        return;
    };
    if *reaction == Reaction::UnsubscribeLink {
        stage.errand(Errand::StopEnrolled(enrollment));
        return;
    }
    if *reaction == Reaction::Click {
        stage.errand(Errand::Click(*key));
        return;
    }
    let number = provider.number();
    let Some(about) = provider
        .boxes
        .get(mailbox)
        .and_then(|mails| mails.get(*place))
        .cloned()
    else {
        return;
    };
    let wall = stage.time.wall();
    let Some((headers, raw)) = mails::write(*reaction, &about, number, wall) else {
        return;
    };
    let fresh = matches!(
        reaction,
        Reaction::FreshReply | Reaction::HardBounce | Reaction::SoftBounce
    );
    let thread = if fresh {
        format!("t{number}")
    } else {
        about.thread.clone()
    };
    let mails = provider.boxes.entry(*mailbox).or_default();
    mails.push(Mail {
        id: format!("m{number}"),
        thread,
        at: wall,
        outgoing: *reaction == Reaction::OwnerWrites,
        headers,
        raw,
        findable: 0,
    });
    if let Some(said) = reaction.said() {
        stage.spoke(&Spoke {
            mailbox: *mailbox,
            place: mails.len() - 1,
            enrollment,
            said,
        });
    }
}
