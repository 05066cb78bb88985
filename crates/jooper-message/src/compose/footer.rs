//! What stands below every outreach mail, whatever its template says.

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
    /// The link that stops everything, valid for years.
    pub unsubscribe_url: String,
    /// Told once, with the first mail to a person.
    pub first_contact: Option<FirstContactNotice>,
}

/// What a person is told with the first mail (GDPR Art. 14(3)(b), 21(4)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstContactNotice {
    /// Where the address came from.
    pub source: String,
    /// The full notice.
    pub privacy_url: String,
}

impl Footer {
    /// The footer as plain text, without a leading empty line.
    pub(super) fn text(&self) -> String {
        let mut out = String::from("--\n");
        if let Some(notice) = &self.first_contact {
            out.push_str(&format!(
                "Why you get this: {} has your address from {}.\nFull notice: {}\n\nYou have the right to object at any time; we then stop at once:\n{}\n\n",
                self.legal_name,
                one_line(&notice.source),
                notice.privacy_url,
                self.unsubscribe_url,
            ));
        } else {
            out.push_str(&format!(
                "No more mail from us: {}\n\n",
                self.unsubscribe_url
            ));
        }
        out.push_str(&format!(
            "{}, {}\n",
            one_line(&self.legal_name),
            one_line(&self.postal_address)
        ));
        out
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
