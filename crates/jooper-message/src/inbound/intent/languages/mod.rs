//! The tables. Phrases as `phrases` reads them; a leading `?` marks one that only points to its intent.
//!
//! Negations, prepositions, units and numbers are compared folded, so they are written that way.

mod asian;
mod english;
mod germanic;
mod others;
mod romance;
mod slavic;
mod times;

pub(super) use times::{LATER, MONTH_LEADS, MONTHS, NUMBERS, UNITS, WEEKDAYS};

/// The phrases of one language.
#[derive(Debug)]
pub(super) struct Words {
    /// BCP 47 primary tag.
    pub(super) tag: &'static str,
    pub(super) interested: &'static [&'static str],
    pub(super) not_now: &'static [&'static str],
    pub(super) not_interested: &'static [&'static str],
    pub(super) wrong_person: &'static [&'static str],
    pub(super) question: &'static [&'static str],
    pub(super) meeting: &'static [&'static str],
    /// Words that turn a phrase behind them round.
    pub(super) negations: &'static [&'static str],
}

/// Every table.
pub(super) static ALL: &[&Words] = &[
    &english::EN,
    &germanic::DE,
    &germanic::NL,
    &germanic::SV,
    &germanic::DA,
    &germanic::NO,
    &romance::FR,
    &romance::ES,
    &romance::PT,
    &romance::IT,
    &romance::RO,
    &slavic::PL,
    &slavic::CS,
    &slavic::SK,
    &slavic::RU,
    &slavic::UK,
    &slavic::HR,
    &slavic::BG,
    &others::FI,
    &others::HU,
    &others::TR,
    &others::EL,
    &others::HE,
    &others::AR,
    &asian::JA,
    &asian::ZH,
    &asian::KO,
    &asian::VI,
    &asian::ID,
];
