use super::*;

#[test]
fn plain_http_is_refused_unless_loopback() {
    for (text, verdict) in [
        ("https://gmail.googleapis.com/gmail/v1", Ok(())),
        ("http://127.0.0.1:4010/token", Ok(())),
        ("http://[::1]:4010/token", Ok(())),
        ("http://localhost/token", Ok(())),
        (
            "http://oauth2.googleapis.com/token",
            Err(InvalidEndpoint::NotPrivate),
        ),
        (
            "http://localhost.example.com/token",
            Err(InvalidEndpoint::NotPrivate),
        ),
        ("http://10.0.0.1/token", Err(InvalidEndpoint::NotPrivate)),
        ("ftp://127.0.0.1/token", Err(InvalidEndpoint::NotUrl)),
        ("https://user@host.example/", Err(InvalidEndpoint::Extra)),
        ("https://host.example/?a=1", Err(InvalidEndpoint::Extra)),
        ("token", Err(InvalidEndpoint::NotUrl)),
    ] {
        assert_eq!(text.parse::<Endpoint>().map(|_| ()), verdict, "{text}");
    }
}

#[test]
fn every_endpoint_is_a_setting_of_its_own() {
    let read = |text: &str| serde_json::from_str::<GmailSettings>(text);
    let client = r#""mailbox":{"id":"m","secret":"hush","redirect_uri":"https://a.example/cb"}"#;
    let google = Endpoints::default();
    for (name, pick) in [
        (
            "authorize",
            (|e: &Endpoints| e.authorize.clone()) as fn(&Endpoints) -> Endpoint,
        ),
        ("token", |e| e.token.clone()),
        ("revoke", |e| e.revoke.clone()),
        ("jwks", |e| e.jwks.clone()),
        ("userinfo", |e| e.userinfo.clone()),
        ("gmail", |e| e.gmail.clone()),
        ("upload", |e| e.upload.clone()),
    ] {
        let settings = read(&format!(
            r#"{{{client},"endpoints":{{"{name}":"http://127.0.0.1:1/x"}}}}"#
        ))
        .unwrap();
        assert_eq!(
            pick(&settings.endpoints).url().as_str(),
            "http://127.0.0.1:1/x"
        );
        assert_ne!(pick(&settings.endpoints), pick(&google));
        assert!(
            read(&format!(
                r#"{{{client},"endpoints":{{"{name}":"http://evil.example/"}}}}"#
            ))
            .is_err()
        );
    }
    assert!(
        read(&format!(r#"{{{client},"endpoint":{{}}}}"#)).is_err(),
        "a typo is told"
    );
    assert!(!format!("{:?}", read(&format!("{{{client}}}")).unwrap()).contains("hush"));
}

#[test]
fn no_share_of_the_quota_is_refused() {
    let read = |percent: u16| {
        let text = format!(r#"{{"project_share_percent":{percent}}}"#);
        serde_json::from_str::<QuotaSettings>(&text)
    };
    assert_eq!(read(50).unwrap().project_share_percent.get(), 50);
    assert!(read(0).is_err());
    assert!(read(256).is_err());
    assert_eq!(QuotaSettings::default().project_share_percent.get(), 100);
}

#[test]
fn googles_paths_follow_another_root() {
    let below = Endpoints::below(&"http://127.0.0.1:9/sim/".parse().unwrap()).unwrap();
    assert_eq!(
        below.gmail.url().as_str(),
        "http://127.0.0.1:9/sim/gmail/v1"
    );
    assert_eq!(
        below.authorize.url().as_str(),
        "http://127.0.0.1:9/sim/o/oauth2/v2/auth"
    );
}
