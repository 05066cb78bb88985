use crate::inbound::mail::InboundMail;
use crate::inbound::{AutoReply, Context, Kind, classify};

fn kind(text: &str) -> Kind {
    classify(&InboundMail::parse(text.as_bytes()), &Context::default()).kind
}

fn auto(text: &str) -> AutoReply {
    match kind(text) {
        Kind::AutoReply(found) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rfc3834_decides_without_any_words() {
    let text =
        "From: ada@dest.example\nSubject: hi\nAuto-Submitted: auto-replied (vacation)\n\nzzz";
    assert!(matches!(
        auto(text),
        AutoReply::OutOfOffice { returns: None }
    ));
    assert_eq!(
        kind(&text.replace("auto-replied (vacation)", "no")),
        Kind::Personal
    );
}

#[test]
fn the_kinds_are_told_in_several_languages() {
    let mail = |body: &str| {
        format!(
            "From: ada@dest.example\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nSubject: hi\nAuto-Submitted: auto-replied\nContent-Type: text/plain; charset=utf-8\n\n{body}"
        )
    };
    assert_eq!(
        auto(&mail("Frau Byron ist nicht mehr bei uns tätig.")),
        AutoReply::LeftCompany
    );
    assert_eq!(
        auto(&mail("Nous avons bien reçu votre demande.")),
        AutoReply::Acknowledgement
    );
    assert_eq!(
        auto(&mail(
            "Please confirm that you are a human to release your message."
        )),
        AutoReply::ChallengeResponse
    );
    assert!(matches!(
        auto(&mail("Sono in ferie, rientrerò il 16 novembre.")),
        AutoReply::OutOfOffice { returns: Some(_) }
    ));
}

#[test]
fn a_persons_absence_in_an_answer_stays_a_persons() {
    let text = "From: ada@dest.example\nSubject: Re: hi\nIn-Reply-To: <x@y>\nX-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\n\nI am on vacation until Monday, but send me the price list.";
    assert_eq!(kind(text), Kind::Reply);
}

#[test]
fn a_title_of_its_own_with_telling_words_is_a_machines() {
    let text = "From: ada@dest.example\nSubject: I am away\nIn-Reply-To: <x@y>\n\nOut of the office this week.";
    assert!(matches!(auto(text), AutoReply::OutOfOffice { .. }));
    assert_eq!(
        kind(
            &text
                .replace("I am away", "New number")
                .replace("Out of the office this week.", "Please call 555-0100.")
        ),
        Kind::Reply
    );
}

#[test]
fn quoted_words_never_make_an_automatic_answer() {
    let text = "From: ada@dest.example\nSubject: Thoughts\nIn-Reply-To: <x@y>\n\nSounds good.\n\nOn Mon, 2 Nov 2026 at 10:00, Me <me@our.example> wrote:\n> This is an automated message. I am out of the office. Unsubscribe here.\n";
    assert_eq!(kind(text), Kind::Reply);
}

#[test]
fn a_machines_answer_without_known_words_is_told_by_its_structure() {
    let text =
        "From: ada@dest.example\nReturn-Path: <>\nSubject: Re: hi\nIn-Reply-To: <x@y>\n\nqwerty";
    assert!(matches!(kind(text), Kind::AutoReply(_)));
}

#[test]
fn mail_that_waits_for_its_sender_is_a_challenge() {
    let held = [
        "Mensaje automático. Su mensaje ha quedado retenido: escriba los caracteres de la imagen.",
        "I only take mail from senders I have approved. Yours waits in my suspect email folder.",
        "Ihre Mail wird erst zugestellt, wenn Sie die Zeichen aus dem Bild eingeben.",
    ];
    for text in held {
        let raw = format!(
            "From: a@x.example\r\nSubject: Re: Offer\r\nAuto-Submitted: auto-replied\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        );
        assert_eq!(auto(&raw), AutoReply::ChallengeResponse, "{text}");
    }
}
