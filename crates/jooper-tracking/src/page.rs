//! The few pages that people outside see. No script, no cookie, nothing about anybody.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use sha2::{Digest, Sha256};

/// What a page may load: its one inline style sheet, by its hash (CSP level 2, section 4.2.5).
pub(crate) fn content_security_policy() -> HeaderValue {
    static POLICY: OnceLock<HeaderValue> = OnceLock::new();
    POLICY
        .get_or_init(|| {
            let hash = STANDARD.encode(Sha256::digest(STYLE));
            let policy = format!(
                "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            );
            HeaderValue::from_str(&policy)
                .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
        })
        .clone()
}

const STYLE: &str = ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem;color:#1b1d22;background:#fff}h1{font-size:1.5rem}button{font:inherit;padding:.6rem 1rem;border:1px solid #3d4250;border-radius:.5rem;background:#1b1d22;color:#fff;cursor:pointer}button:focus-visible,a:focus-visible{outline:3px solid #4c6fff;outline-offset:2px}form{margin:1rem 0}.quiet{background:#fff;color:#1b1d22}@media(prefers-color-scheme:dark){body{background:#14161b;color:#e8e9ec}button{background:#e8e9ec;color:#14161b}.quiet{background:#14161b;color:#e8e9ec}a{color:#9db2ff}}";

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}

fn button(choice: &str, label: &str, class: &str) -> String {
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"choice\" value=\"{choice}\"><button class=\"{class}\" type=\"submit\">{label}</button></form>"
    )
}

/// What a user typed, as text of a page.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

pub(crate) fn sign_up(sender: &str, wrong: bool) -> String {
    let sender = escape(sender);
    let said = if wrong {
        "<p role=\"alert\">This is no e-mail address. Please look at it again.</p>"
    } else {
        ""
    };
    page(
        "Would you like mail?",
        &format!(
            "<p>{sender} writes to you when you ask for it here. You first get one mail with a link; only when you follow it and say yes do you get more.</p>{said}<form method=\"post\"><p><label for=\"email\">Your e-mail address</label></p><p><input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" maxlength=\"254\" required></p><button type=\"submit\">Send me the link</button></form>"
        ),
    )
}

pub(crate) fn look_into_your_mailbox() -> String {
    page(
        "Please look into your mailbox",
        "<p>If this address can get mail from here, a link is on its way to it. Nothing more is sent unless you follow it and say yes, within a week.</p>",
    )
}

/// To whom and to what one agrees. The record of the consent names this very text by its hash.
pub(crate) fn confirm(sender: &str, privacy_url: &str) -> String {
    let (sender, privacy) = (escape(sender), escape(privacy_url));
    page(
        "Yes, I would like mail",
        &format!(
            "<p>{sender} may send offers by e-mail to the address that this link was mailed to. You can take that back at any time: every mail has a link that stops all mail at once.</p><p><a href=\"{privacy}\">How {sender} uses your data</a></p>{}<p>If you did not ask for this, close the page, and nothing more comes of it. Anybody can type your address again; to be asked no more:</p>{}",
            button("yes", "Yes, I agree", ""),
            button("no", "No, and never write to me", "quiet")
        ),
    )
}

pub(crate) fn confirmed(receipt: &str) -> String {
    page(
        "Thank you",
        &format!("<p>Your consent is recorded. Receipt: <code>{receipt}</code></p>"),
    )
}

pub(crate) fn declined() -> String {
    page(
        "Done: you are not asked again",
        "<p>This sender does not write to your address any more, whoever types it.</p>",
    )
}

pub(crate) fn unsubscribe() -> String {
    page(
        "Stop these mails?",
        &format!(
            "<p>One press, and this sender does not write to you again.</p>{}",
            button("stop", "Yes, no more mail", "")
        ),
    )
}

pub(crate) fn stopped(preferences: &str) -> String {
    page(
        "Done: no more mail",
        &format!(
            "<p>This sender does not write to you any more, from this moment on.</p><p><a href=\"{preferences}\">More choices: stop every sender here, see or erase your data</a></p>"
        ),
    )
}

pub(crate) fn preferences() -> String {
    page(
        "Your choices",
        &[
            "<p>Each button does one thing, at once.</p>".to_owned(),
            button("stop", "Stop all mail from this sender", ""),
            button(
                "everyone",
                "Stop all mail from every sender on this platform",
                "",
            ),
            button("see", "I want to see my data", "quiet"),
            button("erase", "I want my data erased", "quiet"),
        ]
        .concat(),
    )
}

pub(crate) fn stopped_everywhere() -> String {
    page(
        "Done: no more mail from anyone here",
        "<p>No sender on this platform writes to you any more.</p>",
    )
}

pub(crate) fn requested() -> String {
    page(
        "We have your request",
        "<p>The sender was told and answers within a month. The answer goes to your address only.</p>",
    )
}

pub(crate) fn nothing_done() -> String {
    page(
        "Nothing was changed",
        "<p>Please go back and press one of the buttons.</p>",
    )
}

pub(crate) fn unknown() -> String {
    page(
        "This link does not work",
        "<p>Please open the link exactly as it stands in the mail. If that does not help, simply answer the mail and write that you want no more.</p>",
    )
}

pub(crate) fn later() -> String {
    page(
        "Please try again in a moment",
        "<p>Something here did not work. Nothing is lost; please press the button again.</p>",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_loads_anything_or_runs_a_script() {
        for page in [
            unsubscribe(),
            stopped("/p/x"),
            preferences(),
            requested(),
            unknown(),
            later(),
            sign_up("A & B <GmbH>", true),
            look_into_your_mailbox(),
            confirm("A & B <GmbH>", "privacy"),
            confirmed("00ff"),
        ] {
            assert!(!page.contains("<GmbH>"), "{page}");
            assert!(
                !page.contains("<script") && !page.contains("http"),
                "{page}"
            );
            assert!(!page.contains("style=\""), "{page}");
            let mut words = page.split(|c: char| c.is_whitespace() || c == '"');
            let handler = |word: &str| word.starts_with("on") && word.contains('=');
            assert!(!words.any(handler), "{page}");
        }
    }
}
