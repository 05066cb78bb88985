//! Who objected or was erased never comes back through a file (laws L5 and L9).

use std::sync::atomic::Ordering;

use jooper_consent::{PersonalAct, StopScope};
use jooper_core::{StopReason, StopSource};
use jooper_storage::tables::LEAD_ADDRESS;
use jooper_storage::{Erase, Storage};

use crate::support::{World, address};

/// An erasure lists what is known of the address: where it does not open, its exact and its widest form. Each
/// spelling shares the latter.
#[tokio::test]
async fn whoever_was_erased_is_known_in_every_spelling() {
    for (erased, spellings) in [
        (
            "a.da+x@googlemail.com",
            &[
                "a.da+x@googlemail.com",
                "ADA@gmail.com",
                "a.d.a@gmail.com",
                "ada+news@GoogleMail.com",
            ][..],
        ),
        (
            "j\u{f6}rg+x@m\u{fc}ller.example",
            &[
                "J\u{d6}RG@M\u{dc}LLER.example",
                "jo\u{308}rg@xn--mller-kva.example",
                "j\u{f6}rg+y@mu\u{308}ller.example",
            ],
        ),
        (
            "ada@me.com",
            &["ada@icloud.com", "ada+x@mac.com", "Ada@ME.com"],
        ),
    ] {
        for everywhere in [false, true] {
            let world = World::new();
            let erased = address(erased);
            if everywhere {
                let platform = world.vault.platform().await.unwrap();
                let widest = platform.variant_indexes(&erased.widest())[0];
                let act = PersonalAct {
                    proof: jooper_core::ActProof::PreferencePage {
                        mail: jooper_core::SendKey::Service {
                            request: jooper_core::RequestId::from_uuid(uuid::Uuid::from_u128(1)),
                            kind: 0,
                        },
                    },
                    at: crate::support::start(),
                };
                let why = StopReason::Erased;
                let everywhere = [widest];
                let listed = world.stops.do_not_contact(&everywhere, why, act);
                listed.await.unwrap();
            } else {
                let vault = world.vault.workspace(world.ws).await.unwrap();
                let scope = StopScope::person(
                    vault.contact_index(&erased),
                    vec![vault.email_index(&erased)],
                );
                let (why, who) = (StopReason::Erased, StopSource::Person);
                world.stops.stop(world.ws, scope, why, who).await.unwrap();
            }
            for spelling in spellings {
                let report = world.import(&format!("email\n{spelling}\n")).await;
                let counted = (report.imported, report.blocked);
                assert_eq!(counted, (0, 1), "{spelling}, everywhere: {everywhere}");
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_on_a_list_is_counted_and_not_stored() {
    let world = World::new();
    world
        .stop_person("user@gmail.com", StopReason::Unsubscribed)
        .await;
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let domain = StopScope::Domain(vault.domain_index("closed.example"));
    let (reason, source) = (StopReason::Listed, StopSource::User);
    world
        .stops
        .stop(world.ws, domain, reason, source)
        .await
        .unwrap();
    let platform = world.vault.platform().await.unwrap();
    let everywhere = platform.variant_indexes(&address("never@b.example"));
    let act = PersonalAct {
        proof: jooper_core::ActProof::PreferencePage {
            mail: jooper_core::SendKey::Service {
                request: jooper_core::RequestId::from_uuid(uuid::Uuid::from_u128(1)),
                kind: 0,
            },
        },
        at: crate::support::start(),
    };
    world
        .stops
        .do_not_contact(&everywhere, StopReason::Objected, act)
        .await
        .unwrap();

    let report = world
        .import(
            "email\n\
             U.s.e.r+tag@googlemail.com\n\
             ada@closed.example\n\
             never+again@b.example\n\
             ok@b.example\n",
        )
        .await;
    assert_eq!((report.imported, report.blocked), (1, 3));
    assert_eq!(world.emails().await, ["ok@b.example"]);
    assert_eq!(world.rows(&LEAD_ADDRESS).await.len(), 1);
    assert!(
        report.remarks.is_empty() && report.rejected.is_empty(),
        "blocked rows are not told"
    );
}

#[tokio::test]
async fn an_erased_person_stays_out() {
    let world = World::new();
    world.import("email,first_name\nada@b.example,Ada\n").await;
    let lead = world.all().await[0].id;
    world.stop_person("ada@b.example", StopReason::Erased).await;
    let erase = Erase {
        workspace: world.ws,
        subject: lead.into(),
    };
    world.store.erase(erase).await.unwrap();
    assert_eq!(world.leads.get(world.ws, lead).await.unwrap(), None);
    let report = world
        .import("email,first_name\nADA+new@b.example,Ada\n")
        .await;
    assert_eq!((report.imported, report.blocked), (0, 1));
    assert!(world.emails().await.is_empty());
}

#[tokio::test]
async fn who_objects_while_the_file_is_read_stays_out() {
    let world = World::new();
    let file: String = std::iter::once("email\n".to_owned())
        .chain((0..400).map(|n| format!("p{n}@b.example\n")))
        .collect();
    let objects = async {
        // The lists were read before the first look at known addresses.
        while world.store.lookups.load(Ordering::SeqCst) < 10 {
            tokio::task::yield_now().await;
        }
        world
            .stop_person("p7@b.example", StopReason::Objected)
            .await;
    };
    let (report, ()) = tokio::join!(world.import(&file), objects);
    assert!(world.store.conflicts.load(Ordering::SeqCst) > 0);
    assert_eq!((report.imported, report.blocked), (399, 1));
    assert!(!world.emails().await.contains(&"p7@b.example".to_owned()));
}
