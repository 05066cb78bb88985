//! From the hosted sign-up page to a mail that may go: over real HTTP, the simulator as the judge.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use jooper::core::{BasisKind, SendKey, SendKind, SendState};
use jooper::storage::tables::{BASIS, BasisRow, SEND, SendRow};
use jooper::storage::{Scan, StorageExt};
use world::World;

async fn ask(world: &World, method: Method, url: &str, body: &str) -> StatusCode {
    let request = Request::builder()
        .method(method)
        .uri(url)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    world.jooper.tracking().handle(&request).await.status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_signs_up_gets_one_mail_and_consents_by_its_link() {
    let world = World::new(&["ada@sender.example"]).await;
    let page = world
        .jooper
        .tracking()
        .sign_up_url(world.workspace)
        .await
        .unwrap();
    for _ in 0..5 {
        let typed = ask(
            &world,
            Method::POST,
            page.as_str(),
            "email=eve%40people.example",
        )
        .await;
        assert_eq!(typed, StatusCode::OK);
        world.work().await;
    }
    let ledger = world.google.ledger();
    let accepted = ledger.accepted();
    assert_eq!(accepted.len(), 1, "one mail, however often somebody types");
    let sends = world
        .jooper
        .storage()
        .collect::<SendRow>(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    let send = &sends[0].record;
    assert_eq!(
        (send.kind, send.state),
        (SendKind::Service, SendState::Sent)
    );

    assert_eq!(accepted[0].subject, "Please confirm: mail from Sender GmbH");
    let SendKey::Service { request, .. } = send.key else {
        panic!("{:?}", send.key);
    };
    let tracking = world.jooper.tracking();
    let request = tracking.opt_in_request(world.workspace, request).await;
    let confirm = request.unwrap().unwrap().confirm_url.to_string();
    assert_eq!(ask(&world, Method::GET, &confirm, "").await, StatusCode::OK);
    let bases = || {
        world
            .jooper
            .storage()
            .collect::<BasisRow>(world.workspace, Scan::table(&BASIS))
    };
    assert_eq!(bases().await.unwrap().len(), 0, "looking is no consent");
    assert_eq!(
        ask(&world, Method::POST, &confirm, "choice=yes").await,
        StatusCode::OK
    );
    let bases = bases().await.unwrap();
    assert_eq!(bases[0].record.kind, BasisKind::ConfirmedOptIn);

    // The consent carries a campaign, and the chain tells it all.
    let leads = world.import(1, "other.example").await;
    assert!(leads.contains(&bases[0].record.lead) && leads.len() == 2);
    world.campaign(&leads).await;
    world.pass(24).await;
    assert_eq!(world.google.ledger().accepted().len(), 3);
    let report = world.jooper.audit_verify(world.workspace).await.unwrap();
    assert_eq!((report.findings, report.permits), (vec![], 3));
}
