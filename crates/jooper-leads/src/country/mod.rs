//! Countries as people write them: codes, and names in several languages.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jooper_core::Country;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const TABLE: &str = include_str!("countries.txt");

struct Tables {
    by_name: BTreeMap<&'static str, Country>,
    zones: BTreeMap<Country, &'static str>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Tables {
            by_name: BTreeMap::new(),
            zones: BTreeMap::new(),
        };
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.split('|');
            let Some(Ok(country)) = parts.next().map(str::parse::<Country>) else {
                continue;
            };
            let _three_letters = parts.next();
            if let Some(zone) = parts.next().filter(|zone| !zone.is_empty()) {
                tables.zones.insert(country, zone);
            }
            for name in parts {
                tables.by_name.insert(name, country);
            }
        }
        tables
    })
}

/// Writes a name the way the table holds it: lower case, no accents, one space between words.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => out.push_str("ss"),
            'ł' => out.push('l'),
            'ø' => out.push('o'),
            'æ' => out.push_str("ae"),
            'đ' => out.push('d'),
            'ı' => out.push('i'),
            c if c.is_alphanumeric() => out.push(c),
            _ if !out.is_empty() && !out.ends_with(' ') => out.push(' '),
            _ => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The country that a text names: ISO 3166-1 code of two or three letters, or a name.
///
/// `UK` and `EL`, which are no ISO codes but common, are understood.
pub(crate) fn country(text: &str) -> Option<Country> {
    let folded = fold(text);
    if let Some(country) = tables().by_name.get(folded.as_str()) {
        return Some(*country);
    }
    let code = match folded.as_str() {
        "uk" => "GB".to_owned(),
        "el" => "GR".to_owned(),
        other => other.to_uppercase(),
    };
    let mut lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let line = lines.find(|line| {
        let mut codes = line.split('|').take(2);
        codes.any(|known| known == code)
    })?;
    line.split('|').next()?.parse().ok()
}

/// The time zone of a country whose whole territory keeps one time.
pub(crate) fn only_zone(country: Country) -> Option<&'static str> {
    tables().zones.get(&country).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<String> {
        country(text).map(|country| country.to_string())
    }

    #[test]
    fn codes_and_names_in_several_languages_are_understood() {
        for (text, code) in [
            ("de", "DE"),
            ("DEU", "DE"),
            ("Deutschland", "DE"),
            ("Allemagne ", "DE"),
            ("Österreich", "AT"),
            ("OESTERREICH", "AT"),
            ("Schweiz", "CH"),
            ("España", "ES"),
            ("The Netherlands", "NL"),
            ("Pays-Bas", "NL"),
            ("UK", "GB"),
            ("U.K.", "GB"),
            ("U.S.A.", "US"),
            ("États-Unis", "US"),
            ("Κύπρος", "CY"),
            ("Côte d'Ivoire", "CI"),
        ] {
            assert_eq!(named(text).as_deref(), Some(code), "{text}");
        }
        for text in ["", "XX", "ZZZ", "Atlantis", "Korea, maybe", "D E"] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_sound() {
        let mut names = BTreeMap::new();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let parts: Vec<_> = line.split('|').collect();
            assert!(parts.len() >= 4, "{line}: no name");
            let code: Country = parts[0].parse().unwrap();
            assert_eq!(parts[1].len(), 3, "{line}");
            if !parts[2].is_empty() {
                assert!(jiff::tz::TimeZone::get(parts[2]).is_ok(), "{line}");
            }
            for name in &parts[3..] {
                assert_eq!(fold(name), **name, "{line}");
                assert_eq!(names.insert(*name, code), None, "{name} is named twice");
            }
        }
        assert_eq!(tables().by_name.len(), names.len());
    }

    #[test]
    fn only_a_country_with_one_time_gives_a_zone() {
        let zone = |code: &str| only_zone(code.parse().unwrap());
        assert_eq!(zone("DE"), Some("Europe/Berlin"));
        assert_eq!(zone("FR"), Some("Europe/Paris"));
        for several in ["US", "ES", "PT", "AU", "BR", "CA"] {
            assert_eq!(zone(several), None, "{several}");
        }
    }
}
