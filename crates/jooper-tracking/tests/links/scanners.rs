//! Whatever follows links without pressing a button changes nothing.

use http::{Method, StatusCode, header};

use crate::world::{EMAIL, ONE_CLICK, World, text};

#[tokio::test]
async fn a_thousand_scanners_stop_nobody_and_one_press_stops_one() {
    let world = World::new().await;
    let (link, preferences) = (world.link().await, world.preferences().await);
    let before = world.log().await.len();
    for n in 0..1000 {
        let url = if n % 3 == 0 { &preferences } else { &link };
        let method = [Method::GET, Method::HEAD, Method::OPTIONS][n % 3].clone();
        let response = world.ask(method.clone(), url.as_str(), "").await;
        let expected = if method == Method::OPTIONS {
            StatusCode::METHOD_NOT_ALLOWED
        } else {
            StatusCode::OK
        };
        assert_eq!(response.status(), expected);
    }
    assert_eq!(world.listed().await, (0, 0));
    assert_eq!(world.log().await.len(), before);
    assert_eq!(world.tracking.requests(world.ws).await.unwrap(), []);

    assert_eq!(world.post(&link, ONE_CLICK).await.status(), StatusCode::OK);
    assert!(world.is_stopped(EMAIL).await);
}

/// B-95 and B-98: the right words by the wrong method.
#[tokio::test]
async fn one_click_by_another_method_changes_nothing() {
    let world = World::new().await;
    let link = world.link().await;
    let with_query = format!("{link}?{ONE_CLICK}");
    for (method, url, body) in [
        (Method::GET, link.as_str(), ONE_CLICK),
        (Method::GET, with_query.as_str(), ""),
        (Method::HEAD, link.as_str(), ONE_CLICK),
        (Method::PUT, link.as_str(), ONE_CLICK),
        (Method::DELETE, link.as_str(), ONE_CLICK),
        (Method::PATCH, link.as_str(), "choice=stop"),
    ] {
        let response = world.ask(method.clone(), url, body).await;
        assert!(!response.body().is_empty() || method != Method::GET);
        assert_eq!(world.listed().await, (0, 0), "{method} {url}");
    }
}

#[tokio::test]
async fn the_pages_hold_no_data_and_load_nothing() {
    let world = World::new().await;
    for url in [world.link().await, world.preferences().await] {
        let response = world.get(&url).await;
        let headers = response.headers();
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(headers.get(header::SET_COOKIE).is_none());
        assert!(headers.get(header::LOCATION).is_none());
        let page = text(&response);
        assert!(page.contains("lang=\"en\"") && page.contains("name=\"viewport\""));
        assert!(page.contains("prefers-color-scheme:dark"));
        for word in [
            EMAIL, "gmail", "a.da", "<script", "http:", "https:", "@import",
        ] {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[tokio::test]
async fn a_head_answer_has_no_body_whatever_it_says() {
    let world = World::new().await;
    let link = world.link().await;
    for url in [link.as_str(), "https://t.example/links/u/nothing"] {
        assert!(world.ask(Method::HEAD, url, "").await.body().is_empty());
    }
}
