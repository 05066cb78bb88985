use super::*;

fn intent(text: &str) -> Option<Intent> {
    PhraseClassifier::new().intent(text).intent
}

#[test]
fn runs() {
    assert_eq!(intent("Not interested, thanks."), Some(Intent::NotInterested));
}
