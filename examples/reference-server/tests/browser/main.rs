//! Every page in a real browser, on a desk and on a phone, in light and in dark: nothing overflows,
//! the console is clean, and axe-core finds no serious violation.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

mod attacks;
#[path = "../support/browsing.rs"]
mod browsing;
#[path = "../support/serving.rs"]
mod serving;
#[path = "../support/mod.rs"]
mod support;
mod webdriver;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::{Program, SERVER, client, free_port};
use webdriver::Browser;

const PATIENCE: Duration = Duration::from_secs(120);
const PASSWORD: &str = "correct horse battery";

/// The first address on a page that begins so.
async fn link(root: &str, page: &str, begins: &str) -> Option<String> {
    let html = client()
        .get(format!("{root}{page}"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let at = html.find(&format!("href=\"{begins}"))? + "href=\"".len();
    let rest = &html[at..];
    Some(rest[..rest.find('"')?].to_owned())
}

/// The same, as soon as the page has it.
async fn link_soon(root: &str, page: &str, begins: &str) -> String {
    for _ in 0..PATIENCE.as_secs() * 2 {
        if let Some(found) = link(root, page, begins).await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("{page} never showed a link to {begins}");
}

struct Judge {
    browser: Browser,
    axe: String,
    wrong: Vec<String>,
}

impl Judge {
    async fn start() -> Self {
        let axe = webdriver::axe();
        Self {
            browser: Browser::start().await,
            axe,
            wrong: Vec::new(),
        }
    }

    /// Looks at a page on both screens and in both colors.
    async fn judge(&mut self, root: &str, path: &str) {
        for (width, scheme) in [(1280, "light"), (390, "light"), (1280, "dark")] {
            self.browser.screen(width, scheme).await;
            self.browser.open(&format!("{root}{path}")).await;
            let name = format!("{path} at {width} in {scheme}");
            self.look(&name, u64::from(width)).await;
            let noise = self.browser.console().await;
            // A browser reports the status of the page itself as an error; these pages are errors.
            let own = |line: &&String| !line.contains(&format!("{root}{path} - Failed to load"));
            self.wrong.extend(
                noise
                    .iter()
                    .filter(own)
                    .map(|line| format!("{name}: console: {line}")),
            );
        }
    }

    /// Looks at what is shown now.
    async fn look(&mut self, name: &str, width: u64) {
        let sizes = self
            .browser
            .run("return [innerWidth, document.documentElement.scrollWidth, document.title]")
            .await;
        assert_eq!(sizes[0], width, "{name}: the screen has another width");
        assert!(
            sizes[2].as_str().unwrap().contains("Jooper"),
            "{name}: {sizes}"
        );
        if sizes[1].as_u64() > Some(width) {
            self.wrong
                .push(format!("{name}: {} wide, the page overflows", sizes[1]));
        }
        self.browser.run(&self.axe).await;
        let found = self
            .browser
            .wait_for(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, { resultTypes: ['violations'] }).then(
                     (found) => done(found.violations), (error) => done(String(error)));",
            )
            .await;
        let found = found
            .as_array()
            .unwrap_or_else(|| panic!("{name}: axe-core: {found}"));
        for violation in found {
            if matches!(violation["impact"].as_str(), Some("serious" | "critical")) {
                self.wrong.push(format!("{name}: {}", told(violation)));
            }
        }
    }

    /// Sends a form and waits until the next page shows what is wanted.
    async fn submit(&mut self, form: &str, wanted: &str) {
        let send = format!("document.querySelector(\"{form}\").submit();");
        self.browser.run(&send).await;
        let shown = format!("return document.readyState === 'complete' && Boolean({wanted})");
        self.browser.until(&shown).await;
    }

    async fn end(self) {
        self.browser.end().await;
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
    }
}

fn told(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().cloned().unwrap_or_default();
    let places: Vec<String> = nodes
        .iter()
        .take(5)
        .map(|node| format!("{} ({})", node["target"], node["any"][0]["message"]))
        .collect();
    format!("{}: {}", violation["id"], places.join(", "))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_demo_is_in_order_on_both_screens() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("demo");
    let port = free_port().to_string();
    let arguments = ["demo", "--dir", data.to_str().unwrap(), "--port", &port];
    let demo = Program::start(&arguments, "error");
    demo.says("Started", PATIENCE);
    let root = format!("http://127.0.0.1:{port}");
    let lead = link_soon(&root, "/leads", "/leads/lead_").await;
    let campaign = link_soon(&root, "/", "/campaigns/cmp_").await;
    let thread = link_soon(&root, "/inbox?show=all", "/inbox/thr_").await;
    let today = link_soon(&root, "/mailboxes", "/mailboxes/mbx_").await;

    let mut judge = Judge::start().await;
    for path in [
        "/",
        "/leads",
        &lead,
        &format!("{lead}/erase"),
        &campaign,
        &format!("{campaign}/refused"),
        &format!("{campaign}/forecast"),
        &format!("{campaign}/test"),
        &format!("{campaign}/test/01900000-0000-7000-8000-000000000001"),
        "/campaigns/new",
        "/requests",
        "/inbox",
        "/inbox?show=all",
        &thread,
        "/mailboxes",
        &today,
        "/safety",
        "/safety/refuse?basis=legitimate_interest",
        "/there-is-no-such-page",
    ] {
        judge.judge(&root, path).await;
    }

    // The dashboard refreshes itself, and nothing complains about it.
    judge.browser.open(&format!("{root}/")).await;
    judge
        .browser
        .until("return Boolean(document.querySelector('[data-live]').dataset.shown)")
        .await;
    let noise = judge.browser.console().await;
    assert!(noise.is_empty(), "{noise:?}");

    // The menu of the phone opens without the script, and what it shows is in order, too.
    judge.browser.screen(390, "light").await;
    judge.browser.open(&format!("{root}/leads")).await;
    judge
        .browser
        .run("document.querySelector('.top summary').click()")
        .await;
    judge.look("the open menu", 390).await;

    // A form that is wrong comes back with the reason beside its fields.
    judge.browser.open(&format!("{root}/campaigns/new")).await;
    judge
        .browser
        .run(
            "document.querySelector('#name').value = 'Second';
             document.querySelector('#sequence').value = 'name = 3';
             document.querySelector('main form').submit();",
        )
        .await;
    let said = judge
        .browser
        .until("return document.querySelector('#sequence-error')?.textContent")
        .await;
    assert!(said.as_str().unwrap().contains("line 1"), "{said}");
    judge.look("the form with its errors", 390).await;
    // Its own status is the one thing that the browser complains about.
    let noise = judge.browser.console().await;
    let own = |line: &String| line.contains("/campaigns/new - Failed to load");
    assert!(noise.iter().all(own), "{noise:?}");

    // What is saved is a draft, and a draft waits for a person.
    judge.browser.open(&format!("{root}/campaigns/new")).await;
    judge
        .browser
        .run(
            "document.querySelector('#name').value = 'Second';
             document.querySelector('main form').submit();",
        )
        .await;
    let draft = judge
        .browser
        .until("return document.querySelector('#draft-title') && location.pathname")
        .await;
    judge.judge(&root, draft.as_str().unwrap()).await;

    // What stands behind a form only: a started campaign, an import, an erasure.
    judge.browser.screen(390, "light").await;
    judge
        .submit(
            "main form[action$='/start']",
            "location.pathname.endsWith('/start')",
        )
        .await;
    judge.look("the started campaign", 390).await;
    judge.browser.open(&format!("{root}/leads")).await;
    judge
        .browser
        .run(
            "const chosen = new DataTransfer();
             const rows = 'Email,Name\\nada@new.example,Ada\\nno address,Ben\\n';
             chosen.items.add(new File([rows], 'a list.csv', { type: 'text/csv' }));
             document.querySelector('#file').files = chosen.files;
             document.querySelector('#file').form.submit();",
        )
        .await;
    judge
        .browser
        .until("return location.pathname === '/leads/import'")
        .await;
    judge.look("the report of an import", 390).await;
    judge.browser.open(&format!("{root}{lead}/erase")).await;
    judge
        .submit(
            "main form[action$='/erase']",
            "document.querySelector('#certificate-title')",
        )
        .await;
    judge.look("the certificate", 390).await;
    judge.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_and_the_empty_rooms_are_in_order_on_both_screens() {
    let dir = tempfile::tempdir().unwrap();
    let port = free_port();
    let root = format!("http://127.0.0.1:{port}");
    let config = dir.path().join("jooper.toml");
    let text = format!(
        r#"
        directory = "{}"
        listen = "127.0.0.1:{port}"
        public_url = "{root}/"
        [login]
        password_hash = "{}"
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
        dir.path().join("home").display(),
        hash()
    );
    std::fs::write(&config, text).unwrap();
    let arguments = ["serve", "--config", config.to_str().unwrap()];
    let passphrase = [("JOOPER_PASSPHRASE", "a passphrase for tests")];
    let server = Program::start_with(&arguments, "error", &passphrase);
    server.says("Serving", PATIENCE);

    let mut judge = Judge::start().await;
    judge.judge(&root, "/login").await;
    judge.browser.open(&format!("{root}/leads")).await;
    let there = judge.browser.run("return location.pathname").await;
    assert_eq!(there, "/login", "nobody enters without the password");
    let sign_in = format!(
        "document.querySelector('#password').value = '{PASSWORD}';
         document.querySelector('main form').submit();"
    );
    judge.browser.run(&sign_in).await;
    judge
        .browser
        .until("return location.pathname === '/'")
        .await;
    for path in ["/", "/leads", "/inbox", "/mailboxes", "/campaigns/new"] {
        judge.judge(&root, path).await;
    }
    judge.end().await;
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
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
