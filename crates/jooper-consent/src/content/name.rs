//! What a sender's name shows.

use jooper_core::EmailAddress;

use super::finding::OtherName;
use super::links::{may_have_one, plain};
use super::own::OwnDomains;
use crate::sender::DnsName;

/// Endings under which names of companies are found, beside those of countries. Endings that are
/// words of names and titles as well (`.med`, `.inc`, `.group`) are left out.
const ENDINGS: &[&str] = &[
    "app", "biz", "cloud", "com", "dev", "edu", "email", "gov", "info", "int", "mil", "net",
    "online", "org", "shop", "store", "tech", "xyz",
];

/// The endings of countries (ISO 3166-1 alpha-2, and `eu`, `su` and `uk`, as the root zone has them).
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj \
    bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do \
    dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk \
    hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc \
    li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne \
    nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc \
    sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw \
    tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// The first thing in a sender's name that is an address or a domain, and neither the sender's nor one
/// that is their workspace's own. An address is the sender's alone.
pub(super) fn other_than(name: &str, from: &EmailAddress, named: &OwnDomains) -> Option<OtherName> {
    if !may_have_one(name) {
        return None;
    }
    let name = plain(name);
    let apart = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@'));
    let words = name
        .split(apart)
        .map(|word| word.trim_matches(['.', '-', '_', '+']));
    words.filter(|word| !word.is_empty()).find_map(|written| {
        if is_two_names(written) {
            return None;
        }
        let lower = written.to_lowercase();
        let word = lower.as_str();
        if word == from.as_str() || word == from.local() {
            return None;
        }
        match word.rsplit_once('@') {
            Some((local, domain)) if !local.is_empty() => {
                domain.contains('.').then_some(OtherName::Address)
            }
            Some((_, domain)) => foreign(domain, from.domain(), named),
            None => foreign(word, from.domain(), named),
        }
    })
}

fn foreign(word: &str, own: &str, named: &OwnDomains) -> Option<OtherName> {
    let senders = below(word, own) || below(own, word) || same_organization(word, own);
    let own_one = senders || named.has(word);
    (is_domain(word) && !own_one).then_some(OtherName::Domain)
}

/// Whether two domains are registered under one name with two endings: `acme.io` and `acme.com`.
fn same_organization(word: &str, own: &str) -> bool {
    let label = |domain: &str| {
        let organization = DnsName::parse(domain).ok()?.organization();
        let label = organization.as_str().split('.').next().unwrap_or_default();
        Some(label.to_owned())
    };
    label(word).is_some_and(|one| label(own) == Some(one))
}

/// Family names that are endings of countries as well. Behind a first name, both written as names are
/// (`Anna.Li`), they are somebody's.
const FAMILIES: &[&str] = &[
    "Au", "Do", "Hu", "La", "Li", "Lu", "Ma", "Mo", "Ng", "Ni", "Si", "Su", "Ye",
];

fn is_two_names(word: &str) -> bool {
    let Some((first, family)) = word.split_once('.') else {
        return false;
    };
    let mut letters = first.chars();
    FAMILIES.contains(&family)
        && letters.next().is_some_and(char::is_uppercase)
        && letters.all(char::is_lowercase)
}

/// Titles that a woman bears with `in` behind them (`Prof.in`), which is India's ending as well.
const TITLES: &[&str] = &["bakk", "dipl", "doz", "ing", "mag", "priv", "prof", "univ"];

/// Whether a domain is another one or lies below it.
fn below(domain: &str, other: &str) -> bool {
    let rest = domain.strip_suffix(other);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a word is a domain, and not a title or a legal form (`M.Sc`, `Co.KG`, `Dr.med`).
fn is_domain(word: &str) -> bool {
    let Some((before, ending)) = word.rsplit_once('.') else {
        return false;
    };
    let label = before.rsplit('.').next().unwrap_or_default();
    let letters = label.chars().count();
    let mut parts = label.split('-').filter(|part| !part.is_empty());
    if ending == "in" && parts.all(|part| TITLES.contains(&part)) {
        return false;
    }
    if before.split('.').any(str::is_empty) {
        return false;
    }
    ENDINGS.contains(&ending) && letters >= 1
        || COUNTRIES
            .split_whitespace()
            .any(|country| country == ending)
            && letters >= 3
}
