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
    let mut lost: Vec<&&str> = Vec::new();
    for language in languages::ALL {
        let Language {
            requests,
            refusals,
            unfinished,
            places,
            wishes,
            ..
        } = language;
        let as_written = |phrase: &str| phrase.replace(" ~ ", " ").replace('*', "");
        let tables = [requests, refusals, unfinished, places, wishes];
        for phrase in tables.into_iter().copied().flatten() {
            let found = BOOK
                .find(&Tokens::new(&as_written(phrase), LIMIT))
                .into_iter()
                .any(|h| h.meaning.phrase == *phrase && h.meaning.language.tag == language.tag);
            assert!(found, "{} {phrase}", language.tag);
        }
        // A place is a request beside a word of removing only.
        let meant = [requests, refusals, unfinished, wishes];
        let meant = meant.into_iter().copied().flatten();
        // "Delete it" needs what "it" is.
        let heard = |phrase: &str| {
            let alone = as_written(phrase);
            find_stop_request(&alone).is_some()
                || find_stop_request(&format!("You have my address. {alone}")).is_some()
        };
        lost.extend(meant.filter(|phrase| !heard(phrase)));
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

/// Objections beside words of a footer, of a tale or of a mistake, and sentences that are such.
#[rustfmt::skip] // A table is read in rows.
const OBJECTIONS: &[&str] = &[
    "I want to unsubscribe.",
    "I would like to unsubscribe from this.",
    "I tried to unsubscribe twice, to no avail.",
    "Your unsubscribe link does not work, please remove me from your list.",
    "Your unsubscribe link does not work please remove me from your list.",
    "Not interested please remove me from your list.",
    "Not interested remove me from your list.",
    "I was added by mistake, please take me off your list.",
    "How many times do I have to tell you to stop emailing me?",
    "If you do not want a complaint, stop emailing me.",
    "If you don't want me to report these emails as spam, stop emailing me.",
    "I have asked you to remove me three times.",
    "Remove me from your list, our customers laugh at such mails.",
    "Can your team please remove me from the list?",
    "You can unsubscribe me right now.",
    "Tell him to stop emailing me.",
    "I hate these emails do not contact me again",
    "If someone gave you my address, remove me.",
    "Stop emailing me unless you want to hear from our lawyers.",
    "Sie haben mich versehentlich im Verteiler, bitte entfernen Sie mich.",
    "Falls Sie keine Rechtsgrundlage haben, löschen Sie meine Daten.",
    "Wenn Sie keine Anzeige wegen unerlaubter Mails wollen, nehmen Sie mich aus dem Verteiler.",
    "Klicken hilft nicht, bitte melden Sie mich vom Newsletter ab.",
    "Vous m'avez ajouté par erreur, désinscrivez-moi.",
    "Si vous ne souhaitez plus de plaintes, retirez-moi de votre liste.",
    "Me han añadido por error, elimínenme de la lista.",
    "Se non desidera una denuncia per questi messaggi, cancellatemi dalla lista.",
    "Als u geen klacht wilt, haal mij van de lijst.",
    "Trafiłem na listę przez pomyłkę, proszę usunąć mój adres.",
    "Я попал в рассылку по ошибке, удалите меня.",
];

/// Asides whole, with nobody's own request in them.
#[rustfmt::skip] // A table is read in rows.
const WHOLE_ASIDES: &[&str] = &[
    "To unsubscribe, click here.",
    "Click here to unsubscribe.",
    "Please unsubscribe here if you no longer wish to receive these emails.",
    "If you no longer wish to receive our emails, please unsubscribe.",
    "If you want to unsubscribe, reply to this mail.",
    "Would you like to unsubscribe?",
    "Wenn Sie keine weiteren Mails wünschen, klicken Sie hier.",
    "Si vous ne souhaitez plus recevoir nos messages, cliquez ici.",
    "They want to unsubscribe and cannot.",
    "What do our customers do when they want to unsubscribe?",
    "How many people ask you to remove my kind of questions?",
    "When someone wants you to stop emailing them, what happens?",
    "I asked you to remove me from the list, but I have changed my mind.",
    "There is no need to remove me.",
    "I'm not asking you to stop emailing me.",
    "I unsubscribed by mistake.",
];

#[test]
fn an_aside_takes_nothing_from_an_objection_beside_it() {
    let lost = OBJECTIONS
        .iter()
        .filter(|text| find_stop_request(text).is_none());
    let heard = WHOLE_ASIDES
        .iter()
        .filter(|text| find_stop_request(text).is_some());
    let wrong: Vec<_> = lost.chain(heard).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Ways of refusing that tables lacked, each beside a sentence that turns it round or means another.
#[rustfmt::skip] // A table is read in rows.
const TURNED: &[(&str, &str)] = &[
    ("Please don't reach out again.", "Please don't hesitate to reach out again."),
    ("Please don't email again.", "Why don't you email again?"),
    ("Please do not send these emails.", "Please do not send these invoices."),
    ("Do not bother me.", "Your emails do not bother me."),
    ("I would like to be removed.", "I would not like to be removed."),
    ("We want to be removed from your database.", "We want to be removed from the third order."),
    ("Please exclude me from future mailings.", "Please don't exclude me from future mailings."),
    ("Please exclude me from the list.", "Please exclude me from the meeting on Friday."),
    ("I asked to be removed from your list.", "You asked to be removed from our list."),
    ("Take me out of your database.", "Don't take me out of your database."),
    ("Bitte schreiben Sie mich nicht mehr an.", "Bitte schreiben Sie mich gern wieder an."),
    ("Schreiben Sie mich bitte in Zukunft nicht mehr an.", "Schreiben Sie mich im Mai an."),
    ("Bitte nehmen Sie mich raus.", "Bitte nehmen Sie mich nicht raus."),
    ("Ich möchte aus dem Verteiler entfernt werden.", "Ich möchte nicht aus dem Verteiler entfernt werden."),
    ("Melden Sie sich bitte nicht mehr.", "Melden Sie sich bitte."),
    ("Bitte schließen Sie mich von weiteren Mails aus.", "Bitte schließen Sie mich nicht aus."),
    ("Ik wil graag verwijderd worden.", "Ik wil niet verwijderd worden."),
    ("Val mij niet meer lastig.", "Valt het mee?"),
    ("Jag vill tas bort från listan.", "Jag vill inte tas bort från listan."),
    ("Stör mig inte mer.", "Stör jag?"),
    ("Vi vil gerne fjernes.", "Vi vil ikke gerne fjernes."),
    ("Ikke ta kontakt igjen.", "Ta kontakt igjen i mai."),
    ("Je souhaite être retiré de votre liste.", "Je ne souhaite pas être retiré de votre liste."),
    ("Merci de ne plus me recontacter.", "Merci de me recontacter."),
    ("Excluez-moi de vos envois.", "Ne m'excluez pas de vos envois."),
    ("Quiero ser eliminado de su lista.", "No quiero ser eliminado de su lista."),
    ("No se pongan en contacto conmigo.", "Pónganse en contacto conmigo."),
    ("Gostaria de ser removido.", "Não gostaria de ser removido."),
    ("Não entrem em contato.", "Entrem em contato."),
    ("Vorrei essere escluso dai vostri invii di email.", "Non vorrei essere escluso dai vostri invii di email."),
    ("Non ricontattatemi.", "Ricontattatemi."),
    ("Vreau să fiu eliminat din listă.", "Nu vreau să fiu eliminat din listă."),
    ("Vull ser eliminat de la llista.", "No vull ser eliminat de la llista."),
    ("Chcę zostać usunięty z bazy.", "Nie chcę zostać usunięty z bazy."),
    ("Nie zawracajcie mi głowy.", "Wracajcie do mnie."),
    ("Chci být vyřazen.", "Nechci být vyřazen."),
    ("Neozývajte sa.", "Ozvite sa."),
    ("Želim biti uklonjen s liste.", "Ne želim biti uklonjen s liste."),
    ("Želim biti odstranjen s seznama.", "Ne želim biti odstranjen s seznama."),
    ("Искам да бъда премахнат от списъка.", "Не искам да бъда премахнат от списъка."),
    ("Хочу быть исключён из базы.", "Не хочу быть исключён из базы."),
    ("Не надоедайте.", "Вы не надоели."),
    ("Хочу бути видалений.", "Не хочу бути видалений."),
    ("Haluan tulla poistetuksi.", "En halua tulla poistetuksi."),
    ("Soovin olla eemaldatud.", "Ei soovi olla eemaldatud."),
    ("Ne zavarjanak többet.", "Zavarok?"),
    ("Noriu būti pašalintas.", "Nenoriu būti pašalintas."),
    ("Vēlos tikt izņemts no saraksta.", "Nevēlos tikt izņemts no saraksta."),
    ("Θα ήθελα να αφαιρεθώ.", "Δεν θα ήθελα να αφαιρεθώ."),
    ("Silinmek istiyorum.", "Silinmek istemiyorum."),
    ("אל תטרידו אותי.", "אתם לא מטרידים אותי."),
    ("لا تزعجوني.", "لن تزعجوني أبدا."),
    ("مزاحم نشوید.", "مزاحم نیستید."),
    ("送らないでください。", "送ってください。"),
    ("请把我排除。", "不要把我排除。"),
    ("귀찮게 하지 마세요.", "귀찮지 않아요."),
    ("Tôi muốn được gỡ khỏi danh sách.", "Tôi không muốn được gỡ khỏi danh sách."),
    ("Saya ingin dihapus dari daftar.", "Saya tidak ingin dihapus dari daftar."),
    ("อย่ารบกวน", "ไม่รบกวน"),
    ("कृपया परेशान न करें।", "आप परेशान नहीं करते।"),
];

#[test]
fn other_ways_of_refusing_are_heard_and_turned_ones_are_not() {
    let mut wrong = Vec::new();
    for (meant, turned) in TURNED {
        wrong.extend(find_stop_request(turned).map(|found| (*turned, found.phrase)));
        wrong.extend(find_stop_request(meant).is_none().then_some((*meant, "")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_title_is_a_request_and_nothing_else() {
    for title in [
        "Please unsubscribe me",
        "Remove me from your list",
        "STOP",
        "Bitte nehmen Sie mich aus dem Verteiler",
    ] {
        assert!(is_nothing_else(title), "{title}");
    }
    for title in [
        "Stop emailing people who never answer",
        "Stop emailing strangers",
        "Our offer",
        "",
    ] {
        assert!(!is_nothing_else(title), "{title}");
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

/// Refusals put as questions, each beside a question that only asks.
#[rustfmt::skip] // A table is read in rows.
const ASKED: &[(&str, &str)] = &[
    ("Would you please not write to me any more?", "Why would you not write to me any more?"),
    ("Could you kindly not contact me?", "Did you not contact me last week?"),
    ("Never write to me again, understood?", "Why did you never write to me again?"),
    ("Could you not email me from now on?", "How come you do not email me?"),
    ("Würden Sie mich bitte nicht mehr anschreiben?", "Warum würden Sie mich nicht mehr anschreiben?"),
    ("Können Sie uns künftig bitte nicht mehr kontaktieren?", "Weshalb wollen Sie uns nicht mehr kontaktieren?"),
    ("Pouvez-vous ne plus m'écrire ?", "Pourquoi ne plus m'écrire ?"),
    ("¿Puede no volver a contactarme?", "¿Por qué no volver a contactarme?"),
    ("¿Puede dejar de enviarme correos?", "¿Por qué dejar de enviarme correos?"),
    ("Può non scrivermi più?", "Perché non scrivermi più?"),
    ("Pode não me escrever mais?", "Por que não me escrever mais?"),
    ("Kunnen jullie mij niet meer mailen?", "Waarom kunnen jullie mij niet meer mailen?"),
    ("Kan I lade være med at skrive til mig?", "Hvorfor lade være med at skrive til mig?"),
    ("Kan ni låta bli att skriva till mig?", "Varför låta bli att skriva till mig?"),
    ("Kan dere la være å kontakte meg?", "Hvorfor la være å kontakte meg?"),
    ("Voisitteko olla ottamatta yhteyttä minuun?", "Miksi olette ottamatta yhteyttä?"),
    ("Czy może Pan więcej do mnie nie pisać?", "Dlaczego do mnie nie pisać?"),
    ("Můžete mi prosím nepsat?", "Proč mi nepsat?"),
    ("Môžete mi už nepísať?", "Prečo mi nepísať?"),
    ("Можете мне больше не писать?", "Почему больше не писать?"),
    ("Можете більше мені не писати?", "Чому мені не писати?"),
    ("Bana bir daha yazmaz mısınız?", "Neden bana yazmazsınız?"),
    ("אפשר לא לכתוב לי?", "למה לא לכתוב לי?"),
    ("هل يمكن عدم التواصل معي؟", "لماذا عدم التواصل معي؟"),
    ("今後は送らないでください、よろしいですか？", "なぜ送らないでと言うのですか？"),
    ("可以不要再联系我吗？", "为什么不要再联系我？"),
    ("메일을 보내지 말아 주실 수 있나요?", "왜 메일을 보내지 마세요?"),
    ("Have I not asked you twice already to remove me from your list?", "Did you remove me from your list?"),
    ("Will you remove me from your list?", "Why did you remove me from your list?"),
];

#[test]
fn a_refusal_may_be_a_question_and_a_question_need_not_refuse() {
    let mut wrong = Vec::new();
    for (meant, asks) in ASKED {
        wrong.extend(find_stop_request(asks).map(|found| (*asks, found.phrase)));
        wrong.extend(find_stop_request(meant).is_none().then_some((*meant, "")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let sure = |text| find_stop_request(text).map(|found| found.confidence);
    assert_eq!(sure("Could you not email me again?"), Some(800));
    assert_eq!(sure("Please do not email me again, all right?"), Some(930));
}

/// Refusals, each beside one of another place, of anybody's, or in favor of another way.
#[rustfmt::skip] // A table is read in rows.
const OF_ANOTHER: &[(&str, &str)] = &[
    ("How do I unsubscribe?", "How do I unsubscribe someone in your product?"),
    ("Please remove me from the mailing group.", "Please remove me from the thread with Ann."),
    ("Please remove me from this thread.", "Please remove me from CC, I read it in the archive."),
    ("Take me off your call list.", "Take me off the call on Thursday."),
    ("Bitte nehmen Sie mich aus dem Verteiler.", "Bitte nehmen Sie mich aus der Einladung."),
    ("Don't email me, or call me.", "Don't email me, ring me at noon."),
    ("No more emails please, and do not call me.", "No more emails please, let's talk on the phone."),
    ("Schreiben Sie mir nicht mehr, und rufen Sie nicht an.", "Schreiben Sie mir nicht mehr, rufen Sie mich an."),
    ("Ne m'écrivez plus.", "Ne m'écrivez plus, appelez-moi."),
    ("No me escriba más.", "No me escriba más, llámeme al despacho."),
];

#[test]
fn another_place_or_way_is_no_refusal_of_mail() {
    let mut wrong = Vec::new();
    for (meant, other) in OF_ANOTHER {
        wrong.extend(find_stop_request(other).map(|found| (*other, found.phrase)));
        wrong.extend(find_stop_request(meant).is_none().then_some((*meant, "")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn courtesies_asides_and_slips_of_the_pen_hide_no_refusal() {
    for text in [
        "Do not, for any reason whatsoever, write to me.",
        "Melden Sie sich bitte einfach nicht mehr.",
        "Kontaktieren Sie mich bitte nie wieder.",
        "Skriv venligst ikke til mig.",
        "Älkää ottako enää yhteyttä.",
        "Prosím mi už nepsat.",
        "Więcej do mnie nie pisać proszę.",
        "Merci de ne pas m'envoyer ce genre de message.",
        "I would appreciate not being contacted.",
        "Refrain from emailing us.",
        "Weitere E-Mails sind hier unerwünscht.",
        "Hiermit untersage ich jeden weiteren Kontakt.",
        "Unsubcribe",
        "unsuscribe me please",
        "Please usnubscribe.",
        "Unsubsribe!",
        "un-subscribe",
        "u n s u b s c r i b e",
        "désincrire svp",
    ] {
        assert!(find_stop_request(text).is_some(), "{text}");
    }
    for text in [
        "Our unsubscribes went down.",
        "Un subscriber more or less does not matter.",
        "Melden Sie uns an.",
        "Ich will mich anmelden.",
        "I would, if you do not mind, please, like a demo.",
    ] {
        assert_eq!(find_stop_request(text), None, "{text}");
    }
}

/// Interested people, orders and questions about a product, each beside words of nearly the same kind
/// that object.
#[rustfmt::skip] // A table is read in rows.
const INTERESTED: &[(&str, &str)] = &[
    ("Can I cancel my subscription monthly?", "Can you cancel my subscription?"),
    ("May I delete my data whenever I like?", "May I ask you to delete my data?"),
    ("Does the tool delete my data when I leave?", "Could you delete my data, please?"),
    ("How do you handle the right to be forgotten?", "I claim the right to be forgotten."),
    ("Kann ich meine Daten jederzeit löschen?", "Können Sie meine Daten bitte löschen?"),
    ("Können wir den Newsletter und meine Daten jederzeit löschen?", "Bitte meine Daten umgehend löschen."),
    ("Puis-je me désabonner à tout moment ?", "Pouvez-vous me désabonner ?"),
    ("¿Puedo darme de baja en cualquier momento?", "Quiero darme de baja."),
    ("Posso cancellarmi in qualsiasi momento?", "Può cancellarmi dalla lista?"),
    ("Can I cancel at any time? Then yes.", "Can you remove me?"),
    ("We don't want emails to land in spam, can you help?", "We don't want emails from you."),
    ("We do not want e-mails going to the junk folder.", "I do not want any of your e-mails."),
    ("I don't want emails that bounce.", "I don't want emails that I never asked for."),
    ("We want to stop writing cold emails by hand, interested.", "We want you to stop writing."),
    ("I never signed up for your webinar, can you send me the link?", "I never signed up for your mailing list."),
    ("We didn't sign up for the trial yet.", "We didn't sign up for this."),
    ("Je ne me suis jamais inscrit à votre webinaire.", "Je ne me suis jamais inscrit à votre lettre."),
    ("Ich wünsche keine Beratung, nur das Angebot.", "Ich wünsche keine Kontaktaufnahme."),
    ("Wir wünschen keine Lieferung am Montag.", "Wir wünschen keine weiteren Mails."),
    ("Перестаньте беспокоиться, мы всё оплатим.", "Перестаньте мне писать."),
    ("Прекратите отгрузку второй партии.", "Прекратите рассылку."),
    ("Перестаньте хвилюватися, ми платимо.", "Припиніть надсилати нам пропозиції."),
    ("Nustokite jaudintis, mes perkame.", "Nustokite man rašyti."),
    ("Σταματήστε να ανησυχείτε, αγοράζουμε.", "Σταματήστε να μου στέλνετε μηνύματα."),
    ("Beidziet uztraukties, mēs pērkam.", "Beidziet man rakstīt."),
    ("Lõpetage muretsemine, me ostame.", "Lõpetage mulle kirjutamine."),
    ("Lopettakaa murehtiminen, me ostamme.", "Lopettakaa viestien lähettäminen."),
    ("Przestańcie się martwić, kupujemy.", "Przestańcie do mnie pisać."),
    ("Smettetela di preoccuparvi, compriamo.", "Smettetela di scrivermi."),
    ("请把我的邮箱换成 ana@x.example。", "请把我的邮箱删除。"),
    ("저를 제외하고 다섯 명이 참석합니다.", "저를 제외해 주세요."),
    ("Please don't contact me by phone, mail is better.", "Please don't contact me by phone, email or post."),
    ("Ne me contactez plus sur mon portable, le mail suffit.", "Ne me contactez plus, ni par portable ni par mail."),
    ("No me contacten al móvil, mejor un correo.", "No me contacten al móvil ni por correo."),
    ("Kontaktieren Sie mich nicht auf dem Handy, Mail ist besser.", "Kontaktieren Sie mich nicht auf dem Handy oder per Mail."),
];

#[test]
fn interest_is_no_objection() {
    let mut wrong = Vec::new();
    for (interested, meant) in INTERESTED {
        wrong.extend(find_stop_request(interested).map(|found| (*interested, found.phrase)));
        wrong.extend(find_stop_request(meant).is_none().then_some((*meant, "")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Objections in words that no table had, each beside a sentence of the same words that is none.
#[rustfmt::skip] // A table is read in rows.
const UNHEARD: &[(&str, &str)] = &[
    ("Not interested, please stop.", "We are interested, please stop by."),
    ("Please stop, not interested.", "Please stop the press, not the project."),
    ("We have no interest, stop.", "We have no stop in Bremen."),
    ("Kein Interesse, bitte abmelden.", "Kein Parkplatz, bitte hinten abmelden."),
    ("Geen interesse, stop.", "Geen haast, stop maar bij de poort."),
    ("No me interesa, baja por favor.", "No me interesa la planta baja por favor."),
    ("I've asked you twice to stop.", "I've asked you twice to stop the second delivery."),
    ("Do not contact.", "Do not contact the warehouse, it is closed."),
    ("Get me out of your system.", "Get me out of your first draft."),
    ("I'd appreciate it if you stopped emailing me.", "I'd appreciate it if you stopped at our booth."),
    ("I don't want to get any more of these emails.", "I don't want to get any more chairs."),
    ("I never gave you permission.", "I never gave you permission to print our logo."),
    ("Please do not solicit us again.", "Please do solicit us again in May."),
    ("Ich möchte keine Werbung von Ihnen.", "Ich möchte keine Werbung auf der Tasse."),
    ("Bitte von der Liste streichen.", "Bitte Position 3 von der Liste streichen."),
    ("Bitte sehen Sie künftig von solchen Mails ab.", "Bitte sehen Sie sich solche Mails an."),
    ("Favor não enviar mais.", "Favor não enviar mais faturas."),
    ("Ik wil hier niets meer van ontvangen.", "We hebben hier niets meer van ontvangen."),
    ("Stop hiermee.", "Stop hiermee de machine, dan drukt u op de knop."),
    ("Больше не надо писать.", "Больше не надо писать код, всё готово."),
    ("Venligst ikke skriv til mig.", "Venligst skriv til mig."),
    ("Didn't you remove me?", "Didn't you remove the second line?"),
];

#[test]
fn objections_in_other_words_are_heard() {
    let mut wrong = Vec::new();
    for (meant, turned) in UNHEARD {
        wrong.extend(find_stop_request(turned).map(|found| (*turned, found.phrase)));
        wrong.extend(find_stop_request(meant).is_none().then_some((*meant, "")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_notice_that_a_mail_be_deleted_is_no_objection() {
    for text in [
        "Wenn Sie nicht der richtige Adressat sind, löschen Sie diese E-Mail bitte.",
        "Falls Sie dieses Schreiben irrtümlich erhalten haben, rufen Sie uns an und löschen Sie diese Nachricht.",
        "Vertraulich. Bitte löschen Sie diese Mail, wenn sie nicht für Sie bestimmt ist.",
        "Fehlgeleitete Post senden Sie uns bitte zurück und löschen Sie alle Kopien.",
        "Bitte löschen Sie diese Nachricht, der Anhang war falsch. Mittwoch passt.",
        "Εάν δεν είστε ο παραλήπτης, παρακαλούμε διαγράψτε το.",
        "Παρακαλούμε διαγράψτε το μήνυμα που στάλθηκε κατά λάθος.",
        "Bei Fragen zur Verarbeitung haben Sie das Recht auf Löschung Ihrer Daten.",
        "Nous vous rappelons que vous disposez d'un droit d'opposition et d'un droit d'effacement.",
        "Usted tiene derecho de supresión y de oposición sobre sus datos.",
        "このお知らせが不要な方は配信停止をお願いします。",
        "메일 수신을 더 이상 원하지 않으시면 수신거부를 눌러 주세요.",
    ] {
        assert_eq!(tag(text), None, "{text}");
    }
    for text in [
        "Bitte löschen Sie diese E-Mail-Adresse aus Ihrem Verteiler.",
        "Bitte löschen Sie diese E-Mail Adresse.",
        "Löschen Sie alle Daten, die Sie von mir haben.",
        "Διαγράψτε το email μου από τη λίστα.",
        "Διαγράψτε το email μου",
        "Where did you find my address? Delete it.",
        "J'exerce mon droit d'opposition.",
        "Ich habe das Recht auf Löschung, löschen Sie meine Daten.",
        "If you have received this before, remove me from your list.",
        "今後は配信停止をお願いします。",
    ] {
        assert!(tag(text).is_some(), "{text}");
    }
}

#[test]
fn who_does_not_want_to_miss_mail_wants_it() {
    for text in [
        "I don't want to miss any more of your emails.",
        "We do not want to lose your emails among the spam.",
        "Ich möchte keine weiteren Mails von Ihnen verpassen.",
        "Ich will keine Ihrer E-Mails versäumen.",
        "Ik wil geen mails van u missen.",
        "Je ne veux plus manquer vos mails.",
        "No quiero perderme más correos vuestros.",
        "Non voglio più perdere le vostre mail.",
        "Nie chcę przegapić więcej maili.",
        "Я больше не хочу пропускать ваши письма.",
    ] {
        assert_eq!(tag(text), None, "{text}");
    }
    for text in [
        "I do not want any more emails because I miss the important ones.",
        "I don't want to receive emails from you.",
        "Ich möchte keine weiteren Mails erhalten.",
        "Ik wil geen mails van u.",
        "Je ne veux plus de vos mails.",
        "Non voglio più ricevere le vostre mail.",
    ] {
        assert!(tag(text).is_some(), "{text}");
    }
}

#[test]
fn a_request_turned_round_asks_for_more() {
    for (text, twin) in [
        (
            "Non smettete di scriverci, ci interessa.",
            "Smettete di scriverci.",
        ),
        ("명단에서 제외하지 말아 주세요.", "명단에서 제외해 주세요."),
        (
            "Lütfen beni listeden çıkarmayın.",
            "Lütfen beni listeden çıkarın.",
        ),
        (
            "Please remove me as owner of the folder and add Kim.",
            "Please remove me as a recipient.",
        ),
        (
            "Could you take me off the project plan? Kim leads it now.",
            "Could you take me off your list?",
        ),
        (
            "No more emails to info@x.example please, use this one.",
            "No more emails to info@x.example please.",
        ),
        (
            "Ne m'écrivez plus à cette adresse mais à ada@y.example.",
            "Ne m'écrivez plus à cette adresse.",
        ),
        (
            "Please unsubscribe kim@x.example, she left; I remain interested.",
            "Please unsubscribe kim@x.example.",
        ),
    ] {
        assert_eq!(tag(text), None, "{text}");
        assert!(tag(twin).is_some(), "{twin}");
    }
}

#[test]
fn requests_in_rarer_words_are_heard() {
    for text in [
        // Beside words that turn others round.
        "Remove me as soon as possible.",
        "Please remove me as a subscriber.",
        "Take me off the project mailing list.",
        "No more emails to me, use this time for something better.",
        "Unsubscribe ada@x.example and keep me off your list.",
        "Vous avez le droit d'essayer mais ne m'écrivez plus.",
        "Si ha recibido mi correo anterior, deje de enviarme correos.",
        "Als u mijn vorige mail gelezen hebt, mail mij niet meer.",
        "If you received my last mail, stop sending these emails.",
        "더 이상 메일 보내지 않으시면 감사하겠습니다.",
        "Would you kindly delist us",
        "Discontinue sending me these offers.",
        "Thanks. No more of these emails please.",
        "Please remove info@x.example",
        "If you write to me again I will report you.",
        "Wilt u ons van uw lijst verwijderen?",
        "Zou u me uit het bestand willen halen?",
        "Wir wünschen keinen weiteren Kontakt.",
        "STOP PUB",
        "Merci de cesser tout envoi",
        "Les ruego no enviar más correos",
        "Peço o descadastramento",
        "Хватит нам писать",
        "Молим да ме уклоните са листе",
        "הורידו אותי מהרשימה בבקשה",
        "ألغِ اشتراكي رجاءً",
        "توقفي عن مراسلتي",
        "リストから削除を希望します",
    ] {
        assert!(tag(text).is_some(), "{text}");
    }
}

#[test]
fn a_formal_objection_may_hold_an_adverb() {
    for (language, text) in [
        (
            "en",
            "I hereby object to the processing of my personal data for direct marketing purposes pursuant to Art. 21 GDPR.",
        ),
        ("en", "I strongly object to receiving such mails."),
        (
            "en",
            "We hereby object to any use of our data for advertising.",
        ),
        ("en", "I hereby revoke any consent that I may have given."),
        ("en", "I formally withdraw my consent."),
        (
            "de",
            "Hiermit widerspreche ich ausdrücklich der Verarbeitung meiner Daten.",
        ),
        (
            "de",
            "Ich widerspreche hiermit förmlich der Nutzung meiner Daten.",
        ),
        (
            "fr",
            "Je m'oppose formellement au traitement de mes données.",
        ),
        (
            "fr",
            "Par la présente, je retire expressément mon consentement.",
        ),
        ("es", "Me opongo expresamente al tratamiento de mis datos."),
        (
            "it",
            "Mi oppongo espressamente al trattamento dei miei dati.",
        ),
        (
            "nl",
            "Ik maak hierbij uitdrukkelijk bezwaar tegen het gebruik van mijn gegevens.",
        ),
    ] {
        assert_eq!(tag(text), Some(language), "{text}");
    }
    for text in [
        "We object to the price, not to the product.",
        "I do not object to the processing of my data.",
        "I hereby confirm the meeting.",
        "We strongly object to clause 4 of the draft.",
        "I hereby revoke the power of attorney.",
        "Hiermit widerspreche ich ausdrücklich Ihrer Rechnung.",
        "Die Zahlen widersprechen der Statistik.",
        "Je m'oppose formellement à cette clause.",
    ] {
        assert_eq!(find_stop_request(text), None, "{text}");
    }
}
