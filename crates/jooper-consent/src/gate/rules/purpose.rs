//! Whether the mail is what it says it is: each purpose has its own rules, none is a way around.

use jooper_core::{SendKey, SendKind};

use super::{Context, Steps, deny};
use crate::address::{AddressClass, classify, is_typo_domain};
use crate::answers::written_by_a_person;
use crate::gate::intent::Proof;
use crate::gate::trace::{GateName, RefusalReason, Verdict};
use crate::request::{OPT_IN_REQUESTED, is_theirs as is_theirs_to_ask};

pub(super) fn judge(context: &Context<'_>, steps: &mut Steps) {
    address(context, steps);
    let (input, verdict) = match context.intent.key {
        SendKey::Step { .. } => step(context),
        SendKey::Reply { .. } => reply(context),
        SendKey::Test { user, .. } => {
            let own = context.rows.sign_in.as_ref().is_some_and(|row| {
                row.user == user
                    && row.workspace == context.workspace
                    && context
                        .intent
                        .recipient
                        .platform_variants
                        .contains(&row.sub_index)
            });
            let input = if own {
                "the user's own address"
            } else {
                "not the user's own address"
            };
            (input, allow_if(own, RefusalReason::NotOwnAddress))
        }
        SendKey::Service { .. } => {
            let open = context.rows.request.as_ref().is_some_and(|row| {
                row.expires_at > context.now && is_theirs_to_ask(row, &context.intent.recipient)
            });
            let input = if open {
                "answers an open request of the recipient"
            } else {
                "there is no open request of the recipient"
            };
            (input, allow_if(open, RefusalReason::NoRequest))
        }
        _ => (
            "an unknown kind of mail",
            deny(RefusalReason::NotThisEnrollment),
        ),
    };
    steps.push(GateName::Purpose, input, verdict);
}

fn allow_if(good: bool, reason: RefusalReason) -> Verdict {
    if good { Verdict::Allow } else { deny(reason) }
}

fn step(context: &Context<'_>) -> (&'static str, Verdict) {
    let intent = context.intent;
    let names = intent.campaign.is_some() && intent.recipient.lead.is_some();
    let own = context.rows.own(intent);
    let agrees = own.is_some_and(|row| {
        Some(row.campaign) == intent.campaign
            && Some(row.lead) == intent.recipient.lead
            && row.mailbox == intent.mailbox
    });
    let input = match (names, agrees) {
        (true, true) => "a step of this campaign for this lead",
        (false, _) => "a step without a campaign or a lead",
        (true, false) if own.is_none() => "the lead has no such enrollment",
        (true, false) => "the enrollment is of another campaign or mailbox",
    };
    let reason = RefusalReason::NotThisEnrollment;
    (input, allow_if(names && agrees, reason))
}

/// A reply answers a mail that the person sent, in the same thread of the same mailbox.
fn reply(context: &Context<'_>) -> (&'static str, Verdict) {
    let SendKey::Reply { thread, .. } = context.intent.key else {
        return ("", deny(RefusalReason::NothingToAnswer));
    };
    let named = matches!(context.intent.proof, Proof::Inbound(_));
    let answers = context.rows.inbound.as_ref().is_some_and(|mail| {
        mail.thread == thread
            && mail.mailbox == context.intent.mailbox
            && Some(mail.lead) == context.intent.recipient.lead
            // What merely shares the person's company is tied to no send of ours.
            && mail.send_key.is_some()
            && written_by_a_person(mail.kind)
    });
    let input = if answers {
        "answers a mail of the person"
    } else {
        "there is no mail of the person to answer"
    };
    (
        input,
        allow_if(named && answers, RefusalReason::NothingToAnswer),
    )
}

fn address(context: &Context<'_>, steps: &mut Steps) {
    let intent = context.intent;
    let to = &intent.recipient;
    let class = classify(&to.address);
    // Nobody's mail answers these: not a step, and not a question that anybody can have us ask.
    let asked = context.rows.request.as_ref();
    let goes_unasked = intent.key.kind() == SendKind::Step
        || asked.is_some_and(|row| row.kind == OPT_IN_REQUESTED);
    let (input, verdict) = if to.lead.is_some() && !is_theirs(context) {
        (
            "the address is not one of the lead's",
            deny(RefusalReason::NotTheirAddress),
        )
    } else if goes_unasked && class == AddressClass::Blocked {
        (
            "an address of a machine or an abuse desk",
            deny(RefusalReason::RoleAddress),
        )
    } else if goes_unasked && is_typo_domain(to.address.domain()) {
        (
            "the domain is a misspelling of a mail provider",
            deny(RefusalReason::TypoDomain),
        )
    } else if class == AddressClass::Generic || to.role_address {
        ("an impersonal address", Verdict::Allow)
    } else {
        ("a named person's address", Verdict::Allow)
    };
    steps.push(GateName::Address, input, verdict);
}

/// The indexes that fence and lists are read under must be those of the lead's address: a wrong
/// index would be a way around both.
fn is_theirs(context: &Context<'_>) -> bool {
    let to = &context.intent.recipient;
    // Earlier versions filed a mailbox under its address at each domain of its provider.
    let is_filed_before = |contact| {
        let forms = [contact, to.contact_index];
        forms.iter().all(|form| to.variants.contains(form))
    };
    context.rows.address.as_ref().is_some_and(|row| {
        Some(row.lead) == to.lead
            && (row.contact_index == to.contact_index || is_filed_before(row.contact_index))
            && row.domain_index == to.domain_index
    })
}
