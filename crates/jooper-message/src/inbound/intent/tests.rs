//! Replies of our own making in many languages.

use super::*;

fn judge(text: &str) -> IntentVerdict {
    PhraseClassifier::new().intent(text)
}

#[test]
fn intents_are_read_in_many_languages() {
    use Intent::*;
    for (expected, text) in [
        (
            Interested,
            "Sounds interesting, please send me more information.",
        ),
        (
            Interested,
            "Klingt spannend, schicken Sie mir gern mehr Informationen.",
        ),
        (
            Interested,
            "Cela m'intéresse, pouvez-vous m'envoyer votre plaquette ?",
        ),
        (
            Interested,
            "Me interesa, envíeme más información por favor.",
        ),
        (Interested, "Tenho interesse, pode enviar mais informações?"),
        (Interested, "Mi interessa, mi mandi maggiori informazioni."),
        (Interested, "Klinkt interessant, stuur me meer informatie."),
        (Interested, "Brzmi ciekawie, proszę o więcej informacji."),
        (Interested, "Låter intressant, skicka mer information."),
        (Interested, "Звучит интересно, пришлите подробности."),
        (Interested, "大変興味があります。資料をお送りください。"),
        (
            NotNow,
            "Not right now, please get back to me in three months.",
        ),
        (
            NotNow,
            "Aktuell nicht, melden Sie sich bitte im nächsten Quartal wieder.",
        ),
        (NotNow, "Pas pour le moment, revenez vers moi à la rentrée."),
        (NotNow, "Por ahora no, vuelva a contactarme el próximo año."),
        (NotNow, "Ikke lige nu, men skriv igen til foråret."),
        (NotNow, "Ei juuri nyt, palataan asiaan ensi vuonna."),
        (NotNow, "Şu an için bütçemiz yok, gelecek yıl tekrar yazın."),
        (NotInterested, "Thanks, but we are not interested."),
        (NotInterested, "Danke, aber wir haben keinen Bedarf."),
        (NotInterested, "Non merci, nous ne sommes pas intéressés."),
        (NotInterested, "Gracias, pero no nos interesa."),
        (NotInterested, "Nee bedankt, geen interesse."),
        (NotInterested, "Nej tak, vi har ikke behov."),
        (NotInterested, "Nemáme zájem, děkujeme."),
        (NotInterested, "Спасибо, нам это не интересно."),
        (NotInterested, "谢谢，我们不需要。"),
        (NotInterested, "I would not say we are interested."),
        (
            WrongPerson,
            "I'm not the right person, please talk to our buyer Tom Berg.",
        ),
        (
            WrongPerson,
            "Ich bin nicht zuständig, wenden Sie sich an Frau Weber.",
        ),
        (
            WrongPerson,
            "Ce n'est pas de mon ressort, contactez plutôt ma collègue.",
        ),
        (
            WrongPerson,
            "No soy la persona adecuada, escriba a compras@example.com.",
        ),
        (WrongPerson, "担当ではありません。購買部にご連絡ください。"),
        (Question, "How much does it cost for ten people?"),
        (Question, "Was kostet das für zehn Personen?"),
        (Question, "Combien coûte la version complète ?"),
        (Question, "¿Cuánto cuesta?"),
        (Question, "料金はいくらですか？"),
        (Meeting, "Let's talk, Tuesday at 10:00 works for me."),
        (
            Meeting,
            "Passt Ihnen Donnerstag um 14 Uhr? Dann können wir telefonieren.",
        ),
        (Meeting, "Je suis disponible mardi à 15h pour un appel."),
        (Meeting, "Podemos hablar el jueves a las 11:00."),
        (Meeting, "Here is my calendar: https://calendly.com/jo"),
        (Unsubscribe, "Please remove me from your list."),
        (Unsubscribe, "Merci de me désinscrire."),
    ] {
        let verdict = judge(text);
        assert_eq!(
            verdict.intent,
            Some(expected),
            "{text} {:?}",
            verdict.evidence
        );
        assert!(
            verdict.confidence >= 700 && verdict.confidence <= 1000 && !verdict.evidence.is_empty(),
            "{text}"
        );
    }
}

#[test]
fn it_abstains_when_nothing_is_said() {
    for text in [
        "",
        "Ok.",
        "Thanks!",
        "Best, Ana",
        "I will read it on the train.",
        "Merci",
        "12",
        "The weather here is fine and the dog sleeps.",
    ] {
        let verdict = judge(text);
        assert_eq!(
            (verdict.intent, verdict.confidence),
            (None, 0),
            "{text} {:?}",
            verdict.evidence
        );
    }
}

#[test]
fn referrals_and_follow_ups_are_read() {
    let verdict =
        judge("Wrong person. Please contact our buyer Maria Schulz, maria.schulz@example.org.");
    let referral = verdict.referral.unwrap();
    assert_eq!(
        (referral.name.as_deref(), referral.address.as_deref()),
        (Some("Maria Schulz"), Some("maria.schulz@example.org"))
    );
    assert!(!format!("{referral:?}").contains("aria"));
    for (text, expected) in [
        ("Not now, please come back in 3 months.", FollowUp::Days(90)),
        (
            "Nicht jetzt, bitte in drei Monaten wieder.",
            FollowUp::Days(90),
        ),
        ("Not now, get back to me in October.", FollowUp::Month(10)),
        (
            "Aktuell nicht, melden Sie sich im nächsten Quartal.",
            FollowUp::NextQuarter,
        ),
        (
            "Pas pour le moment, l'année prochaine peut-être.",
            FollowUp::NextYear,
        ),
        ("No budget until Q3.", FollowUp::Quarter(3)),
        (
            "지금은 어렵습니다. 6개월 후에 다시 연락 주세요.",
            FollowUp::Days(180),
        ),
    ] {
        assert_eq!(judge(text).follow_up, Some(expected), "{text}");
    }
    assert_eq!(judge("Not now.").follow_up, None);
}

#[test]
fn the_verdict_is_the_same_every_time_and_shows_where_it_looked() {
    let text = "Grüße! Wir haben kein Interesse.";
    let verdict = judge(text);
    assert_eq!(verdict, judge(text));
    assert_eq!(&text[verdict.evidence[0].span.clone()], "kein Interesse");
}

#[test]
fn a_classifier_is_used_behind_a_pointer() {
    let classifier: Box<dyn ReplyClassifier> = Box::new(PhraseClassifier::new());
    assert_eq!(
        classifier.intent("Not interested.").intent,
        Some(Intent::NotInterested)
    );
}

#[test]
fn words_are_written_as_they_are_compared() {
    use crate::inbound::phrases::fold;
    for words in languages::ALL {
        for word in words.negations {
            assert_eq!(fold(word), *word);
        }
    }
    let compared = languages::NUMBERS
        .iter()
        .map(|(w, _)| *w)
        .chain(languages::MONTH_LEADS.iter().copied());
    for word in compared {
        assert_eq!(fold(word), word);
    }
}

#[test]
fn the_day_of_a_return_is_no_proposal_to_meet() {
    let intent = |text: &str| judge(text).intent;
    for text in [
        "Ich bin im Urlaub und am Montag wieder im Büro.",
        "I am on vacation, back on Monday at 9:00.",
        "I'm back on Monday at 9:00.",
        "Am Montag bin ich wieder da.",
        "Je serai de retour au bureau le lundi 16 novembre à 9h00.",
        "Jag är på semester och är tillbaka på måndag klockan 8:00.",
    ] {
        assert_eq!(intent(text), None, "{text}");
    }
    for text in [
        "Am Montag um 10 Uhr?",
        "Ich bin bis Freitag im Urlaub. Am Montag um 10 Uhr ginge es.",
        "I am away until Monday, shall we talk on Tuesday at 10:00?",
        "I am on vacation this week. Tuesday at 10:00 is fine.",
    ] {
        assert_eq!(intent(text), Some(Intent::Meeting), "{text}");
    }
}
