//! A link in an old mail still works (threat T18).

use http::StatusCode;
use jiff::ToSpan;
use jooper_storage::{Erase, Storage};

use crate::world::{EMAIL, ONE_CLICK, World};

#[tokio::test]
async fn a_link_works_five_years_later_and_after_the_erasure() {
    let world = World::new().await;
    let link = world.link().await;
    let erase = Erase {
        workspace: world.ws,
        subject: world.lead.into(),
    };
    world.store.erase(erase).await.unwrap();
    assert!(
        world
            .vault
            .workspace(world.ws)
            .await
            .unwrap()
            .subject(world.lead)
            .await
            .is_err()
    );
    for _ in 0..6 {
        world.vault.rotate_epoch().await.unwrap();
    }
    world.clock.set(world.now() + (24 * 366 * 5).hours());
    assert_eq!(world.get(&link).await.status(), StatusCode::OK);
    assert_eq!(world.post(&link, ONE_CLICK).await.status(), StatusCode::OK);
    assert!(world.is_stopped(EMAIL).await);
}

#[tokio::test]
async fn a_link_works_again_and_again() {
    let world = World::new().await;
    let link = world.link().await;
    for _ in 0..3 {
        assert_eq!(world.post(&link, ONE_CLICK).await.status(), StatusCode::OK);
        assert_eq!(world.get(&link).await.status(), StatusCode::OK);
    }
    assert_eq!(world.listed().await, (2, 0));
}
