//! Which column holds what.

use std::collections::{BTreeMap, BTreeSet};

use jooper_consent::Attestation;

use super::error::ImportError;
use super::headers::{field_name, key, usual};
use crate::clean;
use crate::names::STANDARD;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Target {
    /// The address that mail goes to. The one column that every file needs.
    Email,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Job title.
    Title,
    /// The company's name.
    Company,
    /// Telephone number.
    Phone,
    /// Country of residence: an ISO 3166-1 code, or a name.
    Country,
    /// IANA time zone.
    Zone,
    /// Where the person's data came from: goes into the first mail (GDPR Art. 14(2)(f)).
    Source,
    /// Why the person may be written to, in one of the words that the report names.
    Basis,
    /// Where and how that came about.
    BasisSource,
    /// When.
    BasisDate,
    /// What proves it.
    BasisProof,
    /// Which version of the notice the person saw. Consent needs it.
    BasisNotice,
    /// Where the balancing test is. A legitimate interest needs it.
    BasisAssessment,
    /// When it ends.
    BasisExpires,
    /// Statements that some countries ask for, by name, separated by spaces.
    BasisStated,
    /// A field of this name for templates.
    Field(String),
    /// Nothing: the column is not read.
    Ignore,
}

impl Target {
    /// What the column holds, in words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::FirstName => "given name",
            Self::LastName => "family name",
            Self::Title => "job title",
            Self::Company => "company",
            Self::Phone => "telephone number",
            Self::Country => "country",
            Self::Zone => "time zone",
            Self::Source => "source of the data",
            Self::Basis => "basis",
            Self::BasisSource => "source of the basis",
            Self::BasisDate => "date of the basis",
            Self::BasisProof => "proof of the basis",
            Self::BasisNotice => "version of the notice",
            Self::BasisAssessment => "assessment",
            Self::BasisExpires => "end of the basis",
            Self::BasisStated => "statements",
            Self::Field(_) => "field",
            Self::Ignore => "nothing",
        }
    }
}

/// What whoever brings a file states about every basis in it, where the row itself says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileBasis {
    /// Which version of the notice the people saw.
    pub notice_version: Option<String>,
    /// Where the balancing test is.
    pub assessment: Option<String>,
    /// Statements that some countries ask for.
    pub stated: BTreeSet<Attestation>,
}

/// Which column holds what. What it does not say is guessed from usual names in several languages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    columns: BTreeMap<String, (String, Target)>,
    explicit: bool,
    pub(super) file_basis: FileBasis,
    pub(super) file_source: Option<String>,
}

impl Mapping {
    /// Guesses every column from its name.
    pub fn guess() -> Self {
        Self::default()
    }

    /// Reads only the columns that are named with [`Mapping::column`].
    pub fn explicit() -> Self {
        Self {
            explicit: true,
            ..Self::default()
        }
    }

    /// What would be guessed for these columns, written out: for a person to look at and correct.
    pub fn auto<S: AsRef<str>>(headers: &[S]) -> Self {
        headers
            .iter()
            .map(AsRef::as_ref)
            .filter(|header| !header.trim().is_empty())
            .fold(Self::explicit(), |mapping, header| {
                mapping.column(header, usual(header))
            })
    }

    /// Says what the column of this name holds. Case, accents and separators do not matter.
    #[must_use]
    pub fn column(mut self, header: &str, target: Target) -> Self {
        self.columns
            .insert(key(header), (header.to_owned(), target));
        self
    }

    /// States where the people of the file come from, for rows that do not say so themselves: "the
    /// exhibitors' list of the fair". Their first mail tells them (GDPR Art. 14(2)(f)).
    #[must_use]
    pub fn with_source(mut self, source: &str) -> Self {
        self.file_source = clean::line(source);
        self
    }

    /// States something about every basis in the file.
    #[must_use]
    pub fn with_file_basis(mut self, basis: FileBasis) -> Self {
        self.file_basis = basis;
        self
    }

    /// What the named columns hold, by the columns' names.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.columns
            .values()
            .map(|(header, target)| (header.as_str(), target))
    }

    /// Decides for every column of a file.
    pub(super) fn resolve(&self, headers: Vec<String>) -> Result<Columns, ImportError> {
        refuse_twins(&headers)?;
        let found = || {
            headers
                .iter()
                .filter(|name| !name.is_empty())
                .cloned()
                .collect()
        };
        let keys: BTreeSet<String> = headers.iter().map(|header| key(header)).collect();
        if let Some((_, (column, _))) = self.columns.iter().find(|(key, _)| !keys.contains(*key)) {
            return Err(ImportError::UnknownColumn {
                column: column.clone(),
                found: found(),
            });
        }
        let mut columns = Columns {
            targets: vec![Target::Ignore; headers.len()],
            headers: headers.clone(),
            by_target: BTreeMap::new(),
            guessed: BTreeSet::new(),
        };
        // What was said goes before what is guessed.
        for (at, header) in headers.iter().enumerate() {
            if let Some((_, target)) = self.columns.get(&key(header)) {
                columns.set_explicit(at, target.clone())?;
            }
        }
        for (at, header) in headers.iter().enumerate() {
            let unsaid = !self.explicit && !self.columns.contains_key(&key(header));
            if unsaid && !header.is_empty() {
                columns.set_guess(at, usual(header))?;
            }
        }
        if columns.at(&Target::Email).is_none() {
            return Err(ImportError::NoEmailColumn { found: found() });
        }
        Ok(columns)
    }
}

fn refuse_twins(headers: &[String]) -> Result<(), ImportError> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (at, header) in headers
        .iter()
        .enumerate()
        .filter(|(_, name)| !name.is_empty())
    {
        // Letters of another script all fold to themselves, signs to nothing.
        let folded = Some(key(header)).filter(|key| !key.is_empty());
        if let Some(first) = seen.insert(folded.unwrap_or_else(|| header.clone()), at) {
            return Err(ImportError::DuplicateColumn {
                first: first + 1,
                second: at + 1,
                name: headers[first].clone(),
                other: header.clone(),
            });
        }
    }
    Ok(())
}

/// What each column of one file holds.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) headers: Vec<String>,
    pub(super) targets: Vec<Target>,
    by_target: BTreeMap<Target, usize>,
    /// Columns whose target was guessed.
    guessed: BTreeSet<usize>,
}

impl Columns {
    /// The column that holds this, if one does.
    pub(super) fn at(&self, target: &Target) -> Option<usize> {
        self.by_target.get(target).copied()
    }

    fn set(&mut self, at: usize, target: Target) {
        if target != Target::Ignore {
            self.by_target.insert(target.clone(), at);
        }
        self.targets[at] = target;
    }

    fn set_explicit(&mut self, at: usize, target: Target) -> Result<(), ImportError> {
        if let Target::Field(field) = &target
            && (field_name(field) != *field || STANDARD.contains(&field.as_str()))
        {
            return Err(ImportError::FieldName {
                field: field.clone(),
            });
        }
        match self.at(&target) {
            Some(first) => Err(self.ambiguous(&target, first, at)),
            None => {
                self.set(at, target);
                Ok(())
            }
        }
    }

    fn set_guess(&mut self, at: usize, target: Target) -> Result<(), ImportError> {
        match (self.at(&target), &target) {
            (None, Target::Field(field)) if !STANDARD.contains(&field.as_str()) => {
                self.set(at, target);
            }
            (Some(first), Target::Email) if self.guessed.contains(&first) => {
                return Err(self.ambiguous(&target, first, at));
            }
            (None, Target::Field(_)) | (Some(_), _) => {
                let field = self.free_field(&field_name(&self.headers[at]));
                self.set(at, Target::Field(field));
            }
            (None, _) => self.set(at, target),
        }
        self.guessed.insert(at);
        Ok(())
    }

    fn free_field(&self, wanted: &str) -> String {
        let taken = |name: &str| {
            STANDARD.contains(&name) || self.at(&Target::Field(name.to_owned())).is_some()
        };
        let mut name = wanted.to_owned();
        let mut number = 2;
        while taken(&name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }

    fn ambiguous(&self, target: &Target, first: usize, second: usize) -> ImportError {
        ImportError::Ambiguous {
            target: target.name(),
            first: self.headers[first].clone(),
            second: self.headers[second].clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(mapping: &Mapping, headers: &[&str]) -> Result<Vec<Target>, String> {
        let headers = headers.iter().map(|header| (*header).to_owned()).collect();
        match mapping.resolve(headers) {
            Ok(columns) => Ok(columns.targets),
            Err(error) => Err(error.to_string()),
        }
    }

    fn field(name: &str) -> Target {
        Target::Field(name.to_owned())
    }

    #[test]
    fn what_is_said_goes_before_what_is_guessed() {
        let mapping = Mapping::guess()
            .column("Kontakt", Target::Email)
            .column("e mail", Target::Ignore)
            .column("Team", field("squad"));
        let found = resolve(
            &mapping,
            &["E-Mail", "Kontakt", "Vorname", "team", "Rufname"],
        );
        let expected = [
            Target::Ignore,
            Target::Email,
            Target::FirstName,
            field("squad"),
            field("rufname"),
        ];
        assert_eq!(found.unwrap(), expected);
        let only = Mapping::explicit().column("mail", Target::Email);
        assert_eq!(
            resolve(&only, &["Mail", "Vorname"]).unwrap(),
            [Target::Email, Target::Ignore]
        );
    }

    #[test]
    fn a_second_column_of_a_kind_becomes_a_field_of_its_own() {
        let found = resolve(
            &Mapping::guess(),
            &["email", "title", "role", "name", "full_name!"],
        );
        let expected = [
            Target::Email,
            Target::Title,
            field("role"),
            field("full_name"),
        ];
        let found = found.unwrap();
        assert_eq!(found[..4], expected);
        assert_eq!(found[4], field("full_name_2"));
    }

    #[test]
    fn what_is_guessed_can_be_written_out() {
        let headers = ["Email", "Firma", "Umsatz"];
        let written = Mapping::auto(&headers);
        assert_eq!(
            resolve(&written, &headers).unwrap(),
            resolve(&Mapping::guess(), &headers).unwrap()
        );
        assert_eq!(written.columns().count(), 3);
    }

    #[test]
    fn what_cannot_be_decided_is_said_with_both_names() {
        let guess = Mapping::guess();
        let said = resolve(&guess, &["email", "name", "E-Mail"]).unwrap_err();
        assert!(
            said.contains("columns 1 and 3") && said.contains("\"E-Mail\""),
            "{said}"
        );
        let said = resolve(&guess, &["email", "work email"]).unwrap_err();
        assert!(
            said.contains("\"email\"") && said.contains("\"work email\""),
            "{said}"
        );
        let chosen = Mapping::guess().column("work email", Target::Email);
        let chosen = resolve(&chosen, &["email", "work email"]).unwrap();
        assert_eq!(chosen, [field("email_2"), Target::Email]);
        let said = resolve(&guess, &["Vorname", "Firma"]).unwrap_err();
        assert!(
            said.contains("\"Vorname\", \"Firma\"") && said.contains("map one"),
            "{said}"
        );
        let lost = Mapping::guess().column("Mail 2", Target::Email);
        let said = resolve(&lost, &["email"]).unwrap_err();
        assert!(said.contains("\"Mail 2\""), "{said}");
        let wrong = Mapping::guess().column("x", field("first_name"));
        assert!(resolve(&wrong, &["email", "x"]).is_err());
    }
}
