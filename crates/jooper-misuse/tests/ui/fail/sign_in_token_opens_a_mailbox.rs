//! Signing in opens no mailbox.

use jooper_gmail::{MailboxTokens, SignInTokens};
use jooper_transport::Credentials;

enum Tokens {
    OfSignIn(SignInTokens),
    OfMailbox(MailboxTokens),
}

fn open(tokens: Tokens) -> Option<Credentials> {
    match tokens {
        Tokens::OfSignIn(tokens) => Some(tokens.into_credentials()),
        Tokens::OfMailbox(tokens) => Some(tokens.into_credentials()),
    }
}

fn main() {
    let _ = open;
}
