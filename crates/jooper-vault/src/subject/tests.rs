use std::collections::BTreeSet;

use jooper_core::Code;
use jooper_storage::tables::{BASIS, LEAD, LEAD_ADDRESS, TRACE};
use jooper_storage::{TableDef, Value};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

/// Everything that an envelope is bound to.
#[derive(Debug, Clone, PartialEq)]
struct Binding {
    region: String,
    workspace: u128,
    subject: u128,
    table: &'static TableDef,
    column: usize,
    key: Vec<Value>,
    generation: u16,
    origin: Origin,
}

const KEY: [u8; 32] = [7; 32];

impl Binding {
    fn vault(&self) -> SubjectVault {
        SubjectVault::new(
            self.region.as_str().into(),
            WorkspaceId::from_uuid(Uuid::from_u128(self.workspace)),
            SubjectId::from_uuid(Uuid::from_u128(self.subject)),
            self.generation,
            &KeyBytes::from_bytes(KEY),
            None,
        )
    }

    fn place(&self) -> Place {
        Place::new(self.table, self.table.columns[self.column].name, &self.key)
    }

    fn aad(&self) -> Vec<u8> {
        let header = Header {
            generation: self.generation,
            origin: self.origin,
        };
        self.vault().aad(&self.place(), header).bytes().to_vec()
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        any::<u128>().prop_map(|n| Value::Id(Uuid::from_u128(n))),
        "[a-z]{0,6}".prop_map(Value::Text),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
    ]
}

prop_compose! {
    fn binding()(
        region in "[a-z]{0,4}",
        workspace in 0_u128..3,
        subject in 0_u128..3,
        table in prop::sample::select(vec![&LEAD, &LEAD_ADDRESS, &BASIS, &TRACE]),
        column in 0_usize..4,
        values in prop::collection::vec(value(), 3),
        generation in 0_u16..3,
        origin in prop::sample::select(Origin::all()),
    ) -> Binding {
        let key = values[..table.key_len].to_vec();
        Binding { region, workspace, subject, table, column, key, generation, origin }
    }
}

proptest! {
    /// Changing any one field, or any set of fields, closes the envelope.
    #[test]
    fn an_envelope_opens_at_its_own_place_only(mine in binding(), other in binding(), mask in any::<u8>()) {
        let mut moved = mine.clone();
        if mask & 1 != 0 { moved.region = other.region; }
        if mask & 2 != 0 { moved.workspace = other.workspace; }
        if mask & 4 != 0 { moved.subject = other.subject; }
        if mask & 8 != 0 { (moved.table, moved.key) = (other.table, other.key.clone()); }
        if mask & 16 != 0 { moved.column = other.column; }
        if mask & 32 != 0 && moved.table == other.table { moved.key = other.key; }
        if mask & 64 != 0 { moved.generation = other.generation; }
        if mask & 128 != 0 { moved.origin = other.origin; }

        let mut envelope = mine.vault().seal_bytes(&mine.place(), mine.origin, b"content").unwrap();
        // Whoever moves an envelope may rewrite its header to suit.
        let mut header = Vec::new();
        Header { generation: moved.generation, origin: moved.origin }.write(&mut header);
        envelope[..HEADER_LEN].copy_from_slice(&header);

        let opened = moved.vault().unseal(&moved.place(), &envelope);
        prop_assert_eq!(opened.is_ok(), moved == mine);
        prop_assert_eq!(moved.aad() == mine.aad(), moved == mine, "the encoding is injective");
    }

    #[test]
    fn a_changed_or_shortened_envelope_does_not_open(at in 0_usize..45, bit in 0_u8..8, cut in 1_usize..45) {
        let mine = fixed();
        let envelope = mine.vault().seal_bytes(&mine.place(), mine.origin, b"twelve bytes").unwrap();
        prop_assert_eq!(envelope.len(), 45);
        let mut changed = envelope.clone();
        changed[at] ^= 1 << bit;
        prop_assert!(mine.vault().open_bytes(&mine.place(), &changed).is_err());
        prop_assert!(mine.vault().open_bytes(&mine.place(), &envelope[..45 - cut]).is_err());
    }

    #[test]
    fn bytes_from_anywhere_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let mine = fixed();
        prop_assert!(mine.vault().open_bytes(&mine.place(), &bytes).is_err());
        prop_assert!(mine.vault().open_gmail_bytes(&mine.place(), &bytes).is_err());
    }
}

fn fixed() -> Binding {
    Binding {
        region: "eu".to_owned(),
        workspace: 0x0190_0000_0000_7000_8000_0000_0000_0001,
        subject: 0x0190_0000_0000_7000_8000_0000_0000_0002,
        table: &LEAD,
        column: 8,
        key: vec![Value::Id(Uuid::from_u128(
            0x0190_0000_0000_7000_8000_0000_0000_0002,
        ))],
        generation: 1,
        origin: Origin::Customer,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// What was sealed by the first release must open with every later one.
#[test]
fn an_envelope_of_version_1_still_opens() {
    let mine = fixed();
    let envelope = unhex(
        "01010001010909090909090909090909099ee1793e7a9d1a92a373d5efab4eaf2f1545d6f161806a74704f7912",
    );
    let opened = mine.vault().open_bytes(&mine.place(), &envelope).unwrap();
    assert_eq!(&*opened, b"Ada Lovelace");
}

#[test]
fn an_envelope_of_version_1_is_written_the_same_way() {
    let mine = fixed();
    let header = Header {
        generation: 1,
        origin: Origin::Customer,
    };
    let mut out = Vec::new();
    header.write(&mut out);
    let aad = mine.vault().aad(&mine.place(), header);
    mine.vault()
        .0
        .cipher
        .seal_with([9; 12], aad.bytes(), b"Ada Lovelace", &mut out)
        .unwrap();
    assert_eq!(
        hex(&out),
        "01010001010909090909090909090909099ee1793e7a9d1a92a373d5efab4eaf2f1545d6f161806a74704f7912"
    );
}

#[test]
fn two_seals_of_one_value_share_nothing() {
    let mine = fixed();
    let sealed: BTreeSet<_> = (0..64)
        .map(|_| {
            let place = mine.place();
            let sealed = mine.vault().seal_bytes(&place, mine.origin, b"same");
            sealed.unwrap()[HEADER_LEN..].to_vec()
        })
        .collect();
    assert_eq!(sealed.len(), 64);
}
