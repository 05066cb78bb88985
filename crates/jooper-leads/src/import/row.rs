//! From one row's fields to a lead, or to the reason why not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jooper_consent::{AddressClass, CountryTable, classify, is_typo_domain};
use jooper_core::{Country, EmailAddress, InvalidEmail};
use jooper_storage::tables::LeadProfile;

use super::basis::{self, Basis};
use super::mapping::{Columns, FileBasis, Target};
use super::report::{Reject, Remark};
use super::rows::RawRow;
use crate::clean::{self, Dirt};
use crate::{company, country};

/// What rows are read with.
pub(super) struct Reading<'a> {
    pub(super) columns: &'a Columns,
    pub(super) file_basis: &'a FileBasis,
    pub(super) countries: &'a CountryTable,
    pub(super) source_name: &'a str,
    /// Where the people of the whole file come from, if that is stated.
    pub(super) file_source: Option<&'a str>,
    pub(super) now: Timestamp,
}

/// A lead as a row describes it.
pub(super) struct Candidate {
    pub(super) line: u64,
    pub(super) address: EmailAddress,
    pub(super) profile: LeadProfile,
    pub(super) country: Option<Country>,
    pub(super) zone: Option<String>,
    /// The company's domain and name.
    pub(super) company: Option<(String, String)>,
    pub(super) basis: Option<Basis>,
}

/// One row's values by column, cleaned.
struct Cells<'a> {
    reading: &'a Reading<'a>,
    line: u64,
    values: Vec<String>,
}

impl<'a> Cells<'a> {
    fn clean(reading: &'a Reading<'a>, row: &RawRow) -> Result<Self, Reject> {
        let columns = reading.columns;
        let width = columns.headers.len();
        // Spreadsheets pad short rows with empty cells.
        let filled = row.fields.iter().rposition(|field| !field.is_empty());
        let filled = filled.map_or(0, |last| last + 1);
        if filled > width || row.fields.len() < width {
            return Err(Reject::new(
                row.line,
                None,
                format!(
                    "the row has {} values, the header {width}",
                    row.fields.len()
                ),
                "put values that hold a separator or a quote into quotes",
            ));
        }
        let mut values = Vec::with_capacity(width);
        for (at, field) in row.fields.iter().take(width).enumerate() {
            if columns.targets[at] == Target::Ignore {
                values.push(String::new());
                continue;
            }
            let value = clean::value(field);
            values.push(value.map_err(|dirt| unclean(row.line, &columns.headers[at], dirt))?);
        }
        Ok(Self {
            reading,
            line: row.line,
            values,
        })
    }

    fn text(&self, target: &Target) -> &str {
        let at = self.reading.columns.at(target);
        at.and_then(|at| self.values.get(at))
            .map_or("", String::as_str)
    }

    fn line_of(&self, target: &Target) -> Option<String> {
        clean::line(self.text(target))
    }

    fn header(&self, target: &Target) -> Option<&'a str> {
        let columns = self.reading.columns;
        columns.at(target).map(|at| columns.headers[at].as_str())
    }

    fn reject(
        &self,
        target: &Target,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Reject {
        Reject::new(self.line, self.header(target), reason, remedy)
    }

    fn remark(&self, target: &Target, text: impl Into<String>) -> Remark {
        Remark {
            line: self.line,
            column: self.header(target).map(str::to_owned),
            text: text.into(),
        }
    }
}

fn unclean(line: u64, header: &str, dirt: Dirt) -> Reject {
    let (reason, remedy) = match dirt {
        Dirt::NotUtf8 => ("the value is not UTF-8 text", "save the file as UTF-8"),
        Dirt::Control => (
            "the value has NUL or other control characters",
            "remove them; the file may be damaged",
        ),
        Dirt::TooLong => (
            "the value is longer than 32 KiB",
            "shorten it, or leave the column out",
        ),
    };
    Reject::new(line, Some(header), reason, remedy)
}

/// The address in a cell: bare, behind `mailto:`, or as mail programs print it (`Name <address>`).
fn bare_address(cell: &str) -> &str {
    let cell = match (cell.rfind('<'), cell.strip_suffix('>')) {
        (Some(at), Some(inner)) => &inner[at + 1..],
        _ => cell,
    };
    match cell.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &cell[7..],
        _ => cell,
    }
}

fn address(cells: &Cells<'_>) -> Result<EmailAddress, Reject> {
    let cell = cells.text(&Target::Email);
    let refuse = |reason: String, remedy: &str| cells.reject(&Target::Email, reason, remedy);
    let address = EmailAddress::parse(bare_address(cell)).map_err(|error| {
        let several = cell.matches('@').count() > 1;
        refuse(
            error.to_string(),
            match error {
                InvalidEmail::Empty => "add the address, or remove the row",
                _ if several => "write one address in one row",
                _ => "correct the address, or remove the row",
            },
        )
    })?;
    if classify(&address) == AddressClass::Blocked {
        return Err(refuse(
            "the address is a machine's or an abuse desk's, where offers never go".to_owned(),
            "use the address of a person",
        ));
    }
    if is_typo_domain(address.domain()) {
        return Err(refuse(
            "the domain is a known misspelling of a mail provider".to_owned(),
            "correct the address",
        ));
    }
    Ok(address)
}

fn place(cells: &Cells<'_>, remarks: &mut Vec<Remark>) -> (Option<Country>, Option<String>) {
    let named = cells.text(&Target::Country);
    let country = country::country(named);
    if country.is_none() && !named.is_empty() {
        let text = "the country is not known; kept empty, which is treated most strictly";
        remarks.push(cells.remark(&Target::Country, text));
    }
    let wanted = cells.text(&Target::Zone);
    let zone = TimeZone::get(wanted).ok();
    let zone = zone.and_then(|zone| zone.iana_name().map(str::to_owned));
    if zone.is_none() && !wanted.is_empty() {
        let text = "this is no IANA time zone, such as Europe/Berlin";
        remarks.push(cells.remark(&Target::Zone, text));
    }
    let zone = zone.or_else(|| country.and_then(country::only_zone).map(str::to_owned));
    (country, zone)
}

fn read_basis(cells: &Cells<'_>, country: Option<Country>) -> Result<Option<Basis>, Reject> {
    let text = |target: &Target| cells.text(target).to_owned();
    let said = basis::Cells {
        word: text(&Target::Basis),
        source: text(&Target::BasisSource),
        date: text(&Target::BasisDate),
        proof: text(&Target::BasisProof),
        notice: text(&Target::BasisNotice),
        assessment: text(&Target::BasisAssessment),
        expires: text(&Target::BasisExpires),
        stated: text(&Target::BasisStated),
    };
    let Reading {
        file_basis,
        countries,
        now,
        ..
    } = cells.reading;
    basis::read(&said, file_basis, country, countries, *now).map_err(|objection| {
        // Where the file has no such column, the one with the basis itself is named.
        let column = cells
            .header(&objection.target)
            .or_else(|| cells.header(&Target::Basis));
        Reject::new(cells.line, column, objection.reason, objection.remedy)
    })
}

/// Where the data came from, as it is stated: by the row, for the whole file, or with the basis. The
/// person is told so, and a file's name tells them nothing.
fn stated_source(cells: &Cells<'_>) -> String {
    cells
        .line_of(&Target::Source)
        .or_else(|| cells.reading.file_source.map(str::to_owned))
        .or_else(|| cells.line_of(&Target::BasisSource))
        .unwrap_or_default()
}

/// How the data came here: file, line and time.
fn provenance(cells: &Cells<'_>) -> String {
    let Reading {
        source_name, now, ..
    } = cells.reading;
    let when = now.strftime("%Y-%m-%d %H:%M UTC");
    format!("{source_name}, line {}, imported {when}", cells.line)
}

/// Reads one row. Remarks are about rows that can be used.
pub(super) fn read(
    reading: &Reading<'_>,
    row: &RawRow,
) -> Result<(Candidate, Vec<Remark>), Reject> {
    let cells = Cells::clean(reading, row)?;
    let address = address(&cells)?;
    let mut remarks = Vec::new();
    if classify(&address) == AddressClass::Generic {
        let text = "the address is a desk's, not a person's; some countries treat it differently";
        remarks.push(cells.remark(&Target::Email, text));
    }
    let (country, zone) = place(&cells, &mut remarks);
    let basis = read_basis(&cells, country)?;
    let mut fields = BTreeMap::new();
    for (target, value) in reading.columns.targets.iter().zip(&cells.values) {
        if clean::looks_like_formula(value) && *target != Target::Phone {
            let text = "the value looks like a spreadsheet formula; kept as text";
            remarks.push(cells.remark(target, text));
        }
        if let (Target::Field(name), false) = (target, value.is_empty()) {
            fields.insert(name.clone(), value.clone());
        }
    }
    let company_name = cells.line_of(&Target::Company);
    let company = company::domain(address.domain()).map(|domain| {
        let name = company_name.clone().unwrap_or_else(|| domain.to_owned());
        (domain.to_owned(), name)
    });
    let candidate = Candidate {
        line: row.line,
        profile: LeadProfile {
            email: address.as_str().to_owned(),
            first_name: cells.line_of(&Target::FirstName),
            last_name: cells.line_of(&Target::LastName),
            title: cells.line_of(&Target::Title),
            company: company_name,
            phone: cells.line_of(&Target::Phone),
            source: stated_source(&cells),
            imported: Some(provenance(&cells)),
            fields,
        },
        address,
        country,
        zone,
        company,
        basis,
    };
    Ok((candidate, remarks))
}

#[cfg(test)]
mod tests;
