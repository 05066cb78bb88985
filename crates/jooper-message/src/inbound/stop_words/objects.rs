//! What a request is about: mail and those who get it, or something else in the business at hand.
//!
//! All lists hold words of every language, written as `phrases` reads them.

use std::ops::Range;
use std::sync::LazyLock;

use crate::inbound::phrases::{Book, Tokens};

/// Mail, addresses, names, data, lists, and those whose names stand on them.
#[rustfmt::skip]
const ADDRESSED: &[&str] = &[
    // Mail and messages.
    "mail*", "email*", "mejl*", "maili*", "courriel*", "courrier*", "correo*", "correio*", "epost*", "e-post*",
    "eposta*", "e-posta*", "sähköpost*", "пошт*", "почт*", "имейл*", "мейл*", "messag*", "nachricht*", "bericht*",
    "meddeland*", "besked*", "beskjed*", "mensaj*", "mensag*", "messagg*", "mesaj*", "wiadomoś*", "zpráv*", "správ*",
    "poruk*", "sporočil*", "съобщен*", "сообщен*", "повідомлен*", "viest*", "üzenet*", "žinut*", "ziņ*", "μήνυμα*",
    "μηνύμα*", "הודע*", "رسال*", "رسائل*", "邮件", "郵件", "消息", "pesan*", "letter", "letters", "brev*", "lettre*",
    "dopis*", "pism*", "письм*", "писем", "писма", "листів", "листи", "level*", "laišk*", "vēstul*", "kirj*", "γράμμα*",
    "communicat*", "correspond*", "koresponden*", "sdělen*", "newsletter*", "newsletr*", "nyhed*", "nyhet*",
    "bulletin*", "boletín*", "boletim*", "hírlevel*", "uutiskirj*", "рассыл*", "розсил*", "бюлетин*", "mailing*",
    "utskick*", "rundschreib*", "naujienlaišk*", "comunica*", "zusendung*", "henvendels*", "relance*", "prospec*",
    "outreach", "campaign*", "megkeres*",
    // Where it goes, and what is known of whoever gets it.
    "address*", "adres*", "adress*", "direcci*", "endereço*", "indirizz*", "osoit*", "aadress*", "címem*", "címet",
    "адрес*", "διεύθυνσ*", "naslov*", "כתובת*", "הכתובת", "عنوان*", "地址", "邮箱", "郵箱", "信箱", "alamat*", "data",
    "daten*", "datos", "données", "coordonnées", "dados", "dati", "dane", "danych", "údaj*", "podatk*", "podac*", "данни*",
    "данны*", "дані", "даних", "tieto*", "tiedo*", "andme*", "adat*", "duomen*", "datus", "στοιχεία*", "gegevens",
    "uppgift*", "oplysning*", "opplysning*", "informati*", "informac*", "informaz*", "פרטי*", "הפרטים", "המידע",
    "بيانات*", "资料", "資料", "信息", "数据", "name", "namen", "naam", "navn*", "namn*", "nom", "nombre", "nome",
    "imię", "nazwisk*", "jméno", "meno", "ime", "имя", "ім'я", "име", "nimi", "nimeni", "nevem*", "vardą", "vārdu",
    "όνομα*", "שמי", "اسمي", "名字", "contact*", "kontakt*", "contat*", "контакт*", "επαφ*", "kapcsolat*", "yhtey*",
    "联系", "聯絡", "kontak*",
    // Where it is kept.
    "list*", "verteiler*", "seznam*", "zoznam*", "popis*", "spis*", "списък*", "списо*", "списк*", "sąraš*",
    "sarakst*", "nimekir*", "λίστα*", "λίστες", "רשימ*", "הרשימה", "מהרשימה", "מרשימ*", "قائم*", "القائم*", "名单",
    "名單", "列表", "daftar*", "baz*", "bas", "base", "bestand*", "databas*", "databáz*", "datubāz*", "adatbáz*",
    "rekister*", "баз*", "kartotek*", "kartei*", "evidenc*", "registr*", "register*", "fichier*",
    // What makes one get it.
    "subscri*", "suscri*", "inscri*", "iscri*", "abonn*", "abonam*", "subskry*", "prenum*", "odběr*", "tilaukse*",
    "tellimus*", "felirat*", "подпис*", "підпис*", "συνδρομ*", "assinatur*", "מנוי*", "اشتراك*", "订阅", "訂閱",
    "verarbeitung*", "processing", "traitement*",
    // Those who get it.
    "us", "uns", "ons", "oss", "nas", "nás", "нас", "mnie", "меня", "мене", "company*", "firma", "firmy", "firmę", "firmu", "team*", "compañía*",
    "empresa*", "entreprise*", "sociét*", "aziend*", "societ*", "bedrijf*", "unternehmen*", "kolleg*", "colleag*",
    "компани*", "фірм*", "фирм*", "domain*", "organi*",
];

/// Getting mail, being written to, and what is written about unasked.
#[rustfmt::skip]
const WRITTEN: &[&str] = &[
    "receiv*", "recib*", "receb*", "recev*", "ricev*", "primat*", "primam*", "primit*", "prime*", "dostáv*",
    "dostaw*", "dostáva*", "otrzym*", "získ*", "odebír*", "prejem*", "dobiv*", "получ*", "отрим*", "saada",
    "vastaanot*", "kap*", "gaut*", "saņem*", "λαμβ*", "λάβω", "modtag*", "motta*", "få", "höra", "høre", "hear",
    "primesc*", "slyšet", "słyszeć", "слышать", "чути", "hallani", "kuul*", "écri*", "escrib*", "escrev*", "scriv*",
    "psát", "psan*", "písa*", "pisa*", "pisz*", "писа*", "пиш*", "írni", "írj*", "envi*", "envois", "invi*", "mand*",
    "posíl*", "posiel*", "zasíl*", "zasiel*", "slat*", "słać", "posył*", "wysył*", "przysył*", "присыл*", "присил*",
    "посыл*", "надсил*", "изпращ*", "send*", "sänd*", "skick*", "disturb*", "molest*", "incomod*", "deranj*",
    "otrav*", "obtěž*", "obťaž*", "niepoko*", "nękan*", "беспокоить", "беспокоите", "беспокойте",
    "турбувати", "турбуєте", "турбуйте", "zavar*", "häiri*", "zeptá*", "spam*",
    "спам*", "werb*", "reclame*", "reklam*", "reklám*", "реклам*", "publicid*", "publicit*", "pubblicit*", "anúnc*",
    "anunc*", "annonc*", "offer*", "offre*", "offert*", "ofert*", "nabíd*", "ponud*", "ponúk*", "ponuk*",
    "предложен*", "пропозиц*", "tarjouk*", "pakkum*", "ajánlat*", "pasiūlym*", "piedāv*", "προσφορ*", "marketing*",
    "markkino*", "маркет*", "solicit*", "sollicit*", "sollecit*", "démarch*", "call*", "llam*", "ligar", "chiam*", "звон*", "дзвон*",
    "dzwoni*", "volat", "volám", "bothered", "writ*", "schreib*", "rašy*", "rašinė*", "siųs*", "siunt*", "rakst*", "sūt*", "sūta*",
    "στέλν*", "στείλ*", "γράφ*", "ενοχλ*", "saatmi*", "lähettä*", "lähete*",
];

/// Things of an offer, a contract, an order or a page.
#[rustfmt::skip]
const THINGS: &[&str] = &[
    "item*", "line", "lines", "row*", "column*", "paragraph*", "page", "pages", "section*", "clause*", "logo*",
    "sentence*", "deliver*", "order", "orders", "shipment*", "sample*", "invoice*", "appointment*", "meeting*",
    "slide*", "footer*", "attachment*", "photo*", "picture*", "image*", "bullet*", "draft*", "pallet*", "product*",
    "quote*", "booking*", "reservation*", "webinar*", "trial*",
    "position*", "posten", "zeile*", "absatz*", "abschnitt*", "seite", "seiten", "klausel*", "folie*", "spalte*",
    "termin*", "auftrag*", "bestellung*", "lieferung*", "rechnung*", "angebot*", "bild*", "fahrzeug*", "artikel*",
    "muster*", "anhang*", "anhänge", "buchung*", "satz",
    "regel*", "alinea*", "pagina*", "factuur*", "levering*", "afspraak*", "offerte*", "monster*",
    "rad", "raden", "rader", "stycke*", "sida", "sidan", "beställning*", "faktur*", "leverans*", "prover", "möte*",
    "linje*", "afsnit*", "avsnitt*", "vare", "varen", "varer", "side", "siden", "ordre*", "billede*", "prøve*",
    "møde*", "ligne*", "paragraphe*", "article*", "devis", "commande*", "livraison*", "factur*", "rendez", "mention*",
    "échantillon*", "phrase*", "diapo*",
    "línea*", "párrafo*", "artículo*", "página*", "pedido*", "presupuesto*", "cláusula*", "partida*", "foto*",
    "entrega*", "muestra*", "reserva*", "planta", "temperatur*", "cita",
    "linha*", "parágrafo*", "artigo*", "itens", "encomenda*", "fatura*", "consulta*", "amostra*", "orçamento*",
    "riga", "righe", "paragraf*", "articol*", "ordine", "ordini", "prenotazion*", "fattur*", "voce", "voci",
    "consegn*", "preventiv*", "campion*", "clausol*", "rând*", "comand*", "comenz*", "poziți*", "rezervare*",
    "pozycj*", "lini*", "wiersz*", "akapit*", "stron*", "artykuł*", "zamówien*", "dostaw", "dostawy", "zdjęci*",
    "punkt*", "spotkan*", "próbe*", "rezerwacj*",
    "položk*", "řádek*", "řádku", "riadok*", "riadku", "odstav*", "odsek*", "stránk*", "objednáv*", "dodáv*",
    "obráz*", "vzork*", "schůzk*", "stavk*", "postavk*", "odlom*", "stranic*", "narudžb*", "račun*", "naročil*",
    "slik*", "isporuk*", "ред", "абзац*", "страниц*", "поръчк*", "фактур*", "артикул*", "пункт*", "строк*", "строч*",
    "позиц*", "заказ*", "счёт*", "фото*", "товар*", "поставк*", "отгрузк*", "слайд*", "раздел*", "логотип*",
    "образц*", "встреч*", "рядок*", "рядк*", "сторінк*", "замовлен*", "рахун*", "розділ*", "зустріч*",
    "rivi*", "tuote*", "tuott*", "kohta", "kohda*", "kappale*", "sivu*", "lasku*", "kuva*", "rida", "toode", "toote*",
    "lehekülg*", "arve*", "tétel*", "sort", "sorok*", "bekezdés*", "oldal*", "megrendel*", "számla*", "számlá*",
    "foglal*", "időpont*", "eilut*", "prek*", "pastraip*", "puslap*", "užsakym*", "sąskait*", "rindiņ*", "preces",
    "preci", "rindkop*", "pasūtījum*", "rēķin*", "pozīcij*", "γραμμή*", "είδος", "είδη", "προϊόν*", "παράγραφο*",
    "σελίδα*", "παραγγελί*", "τιμολόγι*", "σημείο*", "satır*", "kalem*", "madde*", "sayfa*", "sipariş*",
    "שורה", "השורה", "פריט", "הפריט", "סעיף", "הסעיף", "פסקה", "הפסקה", "ההזמנה", "הזמנה", "החשבונית", "התמונה",
    "السطر", "البند", "الفقرة", "الصفحة", "الطلب", "الفاتورة", "الصورة", "المنتج", "第", "订单", "訂單", "产品", "產品",
    "段落", "条款", "條款", "图片", "圖片", "baris*", "halaman*", "pesanan*", "gambar*",
];

/// Taking somebody out of a list.
#[rustfmt::skip]
const REMOVAL: &[&str] = &[
    "remov*", "delet*", "unsub*", "verwijder*", "uitschrijv*", "schrijf*", "schrap*", "haal*", "fjern*", "slet*",
    "slett*", "tag", "tage", "ta", "ud", "ut", "bort", "af", "av", "frameld*", "afmeld*", "avmeld*", "meld*", "stryk*",
    "retir*", "supprim*", "enlev*", "ray*", "radi*", "sort*", "ôt*", "désinscri*", "désabonn*", "effac*",
    "rimuo*", "cancell*", "togli*", "tolg*", "elimin*", "disiscri*", "esclud*", "remoç*", "tir*", "exclu*", "apag*",
    "descadastr*", "sair", "saia", "cancel*", "desinscr*", "scoat*", "scot*", "șterg*", "șters*", "dezabon*",
    "usun*", "usuń*", "wykreśl*", "skreśl*", "wypis*", "wyrejestr*", "vyřa*", "vyra*", "odstra*", "smaz*", "smaž*",
    "vymaz*", "vymaž*", "odhl*", "odeb*", "odob*", "vyškrt*", "odjav*", "uklon*", "izbriš*", "obriš*", "makn*",
    "skin*", "ispiš*", "umakn*", "črta*", "одјав*", "уклон*", "обриш*", "скин*", "премахн*", "махн*", "изтри*",
    "отпи*", "изключ*", "удал*", "исключ*", "убер*", "убр*", "вычерк*", "сним*", "выйти", "видал*", "прибер*",
    "прибр*", "виключ*", "відпи*", "викресл*", "töröl*", "törl*", "vegy*", "venni", "leirat*", "iratkoz*", "távol*",
    "išbrauk*", "pašalin*", "ištrin*", "atsisak*", "izņem*", "dzēs*", "izdzēs*", "svītro*", "noņem*", "atteik*",
    "διαγρ*", "διέγρ*", "αφαιρ*", "βγάλ*", "βγάζ*", "הסר*", "הסיר*", "להסיר", "תסיר*", "מחק*", "למחוק", "תמחק*",
    "הורד*", "להוריד", "תוריד*", "احذف*", "حذف*", "بحذف", "إزال*", "بإزال*", "أزيل*", "شطب*", "إلغاء", "移除", "移走", "剔除", "删掉", "刪掉", "拿掉", "清除", "踢出", "退订", "退訂", "取消", "删除",
    "刪除", "移出", "除名", "去掉", "hapus*", "menghapus*", "keluar*", "mengeluarkan*", "coret*", "buang*", "padam*",
    // An object that nobody has but whoever is written to.
    "mig", "meg", "mnie", "меня", "мене", "mane", "mani", "engem",
];

fn book(words: &'static [&'static str]) -> Book<()> {
    Book::new(words.iter().map(|word| (*word, ())))
}

static ADDRESSED_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(ADDRESSED));
static WRITTEN_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(WRITTEN));
static THINGS_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(THINGS));
static REMOVAL_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(REMOVAL));

/// Whether these words name mail or whoever gets it.
pub(super) fn address(tokens: &Tokens, words: Range<usize>) -> bool {
    ADDRESSED_BOOK.any_in(tokens, words)
}

/// Whether these words are about getting mail.
pub(super) fn writing(tokens: &Tokens, words: Range<usize>) -> bool {
    WRITTEN_BOOK.any_in(tokens, words.clone()) || address(tokens, words)
}

/// Whether these words name a thing, or the number of one.
pub(super) fn thing(tokens: &Tokens, mut words: Range<usize>) -> bool {
    let is_number = |i: usize| {
        let word = tokens.word(i);
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    THINGS_BOOK.any_in(tokens, words.clone()) || words.any(is_number)
}

/// Whether these words take somebody out of a list.
pub(super) fn removal(tokens: &Tokens, words: Range<usize>) -> bool {
    REMOVAL_BOOK.any_in(tokens, words)
}

/// Stems of deleting, of which a mail is as much an object as an address; folded.
#[rustfmt::skip]
const DELETES: &[&str] = &["losch", "loesch", "vernicht", "delet", "eras", "destroy", "discard", "supprim", "effac",
    "detrui", "borr", "elimin", "destru", "apag", "cancell", "distrugg", "usun", "skasu", "smaz", "zmaz", "vymaz", "удал",
    "уничтож", "видал", "изтри", "διαγρ", "διεγρ", "torol", "slet", "slett", "rader", "poist"];

/// Stems of a mail and its copies; folded.
#[rustfmt::skip]
const MAILS: &[&str] = &["mail", "email", "e-mail", "mejl", "epost", "e-post", "nachricht", "messag", "mensaj", "mensag",
    "messagg", "courriel", "correo", "meddeland", "besked", "beskjed", "wiadomos", "zprav", "sprav", "письм", "сообщен",
    "лист", "повідомл", "съобщен", "μηνυμα", "email", "uzenet", "viesti", "kopie", "copy", "copies", "copia", "kopi"];

/// Parts of words for what is kept of somebody, and where; folded.
#[rustfmt::skip]
const KEPT: &[&str] = &["adres", "addres", "direcc", "enderec", "indirizz", "адрес", "διευθυνσ", "data", "daten", "datos",
    "dati", "dados", "donnees", "coordonnees", "danych", "udaj", "данн", "дані", "στοιχεια", "detail", "info", "kontakt",
    "contact", "verteil", "list", "seznam", "datab", "datenb", "account", "konto", "name", "nombre", "eintr", "entry", "record"];

/// Pronouns behind a verb of deleting; folded.
const PRONOUNS: &[&str] = &["it", "them", "es", "das", "το", "τα"];

/// How far before a pronoun stands what it means.
const MEANT: usize = 12;

/// Whether these words delete a mail, its copies or, by a pronoun, what was not said to be kept of anybody: what
/// a lawyer's notice asks for, and whoever sent the wrong file.
pub(super) fn deletes_a_mail(tokens: &Tokens, hit: &Range<usize>, clause_end: usize) -> bool {
    let begins =
        |i: usize, stems: &[&str]| stems.iter().any(|stem| tokens.word(i).starts_with(stem));
    let kept = |i: usize| {
        let word = tokens.word(i);
        // An addressee is nobody's address.
        !word.starts_with("addressee")
            && !word.starts_with("adressat")
            && KEPT.iter().any(|part| word.contains(part))
    };
    let of_oneself = |i: usize| super::asides::is_of_oneself(tokens.word(i));
    let last = hit.end.max(1) - 1;
    if !begins(hit.start, DELETES) {
        return false;
    }
    if PRONOUNS.contains(&tokens.word(last)) && last > hit.start {
        let mut object = hit.end..clause_end.min(hit.end + 4);
        // In another script an "email" is an address as often as a mail.
        let mail = |i: usize| begins(i, MAILS) && !tokens.word(i).is_ascii();
        return !(hit.start.saturating_sub(MEANT)..hit.start).any(kept)
            && !object.clone().any(|i| kept(i) || of_oneself(i))
            && (object.is_empty() || object.any(mail));
    }
    let object = last..clause_end.min(hit.end + 6);
    object.clone().any(|i| begins(i, MAILS)) && !object.clone().any(|i| kept(i) || of_oneself(i))
}
