use super::*;

fn all(text: &[u8]) -> Result<Vec<(u64, Vec<String>)>, String> {
    let mut rows = Rows::open(text).map_err(|error| format!("{error:?}"))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| format!("{error:?}"))? {
        let text = |field: &Vec<u8>| String::from_utf8_lossy(field).into_owned();
        found.push((row.line, row.fields.iter().map(text).collect()));
    }
    Ok(found)
}

fn owned(rows: &[(u64, &[&str])]) -> Vec<(u64, Vec<String>)> {
    rows.iter()
        .map(|(line, fields)| {
            (
                *line,
                fields.iter().map(|field| (*field).to_owned()).collect(),
            )
        })
        .collect()
}

#[test]
fn lines_are_counted_exactly_whatever_ends_them() {
    let expected = owned(&[(1, &["a", "b"]), (3, &["1", "x\ny"]), (5, &["2", "z"])]);
    assert_eq!(all(b"a,b\n\n1,\"x\ny\"\n2,z").unwrap(), expected);
    let expected = owned(&[(1, &["a", "b"]), (3, &["1", "x\r\ny"]), (5, &["2", "z"])]);
    assert_eq!(
        all(b"a,b\r\n\r\n1,\"x\r\ny\"\r\n2,z\r\n").unwrap(),
        expected
    );
    let expected = owned(&[(1, &["a", "b"]), (2, &["1", "2"])]);
    assert_eq!(all(b"a,b\r1,2\r").unwrap(), expected);
}

#[test]
fn lines_are_counted_across_chunks() {
    let mut text = b"a,b\r\n".to_vec();
    for _ in 0..40_000 {
        text.extend_from_slice(b"12345,6\r\n");
    }
    let rows = all(&text).unwrap();
    assert_eq!(rows.len(), 40_001);
    assert!(rows.iter().zip(1..).all(|(row, line)| row.0 == line));
}

#[test]
fn the_separator_is_found_or_declared() {
    for text in [
        "a,b\n1;5,2",
        "a;b\n1,5;2",
        "a\tb\n1,5\t2",
        "sep=;\na;b\n1,5;2",
        "\u{feff}a;b\n1;2",
    ] {
        assert!(
            all(text.as_bytes())
                .unwrap()
                .iter()
                .all(|row| row.1.len() == 2),
            "{text}"
        );
    }
    assert_eq!(all("sep=;\r\na;b".as_bytes()).unwrap()[0].0, 2);
    assert_eq!(all(b"\"x;y;z\",b\n").unwrap()[0].1, ["x;y;z", "b"]);
}

#[test]
fn quotes_hold_separators_line_ends_and_quotes() {
    let rows = all(b"a,b\n\"x, \"\"y\"\"\nz\",5\" pipe\n").unwrap();
    assert_eq!(rows[1].1, ["x, \"y\"\nz", "5\" pipe"]);
}

#[test]
fn a_quote_that_is_never_closed_is_named_by_its_line() {
    let said = all(b"a,b\n1,2\n3,\"x\n4,5\n").unwrap_err();
    assert_eq!(said, "Unclosed { line: 3 }");
    assert_eq!(all(b"a,\"b\"").unwrap()[0].1, ["a", "b"]);
}

#[test]
fn a_row_of_any_length_needs_bounded_memory() {
    let mut text = b"a,b\n1,2\n".to_vec();
    text.resize(3 * MAX_ROW, b'x');
    assert_eq!(all(&text).unwrap_err(), "TooLong { line: 3 }");
    let wide = ",".repeat(MAX_COLUMNS + 5);
    assert_eq!(all(wide.as_bytes()).unwrap_err(), "TooWide { line: 1 }");
    let endless = io::repeat(b'"').take(1 << 31);
    let mut rows = Rows::open(io::Cursor::new(b"a,b\n1,\"x").chain(endless)).unwrap();
    rows.next().unwrap();
    assert!(matches!(rows.next(), Err(Broken::TooLong { line: 2 })));
}

#[test]
fn other_formats_are_recognized() {
    let utf16: Vec<u8> = "email,name\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(all(&utf16).unwrap_err(), "Utf16");
    assert_eq!(
        all(&[b"\xff\xfe".as_slice(), &utf16].concat()).unwrap_err(),
        "Utf16"
    );
    assert_eq!(all(b"PK\x03\x04rest").unwrap_err(), "Workbook");
    for empty in [b"".as_slice(), b"\xef\xbb\xbf", b"\n \r\n"] {
        assert_eq!(all(empty).unwrap_err(), "Empty");
    }
}

#[test]
fn a_source_that_fails_says_so() {
    #[derive(Debug)]
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    assert!(matches!(Rows::open(Fails), Err(NotCsv::Io(_))));
    let mut filled = b"a,b\n".to_vec();
    filled.resize(CHUNK, b'x');
    let mut rows = Rows::open(filled.as_slice().chain(Fails)).unwrap();
    rows.next().unwrap();
    assert!(matches!(rows.next(), Err(Broken::Io { line: 2, .. })));
}
