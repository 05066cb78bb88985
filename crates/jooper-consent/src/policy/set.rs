//! The tables in force.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use jooper_core::{BasisKind, Country, UserId};
use sha2::{Digest, Sha256};

use super::country::{Attestation, CountryTable};
use super::error::PolicyError;
use super::transport::TransportTable;

const COUNTRIES: &str = include_str!("data/countries.toml");
const TRANSPORTS: &str = include_str!("data/transports.toml");

/// What shipped rows came to ask for after versions that kept no statements.
const ASKED_SINCE: &[(&str, BasisKind, Attestation)] = &[(
    "BE",
    BasisKind::LegitimateInterest,
    Attestation::CorporateSubscriber,
)];

/// Who installed a table that is not the shipped one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstalledBy {
    /// The reviewer who answers for the table.
    pub reviewer: UserId,
    /// When (wall clock).
    pub at: Timestamp,
}

/// The tables in force: the shipped ones, or others under a named reviewer.
#[derive(Debug, Clone)]
pub struct PolicySet {
    countries: Arc<Installed<CountryTable>>,
    transports: Arc<Installed<TransportTable>>,
}

#[derive(Debug)]
struct Installed<T> {
    table: T,
    digest: [u8; 32],
    by: Option<InstalledBy>,
}

/// A row whose source was read more than twelve months ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleRow {
    /// Which table: `countries` or `transports`.
    pub table: &'static str,
    /// The country's code or the transport's name.
    pub row: String,
    /// When its source was read.
    pub date: Date,
}

impl std::fmt::Display for StaleRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let row = match &*self.row {
            "" => "the strictest row",
            row => row,
        };
        write!(
            f,
            "table of {}, {row}: its source was read on {}, more than twelve months ago; read it again and \
             install a table with what it says now",
            self.table, self.date
        )
    }
}

impl<T> Installed<T> {
    fn new(table: T, text: &str, by: Option<InstalledBy>) -> Arc<Self> {
        let mut digest = [0; 32];
        digest.copy_from_slice(&Sha256::digest(text.as_bytes()));
        Arc::new(Self { table, digest, by })
    }
}

impl PolicySet {
    /// The tables that this version of jooper ships.
    ///
    /// # Panics
    /// Never: a test reads both files.
    pub fn shipped() -> Self {
        static SHIPPED: OnceLock<PolicySet> = OnceLock::new();
        SHIPPED
            .get_or_init(|| {
                let why = "a test reads the shipped tables";
                let countries = CountryTable::parse(COUNTRIES).expect(why);
                let transports = TransportTable::parse(TRANSPORTS).expect(why);
                Self {
                    countries: Installed::new(countries, COUNTRIES, None),
                    transports: Installed::new(transports, TRANSPORTS, None),
                }
            })
            .clone()
    }

    /// What was stated of a basis that a version recorded which kept no statements, as bits.
    pub(crate) fn stated_before(kind: BasisKind, country: Option<Country>) -> i64 {
        let shipped = Self::shipped();
        let row = shipped.countries().row(country);
        let asked = row.attest.get(&kind).into_iter().flatten();
        let code = row.code.map(|code| code.to_string()).unwrap_or_default();
        // Nobody was asked for these then.
        let then = |one: &Attestation| !ASKED_SINCE.contains(&(&*code, kind, *one));
        Attestation::bits(&asked.copied().filter(then).collect())
    }

    /// Puts another table of countries in force. The shipped row holds for each country that it does
    /// not mention; to loosen a row, state it.
    ///
    /// # Errors
    /// [`PolicyError`]: the tables stay as they are.
    pub fn with_countries(mut self, text: &str, by: InstalledBy) -> Result<Self, PolicyError> {
        let table = CountryTable::parse(text)?.over(Self::shipped().countries());
        self.countries = Installed::new(table, text, Some(by));
        Ok(self)
    }

    /// Puts another table of transports in force. The shipped row holds for each transport that it
    /// does not mention; to loosen a row, state it.
    ///
    /// # Errors
    /// [`PolicyError`]: the tables stay as they are.
    pub fn with_transports(mut self, text: &str, by: InstalledBy) -> Result<Self, PolicyError> {
        let table = TransportTable::parse(text)?.over(Self::shipped().transports());
        self.transports = Installed::new(table, text, Some(by));
        Ok(self)
    }

    /// The countries.
    pub fn countries(&self) -> &CountryTable {
        &self.countries.table
    }

    /// The transports.
    pub fn transports(&self) -> &TransportTable {
        &self.transports.table
    }

    /// Who installed the table of countries, if it is not the shipped one.
    pub fn countries_by(&self) -> Option<InstalledBy> {
        self.countries.by
    }

    /// Who installed the table of transports, if it is not the shipped one.
    pub fn transports_by(&self) -> Option<InstalledBy> {
        self.transports.by
    }

    /// SHA-256 of the two tables' texts: what the audit chain records.
    pub fn digests(&self) -> [[u8; 32]; 2] {
        [self.countries.digest, self.transports.digest]
    }

    /// A number that differs when a table or its reviewer does.
    pub(crate) fn mark(&self) -> i64 {
        let mut hash = Sha256::new();
        for (digest, by) in [
            (self.countries.digest, self.countries.by),
            (self.transports.digest, self.transports.by),
        ] {
            hash.update(digest);
            hash.update(by.map_or([0; 16], |by| *by.reviewer.uuid().as_bytes()));
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hash.finalize()[..8]);
        i64::from_be_bytes(first)
    }

    /// Rows whose source was read more than twelve months before `today`.
    pub fn stale(&self, today: Date) -> Vec<StaleRow> {
        let limit = today.saturating_sub(12.months());
        let countries = self.countries().rows().map(|row| {
            let code = row.code.map(|code| code.to_string()).unwrap_or_default();
            ("countries", code, row.date)
        });
        let transports = self.transports().rows();
        let transports = transports.map(|row| ("transports", row.name.clone(), row.date));
        countries
            .chain(transports)
            .filter(|(_, _, date)| *date < limit)
            .map(|(table, row, date)| StaleRow { table, row, date })
            .collect()
    }
}
