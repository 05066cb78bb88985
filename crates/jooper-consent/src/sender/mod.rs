//! What the DNS says of mail domains: whether a sender's proves its mail, and whether a recipient's
//! takes any.
//!
//! Asking is a seam, [`MailDns`]; judging is pure. A judge is given the answers so far and either
//! names what else it must know or says what it found, so that each rule is tested without a network.

mod dkim;
mod dmarc;
mod dns;
mod finding;
mod judge;
mod memory;
mod name;
mod receiving;
mod rules;
mod spf;
mod tags;

pub use dns::{Answer, DnsError, MailDns, MailServer, ServerName};
pub use finding::{Findings, SenderFinding};
pub use judge::{Answers, Judging, judge_sender, look_at_sender};
pub use memory::MemoryDns;
pub use name::{BadName, DnsName};
pub use receiving::{MailDomain, MailDomainRules, look_at_mail_domain};
pub use rules::SenderRules;
