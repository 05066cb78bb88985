//! Which bases the law of a recipient's country admits.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use jooper_core::{BasisKind, Country};
use serde::{Deserialize, Serialize};

use super::error::PolicyError;
use super::file::{self, Bases, Classes};

/// How a country treats advertising mail to a named person at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CountryRule {
    /// Only with consent of some form.
    OptIn,
    /// Implied consent counts for a while (Canada).
    Implied,
    /// Until the person objects, under the row's conditions.
    OptOut,
}

/// How sure the row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A recent or official source was read.
    High,
    /// An older or secondary source was read.
    Medium,
    /// Nothing was verified; the row is strict for that reason.
    Low,
}

/// Something that whoever records a basis must state, where a row asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Attestation {
    /// The offer concerns the person's job.
    RoleRelevant,
    /// The subscriber is a company, not a sole trader or an ordinary partnership.
    CorporateSubscriber,
    /// The person published the address for offers of this kind.
    PublishedForOffers,
    /// The page that published the address did not refuse advertising.
    NoRefusalBeside,
    /// The goods are similar to those the customer bought, and objecting was offered then.
    SimilarGoods,
    /// The three steps of a legitimate interest were assessed (interest, necessity, balance).
    InterestAssessed,
}

impl Attestation {
    const ALL: [Self; 6] = [
        Self::RoleRelevant,
        Self::CorporateSubscriber,
        Self::PublishedForOffers,
        Self::NoRefusalBeside,
        Self::SimilarGoods,
        Self::InterestAssessed,
    ];

    /// Its name, as tables and imports write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoleRelevant => "role_relevant",
            Self::CorporateSubscriber => "corporate_subscriber",
            Self::PublishedForOffers => "published_for_offers",
            Self::NoRefusalBeside => "no_refusal_beside",
            Self::SimilarGoods => "similar_goods",
            Self::InterestAssessed => "interest_assessed",
        }
    }

    /// What was stated of a basis: [`BasisRow::stated`](jooper_storage::tables::BasisRow::stated) read back.
    pub fn stated_in(stated: i64) -> impl Iterator<Item = Self> {
        let all = Self::ALL.into_iter();
        all.filter(move |one| stated & one.bit() != 0)
    }

    /// Its bit in [`BasisRow::stated`](jooper_storage::tables::BasisRow::stated). Stored: never another.
    const fn bit(self) -> i64 {
        1 << match self {
            Self::RoleRelevant => 0,
            Self::CorporateSubscriber => 1,
            Self::PublishedForOffers => 2,
            Self::NoRefusalBeside => 3,
            Self::SimilarGoods => 4,
            Self::InterestAssessed => 5,
        }
    }

    /// As a basis keeps what was stated.
    pub(crate) fn bits(stated: &BTreeSet<Self>) -> i64 {
        stated.iter().fold(0, |bits, one| bits | one.bit())
    }

    /// What the gate says of it.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::RoleRelevant => "that the offer concerns the person's job",
            Self::CorporateSubscriber => "that the subscriber is a company",
            Self::PublishedForOffers => "that the person published the address for such offers",
            Self::NoRefusalBeside => "that the page with the address did not refuse advertising",
            Self::SimilarGoods => "that the goods are similar to those that the customer bought",
            Self::InterestAssessed => "that your interest in writing was assessed",
        }
    }
}

/// One country's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountryRow {
    /// The country; `None` is the row for an unknown one.
    pub code: Option<Country>,
    /// The rule in one word.
    pub rule: CountryRule,
    /// Bases that count for a named person's address.
    pub named: BTreeSet<BasisKind>,
    /// Bases that count for an impersonal address (`info@`).
    pub generic: BTreeSet<BasisKind>,
    /// What must be stated of such a basis. Asked when it is recorded, and again at each mail, of the
    /// table that is in force then: every mail is a processing of its own and needs its reason at that
    /// time (GDPR Art. 5(1)(a), 6(1); law L6), so a condition that a later table adds holds for what
    /// was recorded under an earlier one as well. A basis of a version that kept no statements has
    /// those that the shipped table asks for: nothing was recorded without them.
    pub attest: BTreeMap<BasisKind, BTreeSet<Attestation>>,
    /// How many months such a basis lasts.
    pub months: BTreeMap<BasisKind, u16>,
    /// Where the rule is from.
    pub source: String,
    /// When that source was read.
    pub date: Date,
    /// Who answers for the row.
    pub reviewer: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// The version of the table that states it.
    pub version: String,
}

/// The table of countries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryTable {
    version: String,
    rows: BTreeMap<Country, CountryRow>,
    unknown: CountryRow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    reviewer: String,
    class: Classes,
    row: Vec<RowFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    code: Country,
    rule: CountryRule,
    named: Bases,
    generic: Option<Bases>,
    #[serde(default)]
    attest: BTreeMap<BasisKind, BTreeSet<Attestation>>,
    #[serde(default)]
    months: BTreeMap<BasisKind, u16>,
    source: String,
    date: String,
    reviewer: Option<String>,
    confidence: Confidence,
}

impl CountryRow {
    /// What this row asks to be stated of a basis of this kind and was not.
    pub(crate) fn not_stated(&self, kind: BasisKind, stated: i64) -> Option<Attestation> {
        let asked = self.attest.get(&kind).into_iter().flatten();
        asked.copied().find(|asked| stated & asked.bit() == 0)
    }

    /// When a basis of this kind ends by this row, if it does.
    pub fn ends_by_law(&self, kind: BasisKind, obtained_at: Timestamp) -> Option<Timestamp> {
        let months = i64::from(*self.months.get(&kind)?);
        let obtained = obtained_at.to_zoned_datetime(TimeZone::UTC);
        let end = obtained.saturating_add(months.months());
        Some(end.timestamp())
    }
}

impl CountryTable {
    /// Reads a table.
    ///
    /// # Errors
    /// [`PolicyError`] when the text is no such table, a country stands twice, or a row lacks its
    /// source, date or reviewer.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut file: File = file::parse(text)?;
        let mut rows = BTreeMap::new();
        for row in std::mem::take(&mut file.row) {
            let code = row.code;
            let row = row.read(&file)?;
            if rows.insert(code, row).is_some() {
                return Err(PolicyError::Twice(code.to_string()));
            }
        }
        let unknown = strictest(rows.values()).ok_or_else(|| PolicyError::Row {
            row: "-".to_owned(),
            what: "the table has no row".to_owned(),
        })?;
        Ok(Self {
            version: file.version,
            rows,
            unknown,
        })
    }

    /// This table, with the rows of a base for the countries that it does not mention. Unknown ones get
    /// the strictest of both tables, so that a row for one country loosens no other.
    #[must_use]
    pub(super) fn over(mut self, base: &Self) -> Self {
        let version = self.version.clone();
        if let Some(unknown) = strictest([&self.unknown, &base.unknown]) {
            self.unknown = CountryRow { version, ..unknown };
        }
        for (code, row) in &base.rows {
            self.rows.entry(*code).or_insert_with(|| row.clone());
        }
        self
    }

    /// The table's version, as its file states it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The row that applies. An unknown country, and one without a row, gets the strictest row:
    /// only bases that every country admits, under every country's conditions (law L6).
    pub fn row(&self, country: Option<Country>) -> &CountryRow {
        country
            .and_then(|country| self.rows.get(&country))
            .unwrap_or(&self.unknown)
    }

    /// Every row with a country, also those of a base, in the order of codes.
    pub fn rows(&self) -> impl Iterator<Item = &CountryRow> {
        self.rows.values()
    }
}

impl RowFile {
    fn read(self, file: &File) -> Result<CountryRow, PolicyError> {
        let (name, classes) = (self.code.to_string(), &file.class);
        let reviewer = self.reviewer.unwrap_or_else(|| file.reviewer.clone());
        file::stated(&name, "source", &self.source)?;
        file::stated(&name, "reviewer", &reviewer)?;
        let named = self.named.resolve(&name, classes)?;
        let generic = match self.generic {
            Some(generic) => generic.resolve(&name, classes)?,
            None => named.clone(),
        };
        Ok(CountryRow {
            code: Some(self.code),
            rule: self.rule,
            named,
            generic,
            attest: self.attest,
            months: self.months,
            source: self.source,
            date: file::date(&name, &self.date)?,
            reviewer,
            confidence: self.confidence,
            version: file.version.clone(),
        })
    }
}

/// The intersection of what all rows admit, with the union of their conditions.
fn strictest<'a>(rows: impl IntoIterator<Item = &'a CountryRow>) -> Option<CountryRow> {
    let mut all = rows.into_iter();
    let mut strict = all.next()?.clone();
    strict.code = None;
    strict.generic = strict
        .generic
        .intersection(&strict.named)
        .copied()
        .collect();
    for row in all {
        strict.named.retain(|kind| row.named.contains(kind));
        strict
            .generic
            .retain(|kind| row.generic.contains(kind) && row.named.contains(kind));
        strict.rule = strict.rule.min(row.rule);
        strict.date = strict.date.min(row.date);
        strict.confidence = strict.confidence.max(row.confidence);
        for (kind, attest) in &row.attest {
            strict.attest.entry(*kind).or_default().extend(attest);
        }
        for (kind, months) in &row.months {
            let least = strict.months.entry(*kind).or_insert(*months);
            *least = (*least).min(*months);
        }
    }
    strict.source = "the strictest of all rows".to_owned();
    Some(strict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stated_is_stored_for_good_and_read_back() {
        for (place, one) in Attestation::ALL.into_iter().enumerate() {
            assert_eq!(one.bit(), 1 << place, "{one:?}: rows of earlier versions");
            let quoted = serde_json::to_string(&one).unwrap();
            assert_eq!(quoted.trim_matches('"'), one.name());
        }
        let all = BTreeSet::from(Attestation::ALL);
        let read: BTreeSet<_> = Attestation::stated_in(Attestation::bits(&all)).collect();
        assert_eq!(read, all);
        let one = BTreeSet::from([Attestation::SimilarGoods]);
        let read: Vec<_> = Attestation::stated_in(Attestation::bits(&one)).collect();
        assert_eq!(read, [Attestation::SimilarGoods]);
        assert_eq!(Attestation::stated_in(0).next(), None);
    }
}
