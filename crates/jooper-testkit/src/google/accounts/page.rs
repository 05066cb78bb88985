//! The few pages a browser would see, as plain as they can be.

use super::super::http::SimResponse;
use super::Directory;

/// Shows which accounts there are; each link repeats the request with that account chosen.
pub(super) fn chooser(directory: &Directory, query: &[(String, String)]) -> SimResponse {
    let mut items = String::new();
    for user in directory.users.values() {
        let mut next: Vec<(String, String)> = query
            .iter()
            .filter(|(k, _)| k != "login_hint" && k != "prompt")
            .cloned()
            .collect();
        next.push(("login_hint".to_owned(), user.sub.clone()));
        if query
            .iter()
            .any(|(k, v)| k == "prompt" && v.contains("consent"))
        {
            next.push(("prompt".to_owned(), "consent".to_owned()));
        }
        let link = format!("/o/oauth2/v2/auth?{}", query_pairs(&next));
        items.push_str(&format!(
            "<li><a href=\"{}\">{} ({})</a></li>",
            escape(&link),
            escape(&user.name),
            escape(&user.email)
        ));
    }
    html(200, &format!("<h1>Choose an account</h1><ul>{items}</ul>"))
}

/// Shows why a request never became a consent screen; nothing is sent to the redirect URI then.
pub(super) fn refusal(status: u16, code: &str, text: &str) -> SimResponse {
    html(
        status,
        &format!(
            "<h1>Access blocked: Authorization Error</h1><p>Error {status}: {}</p><p>{}</p>",
            escape(code),
            escape(text)
        ),
    )
}

fn html(status: u16, body: &str) -> SimResponse {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign in (simulator)</title><body>{body}</body></html>"
    );
    SimResponse::new(status)
        .header("Content-Type", "text/html; charset=utf-8")
        .body(page.into_bytes())
}

/// Form-encodes pairs for a query.
fn query_pairs(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
