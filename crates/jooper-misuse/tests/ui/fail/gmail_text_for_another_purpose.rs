//! Text of a mail is lent for a listed purpose, and training is none.

use jooper_vault::{DetectReply, GmailDerived};

struct TrainModel;

fn read(_text: &str) {}

fn feed(mail: &GmailDerived<String>) {
    let _purposes = (TrainModel, DetectReply);
    read(mail.lend(&TrainModel));
}

fn main() {
    let _ = feed;
}
