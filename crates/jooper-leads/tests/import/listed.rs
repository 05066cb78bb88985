//! Lists of other tools, onto our own: nobody on them is mailed or stored again (law L5).

use jooper_core::{StopReason, UserId};
use jooper_leads::{ImportError, ListedError, ListedImport};
use jooper_storage::tables::{SUPPRESSION, SuppressionRow};
use jooper_storage::{Scan, StorageExt};
use uuid::Uuid;

use crate::support::{World, address};

async fn list(world: &World, file: &str) -> Result<ListedImport, ListedError> {
    let (reason, by) = (StopReason::Listed, UserId::from_uuid(Uuid::from_u128(9)));
    world
        .leads
        .import_listed(world.ws, &world.stops, file.as_bytes(), reason, by)
        .await
}

async fn entries(world: &World) -> Vec<SuppressionRow> {
    let scan = Scan::table(&SUPPRESSION);
    let rows = world.store.collect::<SuppressionRow>(world.ws, scan).await;
    rows.unwrap().into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn the_exports_of_other_tools_are_read_by_their_usual_columns() {
    for (file, people, domains) in [
        (
            "Email Address,First Name,UNSUB_REASON\nAda@B.example,Ada,unsubscribed\n",
            1,
            0,
        ),
        (
            "email;created;reason\nada@b.example;2026-01-02;550 bounced\n",
            1,
            0,
        ),
        ("bl_value\nada@b.example\nclosed.example\n", 1, 1),
        ("Domain\n@closed.example\n*.other.example\n", 0, 2),
        (
            "Blocked domain,Status\nclosed.example,active\nother.example,Aktiv\n",
            0,
            2,
        ),
        ("E-Mail\tStatus\nada@b.example\topt_out\n\n", 1, 0),
        ("ada@b.example\neve@b.example\nclosed.example\n", 2, 1),
    ] {
        let world = World::new();
        let report = list(&world, file).await.unwrap();
        let counted = (report.people, report.domains, report.rejected_rows);
        assert_eq!(counted, (people, domains, 0), "{file}");
        assert_eq!(report.added as usize, entries(&world).await.len(), "{file}");
    }
}

/// Only the person can undo an entry: nobody is put there by mistake.
#[tokio::test]
async fn an_export_of_a_whole_audience_lists_only_those_who_take_no_mail() {
    let world = World::new();
    let file = "email,status\na@b.example,subscribed\nb@b.example,Unsubscribed\n\
                c@b.example,Active\nd@b.example,opted_in\ne@b.example,Opted-out\n\
                f@b.example,not subscribed\ng@b.example,abonné\nh@b.example,cleaned\n";
    let report = list(&world, file).await.unwrap();
    let rejected: Vec<_> = report.rejected.iter().map(|reject| reject.line).collect();
    assert_eq!(rejected, [2, 4, 5, 8]);
    assert_eq!((report.rows, report.people), (8, 4));
    assert_eq!((report.takes_mail, report.rejected_rows), (4, 4));
}

/// Whoever writes `*.closed.example` or `www.closed.example` means everybody there.
#[tokio::test]
async fn a_domain_on_a_list_keeps_those_below_it_out_too() {
    for entry in ["*.closed.example", "closed.example", "www.closed.example"] {
        let world = World::new();
        let report = list(&world, &format!("domain\n{entry}\n")).await.unwrap();
        assert_eq!((report.domains, report.rejected_rows), (1, 0), "{entry}");
        let import = world
            .import(
                "email\nada@closed.example\nada@mail.closed.example\n\
                 ada@a.mail.closed.example\nada@not-closed.example\n",
            )
            .await;
        assert_eq!((import.imported, import.blocked), (1, 3), "{entry}");
    }
}

/// Whoever lists `gov.uk` means every authority below it, though nobody has an address at `gov.uk` itself.
#[tokio::test]
async fn a_public_suffix_on_a_list_keeps_those_below_it_out_too() {
    for (entry, below) in [
        ("gov.uk", "ada@dept.gov.uk"),
        ("*.github.io", "ada@pages.github.io"),
        ("co.uk", "ada@mail.closed.co.uk"),
    ] {
        let world = World::new();
        let report = list(&world, &format!("domain\n{entry}\n")).await.unwrap();
        assert_eq!((report.domains, report.rejected_rows), (1, 0), "{entry}");
        let import = world
            .import(&format!("email\n{below}\nada@closed.org.uk\n"))
            .await;
        assert_eq!((import.imported, import.blocked), (1, 1), "{entry}");
    }
}

#[tokio::test]
async fn whoever_is_listed_in_any_form_is_neither_stored_nor_forgotten() {
    let world = World::new();
    let file = "email,reason\nu.s.e.r+x@googlemail.com,unsubscribed\nnobody\n@closed.example,\n";
    let report = list(&world, file).await.unwrap();
    assert_eq!((report.rows, report.rejected_rows), (3, 1));
    assert_eq!(report.takes_mail, 0);
    assert_eq!(report.rejected[0].line, 3);
    let text = report.rejected[0].to_string();
    assert!(!text.contains("nobody"), "no value is repeated: {text}");
    let import = world
        .import("email\nuser@gmail.com\nada@closed.example\nok@b.example\n")
        .await;
    assert_eq!((import.imported, import.blocked), (1, 2));
    // A later, weaker list neither removes nor weakens what stands there.
    let before = entries(&world).await;
    let again = list(&world, "email\nuser@gmail.com\n").await.unwrap();
    assert_eq!((again.people, again.added), (1, 0));
    assert_eq!(entries(&world).await, before);
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let contact = vault.contact_index(&address("user@gmail.com"));
    let row = before.iter().find(|row| row.index == contact).unwrap();
    assert_eq!(row.reason, StopReason::Unsubscribed);
}

#[tokio::test]
async fn a_file_that_is_no_list_says_so() {
    let world = World::new();
    let wrong = list(&world, "Name,City\nAda,London\n").await.unwrap_err();
    let ListedError::File(ImportError::NoEmailColumn { found }) = wrong else {
        panic!("{wrong}");
    };
    assert_eq!(found, ["Name", "City"]);
    let broken = list(&world, "email\nada@b.example\n\"eve@b.example\n").await;
    assert!(matches!(
        broken,
        Err(ListedError::File(ImportError::Broken { line: 3, .. }))
    ));
    assert!(
        !entries(&world).await.is_empty(),
        "what came before is listed"
    );
}
