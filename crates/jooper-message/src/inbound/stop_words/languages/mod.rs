//! The tables, by family. Words are written as `phrases` reads them: any case, `*` ends a stem, `~` is a gap.
//!
//! Negations are compared folded (lower case, no accents), so they are written that way.

mod asian;
mod germanic;
mod romance;
mod semitic;
mod slavic;
mod uralic_baltic;

use super::Language;

/// Whose words others use as well.
pub(super) static ENGLISH: &Language = &germanic::EN;

/// Every table.
pub(super) static ALL: &[&Language] = &[
    &germanic::EN,
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
    &romance::CA,
    &slavic::PL,
    &slavic::CS,
    &slavic::SK,
    &slavic::HR,
    &slavic::SL,
    &slavic::BG,
    &slavic::RU,
    &slavic::UK,
    &uralic_baltic::FI,
    &uralic_baltic::ET,
    &uralic_baltic::HU,
    &uralic_baltic::LT,
    &uralic_baltic::LV,
    &uralic_baltic::EL,
    &uralic_baltic::TR,
    &semitic::HE,
    &semitic::AR,
    &semitic::FA,
    &asian::JA,
    &asian::ZH,
    &asian::KO,
    &asian::VI,
    &asian::ID,
    &asian::TH,
    &asian::HI,
];
