//! Which thread a message joins: three conditions for a send through the API, headers for what arrives.

use super::super::knobs::{Knobs, SubjectMatch};
use super::super::mime::Mail;
use super::Mailbox;

/// A subject without `Re:`, `Fwd:`, `AW:` and their like.
fn base_subject(subject: &str) -> String {
    const PREFIXES: [&str; 13] = [
        "re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "vs:", "tr:", "rv:", "antw:", "odp:", "rif:",
        "r:",
    ];
    let mut rest = subject.trim();
    loop {
        let lower = rest.to_lowercase();
        match PREFIXES.iter().find(|prefix| lower.starts_with(**prefix)) {
            Some(prefix) => rest = rest[prefix.len()..].trim_start(),
            None => return rest.to_lowercase(),
        }
    }
}

fn same_subject(knobs: &Knobs, one: &str, other: &str) -> bool {
    match knobs.subject_match {
        SubjectMatch::Exact => one == other,
        SubjectMatch::IgnorePrefixes => base_subject(one) == base_subject(other),
    }
}

/// The thread of an API send: it must be named, be referred to, and have the same subject, or the
/// message starts its own (discovery document, `Message.threadId`).
pub(crate) fn thread_for_send(
    mailbox: &Mailbox,
    knobs: &Knobs,
    wanted: Option<&str>,
    mail: &Mail,
) -> Option<String> {
    let wanted = wanted?;
    let members = mailbox.threads.get(wanted)?;
    let named: Vec<String> = ["References", "In-Reply-To"]
        .iter()
        .flat_map(|name| mail.ids(name))
        .collect();
    let subject = mail.text("Subject").unwrap_or_default();
    let known = || members.iter().filter_map(|id| mailbox.messages.get(id));
    let referred = known().any(|message| named.contains(&message.rfc_id));
    let alike = known().any(|message| same_subject(knobs, &message.subject, &subject));
    (referred && alike).then(|| wanted.to_owned())
}

/// The thread of an arriving message: by reference and subject; Gmail's own bounces join by
/// reference alone, though their subject is their own.
pub(crate) fn thread_for_inbound(mailbox: &Mailbox, knobs: &Knobs, mail: &Mail) -> Option<String> {
    let subject = mail.text("Subject").unwrap_or_default();
    let bounce = mail
        .header("From")
        .is_some_and(|from| from.contains("mailer-daemon@googlemail.com"));
    let named = mail
        .ids("In-Reply-To")
        .into_iter()
        .chain(mail.ids("References").into_iter().rev());
    named.into_iter().find_map(|id| {
        mailbox
            .with_rfc_id(&id)
            .find(|message| bounce || same_subject(knobs, &message.subject, &subject))
            .map(|message| message.thread.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::base_subject;

    #[test]
    fn reply_prefixes_of_several_languages_are_taken_off() {
        assert_eq!(base_subject("AW: Re:  FWD: Offer"), "offer");
        assert_eq!(base_subject("Regarding the offer"), "regarding the offer");
    }
}
