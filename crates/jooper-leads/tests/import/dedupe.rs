//! One person, one lead.

use std::sync::atomic::Ordering;

use jooper_leads::FirstSeen;
use jooper_storage::tables::{COMPANY, LEAD_ADDRESS, LeadAddressRow};
use jooper_storage::{Batch, Scan, Storage as _, StorageExt as _};

use crate::support::{World, address};

#[tokio::test]
async fn every_form_of_an_address_is_one_person_and_the_first_row_stays() {
    let world = World::new();
    let report = world
        .import(
            "email,first_name\n\
             U.s.e.r+a@gmail.com,First\n\
             user@googlemail.com,Second\n\
             USER@GMAIL.COM,Third\n\
             ada+fair@b.example,Ada\n",
        )
        .await;
    assert_eq!((report.imported, report.duplicates), (2, 2));
    assert_eq!(report.duplicate_rows[0].first, FirstSeen::Line(2));
    let report = world
        .import("email,first_name\nada@b.example,Other\n")
        .await;
    assert_eq!((report.imported, report.duplicates), (0, 1));
    let all = world.all().await;
    assert_eq!(report.duplicate_rows[0].first, FirstSeen::Lead(all[1].id));
    assert_eq!(all[0].first_name.as_deref(), Some("First"));
    for form in ["ada@b.example", "ada+fair@b.example", "ADA+other@b.example"] {
        let found = world
            .leads
            .find_by_email(world.ws, &address(form))
            .await
            .unwrap();
        assert_eq!(found, Some(all[1].id), "{form}");
    }
    let nobody = world
        .leads
        .find_by_email(world.ws, &address("x@b.example"))
        .await
        .unwrap();
    assert_eq!(nobody, None);
}

/// They are kept as they were written, and once.
#[tokio::test]
async fn a_mailbox_at_several_domains_of_its_provider_is_one_person() {
    let world = World::new();
    let file = "email\nada@me.com\nada@icloud.com\neve+x@pm.me\n";
    let report = world.import(file).await;
    assert_eq!((report.imported, report.duplicates), (2, 1));
    let report = world.import("email\nada@mac.com\neve@proton.me\n").await;
    assert_eq!((report.imported, report.duplicates), (0, 2));
    assert_eq!(world.emails().await, ["ada@me.com", "eve+x@pm.me"]);
    for form in ["ada+x@icloud.com", "ada@mac.com"] {
        let form = address(form);
        let found = world.leads.find_by_email(world.ws, &form).await.unwrap();
        assert_eq!(found, Some(world.all().await[0].id), "{form}");
    }
}

/// An earlier version filed it under the address at its own domain.
#[tokio::test]
async fn whoever_was_filed_by_an_earlier_version_is_known_still() {
    let world = World::new();
    world.import("email\nada@me.com\n").await;
    let scan = Scan::table(&LEAD_ADDRESS);
    let rows = world.store.collect::<LeadAddressRow>(world.ws, scan);
    let mut row = rows.await.unwrap().remove(0).record;
    row.contact_index = row.email_index;
    let earlier = Batch::new(world.ws).put(&row);
    world.store.commit(earlier).await.unwrap();
    for form in ["ada@icloud.com", "ada+x@me.com", "ada@mac.com"] {
        let form = address(form);
        let found = world.leads.find_by_email(world.ws, &form).await.unwrap();
        assert_eq!(found, Some(row.lead), "{form}");
        let report = world.import(&format!("email\n{form}\n")).await;
        assert_eq!((report.imported, report.duplicates), (0, 1), "{form}");
    }
}

#[tokio::test]
async fn two_imports_at_once_make_no_twins() {
    let world = World::new();
    let file: String = std::iter::once("email\n".to_owned())
        .chain((0..900).map(|n| format!("p{n}@b{}.example\n", n % 30)))
        .collect();
    let twins = file.replace('@', "+x@");
    let (one, other) = tokio::join!(world.import(&file), world.import(&twins));
    assert_eq!(one.imported + other.imported, 900);
    let conflicts = world.store.conflicts.load(Ordering::SeqCst);
    assert!(conflicts > 0, "they did not overlap");
    assert_eq!(world.emails().await.len(), 900);
    assert_eq!(world.rows(&COMPANY).await.len(), 30);
}

#[tokio::test]
async fn colleagues_share_a_company_and_free_mail_has_none() {
    let world = World::new();
    world
        .import(
            "email,company\n\
             a@mail.acme.co.uk,Acme\n\
             b@acme.co.uk,Acme Ltd\n\
             c@gmail.com,Acme\n",
        )
        .await;
    let all = world.all().await;
    assert!(all[0].company.is_some());
    assert_eq!(all[0].company, all[1].company);
    assert_eq!(all[2].company, None);
    assert_eq!(world.rows(&COMPANY).await.len(), 1);
}

#[tokio::test]
async fn workspaces_do_not_see_each_other() {
    let world = World::new();
    world.import("email\na@b.example\n").await;
    let other = jooper_core::WorkspaceId::from_uuid(uuid::Uuid::from_u128(9 << 64));
    let mapping = jooper_leads::Mapping::guess();
    let file = b"email\na@b.example\n".as_slice();
    let report = world
        .leads
        .import_csv(other, file, &mapping, "f")
        .await
        .unwrap();
    assert_eq!(report.imported, 1);
    let lead = world.all().await[0].id;
    assert_eq!(world.leads.get(other, lead).await.unwrap(), None);
}
