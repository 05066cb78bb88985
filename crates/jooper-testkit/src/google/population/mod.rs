//! The people outside Google: every recipient address has a behaviour, drawn from the seed or set by
//! a test, and acts on it in virtual time by mail that enters the sender's mailbox the normal way.

mod behavior;
mod context;
mod generate;
mod inbound;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::behavior::{Behavior, Mix, Reaction};
use self::context::Context;
use self::generate::Made;
pub use self::inbound::{AwayStyle, BounceStyle, Inbound, Mood, ReplyForm};
use super::knobs::MINUTE;
use super::ledger::Disposition;
use super::mime::Mail;
use super::world::{Errand, Event, World};

/// One person outside Google.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Correspondent {
    pub(crate) behavior: Behavior,
    /// Mails received so far.
    pub(crate) touches: u32,
}

/// Everyone who was written to or spoken of.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Population {
    pub(crate) mix: Mix,
    pub(crate) people: BTreeMap<String, Correspondent>,
}

/// Sets how an address behaves from now on.
pub(crate) fn set_behavior(world: &mut World, address: &str, behavior: Behavior) {
    let person = world
        .population
        .people
        .entry(address.to_lowercase())
        .or_insert_with(|| Correspondent {
            behavior: Behavior::ignores(),
            touches: 0,
        });
    person.behavior = behavior;
    world.touch();
}

/// A copy reaches someone outside: counts it, and plans what they do about it.
pub(crate) fn receive(world: &mut World, number: u64, recipient: &str) {
    let (seed, now) = (world.seed, world.now);
    let mix = world.population.mix.clone();
    let person = world
        .population
        .people
        .entry(recipient.to_owned())
        .or_insert_with(|| Correspondent {
            behavior: Behavior::draw(seed, &mix, recipient),
            touches: 0,
        });
    person.touches += 1;
    let touch = person.touches;
    let due: Vec<Reaction> = person
        .behavior
        .reactions
        .iter()
        .filter(|reaction| reaction.touch == 0 || reaction.touch == touch)
        .cloned()
        .collect();
    let mut disposition = Disposition::Delivered;
    for reaction in due {
        match reaction.act {
            Inbound::Delay => disposition = Disposition::Deferred,
            Inbound::Bounce(_) | Inbound::PolicyBlock if disposition == Disposition::Delivered => {
                disposition = Disposition::Bounced
            }
            _ => {}
        }
        world.agenda.plan(
            now + reaction.after_ms,
            Event::Act {
                send: number,
                recipient: recipient.to_owned(),
                act: reaction.act,
            },
        );
    }
    let copies = &mut world.ledger.accepted[number as usize].deliveries;
    if let Some(copy) = copies.iter_mut().find(|copy| copy.recipient == recipient) {
        copy.disposition = disposition;
        copy.touch = touch;
    }
}

/// Throws a mail back that went out over the sending limit.
pub(crate) fn bounce_over_limit(world: &mut World, number: u64) {
    let recipients: Vec<String> = world.ledger.accepted[number as usize]
        .deliveries
        .iter()
        .map(|copy| copy.recipient.clone())
        .collect();
    for recipient in recipients {
        world.agenda.plan(
            world.now + MINUTE,
            Event::Act {
                send: number,
                recipient,
                act: Inbound::SendingLimit,
            },
        );
    }
}

/// Someone acts: mail arrives at the sender, or a link is pressed.
pub(crate) fn perform(world: &mut World, number: u64, recipient: &str, act: &Inbound) {
    let Some(context) = Context::of(world, number, recipient) else {
        return;
    };
    world.touch();
    let made = match act {
        Inbound::OneClick => match one_click_url(&context.wire) {
            Some(url) => {
                world.outbox.add(Errand::OneClick {
                    send: number,
                    recipient: recipient.to_owned(),
                    url,
                    attempt: 0,
                });
                Made::Nothing
            }
            // No button without both headers: the person has to write.
            None => generate::generate(&context, &Inbound::UnsubscribeText),
        },
        _ => generate::generate(&context, act),
    };
    let message_id = match made {
        Made::Nothing => None,
        Made::Mail(raw) => world.deliver(&context.sub, raw, false),
        Made::Junk(raw) => world.deliver(&context.sub, raw, true),
    };
    let reaction = super::ledger::Reaction {
        send: number,
        recipient: recipient.to_owned(),
        at_ms: world.now,
        what: act.name().to_owned(),
        message_id,
    };
    world.ledger.reactions.push(reaction);
}

/// The link of RFC 8058: both headers, and an HTTP URL among those listed.
fn one_click_url(wire: &Mail) -> Option<String> {
    wire.header("List-Unsubscribe-Post").filter(|value| {
        value
            .trim()
            .eq_ignore_ascii_case("List-Unsubscribe=One-Click")
    })?;
    let listed = wire.ids("List-Unsubscribe");
    listed
        .iter()
        .map(|entry| entry.trim_matches(['<', '>']))
        .find(|url| url.starts_with("https://") || url.starts_with("http://"))
        .map(str::to_owned)
}
