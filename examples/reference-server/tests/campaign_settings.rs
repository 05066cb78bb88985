//! The settings of a campaign that runs, changed on their page.

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

use std::time::Duration;

use browsing::Pages;
use reqwest::{Response, StatusCode};
use serde_json::json;
use serving::{ADA, serve, start_campaign, through_google};
use support::Google;

/// What the page has in a field.
fn value(html: &str, field: &str) -> String {
    let name = format!("name=\"{field}\"");
    let (_, rest) = html.split_once(&name).expect(field);
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Sends the form as it stands, with other values in some fields.
async fn send(pages: &mut Pages, form: &str, html: &str, other: &[(&str, &str)]) -> Response {
    let root = pages.root.clone();
    let names = [
        "csrf",
        "known",
        "name",
        "mailbox",
        "zone",
        "daily_cap",
        "day1",
        "day2",
        "day3",
        "day4",
        "day5",
        "day6",
        "day7",
    ];
    let fields = names.map(|name| {
        let given = other.iter().find(|(known, _)| *known == name);
        let value = given.map_or_else(|| value(html, name), |(_, value)| (*value).to_owned());
        (name, value)
    });
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    pages.post(form, &root, &fields).await
}

/// Reads a page until it says so.
async fn until_it_says(pages: &mut Pages, path: &str, words: &str) {
    let mut html = String::new();
    for _ in 0..400 {
        html = pages.get(path).await.text().await.unwrap();
        if html.contains(words) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never says {words}: {html}");
}

#[tokio::test]
async fn a_running_campaign_is_changed_on_its_page_and_its_people_are_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let (_server, mut pages) = serve(dir.path(), &google, "");
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let sequence = "name = \"One\"\n[[step]]\nwait = \"30 days\"\n[[step.variant]]\n\
                    subject = \"Hello\"\nbody = \"Hello\"\n";
    let (lead, _) = start_campaign(&mut pages, sequence).await;
    until_it_says(&mut pages, &lead, "Mail 1 goes at").await;
    let home = pages.get("/").await.text().await.unwrap();
    let (_, rest) = home.split_once("href=\"/campaigns/cmp_").unwrap();
    let campaign = format!("/campaigns/cmp_{}", rest.split('"').next().unwrap());
    let form = format!("{campaign}/settings");
    let html = pages.get(&campaign).await.text().await.unwrap();
    assert!(html.contains(&form), "{html}");

    let before = pages.get(&form).await.text().await.unwrap();
    let wrong = [("day2", "ten to eleven")];
    let refused = send(&mut pages, &form, &before, &wrong).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("Tuesday: `ten to eleven`"), "{refused}");
    let nobody = [("mailbox", "")];
    let refused = send(&mut pages, &form, &before, &nobody).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);

    let night: Vec<String> = (1..=7).map(|day| format!("day{day}")).collect();
    let mut other: Vec<_> = night.iter().map(|day| (&**day, "02:00-02:30")).collect();
    other.push(("daily_cap", "7"));
    let done = send(&mut pages, &form, &before, &other).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let after = pages.get(&form).await.text().await.unwrap();
    assert_eq!(value(&after, "daily_cap"), "7");
    assert_eq!(value(&after, "day7"), "02:00-02:30");
    // The page from before knows nothing of it.
    let late = send(&mut pages, &form, &before, &[("daily_cap", "9")]).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);

    until_it_says(&mut pages, &lead, "settings were changed").await;
}
