//! HTML replies without the plain text beside their HTML, as some clients write them.

use jooper_message::inbound::InboundMail;
use jooper_message::inbound::mail::PartKind;

/// Returns `raw` with its HTML alone for a body; `None` where it has none.
pub(super) fn html_alone(raw: &[u8]) -> Option<Vec<u8>> {
    let raw: Vec<u8> = raw.iter().copied().filter(|&byte| byte != b'\r').collect();
    let mail = InboundMail::parse(&raw);
    let part = mail
        .parts()
        .iter()
        .find(|part| part.kind == PartKind::Html && !part.attached)?;
    let head = raw.windows(2).position(|two| two == b"\n\n")? + 1;
    let mut out = Vec::with_capacity(raw.len());
    let mut leaves_out = false;
    for line in raw[..head].split_inclusive(|&byte| byte == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            leaves_out = line.to_ascii_lowercase().starts_with(b"content-");
        }
        if !leaves_out {
            out.extend_from_slice(line);
        }
    }
    let charset = part.charset.as_deref().unwrap_or("utf-8");
    out.extend_from_slice(format!("Content-Type: text/html; charset={charset}\n").as_bytes());
    if !part.encoding.is_empty() {
        let field = format!("Content-Transfer-Encoding: {}\n", part.encoding);
        out.extend_from_slice(field.as_bytes());
    }
    out.push(b'\n');
    out.extend_from_slice(mail.bytes(&part.body));
    Some(out)
}
