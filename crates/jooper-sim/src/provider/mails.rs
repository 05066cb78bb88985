//! Mails as text: what recipients, mail servers and owners write.

use jiff::{SignedDuration, Timestamp};

use super::Mail;
use crate::population::Reaction;

/// Header fields, names as on the wire.
type Headers = Vec<(String, String)>;

/// The unfolded header fields of a mail (RFC 5322 section 2.2.3).
pub(super) fn headers_of(raw: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(raw);
    let section = text.split("\r\n\r\n").next().unwrap_or_default();
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in section.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    headers
}

/// What a reaction looks like on the wire; none where it is no mail.
pub(super) fn write(
    reaction: Reaction,
    about: &Mail,
    number: u64,
    wall: Timestamp,
) -> Option<(Headers, Vec<u8>)> {
    let to = about.header("From").unwrap_or_default().to_owned();
    let from = about.header("To").unwrap_or_default().to_owned();
    let subject = about.header("Subject").unwrap_or_default().to_owned();
    let own = about.header("Message-ID").unwrap_or_default().to_owned();
    let references = about.header("References").unwrap_or_default();
    let references = format!("{references} {own}").trim().to_owned();
    let domain = from.rsplit('@').next().unwrap_or("person.example");
    let domain = domain.trim_end_matches('>').to_owned();
    let date = wall.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let mut headers = vec![
        ("Message-ID".to_owned(), format!("<in{number}@{domain}>")),
        ("Date".to_owned(), date),
        ("To".to_owned(), to.clone()),
    ];
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    let trusted = format!("mx.google.com; dmarc=pass header.from={domain}");
    let body = match reaction {
        Reaction::Reply
        | Reaction::Interested
        | Reaction::NotInterested
        | Reaction::UnsubscribeMail
        | Reaction::OutOfOffice => {
            add("From", from);
            add("In-Reply-To", own);
            add("References", references);
            if reaction == Reaction::OutOfOffice {
                let back = wall
                    .checked_add(SignedDuration::from_hours(4 * 24))
                    .unwrap_or(wall);
                let back = back.strftime("%Y-%m-%d").to_string();
                add("Subject", format!("Automatic reply: {subject}"));
                add("Auto-Submitted", "auto-replied".to_owned());
                format!("I am out of the office and will be back on {back}.\r\n")
            } else if reaction == Reaction::Reply {
                add("Subject", format!("Re: {subject}"));
                "Sounds good, please call me on Thursday.\r\n".to_owned()
            } else {
                add("Subject", format!("Re: {subject}"));
                let words = match reaction {
                    Reaction::Interested => "I am interested, please send me more information.",
                    Reaction::NotInterested => "Thanks, but we are not interested.",
                    _ => "Please unsubscribe me.",
                };
                format!("{words}\r\n")
            }
        }
        Reaction::FreshReply => {
            add("From", from);
            add("Subject", "About your mail".to_owned());
            "I would like to know more, please call me.\r\n".to_owned()
        }
        Reaction::HardBounce | Reaction::SoftBounce => {
            add(
                "From",
                format!("Mail Delivery System <mailer-daemon@{domain}>"),
            );
            add("Subject", "Undelivered Mail Returned to Sender".to_owned());
            add("Auto-Submitted", "auto-replied".to_owned());
            add("Authentication-Results", trusted);
            add("X-Failed-Recipients", from.clone());
            add(
                "Content-Type",
                "multipart/report; report-type=delivery-status; boundary=\"r\"".to_owned(),
            );
            report(reaction, &from, &to, &own, &references, &subject)
        }
        Reaction::OwnerWrites => {
            headers.retain(|(name, _)| name != "To");
            let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
            add("From", to);
            add("To", from);
            add("Subject", format!("Re: {subject}"));
            add("In-Reply-To", own);
            // RFC 5322 section 3.6.4: an answer names what the mail before it named, too.
            add("References", references);
            "I will take it from here myself.\r\n".to_owned()
        }
        Reaction::UnsubscribeLink | Reaction::Click => return None,
    };
    let mut text = String::new();
    for (name, value) in &headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&body);
    Some((headers, text.into_bytes()))
}

/// A delivery status notification (RFC 3464) with the original's header.
fn report(
    reaction: Reaction,
    failed: &str,
    sender: &str,
    id: &str,
    references: &str,
    subject: &str,
) -> String {
    let address = failed.rsplit('<').next().unwrap_or(failed);
    let address = address.trim_end_matches('>');
    let (action, status, words) = if reaction == Reaction::HardBounce {
        ("failed", "5.1.1", "550 5.1.1 User unknown")
    } else {
        ("failed", "4.2.2", "452 4.2.2 Mailbox full")
    };
    format!(
        "--r\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n\
         --r\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; relay.example\r\n\r\n\
         Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; {words}\r\n\r\n\
         --r\r\nContent-Type: message/rfc822\r\n\r\n\
         Message-ID: {id}\r\nReferences: {references}\r\nFrom: {sender}\r\nTo: {failed}\r\n\
         Subject: {subject}\r\n\r\nHello\r\n--r--\r\n"
    )
}
