//! Whether a sender's domain proves its mail.

use std::collections::BTreeMap;

use super::dns::{Answer, DnsError, MailDns};
use super::finding::{Findings, SenderFinding};
use super::name::DnsName;
use super::rules::SenderRules;
use super::{dkim, dmarc, spf};

/// The TXT records that are known, by name.
pub type Answers = BTreeMap<DnsName, Answer<String>>;

/// What a judge says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judging {
    /// It must know the TXT records of this name first.
    Ask(DnsName),
    /// What is wrong; nothing: the domain proves its mail.
    Judged(Findings),
}

/// Why a part of a judgement ends before its end.
#[derive(Debug)]
pub(super) enum Halt {
    Ask(DnsName),
    Found(SenderFinding),
}

/// What is known of a name, or the wish to know it.
pub(super) fn known<'a>(answers: &'a Answers, name: &DnsName) -> Result<&'a [String], Halt> {
    match answers.get(name) {
        Some(answer) => Ok(answer.records()),
        None => Err(Halt::Ask(name.clone())),
    }
}

/// Judges a domain by what is known so far: SPF covers the provider (RFC 7208), a key is published
/// (RFC 6376), and so is a policy (RFC 7489). Pure. Private accounts pass: the provider itself
/// authenticates its domains.
///
/// Every part is judged, also behind a fault: whoever mends the domain hears everything at once.
pub fn judge_sender(domain: &DnsName, rules: &SenderRules, answers: &Answers) -> Judging {
    let mut findings = Findings::default();
    if rules.of_provider.contains(domain) {
        return Judging::Judged(findings);
    }
    let parts = [
        spf::judge(domain, &rules.includes, answers),
        dkim::judge(domain, &rules.selectors, answers),
        dmarc::judge(domain, answers),
    ];
    for part in parts {
        match part {
            Ok(()) => {}
            Err(Halt::Ask(name)) => return Judging::Ask(name),
            Err(Halt::Found(finding)) => findings.add(finding),
        }
    }
    Judging::Judged(findings)
}

/// More questions than any judgement needs: ten of SPF's, the record itself, the provider's own,
/// a handful of selectors, two of DMARC.
const MOST_QUESTIONS: usize = 64;

/// Asks what the judgement of a domain needs, and judges it.
///
/// # Errors
/// [`DnsError`]: it could not be asked, and nothing is known. That is no verdict.
pub async fn look_at_sender(
    dns: &dyn MailDns,
    domain: &DnsName,
    rules: &SenderRules,
) -> Result<Findings, DnsError> {
    let mut answers = Answers::new();
    for _ in 0..MOST_QUESTIONS {
        match judge_sender(domain, rules, &answers) {
            Judging::Judged(findings) => return Ok(findings),
            Judging::Ask(name) => {
                let answer = dns.txt(&name).await?;
                answers.insert(name, answer);
            }
        }
    }
    // Only a very long list of selectors leads here.
    Err(DnsError::Failed)
}

#[cfg(test)]
mod tests;
