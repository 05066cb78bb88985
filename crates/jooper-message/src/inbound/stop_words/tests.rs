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

/// Words of stopping about something else, each beside its twin that means it.
#[rustfmt::skip] // A table is read in rows.
const TWINS: &[(&str, &str)] = &[
    ("Please remove our logo from the second page.", "Please remove our address from the second list."),
    ("Please remove the second item from the offer.", "Please remove me from the offers."),
    ("We cannot stop thinking about it.", "Stop emailing me, I cannot think."),
    ("When does the offer stop?", "Could you stop emailing me?"),
    ("Stop sending me samples, the last box was plenty.", "Stop sending me offers, the last one was plenty."),
    ("Do not contact me on Monday, I am travelling.", "Do not contact me from Monday on."),
    ("Please do not contact me before May.", "Please do not contact me again."),
    ("Please do not write to me at my old address, use this one.", "Please do not write to me at my new address either."),
    ("Please do not contact me by phone, I never hear it.", "Please do not contact me by phone or email."),
    ("We had to stop emailing suppliers by hand, hence the question.", "I have asked you to stop emailing suppliers by hand."),
    ("Please don't send any more invoices, the first one is paid.", "Please don't send any more, the first one was enough."),
    ("Do not contact us until Thursday, please.", "Do not contact us until further notice."),
    ("Bitte löschen Sie diese Position aus dem Angebot.", "Bitte löschen Sie diese Adresse aus dem Verteiler."),
    ("Entfernen Sie meine zweite Bestellung, der Rest bleibt.", "Entfernen Sie meine zweite Adresse."),
    ("Die dritte Lieferung bitte abbestellen.", "Den Newsletter bitte abbestellen."),
    ("Bitte kontaktieren Sie mich nicht vor Donnerstag.", "Bitte kontaktieren Sie mich nicht mehr."),
    ("Am Montag kontaktieren Sie mich nicht, da bin ich auf der Messe.", "Ab Montag kontaktieren Sie mich nicht mehr."),
    ("Verwijder dit artikel uit de offerte, dan teken ik.", "Verwijder dit adres uit het bestand."),
    ("We willen graag drie artikelen van uw lijst bestellen.", "Ik wil graag verwijderd worden van uw lijst."),
    ("Ta bort denna rad ur offerten, tack.", "Ta bort denna adress, tack."),
    ("Vi vil gerne bestille nummer 3 fra jeres liste.", "Vi vil gerne slettes fra jeres liste."),
    ("Fjern denne linje, så skriver jeg under.", "Fjern denne mailadresse."),
    ("Supprimez cette ligne du devis et je signe.", "Supprimez cette adresse."),
    ("Ne me contactez plus avant lundi, je suis en congé.", "Ne me contactez plus, je suis en congé."),
    ("Eliminen mi segundo pedido, por favor.", "Eliminen mi dirección, por favor."),
    ("Las piezas son para la planta baja por favor.", "La baja por favor."),
    ("No vuelva a cometer ese error y firmamos.", "No vuelva a escribirme."),
    ("Quero cancelar a minha encomenda de ontem.", "Quero cancelar a minha subscrição."),
    ("Interessa-nos o artigo 3 da sua lista.", "Peço que retirem a empresa da sua lista."),
    ("Vorremmo ordinare due pezzi dalla vostra lista.", "Vorremmo essere eliminati dalla vostra lista."),
    ("Non voglio più aspettare, mi chiami oggi.", "Non voglio più ricevere niente."),
    ("Annullate la mia prenotazione di martedì.", "Annullate la mia iscrizione."),
    ("Proszę usunąć pozycję trzecią z oferty.", "Proszę usunąć adres z bazy."),
    ("Nie chcę więcej czekać, kiedy możemy porozmawiać?", "Nie chcę więcej wiadomości."),
    ("Zajímají nás dvě věci z vašeho seznamu.", "Žádám o vyřazení z vašeho seznamu."),
    ("Prosím o odstranění druhé položky.", "Prosím o odstranění z databáze."),
    ("О вас я узнал из вашей рассылки, сколько это стоит?", "Исключите компанию из вашей рассылки."),
    ("Прошу удалить второй пункт договора.", "Прошу удалить адрес."),
    ("Не хочу больше ждать, пришлите счёт.", "Не хочу больше писем."),
    ("Двоє товарів з вашої розсилки нам цікаві.", "Видаліть фірму з вашої розсилки."),
    ("Kettő érdekel minket a listájukról.", "Vegyenek le minket a listájukról."),
    ("Kérem törölje a harmadik tételt.", "Kérem törölje a címemet."),
    ("Θέλουμε δύο είδη από τη λίστα σας.", "Διαγραφή από τη λίστα σας, παρακαλώ."),
    ("Domnule, nu mai doresc să aștept, sunați-mă.", "Nu mai doresc să primesc nimic."),
    ("נא להסיר את השורה השנייה מההצעה.", "נא להסיר את הכתובת שלנו."),
    ("نريد ثلاثة منتجات من قائمتكم.", "أرجو حذف شركتنا من قائمتكم."),
    ("Kami mau memesan dua barang dari daftar Anda.", "Tolong hapus kami dari daftar Anda."),
    ("请删除我的第二个订单。", "请删除我的邮箱地址。"),
];

#[test]
fn another_object_or_a_limit_makes_no_request() {
    let mut wrong = Vec::new();
    for (look_alike, meant) in TWINS {
        wrong.extend(find_stop_request(look_alike).map(|found| (*look_alike, found.phrase)));
        wrong.extend(find_stop_request(meant).is_none().then_some((*meant, "")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
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
        let Language {
            requests,
            refusals,
            unfinished,
            places,
            wishes,
            ..
        } = language;
        let tables = [requests, refusals, unfinished, places, wishes];
        for phrase in tables.into_iter().copied().flatten() {
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
