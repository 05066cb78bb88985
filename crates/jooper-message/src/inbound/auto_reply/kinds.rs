//! What an automatic answer says: away, received, gone, or prove yourself.

use std::sync::LazyLock;

use crate::inbound::address;
use crate::inbound::lookup::{Lookup, starts_a_word};
use crate::inbound::mail::InboundMail;

use super::{Title, headers};

/// The kinds, before a return date is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sub {
    /// Out of office.
    Away,
    /// Acknowledgement.
    Received,
    /// Left, moved on, mailbox closed.
    Gone,
    /// Words of a mailbox that nobody reads, or of what is no longer: while somebody is away, too.
    Unread,
    /// Challenge-response.
    Challenge,
}

/// How much a phrase says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Together with a title of its own it makes an automatic answer.
    Telling,
    /// Politeness: people write it as well.
    Polite,
}

/// In order of precedence; folded text.
#[rustfmt::skip] // A table is read in rows.
const TABLE: &[(Sub, &[&str])] = &[
    (Sub::Challenge, &[
        "confirm that you are a human", "confirm that you are human", "confirm you are a human",
        "confirm you are human", "prove you are human", "prove that you are human", "verify that you are a person", "verify you are a real person",
        "verify that you are human", "verify you are human", "not a robot", "click the link below to confirm", "click the link below to complete",
        "click the link below to verify", "click on the link below to have your", "to release your message",
        "to have your message delivered", "your message will be delivered once", "your message is being held", "attached below is being held",
        "message is waiting for your verification", "held until you", "approved senders", "allowed senders",
        "guest list", "authenticate yourself", "sender authentication request", "challenge-response",
        "challenge response", "boxbe", "spamarrest", "one-time verification", "one time verification",
        "confirm your address so", "complete this verification", "captcha", "put on hold", "enter the word",
        "word shown in the picture", "email has been held", "mail will then be released", "needs one more step",
        "unbekannte absender", "um eine bestätigung", "noch nicht zugestellt", "erst danach wird ihre",
        "expéditeurs inconnus", "remitentes desconocidos", "remetentes desconhecidos", "mittenti sconosciuti",
        "onbekende afzenders", "nieznanych nadawców", "неизвестных отправителей", "anti-spam system requires",
        "bestätigen sie, dass sie ein mensch", "bestätigen sie bitte, dass sie", "nachricht wird zurückgehalten",
        "confirmez que vous êtes", "vous êtes bien un humain", "êtes bien une personne",
        "pour que votre message soit remis", "mailinblack", "votre message est en attente",
        "confirme que usted es", "confirme que es una persona", "su mensaje está retenido", "confirme que você é",
        "conferma di essere", "подтвердите, что вы", "senders i have approved", "approved beforehand",
        "fill out the short request form", "fill in the short request form", "ask to be added to", "suspect email folder",
        "awaiting your confirmation", "characters shown in the image", "zeichen aus dem bild", "zeichen im bild",
        "liste zugelassener absender", "erst zugestellt, wenn", "liste des expéditeurs autorisés",
        "caractères affichés", "lista de remitentes autorizados", "correo ha quedado retenido",
        "mensaje ha quedado retenido", "caracteres de la imagen", "para liberar a entrega",
        "caracteres que aparecem", "remetentes autorizados", "mittenti autorizzati", "caratteri dell'immagine",
        "toegestane afzenders", "tekens uit de afbeelding", "godkända avsändare", "zatwierdzonych nadawców",
        "znaki z obrazka", "символы с картинки", "разрешённых отправителей",
    ]),
    (Sub::Gone, &[
        "no longer with", "no longer works", "no longer work for", "no longer work at", "no longer working",
        "no longer employed", "no longer an employee", "no longer at", "no longer part of", "has left the company",
        "have left the company", "has left our", "has left the organi", "left the company", "left the organi",
        "left the firm", "left the business", "i have left", "i've left", "i left ", "has moved on", "have moved on from",
        "moved on to a new", "mailbox is closed", "has retired", "have retired", "i am retired", "my last day",
        "this address is being retired", "this email address is being closed", "has since left", "has departed",
        "parted ways", "nicht mehr im unternehmen", "nicht mehr bei", "nicht mehr für", "nicht mehr in unserem",
        "nicht mehr in unserer", "nicht mehr im haus", "nicht mehr tätig", "nicht mehr beschäftigt",
        "unternehmen verlassen", "hat uns verlassen", "firma verlassen", "ausgeschieden", "im ruhestand",
        "ne travaille plus", "ne fait plus partie", "fais plus partie", "ai quitté", "a quitté",
        "plus dans l'entreprise", "plus parmi nous", "n'est plus employé", "travaille plus", "ya no trabaja",
        "ya no forma parte", "ya no está en la empresa", "ya no pertenece", "dejado la empresa",
        "ha dejado de trabajar", "ya no formo parte", "ya no labora", "ja no treballa", "não trabalha mais",
        "já não trabalha", "não faz mais parte", "já não faz parte", "deixou a empresa", "não faço mais parte",
        "deixei a empresa", "desligou-se", "não integra mais", "já não colabora", "non lavora più",
        "non fa più parte", "ha lasciato l'azienda", "ho lasciato l'azienda", "non collabora più",
        "non faccio più parte", "niet meer werkzaam", "werkt niet meer", "niet langer werkzaam",
        "heeft de organisatie verlaten", "uit dienst", "niet meer in dienst", "niet langer in dienst",
        "arbetar inte längre", "har slutat", "jobbar inte längre", "inte längre anställd", "arbeider ikke lenger",
        "jobber ikke lenger", "har sluttet", "er sluttet", "ikke lenger ansatt", "arbejder ikke længere",
        "er fratrådt", "ikke længere ansat", "ei työskentele enää", "ei enää työskentele", "en enää työskentele",
        "en työskentele enää", "ei tööta enam", "vairs nestrādā", "nebedirba", "nie pracuje już", "już nie pracuje",
        "nie jest już pracownikiem", "już nepracuje", "již nepracuje", "už nepracuje", "spoločnosti nepracuje",
        "společnosti nepracuje", "není zaměstnancem", "nie je zamestnancom", "ni več zaposlen", "više ne radi",
        "ne radi više", "већ не ради", "више не ради", "már nem dolgozik", "nem dolgozik már", "távozott a cég",
        "nu mai lucrează", "nu mai face parte", "a părăsit compania", "вече не работи", "не работи вече",
        "больше не работаю", "больше не работает", "уже не работаю", "уже не работает", "не работает в", "уволил",
        "покинул компанию", "більше не працює", "вже не працює", "δεν εργάζεται πλέον", "έχει αποχωρήσει",
        "artık çalışmıyor", "artık çalışmamakta", "artik çalişmiyor", "ayrılmıştır", "görevinden ayrıl",
        "şirketimizden ayrıl", "çalışmamaktadır", "退職", "離職", "离职", "已不在", "不再任职", "퇴사", "퇴직", "لم يعد يعمل",
        "כבר לא עובד", "אינו עובד", "סיים את", "đã nghỉ việc", "không còn làm việc", "tidak lagi bekerja",
        "ya no trabajo", "siirtynyt eläkkeelle", "jäänyt eläkkeelle", "nu mai lucrez", "am plecat din companie", "am plecat din firm",
        "αποχώρησα από", "δεν εργάζομαι πλέον", "már nem dolgozom", "nem dolgozom már", "společnosti nepracuji", "už nepracuji",
        "už nepracujem", "şirketten ayrıldım", "işten ayrıldım", "zakończyłem pracę", "zakończyłam pracę", "więcej tu nie pracuję",
        "لم أعد أعمل", "não trabalho mais", "non lavoro più", 
        "sudah tidak bekerja", "tidak lagi bertugas", "sudah tidak bertugas",
        "tidak bertugas lagi", "sudah tidak lagi", "pracuje jinde", "pracuje inde", "ลาออก", "พ้นสภาพ", "異動いたしました",
    ]),
    (Sub::Away, &[
        "out of office", "out-of-office", "out of the office", "out of my office", "away from my",
        "away from the office", "away on", "i am away", "i'm away", "i will be away", "i'll be away",
        "currently away", "on vacation", "on holiday", "on annual leave", "on leave", "on maternity leave",
        "on parental leave", "on paternity leave", "on sick leave", "sabbatical", "on pto", "ooo until", "i am ooo",
        "i'm ooo", "am ooo", "bulegotik kanpo", "as an oifig", "barra mill-uffiċċju", "на годишњем одмору", "na godišnjem odmoru",
        "на одмор сум", "bercuti",
        "limited access to", "no access to e-mail", "no access to email", "back in the office", "be back on",
        "will return on", "returning on", "returning to the office", "upon my return", "on my return",
        "when i return", "when i get back", "until i return", "am traveling", "am travelling", "office is closed",
        "office will be closed", "offices are closed", "we are closed", "travelling with",
        "attending a conference", "am on business travel", "i'm off", "i am off", "day off", "am currently out",
        "i'm currently out", "is currently out", "am unavailable until", "public holiday", "is closed",
        "are closed", "closed from", "closed until", "closed for", "closed between", "without signal",
        "on site without",
        "nicht im büro", "außer haus", "ausser haus", "abwesend", "abwesenheit", "im urlaub", "in urlaub",
        "nicht erreichbar", "wieder erreichbar", "wieder im büro", "wieder für sie da", "zurück im büro",
        "elternzeit", "mutterschutz", "dienstreise", "nicht am arbeitsplatz", "nicht im haus", "betriebsferien",
        "in den ferien", "ferienabwesend", "büro ist geschlossen", "bis einschließlich", "krankheitsbedingt",
        "geschlossen", "haben geschlossen", "weihnachtspause", "im urlaub", "segeln", "bin bis", "nicht gelesen", "nicht verfügbar",
        "nur eingeschränkt",
        "absent du bureau", "je suis absent", "suis actuellement absent", "absente du", "en congé", "en congés",
        "en vacances", "de retour le", "mon retour", "mon absence", "notre absence", "nous sommes fermé", "nous serons fermé", "serai de retour", "absence", "en déplacement",
        "congé maternité", "congé parental", "serai absent", "arrêt maladie", "fermé", "sans réseau", "absent",
        "bureaux sont fermés", "bureaux seront fermés", "absent(e)", "absent jusqu", "absente jusqu",
        "indisponible",
        "fuera de la oficina", "fuera de oficina", "de vacaciones", "estoy ausente", "estaré ausente",
        "estaré fuera", "ausencia", "mi regreso", "mi vuelta", "me reincorpor", "permiso de maternidad",
        "baja por", "baja médica", "baja maternal", "de viaje", "oficina estará cerrada", "cerrad", "estamos cerrad", "estaremos cerrad", "volvemos",
        "volveré", "fora de l'oficina", "de vacances", "regresaré", "estoy fuera", "no estaré disponible",
        "fora do escritório", "de férias", "estou ausente", "estarei ausente", "ausência", "meu regresso",
        "meu retorno", "retorno dia", "retorno no dia", "retornarei", "licença", "de licença", "em licença", "licença médica", "licença maternidade",
        "licença-maternidade", "fora da empresa", "encerrad", "estamos encerrad", "estaremos encerrad",
        "estamos fechad", "viajando", "ausente", "em viagem", "estarei de volta", "estarei fora", "voltarei",
        "regresso no dia", "regresso a",
        "fuori ufficio", "fuori sede", "in ferie", "in vacanza", "sono assente", "sarò assente", "assenza",
        "mio rientro", "al mio ritorno", "rientrerò", "congedo", "maternità", "in malattia", "uffici chiusi",
        "chius", "siamo chius", "saremo chius", "assente", "uffici resteranno chiusi", "tornerò", "sarò di nuovo",
        "niet op kantoor", "afwezig", "met vakantie", "op vakantie", "terug op", "met verlof",
        "zwangerschapsverlof", "niet aanwezig", "ben ik weer", "weer bereikbaar", "kantoor is gesloten",
        "gesloten", "niet bereikbaar", "buiten kantoor", "ben er weer",
        "inte på kontoret", "på semester", "tillbaka", "är tillbaka", "vi har stängt", "vi holder stengt", "frånvarande", "föräldraledig", "är ledig", "ej på plats",
        "tjänsteresa", "ikke på kontoret", "på ferie", "holder lukket", "lukket", "stängt", "stengt", "fraværende",
        "ferie", "tilbake", "tilbage", "er tilbake", "er tilbage", "permisjon", "barsel", "orlov", "er ute av kontoret", "er ikke til stede",
        "poissa", "lomalla", "loman", "palaan", "vanhempainvapaa", "en ole tavoitettavissa", "puhkusel",
        "kontorist eemal", "olen tagasi", "atvaļinājum", "atostog", "orlofi", "fríi", "komandējum", "komandiruot",
        "poza biurem", "na urlopie", "urlop", "nieobecn", "wracam", "wrócę", "będę dostępn",
        "zwolnieniu lekarskim", "zamknięt", "nieczynne", "delegacji", "mimo kancelář", "na dovolené", "dovolen",
        "nepřítom", "budu zpět", "zpět v kanceláři", "mimo kancelárie", "na dovolenke", "neprítom", "späť",
        "odsoten", "odsotna", "na dopustu", "dopust", "na godišnjem", "godišnji odmor", "godišnjem odmoru",
        "odsutan", "odsutna", "odsutnost", "na odmoru", "на одмору", "одсут",
        "szabadság", "házon kívül", "távol vagyok", "irodán kívül", "nem vagyok elérhető", "concediu",
        "nu sunt la birou", "în afara biroului", "plecat din birou", "absent din", "voi reveni", "revin ",
        "извън офиса", "отпуск", "отсъства", "вне офиса", "отсутств", "вернусь", "в отпуске", "командировк",
        "не на рабочем месте", "больничн", "нет на месте", "закрыт", "меня нет", "нет на рабочем", "поза офісом",
        "у відпустці", "відпустк", "відсутн", "мене немає", "лікарнян", "зачинен", "повернусь", "адпачынк",
        "εκτός γραφείου", "σε άδεια", "άδεια", "απουσιάζω", "απουσία", "επιστρέψω", "διακοπές", "ofis dışında",
        "ofis dişinda", "izinde", "yıllık izin", "yillik izin", "tatilde", "döneceğim", "dönüş tarih", "seyahat",
        "raporlu",
        "不在", "休暇", "出張", "外出", "戻り", "お休み", "休業", "育児休業", "有給", "年末年始", "夏季", "出社", "休假", "不在办公室", "外出", "出差",
        "回来", "返回", "休產假", "产假", "請假", "度假", "假期", "휴가", "부재", "출장", "복귀", "육아휴직", "자리를 비", "خارج المكتب", "إجازة",
        "اجازة", "سأعود", "خارج الدوله", "מחוץ למשרד", "בחופשה", "חופשה", "אחזור", "חופש", "در مرخصی", "مرخصی",
        "छुट्टी", "अवकाश", "कार्यालय से बाहर", "ลาพักร้อน", "ลางาน", "ไม่อยู่", "วันหยุด", "nghỉ phép", "vắng mặt",
        "đi công tác", "di luar kantor", "cuti", "sedang tidak berada", "luar pejabat", "bakasyon",
        "naka-leave", "allan o'r swyddfa", "ar wyliau", "as oifig", "ar saoire", "likizo", "nje ya ofisi",
        "me pushime", "jashtë zyrës", "məzuniyyət", "შვებულებ", "ოფისში არ", "արձակուրդ", "еңбек демалыс",
    ]),
    (Sub::Unread, &[
        "no longer in use", "no longer monitored", "no longer being monitored", "no longer read", "no longer being read",
        "no longer active", "no longer valid", "no longer being used",
        "is no longer available at", "longer checked", "has been discontinued", "mailbox is not monitored",
        "mailbox is unmonitored", "nicht mehr verfügbar", "wird nicht mehr gelesen", "nicht mehr gültig",
        "nicht mehr aktiv", "nicht mehr in verwendung", "nicht mehr genutzt", "n'est plus utilisée",
        "n'est plus en service", "n'est plus active", "n'est plus valide", "n'est plus consultée",
        "ne sera plus relevée", "n'est plus relevée", "ya no está activ", "ya no está disponible", "ya no se utiliza",
        "ya no es válid", "não está mais", "não é mais utilizad", "non è più attiv", "non è più in uso",
        "non è più utilizzat", "non è più presidiat", "niet meer in gebruik", "niet meer actief",
        "används inte längre", "er ikke længere", "er stoppet", "en ole enää", "ei ole enää", "nie jest już używan",
        "adres nieaktywny", "schránka už není aktivní",
        "schránka již není aktivní", "schránka už nie je aktívna", "nikdo nečte", "nikto nečíta", "nije više", "zakończył", "nie pracuję", "nie pracuje", "больше не используется", "不再使用",
        "لم يعد",
    ]),
    (Sub::Received, &[
        "we got your request", "we have got your request", "we got your ticket", "due to a high volume of",
        "due to high volume", "due to a higher than", "take longer than usual to re", "take longer than normal to re",
        "we have received your", "we've received your", "has been received", "have received your",
        "your request has been", "ticket", "case number", "reference number", "received your message",
        "received your email", "received your e-mail", "received your inquiry", "received your enquiry",
        "will get back to you", "will be in touch", "will respond to you", "will respond within",
        "thank you for contacting", "thanks for contacting", "thank you for reaching out",
        "thanks for reaching out", "thank you for your message", "thank you for your email",
        "thank you for your e-mail", "thank you for writing", "thanks for getting in touch", "we aim to respond",
        "we aim to reply", "business days", "working days", "response time", "as soon as possible",
        "acknowledge receipt", "to acknowledge your", "acknowledgement of receipt", "a member of our team",
        "support request", "your inquiry", "your enquiry",
        "ihre nachricht erhalten", "ihre anfrage", "ihre e-mail erhalten", "eingangsbestätigung", "eingegangen",
        "vielen dank für ihre", "danke für ihre", "wir melden uns", "schnellstmöglich", "vorgangsnummer",
        "ticketnummer", "bearbeit", "wurde unter der nummer", "ist unter der nummer", "unter der vorgangsnummer",
        "enregistrée sous le", "enregistré sous le", "zaregistrován", "zaevidován", "zarejestrowan", "a fost înregistrat",
        "zaregistrovan", "zaevidovan", "iktatószám", "iktatásra",
        "bien reçu", "avons reçu votre", "accusé de réception", "accusons réception", "nous vous répondrons",
        "dans les meilleurs délais", "votre demande", "a bien été", "merci pour votre message",
        "merci de nous avoir contact",
        "has been opened", "has been created", "has been logged", "typically repl", "usually repl",
        "hemos registrado", "ha sido registrad", "se ha registrado", "ha quedado registrad", "hemos recibido", "ha sido recibid", "acuse de recibo", "nos pondremos en contacto", "le responderemos",
        "su solicitud", "su mensaje ha", "gracias por contactar", "gracias por ponerse", "a la brevedad",
        "hem rebut",
        "recebemos o seu", "recebemos sua", "recebemos seu", "foi recebid", "entraremos em contacto",
        "entraremos em contato", "sua solicitação", "o seu pedido", "obrigado pelo seu contato",
        "obrigado pelo contato", "agradecemos o seu contacto", "responderemos",
        "abbiamo ricevuto", "è stata ricevuta", "è stato ricevuto", "presa in carico", "la ricontatteremo",
        "vi risponderemo", "ti risponderemo", "la sua richiesta", "grazie per averci", "risponderemo",
        "hebben uw bericht", "hebben je bericht", "ontvangen", "ontvangst", "nemen contact", "zo spoedig mogelijk",
        "uw vraag", "uw aanvraag", "tack för ditt", "tack för att du", "har mottagit", "tagit emot", "återkommer",
        "ärendenummer", "takk for din", "har mottatt", "takk for at", "saksnummer", "har modtaget", "tak for din",
        "vender tilbage", "sagsnummer", "kiitos yhteydenotosta", "olemme vastaanottaneet", "vastaanotettu",
        "viestisi on", "tiketti", "oleme kätte saanud", "esam saņēmuši", "gavome jūsų",
        "otrzymaliśmy", "została przyjęt", "zgłoszenie", "dziękujemy za", "odpowiemy", "przyjęliśmy",
        "obdrželi jsme", "byl přijat", "byla přijata", "děkujeme za", "požadavek", "dostali sme", "ďakujeme za",
        "prejeli smo", "zaprimili smo", "primili smo", "zahvaljujemo", "примили смо", "хвала вам", "megkaptuk",
        "köszönjük", "üzenetét", "am primit", "vă mulțumim", "solicitarea dumneavoastră", "получихме",
        "благодарим", "получили ваше", "получено", "ваше обращение", "ваш запрос", "ваша заявка", "спасибо за обращение",
        "зарегистрирован", "отримали ваше", "отримано", "дякуємо",
        "λάβαμε", "ευχαριστούμε", "έχει ληφθεί", "mesajınızı aldık", "tarafımıza ulaş", "alınmıştır",
        "teşekkür ederiz", "talebiniz", "iletiniz",
        "受け付け", "受付", "受信いたしました", "お問い合わせ", "承りました", "受領", "已收到", "收悉", "收到您的", "感谢您", "感謝您", "工单", "접수", "문의",
        "감사합니다", "تم استلام", "استلمنا", "شكرا لتواصلك", "شكراً", "התקבלה", "קיבלנו", "פנייתך", "प्राप्त",
        "ได้รับ", "đã nhận được", "cảm ơn", "telah kami terima", "kami terima", "terima kasih", "telah diterima",
        "natanggap",
    ]),
];

/// Words of [`TABLE`] that people write of contracts, prices and parcels, too: they choose the kind, and tell
/// only beside a day of return.
#[rustfmt::skip] // A table is read in rows.
const PLAIN: &[&str] = &["i left ", "is closed", "are closed", "geschlossen", "absence", "fermé", "cerrad", "licença", "encerrad",
    "chius", "gesloten", "tillbaka", "tilbake", "tilbage", "lukket", "stängt", "stengt", "zamknięt", "закрыт", "зачинен"];

/// Sentences by which an answer says of itself that it is automatic; folded text.
#[rustfmt::skip] // A table is read in rows.
const DECLARATIONS: &[&str] = &[
    "this is an automatic reply", "this is an automatic response", "this is an automated reply",
    "this is an automated response", "this is an automated message", "this is an automatic message",
    "this is an automatically generated", "this is an auto-generated", "this is an auto generated",
    "this is an auto-reply", "this is an autoreply", "this is an auto reply", "this is an auto-response",
    "this is an auto response", "this reply was generated automatically",
    "this message was generated automatically", "this message was sent automatically",
    "this email was automatically generated", "this e-mail was automatically generated",
    "this email is automatically generated", "this e-mail is automatically generated",
    "this message is automatically generated", "this is an out of office", "(automatic reply)",
    "[automatic reply]", "this is an automated out", "dies ist eine automatische", "dies ist eine automatisch",
    "das ist eine automatische", "diese nachricht wurde automatisch", "diese e-mail wurde automatisch",
    "diese mail wurde automatisch", "ceci est une réponse automatique", "ceci est un message automatique",
    "ce message est une réponse automatique", "ce message a été généré automatiquement",
    "cet e-mail a été envoyé automatiquement", "esta es una respuesta automática",
    "este es un mensaje automático", "aquest és un missatge automàtic", "esta é uma resposta automática",
    "esta é uma mensagem automática", "este é um e-mail automático", "este é um email automático",
    "questa è una risposta automatica", "questo è un messaggio automatico", "dit is een automatisch",
    "dit is een automatische", "detta är ett automatiskt", "detta är ett autosvar", "dette er et automatisk",
    "dette er en automatisk", "tämä on automaattinen", "see on automaatne", "see on automaatvastus",
    "šī ir automātiska", "tai automatinis", "þetta er sjálfvirkt", "to jest automatyczna",
    "to jest wiadomość automatyczna", "wiadomość została wygenerowana automatycznie", "toto je automatická",
    "tato zpráva byla vygenerována automaticky", "táto správa bola vygenerovaná", "to je samodejno",
    "ovo je automatski", "ovo je automatska", "ово је аутоматски", "ez egy automatikus",
    "acesta este un mesaj automat", "acesta este un răspuns automat", "това е автоматичен", "това е автоматично",
    "это автоматический ответ", "это автоматическое", "это письмо создано автоматически",
    "это письмо сформировано автоматически", "письмо отправлено автоматически", "це автоматична",
    "лист створено автоматично", "αυτό είναι ένα αυτόματο", "αυτή είναι μια αυτόματη", "bu otomatik bir",
    "otomatik olarak oluşturul", "bu bir otomatik", "otomatik olarak gönderil", "これは自動返信", "これは自動応答", "自動返信です",
    "自動返信メールです", "自動応答です", "自動送信しており", "自動送信されて", "自動返信しており", "自動的に送信", "这是自动回复", "這是自動回覆", "此为自动回复", "系统自动发送",
    "系統自動發送", "系统自动回复", "자동 회신입니다", "자동 응답입니다", "자동응답입니다", "자동회신입니다", "자동으로 발송되었", "자동으로 발송된 메일입니다",
    "자동으로 발송된 메일이므로", "هذا رد تلقائي", "هذا رد آلي", "هذه رسالة تلقائية", "هذه رسالة آلية", "זוהי הודעה אוטומטית",
    "זו הודעה אוטומטית", "זהו מענה אוטומטי", "זוהי תשובה אוטומטית", "यह एक स्वचालित", "นี่คือการตอบกลับอัตโนมัติ",
    "เป็นการตอบกลับอัตโนมัติ", "นี่เป็นการตอบกลับอัตโนมัติ", "นี่คืออีเมลอัตโนมัติ", "นี่คือข้อความอัตโนมัติ",
    "đây là thư trả lời tự động", "đây là email tự động", "đây là trả lời tự động", "ini adalah balasan otomatis",
    "ini adalah pesan otomatis", "ini adalah email otomatis", "ini adalah balasan automatik",
    "det här är ett automatiskt", "det här är ett autosvar", "this is an automatic confirmation",
    "this is an automated confirmation", "this is an automatic acknowledg", "this is an automated acknowledg",
];

/// Stems by which such a sentence calls itself an answer or a confirmation; folded text.
#[rustfmt::skip] // A table is read in rows.
const ANSWERS: &[&str] = &["reply", "respon", "confirmation", "acknowledg", "antwort", "svar", "bekreft", "bekræft", "bekräft",
    "réponse", "respuesta", "resposta", "risposta", "antwoord", "vastaus", "odpowied", "odpověď", "odpoveď", "відповід",
    "ответ", "απάντηση", "yanıt", "返信", "応答", "自动回复", "自動回覆", "회신", "응답"];

/// Names and pleas of automatic mail, which people use as well when they write about it.
#[rustfmt::skip] // A table is read in rows.
const NAMES: &[&str] = &[
    "automatically generated response", "automatically generated reply", "automated out of office",
    "do not reply to this", "please don't reply to this", "replies to this address are not",
    "this mailbox is not monitored", "automatisch generierte", "automatisch erstellte antwort",
    "automatisch erzeugt", "automatisch generiert", "antworten sie nicht auf diese",
    "antworten sie bitte nicht auf diese", "message automatique", "réponse automatique",
    "message généré automatiquement", "ne pas répondre à ce", "mensaje automático", "respuesta automática",
    "correo automático", "mensaje generado automáticamente", "no responda a este", "mensagem automática",
    "resposta automática", "gerada automaticamente", "não responda a est", "não responda este",
    "risposta automatica", "messaggio automatico", "generato automaticamente", "generata automaticamente",
    "non rispondere a quest", "automatisch antwoord", "automatisch gegenereerd", "automatisch verzonden",
    "niet op dit bericht te antwoorden", "niet te beantwoorden", "automatisk genereret", "automatisk generert",
    "automaattivastaus", "wiadomość wygenerowana automatycznie", "nie odpowiadaj na tę", "nie odpowiadać na tę",
    "odpowiedź automatyczna", "automatyczna odpowiedź", "automaticky generovan", "samodejni odgovor",
    "automatski generiran", "automatikus válasz", "automatikusan generált", "mesaj generat automat",
    "автоматическое сообщение", "не отвечайте на это", "не відповідайте на це", "автоматический ответ",
    "автоматична відповідь", "αυτόματη απάντηση", "otomatik yanıt", "otomatik cevap", "lütfen yanıtlamayınız",
    "自動返信", "自動応答", "自動送信", "返信なさらないよう", "このメールには返信", "自动回复", "自动答复", "系统自动", "请勿回复", "請勿回覆", "自動回覆", "系統自動",
    "자동 회신", "자동 응답", "자동응답", "자동회신", "자동으로 발송", "회신하지 마", "رد تلقائي", "رد آلي", "رسالة تلقائية", "رسالة آلية",
    "הודעה אוטומטית", "מענה אוטומטי", "תשובה אוטומטית", "स्वचालित", "ตอบกลับอัตโนมัติ", "อีเมลอัตโนมัติ",
    "ข้อความอัตโนมัติ", "thư trả lời tự động", "trả lời tự động", "email tự động", "balasan otomatis",
    "pesan otomatis", "email otomatis", "balasan automatik",
];

/// Words before a declaration that make it somebody's opinion; folded text.
#[rustfmt::skip] // A table is read in rows.
const OPINIONS: &[&str] = &["if", "that", "whether", "assume", "think", "guess", "know", "suppose", "believe", "suspect", "sure",
    "like", "because", "unless", "though", "is", "glaube", "vermute", "denke", "dass", "ob", "wenn", "que", "si", "qu'",
    "sospecho", "creo", "supongo", "acho", "se", "che", "credo", "penso", "dat", "als", "denk", "att", "om", "at", "hvis",
    "że", "jeśli", "czy", "myślę", "że", "jestli", "myslím", "что", "если", "думаю", "наверное", "hogy", "ha", "dacă", "că"];

static TABLE_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(TABLE.iter().flat_map(|(_, list)| list.iter().copied())));
static DECLARATION_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(DECLARATIONS.iter().copied()));
static NAME_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(NAMES.iter().copied()));
static TELLING_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(TELLING_RECEIVED.iter().copied()));

/// A phrase of [`TABLE`]: its place there, and its words.
pub(super) type Phrase = (usize, &'static str);

/// Returns the phrase that goes before all others in a text (folded).
pub(super) fn foremost(text: &str) -> Option<Phrase> {
    TABLE_BOOK.first_word(text)
}

/// Returns what the subject and new text say, in order of precedence.
pub(super) fn find(
    title: &Title,
    text: &str,
    heard: &Heard,
) -> Option<(&'static str, Sub, Weight)> {
    let subject = title.folded.as_str();
    let in_subject =
        foremost(subject).filter(|(index, _)| title.own && sub_of(*index) != Some(Sub::Received));
    let (index, words) = heard.foremost.into_iter().chain(in_subject).min()?;
    let sub = sub_of(index)?;
    let plain = is_plain(words) && !heard.absence;
    let polite = (plain || sub == Sub::Received)
        && !heard.promises_an_answer(text)
        && !heard.tells
        && TELLING_BOOK.first_word(subject).is_none();
    Some((
        words,
        sub,
        if polite {
            Weight::Polite
        } else {
            Weight::Telling
        },
    ))
}

/// Returns the phrase that `text` (folded) begins with and `counts` agrees to, and what it says.
pub(super) fn opens(text: &str, counts: impl Fn(&str) -> bool) -> Option<(&'static str, Sub)> {
    let (index, _) = TABLE_BOOK.first_prefix(text, |index| counts(TABLE_BOOK.phrase(index)))?;
    let mut phrases = TABLE.iter().flat_map(|(_, list)| list.iter().copied());
    Some((phrases.nth(index)?, sub_of(index)?))
}

/// Whether `words` of the table say an absence only beside a day of return.
pub(super) fn is_plain(words: &str) -> bool {
    PLAIN.contains(&words)
}

/// Returns what a phrase says.
pub(super) fn said((index, _): Phrase) -> Option<Sub> {
    sub_of(index)
}

/// Ways to say of oneself that one works no more, which also say that one is off on some days; folded text.
#[rustfmt::skip] // A table is read in rows.
const WORKS_NOT: &[&str] = &["not working", "arbeite nicht", "arbeite ich nicht", "ne travaille", "no trabajo", "não trabalho",
    "non lavoro", "werk niet", "werk ik niet", "arbetar inte", "arbeider ikke", "arbejder ikke", "en työskentele",
    "nie pracuję", "nepracuji", "nepracujem", "ne radim", "nem dolgozom", "nu lucrez", "nu mai lucrez", "не работаю",
    "не працюю", "не работя", "δεν εργάζομαι", "çalışmıyorum", "ayrıldım", "αποχώρησα", "am plecat din", "zakończyłem pracę",
    "zakończyłam pracę", "lopetin työt", "eläkkeelle", "لم أعد أعمل"];

static WORKS_NOT_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(WORKS_NOT.iter().copied()));

/// Whether the text (folded) says of its writer that they do not work.
pub(super) fn works_not(text: &str) -> bool {
    WORKS_NOT_BOOK.first_word(text).is_some()
}

/// Returns the kind of the phrase at `index` of the flattened table.
fn sub_of(index: usize) -> Option<Sub> {
    let mut end = 0;
    TABLE.iter().find_map(|(sub, list)| {
        end += list.len();
        (index < end).then_some(*sub)
    })
}

/// Sentences that confirm the arrival of a mail; folded text.
#[rustfmt::skip] // A table is read in rows.
const TELLING_RECEIVED: &[&str] = &[
    "we got your request", "we have got your request", "we got your ticket", "due to a high volume of",
    "due to high volume", "due to a higher than", "take longer than usual to re", "take longer than normal to re",
    "case number", "reference number", "ticket number", "has been opened", "has been created", "has been logged",
    "typically repl", "usually repl", "hemos registrado", "ha sido registrad", "se ha registrado", "ha quedado registrad", "received your", "has been received", "been safely received", "to acknowledge your", "acknowledge receipt",
    "acknowledgement of receipt", "we cannot enter into", "thank you for writing to", "thank you for contacting",
    "thanks for contacting", "thanks for getting in touch", "thank you for getting in touch", "e-mail erhalten",
    "nachricht erhalten", "anfrage erhalten", "eingangsbestätigung", "ist bei uns eingegangen", "bien reçu",
    "accusé de réception", "accusons réception", "hemos recibido", "acuse de recibo", "recebemos",
    "receção do seu", "recebimento", "abbiamo ricevuto", "confermiamo la ricezione", "hebben uw bericht",
    "hebben je bericht", "in goede orde ontvangen", "ontvangstbevestiging", "har mottagit", "har mottatt",
    "har modtaget", "olemme vastaanottaneet", "vastaanotettu", "otrzymaliśmy", "potwierdz", "obdrželi jsme",
    "přijali jsme", "dostali sme", "prijali sme", "prejeli smo", "zaprimili smo", "primili smo", "примили смо",
    "megkaptuk", "am primit", "получихме", "получили ваше", "получено", "отримали ваш", "лист отримано",
    "отримано", "λάβαμε", "έχει ληφθεί", "mesajınızı aldık", "alınmıştır", "tarafımıza ulaş", "受け付けました",
    "受け付けいたしました", "受信いたしました", "承りました", "受領いたしました", "已收到", "来信收悉", "來信收悉", "접수되었", "접수하였", "تم استلام", "استلمنا",
    "התקבלה", "קיבלנו", "प्राप्त हो", "ได้รับอีเมล", "ได้รับข้อความ", "đã nhận được", "telah kami terima",
    "telah diterima", "kami telah menerima",
    // Whoever numbers our mail writes for a desk.
    "your request #", "your request (#", "your ticket #", "your case #", "ihre anfrage #", "ihr ticket #", "votre demande n°",
    "votre demande #", "su solicitud n°", "su solicitud #", "sua solicitação n", "ваша заявка №", "ваша заявка #",
    "ваше обращение №", "ваш запрос №",
];

/// Promises of an answer by somebody unnamed; folded text.
#[rustfmt::skip] // A table is read in rows.
const PROMISES: &[&str] = &[
    "will reply within", "will respond within", "will get back to you", "will be in touch",
    "a member of the team", "a member of our team", "one of our team", "replies are taking", "business hours",
    "business days", "working days", "aim to reply", "aim to respond", "melden uns", "innerhalb von",
    "schnellstmöglich", "dans les meilleurs délais", "nous vous répondrons", "sous 48",
    "nos pondremos en contacto", "responderemos", "entraremos em contato", "entraremos em contacto",
    "risponderemo", "nemen contact", "zo spoedig mogelijk", "återkommer", "vender tilbage", "kontakter deg",
    "odpowiemy", "skontaktujemy", "ozveme", "ответим", "свяжемся", "зв'яжемося", "dönüş yapılacak",
    "size döneceğiz", "dönüş yapacağız", "ご返信", "ご連絡いたします", "尽快", "盡快", "회신드리", "답변드리", "سنرد", "נחזור",
    "phản hồi", "membalas",
];

/// What a text (folded) says in the words of all lists, looked up together.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The phrase of [`TABLE`] that goes before all others.
    pub(super) foremost: Option<Phrase>,
    /// The sentence by which it declares itself automatic, or the name it bears at its very head.
    pub(super) declared: Option<&'static str>,
    /// The first name or plea of automatic mail that it holds anywhere.
    pub(super) named: Option<&'static str>,
    /// Whether it speaks of absence or leaving in words that are not plain.
    absence: bool,
    /// Whether it confirms the arrival of a mail.
    tells: bool,
    /// Whether it promises an answer.
    promises: bool,
    /// Whether it demands a proof of being a person, by a link and in words beside that.
    pub(super) demands_proof: bool,
}

/// The phrases of all lists, and where each list but the first begins.
struct Lists {
    book: Lookup,
    begins: [usize; 4],
    /// Which phrases of [`TABLE`] are words of absence or leaving, and not plain.
    absence: Vec<bool>,
    /// Which of them demand a proof and speak of a mail or of being a person.
    demands: Vec<bool>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let table = || {
        let all = |(sub, list): &'static (Sub, &[&'static str])| {
            list.iter().map(move |words| (*sub, *words))
        };
        TABLE.iter().flat_map(all)
    };
    let others = [DECLARATIONS, NAMES, TELLING_RECEIVED, PROMISES];
    let is_absence =
        |(sub, words): (Sub, &str)| matches!(sub, Sub::Away | Sub::Gone) && !is_plain(words);
    let absence: Vec<bool> = table().map(is_absence).collect();
    let speaks_of_it = |words: &str| DEMANDS.iter().any(|stem| words.contains(stem));
    let demands = table().map(|(sub, words)| sub == Sub::Challenge && speaks_of_it(words));
    let demands = demands.collect();
    let mut begin = absence.len();
    Lists {
        book: Lookup::new(
            table()
                .map(|(_, words)| words)
                .chain(others.into_iter().flatten().copied()),
        ),
        begins: others.map(|list| {
            begin += list.len();
            begin - list.len()
        }),
        absence,
        demands,
    }
});

impl Heard {
    pub(super) fn of(text: &str) -> Self {
        let lists = &*LISTS;
        let [declarations, names, telling, promises] = lists.begins;
        let mut heard = Self::default();
        let (mut foremost, mut named) = (usize::MAX, usize::MAX);
        let mut demanded = [false; 2];
        lists.book.each_word(text, starts_a_word, |at, index| {
            if index < declarations {
                foremost = foremost.min(index);
                if lists.demands[index] {
                    let by_link = lists.book.phrase(index).contains("link");
                    demanded[usize::from(by_link)] = true;
                }
                heard.absence |= lists.absence[index];
            } else if index < names {
                if heard.declared.is_none() && !is_opinion(text, at) {
                    heard.declared = Some(lists.book.phrase(index));
                }
            } else if index < telling {
                named = named.min(index);
            } else if index < promises {
                heard.tells = true;
            } else {
                heard.promises = true;
            }
        });
        heard.demands_proof = demanded == [true; 2];
        let phrase = |index: usize| (index < usize::MAX).then(|| lists.book.phrase(index));
        heard.foremost = phrase(foremost).map(|words| (foremost, words));
        heard.named = phrase(named);
        heard.declared = heard.declared.or_else(|| headed(text));
        heard
    }

    /// Whether the text confirms receipt and promises an answer by somebody unnamed, as only
    /// shared mailboxes write.
    pub(super) fn promises_an_answer(&self, text: &str) -> bool {
        let thanks = [
            "thanks so much for your message",
            "thanks for your message",
            "thank you for your message",
            "thank you for your email",
        ];
        self.promises && (self.tells || thanks.iter().any(|words| text.contains(words)))
    }
}

/// Returns the sentence by which the text (folded) declares itself automatic, or the name it bears
/// at its very head.
pub(super) fn declares_itself(text: &str) -> Option<&'static str> {
    let mut own = None;
    DECLARATION_BOOK.each_word(text, starts_a_word, |at, index| {
        if own.is_none() && !is_opinion(text, at) {
            own = DECLARATIONS.get(index).copied();
        }
    });
    own.or_else(|| headed(text))
}

/// Whether a line at the head of the text (folded) opens by saying that it is an automatic answer.
pub(super) fn declares_an_answer(text: &str) -> bool {
    const HEAD: usize = 200;
    let head = &text[..text.floor_char_boundary(HEAD)];
    let calls = |words: &str| {
        let opens =
            |at: &usize| head[..*at].trim_end_matches([' ', '\t']).ends_with('\n') || *at == 0;
        let at = head.match_indices(words).map(|(at, _)| at).find(opens)?;
        let said = &head[at..];
        let sentence = said.split(['.', '!', '\n', '。']).next().unwrap_or(said);
        Some(ANSWERS.iter().any(|stem| sentence.contains(stem)))
    };
    declares_itself(head).and_then(calls).unwrap_or_default()
}

/// Whether a word before a place makes what stands there somebody's opinion.
fn is_opinion(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end();
    let word = before.rsplit([' ', '\'']).next().unwrap_or_default();
    OPINIONS.contains(&word)
}

/// The name that a text bears at its very head, and asks nothing about.
fn headed(text: &str) -> Option<&'static str> {
    let asked = |words: &str| {
        let rest = text.get(words.len()..).unwrap_or_default();
        rest.split(['.', '!', '\n'])
            .next()
            .unwrap_or_default()
            .contains('?')
    };
    NAME_BOOK
        .first_prefix(text, |_| true)
        .filter(|(_, words)| !asked(words))
        .and_then(|(index, _)| NAMES.get(index).copied())
}

/// Whether `words` (folded) say what an automatic answer says.
pub(super) fn means_something(words: &str) -> bool {
    TABLE_BOOK.first_word(words).is_some()
}

/// What a demand of a proof speaks of, where a guest list or a budget on hold does not; folded text.
#[rustfmt::skip] // A table is read in rows.
const DEMANDS: &[&str] = &["message", "mail", "verif", "human", "robot", "captcha", "approved senders", "allowed senders",
    "click the link", "click on the link", "challenge", "nachricht", "mensch", "mensaje", "mensagem"];

/// Words of houses that are closed: they also close for good.
#[rustfmt::skip] // A table is read in rows.
const CLOSED: &[&str] = &["closed", "geschlossen", "fermé", "cerrad", "encerrad", "fechad", "chius", "gesloten", "lukket",
    "stängt", "stengt", "zamknięt", "nieczynne", "закрыт", "зачинен", "nicht verfügbar", "nicht gelesen"];

/// Ways to say of oneself that one is gone for good; folded text.
#[rustfmt::skip] // A table is read in rows.
const SELF_GONE: &[&str] = &["i have left", "i've left", "i left ", "i no longer", "i am no longer", "i'm no longer",
    "i am retired", "i have retired", "my last day", "ich bin nicht mehr", "ich arbeite nicht mehr",
    "je ne travaille plus", "je ne fais plus partie", "j'ai quitté", "ya no trabajo", "ya no formo parte",
    "não faço mais parte", "deixei a empresa", "ho lasciato", "non lavoro più", "siirtynyt eläkkeelle", "jäänyt eläkkeelle",
    "nu mai lucrez", "am plecat din companie", "am plecat din firm", "αποχώρησα από", "δεν εργάζομαι πλέον", "már nem dolgozom",
    "nem dolgozom már", "společnosti nepracuji", "už nepracuji", "už nepracujem", "şirketten ayrıldım", "işten ayrıldım",
    "zakończyłem pracę", "zakończyłam pracę", "więcej tu nie pracuję", "لم أعد أعمل", "ja no treballo", "en työskentele enää", "non faccio più parte",
    "ik ben niet meer", "ik werk niet meer", "jag har slutat", "jeg har sluttet", "nie pracuję już", "już nie pracuję",
    "больше не работаю", "уже не работаю", "більше не працюю"];

static AWAY_BOOK: LazyLock<Lookup> = LazyLock::new(|| {
    let away = TABLE.iter().filter(|(sub, _)| *sub == Sub::Away);
    let words = away.flat_map(|(_, list)| list.iter().copied());
    Lookup::new(words.filter(|words| !CLOSED.iter().any(|closed| words.contains(closed))))
});
static SELF_GONE_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(SELF_GONE.iter().copied()));

/// Whether the text (folded) says that somebody is away, and not of itself that they are gone.
///
/// "I have left for my holiday" leaves nobody.
pub(super) fn is_away_not_gone(text: &str) -> bool {
    let mut gone = false;
    SELF_GONE_BOOK.each_word(text, starts_a_word, |at, index| {
        let rest = text[at + SELF_GONE_BOOK.phrase(index).len()..].trim_start();
        let leaves = ["for ", "the office", "on "]
            .iter()
            .any(|words| rest.starts_with(words));
        gone |= !leaves;
    });
    !gone && AWAY_BOOK.first_word(text).is_some()
}

/// Settles the kind where words and subject leave it open.
pub(super) fn choose(
    mail: &InboundMail<'_>,
    by_text: Option<Sub>,
    by_subject: Option<Sub>,
    text: &str,
) -> Sub {
    let by_text = by_text.map(|sub| if sub == Sub::Unread { Sub::Gone } else { sub });
    match (by_text, by_subject) {
        // A title that says away beats a polite "thank you for your message" below it.
        (Some(Sub::Received), Some(other)) => other,
        (Some(kind), _) | (None, Some(kind)) => kind,
        (None, None) if is_tmda(mail) => Sub::Challenge,
        (None, None) => {
            // Nothing tells: systems answer for shared mailboxes and tickets, people are away.
            let shared = mail.from_address().is_some_and(|from| is_shared(&from))
                || headers::sender_answers_nobody(mail);
            let system = shared
                || headers::returns_to_a_bounce_box(mail)
                || super::subjects::names_a_ticket(&mail.subject().to_lowercase());
            if system && !text.is_empty() {
                Sub::Received
            } else {
                Sub::Away
            }
        }
    }
}

/// Whether the filter TMDA sent it, which asks strangers for a proof.
fn is_tmda(mail: &InboundMail<'_>) -> bool {
    let agent = mail.value("x-delivery-agent");
    mail.has_header("x-tmda-fingerprint") || agent.is_some_and(|agent| agent.starts_with("TMDA"))
}

/// Mailboxes of roles (RFC 2142) are answered by systems, not by people on leave.
fn is_shared(from: &str) -> bool {
    let local = address::local(from);
    [
        "info",
        "support",
        "sales",
        "contact",
        "kontakt",
        "help",
        "helpdesk",
        "service",
        "office",
        "hello",
        "team",
        "billing",
        "admin",
        "customer",
        "kundenservice",
        "careers",
        "jobs",
        "hr",
        "press",
        "webmaster",
    ]
    .iter()
    .any(|role| {
        local
            .strip_prefix(role)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_together_say_what_each_says() {
        let table = TABLE.iter().flat_map(|(_, list)| list.iter());
        let lists = [DECLARATIONS, NAMES, TELLING_RECEIVED, PROMISES];
        for words in table.chain(lists.into_iter().flatten()) {
            for text in [
                format!("{words} x"),
                format!("see: {words}. {words}"),
                format!("if {words}"),
            ] {
                let heard = Heard::of(&text);
                assert_eq!(heard.foremost, foremost(&text), "{text}");
                assert_eq!(heard.declared, declares_itself(&text), "{text}");
                assert_eq!(
                    heard.tells,
                    TELLING_BOOK.first_word(&text).is_some(),
                    "{text}"
                );
                let named = NAME_BOOK.first_word(&text).map(|(_, words)| words);
                assert_eq!(heard.named, named, "{text}");
                assert!(!PROMISES.contains(words) || heard.promises, "{text}");
                let sub = foremost(&text).and_then(said);
                let absent = matches!(sub, Some(Sub::Away | Sub::Gone))
                    && foremost(&text).is_some_and(|(_, words)| !is_plain(words));
                assert!(!absent || heard.absence, "{text}");
            }
        }
    }
}
