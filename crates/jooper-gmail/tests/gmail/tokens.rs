//! The life of an access token, and every death of a grant.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::join_all;
use jooper_core::{NotSentReason, Sleeper};
use jooper_gmail::{ConnectError, Gmail, Grant, MissingPart};
use jooper_testkit::google::{Canned, ConsentScript, DeathCause, Fault, FaultRule, When};
use jooper_transport::{
    CredentialStore, Credentials, HttpClient, HttpError, HttpRequest, Inbox, MailboxRef,
    MemoryCredentialStore, Outcome, Transport, TransportError,
};

use crate::lab::{ADA, Lab};

const HOUR: Duration = Duration::from_secs(3_600);

fn not_sent(reason: NotSentReason) -> Outcome {
    let retry_at = None;
    Outcome::NotSent { reason, retry_at }
}

#[tokio::test]
async fn an_old_token_is_renewed_once_for_all_who_wait() {
    let lab = Lab::new(1).await;
    let mailbox = lab.connect(ADA).await;
    let connected = lab.calls("/token");
    lab.advance(HOUR);
    let readers = join_all((0..8).map(|_| lab.gmail.baseline(mailbox))).await;
    assert!(readers.iter().all(Result::is_ok), "{readers:?}");
    assert_eq!(lab.calls("/token") - connected, 1);
    let stored = lab.credentials.load(mailbox).await.unwrap().unwrap();
    assert_eq!(stored.version, 2, "written once");
}

#[tokio::test]
async fn processes_that_renew_at_once_agree_on_one_token() {
    let lab = Lab::new(2).await;
    let mailbox = lab.connect(ADA).await;
    lab.advance(HOUR);
    let processes: Vec<_> = (0..4).map(|_| lab.restarted()).collect();
    let all = join_all(processes.iter().map(|gmail| gmail.baseline(mailbox))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let stored = lab.credentials.load(mailbox).await.unwrap().unwrap();
    assert_eq!(
        stored.version, 2,
        "the others lost the race and used what was there"
    );
}

/// Another process, which has renewed where refresh tokens rotate, and writes what it got.
#[derive(Debug)]
struct Winner {
    store: Arc<MemoryCredentialStore>,
    mailbox: MailboxRef,
    got: Mutex<Option<Credentials>>,
    http: Arc<dyn HttpClient>,
    /// Whether it writes only after the loser was refused.
    late: bool,
}

impl Winner {
    async fn write(&self) {
        let Some(got) = self.got.lock().unwrap().take() else {
            return;
        };
        let stored = self.store.load(self.mailbox).await.unwrap().unwrap();
        let saved = self.store.save(self.mailbox, Some(stored.version), &got);
        saved.await.unwrap();
    }
}

#[async_trait]
impl HttpClient for Winner {
    async fn execute(&self, request: HttpRequest) -> Result<http::Response<Bytes>, HttpError> {
        if !self.late && request.request.uri().path() == "/token" {
            self.write().await;
        }
        self.http.execute(request).await
    }
}

#[async_trait]
impl Sleeper for Winner {
    async fn sleep(&self, _: Duration) {
        self.write().await;
    }
}

#[tokio::test]
async fn a_lost_race_for_a_token_that_rotates_is_no_dead_grant() {
    for (late, with_access, asked) in [(false, true, 1), (true, true, 1), (true, false, 2)] {
        let lab = Lab::new(15).await;
        let mailbox = lab.connect(ADA).await;
        lab.advance(HOUR);
        let connected = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
        let mut got = connected.unwrap().tokens.into_credentials();
        if !with_access {
            got.access_token = None;
        }
        let kill = Fault::KillGrant(DeathCause::UserRevoked);
        lab.sim
            .add_fault(FaultRule::new(kill).on("POST", "/token").times(1));
        let winner = Arc::new(Winner {
            store: lab.credentials.clone(),
            mailbox,
            got: Mutex::new(Some(got)),
            http: lab.http.clone(),
            late,
        });
        let gmail = Gmail::new(
            lab.settings.clone(),
            winner.clone(),
            lab.credentials.clone(),
            lab.clock.clone(),
            winner.clone(),
        );
        let before = lab.calls("/token");
        let read = gmail.baseline(mailbox).await;
        assert!(read.is_ok(), "{late} {with_access}: {read:?}");
        assert_eq!(lab.calls("/token") - before, asked, "{late} {with_access}");
        assert!(gmail.baseline(mailbox).await.is_ok());
    }
}

#[tokio::test]
async fn a_new_connection_outlives_the_grant_that_died_before_it() {
    let lab = Lab::new(3).await;
    let mailbox = lab.connect(ADA).await;
    lab.sim.end_grants(ADA, DeathCause::UserRevoked).unwrap();
    lab.advance(HOUR);
    let dead = lab.gmail.baseline(mailbox).await;
    assert!(matches!(dead, Err(TransportError::NeedsReauth)), "{dead:?}");
    // As the engine disconnects; the versions of stored tokens begin anew.
    lab.credentials.delete(mailbox).await.unwrap();
    lab.connect_as(mailbox, ADA).await;
    let read = lab.gmail.baseline(mailbox).await;
    assert!(read.is_ok(), "{read:?}");
}

#[tokio::test]
async fn every_death_of_a_grant_ends_in_one_state_that_asks_nobody_again() {
    for cause in [
        DeathCause::UserRevoked,
        DeathCause::Unused,
        DeathCause::PasswordChange,
        DeathCause::TokenLimit,
        DeathCause::AdminPolicy,
        DeathCause::GrantExpired,
        DeathCause::SessionControl,
        DeathCause::Testing,
        DeathCause::AccountDeleted,
    ] {
        let lab = Lab::new(3).await;
        let mailbox = lab.connect(ADA).await;
        lab.sim.end_grants(ADA, cause).unwrap();
        lab.advance(HOUR);
        let dead = lab.gmail.evidence_base(mailbox).await;
        assert!(
            matches!(dead, Err(TransportError::NeedsReauth)),
            "{cause:?}: {dead:?}"
        );
        let asked = lab.calls("/token");
        for _ in 0..3 {
            let dead = lab.gmail.baseline(mailbox).await;
            assert!(
                matches!(dead, Err(TransportError::NeedsReauth)),
                "{cause:?}: {dead:?}"
            );
        }
        let outcome = lab
            .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "t"))
            .await;
        let unauthorized = Outcome::NotSent {
            reason: NotSentReason::Unauthorized,
            retry_at: None,
        };
        assert_eq!(outcome, unauthorized, "{cause:?}");
        assert_eq!(
            lab.calls("/token"),
            asked,
            "{cause:?}: never again until it is reconnected"
        );

        let connected = lab
            .finish(lab.connect_flow().begin(Some(ADA)))
            .await
            .unwrap();
        let version = lab
            .credentials
            .load(mailbox)
            .await
            .unwrap()
            .unwrap()
            .version;
        let fresh = connected.tokens.into_credentials();
        lab.credentials
            .save(mailbox, Some(version), &fresh)
            .await
            .unwrap();
        assert!(
            lab.gmail.baseline(mailbox).await.is_ok(),
            "{cause:?}: alive again"
        );
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_then_given_up() {
    let lab = Lab::new(4).await;
    let mailbox = lab.connect(ADA).await;
    lab.sim.add_fault(
        FaultRule::new(Fault::ExpireAccess)
            .on("GET", "*/profile")
            .times(1),
    );
    assert!(lab.gmail.baseline(mailbox).await.is_ok());
    assert_eq!((lab.calls("/profile"), lab.calls("/token")), (2, 2));
    lab.sim
        .add_fault(FaultRule::new(Fault::Answer(Canned::Credentials401)).on("GET", "*/profile"));
    let dead = lab.gmail.baseline(mailbox).await;
    assert!(matches!(dead, Err(TransportError::NeedsReauth)), "{dead:?}");
}

#[tokio::test]
async fn a_token_refused_at_a_send_is_not_retried_but_renewed_for_the_next() {
    let lab = Lab::new(5).await;
    let mailbox = lab.connect(ADA).await;
    lab.gmail.evidence_base(mailbox).await.unwrap();
    lab.sim
        .add_fault(FaultRule::new(Fault::ExpireAccess).on_send().times(1));
    let outcome = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "t"))
        .await;
    assert_eq!(outcome, not_sent(NotSentReason::TokenRefused));
    assert_eq!(lab.calls("messages/send"), 1);
    let outcome = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "q@firm.example", "u"))
        .await;
    assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
    assert_eq!(lab.accepted("t"), 0);
}

#[tokio::test]
async fn two_tokens_refused_at_sends_in_a_row_end_the_grant_and_one_does_not() {
    let lab = Lab::new(12).await;
    let mailbox = lab.connect(ADA).await;
    let refusal = || FaultRule::new(Fault::Answer(Canned::Credentials401)).on_send();
    let send = |token: &'static str| {
        let mail = lab.mail(ADA, "p@firm.example", token);
        lab.send(&lab.gmail, mailbox, mail)
    };
    // With a send in between that was taken, a second refusal is a first one.
    for token in ["a", "b"] {
        lab.sim.add_fault(refusal().times(1));
        assert_eq!(send(token).await, not_sent(NotSentReason::TokenRefused));
        let sent = send("between").await;
        assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
    }
    lab.sim.add_fault(refusal());
    let asked = lab.calls("/token");
    assert_eq!(send("c").await, not_sent(NotSentReason::TokenRefused));
    assert_eq!(send("d").await, not_sent(NotSentReason::Unauthorized));
    assert_eq!(lab.calls("/token") - asked, 1, "renewed once");
    let posts = lab.calls("messages/send");
    assert_eq!(send("e").await, not_sent(NotSentReason::Unauthorized));
    assert_eq!(lab.calls("messages/send"), posts, "nobody is asked again");
    let dead = lab.gmail.baseline(mailbox).await;
    assert!(matches!(dead, Err(TransportError::NeedsReauth)), "{dead:?}");
}

#[tokio::test]
async fn a_mailbox_whose_reading_is_refused_later_sends_on_blind() {
    let lab = Lab::new(13).await;
    let mailbox = lab.connect(ADA).await;
    let refusal = FaultRule::new(Fault::Answer(Canned::Scope403)).on("GET", "*/users/me/*");
    lab.sim.add_fault(refusal);
    assert_eq!(lab.gmail.evidence_base(mailbox).await.unwrap().0, "");
    let blind = lab.gmail.baseline(mailbox).await;
    assert!(
        matches!(blind, Err(TransportError::Forbidden(_))),
        "{blind:?}"
    );
    let asked = lab.calls("/users/me/");
    assert!(lab.gmail.baseline(mailbox).await.is_err());
    assert_eq!(lab.calls("/users/me/"), asked, "known by now");
    let sent = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "t"))
        .await;
    assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
}

#[tokio::test]
async fn an_administrators_no_closes_the_account() {
    let lab = Lab::new(14).await;
    let mailbox = lab.connect(ADA).await;
    let refusal = FaultRule::new(Fault::Answer(Canned::DomainPolicy403)).on("GET", "*/users/me/*");
    lab.sim.add_fault(refusal);
    let closed = lab.gmail.baseline(mailbox).await;
    assert!(
        matches!(closed, Err(TransportError::Blocked(_))),
        "{closed:?}"
    );
}

#[tokio::test]
async fn a_failing_token_endpoint_is_tried_again_and_kills_no_grant() {
    for canned in [
        Canned::Backend(503),
        Canned::Html(502),
        Canned::Html(400),
        Canned::ForeignJson(400),
        Canned::Empty(500),
        Canned::TooMany429(None),
    ] {
        let lab = Lab::new(6).await;
        let mailbox = lab.connect(ADA).await;
        lab.advance(HOUR);
        let rule = FaultRule::new(Fault::Answer(canned.clone())).on("POST", "/token");
        let id = lab.sim.add_fault(rule.clone().times(2));
        assert!(
            lab.gmail.baseline(mailbox).await.is_ok(),
            "{canned:?}: the third try works"
        );
        lab.sim.remove_fault(id);
        lab.advance(HOUR);
        lab.sim.add_fault(rule);
        let away = lab.gmail.baseline(mailbox).await;
        let passing = matches!(
            away,
            Err(TransportError::Unavailable | TransportError::RateLimited { .. })
        );
        assert!(passing, "{canned:?}: {away:?}");
        lab.sim.clear_faults();
        assert!(
            lab.gmail.baseline(mailbox).await.is_ok(),
            "{canned:?}: still alive"
        );
    }
}

#[tokio::test]
async fn a_wrong_client_secret_is_no_dead_grant() {
    let lab = Lab::new(7).await;
    let mailbox = lab.connect(ADA).await;
    lab.advance(HOUR);
    lab.sim.add_fault(
        FaultRule::new(Fault::Answer(Canned::OAuth {
            status: 401,
            error: "invalid_client".to_owned(),
            description: "Unauthorized".to_owned(),
            subtype: None,
        }))
        .on("POST", "/token"),
    );
    let refused = lab.gmail.baseline(mailbox).await;
    assert!(
        matches!(refused, Err(TransportError::Protocol(_))),
        "{refused:?}"
    );
    lab.sim.clear_faults();
    assert!(lab.gmail.baseline(mailbox).await.is_ok());
}

#[tokio::test]
async fn a_scope_that_shrinks_is_seen_at_the_next_renewal() {
    let lab = Lab::new(8).await;
    let mailbox = lab.connect(ADA).await;
    lab.advance(HOUR);
    let shrink = Fault::ShrinkScope(jooper_gmail::GMAIL_SEND.to_owned());
    lab.sim.add_fault(
        FaultRule::new(shrink)
            .on("POST", "/token")
            .when(When::Nth(1)),
    );
    let base = lab.gmail.evidence_base(mailbox).await;
    assert!(
        matches!(base, Err(TransportError::Forbidden(_))),
        "{base:?}"
    );
    assert!(
        lab.gmail.baseline(mailbox).await.is_ok(),
        "reading still works"
    );
    let outcome = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "t"))
        .await;
    assert_eq!(
        outcome,
        Outcome::NotSent {
            reason: NotSentReason::Forbidden,
            retry_at: None
        }
    );
    assert_eq!(lab.calls("messages/send"), 0);
}

#[tokio::test]
async fn a_mailbox_that_may_only_send_sends_and_says_that_it_sees_nothing() {
    let lab = Lab::new(9).await;
    let unticked = vec![jooper_gmail::GMAIL_READONLY.to_owned()];
    lab.sim
        .script_consent(ADA, ConsentScript::Untick(unticked))
        .unwrap();
    let mailbox = lab.connect(ADA).await;
    assert_eq!(lab.gmail.evidence_base(mailbox).await.unwrap().0, "");
    let outcome = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "t"))
        .await;
    assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
    let stranger = lab.mail("ceo@sender.example", "q@firm.example", "u");
    let outcome = lab.send(&lab.gmail, mailbox, stranger).await;
    assert_eq!(
        outcome,
        Outcome::NotSent {
            reason: NotSentReason::Invalid,
            retry_at: None
        }
    );
    let blind = lab.gmail.baseline(mailbox).await;
    assert!(
        matches!(blind, Err(TransportError::Forbidden(_))),
        "{blind:?}"
    );
    let attempt = lab.attempt(mailbox, "p@firm.example", "t", None);
    let found = lab.gmail.reconcile(&attempt).await.unwrap();
    assert_eq!(found, jooper_transport::Reconciliation::Inconclusive);
}

#[tokio::test]
async fn a_token_answer_says_what_is_missing() {
    let without = |lab: &Lab, field: &str| {
        lab.sim.clear_faults();
        let fault = Fault::OmitFields(vec![field.to_owned()]);
        lab.sim
            .add_fault(FaultRule::new(fault).on("POST", "/token"));
    };
    let lab = Lab::new(10).await;
    without(&lab, "refresh_token");
    let connected = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
    let Err(ConnectError::Missing(MissingPart::RefreshToken)) = connected else {
        panic!("{connected:?}")
    };
    without(&lab, "scope");
    let connected = lab
        .finish(lab.connect_flow().begin(Some(ADA)))
        .await
        .unwrap();
    assert_eq!(
        connected.grant,
        Grant::Full,
        "left out: as asked (RFC 6749 section 5.1)"
    );
    assert!(!connected.grant_is_named, "and nobody said so");
    without(&lab, "id_token");
    let connected = lab
        .finish(lab.connect_flow().begin(Some(ADA)))
        .await
        .unwrap();
    assert!(connected.grant_is_named);
    assert_eq!(connected.email.as_str(), ADA, "userinfo says it");
    lab.sim
        .add_fault(FaultRule::new(Fault::Answer(Canned::NotFound404)).on("GET", "*/userinfo"));
    let connected = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
    assert!(
        matches!(connected, Err(ConnectError::Missing(MissingPart::Identity))),
        "{connected:?}"
    );
    without(&lab, "expires_in");
    let connected = lab.finish(lab.connect_flow().begin(Some(ADA))).await;
    assert!(connected.is_ok(), "{connected:?}");
}

#[tokio::test]
async fn a_disconnected_mailbox_has_no_tokens_and_no_grant_is_revoked() {
    let lab = Lab::new(11).await;
    let mailbox = lab.connect(ADA).await;
    let other = lab.connect(ADA).await;
    lab.gmail.disconnect(mailbox).await.unwrap();
    assert!(lab.credentials.load(mailbox).await.unwrap().is_none());
    let gone = lab.gmail.baseline(mailbox).await;
    assert!(
        matches!(gone, Err(TransportError::Credentials(None))),
        "{gone:?}"
    );
    assert_eq!(lab.calls("/revoke"), 0);
    lab.advance(HOUR);
    assert!(
        lab.gmail.baseline(other).await.is_ok(),
        "another row of the same person lives"
    );

    lab.gmail.revoke_and_disconnect(other).await.unwrap();
    assert_eq!(lab.calls("/revoke"), 1);
    assert!(lab.credentials.load(other).await.unwrap().is_none());
    lab.gmail.revoke_and_disconnect(other).await.unwrap();
}

#[tokio::test]
async fn only_google_s_own_word_says_that_a_grant_has_ended() {
    let lab = Lab::new(13).await;
    let mailbox = lab.connect(ADA).await;
    for canned in [
        Canned::Html(400),
        Canned::ForeignJson(400),
        Canned::Empty(403),
        Canned::Html(503),
    ] {
        let rule = FaultRule::new(Fault::Answer(canned.clone())).on("POST", "*/revoke");
        lab.sim.add_fault(rule.times(1));
        let refused = lab.gmail.revoke_and_disconnect(mailbox).await;
        assert!(
            matches!(refused, Err(TransportError::Unavailable)),
            "{canned:?}: {refused:?}"
        );
        assert!(lab.gmail.baseline(mailbox).await.is_ok(), "{canned:?}");
    }
    lab.sim.end_grants(ADA, DeathCause::UserRevoked).unwrap();
    lab.gmail.revoke_and_disconnect(mailbox).await.unwrap();
    assert!(lab.credentials.load(mailbox).await.unwrap().is_none());
}

#[tokio::test]
async fn a_grant_that_was_ended_here_is_used_no_more_however_long_google_takes() {
    let lab = Lab::new(14).await;
    let mailbox = lab.connect(ADA).await;
    lab.gmail.baseline(mailbox).await.unwrap();
    let asked = (lab.calls("/gmail/v1"), lab.calls("/token"));
    let done = FaultRule::new(Fault::Answer(Canned::Empty(200))).on("POST", "*/revoke");
    lab.sim.add_fault(done);
    lab.gmail.revoke(mailbox).await.unwrap();
    let dead = lab.gmail.baseline(mailbox).await;
    assert!(matches!(dead, Err(TransportError::NeedsReauth)), "{dead:?}");
    let now = (lab.calls("/gmail/v1"), lab.calls("/token"));
    assert_eq!(now, asked, "although Google would still answer");
}

#[tokio::test]
async fn the_own_address_is_asked_for_with_a_token_that_is_renewed_once_and_then_given_up() {
    let lab = Lab::new(15).await;
    let unticked = vec![jooper_gmail::GMAIL_READONLY.to_owned()];
    let script = ConsentScript::Untick(unticked);
    lab.sim.script_consent(ADA, script).unwrap();
    let mailbox = lab.connect(ADA).await;
    let refusal = || FaultRule::new(Fault::Answer(Canned::Credentials401)).on("GET", "*/userinfo");
    lab.sim.add_fault(refusal().times(1));
    let asked = lab.calls("/token");
    let base = lab.gmail.evidence_base(mailbox).await;
    assert!(base.is_ok(), "{base:?}");
    assert_eq!(lab.calls("/token") - asked, 1, "renewed once");
    lab.advance(HOUR + HOUR);
    for canned in [Canned::Html(401), Canned::Html(404), Canned::Backend(503)] {
        let away = FaultRule::new(Fault::Answer(canned.clone())).on("GET", "*/userinfo");
        let id = lab.sim.add_fault(away);
        let base = lab.gmail.evidence_base(mailbox).await;
        assert!(
            matches!(base, Err(TransportError::Unavailable)),
            "{canned:?}: {base:?}"
        );
        lab.sim.remove_fault(id);
    }
    lab.sim.add_fault(refusal());
    let dead = lab.gmail.evidence_base(mailbox).await;
    assert!(matches!(dead, Err(TransportError::NeedsReauth)), "{dead:?}");
}

#[tokio::test]
async fn a_mailbox_without_settings_has_the_address_of_its_profile() {
    let lab = Lab::new(16).await;
    let mailbox = lab.connect(ADA).await;
    let away = FaultRule::new(Fault::Answer(Canned::NotFound404));
    lab.sim.add_fault(away.clone().on("GET", "*/sendAs"));
    lab.sim.add_fault(away.on("GET", "*/userinfo"));
    let mail = lab.mail(ADA, "p@firm.example", "t");
    let sent = lab.send(&lab.gmail, mailbox, mail).await;
    assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
    assert_eq!(lab.calls("/userinfo"), 0);
}
