//! Finding a word wherever it stands, however it was written down.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use url::form_urlencoded::byte_serialize;

/// Every form in which a word may stand in a file, a log or a URL: raw and in either case, hexadecimal,
/// percent-encoded, UTF-16, and base64 at its three alignments without the characters that depend on
/// what stands next to the word.
///
/// ```
/// use base64::Engine as _;
/// let url = base64::engine::general_purpose::STANDARD.encode("to=ada@sender.example;");
/// let found = |form: &Vec<u8>| url.as_bytes().windows(form.len()).any(|part| part == form);
/// assert!(jooper_testkit::grep::encodings("ada@sender.example").iter().any(found));
/// ```
#[must_use]
pub fn encodings(word: &str) -> Vec<Vec<u8>> {
    let bytes = word.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let form: String = byte_serialize(bytes).collect();
    let mut all = vec![
        bytes.to_vec(),
        word.to_uppercase().into_bytes(),
        word.to_lowercase().into_bytes(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        word.replace('@', "%40").into_bytes(),
        form.replace('+', "%20").into_bytes(),
        form.into_bytes(),
        word.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        word.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    for lead in 0..3 {
        let mut shifted = vec![0; lead];
        shifted.extend_from_slice(bytes);
        let (skip, keep) = ((lead * 8).div_ceil(6), shifted.len() * 8 / 6);
        for text in [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            all.push(text.as_bytes()[skip..keep].to_vec());
        }
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands_in(word: &str, text: &[u8]) -> bool {
        let found = |form: &Vec<u8>| text.windows(form.len()).any(|part| part == form);
        encodings(word).iter().any(found)
    }

    #[test]
    fn a_word_is_found_in_base64_wherever_it_begins_and_whatever_follows() {
        let word = "ada+x@sender.example";
        for before in ["", "a", "ab", "abc", "{\"e\":\""] {
            for behind in ["", "\u{ff}", "?>", "zzz"] {
                let text = format!("{before}{word}{behind}");
                for text in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                    assert!(
                        stands_in(word, text.as_bytes()),
                        "{before} {behind}: {text}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_word_is_found_in_urls_and_not_where_it_does_not_stand() {
        let word = "Zoë & Söhne@x.example";
        let url = url::Url::parse_with_params("http://h/", [("q", word)]).unwrap();
        assert!(stands_in(word, url.as_str().as_bytes()));
        assert!(stands_in("a b@x.example", b"?to=a%20b%40x.example"));
        assert!(!stands_in(word, b"Zoe and sons at x.example"));
    }
}
