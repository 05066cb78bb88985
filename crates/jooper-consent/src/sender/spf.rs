//! Sender Policy Framework (RFC 7208): may the provider's servers send for a domain?
//!
//! A receiver evaluates a record for the address that a mail came from. This follows the same way for
//! any of the provider's addresses: whatever stands before the provider's own include is taken for no
//! match, as it is for a mail of ours.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::finding::SenderFinding;
use super::judge::{Answers, Halt, known};
use super::name::DnsName;

/// Terms that ask the DNS, in all records together (RFC 7208 section 4.6.4).
const MOST_LOOKUPS: usize = 10;

/// Says what is wrong with a domain's record; nothing when it lets the provider send.
pub(super) fn judge(domain: &DnsName, covers: &[DnsName], answers: &Answers) -> Result<(), Halt> {
    let records = of_spf(known(answers, domain)?);
    let record = match records.as_slice() {
        [] => return Err(Halt::Found(SenderFinding::SpfMissing)),
        [record] => *record,
        _ => return Err(Halt::Found(SenderFinding::SpfSeveral)),
    };
    let mut walk = Walk {
        covers,
        answers,
        lookups: 0,
        hidden: false,
    };
    match walk.record(record)? {
        Reach::Covered => Ok(()),
        Reach::Ends | Reach::Goes if walk.hidden => Err(Halt::Found(SenderFinding::SpfHidden)),
        Reach::Ends | Reach::Goes => Err(Halt::Found(SenderFinding::SpfWithoutProvider)),
    }
}

/// The records that are of SPF: `v=spf1`, alone or before a space (RFC 7208 section 4.5).
fn of_spf(records: &[String]) -> Vec<&str> {
    let is_spf = |record: &&String| {
        let head = record
            .get(..6)
            .is_some_and(|head| head.eq_ignore_ascii_case("v=spf1"));
        head && record
            .get(6..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    records.iter().filter(is_spf).map(String::as_str).collect()
}

/// Where the evaluation of a record leads a mail of the provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It passes.
    Covered,
    /// The record decides otherwise; what stands behind is not looked at.
    Ends,
    /// Nothing in it says anything about that mail.
    Goes,
}

/// One evaluation, through everything that is included.
struct Walk<'a> {
    covers: &'a [DnsName],
    answers: &'a Answers,
    lookups: usize,
    /// Whether a term was passed that only a mail itself decides.
    hidden: bool,
}

impl<'a> Walk<'a> {
    fn record(&mut self, record: &str) -> Result<Reach, Halt> {
        let Record {
            mechanisms,
            redirect,
        } = Record::read(record).ok_or(INVALID)?;
        for mechanism in mechanisms {
            match &mechanism.kind {
                Kind::All => return Ok(mechanism.says()),
                Kind::Asks => self.look_up()?,
                Kind::Address => {}
                Kind::Hidden => {
                    self.look_up()?;
                    self.hidden |= mechanism.passes;
                }
                Kind::Include(target) => {
                    self.look_up()?;
                    // Of an included record only a pass counts (RFC 7208 section 5.2).
                    if self.included(target)? {
                        return Ok(mechanism.says());
                    }
                }
            }
        }
        match redirect {
            None => Ok(Reach::Goes),
            Some(None) => {
                self.look_up()?;
                self.hidden = true;
                Ok(Reach::Goes)
            }
            Some(Some(target)) => {
                self.look_up()?;
                if self.covers.contains(&target) {
                    self.count(&target)?;
                    return Ok(Reach::Covered);
                }
                let record = self.only_record(&target)?;
                self.record(record)
            }
        }
    }

    /// Whether a mail of the provider's passes by the record of that name.
    fn included(&mut self, target: &DnsName) -> Result<bool, Halt> {
        if self.covers.contains(target) {
            self.count(target)?;
            return Ok(true);
        }
        let record = self.only_record(target)?;
        Ok(self.record(record)? == Reach::Covered)
    }

    /// Counts what the provider's own record asks: in which part of it an address stands is not ours to
    /// know, so all of them.
    fn count(&mut self, target: &DnsName) -> Result<(), Halt> {
        let record = self.only_record(target)?;
        let Record {
            mechanisms,
            redirect,
        } = Record::read(record).ok_or(INVALID)?;
        let redirect = redirect.map(|target| target.map_or(Kind::Hidden, Kind::Include));
        let kinds = mechanisms.into_iter().map(|mechanism| mechanism.kind);
        for kind in kinds.chain(redirect) {
            match kind {
                Kind::All | Kind::Address => {}
                Kind::Asks | Kind::Hidden => self.look_up()?,
                Kind::Include(target) => {
                    self.look_up()?;
                    self.count(&target)?;
                }
            }
        }
        Ok(())
    }

    fn look_up(&mut self) -> Result<(), Halt> {
        self.lookups += 1;
        if self.lookups > MOST_LOOKUPS {
            return Err(Halt::Found(SenderFinding::SpfTooManyLookups));
        }
        Ok(())
    }

    /// The record of an included name. None, or several, break the record that includes it (RFC 7208
    /// section 5.2).
    fn only_record(&self, name: &DnsName) -> Result<&'a str, Halt> {
        match of_spf(known(self.answers, name)?).as_slice() {
            [record] => Ok(*record),
            _ => Err(INVALID),
        }
    }
}

const INVALID: Halt = Halt::Found(SenderFinding::SpfInvalid);

/// A record, read.
struct Record {
    mechanisms: Vec<Mechanism>,
    /// Where the rest is said, if nothing matches; `Some(None)`: at a name that a mail decides.
    redirect: Option<Option<DnsName>>,
}

struct Mechanism {
    kind: Kind,
    /// Whether a match lets the mail pass.
    passes: bool,
}

enum Kind {
    All,
    Include(DnsName),
    /// Asks for addresses of names.
    Asks,
    /// Names addresses.
    Address,
    /// Holds a macro: only a mail decides what it asks.
    Hidden,
}

impl Mechanism {
    const fn says(&self) -> Reach {
        match self.passes {
            true => Reach::Covered,
            false => Reach::Ends,
        }
    }

    fn read(term: &str) -> Option<Self> {
        let (passes, term) = match term.as_bytes().first()? {
            b'+' => (true, &term[1..]),
            b'-' | b'~' | b'?' => (false, &term[1..]),
            _ => (true, term),
        };
        let end = term.find([':', '/']).unwrap_or(term.len());
        let (name, rest) = term.split_at(end);
        let argument = rest
            .strip_prefix(':')
            .filter(|argument| !argument.is_empty());
        let hides = argument.is_some_and(|argument| argument.contains('%'));
        let kind = match (name.to_ascii_lowercase().as_str(), argument) {
            ("all", None) if rest.is_empty() => Kind::All,
            ("include" | "exists" | "a" | "mx" | "ptr", Some(_)) if hides => Kind::Hidden,
            ("include", Some(target)) => Kind::Include(DnsName::parse(target).ok()?),
            ("exists", Some(target)) => DnsName::parse(target).ok().map(|_| Kind::Asks)?,
            ("a" | "mx" | "ptr", Some(target)) => {
                let target = target.split('/').next()?;
                DnsName::parse(target).ok().map(|_| Kind::Asks)?
            }
            ("a" | "mx" | "ptr", None) if rest.is_empty() || rest.starts_with('/') => Kind::Asks,
            ("ip4", Some(network)) => network_of::<Ipv4Addr>(network, 32)?,
            ("ip6", Some(network)) => network_of::<Ipv6Addr>(network, 128)?,
            _ => return None,
        };
        Some(Self { kind, passes })
    }
}

fn network_of<A: FromStr>(text: &str, longest: u8) -> Option<Kind> {
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    let is_length = length.parse::<u8>().is_ok_and(|length| length <= longest);
    (address.parse::<A>().is_ok() && is_length).then_some(Kind::Address)
}

impl Record {
    /// Reads a record; nothing where a term is none of RFC 7208's: receivers give up then.
    fn read(record: &str) -> Option<Self> {
        let mut read = Self {
            mechanisms: Vec::new(),
            redirect: None,
        };
        for term in record.get(6..)?.split(' ').filter(|term| !term.is_empty()) {
            let Some((name, value)) = modifier(term) else {
                read.mechanisms.push(Mechanism::read(term)?);
                continue;
            };
            // Unknown ones are passed over (RFC 7208 section 6).
            if name.eq_ignore_ascii_case("redirect") {
                let target = match value.contains('%') {
                    true => None,
                    false => Some(DnsName::parse(value).ok()?),
                };
                if read.redirect.replace(target).is_some() {
                    return None;
                }
            }
        }
        Some(read)
    }
}

/// `name=value`; a mechanism has a `:` or a `/` before any `=`.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (begins && name.bytes().all(fits)).then_some((name, value))
}
