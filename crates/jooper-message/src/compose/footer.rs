//! What stands below every outreach mail, whatever its template says.

use std::borrow::Cow;

/// Who sends, and how it stops.
///
/// CAN-SPAM wants a postal address and a working opt-out (15 U.S.C. 7704(a)(5)); GDPR Art. 21(4)
/// wants the right to object told clearly and apart from everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footer {
    /// The sender's legal name.
    pub legal_name: String,
    /// The sender's postal address.
    pub postal_address: String,
    /// What the link below does, in the language of the mail.
    pub stop: String,
    /// The link that stops everything, valid for years.
    pub unsubscribe_url: String,
    /// Told once, with the first mail to a person.
    pub first_contact: Option<FirstContactNotice>,
}

/// What a person is told with the first mail (GDPR Art. 14(3)(b), 21(4)), in the language of the
/// mail. jooper-consent has the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstContactNotice {
    /// Who writes, from where, and where the full notice stands.
    pub sender: String,
    /// Where the address came from.
    pub source: String,
    /// The right to object; the link follows.
    pub objection: String,
}

impl Footer {
    /// The footer as plain text, without a leading empty line.
    pub(super) fn text(&self) -> String {
        let url = &self.unsubscribe_url;
        match &self.first_contact {
            Some(notice) => format!(
                "--\n{}\n{}\n\n{}\n{url}\n",
                one_line(&notice.source),
                one_line(&notice.sender),
                one_line(&notice.objection),
            ),
            None => format!(
                "--\n{} {url}\n\n{}, {}\n",
                one_line(&self.stop),
                one_line(&self.legal_name),
                one_line(&self.postal_address)
            ),
        }
    }
}

fn one_line(text: &str) -> Cow<'_, str> {
    let odd = |byte: u8| !byte.is_ascii() || byte.is_ascii_control();
    let next = text.bytes().skip(1).chain([b' ']);
    let mut pairs = text.bytes().zip(next);
    // Most are one line of ASCII already.
    if !text.starts_with(' ')
        && !pairs.any(|(byte, next)| odd(byte) || byte == b' ' && next == b' ')
    {
        return text.into();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_is_its_words_with_single_spaces(text in "[ab \t\n\u{a0}\u{e4}.]{0,12}") {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(one_line(&text), words);
        }
    }
}
