//! What the first mail must tell: who writes, where the data is from, how to object.
//!
//! GDPR Art. 14(3)(b): at the latest with the first mail, and Art. 14(2)(f): with the source.
//! Art. 21(4): the right to object stands clearly and apart from everything else, hence a
//! paragraph of its own, last.

use std::sync::OnceLock;

use jooper_storage::tables::WorkspaceIdentity;
use serde::Deserialize;

const TEXTS: &str = include_str!("notice.toml");

/// The notice block of a first mail: three paragraphs, plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// The language it is written in (BCP 47 primary tag).
    pub language: String,
    /// Who writes, from where, and where the whole notice stands.
    pub sender: String,
    /// Where the data came from.
    pub source: String,
    /// How to object. The link to object by follows this text.
    pub objection: String,
}

/// What a sender has not told about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IncompleteIdentity {
    /// No legal name.
    #[error("the sender's legal name is missing")]
    LegalName,
    /// No postal address.
    #[error("the sender's postal address is missing")]
    PostalAddress,
    /// No privacy notice.
    #[error("the address of the sender's privacy notice is missing")]
    PrivacyUrl,
    /// No source of the person's data.
    #[error("where the person's data came from is missing")]
    Source,
}

#[derive(Deserialize)]
struct File {
    text: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    language: String,
    sender: String,
    source: String,
    objection: String,
    stop: String,
}

fn texts() -> &'static [Text] {
    static FILE: OnceLock<File> = OnceLock::new();
    &FILE
        .get_or_init(|| toml::from_str(TEXTS).expect("a test reads the file"))
        .text
}

fn in_language(language: &str) -> Option<&'static Text> {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    let wanted = |text: &&Text| text.language.eq_ignore_ascii_case(primary);
    texts().iter().find(wanted)
}

/// The text for a language (`de`, `de-AT`), else the English one.
fn text_for(language: &str) -> &'static Text {
    in_language(language)
        .or_else(|| in_language("en"))
        .expect("a test finds the English text")
}

/// Whether there is a text in this language (`de`, `de-AT`).
pub fn has_notice_text(language: &str) -> bool {
    in_language(language).is_some()
}

/// What stands above the link in every mail that is not the first: one line, in a language if there
/// is a text for it, else English.
pub fn stop_line(language: &str) -> &'static str {
    &text_for(language).stop
}

/// Checks that a workspace says who it is: what
/// [`SendIntent::identity_complete`](crate::SendIntent::identity_complete) stands for.
///
/// # Errors
/// [`IncompleteIdentity`] names what is missing first.
pub fn check_identity(identity: &WorkspaceIdentity) -> Result<(), IncompleteIdentity> {
    if identity.legal_name.trim().is_empty() {
        return Err(IncompleteIdentity::LegalName);
    }
    if identity.postal_address.trim().is_empty() {
        return Err(IncompleteIdentity::PostalAddress);
    }
    if !identity.privacy_url.trim().starts_with("https://") {
        return Err(IncompleteIdentity::PrivacyUrl);
    }
    Ok(())
}

impl Notice {
    /// The block for a sender and a source, in a language if there is a text for it, else English.
    ///
    /// # Errors
    /// [`IncompleteIdentity`]: no mail may go without it.
    pub fn new(
        identity: &WorkspaceIdentity,
        source: &str,
        language: &str,
    ) -> Result<Self, IncompleteIdentity> {
        check_identity(identity)?;
        if source.trim().is_empty() {
            return Err(IncompleteIdentity::Source);
        }
        let address = identity.postal_address.replace(['\r', '\n'], ", ");
        let text = text_for(language);
        Ok(Self {
            language: text.language.clone(),
            sender: text
                .sender
                .replace("{name}", identity.legal_name.trim())
                .replace("{address}", address.trim())
                .replace("{url}", identity.privacy_url.trim()),
            source: text.source.replace("{source}", source.trim()),
            objection: text.objection.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> WorkspaceIdentity {
        WorkspaceIdentity {
            name: "Acme".to_owned(),
            legal_name: "Acme GmbH".to_owned(),
            postal_address: "Main St 1\n10115 Berlin".to_owned(),
            privacy_url: "https://acme.example/privacy".to_owned(),
            ..WorkspaceIdentity::default()
        }
    }

    #[test]
    fn every_text_names_sender_source_and_objection() {
        assert!(texts().iter().any(|text| text.language == "en"));
        for text in texts() {
            let notice = Notice::new(&identity(), "the fair's list", &text.language).unwrap();
            assert_eq!(notice.language, text.language);
            for part in [
                "Acme GmbH",
                "Main St 1, 10115 Berlin",
                "https://acme.example",
            ] {
                assert!(notice.sender.contains(part), "{}: {part}", text.language);
            }
            assert!(notice.source.contains("the fair's list"));
            assert!(!notice.objection.is_empty());
            let stop = stop_line(&text.language);
            assert!(stop.ends_with(':') && !stop.contains('\n'));
            assert_eq!(stop == stop_line("en"), text.language == "en");
            assert!(has_notice_text(&text.language));
            let all = [&notice.sender, &notice.source, &notice.objection];
            assert!(all.iter().all(|part| !part.contains(['{', '\n'])));
        }
    }

    #[test]
    fn the_language_falls_back_to_english() {
        let notice = |language| {
            Notice::new(&identity(), "a form", language)
                .unwrap()
                .language
        };
        assert_eq!(notice("de-AT"), "de");
        assert_eq!(notice("xx"), "en");
        assert!(has_notice_text("de-AT") && !has_notice_text("xx"));
    }

    #[test]
    fn nothing_is_written_without_an_identity_and_a_source() {
        let mut nameless = identity();
        nameless.legal_name = " ".to_owned();
        let said = Notice::new(&nameless, "a form", "en");
        assert_eq!(said, Err(IncompleteIdentity::LegalName));
        let said = Notice::new(&identity(), "", "en");
        assert_eq!(said, Err(IncompleteIdentity::Source));
    }
}
