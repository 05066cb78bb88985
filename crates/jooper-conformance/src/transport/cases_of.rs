//! The cases.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use jooper_core::{InstallationId, LeaseClock, NotSentReason, WorkspaceId};
use jooper_transport::{
    DispatchRefusal, Dispatcher, MailboxRef, Outcome, OutgoingMail, Reconciliation, TransportError,
    Unwritten,
};

use super::{Bench, no_key, person, token};

pub async fn an_accepted_mail_is_accepted_once_and_has_an_id(bench: Bench) {
    bench.base().await;
    let (_, receipt) = bench.send(1).await;
    assert!(!receipt.provider_id.is_empty());
    assert_eq!(bench.subject.accepted(&token(1)).await, 1);
}

pub async fn two_mails_have_two_ids(bench: Bench) {
    let ((_, one), (_, two)) = (bench.send(1).await, bench.send(2).await);
    assert_ne!(one.provider_id, two.provider_id);
}

pub async fn a_mail_is_read_back_with_the_message_id_that_travels(bench: Bench) {
    let (_, receipt) = bench.send(1).await;
    let transport = bench.transport();
    let back = transport
        .read_back(bench.mailbox, &receipt.provider_id)
        .await
        .expect("read back");
    assert_eq!(
        (&back.provider_id, &back.thread),
        (&receipt.provider_id, &receipt.thread)
    );
    let id = back.message_id.expect("the Message-ID on the wire");
    assert!(id.contains('@'), "an RFC 5322 msg-id");
    let again = transport
        .read_back(bench.mailbox, &receipt.provider_id)
        .await
        .expect("again");
    assert_eq!(again.message_id, Some(id), "always the same");
}

pub async fn what_was_never_sent_is_gone(bench: Bench) {
    let nothing = bench
        .transport()
        .read_back(bench.mailbox, "0000never0000")
        .await;
    assert!(matches!(nothing, Err(TransportError::Gone)), "{nothing:?}");
}

pub async fn an_accepted_mail_is_found_by_its_token(bench: Bench) {
    if !bench.transport().capabilities().reconciles {
        return;
    }
    let base = bench.base().await;
    let (key, receipt) = bench.send(1).await;
    bench.send(2).await;
    for base in [base, None] {
        let found = bench
            .transport()
            .reconcile(&bench.attempt(1, base, key))
            .await;
        let Ok(Reconciliation::Found(found)) = found else {
            panic!("{found:?}")
        };
        assert_eq!(found.provider_id, receipt.provider_id);
    }
}

pub async fn the_mail_of_an_earlier_try_proves_the_send(bench: Bench) {
    if !bench.transport().capabilities().reconciles {
        return;
    }
    let base = bench.base().await;
    let (key, receipt) = bench.send(1).await;
    bench.send(2).await;
    let mut attempt = bench.attempt(9, base, key);
    attempt.earlier = vec![token(1)];
    let found = bench.transport().reconcile(&attempt).await;
    let Ok(Reconciliation::Found(found)) = found else {
        panic!("{found:?}")
    };
    assert_eq!(found.provider_id, receipt.provider_id);
}

pub async fn a_token_that_was_never_sent_is_not_found(bench: Bench) {
    let base = bench.base().await;
    bench.send(1).await;
    let attempt = bench.attempt(9, base, no_key());
    let found = bench.transport().reconcile(&attempt).await;
    assert!(!matches!(found, Ok(Reconciliation::Found(_))), "{found:?}");
}

pub async fn a_lost_answer_is_unknown_and_the_mail_is_found(bench: Bench) {
    let base = bench.base().await;
    if !bench.subject.lose_next_answer().await {
        return;
    }
    let (key, outcome) = bench.dispatch(bench.mail(1)).await;
    assert!(matches!(outcome, Ok(Outcome::Unknown(_))), "{outcome:?}");
    assert_eq!(
        bench.subject.accepted(&token(1)).await,
        1,
        "once, and never tried again"
    );
    if bench.transport().capabilities().reconciles {
        let found = bench
            .transport()
            .reconcile(&bench.attempt(1, base, key))
            .await;
        assert!(matches!(found, Ok(Reconciliation::Found(_))), "{found:?}");
    }
}

pub async fn the_same_mail_under_another_token_is_not_taken_for_it(bench: Bench) {
    let base = bench.base().await;
    let mail = bench.mail_to(&person(1), &token(2), "");
    let (_, outcome) = bench.dispatch(mail).await;
    assert!(matches!(outcome, Ok(Outcome::Sent(_))), "{outcome:?}");
    let found = bench
        .transport()
        .reconcile(&bench.attempt(1, base, no_key()))
        .await;
    assert!(!matches!(found, Ok(Reconciliation::Found(_))), "{found:?}");
}

pub async fn an_ended_permit_reaches_no_transport(bench: Bench) {
    let mail = bench.mail(1);
    let permit = bench.mint.permit(bench.mailbox, mail.to()).await;
    // At its end it has ended.
    bench
        .lease
        .advance(permit.deadline().since(bench.lease.now()));
    let MailboxRef { workspace, mailbox } = bench.mailbox;
    let refused = bench
        .dispatcher()
        .dispatch(workspace, mailbox, permit, mail)
        .await;
    assert_eq!(refused, Err(DispatchRefusal::Expired));
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

/// The process is frozen before each reading of the clock in turn. Whoever reads that the permit has
/// ended hands nothing over any more, and the last reading is the transport's own.
pub async fn a_permit_that_ends_at_any_reading_of_its_clock_sends_nothing(bench: Bench) {
    if !bench.subject.withholds() {
        return;
    }
    let mut withheld = false;
    for reading in 1..=MOST_READINGS {
        let mail = bench.mail(reading);
        let permit = bench.mint.permit(bench.mailbox, mail.to()).await;
        let MailboxRef { workspace, mailbox } = bench.mailbox;
        let dispatcher = bench.dispatcher();
        bench.lease.end_at_reading(u64::from(reading));
        let outcome = dispatcher.dispatch(workspace, mailbox, permit, mail).await;
        let accepted = bench.subject.accepted(&token(reading)).await;
        if !bench.lease.stand_still() {
            assert!(matches!(outcome, Ok(Outcome::Sent(_))), "{outcome:?}");
            assert_eq!(accepted, 1);
            assert!(
                withheld,
                "the transport never asked whether `last_byte_before` has passed"
            );
            return;
        }
        match outcome {
            Err(DispatchRefusal::Expired) => {}
            Ok(Outcome::NotSent {
                reason: NotSentReason::LeaseExpired,
                ..
            }) => withheld = true,
            other => panic!("ended at reading {reading}: {other:?}"),
        }
        assert_eq!(accepted, 0, "ended at reading {reading}");
    }
    panic!("the clock is read without end");
}

/// Nobody reads the clock so often for one small mail.
const MOST_READINGS: u32 = 20;

pub async fn a_permit_for_another_recipient_reaches_no_transport(bench: Bench) {
    let permit = bench.mint.permit(bench.mailbox, &person(2)).await;
    let MailboxRef { workspace, mailbox } = bench.mailbox;
    let mail = bench.mail(1);
    let refused = bench
        .dispatcher()
        .dispatch(workspace, mailbox, permit, mail)
        .await;
    assert_eq!(refused, Err(DispatchRefusal::Recipient));
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

pub async fn a_permit_for_another_transport_reaches_no_transport(bench: Bench) {
    let mail = bench.mail(1);
    let mint = &bench.mint;
    let permit = mint.permit_over("another", bench.mailbox, mail.to()).await;
    let MailboxRef { workspace, mailbox } = bench.mailbox;
    let refused = bench
        .dispatcher()
        .dispatch(workspace, mailbox, permit, mail)
        .await;
    assert_eq!(refused, Err(DispatchRefusal::Transport));
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

pub async fn a_permit_for_another_mailbox_or_tenant_reaches_no_transport(bench: Bench) {
    let MailboxRef { workspace, mailbox } = bench.mailbox;
    let (elsewhere, stranger) = (bench.mint.mailbox().mailbox, no_workspace());
    for (workspace, mailbox) in [(workspace, elsewhere), (stranger, mailbox)] {
        let mail = bench.mail(1);
        let permit = bench.mint.permit(bench.mailbox, mail.to()).await;
        let refused = bench
            .dispatcher()
            .dispatch(workspace, mailbox, permit, mail)
            .await;
        assert_eq!(refused, Err(DispatchRefusal::Mailbox));
    }
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

/// A copy of the data elsewhere has its own keys, and so another name: its permits mean nothing here.
pub async fn a_permit_of_another_installation_reaches_no_transport(bench: Bench) {
    let mail = bench.mail(1);
    let permit = bench.mint.permit(bench.mailbox, mail.to()).await;
    let MailboxRef { workspace, mailbox } = bench.mailbox;
    let lease: Arc<dyn LeaseClock> = Arc::clone(&bench.lease) as _;
    let copy = InstallationId::from_uuid(no_workspace().uuid());
    let refused = Dispatcher::new(copy, lease, bench.transport())
        .dispatch(workspace, mailbox, permit, mail)
        .await;
    assert_eq!(refused, Err(DispatchRefusal::Installation));
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

/// The subject as it leaves is read back, also where it is encoded.
pub async fn a_mail_that_pretends_to_answer_reaches_no_transport(bench: Bench) {
    let raw = String::from_utf8(bench.raw(&person(1), &token(1), "")).expect("it is text");
    let headers = raw
        .split("\r\n")
        .filter(|line| !line.starts_with("Subject:"));
    let raw = headers.collect::<Vec<_>>().join("\r\n");
    for subject in ["Re: our call", "=?utf-8?B?UmU6IG91ciBjYWxs?="] {
        let raw = format!("Subject: {subject}\r\n{raw}").into_bytes();
        let mail = OutgoingMail::new(raw, None).expect("a mail to one person");
        let (_, refused) = bench.dispatch(mail.with_notice()).await;
        assert_eq!(refused, Err(DispatchRefusal::Subject), "{subject}");
    }
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

/// Not only a first mail can invent a conversation: a later one names the mail that it follows.
pub async fn a_follow_up_answers_only_what_it_names(bench: Bench) {
    let MailboxRef { workspace, mailbox } = bench.mailbox;
    for (n, named, answers) in [
        (1, "", false),
        (2, "In-Reply-To: <first@wire.example>\r\n", true),
    ] {
        let raw = String::from_utf8(bench.raw(&person(n), &token(n), "")).expect("it is text");
        let raw = raw.replace("Subject: ", &format!("{named}Subject: Re: "));
        let mail = OutgoingMail::new(raw.into_bytes(), None).expect("a mail to one person");
        let permit = bench.mint.follow_up_permit(bench.mailbox, mail.to()).await;
        let outcome = bench
            .dispatcher()
            .dispatch(workspace, mailbox, permit, mail)
            .await;
        match answers {
            false => assert_eq!(outcome, Err(DispatchRefusal::Subject)),
            true => assert!(matches!(outcome, Ok(Outcome::Sent(_))), "{outcome:?}"),
        }
        let accepted = bench.subject.accepted(&token(n)).await;
        assert_eq!(accepted, usize::from(answers), "mail {n}");
    }
}

/// Links and hidden text are read back from the parts as they leave.
pub async fn a_mail_that_hides_something_reaches_no_transport(bench: Bench) {
    let raw = String::from_utf8(bench.raw(&person(1), &token(1), "")).expect("it is text");
    for hidden in [
        "https://bit.ly/offer",
        "bit.ly/offer",
        "Hello\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\
         \u{200b}\u{200b}\u{200b}\u{200b}\u{200b}",
    ] {
        let raw = format!("{raw}\r\n{hidden}\r\n").into_bytes();
        let mail = OutgoingMail::new(raw, None).expect("a mail to one person");
        let (_, refused) = bench.dispatch(mail.with_notice()).await;
        assert_eq!(refused, Err(DispatchRefusal::Content), "{hidden}");
    }
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

/// A workspace that nobody has.
fn no_workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(uuid::Uuid::from_u128(0xEE))
}

pub async fn a_mail_without_a_way_out_reaches_no_transport(bench: Bench) {
    let raw = String::from_utf8(bench.raw(&person(1), &token(1), "")).expect("it is text");
    for (part, other) in [
        ("List-Unsubscribe:", "X-Other:"),
        ("List-Unsubscribe=One-Click", "yes"),
        ("more mail: https://", "more mail: ask "),
    ] {
        let raw = raw.replace(part, other).into_bytes();
        let mail = OutgoingMail::new(raw, None).expect("a mail to one person");
        let (_, refused) = bench.dispatch(mail.with_notice()).await;
        assert_eq!(refused, Err(DispatchRefusal::Unsubscribe), "without {part}");
    }
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

pub async fn a_mail_that_nobody_wrote_out_reaches_no_transport(bench: Bench) {
    let written = bench.mail(1);
    let (from, to) = (written.from().clone(), written.to().clone());
    let mut mail = Unwritten::new(&from, &to, "Hello");
    mail.unsubscribe_url = Some("https://t.example/u");
    let mail = OutgoingMail::unwritten(&mail, None);
    let (_, refused) = bench.dispatch(mail.with_notice()).await;
    assert_eq!(refused, Err(DispatchRefusal::Unwritten));
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

pub async fn a_first_mail_without_its_notice_reaches_no_transport(bench: Bench) {
    let raw = bench.raw(&person(1), &token(1), "");
    let mail = OutgoingMail::new(raw, None).expect("a mail to one person");
    let (_, refused) = bench.dispatch(mail).await;
    assert_eq!(refused, Err(DispatchRefusal::Notice));
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

pub async fn a_mail_that_is_too_large_is_certainly_not_sent(bench: Bench) {
    let limit = bench.transport().capabilities().max_bytes;
    if limit > 64 << 20 {
        return;
    }
    let mail = bench.mail_to(&person(1), &token(1), &"x".repeat(limit));
    let (_, outcome) = bench.dispatch(mail).await;
    let too_large = Outcome::NotSent {
        reason: NotSentReason::TooLarge,
        retry_at: None,
    };
    assert_eq!(outcome, Ok(too_large));
    assert_eq!(bench.subject.accepted(&token(1)).await, 0);
}

pub async fn mails_sent_at_once_are_each_accepted_once(bench: Bench) {
    let receipts = join_all((1..=8).map(|n| bench.send(n))).await;
    let ids: BTreeSet<_> = receipts
        .into_iter()
        .map(|(_, receipt)| receipt.provider_id)
        .collect();
    assert_eq!(ids.len(), 8);
    for n in 1..=8 {
        assert_eq!(bench.subject.accepted(&token(n)).await, 1, "mail {n}");
    }
}

pub async fn nothing_printed_names_a_person(bench: Bench) {
    let (_, receipt) = bench.send(1).await;
    let transport = bench.transport();
    let error = transport.read_back(bench.mailbox, "0000never0000").await;
    let attempt = bench.attempt(1, None, no_key());
    let printed = format!(
        "{transport:?} {receipt:?} {error:?} {attempt:?} {:?}",
        bench.mail(1)
    );
    for word in [
        person(1).as_str(),
        bench.subject.sender().as_str(),
        "person1@",
    ] {
        assert!(!printed.contains(word), "{printed}");
    }
}
