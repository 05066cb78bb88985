//! Tokens that nobody was given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, StatusCode};
use jooper_storage::Scope;
use jooper_storage::tables::WORKSPACE_DIRECTORY;
use proptest::prelude::*;
use url::Url;

use crate::world::{EMAIL, ONE_CLICK, World, address, key};

fn token(link: &Url) -> &str {
    link.path_segments().unwrap().next_back().unwrap()
}

async fn refused(world: &World, path: &str) -> bool {
    let url = format!("https://t.example{path}");
    let (mut bodies, mut all) = (Vec::new(), true);
    for (method, body) in [(Method::GET, ""), (Method::POST, ONE_CLICK)] {
        let response = world.ask(method, &url, body).await;
        all &= response.status() == StatusCode::NOT_FOUND;
        bodies.push(response.body().clone());
    }
    let plain = world
        .ask(Method::GET, "https://t.example/links/u/x", "")
        .await;
    all && bodies.iter().all(|body| body == plain.body()) && world.listed().await == (0, 0)
}

/// B-30, and threat T13: a token for one purpose is none for another.
#[tokio::test]
async fn a_token_for_one_purpose_is_none_for_another() {
    let world = World::new().await;
    let (link, preferences) = (world.link().await, world.preferences().await);
    for path in [
        format!("/links/p/{}", token(&link)),
        format!("/links/u/{}", token(&preferences)),
        format!("/links/c/{}", token(&link)),
        format!("/u/{}", token(&link)),
        format!("/links/u/{}/", token(&link)),
        format!("/links/{}", token(&link)),
        format!("/links/u/{}=", token(&link)),
        format!("/links/u/%75{}", token(&link)),
        "/links/u/".to_owned(),
        "/links/".to_owned(),
        "/".to_owned(),
        format!("/links/u/{}", "A".repeat(100_000 / 2)),
    ] {
        assert!(
            refused(&world, &path).await,
            "{}",
            &path[..path.len().min(200)]
        );
    }
}

#[tokio::test]
async fn every_flipped_bit_makes_another_token() {
    let world = World::new().await;
    let link = world.link().await;
    let bytes = URL_SAFE_NO_PAD.decode(token(&link)).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let path = format!("/links/u/{}", URL_SAFE_NO_PAD.encode(&flipped));
        assert!(refused(&world, &path).await, "bit {bit}");
    }
    for length in 0..bytes.len() {
        let path = format!("/links/u/{}", URL_SAFE_NO_PAD.encode(&bytes[..length]));
        assert!(refused(&world, &path).await, "length {length}");
    }
}

#[tokio::test]
async fn asking_for_a_workspace_does_not_make_one() {
    let world = World::new().await;
    let bytes = URL_SAFE_NO_PAD.decode(token(&world.link().await)).unwrap();
    for n in 0..20 {
        let mut moved = bytes.clone();
        moved[..16].fill(n);
        let path = format!("/links/u/{}", URL_SAFE_NO_PAD.encode(&moved));
        assert!(refused(&world, &path).await);
    }
    assert_eq!(world.rows(Scope::Platform, &WORKSPACE_DIRECTORY).await, 1);
}

#[tokio::test]
async fn a_token_of_one_workspace_stops_nobody_in_another() {
    let world = World::new().await;
    let other = jooper_core::WorkspaceId::from_uuid(uuid::Uuid::from_u128(6 << 64));
    let foreign = world.link_in(other, 0).await;
    assert_eq!(
        world.post(&foreign, ONE_CLICK).await.status(),
        StatusCode::OK
    );
    assert!(!world.is_stopped(EMAIL).await);
    let mut moved = URL_SAFE_NO_PAD.decode(token(&foreign)).unwrap();
    moved[..16].copy_from_slice(world.ws.uuid().as_bytes());
    let path = format!("/links/u/{}", URL_SAFE_NO_PAD.encode(&moved));
    assert!(refused(&world, &path).await);
}

#[tokio::test]
async fn a_link_holds_no_personal_data_and_no_pseudonym() {
    let world = World::new().await;
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let (link, again) = (world.link().await, world.link().await);
    assert_ne!(link, again, "two links of one person cannot be matched");
    assert!(link.as_str().len() < 400, "{}", link.as_str().len());
    let bytes = URL_SAFE_NO_PAD.decode(token(&link)).unwrap();
    let mut secrets = vec![EMAIL.as_bytes().to_vec(), b"gmail".to_vec()];
    secrets.push(world.lead.uuid().as_bytes().to_vec());
    secrets.push(key(0).to_bytes());
    secrets.extend(
        vault
            .variant_indexes(&address())
            .iter()
            .map(|i| i.as_bytes().to_vec()),
    );
    for secret in secrets {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret));
        assert!(
            !link
                .as_str()
                .as_bytes()
                .windows(secret.len())
                .any(|part| part == secret)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_requests_never_panic_and_never_stop(
        path in "/links/[up]?/?[A-Za-z0-9_=%-]{0,300}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let url = format!("https://t.example{path}");
            if let Ok(request) = http::Request::post(url).body(bytes::Bytes::from(body)) {
                world.tracking.handle(&request).await;
            }
            prop_assert_eq!(world.listed().await, (0, 0));
            Ok(())
        })?;
    }
}
