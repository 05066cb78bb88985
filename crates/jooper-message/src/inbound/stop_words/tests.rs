//! Requests and their look-alikes.

use super::*;

fn tag(text: &str) -> Option<&'static str> {
    find_stop_request(text).map(|r| r.language)
}

#[test]
fn requests_are_found_in_every_language() {
    for (expected, text) in [
        ("en", "Hi Ana, please take me off your list. Thanks"),
        ("en", "Unsubscribe"),
        ("en", "No, please don't contact me again."),
        (
            "de",
            "Guten Tag, bitte nehmen Sie mich aus Ihrem Verteiler.",
        ),
        (
            "de",
            "Ich widerspreche der Nutzung meiner Daten zu Werbezwecken.",
        ),
        ("nl", "Graag uitschrijven, dank u."),
        ("sv", "Hej! Ta bort mig från listan tack."),
        ("da", "Venligst fjern mig fra jeres liste."),
        ("no", "Vennligst meld meg av denne listen."),
        ("fr", "Merci de me désinscrire de votre liste."),
        ("fr", "Ne m’écrivez plus, s’il vous plaît."),
        ("fr", "Arrêtez de m'envoyer des mails."),
        ("es", "Por favor, denme de baja."),
        ("pt", "Por favor, remova o meu e-mail da sua base."),
        ("it", "Vi prego di cancellarmi dalla lista."),
        ("ro", "Vă rog să mă scoateți din listă."),
        ("ro", "Vă rog să mă ștergeți din listă."),
        ("ca", "Vull donar-me de baixa, gràcies."),
        ("pl", "Proszę usunąć mój adres z bazy."),
        ("cs", "Prosím, vyřaďte mě z databáze."),
        ("sk", "Prosím, vymažte moju adresu."),
        ("hr", "Molim vas, uklonite me s popisa."),
        ("sl", "Prosim, izbrišite moj naslov."),
        ("bg", "Моля, премахнете ме от списъка."),
        ("ru", "Пожалуйста, удалите мой адрес из базы."),
        ("uk", "Будь ласка, видаліть мою адресу."),
        ("fi", "Poistakaa minut listalta, kiitos."),
        ("et", "Palun eemaldage mind nimekirjast."),
        ("hu", "Kérem, ne küldjenek több levelet."),
        ("lt", "Prašau, išbraukite mane iš sąrašo."),
        ("lt", "Prašau pašalinti mane iš sąrašo."),
        ("lv", "Lūdzu, izdzēsiet manu adresi."),
        ("el", "Παρακαλώ διαγράψτε με από τη λίστα."),
        ("tr", "Lütfen beni listenizden çıkarın."),
        ("he", "בבקשה הסירו אותי מהרשימה"),
        ("ar", "الرجاء إزالتي من القائمة"),
        ("fa", "لطفا مرا از لیست حذف کنید"),
        ("ja", "今後の配信停止をお願いいたします。"),
        ("zh", "请不要再发邮件给我。"),
        ("ko", "메일 목록에서 제외해 주세요."),
        ("vi", "Vui lòng xóa tôi khỏi danh sách."),
        ("id", "Tolong hapus email saya dari daftar."),
        ("th", "กรุณาหยุดส่งอีเมลถึงฉัน"),
        ("hi", "कृपया मुझे ईमेल न भेजें"),
    ] {
        assert_eq!(tag(text), Some(expected), "{text}");
    }
    assert!(languages().count() >= 20);
}

#[test]
fn look_alikes_are_no_requests() {
    for text in [
        "Please don't remove me from the list, I like it.",
        "I do not want to unsubscribe, quite the contrary.",
        "Our unsubscribe rate went up, can you help with that?",
        "How do you deal with people who unsubscribe?",
        "We never stop emailing our customers at night, that is the problem.",
        "I hit unsubscribe by mistake, please keep me on the list.",
        "Not interested, thanks.",
        "Can we stop by your office on Monday?",
        "Remove the second paragraph from the offer and I will sign.",
        "Do your customers ask you to remove me too?",
        "You can unsubscribe at any time.",
        "See https://example.com/unsubscribe and unsubscribe@example.com",
        "Bitte tragen Sie mich nicht aus, ich lese gern mit.",
        "Bitte nicht löschen!",
        "Ne me désinscrivez pas, merci.",
        "No me den de baja, por favor.",
        "Non cancellatemi, grazie.",
        "Não me remova da lista, por favor.",
        "Nie wypisujcie mnie, proszę.",
        "Не удаляйте меня из рассылки.",
        "Ta inte bort mig från listan.",
        "",
        "?",
    ] {
        assert_eq!(find_stop_request(text), None, "{text}");
    }
}

#[test]
fn the_span_points_at_the_words() {
    let text = "Grüße! Bitte entfernen Sie mich.";
    let hit = find_stop_request(text).unwrap();
    assert_eq!(&text[hit.span.clone()], "entfernen Sie mich");
    assert!(hit.confidence > 900);
}

#[test]
fn every_phrase_of_every_table_is_found_as_written() {
    for language in languages::ALL {
        for phrase in language.requests.iter().chain(language.refusals) {
            let text = phrase.replace(" ~ ", " ").replace('*', "");
            let found = BOOK
                .find(&Tokens::new(&text, LIMIT))
                .into_iter()
                .any(|h| h.meaning.phrase == *phrase && h.meaning.language.tag == language.tag);
            assert!(found, "{} {phrase}", language.tag);
        }
    }
}

#[test]
fn negations_are_written_as_they_are_compared() {
    for language in languages::ALL {
        for word in language.negations {
            assert_eq!(
                crate::inbound::phrases::fold(word),
                *word,
                "{}",
                language.tag
            );
        }
    }
}
