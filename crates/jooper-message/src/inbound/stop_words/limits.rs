//! A refusal of some days, of the telephone or of an old address is none of mail.

use std::ops::Range;
use std::sync::LazyLock;

use super::objects;
use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::{Book, Tokens};

/// How many words behind a refusal its limit begins.
const REACH: usize = 3;

/// Days and words that say until or from when; of every language, as `phrases` reads them.
#[rustfmt::skip]
const TIMES: &[&str] = &[
    "monday*", "tuesday*", "wednesday*", "thursday*", "friday*", "saturday*", "sunday*", "before", "until", "till",
    "today", "tomorrow", "tonight", "this week", "this month", "next week", "next month", "weekend*", "at night",
    "montag*", "dienstag*", "mittwoch*", "donnerstag*", "freitag*", "samstag*", "sonntag*", "vor", "bis", "heute",
    "diese woche", "diesen monat", "nächste woche", "wochenende*", "abends", "nachts",
    "lundi*", "mardi*", "mercredi*", "jeudi*", "vendredi*", "samedi*", "dimanche*", "avant", "jusqu'à", "jusqu'au",
    "jusqu'en", "aujourd'hui", "demain", "cette semaine", "ce mois", "semaine prochaine", "week-end*", "le soir",
    "lunes", "martes", "miércoles", "jueves", "viernes", "sábado*", "domingo*", "antes", "hasta", "hoy", "esta semana",
    "este mes", "por la noche", "fines de semana", "fin de semana",
    "segunda-feira*", "terça-feira*", "quarta-feira*", "quinta-feira*", "sexta-feira*", "até", "hoje", "amanhã",
    "este mês", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "domenica", "prima", "fino", "oggi", "domani",
    "questa settimana", "questo mese", "la sera",
    "maandag*", "dinsdag*", "woensdag*", "donderdag*", "vrijdag*", "zaterdag*", "zondag*", "tot", "vandaag",
    "deze week", "volgende week", "deze maand", "måndag*", "tisdag*", "onsdag*", "torsdag*", "fredag*", "lördag*",
    "söndag*", "mandag*", "tirsdag*", "lørdag*", "søndag*", "förrän", "idag", "i dag", "i morgon", "i morgen",
    "den här veckan", "denne uge", "denne uken", "poniedział*", "wtor*", "środę", "czwart*", "piąt*", "sobot*",
    "niedziel*", "przed", "dzisiaj", "jutro", "w tym tygodniu", "w tym miesiącu", "ponděl*", "úter*", "středu",
    "čtvrt*", "pátek", "pátku", "pondel*", "utor*", "stredu", "štvrt*", "piatok", "piatku", "před", "pred", "dnes",
    "zítra", "zajtra", "tento týden", "tento týždeň", "ponedjelj*", "ponedelj*", "srijed*", "četvrt*", "petak",
    "petka", "petek", "prije", "danas", "danes", "ovaj tjedan", "ta teden", "понедел*", "вторник*", "среду",
    "четверг*", "пятниц*", "суббот*", "воскресен*", "сегодня", "завтра", "на этой неделе", "до конца", "понеділ*",
    "вівтор*", "середу", "четвер*", "п'ятниц*", "сьогодні", "до кінця", "цього тижня", "четвъртък", "петък", "днес",
    "тази седмица", "maanantai*", "tiistai*", "keskiviik*", "torstai*", "perjantai*", "ennen", "tänään", "huomenna",
    "tällä viikolla", "hétfő*", "kedd*", "szerd*", "csütörtök*", "péntek*", "előtt", "holnap", "ezen a héten",
    "luni", "marți", "miercuri", "joi", "vineri", "înainte", "astăzi", "azi", "mâine", "săptămâna aceasta",
    "pirmadien*", "antradien*", "ketvirtadien*", "penktadien*", "šiandien", "šią savaitę", "pirmdien*", "otrdien*",
    "piektdien*", "šodien", "šonedēļ", "δευτέρα", "τρίτη", "τετάρτη", "πέμπτη", "παρασκευή", "σήμερα", "αύριο",
    "πριν", "pazartesi*", "çarşamba*", "perşembe*", "bugün", "yarın", "bu hafta", "今日", "明日", "今週", "今天", "明天", "本周",
    "这周", "周末", "오늘", "내일", "이번 주", "اليوم", "غدا", "قبل", "هذا الأسبوع", "היום", "מחר", "השבוע", "לפני",
];

/// Words before a time with which a refusal only begins: "from today on".
#[rustfmt::skip]
const SINCE: &[&str] = &[
    "from", "since", "of", "after", "ab", "seit", "von", "des", "desde", "partir", "partire", "dal", "da", "vanaf",
    "fran", "fra", "od", "ode", "с", "от", "від", "alates", "alkaen", "din", "dupa", "nuo", "no", "από",
];

/// Words behind a time that make it no limit: "until further notice", "bis auf Widerruf".
#[rustfmt::skip]
const ENDLESS: &[&str] = &["further", "auf", "weiteres", "nouvel", "nuevo", "nova", "novo", "nuovo", "nader", "on"];

/// The telephone and other ways that are no mail.
#[rustfmt::skip]
const ELSEWHERE: &[&str] = &[
    "phone*", "telephone*", "mobile*", "telefon*", "téléphon*", "teléfono*", "telefone*", "telefono*", "puhel*",
    "телефон*", "τηλέφων*", "portable", "portables", "handy*", "móvil*", "celular*", "cellulare*",
    "mobil", "mobilen", "הטלפון", "טלפון", "بالهاتف", "الهاتف", "電話", "电话", "whatsapp", "linkedin", "sms",
];

/// An address that somebody used to have.
#[rustfmt::skip]
const FORMER: &[&str] = &[
    "old address", "old e-mail", "old email", "alte adresse", "alten adresse", "ancienne adresse",
    "dirección antigua", "antigua dirección", "vecchio indirizzo", "oude adres", "gamla adress*", "gamle adresse",
    "stary adres", "starou adresu", "старый адрес", "стару адресу", "endereço antigo", "antigo endereço",
];

/// Words of mail beside which any other way is one more.
#[rustfmt::skip]
const MAIL_TOO: &[&str] = &["mail*", "email*", "e-mail*", "courriel*", "correo*", "mejl*", "почт*", "邮件", "メール", "or", "oder",
    "ou", "nor", "noch", "ni"];

/// Words behind one way that name the next; folded.
#[rustfmt::skip]
const LISTED: &[&str] = &["or", "nor", "and", "oder", "und", "noch", "ou", "ni", "et", "o", "y", "e", "of", "en", "eller", "och", "og"];

/// Seats, trials and appointments, for which one signs up and gets no mail.
#[rustfmt::skip]
const SEATS: &[&str] = &["webinar*", "webinair*", "trial*", "demo*", "event*", "workshop*", "seminar*", "course*", "conference*",
    "kurs*", "termin*", "testversion*", "essai", "prueba", "prova"];

/// Stems of signing up; folded.
const SIGNED: &[&str] = &[
    "sign",
    "subscrib",
    "angemeld",
    "inscri",
    "suscrib",
    "iscri",
    "aangemeld",
    "anmal",
    "tilmeld",
];

/// Words that turn an invitation round; folded.
#[rustfmt::skip]
const ENDED: &[&str] = &["not", "never", "don't", "dont", "nicht", "nie", "pas", "plus", "no", "non", "nao", "niet", "inte",
    "ikke", "не"];

/// What one may be taken out of that is no list of mail: a talk, its copies and its calls.
#[rustfmt::skip]
const TALKS: &[&str] = &[
    "cc", "bcc", "call", "calls", "invite*", "invitation*", "chat*", "channel*", "slack", "whatsapp", "thread*", "group*",
    "meeting*", "calendar*", "kopie", "einladung*", "unterhaltung", "gruppe*", "besprechung*", "termin*", "copie", "boucle",
    "invitation*", "réunion*", "fil", "groupe*", "copia", "convocator*", "reunión*", "hilo", "grupo*", "cópia", "convite*",
    "gruppo", "invito", "riunione", "groep*", "uitnodiging*", "kopia*", "kopi", "grupp*", "möte*", "inbjudan*", "indkald*",
    "grupy", "zaproszen*", "kopii", "pozvánk*", "копии", "группы", "чата", "抄送", "群", "project*", "projekt*", "projet*",
    "proyecto*", "projeto*", "progetto*", "plan", "plans", "planning", "roster", "rota", "schedule*", "committee",
    "agenda", "workspace*",
];

/// Verbs of missing and losing: who does not want that wants the mail; of every language.
#[rustfmt::skip]
const MISSED: &[&str] = &[
    "miss", "missing", "lose", "overlook", "verpassen", "verpasse", "missen", "versäumen", "verlieren", "übersehen", "rater", "manquer",
    "louper", "perdre", "perder*", "perdere", "perdermi", "perdermene", "mislopen", "verliezen", "missa", "förlora",
    "misse", "gå glip", "gå glipp", "miste", "przegapić", "przeoczyć", "stracić", "zmeškat", "zmeškať", "propásnout",
    "propustiti", "zamuditi", "пропускать", "пропустить", "терять", "потерять", "упустить", "пропускати", "пропустити",
    "втрачати", "втратити", "пропускам", "изпусна", "menettää", "missata", "lemaradni", "elveszíteni", "pierd", "ratez",
    "pierde", "rata", "χάσω", "χάνω", "kaçırmak", "לפספס", "להפסיד", "错过", "錯過", "漏掉",
];

/// Who misses something tells of it: "because I miss the others"; folded.
const WHO_MISS: &[&str] = &["i", "we", "ich", "wir", "je", "nous", "they", "who"];

/// Words that name where mail is wanted in place of where it is not.
#[rustfmt::skip]
const HERE: &[&str] = &["use this address", "use this one", "use this email", "use this mail", "use my other", "use my new",
    "use the new address", "nutzen sie diese adresse", "utilisez cette adresse", "usa esta dirección", "usen esta dirección",
    "gebruik dit adres"];

/// "But to", which names an address in place of another.
#[rustfmt::skip]
const BUT_TO: &[&str] = &["but to", "mais à", "mais sur", "sondern an", "sino a", "mas para", "ma a", "maar naar", "maar aan",
    "utan till", "men til", "ale na", "а на"];

/// Parts of words for an address; folded.
const ADDRESS: &[&str] = &["adres", "addres", "direcc", "indirizz", "enderec", "адрес"];

/// Whoever asks for somebody else stays.
const STAYS: &[&str] = &[
    "keep me on",
    "keep me in",
    "keep me posted",
    "i remain",
    "i stay on",
    "leave me on",
];

/// Stems of offices, which are no places on a list; folded.
#[rustfmt::skip]
const OFFICES: &[&str] = &["admin", "owner", "co-owner", "approver", "editor", "host", "organi", "moderator", "manager",
    "collaborator", "reviewer", "delegate", "signatory", "speaker", "inhaber", "verwalter", "eigentumer", "propriet"];

/// Words that make a talk everything that comes from us: "this thread".
const THESE: &[&str] = &[
    "this", "these", "your", "all", "any", "every", "diesem", "diesen", "ce", "cette", "este",
    "esta",
];

/// Stems of writing and sending; folded.
#[rustfmt::skip]
const MAILING: &[&str] = &["mail", "mejl", "writ", "send", "messag", "schreib", "schick", "schrijf", "skriv", "ecri", "envo",
    "escrib", "escri", "escrev", "envi", "scriv", "mand", "pis", "psat", "psa", "пис", "пиш", "kirjoit", "irja", "γραφ", "yaz",
    "发", "寄", "送", "메일", "보내"];

/// Invitations to talk without mail.
#[rustfmt::skip]
const INVITES: &[&str] = &[
    "call me", "ring me", "phone me", "text me", "give me a call", "give me a ring", "let us meet", "let's meet",
    "let us talk", "let's talk", "rufen sie ~ an", "ruf ~ an", "ruft ~ an", "rufen sie mich", "appelez", "appelle",
    "téléphonez", "llámame", "llámeme", "llámenme", "me llame", "chiamami", "chiamatemi", "mi chiami", "ligue", "liguem",
    "me liga", "bel me", "bel mij", "belt u", "ring mig", "ring meg", "zadzwoń*", "proszę dzwonić", "zavolejte",
    "zavolajte", "nazovite", "позвоните", "зателефонуйте", "обадете", "soita*", "hívjon", "sunați", "τηλεφωνήστε",
    "beni arayın", "给我打电话", "打电话给我", "打我电话", "電話してください", "お電話ください", "전화 주세요", "전화 주십시오", "اتصلوا بي", "اتصل بي",
    "תתקשרו", "תתקשר",
];

fn book(words: &'static [&'static str]) -> Book<()> {
    Book::new(words.iter().map(|word| (*word, ())))
}

static TIMES_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(TIMES));
static ELSEWHERE_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(ELSEWHERE));
static FORMER_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(FORMER));
static MAIL_TOO_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(MAIL_TOO));

static SEATS_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(SEATS));
static TALKS_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(TALKS));
static MAILING_STEMS: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(MAILING.iter().copied()));
static INVITES_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(INVITES));
static MISSED_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(MISSED));
static HERE_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(HERE));
static BUT_TO_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(BUT_TO));
static STAYS_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(STAYS));

/// How far behind a refusal an invitation stands.
const INVITED: usize = 7;

/// Whether one wants to be taken out of something else than a list: "remove me from the thread with Kim".
pub(super) fn another_place(tokens: &Tokens, sentence: &Range<usize>, hit: &Range<usize>) -> bool {
    let mut behind = hit.end..sentence.end.min(hit.end + REACH);
    let talk = behind.find(|word| TALKS_BOOK.any_in(tokens, *word..*word + 1));
    talk.is_some_and(|talk| {
        let of_mail = |word| objects::address(tokens, word..word + 1);
        let these = |word: usize| THESE.contains(&tokens.word(word));
        !(hit.end..talk).any(|word| of_mail(word) || these(word)) && !of_mail(talk + 1)
    })
}

/// Whether one wants to be taken out of an office: "remove me as admin", and not "as a recipient" or "as soon as
/// you can".
pub(super) fn an_office(tokens: &Tokens, sentence: &Range<usize>, hit: &Range<usize>) -> bool {
    let mut role = hit.end + 1..sentence.end.min(hit.end + 1 + REACH);
    let office = |i: usize| OFFICES.iter().any(|stem| tokens.word(i).starts_with(stem));
    matches!(
        tokens.word(hit.end),
        "as" | "als" | "comme" | "como" | "come" | "som"
    ) && super::asides::is_of_oneself(tokens.word(hit.end.max(1) - 1))
        && role.any(office)
        && !objects::address(tokens, hit.end..sentence.end.min(hit.end + 2 * REACH))
}

/// Whether what is not wanted is to miss or lose mail: "I do not want to miss your mails".
pub(super) fn missed(tokens: &Tokens, words: Range<usize>) -> bool {
    let from = words.start;
    words.clone().any(|i| {
        let told = i > from && WHO_MISS.contains(&tokens.word(i - 1));
        !told && MISSED_BOOK.any_in(tokens, i..words.end.min(i + 2)) && is_word_of(tokens, i)
    })
}

/// Whether a phrase of missing begins at this word, not behind it.
fn is_word_of(tokens: &Tokens, word: usize) -> bool {
    MISSED_BOOK
        .find_in(tokens, word..word + 2)
        .iter()
        .any(|hit| hit.start == word)
}

/// Whether mail is wanted at another address, or by whoever asks for somebody else: "no more mails to sales@, use
/// this address", "unsubscribe carl@x.example, I remain interested".
pub(super) fn another_address(tokens: &Tokens, hit: &Range<usize>) -> bool {
    let behind = hit.end..tokens.len().min(hit.end + 2 * INVITED);
    let near = |words: usize| hit.end..behind.end.min(hit.end + words);
    let is_address = |i: usize| tokens.word(i).contains('@');
    let named = |mut words: Range<usize>| {
        words.any(|i| is_address(i) || ADDRESS.iter().any(|stem| tokens.word(i).contains(stem)))
    };
    let not_here = || tokens.word(hit.end) == "to" || named(near(REACH));
    let here = || not_here() && HERE_BOOK.any_in(tokens, behind.clone());
    let but_to = || {
        let found = BUT_TO_BOOK.find_in(tokens, behind.clone());
        found.iter().any(|but| named(but.end..but.end + REACH))
    };
    let stays = || near(2).any(is_address) && STAYS_BOOK.any_in(tokens, behind.clone());
    here() || but_to() || stays()
}

/// Whether another way is offered in place of mail: "do not email me, call me".
pub(super) fn another_channel(tokens: &Tokens, hit: &Range<usize>) -> bool {
    let mailing = |word: usize| MAILING_STEMS.any(tokens.word(word));
    let of_mail = !objects::removal(tokens, hit.clone()) && hit.clone().any(mailing);
    let denied = |word: &str| {
        ENDED.contains(&word)
            || matches!(
                word,
                "or" | "nor" | "and" | "oder" | "und" | "noch" | "ou" | "ni" | "et" | "e" | "o"
            )
    };
    let mut behind = hit.end..tokens.len().min(hit.end + INVITED);
    of_mail
        && behind.any(|word| {
            !(word > hit.end && denied(tokens.word(word - 1)))
                && INVITES_BOOK.any_in(tokens, word..word + 1)
        })
}

/// Whether a refusal is of certain days: "do not contact me before May", "on Mondays do not write".
pub(super) fn some_days(
    tokens: &Tokens,
    sentence: &Range<usize>,
    hit: &Range<usize>,
    commas: impl Fn(Range<usize>) -> bool,
) -> bool {
    let is_limit = |i: usize| {
        let since = i > sentence.start && SINCE.contains(&tokens.word(i - 1));
        let endless = (i + 1..i + 3).any(|next| ENDLESS.contains(&tokens.word(next)));
        TIMES_BOOK.any_in(tokens, i..i + 1) && !since && !endless
    };
    let mut behind = hit.end..sentence.end.min(hit.end + REACH);
    let mut before = sentence.start..hit.start;
    let near = before.len() <= REACH && !commas(before.start..hit.end);
    behind.any(is_limit) || near && before.any(is_limit)
}

/// Whether somebody only did not sign up for a seat or a trial: "I never signed up for your webinar".
pub(super) fn a_seat(tokens: &Tokens, sentence: &Range<usize>, hit: &Range<usize>) -> bool {
    let signs = |word: usize| {
        let word = tokens.word(word);
        SIGNED.iter().any(|stem| word.starts_with(stem))
    };
    hit.clone().any(signs) && SEATS_BOOK.any_in(tokens, hit.end..sentence.end.min(hit.end + REACH))
}

/// Whether a refusal is of another way than mail to whoever wrote it: "do not contact me by phone".
pub(super) fn another_way(
    tokens: &Tokens,
    sentence: &Range<usize>,
    hit: &Range<usize>,
    commas: impl Fn(Range<usize>) -> bool,
) -> bool {
    let behind = hit.end..sentence.end.min(hit.end + 2 * REACH);
    let mail_too = || {
        let comma = (hit.end + 1..sentence.end).find(|i| commas(i - 1..i + 1));
        let clause = comma.unwrap_or(sentence.end);
        // "By phone, email or post" is one list; "by phone, mail is better" is none.
        let listed = |i: usize| {
            let goes_on = i + 1 == sentence.end || LISTED.contains(&tokens.word(i + 1));
            goes_on && MAIL_TOO_BOOK.any_in(tokens, i..i + 1)
        };
        MAIL_TOO_BOOK.any_in(tokens, hit.end..clause) || comma.is_some_and(listed)
    };
    FORMER_BOOK.any_in(tokens, behind.clone())
        || ELSEWHERE_BOOK.any_in(tokens, behind) && !mail_too()
}
