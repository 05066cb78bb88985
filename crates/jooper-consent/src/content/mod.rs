//! What no mail may hold (privacy requirements, section 6.1, "content gate").

mod color;
mod css;
mod finding;
mod html;
mod invisible;
mod links;
mod name;
mod own;
mod style;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use jooper_core::{EmailAddress, Purpose};

pub use finding::{ContentFinding, Hiding, MailPart, OtherName};
pub use own::{NotOwn, OwnDomains};

/// Hosts that are known to hide where a link leads; the file names its source and its date.
static SHORTENERS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("shorteners.txt").lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// Hosts below those that lead to pages of their own organization only: what Google Maps and Google
/// Photos share. `goo.gl` itself leads anywhere.
const OWN_PAGES: &[&str] = &["maps.app.goo.gl", "photos.app.goo.gl"];

/// A finished mail, or one that is being written, as its reader gets it.
#[derive(Clone, Copy)]
pub struct Contents<'a> {
    /// The name that the recipient sees.
    pub from_name: &'a str,
    /// The address that it comes from.
    pub from: &'a EmailAddress,
    /// The subject.
    pub subject: &'a str,
    /// The plain text, footer included.
    pub text: &'a str,
    /// The HTML, where it is more than the text with its links.
    pub html: Option<&'a str>,
}

impl fmt::Debug for Contents<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contents(***)")
    }
}

/// What mails are held to. An operator can add hosts to it; nothing takes any of it away.
///
/// No link goes over a service that hides where it leads, no text is hidden from its reader, and the
/// sender's name shows no address or domain but the sender's own, or one that its workspace named as its
/// own ([`ContentRules::with_own_domains`]). Subjects that pretend to answer are
/// [`is_deceptive`](crate::is_deceptive)'s.
///
/// An answer that a person wrote to somebody who wrote to them ([`Purpose::Conversation`]) is held to
/// the name alone: its links and words are its writer's own, to one person who knows them.
///
/// ```
/// use jooper_consent::{ContentFinding, ContentRules, MailPart};
///
/// let rules = ContentRules::new().with_shorteners(["go.example".to_owned()]);
/// let found = rules.check_words(MailPart::Text, "See https://go.example/1 and https://acme.example/t.co");
/// assert_eq!(found.len(), 1);
/// assert_eq!(
///     found[0].to_string(),
///     "the text has a link of go.example, which hides where it leads"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContentRules {
    more: BTreeSet<String>,
    own: OwnDomains,
}

impl ContentRules {
    /// The rules as shipped.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses links of these hosts and of everything below them, too.
    #[must_use]
    pub fn with_shorteners(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        let hosts = hosts.into_iter().map(|host| links::normal(&host));
        self.more.extend(hosts.filter(|host| !host.is_empty()));
        self
    }

    /// Lets the sender's name show these domains: those that the sender's workspace named as its own.
    #[must_use]
    pub fn with_own_domains(mut self, own: OwnDomains) -> Self {
        self.own = own;
        self
    }

    /// The entry of the list that a host is, or lies below; hosts are compared as IDNA writes them.
    pub fn shortener(&self, host: &str) -> Option<&str> {
        let host = links::normal(host);
        let mut rest = host.as_str();
        loop {
            if let Some(listed) = SHORTENERS.get(rest)
                && !OWN_PAGES.contains(&&*host)
            {
                return Some(listed);
            }
            if let Some(listed) = self.more.get(rest) {
                return Some(listed);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    /// What is wrong with a mail of this purpose; nothing: it may go.
    pub fn check(&self, purpose: Purpose, mail: &Contents<'_>) -> Vec<ContentFinding> {
        let name = self.check_name(mail.from_name, mail.from);
        let mut found: Vec<_> = name.into_iter().collect();
        if purpose == Purpose::Conversation {
            return found;
        }
        for (part, words) in [
            (MailPart::FromName, mail.from_name),
            (MailPart::Subject, mail.subject),
            (MailPart::Text, mail.text),
        ] {
            found.extend(self.check_words(part, words));
        }
        if let Some(html) = mail.html {
            found.extend(html::findings(self, html));
        }
        found
    }

    /// What is wrong with the name that an address is shown with.
    pub fn check_name(&self, name: &str, from: &EmailAddress) -> Option<ContentFinding> {
        name::other_than(name, from, &self.own).map(|shows| ContentFinding::FromName { shows })
    }

    /// What is wrong with some words that are no HTML: a subject, a text, or a template of one.
    pub fn check_words(&self, part: MailPart, words: &str) -> Vec<ContentFinding> {
        let link = links::shortened(self, words);
        let link = link.map(|host| ContentFinding::Shortener { host, part });
        let hidden = invisible::is_stuffed(words).then_some(ContentFinding::HiddenText {
            how: Hiding::Characters,
            part,
        });
        link.into_iter().chain(hidden).collect()
    }
}

#[cfg(test)]
mod tests;
