//! The addresses of a header field: most fields have one of a usual form, which is read without the library.

use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, HeaderValue};

use super::header::trim;
use crate::inbound::lower::lower;

/// One mailbox of an address header.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Display name, decoded; empty if there is none.
    pub name: String,
    /// Address in lower case.
    pub address: String,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(..)")
    }
}

/// Reads a lone address of a usual form as the library does; `None` leaves the value to [`read`].
pub(super) fn lone(value: &str) -> Option<Address> {
    plain(trim(value)).or_else(|| encoded(value))
}

/// Reads a lone `Name <local@domain>`, `local@domain (Name)` or `local@domain` of letters, figures
/// and the commonest signs as the library does; `None` leaves the value to the library.
fn plain(value: &str) -> Option<Address> {
    let (name, address) = match value.as_bytes().last()? {
        b'>' => {
            let bracket = memchr::memchr(b'<', value.as_bytes())?;
            let name = value[..bracket].strip_suffix(' ')?;
            (name, &value[bracket + 1..value.len() - 1])
        }
        b')' => {
            let bracket = memchr::memchr(b'(', value.as_bytes())?;
            let address = value[..bracket].strip_suffix(' ')?;
            let name = &value[bracket + 1..value.len() - 1];
            (Some(name).filter(|name| !name.is_empty())?, address)
        }
        _ => ("", value),
    };
    let quoted = name.strip_prefix('"').and_then(|n| n.strip_suffix('"'));
    let quoted = quoted.filter(|name| !name.is_empty() && value.ends_with('>'));
    let plain = is_plain(address)
        && quoted.map_or_else(|| has_words(name, BARE), |name| has_words(name, QUOTED));
    let name = quoted.unwrap_or(name);
    plain.then(|| Address {
        name: name.to_owned(),
        address: address.to_ascii_lowercase(),
    })
}

/// Reads a lone `=?charset?q?Name?= <local@domain>` as the library does; `None` leaves the value to the library.
fn encoded(value: &str) -> Option<Address> {
    let (words, address) = encoded_parts(value)?;
    let mut name = String::with_capacity(words.len());
    for word in words.split(' ') {
        // The library has read the sign before it.
        let mut rest = MessageStream::new(&word.as_bytes()[1..]);
        name.push_str(&rest.decode_rfc2047()?);
        if rest.next().is_some() {
            return None;
        }
    }
    Some(Address {
        name: name.trim().to_owned(),
        address: address[1..address.len() - 1].to_ascii_lowercase(),
    })
}

/// The name and the address, with its brackets, of a lone address with a name of nothing but encoded words
/// (RFC 2047 section 2).
fn encoded_parts(value: &str) -> Option<(&str, &str)> {
    // Behind other white space the library reads no encoded word.
    let value = value.trim_matches([' ', '\t']);
    if !value.starts_with("=?") || !value.ends_with('>') {
        return None;
    }
    let bracket = memchr::memchr(b'<', value.as_bytes())?;
    let (words, address) = value.split_at(bracket);
    let is_word = |word: &str| {
        let inner = word.strip_prefix("=?").and_then(|w| w.strip_suffix("?="));
        let encoded = |byte: u8| USES[usize::from(byte)] & ENCODED != 0;
        let marks = |inner: &str| inner.bytes().filter(|byte| *byte == b'?').count();
        inner.is_some_and(|inner| inner.bytes().all(encoded) && marks(inner) == 2)
    };
    let words = words.strip_suffix(' ')?;
    (words.split(' ').all(is_word) && is_plain(&address[1..address.len() - 1]))
        .then_some((words, address))
}

/// Returns what decoding an address header gives, but for white space around the name, where `first` is the
/// first address of it.
pub(super) fn decoded(value: &str, first: &Address) -> Option<String> {
    let (_, address) = encoded_parts(value)?;
    Some([&first.name, " ", address].concat())
}

/// Whether there may be an encoded word (RFC 2047 section 2) in a value.
pub(super) fn holds_encoded(value: &[u8]) -> bool {
    memchr::memchr_iter(b'=', value).any(|at| value.get(at + 1) == Some(&b'?'))
}

/// Whether an address is of letters, figures and the commonest signs.
fn is_plain(address: &str) -> bool {
    let Some(at) = memchr::memchr(b'@', address.as_bytes()) else {
        return false;
    };
    let (local, domain) = (&address[..at], &address[at + 1..]);
    let all = |part: &str| {
        part.bytes()
            .all(|byte| USES[usize::from(byte)] & ADDRESS != 0)
    };
    !local.is_empty() && !domain.is_empty() && address.len() <= 320 && all(local) && all(domain)
}

/// Where a byte may stand: in the name or the address of a plain mailbox, or within an encoded word in its name
/// (RFC 2047 section 5).
const BARE: u8 = 1;
const QUOTED: u8 = 2;
const ADDRESS: u8 = 4;
const ENCODED: u8 = 8;
const USES: [u8; 256] = {
    let mut uses = [0; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        uses[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => BARE | QUOTED | ADDRESS | ENCODED,
            b' ' => BARE | QUOTED,
            b'-' | b'.' => QUOTED | ADDRESS | ENCODED,
            b',' => QUOTED,
            b'_' | b'+' => ADDRESS | ENCODED,
            b'=' | b'?' | b'/' | b'!' | b'*' => ENCODED,
            _ => 0,
        };
        byte += 1;
    }
    uses
};

/// Whether a name is nothing or words with single blanks between them, of bytes that may stand in it.
fn has_words(name: &str, of: u8) -> bool {
    let mut after_blank = true;
    for byte in name.bytes() {
        let is_blank = byte == b' ';
        if USES[usize::from(byte)] & of == 0 || is_blank && after_blank {
            return false;
        }
        after_blank = is_blank;
    }
    name.is_empty() || !after_blank
}

/// Reads the addresses of a value, which a line end ends, as the library does; most are read without it.
#[cold]
pub(super) fn read(line: &[u8], out: &mut Vec<Address>) {
    if let HeaderValue::Address(list) = MessageStream::new(line).parse_address() {
        out.extend(list.iter().take(2_000).filter_map(address));
    }
}

fn address(found: &Addr<'_>) -> Option<Address> {
    let text = found
        .address
        .as_deref()?
        .trim()
        .trim_matches(['<', '>', '\'', '"'])
        .trim();
    if text.is_empty() || text.len() > 320 {
        return None;
    }
    let name = found.name.as_deref().unwrap_or_default().trim().to_owned();
    Some(Address {
        name,
        address: lower(text),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_lone_plain_address_is_read_without_the_library() {
        let read = |value: &str| lone(value).map(|one| (one.name, one.address));
        let ada = |name: &str| Some((name.to_owned(), "ada@x.example".to_owned()));
        assert_eq!(read(" Ada L <Ada@X.example>"), ada("Ada L"));
        assert_eq!(read("ada@x.example"), ada(""));
        assert_eq!(read("ada@x.example (Ada L)"), ada("Ada L"));
        assert_eq!(read("\"L., Ada\" <ada@x.example>"), ada("L., Ada"));
        for value in [
            "Ada  <ada@x.example>",
            "Ada  L <ada@x.example>",
            "\"A\\da\" <ada@x.example>",
            "\"Ada\" ada@x.example (Ada)",
            "ada@x.example, bob@x.example",
            "Ada L. <ada@x.example>",
            "<ada@>",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }

    #[test]
    fn a_name_of_encoded_words_is_read_without_the_library() {
        let read = |value: &str| encoded(value).map(|one| (one.name, one.address));
        let ada = |name: &str| Some((name.to_owned(), "ada@x.example".to_owned()));
        assert_eq!(
            read("=?utf-8?q?=C3=81da_L?= <Ada@x.example>"),
            ada("\u{c1}da L")
        );
        assert_eq!(
            read("=?utf-8?b?w4E=?= =?utf-8?q?da?= <ada@x.example>"),
            ada("\u{c1}da")
        );
        for value in [
            "=?utf-8?q?Ada?= L <ada@x.example>",
            "=?utf-8?q?Ada?=<ada@x.example>",
            "\u{b}=?utf-8?q?Ada?= <ada@x.example>",
            "\u{a0}=?utf-8?q?Ada?= <ada@x.example>",
            "=?utf-8?q?Ada <ada@x.example>",
            "=?utf-8?x?Ada?= <ada@x.example>",
            "=?utf-8?q?Ada?= <ada@x.example>, <bob@x.example>",
            "=?utf-8?q?Ada?= <ada@>",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }

    proptest! {
        /// What is read without the library is what the library reads.
        #[test]
        fn a_plain_address_is_the_librarys(value in " ?(\"?[A-Z][a-z0-9., -]{0,3}\"? )?<?[a-zA-Z0-9._+-]{0,4}@[a-zA-Z0-9._+@-]{0,4}>?( \\([A-Za-z0-9 .]{0,3}\\))? ?") {
            if let Some(plain) = plain(trim(&value)) {
                let line = format!("{value}\n");
                let HeaderValue::Address(list) = MessageStream::new(line.as_bytes()).parse_address() else {
                    panic!("the library reads {value:?}");
                };
                let all: Vec<Address> = list.iter().filter_map(address).collect();
                prop_assert!(all == [plain], "{value:?}");
            }
        }

        /// The same of encoded names, and of what decoding the whole value gives.
        #[test]
        fn an_encoded_name_is_the_librarys(value in "[ \t\u{b}\u{c}\u{a0}]?(=\\?(utf-8|iso-8859-1|x)\\?[qbx]\\?(=C3|=81|=|[a-zA_ ?<.]){0,6}\\?= {0,2}){1,2}[a,]?<[a-zA-Z.]{0,3}@[a-zA-Z.@]{0,3}>") {
            let line = format!("{value}\n");
            let mut all = Vec::new();
            read(line.as_bytes(), &mut all);
            if let Some(encoded) = encoded(&value) {
                prop_assert!(all == [encoded], "{value:?}");
            }
            if let Some(first) = all.first()
                && let Some(decoded) = decoded(&value, first)
            {
                let HeaderValue::Text(text) = MessageStream::new(line.as_bytes()).parse_unstructured() else {
                    panic!("the library reads {value:?}");
                };
                let parts = |text: &str| {
                    let (name, address) = text.rsplit_once('<')?;
                    Some((name.trim().to_owned(), address.trim_end().to_owned()))
                };
                prop_assert_eq!(parts(&decoded), parts(&text), "{:?}", value);
            }
        }
    }
}
