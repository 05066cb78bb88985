//! Consent on our own page: asked for by whoever types, given by whoever owns the address.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{Method, StatusCode};
use jooper_consent::PersonalAct;
use jooper_core::{
    BasisKind, EmailAddress, EventKind, LeadId, Origin, RequestId, StopReason, StopSource,
    WorkspaceId, WorkspaceState,
};
use jooper_storage::tables::{
    BASIS, BasisRow, LEAD, LEAD_ADDRESS, LeadAddressRow, LeadProfile, LeadRow, PENDING,
    SuppressionRow, WORKSPACE, WorkspaceIdentity, WorkspaceRow,
};
use jooper_storage::{Batch, Column, Scan, Storage, StorageExt};
use jooper_tracking::{OnStop, OptInRequest};
use jooper_vault::Place;
use url::Url;

use crate::world::{World, text};

/// Remembers who asked.
#[derive(Debug, Default)]
struct Asked(Mutex<Vec<RequestId>>);

#[async_trait]
impl OnStop for Asked {
    async fn stopped(
        &self,
        _: WorkspaceId,
        _: LeadId,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    async fn asked_for_mail(
        &self,
        _: WorkspaceId,
        request: RequestId,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.lock().unwrap().push(request);
        Ok(())
    }
}

async fn world() -> (World, Arc<Asked>, Url) {
    let mut world = World::new().await;
    let key = [world.ws.to_value()];
    let identity = WorkspaceIdentity {
        legal_name: "Sender & Söhne GmbH".to_owned(),
        privacy_url: "https://sender.example/privacy".to_owned(),
        ..WorkspaceIdentity::default()
    };
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let place = Place::new(&WORKSPACE, "identity", &key);
    let row = WorkspaceRow {
        id: world.ws,
        state: WorkspaceState::Active,
        identity: Some(
            vault
                .own()
                .seal(&place, Origin::Customer, &identity)
                .unwrap(),
        ),
        created_at: world.now(),
    };
    world
        .store
        .commit(Batch::new(world.ws).put(&row))
        .await
        .unwrap();
    let asked = Arc::new(Asked::default());
    world.tracking = world.tracking.with_listener(asked.clone());
    let url = world.tracking.sign_up_url(world.ws).await.unwrap();
    (world, asked, url)
}

/// Types an address into the page, and returns what the service mail would carry.
async fn sign_up(world: &World, asked: &Asked, url: &Url, email: &str) -> Option<OptInRequest> {
    let before = asked.0.lock().unwrap().len();
    let body = format!("email={}", email.replace('+', "%2B").replace('@', "%40"));
    assert_eq!(world.post(url, &body).await.status(), StatusCode::OK);
    let new = asked.0.lock().unwrap().get(before).copied()?;
    world.tracking.opt_in_request(world.ws, new).await.unwrap()
}

async fn bases(world: &World) -> Vec<BasisRow> {
    let scan = Scan::table(&BASIS);
    let rows = world.store.collect::<BasisRow>(world.ws, scan).await;
    rows.unwrap().into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn looking_never_acts_and_pressing_records_the_consent_with_its_receipt() {
    let (world, asked, url) = world().await;
    let page = world.get(&url).await;
    assert!(text(&page).contains("Sender &amp; Söhne GmbH"));
    let request = sign_up(&world, &asked, &url, "eve+news@b.example")
        .await
        .unwrap();
    assert_eq!(request.address.as_str(), "eve+news@b.example");
    // Scanners follow the link; nothing happens.
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let looked = world.ask(method, request.confirm_url.as_str(), "").await;
        assert_eq!(looked.status(), StatusCode::OK);
    }
    let wrong = world.post(&request.confirm_url, "choice=maybe").await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        (
            bases(&world).await.len(),
            world.rows(world.ws.into(), &LEAD).await
        ),
        (0, 0)
    );

    world.clock.advance_millis(60_000);
    let done = world.post(&request.confirm_url, "choice=yes").await;
    assert_eq!(done.status(), StatusCode::OK);
    let basis = bases(&world).await.remove(0);
    assert_eq!(basis.kind, BasisKind::ConfirmedOptIn);
    assert_eq!((basis.obtained_at, basis.withdrawn_at), (world.now(), None));
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let theirs = vault.subject(basis.lead).await.unwrap();
    let place = Place::of(&jooper_storage::Record::key(&basis), "evidence");
    let evidence = theirs.open(&place, &basis.evidence).unwrap();
    assert!(
        evidence.proof.contains(&request.id.to_string()),
        "{}",
        evidence.proof
    );
    assert!(evidence.notice_version.unwrap().contains("sha256"));
    let log = world.log().await;
    let fact = log
        .iter()
        .find(|fact| fact.entry.kind == EventKind::BasisRecorded)
        .unwrap();
    let receipt: String = fact
        .entry
        .id
        .as_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert!(text(&done).contains(&receipt), "the page shows the receipt");
    let address = EmailAddress::parse("eve+news@b.example").unwrap();
    let key = vec![vault.email_index(&address).to_value()];
    let known = world
        .store
        .find::<LeadAddressRow>(world.ws, key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(known.record.lead, basis.lead);

    // The link is dead, and nobody is doubled.
    assert_eq!(
        world
            .post(&request.confirm_url, "choice=yes")
            .await
            .status(),
        StatusCode::NOT_FOUND
    );
    let again = sign_up(&world, &asked, &url, "eve@b.example")
        .await
        .unwrap();
    world.post(&again.confirm_url, "choice=yes").await;
    assert_eq!(
        (
            bases(&world).await.len(),
            world.rows(world.ws.into(), &LEAD).await
        ),
        (1, 1)
    );
}

/// Whoever was typed in by somebody else says no once, and is asked by nobody's typing any more.
#[tokio::test]
async fn whoever_says_no_is_not_asked_again() {
    let (world, asked, url) = world().await;
    let request = sign_up(&world, &asked, &url, "eve@b.example")
        .await
        .unwrap();
    let page = world.get(&request.confirm_url).await;
    let page = text(&page);
    assert!(page.contains("never write to me"), "{page}");
    let done = world.post(&request.confirm_url, "choice=no").await;
    assert_eq!(done.status(), StatusCode::OK);
    assert!(text(&done).contains("not asked again"));
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let key = vec![vault.contact_index(&request.address).to_value()];
    let row = world.store.find::<SuppressionRow>(world.ws, key).await;
    let listed = row.unwrap().map(|row| row.record.reason);
    assert_eq!(listed, Some(StopReason::Objected));
    assert_eq!(bases(&world).await.len(), 0);
    let gone = world.post(&request.confirm_url, "choice=yes").await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}

/// Between asking and confirming, a person may have stopped every sender here: no consent of theirs would let
/// a mail through, and nobody thanks them for it.
#[tokio::test]
async fn whoever_stopped_every_sender_meanwhile_is_not_stored() {
    let (world, asked, url) = world().await;
    let request = sign_up(&world, &asked, &url, "eve@b.example")
        .await
        .unwrap();
    let platform = world.vault.platform().await.unwrap();
    let act = PersonalAct {
        proof: jooper_core::ActProof::PreferencePage {
            mail: jooper_core::SendKey::Service {
                request: request.id,
                kind: jooper_tracking::OPT_IN_MAIL,
            },
        },
        at: world.now(),
    };
    let forms = platform.variant_indexes(&request.address);
    let stop = world
        .stops
        .do_not_contact(&forms, StopReason::Objected, act)
        .await;
    stop.unwrap();
    for answer in ["choice=yes", "choice=no"] {
        let said = world.post(&request.confirm_url, answer).await;
        assert_eq!(said.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(world.rows(world.ws.into(), &LEAD).await, 0);
}

/// A stop holds for every form of an address, a consent for the exact one: whoever is known under
/// another form is written to where they confirmed.
#[tokio::test]
async fn mail_goes_to_the_form_of_the_address_that_confirmed() {
    let (world, asked, url) = world().await;
    let mailed_at = async || {
        let scan = Scan::table(&LEAD);
        let rows = world.store.collect::<LeadRow>(world.ws, scan).await;
        let rows = rows.unwrap();
        assert_eq!(rows.len(), 1, "one person is one lead");
        let row = &rows[0].record;
        let vault = world.vault.workspace(world.ws).await.unwrap();
        let theirs = vault.subject(row.id).await.unwrap();
        let place = Place::of(&jooper_storage::Record::key(row), "profile");
        let profile: LeadProfile = theirs.open(&place, &row.profile).unwrap();
        let address = EmailAddress::parse(&profile.email).unwrap();
        let indexes = (
            vault.contact_index(&address),
            vault.domain_index(address.domain()),
        );
        assert_eq!((row.contact_index, row.domain_index), indexes);
        profile.email
    };
    for (typed, goes_to, forms) in [
        ("eve@gmail.com", "eve@gmail.com", 1),
        ("EVE@Gmail.com", "eve@gmail.com", 1),
        ("e.ve@googlemail.com", "e.ve@googlemail.com", 2),
        ("eve+news@gmail.com", "eve+news@gmail.com", 3),
        ("eve@gmail.com", "eve@gmail.com", 3),
    ] {
        let request = sign_up(&world, &asked, &url, typed).await.unwrap();
        for _ in 0..2 {
            world.post(&request.confirm_url, "choice=yes").await;
        }
        assert_eq!(mailed_at().await, goes_to, "{typed}");
        assert_eq!(world.rows(world.ws.into(), &LEAD_ADDRESS).await, forms);
        assert_eq!(bases(&world).await.len(), 1);
        // One is asked once a week.
        world.clock.advance_millis(8 * 86_400_000);
    }
}

#[tokio::test]
async fn typing_an_address_a_hundred_times_asks_it_once_a_week() {
    let (world, asked, url) = world().await;
    let first = sign_up(&world, &asked, &url, "eve@b.example")
        .await
        .unwrap();
    for form in ["eve@b.example", "EVE@b.example", "eve+x@b.example"] {
        assert!(
            sign_up(&world, &asked, &url, form).await.is_none(),
            "{form}"
        );
    }
    world.clock.advance_millis(7 * 86_400_000);
    assert_eq!(
        world.get(&first.confirm_url).await.status(),
        StatusCode::NOT_FOUND,
        "expired"
    );
    assert!(
        sign_up(&world, &asked, &url, "eve@b.example")
            .await
            .is_some()
    );
    assert_eq!(world.rows(world.ws.into(), &PENDING).await, 1);
    assert_eq!(
        world.post(&url, "email=eve").await.status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn whoever_is_not_to_be_contacted_is_not_stored_and_not_told_apart() {
    let (world, asked, url) = world().await;
    let platform = world.vault.platform().await.unwrap();
    let variants = platform.variant_indexes(&EmailAddress::parse("never@b.example").unwrap());
    let act = PersonalAct {
        proof: jooper_core::ActProof::WrittenRequest {
            request: jooper_core::RequestId::from_uuid(uuid::Uuid::from_u128(1)),
            by: jooper_core::UserId::from_uuid(uuid::Uuid::from_u128(2)),
        },
        at: world.now(),
    };
    world
        .stops
        .do_not_contact(&variants, StopReason::Objected, act)
        .await
        .unwrap();
    let told = world.post(&url, "email=never%40b.example").await;
    let others = world.post(&url, "email=eve%40b.example").await;
    assert_eq!(text(&told), text(&others));
    assert_eq!(asked.0.lock().unwrap().len(), 1);
    assert_eq!(world.rows(world.ws.into(), &PENDING).await, 1);
}

/// No act of theirs takes their domain off the list: they are promised no mail, and none of theirs is kept.
#[tokio::test]
async fn whoever_is_at_a_listed_domain_is_told_the_same_and_not_asked() {
    let (world, asked, url) = world().await;
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let list = async |domain: &str| {
        let scope = jooper_consent::StopScope::Domain(vault.domain_index(domain));
        let stop = world
            .stops
            .stop(world.ws, scope, StopReason::Listed, StopSource::User);
        stop.await.unwrap();
    };
    let early = sign_up(&world, &asked, &url, "early@late.example")
        .await
        .unwrap();
    list("closed.example").await;
    list("late.example").await;
    let told = world.post(&url, "email=eve%40mail.closed.example").await;
    let others = world.post(&url, "email=eve%40b.example").await;
    assert_eq!(text(&told), text(&others));
    for address in ["eve@closed.example", "eve@mail.closed.example"] {
        let request = sign_up(&world, &asked, &url, address).await;
        assert!(request.is_none(), "{address}");
    }
    assert_eq!(world.rows(world.ws.into(), &PENDING).await, 2);
    // Nor who asked before the domain was listed.
    let said = world.post(&early.confirm_url, "choice=yes").await;
    assert_eq!(said.status(), StatusCode::NOT_FOUND);
    assert!(bases(&world).await.is_empty());
}

#[tokio::test]
async fn a_confirmed_opt_in_takes_back_the_person_s_own_stop_and_a_dead_address() {
    let (world, asked, url) = world().await;
    let address = EmailAddress::parse("eve@b.example").unwrap();
    let vault = world.vault.workspace(world.ws).await.unwrap();
    for reason in [StopReason::Unsubscribed, StopReason::Bounced] {
        let scope = jooper_consent::StopScope::person(
            vault.contact_index(&address),
            vault.variant_indexes(&address),
        );
        let source = StopSource::Person;
        world
            .stops
            .stop(world.ws, scope, reason, source)
            .await
            .unwrap();
        world.clock.advance_millis(1000);
        let request = sign_up(&world, &asked, &url, "eve@b.example")
            .await
            .unwrap();
        assert!(
            world.is_stopped("eve@b.example").await,
            "typing lifts nothing"
        );
        world.post(&request.confirm_url, "choice=yes").await;
        assert!(!world.is_stopped("eve@b.example").await, "{reason:?}");
        world.clock.advance_millis(1000);
    }
}

#[tokio::test]
async fn a_token_of_one_door_opens_no_other() {
    let (world, asked, url) = world().await;
    let request = sign_up(&world, &asked, &url, "eve@b.example")
        .await
        .unwrap();
    let token = |url: &Url| url.path().rsplit('/').next().unwrap().to_owned();
    let (sign, confirm) = (token(&url), token(&request.confirm_url));
    for path in [
        format!("c/{sign}"),
        format!("s/{confirm}"),
        format!("u/{confirm}"),
        "c/".into(),
    ] {
        let other = world.tracking_url(&format!("/links/{path}"));
        assert_eq!(
            world.get(&other).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
