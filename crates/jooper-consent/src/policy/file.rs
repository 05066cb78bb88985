//! The shape of the table files.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jooper_core::BasisKind;
use serde::Deserialize;

use super::error::PolicyError;

/// A column of bases: a class that the file defines, or a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Bases {
    Class(String),
    List(Vec<BasisKind>),
}

pub(super) type Classes = BTreeMap<String, Vec<BasisKind>>;

impl Bases {
    pub(super) fn resolve(
        self,
        row: &str,
        classes: &Classes,
    ) -> Result<BTreeSet<BasisKind>, PolicyError> {
        match self {
            Self::List(list) => Ok(list.into_iter().collect()),
            Self::Class(name) => {
                let class = classes.get(&name).ok_or_else(|| PolicyError::Row {
                    row: row.to_owned(),
                    what: format!("there is no class `{name}`"),
                })?;
                Ok(class.iter().copied().collect())
            }
        }
    }
}

pub(super) fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, PolicyError> {
    toml::from_str(text).map_err(|error| PolicyError::Syntax(error.message().to_owned()))
}

pub(super) fn date(row: &str, text: &str) -> Result<Date, PolicyError> {
    text.parse().map_err(|_| PolicyError::Row {
        row: row.to_owned(),
        what: "the date is not of the form 2026-11-23".to_owned(),
    })
}

pub(super) fn stated(row: &str, name: &str, text: &str) -> Result<(), PolicyError> {
    if text.trim().is_empty() {
        return Err(PolicyError::Row {
            row: row.to_owned(),
            what: format!("it names no {name}"),
        });
    }
    Ok(())
}
