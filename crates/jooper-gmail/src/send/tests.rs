use super::*;

fn mail(size: usize, thread: Option<&str>) -> OutgoingMail {
    let mut raw = b"From: a@sender.example\r\nTo: b@recipient.example\r\n\r\n".to_vec();
    raw.resize(size.max(raw.len()), b'x');
    OutgoingMail::new(raw, thread.map(str::to_owned)).unwrap()
}

fn wire(mail: &OutgoingMail) -> http::Request<bytes::Bytes> {
    post(&Endpoints::default(), mail)
        .authorized(&"token".into())
        .unwrap()
}

#[test]
fn a_small_mail_goes_as_json_and_a_large_one_as_an_upload() {
    let small = wire(&mail(200, Some("t1")));
    assert_eq!(small.uri().path(), "/gmail/v1/users/me/messages/send");
    let body: serde_json::Value = serde_json::from_slice(small.body()).unwrap();
    assert_eq!(body["threadId"], "t1");
    let raw = URL_SAFE.decode(body["raw"].as_str().unwrap()).unwrap();
    assert_eq!(raw, mail(200, None).raw());

    let large = mail(UPLOAD_FROM + 1, None);
    let sent = wire(&large);
    assert_eq!(sent.uri().path(), "/upload/gmail/v1/users/me/messages/send");
    assert_eq!(sent.uri().query(), Some("uploadType=media"));
    assert_eq!(&sent.body()[..], large.raw());

    let threaded = wire(&mail(UPLOAD_FROM + 1, Some("t1")));
    assert_eq!(threaded.uri().query(), Some("uploadType=multipart"));
    let text = String::from_utf8_lossy(threaded.body());
    assert!(text.contains(r#"{"threadId":"t1"}"#));
    let kind = threaded.headers()["content-type"].to_str().unwrap();
    let boundary = kind.rsplit_once('=').unwrap().1;
    assert_eq!(text.matches(&format!("--{boundary}")).count(), 3);
}

#[test]
fn what_the_permit_has_time_for_bounds_mails_by_the_body_they_have() {
    for (body, most) in [
        (usize::MAX, MAX_BYTES),
        (28 << 20, MAX_BYTES),
        (10 << 20, (10 << 20) - AROUND),
        (4_000_000, 2_999_232),
        (500, 0),
    ] {
        assert_eq!(most_within(body), most, "{body}");
    }
    // Never is a mail begun that its own limit would withhold.
    for body in [200_000, 4_600_000, 4_700_000, 9_000_000] {
        for size in [most_within(body), UPLOAD_FROM.min(most_within(body))] {
            let wire = wire(&mail(size, Some("some-thread")));
            assert!(wire.body().len() <= body, "{size} within {body}");
        }
    }
}

#[test]
fn only_a_request_that_cannot_have_arrived_is_not_sent() {
    let reason = |error| match unanswered(error) {
        Outcome::NotSent { reason, .. } => Ok(reason),
        Outcome::Unknown(cause) => Err(cause),
        Outcome::Sent(_) => panic!("no answer is never sent"),
    };
    assert_eq!(
        reason(HttpError::NotConnected),
        Ok(NotSentReason::Unreachable)
    );
    assert_eq!(
        reason(HttpError::Incomplete),
        Ok(NotSentReason::Unreachable)
    );
    assert_eq!(reason(HttpError::Withheld), Ok(NotSentReason::LeaseExpired));
    assert_eq!(reason(HttpError::Timeout), Err(UnknownCause::Timeout));
    assert_eq!(reason(HttpError::Lost), Err(UnknownCause::ConnectionLost));
    assert_eq!(reason(HttpError::Oversized), Err(UnknownCause::Unreadable));
}
