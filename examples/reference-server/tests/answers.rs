//! What the page of a conversation says: of what arrived, and of an answer that a person wrote by hand.

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
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use browsing::Pages;
use reqwest::{StatusCode, header};
use serde_json::json;
use serving::{ADA, EVE, PATIENCE, send_one, serve_at, through_google};
use support::{Google, Program, client, free_port};

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

/// A mail that arrives at the mailbox.
async fn deliver(google: &Google, raw: &str) {
    let raw = URL_SAFE_NO_PAD.encode(raw);
    let mail = json!({ "account": ADA, "raw": raw, "junk": false });
    google.post("/_sim/deliver", mail).await;
}

/// A mail of Eve's that answers ours, with further header lines.
fn from_eve(id: &str, more: &str, body: &str) -> String {
    format!(
        "From: Eve <{EVE}>\r\nTo: {ADA}\r\nSubject: Re: Hello\r\nMessage-ID: <{id}@people.example>\r\n\
         {more}\r\n{body}\r\n"
    )
}

/// A conversation with Eve, who has answered.
struct Talk {
    google: Google,
    _server: Program,
    pages: Pages,
    account: String,
    thread: String,
    lead: String,
    answers: u32,
}

impl Talk {
    /// Eve was written to, and this is her answer.
    async fn begin(dir: &Path, answer: &str) -> Self {
        let google = Google::start(dir, 1);
        let now = json!({ "set": jiff::Timestamp::now().to_string() });
        google.post("/_sim/clock", now).await;
        let root = format!("http://127.0.0.1:{}", free_port());
        let often = "[engine]\nsync_seconds = 1\n";
        let (server, mut pages) = serve_at(&root, dir, &google, "", often);
        through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
        let account = address(
            &html(&mut pages, "/mailboxes").await,
            "action=\"/mailboxes/mbx_",
        );
        let lead = send_one(&mut pages).await;
        until(&mut pages, &lead, |page| page.contains("was sent")).await;
        deliver(&google, answer).await;
        let answered = |page: &str| page.contains("href=\"/inbox/thr_");
        let inbox = until(&mut pages, "/inbox", answered).await;
        let thread = address(&inbox, "href=\"/inbox/thr_");
        Self {
            google,
            _server: server,
            pages,
            account,
            thread,
            lead,
            answers: 0,
        }
    }

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
    let mut talk = Talk::begin(dir.path(), &from_eve("first", "", "Tell me more.")).await;
    let account = talk.account.clone();

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

#[tokio::test]
async fn what_arrives_is_shown_with_its_kind_its_sense_and_why_it_was_judged_so() {
    let dir = tempfile::tempdir().unwrap();
    let letter = "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
        <p>What does it <b>cost</b>?</p><img src=\"https://t.example/p.gif\"><script>x()</script>\r\n\
        --b\r\nContent-Type: application/pdf\r\n\
        Content-Disposition: attachment; filename=\"../needs.pdf\"\r\n\r\n%PDF\r\n--b--";
    let head = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let mut talk = Talk::begin(dir.path(), &from_eve("first", head, letter)).await;
    let page = talk.says("Asks something").await;
    for told in [
        ">Answer<",
        "What does it cost?",
        "Attached, not opened: needs.pdf",
        "It belongs to this conversation by: ",
        "Intent: question (",
        "Confidence: ",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let to = format!("Answer to {EVE} from {ADA}");
    assert!(page.contains(&to), "{page}");

    // The mail as it was formatted: what it shows, and nothing that runs or loads.
    let mail = address(&page, "href=\"/inbox/thr_");
    assert_eq!(mail, talk.thread, "the link begins with the conversation");
    let (_, rest) = page.split_once(&format!("href=\"{mail}/mail/")).unwrap();
    let path = format!("{mail}/mail/{}", rest.split('"').next().unwrap());
    let formatted = talk.pages.get(&path).await;
    assert_eq!(formatted.status(), StatusCode::OK);
    let policy = &formatted.headers()[header::CONTENT_SECURITY_POLICY];
    let policy = policy.to_str().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; sandbox;"),
        "{policy}"
    );
    let shown = formatted.text().await.unwrap();
    assert!(
        shown.contains("<p>What does it <b>cost</b>?</p>"),
        "{shown}"
    );
    assert!(
        !shown.contains("<img") && !shown.contains("script"),
        "{shown}"
    );

    // A machine answers for her, and a server for her mailbox.
    let now = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now());
    let back = now.date().saturating_add(jiff::Span::new().days(10));
    let sent = now.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let away = format!("Date: {sent}\r\nAuto-Submitted: auto-replied\r\n");
    let day = back.strftime("%-d %B %Y");
    let text = format!("I am out of the office and back on {day}.");
    deliver(&talk.google, &from_eve("away", &away, &text)).await;
    let page = talk.says(&format!("Back on: {back}")).await;
    assert!(page.contains(">Away<"), "{page}");
    deliver(&talk.google, &format!(
        "From: MAILER-DAEMON@people.example\r\nTo: {ADA}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Message-ID: <report@people.example>\r\nReferences: <first@people.example>\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\n\r\nIt could not be delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.people.example\r\n\r\nFinal-Recipient: rfc822; {EVE}\r\nAction: failed\r\n\
         Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b--\r\n"
    )).await;
    let page = talk.says("Reported by: mx.people.example").await;
    for told in [
        ">Address does not exist<",
        "Reason: address unknown (5.1.1, 550, ",
        "it stops nobody by itself",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // Nobody vouches for the report, so she may still be written to.
    let before = talk.accepted().await;
    talk.write().await;
    talk.says("Gladly, for the 1th time.").await;
    let end = Instant::now() + PATIENCE;
    while talk.accepted().await == before {
        assert!(Instant::now() < end, "the answer does not go");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn words_like_an_objection_stop_until_somebody_says_what_they_are() {
    const ASKS: &str = "Their words look like an objection";
    let dir = tempfile::tempdir().unwrap();
    let asks = "Please remove me from your list.";
    let mut talk = Talk::begin(dir.path(), &from_eve("first", "", asks)).await;
    let page = talk.says(ASKS).await;
    assert!(page.contains(">Wants no more mail<"), "{page}");
    let path = format!("{}/objection", talk.thread);
    let seen = |page: &str| {
        let (_, rest) = page.split_once("name=\"seen\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };

    // She writes again while the page is open: what was not seen is not taken back.
    let first = seen(&page);
    deliver(&talk.google, &from_eve("second", "", asks)).await;
    until(&mut talk.pages, &talk.thread, |page| {
        page.contains(ASKS) && seen(page) != first
    })
    .await;
    talk.post(&path, &[("do", "dismiss"), ("seen", &first)])
        .await;
    let page = talk.says("Nothing was taken back").await;
    assert!(page.contains(ASKS), "{page}");

    let now = seen(&page);
    talk.post(&path, &[("do", "dismiss"), ("seen", &now)]).await;
    let page = talk.says("Taken back: this was no objection.").await;
    assert!(page.contains("Answer to"), "{page}");
    let before = talk.accepted().await;
    talk.write().await;
    let end = Instant::now() + PATIENCE;
    while talk.accepted().await == before {
        assert!(Instant::now() < end, "who may be written to is answered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    deliver(&talk.google, &from_eve("third", "", asks)).await;
    talk.says(ASKS).await;
    talk.post(&path, &[("do", "confirm")]).await;
    let page = talk.says("Confirmed. This person gets no more mail.").await;
    assert!(!page.contains(ASKS), "{page}");
    let before = talk.accepted().await;
    talk.write().await;
    talk.says("Not sent: this person may not be written to.")
        .await;
    assert_eq!(talk.accepted().await, before);
}
