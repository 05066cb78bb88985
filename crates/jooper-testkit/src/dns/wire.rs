//! Messages as RFC 1035 section 4 writes them.

use super::{DnsFault, DnsRecord, State};

const CNAME: u16 = 5;
const SOA: u16 = 6;

const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NO_SUCH_NAME: u8 = 3;
const REFUSED: u8 = 5;

/// A response, a recursion that was wished for and is there.
const FLAGS: u16 = 0x8180;
const TRUNCATED: u16 = 0x0200;

/// What somebody asks.
struct Question<'m> {
    id: [u8; 2],
    name: String,
    kind: u16,
    /// As it came, in the case of its letters.
    bytes: &'m [u8],
}

fn read(message: &[u8]) -> Option<Question<'_>> {
    let id = [*message.first()?, *message.get(1)?];
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        let label = message.get(at..at + length)?;
        labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        at += length;
    }
    let kind = u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]);
    Some(Question {
        id,
        name: labels.join("."),
        kind,
        bytes: message.get(12..at + 4)?,
    })
}

/// The answer to a message within so many bytes; nothing where it is none, or nobody answers.
pub(super) fn answer(state: &mut State, message: &[u8], longest: usize) -> Option<Vec<u8>> {
    let question = read(message)?;
    let asked = format!("{} {}", kind_name(question.kind), question.name);
    state.asked.push(asked);
    let (code, records) = match state.fault {
        DnsFault::Silent => return None,
        DnsFault::Fails => (SERVER_FAILURE, Vec::new()),
        DnsFault::Refuses => (REFUSED, Vec::new()),
        DnsFault::None => look_up(state, &question),
    };
    let whole = write(&question, code, &records, 0);
    Some(match whole.len() > longest {
        true => write(&question, code, &[], TRUNCATED),
        false => whole,
    })
}

type Found = (String, u16, Vec<u8>);

/// Follows aliases, as a resolver does for those who ask it.
fn look_up(state: &State, question: &Question<'_>) -> (u8, Vec<Found>) {
    let mut name = question.name.clone();
    let mut found = Vec::new();
    for _ in 0..8 {
        let of_name = state.zone.iter().filter(|(known, _)| *known == name);
        let mut alias = None;
        for (_, record) in of_name {
            let kind = kind_of(record);
            if kind == question.kind || kind == CNAME {
                found.push((name.clone(), kind, data(record)));
            }
            if let DnsRecord::Cname(target) = record {
                alias = Some(target.to_ascii_lowercase());
            }
        }
        match alias {
            Some(target) if question.kind != CNAME => name = target,
            _ => break,
        }
    }
    let below = format!(".{name}");
    let exists = |(known, _): &(String, DnsRecord)| *known == name || known.ends_with(&below);
    let code = match state.zone.iter().any(exists) {
        true => NO_ERROR,
        false => NO_SUCH_NAME,
    };
    (code, found)
}

fn write(question: &Question<'_>, code: u8, records: &[Found], flags: u16) -> Vec<u8> {
    let mut out = question.id.to_vec();
    let mut put = |number: u16| out.extend(number.to_be_bytes());
    put(FLAGS | flags | u16::from(code));
    put(1);
    put(u16::try_from(records.len()).unwrap_or(u16::MAX));
    put(1);
    put(0);
    out.extend(question.bytes);
    for (name, kind, data) in records {
        record(&mut out, name, *kind, data);
    }
    // By it a resolver knows that "nothing" is an answer (RFC 2308); of no age, so that none is kept.
    let mut start = vec![0, 0];
    start.extend([0; 20]);
    record(&mut out, "", SOA, &start);
    out
}

fn record(out: &mut Vec<u8>, name: &str, kind: u16, data: &[u8]) {
    out.extend(name_bytes(name));
    out.extend(kind.to_be_bytes());
    out.extend(1_u16.to_be_bytes());
    out.extend(0_u32.to_be_bytes());
    out.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(data);
}

fn name_bytes(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(u8::try_from(label.len()).unwrap_or(63));
        out.extend(label.bytes());
    }
    out.push(0);
    out
}

const fn kind_of(record: &DnsRecord) -> u16 {
    match record {
        DnsRecord::A(_) => 1,
        DnsRecord::Cname(_) => CNAME,
        DnsRecord::Mx(..) => 15,
        DnsRecord::Txt(_) => 16,
    }
}

fn kind_name(kind: u16) -> String {
    match kind {
        1 => "A".to_owned(),
        CNAME => "CNAME".to_owned(),
        15 => "MX".to_owned(),
        16 => "TXT".to_owned(),
        28 => "AAAA".to_owned(),
        other => format!("TYPE{other}"),
    }
}

fn data(record: &DnsRecord) -> Vec<u8> {
    match record {
        DnsRecord::A(address) => address.octets().to_vec(),
        DnsRecord::Cname(target) => name_bytes(target),
        DnsRecord::Mx(preference, server) => {
            let mut out = preference.to_be_bytes().to_vec();
            out.extend(name_bytes(server));
            out
        }
        DnsRecord::Txt(text) => {
            let mut out = Vec::new();
            for part in text.as_bytes().chunks(255) {
                out.push(u8::try_from(part.len()).unwrap_or(255));
                out.extend(part);
            }
            out
        }
    }
}
