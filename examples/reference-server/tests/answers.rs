//! What the page of a conversation says, in words, of an answer that a person wrote by hand.

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

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use browsing::Pages;
use reqwest::StatusCode;
use serde_json::json;
use serving::{ADA, EVE, PATIENCE, send_one, serve_at, through_google};
use support::{Google, client, free_port};

/// The button that tries an answer again.
const AGAIN: &str = "Send it now";

async fn html(pages: &mut Pages, path: &str) -> String {
    pages.get(path).await.text().await.unwrap()
}

/// The page as soon as `is_right`.
async fn until(pages: &mut Pages, path: &str, is_right: impl Fn(&str) -> bool) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let page = html(pages, path).await;
        if is_right(&page) {
            return page;
        }
        assert!(Instant::now() < end, "{path} says {page}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The form of the first link or button that begins so, up to the next slash or quote.
fn address(page: &str, begins: &str) -> String {
    let (_, rest) = page.split_once(begins).unwrap();
    let end = rest.find(['"', '/']).unwrap();
    let path = begins.trim_start_matches(|c| c != '/');
    format!("{path}{}", &rest[..end])
}

/// A conversation with Eve, who has answered.
struct Talk {
    google: Google,
    pages: Pages,
    thread: String,
    lead: String,
    answers: u32,
}

impl Talk {
    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) {
        let (token, root) = (self.pages.token("/leads").await, self.pages.root.clone());
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        let done = self.pages.post(path, &root, &all).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "{path}");
    }

    /// Whatever is sent is answered so.
    async fn refuse(&self, fault: serde_json::Value) {
        let rule = json!({ "path": "*/messages/send", "when": "always", "fault": fault });
        self.google.post("/_sim/faults", rule).await;
    }

    async fn refuse_no_more(&self) {
        let url = format!("{}/faults", self.google.control.trim_end_matches('/'));
        client().delete(url).send().await.unwrap();
    }

    /// Writes an answer; returns its key, which tries it again.
    async fn write(&mut self) -> String {
        self.answers += 1;
        let key = format!("0190a000-0000-7000-8000-{:012}", self.answers);
        let text = format!("Gladly, for the {}th time.", self.answers);
        let path = format!("{}/reply", self.thread);
        self.post(&path, &[("key", &key), ("text", &text)]).await;
        key
    }

    async fn says(&mut self, words: &str) -> String {
        let thread = self.thread.clone();
        until(&mut self.pages, &thread, |page| page.contains(words)).await
    }

    /// Presses the button of a page, which is there, and waits until the answer went, on top of so many.
    async fn try_again(&mut self, page: &str, key: &str, words: &str, before: u64) {
        assert!(page.contains(AGAIN) && page.contains(key), "{page}");
        let path = format!("{}/reply", self.thread);
        self.post(&path, &[("key", key)]).await;
        let thread = self.thread.clone();
        let gone = until(&mut self.pages, &thread, |page| !page.contains(words)).await;
        let gone = if gone.contains("Waits to be sent.") {
            until(&mut self.pages, &thread, |page| !page.contains("Waits to")).await
        } else {
            gone
        };
        assert!(!gone.contains(AGAIN), "{gone}");
        assert_eq!(self.accepted().await, before + 1, "once");
    }

    async fn accepted(&self) -> u64 {
        let summary = self.google.get("/_sim/summary").await;
        summary["accepted"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn an_answer_by_hand_says_in_words_what_became_of_it_and_offers_only_what_is_safe() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let now = json!({ "set": jiff::Timestamp::now().to_string() });
    google.post("/_sim/clock", now).await;
    let root = format!("http://127.0.0.1:{}", free_port());
    let often = "[engine]\nsync_seconds = 1\n";
    let (_server, mut pages) = serve_at(&root, dir.path(), &google, "", often);
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let account = address(
        &html(&mut pages, "/mailboxes").await,
        "action=\"/mailboxes/mbx_",
    );
    let lead = send_one(&mut pages).await;
    until(&mut pages, &lead, |page| page.contains("was sent")).await;
    let raw = format!(
        "From: Eve <{EVE}>\r\nTo: {ADA}\r\nSubject: Re: Hello\r\n\
         Message-ID: <first@people.example>\r\n\r\nTell me more.\r\n"
    );
    let raw = URL_SAFE_NO_PAD.encode(raw);
    let mail = json!({ "account": ADA, "raw": raw, "junk": false });
    google.post("/_sim/deliver", mail).await;
    let inbox = until(&mut pages, "/inbox", |page| page.contains("Tell me more")).await;
    let thread = address(&inbox, "href=\"/inbox/thr_");
    let mut talk = Talk {
        google,
        pages,
        thread,
        lead,
        answers: 0,
    };

    // What Google calls invalid in a conversation may be the conversation's fault; without it, the same
    // mail stays invalid.
    talk.refuse(json!({ "answer": "bad_request400" })).await;
    let key = talk.write().await;
    let page = talk.says("Not sent: its conversation was deleted.").await;
    assert!(page.contains(AGAIN), "{page}");
    let path = format!("{}/reply", talk.thread);
    talk.post(&path, &[("key", &key)]).await;
    let page = talk.says("Not sent: the provider calls it invalid.").await;
    assert!(!page.contains(AGAIN), "{page}");
    talk.refuse_no_more().await;

    // Its owner deleted the conversation: said so, and it goes without the thread when asked again.
    talk.refuse(json!({ "answer": "not_found404" })).await;
    let key = talk.write().await;
    let words = "Not sent: its conversation was deleted.";
    let page = talk.says(words).await;
    talk.refuse_no_more().await;
    let before = talk.accepted().await;
    talk.try_again(&page, &key, words, before).await;

    // A pause is no refusal of Google's.
    talk.post(&format!("{account}/pause"), &[]).await;
    let key = talk.write().await;
    let words = "Waits: the mailbox does not send now (Paused).";
    let page = talk.says(words).await;
    assert!(!page.contains("permission was refused"), "{page}");
    // It may go as soon as the mailbox may, before anybody presses.
    let before = talk.accepted().await;
    talk.post(&format!("{account}/resume"), &[]).await;
    talk.try_again(&page, &key, words, before).await;

    // Somebody on the way says no: it may have gone, so there is nothing to press.
    talk.refuse(json!({ "answer": { "html": 404 } })).await;
    let before = talk.accepted().await;
    let key = talk.write().await;
    let words = "Nobody knows yet whether this went. It is looked for, and never sent twice.";
    let page = talk.says(words).await;
    assert!(!page.contains(AGAIN), "{page}");
    talk.refuse_no_more().await;
    let path = format!("{}/reply", talk.thread);
    talk.post(&path, &[("key", &key)]).await;

    // Somebody put her on the do-not-mail list.
    let stop = format!("{}/stop", talk.lead);
    talk.post(&stop, &[]).await;
    talk.write().await;
    let page = talk
        .says("Not sent: this person may not be written to.")
        .await;
    assert!(!page.contains(AGAIN), "{page}");
    assert!(page.contains(words), "still not known: {page}");
    assert_eq!(talk.accepted().await, before, "and sent by nobody's press");
}
