//! `messages.send`: checks, acceptance, and from then on the mail is on its way, whatever the answer
//! to the client becomes.

use serde_json::{Value, json};

use super::super::http::{SimRequest, SimResponse};
use super::super::knobs::UnknownThread;
use super::super::ledger::{Accepted, Delivery, Disposition};
use super::super::mailbox::{INBOX, Placement, SENT, UNREAD, thread_for_send};
use super::super::mime::{Mail, addresses, decode_base64url};
use super::super::world::World;
use super::accept::{envelope_recipients, rewrite};
use super::caller::Caller;
use super::error::ApiError;
use super::limits::Verdict;

/// Answers the JSON endpoint.
pub(super) fn json(
    world: &mut World,
    caller: &Caller,
    request: &SimRequest,
) -> Result<SimResponse, ApiError> {
    if request.body.len() as u64 > world.knobs.json_body_limit {
        return Err(ApiError::too_large(world.knobs.too_large_status));
    }
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|_| ApiError::bad_request("Invalid JSON payload received."))?;
    let raw = body.get("raw").and_then(Value::as_str).ok_or_else(|| {
        ApiError::bad_request(
            "'raw' RFC822 payload message string or uploading message via /upload/* URL required",
        )
    })?;
    let raw = decode_base64url(raw).ok_or_else(|| {
        ApiError::bad_request("Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed")
    })?;
    let thread = body
        .get("threadId")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    accept(world, caller, raw, thread)
}

/// Accepts a message, or says why not.
pub(super) fn accept(
    world: &mut World,
    caller: &Caller,
    raw: Vec<u8>,
    thread: Option<&str>,
) -> Result<SimResponse, ApiError> {
    if raw.len() as u64 > world.knobs.max_message_bytes {
        return Err(ApiError::too_large(world.knobs.too_large_status));
    }
    let posted = Mail::parse(&raw);
    let recipients = envelope_recipients(&posted)?;
    if recipients.is_empty() {
        return Err(ApiError::bad_request("Recipient address required"));
    }
    if recipients.len() > world.knobs.recipients_per_message {
        return Err(ApiError::bad_request("Too many recipients"));
    }
    let user = world
        .directory
        .users
        .get(&caller.sub)
        .cloned()
        .ok_or_else(ApiError::credentials)?;
    let known_thread = thread.is_none_or(|id| {
        world
            .mailboxes
            .get(&caller.sub)
            .is_some_and(|mailbox| mailbox.threads.contains_key(id))
    });
    if !known_thread {
        match world.knobs.unknown_thread {
            UnknownThread::NotFound => return Err(ApiError::not_found()),
            UnknownThread::Invalid => return Err(ApiError::bad_request("Invalid thread_id value")),
            UnknownThread::NewThread => {}
        }
    }
    let verdict = world
        .sending
        .judge(&user, &world.knobs, world.now, &recipients);
    world.touch();
    if let Verdict::Refused(until) = verdict {
        return Err(ApiError::sending_limit(Some(until)));
    }
    let number = world.ledger.accepted.len() as u64;
    let wire = rewrite(world, &user, &posted, number);
    let mailbox = world
        .mailboxes
        .get_mut(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)?;
    let thread = thread_for_send(mailbox, &world.knobs, thread, &posted);
    let mut labels = vec![SENT];
    if recipients
        .iter()
        .any(|recipient| user.answers_to(recipient))
    {
        labels.extend([INBOX, UNREAD]);
    }
    let place = Placement {
        labels: labels.clone(),
        thread,
        at: world.now,
    };
    let sent = wire.to_bytes();
    let id = mailbox.insert(
        world.seed,
        &caller.sub,
        &world.knobs,
        &mut world.spool,
        sent,
        &place,
    );
    let message = mailbox.messages[&id].clone();
    let over = verdict == Verdict::Grace;
    let deliveries = recipients
        .iter()
        .map(|recipient| Delivery {
            recipient: recipient.clone(),
            disposition: if over {
                Disposition::OverLimit
            } else {
                Disposition::Delivered
            },
            touch: 0,
        })
        .collect();
    let mut references: Vec<String> = Vec::new();
    for reference in ["References", "In-Reply-To"]
        .iter()
        .flat_map(|name| posted.ids(name))
    {
        if !references.contains(&reference) {
            references.push(reference);
        }
    }
    world.ledger.accepted.push(Accepted {
        number,
        at_ms: world.now,
        sub: caller.sub.clone(),
        mailbox: caller.email.clone(),
        message_id: id.clone(),
        thread_id: message.thread.clone(),
        wire_id: message.rfc_id.clone(),
        caller_id: posted.ids("Message-ID").into_iter().next(),
        subject: message.subject.clone(),
        references,
        deliveries,
        answered: true,
        posted: world.spool.put(raw),
        sent: message.raw,
    });
    world.notify(&caller.sub);
    if over {
        super::super::population::bounce_over_limit(world, number);
    } else {
        hand_over(world, number, &wire, &recipients);
    }
    Ok(SimResponse::json(
        200,
        &json!({"id": id, "threadId": message.thread, "labelIds": labels}),
    ))
}

/// Gives each recipient their copy: other accounts of this world at once, everyone else's to the population.
fn hand_over(world: &mut World, number: u64, wire: &Mail, recipients: &[String]) {
    let mut copy = wire.clone();
    copy.remove("Bcc");
    let from = copy
        .header("From")
        .map(|value| addresses(&value))
        .and_then(|list| list.into_iter().next())
        .map(|a| a.email)
        .unwrap_or_default();
    let sender = world.ledger.accepted[number as usize].sub.clone();
    for recipient in recipients {
        let account = world
            .directory
            .users
            .values()
            .find(|user| user.answers_to(recipient))
            .map(|user| user.sub.clone());
        match account {
            Some(sub) if sub == sender => {}
            Some(sub) => {
                let mut arriving = copy.clone();
                arriving.prepend("Return-Path", &format!("<{from}>"));
                arriving.prepend("Delivered-To", recipient);
                world.deliver(&sub, arriving.to_bytes(), false);
            }
            None => super::super::population::receive(world, number, recipient),
        }
    }
}
