//! What is computed from a mail stays derived from it: no map lets the value out.

use jooper_vault::{DetectReply, GmailDerived};

fn train(_summary: &str) {}

fn detect(_summary: &str) {}

fn feed(mail: GmailDerived<String>) {
    let summary = mail.map(&DetectReply, |text| text.trim().to_owned());
    detect(summary.lend(&DetectReply));
    train("our own words");
}

fn main() {
    train("our own words");
    let _ = feed;
}
