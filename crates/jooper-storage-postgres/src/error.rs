//! What PostgreSQL says, as what the caller does next.

use deadpool::managed::TimeoutType;
use jooper_storage::StoreError;
use tokio_postgres::error::SqlState;

use crate::connection::PoolFailure;

/// The server's words without its `DETAIL`, which repeats values of the row.
#[derive(Debug, Clone, thiserror::Error)]
#[error("PostgreSQL: {message}{}", state.as_ref().map(|state| format!(" (SQLSTATE {state})")).unwrap_or_default())]
pub(crate) struct Failure {
    state: Option<String>,
    message: String,
}

impl Failure {
    pub(crate) fn new(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(said) => Self {
                state: Some(said.code().code().to_owned()),
                message: said.message().to_owned(),
            },
            None => Self {
                state: None,
                message: error.to_string(),
            },
        }
    }

    pub(crate) fn said(message: impl Into<String>) -> Self {
        Self {
            state: None,
            message: message.into(),
        }
    }

    pub(crate) fn is(&self, state: &SqlState) -> bool {
        self.state.as_deref() == Some(state.code())
    }

    /// Whether the connection is gone, and with it whatever was not committed.
    pub(crate) fn is_lost(&self) -> bool {
        match self.state.as_deref() {
            None => true,
            Some(state) => {
                // 25P03: the server ended a transaction that was idle for too long.
                state.starts_with("08") || state.starts_with("57P") || state == "25P03"
            }
        }
    }

    /// Whether the same transaction may succeed when it is run again at once.
    pub(crate) fn is_transient(&self) -> bool {
        self.is(&SqlState::T_R_DEADLOCK_DETECTED) || self.is(&SqlState::T_R_SERIALIZATION_FAILURE)
    }

    /// Whether it is about the values of a batch, whatever the server has to do besides: a value that
    /// it does not take, a rule of the table, a limit (PostgreSQL documentation, appendix A: classes
    /// 22, 23 and 54).
    pub(crate) fn is_of_values(&self) -> bool {
        let class = |state: &str| ["22", "23", "54"].iter().any(|it| state.starts_with(it));
        self.state.as_deref().is_some_and(class)
    }

    /// The error for a call of which nothing was kept (PostgreSQL documentation, appendix A).
    pub(crate) fn to_store_error(&self) -> StoreError {
        let source = || Some(self.clone().into());
        let Some(state) = self.state.as_deref() else {
            return StoreError::Unavailable(source());
        };
        match state {
            // Serialization failure, deadlock, lock timeout, statement timeout, out of memory.
            "40001" | "40P01" | "55P03" | "57014" | "53200" => StoreError::Busy(source()),
            "53100" => StoreError::Full(source()),
            "XX001" | "XX002" => StoreError::Corrupt {
                place: "the PostgreSQL server's files".to_owned(),
                source: source(),
            },
            state if state.starts_with("42") => StoreError::Corrupt {
                place: "the PostgreSQL schema".to_owned(),
                source: source(),
            },
            state if state.starts_with("22") => StoreError::Invalid(self.to_string()),
            // Connection errors, shutdown, too many connections, read-only standby and the rest.
            _ => StoreError::Unavailable(source()),
        }
    }

    /// The error when `COMMIT` was sent and this came back.
    pub(crate) fn to_commit_error(&self) -> StoreError {
        // 08007: transaction resolution unknown; 57P01 may come while a standby is waited for.
        if self.is_lost() {
            return StoreError::Unknown(Some(self.clone().into()));
        }
        self.to_store_error()
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::new(&error)
    }
}

pub(crate) fn store_error(error: tokio_postgres::Error) -> StoreError {
    Failure::new(&error).to_store_error()
}

pub(crate) fn pool_error(error: PoolFailure) -> StoreError {
    match error {
        PoolFailure::Timeout(TimeoutType::Wait) => StoreError::Busy(Some(
            Failure::said("every connection of the pool is in use").into(),
        )),
        PoolFailure::Backend(failure) => match failure.to_store_error() {
            StoreError::Corrupt { source, .. } => StoreError::Unavailable(source),
            other => other,
        },
        other => StoreError::Unavailable(Some(Failure::said(other.to_string()).into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(state: Option<&str>) -> Failure {
        Failure {
            state: state.map(str::to_owned),
            message: "it failed".to_owned(),
        }
    }

    #[test]
    fn states_become_what_the_caller_does_next() {
        let of = |state| failure(Some(state)).to_store_error();
        assert!(matches!(of("40P01"), StoreError::Busy(_)));
        assert!(matches!(of("55P03"), StoreError::Busy(_)));
        assert!(matches!(of("53100"), StoreError::Full(_)));
        assert!(matches!(of("57P01"), StoreError::Unavailable(_)));
        assert!(matches!(of("53300"), StoreError::Unavailable(_)));
        assert!(matches!(of("25006"), StoreError::Unavailable(_)));
        assert!(matches!(of("XX001"), StoreError::Corrupt { .. }));
        assert!(matches!(of("42P01"), StoreError::Corrupt { .. }));
        assert!(matches!(
            failure(None).to_store_error(),
            StoreError::Unavailable(_)
        ));
    }

    #[test]
    fn a_connection_lost_behind_a_commit_is_unknown() {
        for state in [None, Some("08006"), Some("08007"), Some("57P01")] {
            let error = failure(state).to_commit_error();
            assert!(
                matches!(error, StoreError::Unknown(_)),
                "{state:?}: {error}"
            );
        }
        assert!(matches!(
            failure(Some("53100")).to_commit_error(),
            StoreError::Full(_)
        ));
    }
}
