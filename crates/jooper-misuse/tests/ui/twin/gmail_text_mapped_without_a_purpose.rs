//! A value is computed from a mail for a listed purpose only.

use jooper_vault::{DetectReply, GmailDerived};

fn words(text: String) -> usize {
    text.split_whitespace().count()
}

fn count(mail: GmailDerived<String>, answer: GmailDerived<String>) {
    let _answer = answer.map(&DetectReply, words);
    let _mail = mail.map(&DetectReply, words);
}

fn main() {
    let _ = count;
}
