//! As much of a WebDriver client as these tests need (W3C WebDriver; chromedriver's own commands
//! for the console and for the size of the screen).

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// A browser with its driver; both end with the test.
pub(crate) struct Browser {
    driver: Child,
    session: String,
    client: reqwest::Client,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser is a child of the driver's; ending its session ended it, unless the test broke off.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A path from the environment. A test that cannot run must not pass.
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo xtask test`, or `cargo xtask with cargo nextest run -p reference-server`")
    })
}

/// The text of axe-core.
pub(crate) fn axe() -> String {
    let path = variable("JOOPER_TEST_AXE");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let chromium = variable("JOOPER_TEST_CHROMIUM");
        let mut driver = Command::new(variable("JOOPER_TEST_CHROMEDRIVER"))
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse::<u16>().ok()
            })
            .expect("chromedriver tells its port");
        let client = super::support::client();
        let root = format!("http://127.0.0.1:{port}");
        let wanted = json!({
            "capabilities": { "alwaysMatch": {
                "browserName": "chrome",
                "goog:loggingPrefs": { "browser": "ALL" },
                "goog:chromeOptions": {
                    "binary": chromium,
                    "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
                },
            }},
        });
        let mut browser = Self {
            driver,
            session: String::new(),
            client,
        };
        let begun = browser.send(&format!("{root}/session"), &wanted).await;
        let id = begun["sessionId"].as_str().expect("a session");
        browser.session = format!("{root}/session/{id}");
        browser
    }

    async fn try_send(&self, url: &str, body: &Value) -> Value {
        let answer = self.client.post(url).json(body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["value"].clone()
    }

    async fn send(&self, url: &str, body: &Value) -> Value {
        let value = self.try_send(url, body).await;
        assert!(value.get("error").is_none(), "{url}: {value:#}");
        value
    }

    async fn command(&self, path: &str, body: Value) -> Value {
        self.send(&format!("{}/{path}", self.session), &body).await
    }

    /// Opens an address and waits until the page is loaded.
    pub(crate) async fn open(&self, url: &str) {
        self.command("url", json!({ "url": url })).await;
    }

    /// Gives the page a screen of this width, in light or dark.
    pub(crate) async fn screen(&self, width: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.cdp(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    async fn cdp(&self, cmd: &str, params: Value) -> Value {
        let body = json!({ "cmd": cmd, "params": params });
        self.command("goog/cdp/execute", body).await
    }

    /// Runs a script in the page and gives what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.command("execute/sync", body).await
    }

    /// Runs a script again and again, across pages, until it returns something that is true.
    pub(crate) async fn until(&self, script: &str) -> Value {
        let url = format!("{}/execute/sync", self.session);
        let body = json!({ "script": script, "args": [] });
        for _ in 0..120 {
            let value = self.try_send(&url, &body).await;
            // A page that is being left answers with an error.
            let is_true = !matches!(value, Value::Null | Value::Bool(false)) && value != "";
            if is_true && value.get("error").is_none() {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("never true: {script}");
    }

    /// Runs a script that ends by calling its last argument.
    pub(crate) async fn wait_for(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.command("execute/async", body).await
    }

    /// What the console said since it was asked last: warnings and errors.
    pub(crate) async fn console(&self) -> Vec<String> {
        let said = self.command("se/log", json!({ "type": "browser" })).await;
        let lines = said.as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .filter(|line| matches!(line["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|line| line["message"].to_string())
            .collect()
    }

    /// Ends the browser.
    pub(crate) async fn end(self) {
        let _ = self.client.delete(&self.session).send().await;
    }
}
