//! The page with more choices.

use http::StatusCode;
use jooper_consent::not_sendable;
use jooper_core::{EmailAddress, Origin};
use jooper_storage::tables::{AddressText, LEAD_ADDRESS, LeadAddressRow};
use jooper_storage::{Batch, Column, Key, Storage};
use jooper_tracking::Wish;
use jooper_vault::Place;

use crate::world::{EMAIL, ONE_CLICK, World, text};

#[tokio::test]
async fn each_button_does_its_one_thing() {
    let world = World::new().await;
    let url = world.preferences().await;
    let page = world.get(&url).await;
    for choice in ["stop", "everyone", "see", "erase"] {
        assert!(
            text(&page).contains(&format!("value=\"{choice}\"")),
            "{choice}"
        );
    }
    assert_eq!(
        world.post(&url, "choice=see").await.status(),
        StatusCode::OK
    );
    assert_eq!(world.listed().await, (0, 0), "seeing is not stopping");
    assert_eq!(
        world.post(&url, "choice=stop").await.status(),
        StatusCode::OK
    );
    assert_eq!(world.listed().await, (2, 0));
    assert_eq!(
        world.post(&url, "choice=nothing").await.status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn everyone_is_stopped_under_every_form_of_the_address() {
    let world = World::new().await;
    let url = world.preferences().await;
    assert_eq!(
        world.post(&url, "choice=everyone").await.status(),
        StatusCode::OK
    );
    assert!(world.is_stopped(EMAIL).await);
    let platform = world.vault.platform().await.unwrap();
    let people: Vec<_> = [EMAIL, "ada@googlemail.com", "eve@gmail.com"]
        .map(|email| platform.variant_indexes(&EmailAddress::parse(email).unwrap()))
        .into();
    let blocked = not_sendable(&world.store, &people).await.unwrap();
    assert_eq!(blocked, [true, true, false]);
}

#[tokio::test]
async fn everyone_is_stopped_for_every_address_that_the_sender_knows_as_theirs() {
    let world = World::new().await;
    let other = EmailAddress::parse("ada@work.example").unwrap();
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let theirs = vault.subject(world.lead).await.unwrap();
    let key = Key::new(&LEAD_ADDRESS, vec![vault.email_index(&other).to_value()]);
    let text = AddressText(other.to_string());
    let place = Place::of(&key, "address");
    let row = LeadAddressRow {
        email_index: vault.email_index(&other),
        lead: world.lead,
        contact_index: vault.contact_index(&other),
        domain_index: vault.domain_index(other.domain()),
        address: theirs.seal(&place, Origin::System, &text).unwrap(),
    };
    let batch = Batch::new(world.ws).insert(&row);
    world.store.commit(batch).await.unwrap();
    let url = world.preferences().await;
    let pressed = world.post(&url, "choice=everyone").await;
    assert_eq!(pressed.status(), StatusCode::OK);
    let platform = world.vault.platform().await.unwrap();
    let people: Vec<_> = [EMAIL, "ada@work.example", "eve@work.example"]
        .map(|email| platform.variant_indexes(&EmailAddress::parse(email).unwrap()))
        .into();
    let blocked = not_sendable(&world.store, &people).await.unwrap();
    assert_eq!(blocked, [true, true, false]);
}

#[tokio::test]
async fn a_request_is_kept_once_until_it_is_answered() {
    let world = World::new().await;
    let url = world.preferences().await;
    world.post(&url, "choice=see").await;
    world.clock.advance_millis(86_400_000);
    world.post(&url, "choice=see").await;
    world.post(&url, "choice=erase").await;
    let asked = world.tracking.requests(world.ws).await.unwrap();
    let wishes: Vec<_> = asked.iter().map(|request| request.wish).collect();
    assert_eq!(wishes, [Wish::See, Wish::Erase]);
    assert!(asked.iter().all(|request| request.lead == world.lead));
    let month = asked[0].answer_by.duration_since(asked[0].asked_at);
    assert_eq!(month, jiff::SignedDuration::from_hours(28 * 24));
    assert!(
        world.is_stopped(EMAIL).await,
        "who wants to be erased is stopped at once"
    );
    world.tracking.answered(world.ws, &asked[0]).await.unwrap();
    world.tracking.answered(world.ws, &asked[0]).await.unwrap();
    let left = world.tracking.requests(world.ws).await.unwrap();
    assert_eq!(left, asked[1..]);
}

#[tokio::test]
async fn the_page_behind_the_stop_leads_to_more_choices() {
    let world = World::new().await;
    let response = world.post(&world.link().await, ONE_CLICK).await;
    let (_, rest) = text(&response).split_once("href=\"").unwrap();
    let (path, _) = rest.split_once('"').unwrap();
    assert!(path.starts_with("/links/p/"), "{path}");
    let url = world.tracking_url(path);
    assert_eq!(world.get(&url).await.status(), StatusCode::OK);
}
