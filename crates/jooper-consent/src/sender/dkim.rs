//! DomainKeys Identified Mail (RFC 6376): is a key published with which receivers can check our mail?

use super::finding::SenderFinding;
use super::judge::{Answers, Halt, known};
use super::name::DnsName;
use super::tags;

/// The text of a public key of 1024 bits is at least so long; receivers take shorter ones for none (RFC
/// 8301 section 3.2). As `SubjectPublicKeyInfo`, 768 bits are 168 characters and 1024 are 216; the bare
/// `RSAPublicKey` of 1024 (RFC 8017 appendix A.1.1) is 188.
const SHORTEST_RSA: usize = 184;
/// An Ed25519 key is 32 bytes (RFC 8463 section 4.2).
const ED25519: usize = 44;

/// Says what is wrong with the keys of a domain; nothing when one of them is good.
pub(super) fn judge(
    domain: &DnsName,
    selectors: &[DnsName],
    answers: &Answers,
) -> Result<(), Halt> {
    let mut worst = SenderFinding::DkimMissing;
    for selector in selectors {
        let labels = format!("{selector}._domainkey");
        let Ok(name) = domain.below(&labels) else {
            continue;
        };
        match of_name(known(answers, &name)?) {
            Ok(()) => return Ok(()),
            Err(SenderFinding::DkimMissing) => {}
            Err(other) => worst = other,
        }
    }
    Err(Halt::Found(worst))
}

fn of_name(records: &[String]) -> Result<(), SenderFinding> {
    match records {
        [] => Err(SenderFinding::DkimMissing),
        [record] => of_key(record),
        // Which of them counts is undefined (RFC 6376 section 3.6.2.2).
        _ => Err(SenderFinding::DkimInvalid),
    }
}

/// RFC 6376 section 3.6.1.
fn of_key(record: &str) -> Result<(), SenderFinding> {
    let invalid = SenderFinding::DkimInvalid;
    let tags = tags::read(record).ok_or(invalid)?;
    let version_first = tags.iter().skip(1).all(|(tag, _)| *tag != "v");
    let version = tags::value(&tags, "v").unwrap_or("DKIM1");
    if version != "DKIM1" || !version_first {
        return Err(invalid);
    }
    let key: String = tags::value(&tags, "p")
        .ok_or(invalid)?
        .split_ascii_whitespace()
        .collect();
    if key.is_empty() {
        return Err(SenderFinding::DkimRevoked);
    }
    let body = key.trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let is_base64 = body.bytes().all(fits) && key.len() - body.len() <= 2;
    let long_enough = match tags::value(&tags, "k").unwrap_or("rsa") {
        "rsa" => key.len() >= SHORTEST_RSA,
        "ed25519" => key.len() == ED25519,
        _ => false,
    };
    let for_mail = tags::value(&tags, "s").is_none_or(|services| {
        let mut services = services.split(':').map(str::trim);
        services.any(|service| matches!(service, "*" | "email"))
    });
    match is_base64 && long_enough && for_mail {
        true => Ok(()),
        false => Err(invalid),
    }
}
