//! Other tools' unsubscribe lists, onto the workspace's own list.
//!
//! Every tool names its columns in its own way, and some export a bare list of addresses. What is
//! read here only ever adds to the list (law L5).

use std::io::Read;

use jooper_consent::{Listed, StopError, Stops};
use jooper_core::{EmailAddress, Retry, StopReason, UserId, WorkspaceId};
use jooper_vault::WorkspaceVault;

use super::error::ImportError;
use super::headers;
use super::mapping::Target;
use super::report::{ImportReport, Reject};
use super::rows::{Broken, NotCsv, RawRow, Rows};
use crate::clean;
use crate::leads::Leads;

/// How many lines go onto the list at once.
const BATCH: usize = 500;
/// How many rejected lines a report lists; all are counted.
const LISTED: usize = 1000;

/// Names of columns that hold a domain, folded and without spaces.
const DOMAIN: &[&str] = &[
    "domain",
    "domains",
    "domainname",
    "blockeddomain",
    "blocklisteddomain",
    "companydomain",
    "emaildomain",
];
/// Names of columns that hold an address or a domain.
const EITHER: &[&str] = &[
    "value",
    "blvalue",
    "entry",
    "emailordomain",
    "emaildomainorblocklist",
    "blocklist",
    "recipient",
    "subscriber",
    "contact",
];
/// Names of columns that say why.
const REASON: &[&str] = &[
    "reason",
    "unsubreason",
    "unsubscribereason",
    "suppressionreason",
    "optoutreason",
    "type",
    "status",
    "state",
    "kind",
    "category",
    "suppressiontype",
    "subscriptionstatus",
    "marketingstatus",
    "grund",
    "motif",
    "motivo",
];

/// What an import of a list did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ListedImport {
    /// Lines read, without a header and empty lines.
    pub rows: u64,
    /// Lines that name a person.
    pub people: u64,
    /// Lines that name a whole domain.
    pub domains: u64,
    /// Entries of the list that are new: one for each form of an address.
    pub added: u64,
    /// Lines that were not used: those that name neither, and those of the next count.
    pub rejected_rows: u64,
    /// Of these, lines whose word says that the person takes mail.
    pub takes_mail: u64,
    /// The first 1,000 of them, with the reason.
    pub rejected: Vec<Reject>,
}

/// Why a list was not imported, or not to its end. Importing it again doubles nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListedError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] ImportError),
    /// The list could not be written to.
    #[error("the import stopped: {0}; import the file again, nothing is doubled")]
    Stop(#[from] StopError),
    /// The keys cannot be used.
    #[error(transparent)]
    Vault(#[from] jooper_vault::VaultError),
}

impl ListedError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::File(error) => error.retry(),
            Self::Stop(error) => error.retry(),
            Self::Vault(error) => error.retry(),
        }
    }
}

/// Where a line's address, domain and reason stand.
#[derive(Debug, Default)]
struct Columns {
    /// Whether the column of addresses or domains says that they are blocked: "active" then tells of the
    /// block.
    of_blocks: bool,
    email: Option<usize>,
    domain: Option<usize>,
    either: Option<usize>,
    reason: Option<usize>,
}

impl Columns {
    fn of(headers: &[String]) -> Self {
        let mut columns = Self::default();
        for (at, header) in headers.iter().enumerate() {
            let key = headers::key(header);
            let place = if DOMAIN.contains(&key.as_str()) {
                &mut columns.domain
            } else if EITHER.contains(&key.as_str()) {
                &mut columns.either
            } else if REASON.contains(&key.as_str()) {
                &mut columns.reason
            } else if headers::usual(header) == Target::Email {
                &mut columns.email
            } else {
                continue;
            };
            let whom = DOMAIN.contains(&key.as_str()) || EITHER.contains(&key.as_str());
            columns.of_blocks |= whom && (key.contains("block") || key == "blvalue");
            place.get_or_insert(at);
        }
        columns
    }

    const fn names_nobody(&self) -> bool {
        self.email.is_none() && self.domain.is_none() && self.either.is_none()
    }
}

/// Somebody, or everybody at a domain.
enum Whom {
    Person(EmailAddress),
    Domain(String),
}

/// Whether a word says that something is in force, which of a block is no more than that it blocks.
fn is_in_force(word: &str) -> bool {
    matches!(
        headers::key(word).as_str(),
        "active" | "aktiv" | "actif" | "activo" | "attivo"
    )
}

/// The reason that a tool's own word means: the weightier one where a word could mean two. `None` where it
/// says that the person takes mail: an export of a whole audience is no list of those who do not.
fn reason(word: &str, otherwise: StopReason) -> Option<StopReason> {
    const TAKES_MAIL: &[&str] = &[
        "subscribed",
        "subscriber",
        "active",
        "confirmed",
        "optin",
        "optedin",
        "abonniert",
        "angemeldet",
        "aktiv",
        "abonne",
        "inscrit",
        "suscrit",
        "iscritt",
    ];
    const WORDS: &[(&str, StopReason)] = &[
        ("complain", StopReason::Complained),
        ("spam", StopReason::Complained),
        ("abuse", StopReason::Complained),
        ("object", StopReason::Objected),
        ("widerspr", StopReason::Objected),
        ("gdpr", StopReason::Objected),
        ("unsub", StopReason::Unsubscribed),
        ("optout", StopReason::Unsubscribed),
        ("optedout", StopReason::Unsubscribed),
        ("abgemeldet", StopReason::Unsubscribed),
        ("abmeld", StopReason::Unsubscribed),
        ("desabonn", StopReason::Unsubscribed),
        ("desinscr", StopReason::Unsubscribed),
        ("bounce", StopReason::Bounced),
        ("invalid", StopReason::Bounced),
        ("undeliver", StopReason::Bounced),
        ("cleaned", StopReason::Bounced),
    ];
    let word = headers::key(word);
    if let Some((_, reason)) = WORDS.iter().find(|(part, _)| word.contains(part)) {
        return Some(*reason);
    }
    let takes_mail = TAKES_MAIL.iter().any(|start| word.starts_with(start));
    (!takes_mail).then_some(otherwise)
}

/// A domain as lists write it: `example.com`, `@example.com`, `*@example.com`, `*.example.com`,
/// `www.example.com`. An entry holds for the domains below it as well.
fn domain(text: &str) -> Option<String> {
    let bare = text.rsplit('@').next()?.trim_start_matches("*.");
    // Whatever is a domain makes an address with a name in front of it.
    let address = EmailAddress::parse(&format!("x@{bare}")).ok()?;
    let domain = address.domain();
    let site = domain.strip_prefix("www.").filter(|of| of.contains('.'));
    bare.contains('.')
        .then(|| site.unwrap_or(domain).to_owned())
}

fn whom(text: &str) -> Option<Whom> {
    match EmailAddress::parse(text) {
        Ok(address) if address.local() != "*" => Some(Whom::Person(address)),
        _ => domain(text)
            .filter(|_| matches!(text.split_once('@'), None | Some(("" | "*", _))))
            .map(Whom::Domain),
    }
}

/// Why a line is not used.
enum Unused {
    /// It says that the person takes mail.
    TakesMail(Reject),
    /// It names nobody.
    Nobody(Reject),
}

fn read(
    columns: &Columns,
    row: &RawRow,
    otherwise: StopReason,
) -> Result<(Whom, StopReason), Unused> {
    let text = |at: Option<usize>| -> Option<String> {
        let field = row.fields.get(at?)?;
        clean::line(&clean::value(field).ok()?)
    };
    let word = text(columns.reason).filter(|word| !(columns.of_blocks && is_in_force(word)));
    let said = word.map_or(Some(otherwise), |word| reason(&word, otherwise));
    let Some(why) = said else {
        return Err(Unused::TakesMail(Reject::new(
            row.line,
            None,
            "the line says that this person takes mail",
            "leave the line out; where the word means that the block is active, leave the column out",
        )));
    };
    let person = text(columns.email).and_then(|text| whom(&text));
    let found = person
        .or_else(|| text(columns.either).and_then(|text| whom(&text)))
        .or_else(|| text(columns.domain).and_then(|text| domain(&text).map(Whom::Domain)));
    found.map(|whom| (whom, why)).ok_or_else(|| {
        Unused::Nobody(Reject::new(
            row.line,
            None,
            "the line names no e-mail address and no domain",
            "correct the address, or leave the line out",
        ))
    })
}

fn not_csv(error: NotCsv) -> ImportError {
    match error {
        NotCsv::Empty => ImportError::Empty,
        NotCsv::Utf16 => ImportError::Utf16,
        NotCsv::Workbook => ImportError::Workbook,
        NotCsv::Io(source) => ImportError::Read {
            line: 0,
            source,
            report: Box::default(),
        },
    }
}

fn broken(broken: Broken) -> ImportError {
    let (line, reason) = match broken {
        Broken::Io { line, source } => {
            return ImportError::Read {
                line,
                source,
                report: Box::default(),
            };
        }
        Broken::TooLong { line } => (line, "the row is longer than 1 MiB"),
        Broken::TooWide { line } => (line, "the row has more than 1,000 columns"),
        Broken::Unclosed { line } => (line, "a quote in this row is never closed"),
    };
    ImportError::Broken {
        line,
        reason,
        remedy: "check quotes and separators of this row",
        report: Box::<ImportReport>::default(),
    }
}

impl Leads {
    /// Puts another tool's unsubscribe list (CSV, or a bare list of addresses and domains) on the
    /// workspace's list, under every form of each address. Nothing is ever taken off.
    ///
    /// The columns are recognized by their usual names; a column that says why is understood where
    /// it uses the tools' usual words, and `otherwise` is the reason of every other line. A line whose word says
    /// that the person takes mail ("subscribed", "active") is rejected: nobody could take it back; where a
    /// column's name says that the file lists blocks, "active" tells of the block. Sends
    /// that start afterwards see the list; see [`Stops::import`]. The audit chain names `by`.
    ///
    /// # Errors
    /// [`ListedError`]; the lines before the broken one are on the list.
    pub async fn import_listed(
        &self,
        ws: WorkspaceId,
        stops: &Stops,
        reader: impl Read + Send,
        otherwise: StopReason,
        by: UserId,
    ) -> Result<ListedImport, ListedError> {
        let vault = self.vault.workspace(ws).await?;
        let mut rows = Rows::open(reader).map_err(not_csv)?;
        let Some(first) = rows.next().map_err(broken)? else {
            return Err(ImportError::Empty.into());
        };
        let mut report = ListedImport::default();
        let mut waiting = Vec::with_capacity(BATCH);
        let columns = header(&first)?;
        let columns = columns.unwrap_or_else(|| {
            // The first line is an entry already: a bare list.
            let bare = Columns {
                either: Some(0),
                ..Columns::default()
            };
            report.take(&vault, read(&bare, &first, otherwise), &mut waiting);
            bare
        });
        loop {
            let next = rows.next();
            let ended = !matches!(next, Ok(Some(_)));
            if let Ok(Some(row)) = &next {
                report.take(&vault, read(&columns, row, otherwise), &mut waiting);
            }
            if waiting.len() >= BATCH || (ended && !waiting.is_empty()) {
                let lines = std::mem::take(&mut waiting);
                let done = stops.import(ws, &lines, by).await?;
                report.added += done.added as u64;
            }
            if let Err(error) = next {
                return Err(broken(error).into());
            }
            if ended {
                return Ok(report);
            }
        }
    }
}

/// The columns that a header names; `None` when the first line is an entry already.
fn header(first: &RawRow) -> Result<Option<Columns>, ImportError> {
    let line = first.line;
    let mut names = Vec::with_capacity(first.fields.len());
    for field in &first.fields {
        let text = clean::value(field).map_err(|_| ImportError::HeaderEncoding { line })?;
        names.push(clean::line(&text).unwrap_or_default());
    }
    if names.first().is_some_and(|name| whom(name).is_some()) {
        return Ok(None);
    }
    let columns = Columns::of(&names);
    if columns.names_nobody() {
        return Err(ImportError::NoEmailColumn { found: names });
    }
    Ok(Some(columns))
}

impl ListedImport {
    fn take(
        &mut self,
        vault: &WorkspaceVault,
        line: Result<(Whom, StopReason), Unused>,
        waiting: &mut Vec<Listed>,
    ) {
        self.rows += 1;
        let (whom, reason) = match line {
            Ok(read) => read,
            Err(unused) => {
                let (reject, takes_mail) = match unused {
                    Unused::TakesMail(reject) => (reject, 1),
                    Unused::Nobody(reject) => (reject, 0),
                };
                self.takes_mail += takes_mail;
                self.rejected_rows += 1;
                if self.rejected.len() < LISTED {
                    self.rejected.push(reject);
                }
                return;
            }
        };
        waiting.push(match whom {
            Whom::Person(address) => {
                self.people += 1;
                Listed {
                    contact_index: vault.contact_index(&address),
                    variants: vault.variant_indexes(&address),
                    whole_domain: false,
                    reason,
                }
            }
            Whom::Domain(domain) => {
                self.domains += 1;
                Listed {
                    contact_index: vault.domain_index(&domain),
                    variants: Vec::new(),
                    whole_domain: true,
                    reason,
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_other_tools_are_understood() {
        for (word, expected) in [
            ("Unsubscribed", StopReason::Unsubscribed),
            ("opted_out", StopReason::Unsubscribed),
            ("Désabonné", StopReason::Unsubscribed),
            ("hard_bounce", StopReason::Bounced),
            ("Spam Complaint", StopReason::Complained),
            ("Widerspruch", StopReason::Objected),
            ("manual", StopReason::Listed),
        ] {
            assert_eq!(reason(word, StopReason::Listed), Some(expected), "{word}");
        }
    }

    #[test]
    fn a_domain_is_told_from_an_address() {
        let said = |text: &str| match whom(text) {
            Some(Whom::Person(address)) => format!("person at {}", address.domain()),
            Some(Whom::Domain(domain)) => format!("all of {domain}"),
            None => "nobody".to_owned(),
        };
        assert_eq!(said("ada@b.example"), "person at b.example");
        for text in [
            "b.example",
            "@b.example",
            "*@b.example",
            "*.b.example",
            "www.b.example",
            "*.WWW.b.example",
        ] {
            assert_eq!(said(text), "all of b.example", "{text}");
        }
        for text in ["", "ada", "a b@c.example", "ada@", "localhost"] {
            assert_eq!(said(text), "nobody", "{text}");
        }
    }
}
