//! Reads pages and sends forms as a browser would: with its cookies and the token of its session.

#![allow(dead_code, reason = "each test target uses its own part")]

use reqwest::{RequestBuilder, Response, StatusCode, header};

use crate::support::client;

/// A browser before one server, with the cookies that it was given.
pub(crate) struct Pages {
    pub(crate) root: String,
    pub(crate) cookie: String,
}

impl Pages {
    pub(crate) fn new(root: &str) -> Self {
        Self {
            root: root.trim_end_matches('/').to_owned(),
            cookie: String::new(),
        }
    }

    fn asking(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(header::COOKIE, &self.cookie)
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response {
        let request = client().get(format!("{}{path}", self.root));
        let answer = self.asking(request).send().await.unwrap();
        self.remember(&answer);
        answer
    }

    fn remember(&mut self, answer: &Response) {
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, _) = pair.split_once('=').unwrap();
            let named = format!("{name}=");
            let others = self.cookie.split("; ").filter(|old| !old.is_empty());
            let mut all: Vec<_> = others.filter(|old| !old.starts_with(&named)).collect();
            all.push(pair);
            self.cookie = all.join("; ");
        }
    }

    /// The token in the first form of a page.
    pub(crate) async fn token(&mut self, page: &str) -> String {
        let html = self.get(page).await.text().await.unwrap();
        let (_, rest) = html.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }

    pub(crate) async fn post(
        &mut self,
        path: &str,
        origin: &str,
        fields: &[(&str, &str)],
    ) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = client()
            .post(format!("{}{path}", self.root))
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let answer = self.asking(request).send().await.unwrap();
        self.remember(&answer);
        answer
    }

    pub(crate) async fn upload(&mut self, token: &str, csv: &str) -> (StatusCode, String) {
        self.upload_to("/leads/import", token, csv).await
    }

    pub(crate) async fn upload_to(
        &mut self,
        path: &str,
        token: &str,
        csv: &str,
    ) -> (StatusCode, String) {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n\
             --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a <b>.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n{csv}\r\n--b--\r\n"
        );
        let request = client()
            .post(format!("{}{path}", self.root))
            .header(header::ORIGIN, &self.root)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(body);
        let answer = self.asking(request).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }
}
