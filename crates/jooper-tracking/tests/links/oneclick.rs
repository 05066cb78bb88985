//! RFC 8058, and the page's own button.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::{Request, StatusCode, header};
use jooper_core::{MailboxId, PermitId};
use jooper_storage::tables::PermitRow;
use jooper_storage::{Batch, Storage};
use jooper_tracking::{Tracking, TrackingService};
use tower_service::Service;
use url::Url;
use uuid::Uuid;

use crate::world::{EMAIL, ONE_CLICK, World, address, key, text};

const MULTIPART: &str = "--x7\r\nContent-Disposition: form-data; \
    name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x7--\r\n";

#[tokio::test]
async fn a_mail_programs_one_click_stops_every_form_of_the_address() {
    for body in [ONE_CLICK, "choice=stop", MULTIPART] {
        let world = World::new().await;
        let response = world.post(&world.link().await, body).await;
        assert_eq!(response.status(), StatusCode::OK, "{body}");
        assert!(response.headers().get(header::SET_COOKIE).is_none());
        assert!(response.headers().get(header::LOCATION).is_none());
        for form in [
            EMAIL,
            "ada@gmail.com",
            "a.d.a@googlemail.com",
            "ADA+x@gmail.com",
        ] {
            assert!(world.is_stopped(form).await, "{form}");
        }
        assert!(!world.is_stopped("eve@gmail.com").await);
    }
}

/// B-96 and B-97.
#[tokio::test]
async fn a_post_that_says_something_else_changes_nothing() {
    let world = World::new().await;
    let link = world.link().await;
    for body in [
        "",
        "List-Unsubscribe=",
        "List-Unsubscribe=one-click",
        "list-unsubscribe=One-Click",
        "List-Unsubscribe-Post=One-Click",
        "One-Click",
        "choice=",
        "choice=everyone",
        "choice=erase",
        "{\"List-Unsubscribe\":\"One-Click\"}",
        "\u{0}\u{1}",
    ] {
        let response = world.post(&link, body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body:?}");
        assert!(text(&response).contains("Nothing was changed"));
    }
    let long = format!("{ONE_CLICK}&x={}", "y".repeat(5000));
    assert_eq!(
        world.post(&link, &long).await.status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(world.listed().await, (0, 0));
    assert_eq!(world.tracking.requests(world.ws).await.unwrap(), []);
}

/// B-99: a mail program posts from anywhere, without cookies; the token alone decides.
#[tokio::test]
async fn the_token_decides_and_not_where_the_request_comes_from() {
    let world = World::new().await;
    let request = |url: &str| {
        Request::post(url)
            .header(header::ORIGIN, "https://elsewhere.example")
            .header("X-Forwarded-For", "127.0.0.1")
            .header(header::COOKIE, "session=owner")
            .body(ONE_CLICK.into())
            .unwrap()
    };
    let wrong = request("https://t.example/links/u/guess");
    assert_eq!(
        world.tracking.handle(&wrong).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(world.listed().await, (0, 0));
    let right = request(world.link().await.as_str());
    assert_eq!(world.tracking.handle(&right).await.status(), StatusCode::OK);
    assert!(world.is_stopped(EMAIL).await);
}

#[tokio::test]
async fn it_answers_only_when_no_send_can_start_any_more() {
    let world = World::new().await;
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let until = world.now() + jiff::SignedDuration::from_secs(8);
    let permit = PermitRow {
        id: PermitId::from_uuid(Uuid::from_u128(1)),
        lease_until: until,
        contact_index: vault.contact_index(&address()),
        domain_index: vault.domain_index("gmail.com"),
        lead: Some(world.lead),
        company: None,
        campaign: None,
        enrollment: None,
        mailbox: MailboxId::from_uuid(Uuid::from_u128(2)),
        send_key: key(0),
        company_beside: None,
    };
    world
        .store
        .commit(Batch::new(world.ws).insert(&permit))
        .await
        .unwrap();
    let response = world.post(&world.link().await, ONE_CLICK).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(world.now() >= until, "it answered while a permit was out");
}

#[tokio::test]
async fn what_is_not_acknowledged_is_not_confirmed() {
    let world = World::new().await;
    let link = world.link().await;
    world.witness.broken.store(true, Ordering::SeqCst);
    let response = world.post(&link, ONE_CLICK).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!text(&response).contains("gone"));
    world.witness.broken.store(false, Ordering::SeqCst);
    assert_eq!(world.post(&link, ONE_CLICK).await.status(), StatusCode::OK);
    assert!(world.is_stopped(EMAIL).await);
}

#[tokio::test]
async fn the_service_answers_like_the_function() {
    let world = World::new().await;
    let link = world.link().await;
    let expected = world.get(&link).await;
    let mut service = TrackingService::new(Arc::new(world.tracking));
    let request = Request::get(link.as_str())
        .body(bytes::Bytes::new())
        .unwrap();
    let got = service.call(request).await.unwrap();
    assert_eq!(
        (got.status(), got.body()),
        (expected.status(), expected.body())
    );
}

#[tokio::test]
async fn links_are_private_on_their_way() {
    let world = World::new().await;
    let store: Arc<dyn Storage> = Arc::new(world.store.clone());
    for (base, fits) in [
        ("https://t.example", true),
        ("https://t.example/a/b", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080/", true),
        ("http://localhost:8080", true),
        ("http://t.example", false),
        ("http://127.0.0.1.example", false),
        ("ftp://t.example", false),
        ("https://t.example/?x=1", false),
        ("https://t.example/#x", false),
        ("mailto:a@b.example", false),
    ] {
        let made = Tracking::new(
            Url::parse(base).unwrap(),
            store.clone(),
            world.vault.clone(),
            world.stops.clone(),
            world.clock.clone(),
        );
        assert_eq!(made.is_ok(), fits, "{base}");
    }
}
