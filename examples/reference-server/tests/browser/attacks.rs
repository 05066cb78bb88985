//! Mails that would run a script or load something in a reader's browser: in a real one, none does.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::browsing::Pages;
use crate::serving::{ADA, EVE, send_one, serve_at, through_google};
use crate::support::{Google, free_port};
use crate::webdriver::Browser;
use crate::{PATIENCE, link_soon};

/// What a browser that was taken in would ask for; `{at}` is the beacon.
const ATTACKS: [(&str, &str); 17] = [
    ("script", "<script>fetch('{at}/script')</script>"),
    (
        "onerror",
        "<img src={at}/image onerror=\"fetch('{at}/onerror')\">",
    ),
    (
        "svg",
        "<svg onload=\"fetch('{at}/svg')\"><a><set attributeName=\"href\" to=\"javascript:fetch('{at}/set')\"></set>\
         <image href={at}/svg-image></image><text y=\"30\">c</text></a></svg>",
    ),
    (
        "math",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src={at}/math \
         onerror=fetch('{at}/mutated')&gt;\">",
    ),
    ("style", "<style>@import url({at}/import)"),
    ("base", "<base href={at}/base/><img src=below>"),
    (
        "refresh",
        "<meta http-equiv=refresh content=\"0;url={at}/refresh\">",
    ),
    (
        "form",
        "<form action={at}/form id=f><input name=q></form><script>f.submit()</script>",
    ),
    ("open form", "<form action={at}/form><input name=q>"),
    ("vbscript", "<a href=\"vbscript:x\">l</a>"),
    (
        "frame",
        "<iframe srcdoc=\"&lt;img src={at}/frame&gt;&lt;script&gt;fetch('{at}/framed')&lt;/script&gt;\">",
    ),
    (
        "background",
        "<div style=\"background:url({at}/background)\">x</div>",
    ),
    ("focus", "<input autofocus onfocus=\"fetch('{at}/focus')\">"),
    ("nested", "{nested}<script>fetch('{at}/nested')</script>"),
    (
        "utf-7",
        "+ADw-script+AD4-fetch('{at}/utf7')+ADw-/script+AD4-",
    ),
    (
        "links",
        "<link rel=stylesheet href={at}/sheet><link rel=prefetch href={at}/prefetch>",
    ),
    (
        "media",
        "<video src={at}/video autoplay></video><object data={at}/object></object><embed src={at}/embed>",
    ),
];

/// A server that writes down what it is asked for.
struct Beacon {
    at: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Beacon {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut buffer = [0; 2048];
                let read = stream.read(&mut buffer).unwrap_or(0);
                let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                let page = "<img src=/loaded><script>fetch('/ran')</script>";
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                    page.len()
                );
                heard.lock().unwrap().push(path);
            }
        });
        Self { at, asked }
    }

    /// What it was asked for since the last time; what a browser asks of every server by itself left out.
    fn heard(&self) -> Vec<String> {
        let mut heard = std::mem::take(&mut *self.asked.lock().unwrap());
        heard.retain(|path| !path.is_empty() && path != "/favicon.ico");
        heard
    }
}

/// The addresses under which the mails of a conversation are shown with their formatting.
async fn formatted(pages: &mut Pages, thread: &str) -> Vec<String> {
    let html = pages.get(thread).await.text().await.unwrap();
    let links = html.split("href=\"/inbox/").skip(1);
    let paths = links.filter_map(|rest| rest.split('"').next());
    let mails = paths.filter(|path| path.contains("/mail/"));
    mails.map(|path| format!("/inbox/{path}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_runs_or_loads_anything_in_the_browser_of_whoever_reads_it() {
    let beacon = Beacon::start();
    let browser = Browser::start().await;
    browser.screen(1280, "light").await;
    // The beacon hears what a browser runs and loads.
    browser.open(&format!("{}/page", beacon.at)).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let heard = beacon.heard();
    for path in ["/page", "/loaded", "/ran"] {
        assert!(heard.iter().any(|one| one == path), "{path}: {heard:?}");
    }
    browser.console().await;

    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 1);
    let root = format!("http://127.0.0.1:{}", free_port());
    let often = "[engine]\nsync_seconds = 1\n";
    let (_server, mut pages) = serve_at(&root, dir.path(), &google, "", often);
    through_google(&mut pages, "/mailboxes/connect", "/mailboxes", ADA).await;
    let lead = send_one(&mut pages).await;
    let end = Instant::now() + PATIENCE;
    while !pages
        .get(&lead)
        .await
        .text()
        .await
        .unwrap()
        .contains("was sent")
    {
        assert!(Instant::now() < end, "nothing was sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for (name, attack) in ATTACKS {
        let charset = if name == "utf-7" { "utf-7" } else { "utf-8" };
        let attack = attack
            .replace("{at}", &beacon.at)
            .replace("{nested}", &"<div>".repeat(10_000));
        let raw = format!(
            "From: \"<img src={0}/name>\" <{EVE}>\r\nTo: {ADA}\r\n\
             Subject: Re: Hello <script>fetch('{0}/subject')</script>\r\n\
             Message-ID: <{1}@people.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/html; charset={charset}\r\n\r\n<p>Shown {name}</p>{attack}\r\n",
            beacon.at,
            name.replace(' ', "-"),
        );
        let mail = json!({ "account": ADA, "raw": URL_SAFE_NO_PAD.encode(raw), "junk": false });
        google.post("/_sim/deliver", mail).await;
    }
    let thread = link_soon(&root, "/inbox?show=all", "/inbox/thr_").await;
    let end = Instant::now() + PATIENCE;
    let mails = loop {
        let mails = formatted(&mut pages, &thread).await;
        if mails.len() == ATTACKS.len() {
            break mails;
        }
        assert!(Instant::now() < end, "{} mails are shown", mails.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };

    let mut shown = 0;
    for path in mails.iter().chain(["/inbox".to_owned(), thread].iter()) {
        browser.open(&format!("{root}{path}")).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(beacon.heard(), [""; 0], "{path}");
        // What the page's policy had to stop was not cleaned away.
        assert_eq!(browser.console().await, [""; 0], "{path}");
        let html = pages.get(path).await.text().await.unwrap();
        shown += usize::from(html.contains("<p>Shown "));
    }
    assert_eq!(shown, ATTACKS.len(), "and what is harmless is shown");
    browser.end().await;
}
