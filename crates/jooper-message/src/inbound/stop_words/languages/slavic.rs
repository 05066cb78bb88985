//! Polish, Czech, Slovak, Croatian and Serbian, Slovene, Bulgarian, Russian, Ukrainian.

use super::Language;

#[rustfmt::skip]
pub(super) static PL: Language = Language {
    tag: "pl",
    requests: &[
        "wypisz mnie", "wypiszcie mnie", "wypisać mnie", "mnie wypisać", "mnie wypisanie", "o wypisanie",
        "wypisanie mnie", "chcę się wypisać", "chciałbym się wypisać", "chciałabym się wypisać", "wypisuję się",
        "usuń mnie", "usuńcie mnie", "usunąć mnie", "mnie usunąć", "usunięcie mnie", "o usunięcie",
        "usunięcie mojego", "usunięcie moich", "usunięcie adresu", "usunięcie naszego", "proszę usunąć",
        "usunąć mój", "usunąć moje", "usunąć nasz", "usuń mój", "wykreślić mnie", "wykreślcie mnie", "o wykreślenie",
        "wykreślenie mnie", "skreślić mnie", "z listy mailingowej", "z listy mailowej", "z państwa bazy",
        "z waszej bazy", "z bazy mailingowej", "z państwa listy", "z waszej listy", "przestańcie", "przestań pisać",
        "przestań wysyłać", "proszę przestać", "przestać wysyłać", "zaprzestanie", "zaprzestać", "proszę zaprzestać",
        "o zaprzestanie", "dajcie mi spokój", "sprzeciw wobec", "zgłaszam sprzeciw", "wnoszę sprzeciw",
        "sprzeciwiam się", "wycofuję zgodę", "cofam zgodę", "rezygnuję z subskrypcji", "rezygnuję z newslettera",
        "rezygnuję z otrzymywania", "chcę zrezygnować z",
    ],
    refusals: &[
        "nie pisać do mnie", "nie pisz do mnie", "nie piszcie do", "proszę nie pisać", "proszę więcej nie",
        "proszę już nie", "proszę nie wysyłać", "nie wysyłać mi", "nie wysyłaj", "nie wysyłajcie", "nie przysyłać",
        "proszę nie przysyłać", "nie przysyłaj", "nie kontaktować się", "nie kontaktuj się", "nie kontaktujcie się",
        "nie życzę sobie", "nie życzymy sobie", "nie chcę otrzymywać", "nie chcę dostawać", "nie chcę więcej",
        "nie chcemy otrzymywać", "nie chcę tych", "nie chcę już", "nie wyrażam zgody", "nie wyrażałem zgody",
        "nie wyrażałam zgody", "nie zgadzam się na", "nigdy nie zapisywa*", "nie zapisywał*",
    ],
    bare: &["wypisz", "wypisuję", "rezygnuję", "usuń", "stop", "wypisać", "wypis", "rezygnacja"],
    negations: &["nie", "nigdy", "bez"],
};

#[rustfmt::skip]
pub(super) static CS: Language = Language {
    tag: "cs",
    requests: &[
        "odhlaste mě", "odhlašte mě", "odhlas mě", "odhlásit mě", "mě odhlásit", "mě odhlaste", "chci se odhlásit",
        "chtěl bych se odhlásit", "chtěla bych se odhlásit", "prosím odhlásit", "prosím o odhlášení",
        "prosím o vyřazení", "prosím o odstranění", "prosím o výmaz", "vyřaďte mě", "vyřaďte nás", "vyřadit mě",
        "vyřaďte mou", "vyřaďte můj", "vyřaďte moji", "mě vyřaďte", "mě vyřadit", "smažte mě", "smažte mou",
        "smažte moji", "smažte můj", "smažte mé", "smazat mé", "smazat moje", "vymažte mě", "vymažte mé",
        "vymažte moje", "odstraňte mě", "odstraňte mou", "odstraňte můj", "odeberte mě", "odebrat mě",
        "z vašeho seznamu", "z vašeho mailing*", "z vaší databáze", "z vaší evidence", "přestaňte", "přestaňte mi",
        "přestaň mi", "dejte mi pokoj", "nechte mě být", "vznáším námitku", "odvolávám souhlas",
        "odvolávám svůj souhlas", "žádné další e-maily", "žádné další emaily", "žádné další maily",
    ],
    refusals: &[
        "nepište mi", "nepiš mi", "už nepište", "už mi nepište", "neposílejte mi", "neposílejte", "neposílej mi",
        "už mi neposílejte", "nekontaktujte mě", "nekontaktujte nás", "nekontaktujte", "již mě nekontaktujte",
        "nepřeji si", "nepřejeme si", "nechci dostávat", "nechci dostavat", "nechci od vás", "nechci už",
        "nechci žádné", "nechceme dostávat", "neobtěžujte", "nesouhlasím se zasíláním", "nedal jsem souhlas",
        "nedala jsem souhlas", "nikdy jsem se nepřihlásil*",
    ],
    bare: &["odhlásit", "odhlásit se", "odhlášení", "stop", "vyřadit", "odhlaste"],
    negations: &["ne", "nikdy", "bez"],
};

#[rustfmt::skip]
pub(super) static SK: Language = Language {
    tag: "sk",
    requests: &[
        "odhláste ma", "odhlás ma", "ma odhlásiť", "ma odhláste", "chcem sa odhlásiť", "chcel by som sa odhlásiť",
        "chcela by som sa odhlásiť", "prosím o odhlásenie", "prosím o vyradenie", "prosím o vymazanie", "vyraďte ma",
        "vyraďte nás", "vyraďte moju", "vyraďte môj", "ma vyraďte", "ma vyradiť", "vymažte ma", "vymažte moju",
        "vymažte moje", "vymažte môj", "odstráňte ma", "odstráňte moju", "odstráňte môj", "z vášho zoznamu",
        "z vašej databázy", "prestaňte mi", "prestaňte nás", "prestaňte posielať", "prestaňte písať",
        "dajte mi pokoj", "namietam proti", "odvolávam súhlas", "odvolávam svoj súhlas",
    ],
    refusals: &[
        "nepíšte mi", "neposielajte mi", "neposielajte", "nekontaktujte ma", "nekontaktujte nás", "už mi nepíšte",
        "už mi neposielajte", "neželám si", "neprajem si", "nechcem dostávať", "nechcem od vás", "nechcem už",
        "nechcem ďalšie", "nechceme dostávať", "neobťažujte", "nedal som súhlas", "nedala som súhlas",
    ],
    bare: &["odhlásiť", "odhlásiť sa", "odhlásenie", "stop", "odhláste"],
    negations: &["nie", "nikdy", "bez"],
};

#[rustfmt::skip]
pub(super) static HR: Language = Language {
    tag: "hr",
    requests: &[
        "odjavite me", "odjavi me", "odjaviti me", "me odjavite", "želim se odjaviti", "želim da se odjavim",
        "htio bih se odjaviti", "uklonite me", "ukloni me", "me uklonite", "uklonite moju", "uklonite moj",
        "uklonite moje", "ukloniti moju", "izbrišite me", "obrišite me", "me izbrišite", "me obrišite",
        "izbrišite moju", "obrišite moju", "izbrišite moje", "obrišite moje", "obrišite moj", "maknite me",
        "skinite me", "ispišite me", "s vaše liste", "sa vaše liste", "iz vaše baze", "prestanite", "prestanite mi",
        "prestani mi", "ostavite me na miru", "povlačim privolu", "povlačim suglasnost", "povlačim pristanak",
        "ulažem prigovor", "odjavljujem se", "одјавите ме", "уклоните ме", "обришите ме", "скините ме",
        "са ваше листе", "желим да се одјавим", "обришите моју", "уклоните моју", "престаните",
    ],
    refusals: &[
        "nemojte mi više", "nemojte mi slati", "nemojte mi pisati", "nemojte me kontaktirati", "nemojte me više",
        "nemojte nas više", "ne šaljite mi", "ne šaljite više", "ne pišite mi", "ne kontaktirajte me",
        "ne želim primati", "ne želim da primam", "ne želim više", "ne želimo primati", "ne želimo više",
        "više mi ne šaljite", "više mi ne pišite", "nisam dao pristanak", "nisam dala pristanak",
        "nikad se nisam prijavi*", "немојте ми више", "не шаљите ми", "не пишите ми", "не желим да примам",
        "не желим више",
    ],
    bare: &["odjava", "odjaviti", "odjavi", "odjavite", "stop", "одјава"],
    negations: &["ne", "nikad", "nikada", "nemojte", "не", "никад"],
};

#[rustfmt::skip]
pub(super) static SL: Language = Language {
    tag: "sl",
    requests: &[
        "odjavite me", "odjavite naš", "želim se odjaviti", "rad bi se odjavil", "rada bi se odjavila",
        "odstranite me", "odstranite moj", "odstranite mojo", "izbrišite me", "izbrišite moj", "izbrišite moje",
        "izbrišite mojo", "umaknite me", "črtajte me", "z vašega seznama", "s seznama prejemnikov", "iz vaše baze",
        "prenehajte", "nehajte mi", "nehajte pošiljati", "pustite me pri miru", "preklicujem soglasje",
        "preklicujem privolitev", "ugovarjam",
    ],
    refusals: &[
        "ne pišite mi", "ne pošiljajte mi", "ne pošiljajte več", "ne kontaktirajte me", "ne želim prejemati",
        "ne želim več", "ne želimo prejemati", "nočem prejemati", "nočem več", "nisem dal soglasja",
        "nisem dala soglasja",
    ],
    bare: &["odjava", "odjavi", "odjavite", "stop"],
    negations: &["ne", "nikoli", "brez"],
};

#[rustfmt::skip]
pub(super) static BG: Language = Language {
    tag: "bg",
    requests: &[
        "отпишете ме", "отпиши ме", "искам да се отпиша", "желая да се отпиша", "бих искал да се отпиша",
        "бих искала да се отпиша", "премахнете ме", "премахнете моя", "премахнете имейла", "премахнете адреса",
        "махнете ме", "махнете имейла", "изтрийте ме", "изтрийте моя", "изтрийте моите", "изтрийте данните",
        "изключете ме", "от вашия списък", "от списъка ви", "от базата ви", "спрете да", "престанете да",
        "оставете ме на мира", "възразявам срещу", "оттеглям съгласието",
    ],
    refusals: &[
        "не ми пишете", "не ми изпращайте", "не ми пращайте", "не изпращайте повече", "не се свързвайте с мен",
        "не ме търсете", "не желая да получавам", "не желая повече", "не искам да получавам", "не искам повече",
        "не сме съгласни да получаваме", "не съм давал съгласие", "не съм давала съгласие",
    ],
    bare: &["отпиши", "отписване", "отпишете", "стоп"],
    negations: &["не", "никога", "без"],
};

#[rustfmt::skip]
pub(super) static RU: Language = Language {
    tag: "ru",
    requests: &[
        "отпишите меня", "отпишите нас", "отпиши меня", "меня отпишите", "меня отписать", "отписать меня",
        "хочу отписаться", "хотел бы отписаться", "хотела бы отписаться", "прошу отписать", "отпишите пожалуйста",
        "отпишите мой", "отпишите этот", "как отписаться", "удалите меня", "удалите нас", "удалите мой",
        "удалите мои", "удалите этот", "удалите наш", "удалить мой", "удалить мои", "удалить меня", "прошу удалить",
        "меня удалить", "исключите меня", "исключите нас", "исключите мой", "исключить меня", "исключить мой",
        "прошу исключить", "уберите меня", "уберите мой", "уберите нас", "вычеркните меня", "из вашей рассылки",
        "из вашей базы", "из списка рассылки", "из рассылки", "прекратите", "прекратить рассылку",
        "прошу прекратить", "перестаньте", "хватит слать", "хватит писать", "хватит спамить", "остановите рассылку",
        "оставьте меня в покое", "отзываю согласие", "отзываю своё согласие", "отзываю свое согласие",
        "возражаю против", "отказываюсь от рассылки", "отказаться от рассылки", "больше никаких писем",
    ],
    refusals: &[
        "не пишите мне", "не пишите нам", "не пишите больше", "больше не пишите", "больше мне не пишите",
        "не надо мне писать", "не нужно мне писать", "не присылайте", "не присылать", "больше не присылайте",
        "не отправляйте", "не отправлять мне", "не шлите", "больше не шлите", "не беспокойте", "не беспокоить",
        "не связывайтесь", "не хочу получать", "не хотим получать", "не желаю получать", "не желаем получать",
        "не хочу больше", "не давал согласия", "не давала согласия", "не подписывался", "не подписывалась",
        "не нужны ваши письма", "не нужна ваша рассылка",
    ],
    bare: &["отписаться", "отписка", "отпишите", "отпиши", "стоп", "удалите", "отписать"],
    negations: &["не", "никогда", "без", "ни"],
};

#[rustfmt::skip]
pub(super) static UK: Language = Language {
    tag: "uk",
    requests: &[
        "відпишіть мене", "відпишіть нас", "відписати мене", "мене відписати", "хочу відписатися",
        "хочу відписатись", "хотів би відписатися", "хотіла б відписатися", "прошу відписати", "видаліть мене",
        "видаліть нас", "видаліть мою", "видаліть мій", "видаліть мої", "видалити мою", "видалити мої",
        "прошу видалити", "приберіть мене", "приберіть мою", "виключіть мене", "виключити мене", "з вашої розсилки",
        "з вашої бази", "зі списку розсилки", "з розсилки", "припиніть", "прошу припинити", "перестаньте",
        "дайте мені спокій", "відкликаю згоду", "заперечую проти",
    ],
    refusals: &[
        "не пишіть мені", "не пишіть більше", "більше не пишіть", "більше мені не пишіть", "не надсилайте",
        "більше не надсилайте", "не присилайте", "не турбуйте", "не зв'язуйтесь", "не хочу отримувати",
        "не хочемо отримувати", "не бажаю отримувати", "не бажаємо отримувати", "не хочу більше", "не давав згоди",
        "не давала згоди", "не підписувався", "не підписувалась", "не підписувалася",
    ],
    bare: &["відписатися", "відписатись", "відписка", "відпишіть", "стоп"],
    negations: &["не", "ніколи", "без"],
};
