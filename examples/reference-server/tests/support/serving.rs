//! `serve` with Google's simulator beside it, and one mail that it sends.

#![allow(dead_code, reason = "each test target uses its own part")]

use std::path::Path;
use std::time::Duration;

use reqwest::{StatusCode, header};

use crate::browsing::Pages;
use crate::support::{Google, Program, client, free_port};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ADA: &str = "ada.winter@northwind.example";
pub(crate) const EVE: &str = "eve@people.example";

/// Starts `serve` against a simulator, with further lines in its config file.
pub(crate) fn serve(dir: &Path, google: &Google, login: &str) -> (Program, Pages) {
    let root = format!("http://127.0.0.1:{}", free_port());
    serve_at(&root, dir, google, login, "")
}

/// The same at an address that is known before, with further sections.
pub(crate) fn serve_at(
    root: &str,
    dir: &Path,
    google: &Google,
    login: &str,
    more: &str,
) -> (Program, Pages) {
    serve_with(root, dir, google, login, ["", more])
}

/// The same with further lines above the sections, too.
pub(crate) fn serve_with(
    root: &str,
    dir: &Path,
    google: &Google,
    login: &str,
    [above, more]: [&str; 2],
) -> (Program, Pages) {
    let listen = root.trim_start_matches("http://");
    let at = google.url.trim_end_matches('/');
    let client = |callback: &str| {
        format!(
            "id = \"demo.apps.googleusercontent.com\"\nsecret = \"demo-secret\"\n\
             redirect_uri = \"{root}{callback}\"\n"
        )
    };
    let (mailbox, sign_in) = (client("/oauth/callback"), client("/login/callback"));
    let text = format!(
        r#"
        directory = "{}"
        listen = "{listen}"
        public_url = "{root}/"
        {above}
        [login]
        {login}
        [identity]
        name = "Example"
        legal_name = "Example GmbH"
        postal_address = "Hauptstr. 1, 10115 Berlin"
        privacy_url = "https://example.com/privacy"
        [google.mailbox]
        {mailbox}
        [google.sign_in]
        {sign_in}
        [google.endpoints]
        authorize = "{at}/o/oauth2/v2/auth"
        token = "{at}/token"
        revoke = "{at}/revoke"
        jwks = "{at}/oauth2/v3/certs"
        userinfo = "{at}/v1/userinfo"
        gmail = "{at}/gmail/v1/"
        {more}
        "#,
        dir.join("home").display()
    );
    let config = dir.join("jooper.toml");
    std::fs::write(&config, text).unwrap();
    let arguments = ["serve", "--config", config.to_str().unwrap()];
    let passphrase = [("JOOPER_PASSPHRASE", "a passphrase for tests")];
    let program = Program::start_with(&arguments, "jooper_sequence=debug", &passphrase);
    program.says("Serving", PATIENCE);
    (program, Pages::new(root))
}

/// Follows a form to Google, chooses an account there, and comes back.
pub(crate) async fn through_google(
    pages: &mut Pages,
    form: &str,
    page: &str,
    who: &str,
) -> reqwest::Response {
    let (token, root) = (pages.token(page).await, pages.root.clone());
    let away = pages.post(form, &root, &[("csrf", &token)]).await;
    assert_eq!(away.status(), StatusCode::SEE_OTHER, "{form}");
    let there = away.headers()[header::LOCATION].to_str().unwrap();
    let chosen = format!("{there}&login_hint={who}");
    let back = client().get(chosen).send().await.unwrap();
    let back = back.headers()[header::LOCATION].to_str().unwrap();
    let path = back.strip_prefix(&root).unwrap().to_owned();
    pages.get(&path).await
}

/// Presses "Send now" as soon as the page has it; in Berlin's office hours the mail may go by itself.
pub(crate) async fn send_now(pages: &mut Pages, lead: &str, csrf: &str) {
    let root = pages.root.clone();
    for _ in 0..200 {
        let html = pages.get(lead).await.text().await.unwrap();
        if html.contains("name=\"node\"") {
            let value = |name: &str| {
                let name = format!("name=\"{name}\" value=\"");
                let (_, rest) = html.split_once(&name).unwrap();
                rest.split('"').next().unwrap().to_owned()
            };
            let [enrollment, version, node] = ["enrollment", "version", "node"].map(value);
            let now = [
                ("csrf", csrf),
                ("enrollment", &enrollment),
                ("version", &version),
                ("node", &node),
                ("do", "now"),
            ];
            pages.post(&format!("{lead}/step"), &root, &now).await;
            return;
        }
        if html.contains("was sent") {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nothing can be sent");
}

/// Writes to [`EVE`] from the one connected mailbox, at once; returns the page of the lead.
pub(crate) async fn send_one(pages: &mut Pages) -> String {
    let sequence =
        "name = \"One\"\n[[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"Hello\"\n";
    let (lead, csrf) = start_campaign(pages, sequence).await;
    // Whatever day of the week it is.
    send_now(pages, &lead, &csrf).await;
    lead
}

/// A time zone in which the day is far from its end: what somebody wants now is wanted today.
fn where_it_is_noon() -> String {
    let hour = jiff::tz::TimeZone::UTC
        .to_datetime(jiff::Timestamp::now())
        .hour();
    // Zones of this kind count westwards.
    format!("Etc/GMT{:+}", hour - 12)
}

/// Imports [`EVE`] and starts a campaign to her; returns the page of the lead and a token.
pub(crate) async fn start_campaign(pages: &mut Pages, sequence: &str) -> (String, String) {
    let root = pages.root.clone();
    let token = pages.token("/leads").await;
    let csv = format!(
        "Email,Country,Time zone,Legal basis,Consent source,Consent date,Consent proof,Notice version\n\
         eve@people.example,DE,{},consent,form,2026-10-01,row 1,v1\n",
        where_it_is_noon()
    );
    let (status, html) = pages.upload(&token, &csv).await;
    assert_eq!(status, StatusCode::OK, "{html}");

    let html = pages.get("/campaigns/new").await.text().await.unwrap();
    let value = |name: &str| {
        let (_, rest) = html
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (csrf, mailbox) = (value("csrf"), value("mailbox"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "One"),
        ("mailbox", &mailbox),
        ("zone", "UTC"),
        ("daily_cap", "40"),
        ("sequence", sequence),
    ];
    let draft = pages.post("/campaigns/new", &root, &fields).await;
    let draft = draft.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    let started = pages
        .post(&format!("{draft}/start"), &root, &[("csrf", &csrf)])
        .await;
    assert!(!started.status().is_server_error() && !started.status().is_client_error());
    let leads = pages.get("/leads").await.text().await.unwrap();
    let (_, rest) = leads.split_once("href=\"/leads/lead_").unwrap();
    let lead = format!("/leads/lead_{}", rest.split('"').next().unwrap());
    (lead, csrf)
}
