//! What a reaction knows about the mail it answers, and the trace headers that every arrival carries.

use super::super::draw::hex;
use super::super::mime::write::{Draft, date};
use super::super::mime::{Mail, Part, addresses};
use super::super::world::World;
use super::words::{Words, words};

/// One mail as one recipient has it.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) seed: u64,
    pub(super) now: i64,
    pub(super) number: u64,
    /// The sending account.
    pub(super) sub: String,
    pub(super) account: String,
    /// Whom a reply goes to.
    pub(super) reply_to: String,
    pub(super) sender_name: String,
    pub(super) recipient: String,
    pub(super) recipient_name: String,
    pub(super) subject: String,
    pub(super) wire_id: String,
    pub(super) references: Vec<String>,
    pub(super) sent_at: i64,
    pub(super) text: String,
    pub(super) wire: Mail,
    pub(super) plain_delays: bool,
    /// In the recipient's language.
    pub(super) words: &'static Words,
    /// In the sending account's language, for Google's own notices.
    pub(super) account_words: &'static Words,
}

impl Context {
    /// Collects it; `None` when the ledger has no such send.
    pub(super) fn of(world: &World, number: u64, recipient: &str) -> Option<Self> {
        let send = world.ledger.accepted.get(usize::try_from(number).ok()?)?;
        let bytes = world.spool.get(send.sent);
        let wire = Mail::parse(&bytes);
        let first = |name: &str| {
            wire.header(name)
                .map(|value| addresses(&value))
                .and_then(|list| list.into_iter().next())
        };
        let from = first("From")?;
        let known = wire
            .headers("To")
            .iter()
            .flat_map(|value| addresses(value))
            .find(|address| address.email == recipient)
            .map(|address| address.name);
        let set_locale = world
            .population
            .people
            .get(recipient)
            .and_then(|person| person.behavior.locale.clone());
        let user = world.directory.users.get(&send.sub)?;
        Some(Self {
            seed: world.seed,
            now: world.now,
            number,
            sub: send.sub.clone(),
            account: user.email.clone(),
            reply_to: first("Reply-To").map_or_else(|| from.email.clone(), |address| address.email),
            sender_name: if from.name.is_empty() {
                user.name.clone()
            } else {
                from.name
            },
            recipient: recipient.to_owned(),
            recipient_name: known
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| name_of(recipient)),
            subject: send.subject.clone(),
            wire_id: send.wire_id.clone(),
            references: wire.ids("References"),
            sent_at: send.at_ms,
            text: Part::parse(&bytes).readable(),
            words: words(
                set_locale
                    .as_deref()
                    .unwrap_or_else(|| locale_of(recipient)),
            ),
            account_words: words(&user.locale),
            plain_delays: world.knobs.plain_delays,
            wire,
        })
    }

    /// Drawn text that belongs to this mail and purpose.
    pub(super) fn hex(&self, purpose: &str, chars: usize) -> String {
        hex(
            self.seed,
            &[
                "inbound",
                purpose,
                &self.number.to_string(),
                &self.recipient,
            ],
            chars,
        )
    }

    pub(super) fn domain(&self) -> &str {
        self.recipient
            .rsplit_once('@')
            .map_or("example.com", |(_, domain)| domain)
    }

    /// A fresh message id under the recipient's domain.
    pub(super) fn new_id(&self, purpose: &str) -> String {
        format!("<{}@{}>", self.hex(purpose, 20), self.domain())
    }

    /// The trace headers of a mail that came from `from`, with Gmail's verdict on who it says it is.
    pub(super) fn arriving(&self, return_path: &str, from: &str, genuine: bool) -> Draft {
        let domain = from
            .rsplit_once('@')
            .map_or("example.com", |(_, domain)| domain);
        let verdict = if genuine { "pass" } else { "fail" };
        Draft::default()
            .raw("Delivered-To", &self.account)
            .raw("Received", &format!("from mail.{domain} (mail.{domain}. [192.0.2.{}])\r\n        by mx.google.com with ESMTPS id {};\r\n        {}", 1 + self.number % 250, self.hex("queue", 24), date(self.now)))
            .raw("Return-Path", &format!("<{return_path}>"))
            .raw("Authentication-Results", &format!("mx.google.com;\r\n       dkim={verdict} header.i=@{domain};\r\n       spf={verdict} smtp.mailfrom={from};\r\n       dmarc={verdict} header.from={domain}"))
    }

    /// `References` of an answer: the mail's own, then its id.
    pub(super) fn thread_refs(&self) -> String {
        let mut all = self.references.clone();
        all.push(self.wire_id.clone());
        all.join("\r\n ")
    }

    /// The mail quoted with `> `, under the line that says who wrote it.
    pub(super) fn quoted(&self) -> String {
        let quote: String = self
            .text
            .lines()
            .map(|line| format!("> {line}\r\n"))
            .collect();
        format!("{}\r\n{quote}", self.attribution())
    }

    /// The line above a quote.
    pub(super) fn attribution(&self) -> String {
        self.words
            .wrote
            .replace("{date}", &date(self.sent_at))
            .replace(
                "{name}",
                &format!("{} <{}>", self.sender_name, self.reply_to),
            )
    }
}

/// A name as people make of an address.
fn name_of(address: &str) -> String {
    let local = address.split('@').next().unwrap_or(address);
    let words: Vec<String> = local
        .split(['.', '-', '_', '+'])
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.chars()
                .next()
                .map(|c| c.to_uppercase().collect::<String>())
                .unwrap_or_default()
                + &word.chars().skip(1).collect::<String>()
        })
        .collect();
    words.join(" ")
}

fn locale_of(address: &str) -> &'static str {
    match address.rsplit('.').next().unwrap_or_default() {
        "de" | "at" | "ch" => "de",
        "fr" => "fr",
        "es" | "mx" | "ar" => "es",
        "it" => "it",
        "nl" => "nl",
        "ee" => "et",
        _ => "en",
    }
}
