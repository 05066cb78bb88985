//! What protects the pages, from outside: over HTTP, against the real program.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

#[path = "support/browsing.rs"]
mod browsing;
mod support;

use std::io::Write;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use browsing::Pages;
use reqwest::{StatusCode, header};
use support::{Program, SERVER, client, free_port};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "correct horse battery";

/// A server and a browser before it.
struct Site {
    _dir: TempDir,
    _program: Program,
    pages: Pages,
}

impl Deref for Site {
    type Target = Pages;

    fn deref(&self) -> &Pages {
        &self.pages
    }
}

impl DerefMut for Site {
    fn deref_mut(&mut self) -> &mut Pages {
        &mut self.pages
    }
}

fn hash() -> String {
    let mut child = Command::new(SERVER)
        .arg("hash-password")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn config(dir: &Path, root: &str, login: &str) -> String {
    let (home, listen) = (dir.join("home"), root.trim_start_matches("http://"));
    format!(
        r#"
        directory = "{}"
        listen = "{listen}"
        public_url = "{root}/"
        {login}
        [identity]
        name = "Example"
        legal_name = "Example GmbH"
        postal_address = "Hauptstr. 1, 10115 Berlin"
        privacy_url = "https://example.com/privacy"
        [google.mailbox]
        id = "id"
        secret = "secret"
        redirect_uri = "{root}/oauth/callback"
        "#,
        home.display()
    )
}

impl Site {
    fn start(login: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = format!("http://127.0.0.1:{}", free_port());
        let path = dir.path().join("jooper.toml");
        std::fs::write(&path, config(dir.path(), &root, login)).unwrap();
        let arguments = ["serve", "--config", path.to_str().unwrap()];
        let passphrase = [("JOOPER_PASSPHRASE", "a passphrase for tests")];
        let program = Program::start_with(&arguments, "error", &passphrase);
        program.says("Serving", PATIENCE);
        Self {
            _dir: dir,
            _program: program,
            pages: Pages::new(&root),
        }
    }
}

#[tokio::test]
async fn a_form_counts_only_from_our_own_pages_with_the_token_of_its_session() {
    let mut site = Site::start("");
    let root = site.root.clone();
    let token = site.token("/leads").await;
    let nobody = [("csrf", token.as_str()), ("email", "a@b.example")];
    let port = root.rsplit_once(':').unwrap().1.to_owned();
    for (origin, fields, expected) in [
        (root.clone(), &nobody[..], StatusCode::NOT_FOUND),
        (
            format!("http://localhost:{port}"),
            &nobody[..],
            StatusCode::NOT_FOUND,
        ),
        (
            "https://evil.example".to_owned(),
            &nobody[..],
            StatusCode::FORBIDDEN,
        ),
        ("null".to_owned(), &nobody[..], StatusCode::FORBIDDEN),
        (
            format!("http://127.0.0.1:{}", 1),
            &nobody[..],
            StatusCode::FORBIDDEN,
        ),
        (root.clone(), &nobody[1..], StatusCode::FORBIDDEN),
        (
            root.clone(),
            &[("csrf", "wrong")][..],
            StatusCode::FORBIDDEN,
        ),
    ] {
        let answer = site.post("/leads/search", &origin, fields).await;
        assert_eq!(answer.status(), expected, "{origin} {fields:?}");
    }
    // Another browser has the token and not the cookie.
    site.cookie.clear();
    let answer = site.post("/leads/search", &root, &nobody).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_answer_is_locked_down_and_nothing_is_inline() {
    let mut site = Site::start("");
    for path in [
        "/",
        "/leads",
        "/inbox",
        "/mailboxes",
        "/campaigns/new",
        "/nowhere",
        "/readyz",
    ] {
        let answer = site.get(path).await;
        let said = |name: &str| {
            let value = answer.headers().get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        let policy = said("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(said("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(said("cache-control"), "no-store", "{path}");
        assert_eq!(said("referrer-policy"), "same-origin", "{path}");
        let html = answer.text().await.unwrap();
        for inline in [
            " style=",
            "<style",
            "<script>",
            " onclick=",
            " onload=",
            "javascript:",
        ] {
            assert!(!html.contains(inline), "{path} has {inline}");
        }
    }
    let session = site.get("/leads").await;
    assert!(
        session.headers().get(header::SET_COOKIE).is_none(),
        "the session goes on"
    );
    site.cookie.clear();
    let fresh = site.get("/leads").await;
    let cookie = fresh.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_name_that_is_not_ours_reads_nothing() {
    let site = Site::start("");
    let answer = client()
        .get(format!("{}/leads", site.root))
        .header(header::HOST, "rebound.example")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(!answer.text().await.unwrap().contains("csrf"));
}

#[tokio::test]
async fn an_answer_of_googles_without_a_request_of_this_browser_is_refused() {
    let mut site = Site::start("");
    site.get("/mailboxes").await;
    let answer = site.get("/oauth/callback?state=guessed&code=stolen").await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let answer = site.get("/oauth/callback").await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);

    // A true state, brought back by another browser.
    let token = site.token("/mailboxes").await;
    let root = site.root.clone();
    let answer = site
        .post("/mailboxes/connect", &root, &[("csrf", &token)])
        .await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let away: url::Url = answer.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(away.host_str(), Some("accounts.google.com"));
    let state = away
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    let mine = std::mem::take(&mut site.cookie);
    let path = format!("/oauth/callback?state={state}&error=access_denied");
    assert_eq!(site.get(&path).await.status(), StatusCode::FORBIDDEN);
    site.cookie = mine;
    let other = site.get("/oauth/callback?state=guessed&code=stolen").await;
    assert_eq!(
        other.status(),
        StatusCode::FORBIDDEN,
        "and does not end the request"
    );
    assert_eq!(site.get(&path).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        site.get(&path).await.status(),
        StatusCode::FORBIDDEN,
        "once only"
    );
}

#[tokio::test]
async fn nobody_enters_without_the_password_and_the_session_changes_at_the_door() {
    let login = format!("[login]\npassword_hash = \"{}\"", hash());
    let mut site = Site::start(&login);
    let root = site.root.clone();
    for path in ["/", "/leads", "/inbox", "/mailboxes", "/live/dashboard"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.headers()[header::LOCATION], "/login");
    }
    let answer = site.post("/mailboxes/connect", &root, &[]).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    for path in ["/healthz", "/readyz", "/static/app.css"] {
        assert_eq!(site.get(path).await.status(), StatusCode::OK, "{path}");
    }
    let unsubscribe = site.get("/u/no-such-token").await;
    assert_eq!(
        unsubscribe.status(),
        StatusCode::NOT_FOUND,
        "open, and not a sign-in"
    );

    let token = site.token("/login").await;
    let before = site.cookie.clone();
    let wrong = [
        ("csrf", token.as_str()),
        ("password", "wrong horse battery"),
    ];
    let answer = site.post("/login", &root, &wrong).await;
    assert!(answer.text().await.unwrap().contains("not the password"));
    let right = [("csrf", token.as_str()), ("password", PASSWORD)];
    let answer = site.post("/login", &root, &right).await;
    assert_eq!(answer.headers()[header::LOCATION], "/");
    assert_ne!(site.cookie, before);
    assert_eq!(site.get("/leads").await.status(), StatusCode::OK);
    let inside = std::mem::replace(&mut site.cookie, before);
    let answer = site.get("/leads").await;
    assert_eq!(
        answer.status(),
        StatusCode::SEE_OTHER,
        "the old cookie opens nothing"
    );

    site.cookie = inside.clone();
    let token = site.token("/leads").await;
    site.post("/logout", &root, &[("csrf", &token)]).await;
    site.cookie = inside;
    assert_eq!(
        site.get("/leads").await.status(),
        StatusCode::SEE_OTHER,
        "signed out"
    );
}

#[tokio::test]
async fn a_password_cannot_be_tried_for_ever() {
    let login = format!("[login]\npassword_hash = \"{}\"", hash());
    let mut site = Site::start(&login);
    let root = site.root.clone();
    let token = site.token("/login").await;
    let wrong = [
        ("csrf", token.as_str()),
        ("password", "wrong horse battery"),
    ];
    for _ in 0..10 {
        let text = site
            .post("/login", &root, &wrong)
            .await
            .text()
            .await
            .unwrap();
        assert!(text.contains("not the password"));
    }
    let right = [("csrf", token.as_str()), ("password", PASSWORD)];
    let answer = site.post("/login", &root, &right).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.unwrap().contains("Too many tries"));
}

#[tokio::test]
async fn strangers_who_guess_lock_out_nobody_who_has_signed_in_before() {
    let login = format!("[login]\npassword_hash = \"{}\"", hash());
    let mut site = Site::start(&login);
    let root = site.root.clone();
    let token = site.token("/login").await;
    let right = [("csrf", token.as_str()), ("password", PASSWORD)];
    let answer = site.post("/login", &root, &right).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let token = site.token("/").await;
    let out = [("csrf", token.as_str())];
    site.post("/logout", &root, &out).await;

    let mut stranger = Pages::new(&root);
    let token = stranger.token("/login").await;
    let wrong = [("csrf", token.as_str()), ("password", "wrong")];
    for _ in 0..11 {
        stranger.post("/login", &root, &wrong).await;
    }
    let token = site.token("/login").await;
    let right = [("csrf", token.as_str()), ("password", PASSWORD)];
    let answer = site.post("/login", &root, &right).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_import_tells_each_line_and_its_remedy_and_shows_what_was_typed_as_text() {
    let mut site = Site::start("");
    let token = site.token("/leads").await;
    let csv = "Email,First name\nada@example.com,<img src=x onerror=alert(1)>\nnot-an-address,Bo\n";
    let (status, html) = site.upload(&token, csv).await;
    assert_eq!(status, StatusCode::OK, "{html}");
    assert!(
        html.contains("Line 3") && html.contains("correct the address"),
        "{html}"
    );
    assert!(html.contains("a &#60;b&#62;.csv"), "{html}");
    let leads = site.get("/leads").await.text().await.unwrap();
    assert!(
        leads.contains("&#60;img") && !leads.contains("<img src=x"),
        "{leads}"
    );

    let (status, html) = site.upload(&token, "First name\nAda\n").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("no column holds e-mail addresses"), "{html}");
    let (status, _) = site.upload("wrong", csv).await;
    assert_eq!(status, StatusCode::FORBIDDEN);

    // Found by the exact address, which stands in no URL; erased for good.
    let root = site.root.clone();
    let search = [("csrf", token.as_str()), ("email", "ADA@example.com")];
    let answer = site.post("/leads/search", &root, &search).await;
    let lead = answer.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(!lead.contains("example"), "{lead}");
    let copy = site
        .post(&format!("{lead}/export"), &root, &[("csrf", &token)])
        .await;
    assert!(copy.text().await.unwrap().contains("ada@example.com"));
    let stopped = site
        .post(&format!("{lead}/stop"), &root, &[("csrf", &token)])
        .await;
    assert_eq!(stopped.status(), StatusCode::SEE_OTHER);
    let page = site.get(&lead).await.text().await.unwrap();
    assert!(page.contains("No mail goes to this person"), "{page}");
    let question = site
        .get(&format!("{lead}/erase"))
        .await
        .text()
        .await
        .unwrap();
    assert!(question.contains("What will happen"), "{question}");
    let erased = site
        .post(&format!("{lead}/erase"), &root, &[("csrf", &token)])
        .await;
    let erased = erased.text().await.unwrap();
    assert!(
        erased.contains("public_key") && !erased.contains("ada@example.com"),
        "{erased}"
    );
    assert_eq!(site.get(&lead).await.status(), StatusCode::NOT_FOUND);
    let (_, html) = site.upload(&token, "Email\nada@example.com\n").await;
    assert!(html.contains("<dt>Must not be mailed</dt><dd>1"), "{html}");
}

#[tokio::test]
async fn the_chain_is_checked_on_the_page_exported_and_checked_by_whoever_has_the_file() {
    let mut site = Site::start("");
    let (root, token) = (site.root.clone(), site.token("/safety").await);
    let form = [("csrf", token.as_str())];
    let (status, _) = site
        .upload_to("/leads/listed", &token, "ada@b.example\nc.example\n")
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = site.get("/leads").await.text().await.unwrap();
    assert!(page.contains("1 people and 1 domains are on the list now"));
    let list = "email,status\neve@b.example,active\nmax@b.example,unsubscribed\nnobody,\n";
    let (status, html) = site.upload_to("/leads/listed", &token, list).await;
    assert_eq!(status, StatusCode::OK, "{html}");
    for part in [
        "class=\"notice warn\"",
        "2 of 3 lines were not used",
        "<dt>People on the list now</dt><dd>1</dd>",
        "<dt>Said that the person takes mail</dt><dd>1<",
        "<dt>Named nobody</dt><dd>1<",
        "Line 2</th>",
        "the line says that this person takes mail",
        "Line 4</th>",
        "the line names no e-mail address and no domain",
        "correct the address, or leave the line out",
    ] {
        assert!(html.contains(part), "no {part}: {html}");
    }
    let (_, report) = site
        .upload(&token, "email\na.da+x@b.example\nada@b.example\n")
        .await;
    assert!(report.contains("Must not be mailed"), "{report}");

    let checked = site
        .post("/safety/check", &root, &form)
        .await
        .text()
        .await
        .unwrap();
    assert!(
        checked.contains(
            "The chain is whole as far as it was signed. Nothing was judged: it tells of no mail."
        ),
        "{checked}"
    );
    let (_, key) = checked.split_once("<code>").unwrap();
    let key = key.split('<').next().unwrap().to_owned();
    let file = site
        .post("/safety/export", &root, &form)
        .await
        .bytes()
        .await
        .unwrap();
    let path = site._dir.path().join("audit.jsonl");
    std::fs::write(&path, &file).unwrap();
    let check = |key: &str| {
        let arguments = ["audit", "check", path.to_str().unwrap(), "--key", key];
        Command::new(SERVER).args(arguments).output().unwrap()
    };
    let honest = check(&key);
    let said = String::from_utf8_lossy(&honest.stdout).into_owned();
    assert!(
        said.contains("The chain is whole") && !said.contains("finding"),
        "{said}"
    );
    // No mail went, so that nothing is proved.
    let why = String::from_utf8_lossy(&honest.stderr).into_owned();
    assert!(
        !honest.status.success() && why.contains("nothing is proved"),
        "{why}"
    );
    let strange = check(&"0".repeat(64));
    let said = String::from_utf8_lossy(&strange.stdout).into_owned();
    assert!(
        !strange.status.success() && said.contains("forged"),
        "{said}"
    );
    let text = String::from_utf8(file.to_vec()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.remove(1);
    std::fs::write(&path, lines.join("\n")).unwrap();
    let said = String::from_utf8_lossy(&check(&key).stdout).into_owned();
    assert!(said.contains("leaf 1 was removed"), "{said}");
}

#[tokio::test]
async fn an_answer_by_hand_needs_our_own_form_and_a_conversation() {
    let mut site = Site::start("");
    let root = site.root.clone();
    let token = site.token("/leads").await;
    let nowhere = "/inbox/thr_0190a00000007000800000000000000a";
    let key = "0190a000-0000-7000-8000-000000000001";
    let text = ("text", "Gladly.");
    let cases = [
        ("reply", vec![("key", key), text], StatusCode::FORBIDDEN),
        (
            "reply",
            vec![("csrf", &*token), ("key", "1"), text],
            StatusCode::BAD_REQUEST,
        ),
        (
            "reply",
            vec![("csrf", &*token), ("key", key), text],
            StatusCode::NOT_FOUND,
        ),
        ("objection", vec![("do", "dismiss")], StatusCode::FORBIDDEN),
        (
            "objection",
            vec![("csrf", &*token), ("do", "dismiss")],
            StatusCode::NOT_FOUND,
        ),
        (
            "objection",
            vec![("csrf", &*token), ("do", "else")],
            StatusCode::BAD_REQUEST,
        ),
    ];
    for (what, fields, expected) in cases {
        let answer = site
            .post(&format!("{nowhere}/{what}"), &root, &fields)
            .await;
        assert_eq!(answer.status(), expected, "{what} {fields:?}");
    }
    let mail = site.get(&format!("{nowhere}/mail/{key}")).await;
    assert_eq!(mail.status(), StatusCode::NOT_FOUND);
}
