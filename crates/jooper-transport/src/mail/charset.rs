//! What bytes mean, by the name of their charset.

use std::borrow::Cow;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

/// Reads bytes as this charset says, or as UTF-8; and whether every reader reads the same.
///
/// Names are those of the Encoding Standard, which browsers know. UTF-16 is no charset of a mail's text
/// (RFC 2781 section 3.1): readers differ about its order of bytes.
pub(super) fn decode<'a>(name: Option<&str>, bytes: Cow<'a, [u8]>) -> (Cow<'a, str>, bool) {
    // RFC 2231 section 5 lets a language stand behind it.
    let name = name.map(|name| name.split('*').next().unwrap_or_default().trim());
    let known = name.map_or(Some(UTF_8), |name| Encoding::for_label(name.as_bytes()));
    let known = known.filter(|known| ![UTF_16LE, UTF_16BE, REPLACEMENT].contains(known));
    match known {
        Some(known) if known != UTF_8 => {
            let (text, used, broken) = known.decode(&bytes);
            (text.into_owned().into(), !broken && used == known)
        }
        known => {
            let (text, whole) = utf8(bytes);
            (text, whole && known.is_some())
        }
    }
}

fn utf8(bytes: Cow<'_, [u8]>) -> (Cow<'_, str>, bool) {
    match bytes {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => (text.into(), true),
            Err(_) => (String::from_utf8_lossy(bytes), false),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => (text.into(), true),
            Err(error) => {
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (text.into(), false)
            }
        },
    }
}
