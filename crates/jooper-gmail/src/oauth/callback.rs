//! What Google's redirect brought back.

use std::fmt;

use secrecy::SecretString;

/// The query of the redirect URI, read.
pub struct Callback {
    pub(super) state: String,
    pub(super) answer: Result<SecretString, String>,
}

/// A redirect that carries neither a code nor an error, or no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the redirect has no state, or neither a code nor an error")]
pub struct InvalidCallback;

impl Callback {
    /// Reads the query part of the redirect, without the question mark (RFC 6749 section 4.1.2).
    ///
    /// # Errors
    /// [`InvalidCallback`] when it is not an answer to an authorization request.
    pub fn from_query(query: &str) -> Result<Self, InvalidCallback> {
        let (mut state, mut code, mut error) = (None, None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                _ => continue,
            };
            // A parameter twice is two answers: refused (RFC 6749 section 3.1).
            if slot.replace(value.into_owned()).is_some() {
                return Err(InvalidCallback);
            }
        }
        let answer = match (code, error) {
            (Some(code), None) => Ok(SecretString::from(code)),
            (None, Some(error)) => Err(error),
            _ => return Err(InvalidCallback),
        };
        Ok(Self {
            state: state.ok_or(InvalidCallback)?,
            answer,
        })
    }

    /// The state, by which the pending authorization of this browser session is found.
    pub fn state(&self) -> &str {
        &self.state
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_answers_once() {
        assert!(
            Callback::from_query("state=s&code=c&scope=x")
                .unwrap()
                .answer
                .is_ok()
        );
        let denied = Callback::from_query("error=access_denied&state=s").unwrap();
        assert_eq!(denied.answer.err().as_deref(), Some("access_denied"));
        for bad in [
            "",
            "state=s",
            "code=c",
            "state=s&code=c&code=d",
            "state=s&code=c&error=e",
        ] {
            assert!(Callback::from_query(bad).is_err(), "{bad}");
        }
    }
}
