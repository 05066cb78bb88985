//! Any HTML is made safe to show: only listed tags and attributes are left, and whoever reads what is
//! shown once more, as a browser does, finds none but those.
#![no_main]

use jooper_fuzz::{SHOWN, bounded};
use jooper_message::inbound::InboundMail;
use jooper_message::inbound::view::{safe_name, view};
use libfuzzer_sys::fuzz_target;

/// Tags that may stand in what is shown.
const TAGS: &[&str] = &[
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
];

/// Attributes that may stand on them.
const ATTRIBUTES: &[&str] = &[
    "href", "title", "rel", "colspan", "rowspan", "start", "dir", "lang",
];

fuzz_target!(|raw: &[u8]| {
    let mut mail = b"Content-Type: multipart/mixed; boundary=\"x\"\n\n--x\nContent-Type: text/html; charset=utf-8\n\n".to_vec();
    mail.extend_from_slice(raw);
    let shown = bounded(mail.len(), SHOWN, || view(&InboundMail::parse(&mail)));
    if let Some(html) = &shown.html {
        tags(html);
        // What a parser makes of it once more: a mutation would turn text into tags (mXSS).
        let again = format!("Content-Type: text/html; charset=utf-8\n\n{html}");
        let again = view(&InboundMail::parse(again.as_bytes()));
        tags(again.html.as_deref().unwrap_or_default());
    }
    let name = safe_name(&String::from_utf8_lossy(raw), 1);
    assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']) && name.chars().count() <= 120);
});

/// Walks `html` as the serializer writes it (attributes in double quotes, `<` in text escaped).
fn tags(html: &str) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name_end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '/')
            .unwrap_or(rest.len());
        let name = rest[..name_end].trim_start_matches('/');
        assert!(!name.is_empty(), "something that is no tag after `<`");
        assert!(TAGS.contains(&name), "<{name}> is shown");
        rest = &rest[name_end..];
        while let Some(stripped) = rest.strip_prefix(' ') {
            let Some((attribute, value)) = stripped.split_once("=\"") else {
                panic!("an attribute without a value")
            };
            assert!(
                ATTRIBUTES.contains(&attribute),
                "attribute {attribute} is shown"
            );
            let end = value.find('"').expect("the value is quoted");
            let value_text = value[..end].trim().to_ascii_lowercase();
            if attribute == "href" {
                assert!(
                    ["http:", "https:", "mailto:"]
                        .iter()
                        .any(|scheme| value_text.starts_with(scheme)),
                    "a link to {value_text}"
                );
            }
            rest = &value[end + 1..];
        }
        assert!(rest.starts_with('>'), "a tag that does not end");
    }
}
