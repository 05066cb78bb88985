//! Lists of `tag=value` (RFC 6376 section 3.2), as keys and DMARC policies are written.

/// Reads a list: each tag with its value, in order. Nothing where it is not such a list, or has a tag
/// twice.
pub(super) fn read(text: &str) -> Option<Vec<(&str, &str)>> {
    let text = text.trim();
    let text = text.strip_suffix(';').unwrap_or(text);
    let mut tags: Vec<(&str, &str)> = Vec::new();
    for part in text.split(';') {
        let (tag, value) = one(part)?;
        if tags.iter().any(|(known, _)| *known == tag) {
            return None;
        }
        tags.push((tag, value));
    }
    Some(tags)
}

/// Reads a list and passes over what is no tag with a value (RFC 7489 section 6.3: errors behind the
/// version are ignored).
pub(super) fn legible(text: &str) -> Vec<(&str, &str)> {
    text.split(';').filter_map(one).collect()
}

fn one(part: &str) -> Option<(&str, &str)> {
    let (tag, value) = part.split_once('=')?;
    let (tag, value) = (tag.trim(), value.trim());
    let begins = tag.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_tag = begins
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_tag.then_some((tag, value))
}

/// The value of a tag.
pub(super) fn value<'t>(tags: &[(&'t str, &'t str)], tag: &str) -> Option<&'t str> {
    let found = tags.iter().find(|(known, _)| *known == tag);
    found.map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_tag_by_tag_and_a_tag_stands_once() {
        let tags = read(" v=DMARC1 ; p = none;").unwrap();
        assert_eq!(tags, [("v", "DMARC1"), ("p", "none")]);
        assert_eq!(value(&tags, "p"), Some("none"));
        for bad in ["", "none", "v=1; v=1", "=x", "1a=x", "v=1;;p=none"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        let legible = legible("v=1;; a word; p = none;1a=x;");
        assert_eq!(legible, [("v", "1"), ("p", "none")]);
    }
}
