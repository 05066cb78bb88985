//! Connecting an account again, and taking its permission back, as its owner does in the browser.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::future_not_send,
    reason = "a test"
)]

#[path = "support/browsing.rs"]
mod browsing;
#[path = "support/serving.rs"]
mod serving;
mod support;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use browsing::Pages;
use jooper_testkit::dns::{DnsEmulator, DnsFault, DnsRecord};
use reqwest::{Response, StatusCode, header};
use serde_json::json;
use serving::{ADA, PATIENCE, send_one, serve, serve_at, start_campaign, through_google};
use support::{Google, Program, SERVER, client, free_port};

/// How many calls have met a fault.
async fn met(google: &Google) -> usize {
    let faults = google.get("/_sim/faults").await;
    faults["fired"].as_array().map_or(0, Vec::len)
}

/// The account's path, by the first form of its row.
async fn path(pages: &mut Pages) -> String {
    let html = pages.get("/mailboxes").await.text().await.unwrap();
    let (_, rest) = html.split_once("action=\"/mailboxes/mbx_").unwrap();
    format!("/mailboxes/mbx_{}", rest.split('/').next().unwrap())
}

/// Sends a form of the page; the answer, and what the page says after it.
async fn press(pages: &mut Pages, form: &str) -> Response {
    let (token, root) = (pages.token("/mailboxes").await, pages.root.clone());
    pages.post(form, &root, &[("csrf", &token)]).await
}

async fn page(pages: &mut Pages) -> String {
    pages.get("/mailboxes").await.text().await.unwrap()
}

/// To Google and back, as the form says and with nothing added.
async fn reconnect(pages: &mut Pages, form: &str) -> (String, Response) {
    let away = press(pages, form).await;
    assert_eq!(away.status(), StatusCode::SEE_OTHER);
    let there = away.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    let back = client().get(&there).send().await.unwrap();
    let back = back.headers()[header::LOCATION].to_str().unwrap();
    let path = back.strip_prefix(&pages.root).unwrap().to_owned();
    (there, pages.get(&path).await)
}

#[tokio::test]
async fn the_same_account_alone_is_connected_again_and_no_address_is_sent_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let account = path(&mut pages).await;
    press(&mut pages, &format!("{account}/disconnect")).await;
    assert!(page(&mut pages).await.contains("Disconnected"));

    let other = json!({
        "account": ADA, "script": { "other_account": "ben.sommer@northwind.example" },
    });
    google.post("/_sim/consent", other).await;
    let form = format!("{account}/reconnect");
    let (there, refused) = reconnect(&mut pages, &form).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT, "{there}");
    assert!(page(&mut pages).await.contains("Connect again"));

    let (there, back) = reconnect(&mut pages, &form).await;
    assert!(!there.contains("northwind"), "an address: {there}");
    assert!(there.contains("login_hint="), "{there}");
    assert_eq!(back.status(), StatusCode::SEE_OTHER);
    let html = page(&mut pages).await;
    assert!(html.contains("The mailbox is connected."), "{html}");
    assert_eq!(html.matches(ADA).count(), 6, "one row: {html}");
    assert_eq!(path(&mut pages).await, account, "the same mailbox");
}

#[tokio::test]
async fn a_mailbox_and_everything_are_paused_and_resumed_on_their_pages() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let account = path(&mut pages).await;
    press(&mut pages, &format!("{account}/pause")).await;
    let html = page(&mut pages).await;
    assert!(html.contains("No mail starts from it any more"), "{html}");
    assert!(html.contains(&format!("{account}/resume")), "{html}");
    assert!(!html.contains("Connect again"), "its grant is whole");
    press(&mut pages, &format!("{account}/resume")).await;
    let html = page(&mut pages).await;
    assert!(html.contains(&format!("{account}/pause")), "{html}");

    press(&mut pages, "/safety/pause").await;
    let safety = |html: &str, verb: &str| html.contains(&format!("/safety/{verb}"));
    let html = pages.get("/safety").await.text().await.unwrap();
    assert!(safety(&html, "resume") && !safety(&html, "pause"), "{html}");
    press(&mut pages, "/safety/resume").await;
    let html = pages.get("/safety").await.text().await.unwrap();
    assert!(safety(&html, "pause") && !safety(&html, "resume"), "{html}");
}

#[tokio::test]
async fn a_new_mailbox_is_told_and_its_owner_declares_that_it_is_not_new() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let html = page(&mut pages).await;
    assert!(html.contains("of 20: new, grows by a fifth"), "{html}");
    let account = path(&mut pages).await;
    let form = format!("{account}/season");
    assert_eq!(
        press(&mut pages, &form).await.status(),
        StatusCode::SEE_OTHER
    );
    let html = page(&mut pages).await;
    assert!(html.contains("Noted in your name: it is not new"), "{html}");
    // Its lane hears of it when it looks next.
    let began = Instant::now();
    while page(&mut pages).await.contains(&form) {
        assert!(began.elapsed() < PATIENCE, "still new");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The page of the lead as soon as it has such a button.
async fn until_there(pages: &mut Pages, lead: &str, button: &str) -> String {
    let form = format!("name=\"do\" value=\"{button}\"");
    let mut html = String::new();
    for _ in 0..400 {
        html = pages.get(lead).await.text().await.unwrap();
        if html.contains(&form) {
            return html;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no button {button}: {html}");
}

#[tokio::test]
async fn one_lead_is_paused_and_resumed_on_its_page() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let sequence = "name = \"One\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\n\
                    subject = \"Hello\"\nbody = \"Hello\"\n";
    let (lead, csrf) = start_campaign(&mut pages, sequence).await;
    let html = until_there(&mut pages, &lead, "pause").await;
    let (_, rest) = html.split_once("name=\"enrollment\" value=\"").unwrap();
    let enrollment = rest.split('"').next().unwrap().to_owned();
    let root = pages.root.clone();
    for (verb, next) in [("pause", "resume"), ("resume", "pause")] {
        let fields = [("csrf", &*csrf), ("enrollment", &enrollment), ("do", verb)];
        let form = format!("{lead}/step");
        let done = pages.post(&form, &root, &fields).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "{verb}");
        let html = until_there(&mut pages, &lead, next).await;
        let same = format!("name=\"do\" value=\"{verb}\"");
        assert!(!html.contains(&same), "{html}");
    }
}

#[tokio::test]
async fn a_permission_is_revoked_at_google_only_when_that_button_is_pressed() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    // A fault that changes nothing counts the calls.
    let count = json!({ "path": "*/revoke", "when": "always", "fault": { "slow_to_accept": 1 } });
    google.post("/_sim/faults", count.clone()).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let account = path(&mut pages).await;
    press(&mut pages, &format!("{account}/disconnect")).await;
    assert_eq!(met(&google).await, 0);
    let html = page(&mut pages).await;
    let notice = html.split("role=\"status\">").nth(1).unwrap();
    let notice = notice.split("</div>").next().unwrap();
    let link = "<a href=\"https://myaccount.google.com/permissions\"";
    assert!(
        notice.contains("Disconnected") && notice.contains(link),
        "{html}"
    );

    let (_, back) = reconnect(&mut pages, &format!("{account}/reconnect")).await;
    assert_eq!(back.status(), StatusCode::SEE_OTHER);
    assert!(page(&mut pages).await.contains("Connected"));
    let url = format!("{}/faults", google.control.trim_end_matches('/'));
    client().delete(&url).send().await.unwrap();
    let away = json!({
        "path": "*/revoke", "when": "always", "fault": { "answer": { "backend": 503 } },
    });
    google.post("/_sim/faults", away).await;
    let form = format!("{account}/revoke");
    press(&mut pages, &form).await;
    let html = page(&mut pages).await;
    assert!(
        html.contains("Google did not take the permission back"),
        "{html}"
    );
    assert!(html.contains("Held: not disconnected to the end"), "{html}");
    assert!(!html.contains("Paused"), "nobody paused it: {html}");
    for way in ["reconnect", "disconnect", "revoke"] {
        assert!(html.contains(&format!("{account}/{way}")), "{way}: {html}");
    }
    // A person's pause stands beside it, and behind a new grant.
    press(&mut pages, &format!("{account}/pause")).await;
    let html = page(&mut pages).await;
    assert!(html.contains("to the end, and paused"), "{html}");
    let (_, back) = reconnect(&mut pages, &format!("{account}/reconnect")).await;
    assert_eq!(back.status(), StatusCode::SEE_OTHER);
    let html = page(&mut pages).await;
    assert!(!html.contains("Held:"), "{html}");
    assert!(html.contains("A person paused it."), "{html}");
    client().delete(&url).send().await.unwrap();
    google.post("/_sim/faults", count).await;
    let before = met(&google).await;
    press(&mut pages, &form).await;
    let html = page(&mut pages).await;
    assert!(html.contains("taken back at Google"), "{html}");
    assert!(html.contains("Disconnected"), "{html}");
    assert_eq!(met(&google).await - before, 1);
}

#[tokio::test]
async fn a_pause_of_googles_is_shown_with_its_end_and_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let reason = "sent as much as it may";
    assert!(!page(&mut pages).await.contains(reason));
    let limit = json!({
        "path": "*/messages/send", "when": "always",
        "fault": { "answer": { "sending_limit429": 3_600_000 } },
    });
    google.post("/_sim/faults", limit).await;
    let lead = send_one(&mut pages).await;
    let begun = Instant::now();
    while !page(&mut pages).await.contains("Parked") {
        assert!(begun.elapsed() < PATIENCE, "{}", page(&mut pages).await);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let html = page(&mut pages).await;
    assert!(html.contains(reason), "{html}");
    assert!(html.contains("Until <time"), "{html}");
    let html = pages.get(&lead).await.text().await.unwrap();
    assert!(html.contains("sending limit is reached"), "{html}");
}

#[tokio::test]
async fn a_mailbox_whose_domain_proves_nothing_is_held_until_it_does() {
    let dns = DnsEmulator::start().await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let asks = format!(
        "[dns]\nservers = [\"{}\"]\ncheck_senders = true\n",
        dns.address()
    );
    let root = format!("http://127.0.0.1:{}", free_port());
    let (_server, mut pages) = serve_at(&root, dir.path(), &google, "", &asks);
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let html = page(&mut pages).await;
    for told in [
        "is connected, and held",
        "Held: its domain does not prove its mail",
        "v=spf1 include:_spf.google.com ~all",
        "google._domainkey.northwind.example",
        "_dmarc.northwind.example: v=DMARC1; p=none",
    ] {
        assert!(html.contains(told), "{told}: {html}");
    }
    let account = path(&mut pages).await;
    let check = format!("{account}/check");
    press(&mut pages, &check).await;
    let html = page(&mut pages).await;
    assert!(html.contains("something is missing still"), "{html}");

    let txt = |text: &str| [DnsRecord::Txt(text.to_owned())];
    dns.set(
        "northwind.example",
        txt("v=spf1 include:_spf.google.com ~all"),
    );
    dns.set("_spf.google.com", txt("v=spf1 ip4:74.125.0.0/16 ~all"));
    dns.set("_dmarc.northwind.example", txt("v=DMARC1; p=none"));
    let key = format!("v=DKIM1; k=rsa; p={}", "A".repeat(392));
    dns.set("google._domainkey.northwind.example", txt(&key));
    press(&mut pages, &check).await;
    let html = page(&mut pages).await;
    assert!(
        html.contains("Checked: its domain proves its mail"),
        "{html}"
    );
    assert!(!html.contains("Held:"), "{html}");

    // A DNS that does not answer changes nothing.
    dns.behave(DnsFault::Refuses);
    press(&mut pages, &check).await;
    let html = page(&mut pages).await;
    assert!(html.contains("What it said last stands"), "{html}");
    assert!(!html.contains("Held:"), "{html}");
}

/// What the doctor says, and whether it finds nothing wrong. The server must not run.
fn doctor(dir: &Path) -> (String, bool) {
    let config = dir.join("jooper.toml");
    let output = Command::new(SERVER)
        .args(["doctor", "--config", config.to_str().unwrap()])
        .env("JOOPER_PASSPHRASE", "a passphrase for tests")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (said, output.status.success())
}

fn stop(mut server: Program) {
    server.interrupt();
    server.wait(PATIENCE);
}

#[tokio::test]
async fn a_held_mailbox_is_let_go_once_nobody_checks_and_the_doctor_tells_how_it_stands() {
    let dns = DnsEmulator::start().await.unwrap();
    dns.behave(DnsFault::Refuses);
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let asks = format!(
        "[dns]\nservers = [\"{}\"]\ncheck_senders = true\n",
        dns.address()
    );
    let root = format!("http://127.0.0.1:{}", free_port());
    let (server, mut pages) = serve_at(&root, dir.path(), &google, "", &asks);
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let account = path(&mut pages).await;
    let release = format!("{account}/release");
    let html = page(&mut pages).await;
    assert!(html.contains("Held:") && !html.contains(&release), "{html}");
    stop(server);
    let (said, fine) = doctor(dir.path());
    for told in [
        "senders   their domains must prove their mail (SPF, DKIM, DMARC)",
        "it is held: the DNS has not answered about its domain yet",
    ] {
        assert!(!fine && said.contains(told), "{told}: {said}");
    }

    dns.behave(DnsFault::None);
    let (server, mut pages) = serve_at(&root, dir.path(), &google, "", &asks);
    press(&mut pages, &format!("{account}/check")).await;
    let early = press(&mut pages, &release).await;
    assert_eq!(early.status(), StatusCode::CONFLICT, "it is checked here");
    stop(server);
    let (said, fine) = doctor(dir.path());
    for told in [
        "it is held: its domain has no SPF record",
        "_dmarc.its domain",
    ] {
        assert!(!fine && said.contains(told), "{told}: {said}");
    }

    let (server, mut pages) = serve_at(&root, dir.path(), &google, "", "");
    let html = page(&mut pages).await;
    assert!(
        html.contains("Nobody checks domains here any more"),
        "{html}"
    );
    assert!(html.contains(&release), "{html}");
    stop(server);
    let (said, fine) = doctor(dir.path());
    for told in [
        "senders   nobody checks whether their domains prove their mail",
        "nobody checks that any more, so nothing lets it go",
    ] {
        assert!(!fine && said.contains(told), "{told}: {said}");
    }

    let (server, mut pages) = serve_at(&root, dir.path(), &google, "", "");
    let done = press(&mut pages, &release).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let html = page(&mut pages).await;
    assert!(html.contains("Noted in your name: it sends"), "{html}");
    assert!(
        !html.contains("Held:") && !html.contains(&release),
        "{html}"
    );
    let unknown = press(&mut pages, &format!("{account}/shout")).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    stop(server);
    let (said, fine) = doctor(dir.path());
    assert!(fine && said.contains("Nothing is wrong"), "{said}");
}
