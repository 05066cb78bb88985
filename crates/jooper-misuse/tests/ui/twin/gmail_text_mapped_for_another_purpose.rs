//! Training is no purpose that a value may be computed for, whatever name it takes.

use jooper_vault::{DetectReply, GmailDerived};

struct TrainModel;

fn train(text: String) -> usize {
    text.len()
}

fn feed(mail: GmailDerived<String>) {
    let _purposes = (TrainModel, DetectReply);
    let _length = mail.map(&DetectReply, train);
}

fn main() {
    let _ = feed;
}
