//! What a resolver's failure means.

use hickory_resolver::net::{DnsError as Said, NetError};
use hickory_resolver::proto::op::ResponseCode;
use jooper_consent::DnsError;

/// Why there is nobody to ask.
#[derive(Debug, thiserror::Error)]
#[error("the machine's DNS settings cannot be used: {0}")]
pub struct NoResolver(pub(crate) String);

/// A failure, or that there is nothing: then whether the name exists.
pub(crate) enum Failure {
    Nothing { name_exists: bool },
    Unknown(DnsError),
}

/// Told apart here, so that nobody above looks at codes. Messages of the resolver's name what was asked
/// and stay here.
pub(crate) fn failure(error: &NetError) -> Failure {
    Failure::Unknown(match error {
        NetError::Dns(Said::NoRecordsFound(found)) => match found.response_code {
            ResponseCode::NXDomain => return Failure::Nothing { name_exists: false },
            ResponseCode::NoError => return Failure::Nothing { name_exists: true },
            code => of_code(code),
        },
        NetError::Dns(Said::ResponseCode(code)) => of_code(*code),
        _ => DnsError::Unreachable,
    })
}

const fn of_code(code: ResponseCode) -> DnsError {
    match code {
        ResponseCode::Refused | ResponseCode::NotImp | ResponseCode::NotAuth => DnsError::Refused,
        _ => DnsError::Failed,
    }
}
