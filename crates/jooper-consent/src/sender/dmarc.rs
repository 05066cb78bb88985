//! Domain-based Message Authentication, Reporting and Conformance (RFC 7489): does a domain say what
//! receivers do with mail that proves nothing?

use super::finding::SenderFinding;
use super::judge::{Answers, Halt, known};
use super::name::DnsName;
use super::tags;

/// Says what is wrong with the policy of a domain; nothing when there is one.
///
/// It stands at the domain, or else at the one under which the organization registered (RFC 7489
/// section 6.6.3).
pub(super) fn judge(domain: &DnsName, answers: &Answers) -> Result<(), Halt> {
    let organization = domain.organization();
    for at in [domain, &organization] {
        let Ok(name) = at.below("_dmarc") else {
            continue;
        };
        // What does not begin so is another's record.
        let records = known(answers, &name)?;
        let policies: Vec<_> = records
            .iter()
            .filter(|record| record.trim_start().starts_with("v=DMARC1"))
            .collect();
        match policies.as_slice() {
            [] => {}
            [policy] if is_policy(policy) => return Ok(()),
            [_] => return Err(Halt::Found(SenderFinding::DmarcInvalid)),
            _ => return Err(Halt::Found(SenderFinding::DmarcSeveral)),
        }
    }
    Err(Halt::Found(SenderFinding::DmarcMissing))
}

/// RFC 7489 section 6.3: the version first, and one policy; what does not read behind the version is
/// ignored. Receivers may take one that asks for reports
/// and names no policy for `none` (section 6.6.3); not all do, and it is easily mended.
fn is_policy(record: &str) -> bool {
    let tags = tags::legible(record);
    let policies: Vec<_> = tags.iter().filter(|(tag, _)| *tag == "p").collect();
    let [(_, policy)] = policies.as_slice() else {
        return false;
    };
    let known = ["none", "quarantine", "reject"];
    tags.first() == Some(&("v", "DMARC1"))
        && known.iter().any(|known| policy.eq_ignore_ascii_case(known))
}
