use jooper_consent::PolicySet;

use super::*;
use crate::import::mapping::Mapping;

const HEADERS: &[&str] = &[
    "email",
    "first_name",
    "company",
    "country",
    "time zone",
    "note",
    "source",
];

fn row(line: u64, fields: &[&[u8]]) -> RawRow {
    RawRow {
        line,
        fields: fields.iter().map(|field| field.to_vec()).collect(),
    }
}

fn read_with<T>(raw: &RawRow, then: impl Fn(Result<(Candidate, Vec<Remark>), Reject>) -> T) -> T {
    let headers = HEADERS.iter().map(|header| (*header).to_owned()).collect();
    let columns = Mapping::guess().resolve(headers).unwrap();
    let policies = PolicySet::shipped();
    then(read(
        &Reading {
            columns: &columns,
            file_basis: &FileBasis::default(),
            countries: policies.countries(),
            source_name: "fair.csv",
            file_source: None,
            now: "2026-11-23T09:05:00Z".parse().unwrap(),
        },
        raw,
    ))
}

fn cells(values: [&str; 7]) -> RawRow {
    row(7, &values.map(str::as_bytes))
}

fn candidate(values: [&str; 7]) -> (Candidate, Vec<Remark>) {
    read_with(&cells(values), |read| {
        read.map_err(|reject| reject.to_string()).unwrap()
    })
}

fn rejected(values: [&str; 7]) -> Reject {
    read_with(&cells(values), |read| read.map(|_| ()).unwrap_err())
}

#[test]
fn a_row_becomes_a_lead_with_its_provenance() {
    let (lead, remarks) = candidate([
        "Ada <ADA@Mail.Müller.example>",
        " Ada\n",
        "",
        "Schweden",
        "",
        "likes\r\ntea",
        "Fair 2026",
    ]);
    assert_eq!(lead.address.as_str(), "ada@mail.xn--mller-kva.example");
    assert_eq!(lead.profile.first_name.as_deref(), Some("Ada"));
    assert_eq!(lead.profile.fields["note"], "likes\ntea");
    assert_eq!(lead.country.unwrap().as_str(), "SE");
    assert_eq!(lead.zone.as_deref(), Some("Europe/Stockholm"));
    let company = lead.company.unwrap();
    assert_eq!(company.0, "xn--mller-kva.example");
    assert_eq!(company.1, "xn--mller-kva.example");
    assert_eq!(lead.profile.source, "Fair 2026");
    let imported = "fair.csv, line 7, imported 2026-11-23 09:05 UTC";
    assert_eq!(lead.profile.imported.as_deref(), Some(imported));
    assert_eq!(remarks, []);
}

#[test]
fn the_zone_of_the_file_goes_before_that_of_the_country() {
    let zone = |country, zone| {
        candidate(["a@b.example", "", "", country, zone, "", ""])
            .0
            .zone
    };
    assert_eq!(
        zone("DE", "europe/lisbon").as_deref(),
        Some("Europe/Lisbon")
    );
    assert_eq!(zone("US", "").as_deref(), None);
    assert_eq!(zone("", "").as_deref(), None);
}

#[test]
fn what_is_not_understood_is_remarked_and_left_empty() {
    let (lead, remarks) = candidate(["info@b.example", "=1+1", "", "Atlantis", "CE Time", "", ""]);
    assert_eq!((lead.country, lead.zone), (None, None));
    let columns: Vec<_> = remarks
        .iter()
        .map(|r| r.column.as_deref().unwrap())
        .collect();
    assert_eq!(columns, ["email", "country", "time zone", "first_name"]);
    assert!(remarks.iter().all(|remark| remark.line == 7));
    assert_eq!(lead.profile.first_name.as_deref(), Some("=1+1"));
}

#[test]
fn bad_addresses_are_rejected_with_reason_and_remedy() {
    let long = format!("{}@b.example", "a".repeat(10_000));
    for (bad, reason) in [
        ("", "empty"),
        ("@", "form"),
        ("a@b", "domain name"),
        ("a@@b.c", "form"),
        ("a b@c.de", "form"),
        ("\"a\\\"b\"@c.de", "form"),
        ("a@[127.0.0.1]", "domain name"),
        ("user@example.com%0d%0aBcc:x@y.z", "form"),
        ("user@example.com\nBcc:x@y.z", "invisible"),
        (long.as_str(), "longer"),
        ("us\u{200d}er@example.com", "invisible"),
        ("postmaster@b.example", "abuse desk"),
        ("noreply@b.example", "abuse desk"),
        ("ada@gmial.com", "misspelling"),
        ("a@b.example; c@d.example", "form"),
    ] {
        let reject = rejected([bad, "", "", "", "", "", ""]);
        assert!(reject.reason.contains(reason), "{bad:?}: {reject}");
        assert_eq!((reject.line, reject.column.as_deref()), (7, Some("email")));
        assert!(!reject.remedy.is_empty());
        assert!(
            bad.len() < 3 || !reject.to_string().contains(bad),
            "repeats the value"
        );
    }
}

#[test]
fn dirty_and_misshapen_rows_are_rejected() {
    let said = |fields: &[&[u8]]| read_with(&row(9, fields), |read| read.map(|_| ()).unwrap_err());
    let reject = said(&[b"a@b.example", b"A\0da", b"", b"", b"", b"", b""]);
    assert_eq!(reject.column.as_deref(), Some("first_name"));
    let reject = said(&[b"a@b.example", b"", b"M\xfcller", b"", b"", b"", b""]);
    assert!(reject.remedy.contains("UTF-8"));
    let reject = said(&[b"a@b.example", b"x"]);
    assert_eq!(reject.reason, "the row has 2 values, the header 7");
    let reject = said(&[b"a@b.example", b"", b"", b"", b"", b"", b"", b"x"]);
    assert_eq!(reject.reason, "the row has 8 values, the header 7");
    let padded = row(9, &[b"a@b.example", b"", b"", b"", b"", b"", b"", b"", b""]);
    assert!(read_with(&padded, |read| read.is_ok()));
}
