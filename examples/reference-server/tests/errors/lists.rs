//! Lists of leads that are none.

use super::{import, refused};

#[test]
fn a_missing_column_names_the_columns_that_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let output = import(dir.path(), b"Name,Telephone\nAda,123\n", &[]);
    refused(&output, &["leads.csv", "e-mail", "Telephone"]);
}

#[test]
fn a_broken_csv_names_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let csv = b"Email,Name\nada@example.com,Ada\nben@example.com,\"Ben\n";
    let output = import(dir.path(), csv, &[]);
    refused(&output, &["line 3"]);
    assert!(!dir.path().join("home").exists(), "nothing was made");
}

#[test]
fn nothing_of_a_file_that_breaks_late_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let good = |n| format!("p{n}@example.com,P\n");
    let rows: String = (0..700).map(good).collect();
    let broken = format!("Email,Name\n{rows}ben@example.com,\"Ben\n");
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let output = import(dir.path(), broken.as_bytes(), &[]);
    refused(&output, &["line 702", "0 leads"]);
    let again = import(dir.path(), format!("Email,Name\n{rows}").as_bytes(), &[]);
    let told = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(
        told.contains("700 imported, 0 updated, 0 known already"),
        "{told}"
    );
}

#[test]
fn a_mapping_of_a_column_that_is_not_there_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let output = import(
        dir.path(),
        b"Email\nada@example.com\n",
        &["--map", "title=Rank"],
    );
    refused(&output, &["Rank"]);
}
