//! Passwords, by Argon2id (RFC 9106).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::demo::say;
use crate::error::ServerError;

/// Reads a password from standard input and prints its hash for the config file.
pub(crate) fn hash_password() -> Result<(), ServerError> {
    let mut password = String::new();
    std::io::stdin()
        .read_line(&mut password)
        .map_err(|source| ServerError::File {
            what: "standard input",
            path: "-".into(),
            source,
        })?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.chars().count() < 12 {
        return Err(ServerError::Usage(
            "the password is shorter than 12 characters; give a longer one on standard input"
                .to_owned(),
        ));
    }
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|_| ServerError::Usage("the password cannot be hashed".to_owned()))?;
    say(&hash.to_string());
    Ok(())
}

/// Whether this text is such a hash: a misspelled one would let nobody in.
pub(crate) fn is_hash(hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| hash.algorithm.as_str() == "argon2id" && hash.hash.is_some())
}

/// Whether a password is the one behind a hash (PHC string).
pub(crate) fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}
