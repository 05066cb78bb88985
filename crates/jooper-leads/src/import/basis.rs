//! Why a person may be written to, as a file says it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jooper_consent::{Attestation, BasisClaim, BasisDraft, BasisError, CountryTable};
use jooper_core::{BasisKind, Code, Country};
use jooper_storage::tables::BasisEvidence;

use super::mapping::{FileBasis, Target};
use crate::country::fold;

/// Other words for the same thing; the codes' own names are understood besides.
const WORDS: &[(&str, BasisKind)] = &[
    ("opt in", BasisKind::Consent),
    ("optin", BasisKind::Consent),
    ("express consent", BasisKind::Consent),
    ("einwilligung", BasisKind::Consent),
    ("consentement", BasisKind::Consent),
    ("consentimiento", BasisKind::Consent),
    ("consenso", BasisKind::Consent),
    ("double opt in", BasisKind::ConfirmedOptIn),
    ("doi", BasisKind::ConfirmedOptIn),
    ("inquiry", BasisKind::Requested),
    ("anfrage", BasisKind::Requested),
    ("reply", BasisKind::PriorReply),
    ("customer", BasisKind::ExistingCustomer),
    ("bestandskunde", BasisKind::ExistingCustomer),
    ("berechtigtes interesse", BasisKind::LegitimateInterest),
    ("interet legitime", BasisKind::LegitimateInterest),
];

/// Words that say that there is none.
const NONE: &[&str] = &[
    "", "none", "no", "n a", "keine", "unknown", "aucune", "ninguna",
];

/// Before this year nobody consented by e-mail: a year of two digits was written.
const EARLIEST: i16 = 1970;

/// What is wrong with a row's basis.
#[derive(Debug)]
pub(super) struct Objection {
    pub(super) target: Target,
    pub(super) reason: String,
    pub(super) remedy: String,
}

/// A checked basis, with what a known lead's bases are compared by.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    pub(crate) kind: BasisKind,
    pub(crate) obtained_at: Timestamp,
    pub(crate) draft: BasisDraft,
}

/// The cells that tell about a basis.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub(super) word: String,
    pub(super) source: String,
    pub(super) date: String,
    pub(super) proof: String,
    pub(super) notice: String,
    pub(super) assessment: String,
    pub(super) expires: String,
    pub(super) stated: String,
}

fn objection(target: Target, reason: impl Into<String>, remedy: impl Into<String>) -> Objection {
    Objection {
        target,
        reason: reason.into(),
        remedy: remedy.into(),
    }
}

/// The words that name a basis, for people.
pub(super) fn words() -> String {
    let names: Vec<_> = BasisKind::all().iter().map(|kind| kind.name()).collect();
    names.join(", ")
}

fn kind(word: &str) -> Option<BasisKind> {
    let folded = fold(word);
    let own = |kind: &&BasisKind| kind.name().replace('_', " ") == folded;
    BasisKind::all().iter().find(own).copied().or_else(|| {
        WORDS
            .iter()
            .find(|(known, _)| *known == folded)
            .map(|(_, kind)| *kind)
    })
}

/// Reads a date: `2026-03-01`, `01.03.2026`, or a whole timestamp. `03/01/2026` is March or
/// January, so it is refused.
fn date(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let dotted = text.split('.').collect::<Vec<_>>();
    let day: Date = match dotted[..] {
        [day, month, year] => {
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?
        }
        _ => text.parse().ok()?,
    };
    if day.year() < EARLIEST {
        return None;
    }
    day.to_zoned_datetime(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

fn statements(text: &str) -> Option<BTreeSet<Attestation>> {
    let words = text
        .split([' ', ',', ';', '\n'])
        .filter(|word| !word.is_empty());
    words.map(statement).collect()
}

/// The statements, by the words that name them.
const STATEMENTS: &[(&str, Attestation)] = &[
    ("role_relevant", Attestation::RoleRelevant),
    ("corporate_subscriber", Attestation::CorporateSubscriber),
    ("published_for_offers", Attestation::PublishedForOffers),
    ("no_refusal_beside", Attestation::NoRefusalBeside),
    ("similar_goods", Attestation::SimilarGoods),
    ("interest_assessed", Attestation::InterestAssessed),
];

fn statement(word: &str) -> Option<Attestation> {
    let folded = fold(word).replace(' ', "_");
    let found = STATEMENTS.iter().find(|(known, _)| *known == folded);
    found.map(|(_, statement)| *statement)
}

fn word_of(statement: Attestation) -> &'static str {
    let found = STATEMENTS.iter().find(|(_, known)| *known == statement);
    found.map_or("that the country's row names", |(word, _)| *word)
}

/// Reads a row's basis, if it names one.
pub(super) fn read(
    cells: &Cells,
    file: &FileBasis,
    country: Option<Country>,
    countries: &CountryTable,
    now: Timestamp,
) -> Result<Option<Basis>, Objection> {
    if NONE.contains(&fold(&cells.word).as_str()) {
        return Ok(None);
    }
    let Some(kind) = kind(&cells.word) else {
        return Err(objection(
            Target::Basis,
            "this is no basis that jooper knows",
            format!("write one of {}, or leave it empty", words()),
        ));
    };
    let need_date = || "write the day as YYYY-MM-DD";
    if cells.date.is_empty() {
        return Err(objection(
            Target::BasisDate,
            "the basis has no date",
            need_date(),
        ));
    }
    let obtained_at = date(&cells.date)
        .ok_or_else(|| objection(Target::BasisDate, "this is no clear date", need_date()))?;
    let expires_at = match cells.expires.as_str() {
        "" => None,
        text => Some(date(text).ok_or_else(|| {
            objection(Target::BasisExpires, "this is no clear date", need_date())
        })?),
    };
    let mut stated = statements(&cells.stated).ok_or_else(|| {
        objection(
            Target::BasisStated,
            "this is no statement that jooper knows",
            format!(
                "write some of {}, with spaces between",
                STATEMENTS
                    .iter()
                    .map(|(word, _)| *word)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        )
    })?;
    stated.extend(&file.stated);
    let own = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let claim = BasisClaim {
        kind,
        country,
        obtained_at,
        expires_at,
        stated,
        evidence: BasisEvidence {
            source: cells.source.clone(),
            proof: cells.proof.clone(),
            notice_version: own(&cells.notice).or_else(|| file.notice_version.clone()),
            assessment: own(&cells.assessment).or_else(|| file.assessment.clone()),
        },
    };
    let source_missing = cells.source.is_empty();
    BasisDraft::check(claim, countries, now)
        .map(|draft| {
            Some(Basis {
                kind,
                obtained_at,
                draft,
            })
        })
        .map_err(|error| refused(&error, source_missing))
}

fn refused(error: &BasisError, source_missing: bool) -> Objection {
    let (target, remedy) = match error {
        BasisError::NoEvidence if source_missing => (
            Target::BasisSource,
            "fill basis_source (where it came about) and basis_proof (what proves it)".to_owned(),
        ),
        BasisError::NoEvidence => (
            Target::BasisProof,
            "fill basis_proof: a text, a link, a document's name".to_owned(),
        ),
        BasisError::NoNotice => (
            Target::BasisNotice,
            "fill basis_notice, or state it once for the whole file".to_owned(),
        ),
        BasisError::NoAssessment => (
            Target::BasisAssessment,
            "fill basis_assessment, or state it once for the whole file".to_owned(),
        ),
        BasisError::NotStated { country, missing } => {
            let word = word_of(*missing);
            return objection(
                Target::BasisStated,
                format!("with this basis {country} asks for the statement {word}"),
                format!(
                    "write {word} into basis_stated if it is true, or state it for the whole file"
                ),
            );
        }
        BasisError::Future => (
            Target::BasisDate,
            "correct the date, or import the row when it has come".to_owned(),
        ),
        BasisError::Ended => (
            Target::BasisExpires,
            "leave the basis empty, or bring a newer one".to_owned(),
        ),
        _ => (
            Target::Basis,
            "correct the basis, or leave it empty".to_owned(),
        ),
    };
    objection(target, error.to_string(), remedy)
}

#[cfg(test)]
mod tests {
    use jooper_consent::PolicySet;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T09:00:00Z".parse().unwrap()
    }

    fn consent() -> Cells {
        Cells {
            word: "Opt-In".to_owned(),
            source: "fair".to_owned(),
            date: "01.03.2026".to_owned(),
            proof: "card 7".to_owned(),
            notice: "v2".to_owned(),
            ..Cells::default()
        }
    }

    fn said(cells: &Cells, country: &str) -> Result<Option<Basis>, (Target, String)> {
        let policies = PolicySet::shipped();
        let country = country.parse().ok();
        read(
            cells,
            &FileBasis::default(),
            country,
            policies.countries(),
            now(),
        )
        .map_err(|objection| (objection.target, objection.reason))
    }

    #[test]
    fn a_complete_basis_is_read_and_none_is_none() {
        assert!(said(&consent(), "DE").unwrap().is_some());
        for none in ["", "none", "keine", "N/A"] {
            let cells = Cells {
                word: none.to_owned(),
                ..consent()
            };
            assert!(said(&cells, "DE").unwrap().is_none(), "{none}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let with = |change: fn(&mut Cells)| {
            let mut cells = consent();
            change(&mut cells);
            said(&cells, "DE").unwrap_err().0
        };
        assert_eq!(with(|c| c.word = "because".to_owned()), Target::Basis);
        assert_eq!(with(|c| c.date.clear()), Target::BasisDate);
        assert_eq!(
            with(|c| c.date = "03/01/2026".to_owned()),
            Target::BasisDate
        );
        assert_eq!(
            with(|c| c.date = "2027-01-01".to_owned()),
            Target::BasisDate
        );
        assert_eq!(with(|c| c.source.clear()), Target::BasisSource);
        assert_eq!(with(|c| c.proof.clear()), Target::BasisProof);
        assert_eq!(with(|c| c.notice.clear()), Target::BasisNotice);
        assert_eq!(
            with(|c| c.expires = "2026-04-01".to_owned()),
            Target::BasisExpires
        );
        assert_eq!(
            with(|c| c.stated = "nonsense".to_owned()),
            Target::BasisStated
        );
        let customer = |stated: &str| Cells {
            word: "existing_customer".to_owned(),
            stated: stated.to_owned(),
            ..consent()
        };
        assert_eq!(
            said(&customer(""), "DE").unwrap_err().0,
            Target::BasisStated
        );
        assert!(said(&customer("similar_goods"), "DE").unwrap().is_some());
    }

    #[test]
    fn every_word_is_folded_and_every_kind_has_its_own_name() {
        assert!(WORDS.iter().all(|(word, _)| fold(word) == *word));
        assert!(NONE.iter().all(|word| fold(word) == *word));
        for known in BasisKind::all() {
            assert_eq!(kind(known.name()), Some(*known));
            assert!(words().contains(known.name()));
        }
    }

    #[test]
    fn dates_are_read_only_when_they_are_clear() {
        for text in ["2026-03-01", "1.3.2026", "2026-03-01T00:00:00Z"] {
            assert_eq!(
                date(text),
                Some("2026-03-01T00:00:00Z".parse().unwrap()),
                "{text}"
            );
        }
        for text in [
            "3/1/2026",
            "2026",
            "31.2.2026",
            "yesterday",
            "1.3.26.4",
            "01.03.26",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
