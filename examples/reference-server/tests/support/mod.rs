//! Starts the real programs and watches them from outside.

#![allow(dead_code, reason = "each test target uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::future_not_send,
    unreachable_pub,
    reason = "only tests use this module; they watch real processes in real time"
)]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

pub const SERVER: &str = env!("CARGO_BIN_EXE_reference-server");

/// A program that is killed when the test forgets it.
pub struct Program {
    pub child: Child,
    pub stdout: Receiver<String>,
    pub stderr: Receiver<String>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (to, from) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    from
}

fn command(program: &str, arguments: &[&str], log: &str) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("RUST_LOG", log)
        .env_remove("JOOPER_PASSPHRASE")
        .env_remove("JOOPER_STORAGE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

impl Program {
    pub fn start(arguments: &[&str], log: &str) -> Self {
        Self::start_with(arguments, log, &[])
    }

    /// With further environment variables.
    pub fn start_with(arguments: &[&str], log: &str, variables: &[(&str, &str)]) -> Self {
        Self::run(SERVER, arguments, log, variables)
    }

    /// Another program, whose log goes to a file.
    pub fn logging(program: &str, arguments: &[&str], log: &str, file: &Path) -> Self {
        let log_file = std::fs::File::create(file).unwrap();
        let mut child = command(program, arguments, log)
            .stderr(log_file)
            .spawn()
            .unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let (_, stderr) = channel();
        Self {
            child,
            stdout,
            stderr,
        }
    }

    fn run(program: &str, arguments: &[&str], log: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = command(program, arguments, log)
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.unwrap().success());
    }

    /// The next line of standard output that contains `text`.
    pub fn says(&self, text: &str, within: Duration) -> String {
        let until = Instant::now() + within;
        let mut heard = Vec::new();
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match self.stdout.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => heard.push(line),
                Err(_) => break,
            }
        }
        let errors: Vec<_> = self.stderr.try_iter().collect();
        panic!("never said {text:?}; said {heard:#?} and {errors:#?}");
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn wait(&mut self, within: Duration) -> Option<i32> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("still runs after {within:?}");
    }

    /// All that it told on standard error before it ended in failure.
    ///
    /// Its end is seen before its last line is: the lines come through a thread of their own,
    /// and are read to the end of the stream.
    pub fn refuses(&mut self, within: Duration) -> Vec<String> {
        assert_ne!(self.wait(within), Some(0));
        self.stderr.iter().collect()
    }
}

/// A simulator that outlives the servers around it.
pub struct Google {
    pub program: Program,
    pub url: String,
    pub control: String,
    pub real_start: Timestamp,
    pub speed: u32,
}

impl Google {
    pub fn start(dir: &Path, speed: u32) -> Self {
        let real_start = Timestamp::now();
        let state = dir.join("google.state");
        let (start, factor) = (real_start.to_string(), speed.to_string());
        let program = Program::start(
            &[
                "simulator",
                "--state",
                state.to_str().unwrap(),
                "--real-start",
                &start,
                "--speed",
                &factor,
            ],
            "error",
        );
        let line = program.says("{", Duration::from_secs(20));
        let told: Value = serde_json::from_str(&line).unwrap();
        Self {
            program,
            url: told["google"].as_str().unwrap().to_owned(),
            control: told["control"].as_str().unwrap().to_owned(),
            real_start,
            speed,
        }
    }

    /// A demo against this simulator.
    pub fn demo_with(&self, dir: &Path, log: &str, more: &[&str]) -> Program {
        let arguments = self.demo_arguments(dir, more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Program::start(&arguments, log)
    }

    /// The command line of a demo against this simulator.
    pub fn demo_arguments(&self, dir: &Path, more: &[&str]) -> Vec<String> {
        let (start, speed) = (self.real_start.to_string(), self.speed.to_string());
        let port = free_port().to_string();
        let own = [
            "demo",
            "--dir",
            dir.to_str().unwrap(),
            "--port",
            &port,
            "--speed",
            &speed,
            "--google",
            &self.url,
            "--real-start",
            &start,
        ];
        let all = own.iter().chain(more);
        all.map(|argument| (*argument).to_owned()).collect()
    }

    pub async fn get(&self, path: &str) -> Value {
        let base = self.control.trim_end_matches('/').trim_end_matches("/_sim");
        let url = format!("{base}{path}");
        let text = client()
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let base = self.control.trim_end_matches('/').trim_end_matches("/_sim");
        let url = format!("{base}{path}");
        let text = client()
            .post(url)
            .json(&body)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
