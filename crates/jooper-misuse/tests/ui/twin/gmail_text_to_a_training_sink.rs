//! What came through Gmail is not its content: no sink that takes text takes it.

use jooper_vault::{DetectReply, GmailDerived};

fn train(_text: &str) {}

fn detect(_text: &str) {}

fn feed(mail: &GmailDerived<String>) {
    detect(mail.lend(&DetectReply));
    train("our own words");
}

fn main() {
    train("our own words");
    let _ = feed;
}
