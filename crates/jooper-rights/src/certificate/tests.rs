use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn statement() -> Statement {
    Statement {
        format: FORMAT.to_owned(),
        version: VERSION,
        software: "jooper 0.1.0".to_owned(),
        installation: InstallationId::from_uuid(Uuid::from_u128(1)),
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(2)),
        request: RequestId::from_uuid(Uuid::from_u128(3)),
        subject: LeadId::from_uuid(Uuid::from_u128(4)),
        addresses: vec![commitment(&[7; 32], &ada())],
        received_at: Timestamp::UNIX_EPOCH,
        stopped_at: Timestamp::UNIX_EPOCH,
        erased_at: Timestamp::UNIX_EPOCH,
        results: vec![StoreResult {
            store: "database".to_owned(),
            level: Level::Absent,
            what: "rows removed".to_owned(),
        }],
        backups: Backups {
            unreadable_from: Timestamp::UNIX_EPOCH,
            epoch: 1,
            epoch_days: 7,
            key_backup_days: 7,
            remains: "pseudonyms".to_owned(),
        },
        kept: vec![Kept {
            what: "keyed indexes".to_owned(),
            why: "not to be mailed again".to_owned(),
        }],
        out_of_scope: vec!["the sender's mailbox".to_owned()],
    }
}

fn ada() -> EmailAddress {
    EmailAddress::parse("ada@example.com").unwrap()
}

fn signed() -> Certificate {
    Certificate::sign(&statement(), &KeyBytes::from_bytes([5; 32]))
}

#[test]
fn a_certificate_is_checked_from_its_text_alone() {
    let certificate = signed();
    let key = *certificate.public_key();
    let read = Certificate::parse(&certificate.to_json()).unwrap();
    assert_eq!(read.verify(&key), Ok(statement()));
    assert_eq!(read.verify(&[0; 32]), Err(InvalidCertificate::OtherKey));
}

#[test]
fn only_the_salt_shows_whom_it_is_about() {
    let statement = statement();
    assert!(statement.is_about(&[7; 32], &ada()));
    assert!(!statement.is_about(&[8; 32], &ada()));
    let bob = EmailAddress::parse("bob@example.com").unwrap();
    assert!(!statement.is_about(&[7; 32], &bob));
}

#[test]
fn formatting_and_order_may_change_and_content_may_not() {
    let certificate = signed();
    let key = *certificate.public_key();
    let whole: Value = serde_json::from_str(&certificate.to_json()).unwrap();
    let compact = Certificate::parse(&whole.to_string()).unwrap();
    assert!(compact.verify(&key).is_ok());
    let fewer = certificate
        .to_json()
        .replace("\"epoch_days\": 7", "\"epoch_days\": 1");
    let changed = Certificate::parse(&fewer).unwrap();
    assert_eq!(changed.verify(&key), Err(InvalidCertificate::Signature));
}

#[test]
fn a_statement_of_a_newer_version_still_verifies() {
    let mut newer = serde_json::to_value(statement()).unwrap();
    newer["version"] = json!(2);
    newer["log_head"] = json!("something that this version does not know");
    let pair = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
    let signature = pair.sign(canonical(&newer).as_bytes());
    let text = json!({
        "statement": newer,
        "public_key": BASE64.encode(pair.public_key()),
        "signature": BASE64.encode(signature),
    });
    let certificate = Certificate::parse(&text.to_string()).unwrap();
    let read = certificate.verify(certificate.public_key()).unwrap();
    assert_eq!(read.version, 2);
}

#[test]
fn the_form_and_the_signature_of_version_1_stay() {
    insta::assert_snapshot!(signed().to_json());
}

proptest! {
    /// Any flipped bit is noticed.
    #[test]
    fn a_flipped_bit_proves_nothing(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let certificate = signed();
        let key = *certificate.public_key();
        let mut bytes = certificate.to_json().trim_end().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let proven = String::from_utf8(bytes)
            .ok()
            .and_then(|text| Certificate::parse(&text).ok())
            .and_then(|certificate| certificate.verify(&key).ok());
        prop_assert_eq!(proven, None);
    }
}
