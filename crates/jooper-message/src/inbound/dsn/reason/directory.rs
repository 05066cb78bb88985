//! Domino's "not listed in Domino Directory", as its translations say it.
//!
//! They differ in every word but the product's name, so it is asked for that, a directory and a
//! "not" in one clause. Found more than once ("several matches") is another trouble.

/// Words for a directory, in lower case.
const DIRECTORIES: &[&str] = &[
    "directory",
    "verzeichnis",
    "annuaire",
    "répertoire",
    "directorio",
    "diretório",
    "elenco",
    "rubrica",
    "adreslijst",
    "katalog",
    "luettelo",
    "adresář",
    "справочник",
    "каталог",
    "ディレクトリ",
    "目录",
    "目錄",
    "디렉토리",
];

/// Words for "not", in lower case.
const NOTS: &[&str] = &[
    "not", "nicht", "kein", "keinem", "keiner", "ne", "pas", "n'est", "aucun", "no", "não", "non",
    "niet", "inte", "ikke", "ei", "nie", "není", "не",
];

/// The same in languages without blanks.
const GLUED_NOTS: &[&str] = &["ません", "ない", "未", "不", "없", "않"];

const PRODUCT: &str = "domino";

/// Returns the words that settle it where a clause of `text` (folded) says that somebody is in no Domino
/// directory.
pub(super) fn lacks(text: &str) -> Option<&'static str> {
    if !text.contains(PRODUCT) {
        return None;
    }
    let lacks = |clause: &&str| {
        let word = |word: &str| NOTS.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()));
        let says_not =
            clause.split(' ').any(word) || GLUED_NOTS.iter().any(|not| clause.contains(not));
        let of_a_directory = DIRECTORIES.iter().any(|name| clause.contains(name));
        clause.contains(PRODUCT) && of_a_directory && says_not
    };
    text.split([';', '!', '\u{3002}'])
        .flat_map(|part| part.split(". "))
        .find(lacks)
        .map(|_| PRODUCT)
}
