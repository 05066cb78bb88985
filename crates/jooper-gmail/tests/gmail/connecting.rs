//! The two OAuth flows.

use jooper_gmail::{ConnectError, GMAIL_READONLY, GMAIL_SEND, Grant, MissingPart};
use jooper_testkit::google::{Canned, ConsentScript, Fault, FaultRule, UserSpec};

use crate::lab::{ADA, Lab};

#[tokio::test]
async fn a_mailbox_is_connected_through_the_consent_screen() {
    let lab = Lab::new(1).await;
    let connected = lab
        .finish(lab.connect_flow().begin(Some(ADA)))
        .await
        .unwrap();
    assert_eq!(connected.email.as_str(), ADA);
    assert_eq!(connected.grant, Grant::Full);
    assert!(!connected.sub.is_empty());
    assert!(!format!("{connected:?}").contains(ADA));
}

#[tokio::test]
async fn the_request_asks_for_what_google_documents() {
    let lab = Lab::new(1).await;
    let (url, pending) = lab.connect_flow().reconnect("12345");
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let get = |name: &str| query.get(name).map(String::as_str);
    assert_eq!(get("response_type"), Some("code"));
    assert_eq!(get("client_id"), Some("mailbox-client"));
    assert_eq!(get("code_challenge_method"), Some("S256"));
    assert_eq!(get("access_type"), Some("offline"));
    assert_eq!(get("prompt"), Some("consent"));
    assert_eq!(get("include_granted_scopes"), Some("false"));
    assert_eq!(get("login_hint"), Some("12345"));
    assert_eq!(
        get("scope"),
        Some(format!("openid email profile {GMAIL_SEND} {GMAIL_READONLY}").as_str())
    );
    assert_eq!(get("state"), Some(pending.state()));
    assert!(get("nonce").is_some_and(|nonce| nonce.len() >= 40));
    let (again, _) = lab.connect_flow().reconnect("12345");
    assert_ne!(url, again, "state, nonce and challenge are new each time");
}

#[tokio::test]
async fn unticked_boxes_are_visible() {
    let lab = Lab::new(1).await;
    for (unticked, grant) in [
        (vec![GMAIL_READONLY], Some(Grant::SendOnly)),
        (vec![GMAIL_SEND], Some(Grant::ReadOnly)),
        (vec![GMAIL_SEND, GMAIL_READONLY], None),
    ] {
        let unticked = unticked.into_iter().map(str::to_owned).collect();
        lab.sim
            .script_consent(ADA, ConsentScript::Untick(unticked))
            .unwrap();
        let connected = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
        match grant {
            Some(grant) => assert_eq!(connected.unwrap().grant, grant),
            None => assert!(matches!(connected, Err(ConnectError::NothingGranted))),
        }
    }
}

#[tokio::test]
async fn refusals_have_their_own_names() {
    let lab = Lab::new(1).await;
    lab.sim.script_consent(ADA, ConsentScript::Deny).unwrap();
    let denied = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
    assert!(matches!(denied, Err(ConnectError::Declined)));
    lab.sim
        .script_consent(ADA, ConsentScript::Fail("admin_policy_enforced".to_owned()))
        .unwrap();
    let admin = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
    assert!(matches!(admin, Err(ConnectError::AdminPolicy)));
}

#[tokio::test]
async fn an_answer_counts_once_and_in_its_own_session() {
    let lab = Lab::new(1).await;
    let flow = lab.connect_flow();
    let (url, pending) = flow.begin(Some(ADA));
    let (_, other) = flow.begin(Some(ADA));
    let callback = lab.browse(&url).await;
    assert!(matches!(
        flow.finish(callback, other).await,
        Err(ConnectError::State)
    ));

    let query = format!("state={}&code=forged", pending.state());
    let forged = jooper_gmail::Callback::from_query(&query).unwrap();
    assert!(matches!(
        flow.finish(forged, pending).await,
        Err(ConnectError::Code)
    ));

    let (url, pending) = flow.begin(Some(ADA));
    let callback = lab.browse(&url).await;
    lab.advance(std::time::Duration::from_secs(16 * 60));
    assert!(matches!(
        flow.finish(callback, pending).await,
        Err(ConnectError::Expired)
    ));
}

#[tokio::test]
async fn a_sealed_pending_request_survives_a_restart_and_prints_nothing() {
    let lab = Lab::new(1).await;
    let (url, pending) = lab.connect_flow().begin(Some(ADA));
    let kept = serde_json::to_string(&pending).unwrap();
    assert!(!format!("{pending:?}").contains(pending.state()));
    let pending = serde_json::from_str(&kept).unwrap();
    assert!(lab.finish((url, pending)).await.is_ok());
}

#[tokio::test]
async fn another_account_is_refused_on_reconnection() {
    let lab = Lab::new(1).await;
    lab.sim.add_user(UserSpec::new("eve@sender.example"));
    let first = lab
        .finish(lab.connect_flow().begin(Some(ADA)))
        .await
        .unwrap();
    let script = ConsentScript::OtherAccount("eve@sender.example".to_owned());
    lab.sim.script_consent(ADA, script).unwrap();
    let other = lab.finish(lab.connect_flow().reconnect(&first.sub)).await;
    assert!(matches!(other, Err(ConnectError::OtherAccount)));
    let same = lab
        .finish(lab.connect_flow().reconnect(&first.sub))
        .await
        .unwrap();
    assert_eq!(same.sub, first.sub);
}

#[tokio::test]
async fn signing_in_is_another_flow() {
    let lab = Lab::new(1).await;
    let flow = lab.sign_in_flow();
    lab.sim.sign_in(ADA).unwrap();
    let (mut url, pending) = flow.begin();
    url.query_pairs_mut().append_pair("login_hint", ADA);
    let callback = lab.browse(&url).await;
    let signed_in = flow.finish(callback, pending).await.unwrap();
    assert_eq!(signed_in.email.as_str(), ADA);
    assert!(signed_in.address_is_authoritative());

    let (mut url, pending) = flow.begin();
    url.query_pairs_mut().append_pair("login_hint", ADA);
    let callback = lab.browse(&url).await;
    let crossed = lab.connect_flow().finish(callback, pending).await;
    assert!(
        matches!(crossed, Err(ConnectError::State)),
        "a sign-in connects no mailbox"
    );
}

#[tokio::test]
async fn an_address_that_google_has_not_verified_is_no_sender() {
    let lab = Lab::new(2).await;
    lab.sim
        .change_user(ADA, |user| user.email_verified = false)
        .unwrap();
    let unverified = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
    assert!(
        matches!(unverified, Err(ConnectError::Missing(MissingPart::Email))),
        "{unverified:?}"
    );
    lab.sim
        .change_user(ADA, |user| user.email_verified = true)
        .unwrap();
    let verified = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
    assert!(verified.is_ok(), "{verified:?}");
}

#[tokio::test]
async fn a_key_server_that_fails_is_left_alone_for_a_while() {
    let lab = Lab::new(3).await;
    let away = FaultRule::new(Fault::Answer(Canned::Backend(503))).on("GET", "*/certs");
    lab.sim.add_fault(away);
    let flow = lab.connect_flow();
    let refused = async || {
        let (url, pending) = flow.begin(Some(ADA));
        let callback = lab.browse(&url).await;
        flow.finish(callback, pending).await.is_err()
    };
    for _ in 0..5 {
        assert!(refused().await);
    }
    assert_eq!(lab.calls("/certs"), 1, "five tokens, one question");
    // Twice as long after each failure: 5 s, 10 s, 20 s.
    for (seconds, calls) in [(4, 1), (1, 2), (9, 2), (1, 3), (19, 3), (1, 4)] {
        lab.advance(std::time::Duration::from_secs(seconds));
        assert!(refused().await);
        assert_eq!(lab.calls("/certs"), calls, "after {seconds} s more");
    }
    lab.sim.clear_faults();
    lab.advance(std::time::Duration::from_secs(40));
    assert!(!refused().await);
    assert!(!refused().await);
    assert_eq!(lab.calls("/certs"), 5, "and kept from then on");
}
