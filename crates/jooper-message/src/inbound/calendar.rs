//! Answers to invitations, and invitations (RFC 5545, RFC 5546).

use super::evidence::{Evidence, Source};
use super::mail::{InboundMail, PartKind};
use super::verdict::CalendarMethod;

/// Reads the method of a calendar mail; `None` if it carries no calendar object with one.
///
/// A calendar file that is merely attached is no answer.
pub(super) fn read(mail: &InboundMail<'_>) -> Option<(CalendarMethod, Evidence)> {
    let part = mail.parts().iter().find(|part| {
        part.kind == PartKind::Calendar && (part.method.is_some() || !part.attached)
    })?;
    let object = mail.decode(part);
    let method = part
        .method
        .clone()
        .or_else(|| property(&object, "METHOD"))?
        .to_ascii_uppercase();
    let found = match method.as_str() {
        "REPLY" => match partstat(&object).as_deref() {
            Some("ACCEPTED") => CalendarMethod::Accepted,
            Some("DECLINED") => CalendarMethod::Declined,
            Some("TENTATIVE") => CalendarMethod::Tentative,
            _ => CalendarMethod::Answered,
        },
        "REQUEST" | "PUBLISH" | "ADD" => CalendarMethod::Request,
        "COUNTER" => CalendarMethod::Counter,
        "CANCEL" => CalendarMethod::Cancel,
        _ => CalendarMethod::Answered,
    };
    Some((
        found,
        Evidence::new(
            Source::Structure,
            format!("text/calendar; method={method} (RFC 5546)"),
        ),
    ))
}

fn property(object: &str, name: &str) -> Option<String> {
    object.lines().take(2_000).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.split(';')
            .next()?
            .trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

/// Returns the PARTSTAT of the first attendee; lines are unfolded first (RFC 5545 section 3.1).
fn partstat(object: &str) -> Option<String> {
    // A decoded part keeps the line ends that it was encoded with.
    let unfolded = object
        .replace('\r', "")
        .replace("\n ", "")
        .replace("\n\t", "")
        .to_ascii_uppercase();
    let line = unfolded.lines().find(|line| line.starts_with("ATTENDEE"))?;
    let rest = line.split_once("PARTSTAT=")?.1;
    Some(rest.chars().take_while(char::is_ascii_alphabetic).collect())
}

#[cfg(test)]
mod tests {
    use super::partstat;

    #[test]
    fn an_answer_is_read_across_folded_lines_of_any_line_end() {
        for end in ["\n", "\r\n"] {
            for blank in [" ", "\t"] {
                let object = format!(
                    "BEGIN:VCALENDAR{end}ATTENDEE;CN=Ada;PARTS{end}{blank}TAT=DECL{end}{blank}INED:mailto:ada@x.example{end}"
                );
                assert_eq!(partstat(&object).as_deref(), Some("DECLINED"), "{object:?}");
            }
        }
    }
}
