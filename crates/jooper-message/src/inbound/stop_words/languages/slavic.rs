//! Polish, Czech, Slovak, Croatian and Serbian, Slovene, Bulgarian, Russian, Ukrainian.

use super::Language;

#[rustfmt::skip]
pub(super) static PL: Language = Language {
    tag: "pl",
    requests: &[
        "wypisz mnie", "wypiszcie mnie", "wypisać mnie", "mnie wypisać", "mnie wypisanie", "o wypisanie",
        "wypisanie mnie", "chcę się wypisać", "chciałbym się wypisać", "chciałabym się wypisać", "wypisuję się",
        "usuń mnie", "usuńcie mnie", "usunąć mnie", "mnie usunąć", "usunięcie mnie", "usunięcie adresu",
        "wykreślić mnie", "wykreślcie mnie", "wykreślenie mnie", "skreślić mnie", "przestań pisać",
        "przestań wysyłać", "przestać wysyłać", "dajcie mi spokój", "sprzeciw wobec",
        "zgłaszam sprzeciw", "wnoszę sprzeciw", "sprzeciwiam się", "wycofuję zgodę", "cofam zgodę",
        "rezygnuję z subskrypcji", "rezygnuję z newslettera", "rezygnuję z otrzymywania",
        "chcę zostać usunięt*", "chciałbym zostać usunięt*", "chciałabym zostać usunięt*", "chcę być usunięt*",
        "wykluczcie mnie", "wykluczyć mnie", "mnie wykluczyć", "proszę mnie wykreślić", "wyrzućcie mnie z",
    ],
    refusals: &[
        "nie pisać do mnie", "nie pisz do mnie", "nie piszcie do", "proszę nie pisać", "proszę nie wysyłać",
        "nie wysyłać mi", "nie wysyłaj", "nie wysyłajcie", "nie przysyłać", "proszę nie przysyłać", "nie przysyłaj",
        "nie kontaktować się", "nie kontaktuj się", "nie kontaktujcie się", "nie chcę otrzymywać", "nie chcę dostawać",
        "nie chcemy otrzymywać", "nie chcę tych", "nie wyrażam zgody", "nie wyrażałem zgody", "nie wyrażałam zgody",
        "nie zgadzam się na", "nigdy nie zapisywa*", "nie zapisywał*",
        "proszę się nie kontaktować", "ze mną nie kontaktować", "nie piszcie więcej", "nie pisz więcej",
        "nie piszcie już", "nie pisz już", "nie przysyłajcie", "nie przeszkadzajcie mi", "nie niepokoić",
        "nie niepokójcie", "nie nękajcie", "nie nękać", "nie zawracajcie mi", "nie zawracać mi",
        "nie przeszkadzać mi",
        "do mnie nie pisać", "nie kontaktować się ze mną", "nie pisać więcej",
    ],
    unfinished: &[
        "proszę usunąć", "o usunięcie", "usunięcie mojego", "usunięcie moich", "usunięcie naszego", "usunąć mój",
        "usunąć moje", "usunąć nasz", "usuń mój", "o wykreślenie", "chcę zrezygnować z",
    ],
    places: &[
        "z listy mailingowej", "z listy mailowej", "z państwa bazy", "z waszej bazy", "z bazy mailingowej",
        "z państwa listy", "z waszej listy",
    ],
    wishes: &[
        "nie chcę więcej", "nie chcę już", "nie życzę sobie", "nie życzymy sobie", "proszę więcej nie",
        "proszę już nie", "zaprzestanie", "zaprzestać",
        "przestańcie", "proszę przestać",
    ],
    bare: &["wypisz", "wypisuję", "rezygnuję", "usuń", "stop", "wypisać", "wypis", "rezygnacja"],
    negations: &["nie", "nigdy", "bez"],
};

#[rustfmt::skip]
pub(super) static CS: Language = Language {
    tag: "cs",
    requests: &[
        "odhlaste mě", "odhlašte mě", "odhlas mě", "odhlásit mě", "mě odhlásit", "mě odhlaste", "chci se odhlásit",
        "chtěl bych se odhlásit", "chtěla bych se odhlásit", "prosím odhlásit", "prosím o odhlášení", "vyřaďte mě",
        "vyřaďte nás", "vyřadit mě", "mě vyřaďte", "mě vyřadit", "smažte mě", "vymažte mě", "odstraňte mě",
        "odeberte mě", "odebrat mě", "přestaňte mi", "přestaň mi", "dejte mi pokoj", "nechte mě být",
        "vznáším námitku", "odvolávám souhlas", "odvolávám svůj souhlas", "žádné další e-maily", "žádné další emaily",
        "žádné další maily",
        "chci být vyřazen*", "chtěl bych být vyřazen*", "chtěla bych být vyřazen*", "přeji si být vyřazen*",
        "chci být odstraněn*", "chtěl bych být odstraněn*", "přeji si být odstraněn*", "vylučte mě", "vyloučit mě",
        "vynechte mě", "vyndejte mě", "vyhoďte mě z",
    ],
    refusals: &[
        "nepište mi", "nepiš mi", "už nepište", "už mi nepište", "neposílejte mi", "neposílejte", "neposílej mi",
        "už mi neposílejte", "nekontaktujte mě", "nekontaktujte nás", "nekontaktujte", "již mě nekontaktujte",
        "nechci dostávat", "nechci dostavat", "nechci od vás", "nechceme dostávat", "neobtěžujte",
        "nesouhlasím se zasíláním", "nedal jsem souhlas", "nedala jsem souhlas", "nikdy jsem se nepřihlásil*",
        "neozývejte se", "neozývej se", "už nepiš", "víc nepište", "více nepište", "nerušte mě", "nerušte nás",
        "neotravujte",
        "mi ~ nepsat", "nepsat mi", "mi ~ neposílat", "neposílat mi", "mě ~ nekontaktovat", "nekontaktovat mě",
    ],
    unfinished: &[
        "prosím o vyřazení", "prosím o odstranění", "prosím o výmaz", "vyřaďte mou", "vyřaďte můj", "vyřaďte moji",
        "smažte mou", "smažte moji", "smažte můj", "smažte mé", "smazat mé", "smazat moje", "vymažte mé",
        "vymažte moje", "odstraňte mou", "odstraňte můj", "prosím o vymazání",
    ],
    places: &["z vašeho seznamu", "z vašeho mailing*", "z vaší databáze", "z vaší evidence"],
    wishes: &["nepřeji si", "nepřejeme si", "nechci už", "nechci žádné", "přestaňte"],
    bare: &["odhlásit", "odhlásit se", "odhlášení", "stop", "vyřadit", "odhlaste"],
    negations: &["ne", "nikdy", "bez"],
};

#[rustfmt::skip]
pub(super) static SK: Language = Language {
    tag: "sk",
    requests: &[
        "odhláste ma", "odhlás ma", "ma odhlásiť", "ma odhláste", "chcem sa odhlásiť", "chcel by som sa odhlásiť",
        "chcela by som sa odhlásiť", "prosím o odhlásenie", "vyraďte ma", "vyraďte nás", "ma vyraďte", "ma vyradiť",
        "vymažte ma", "odstráňte ma", "prestaňte mi", "prestaňte nás", "prestaňte posielať", "prestaňte písať",
        "dajte mi pokoj", "namietam proti", "odvolávam súhlas", "odvolávam svoj súhlas",
        "chcem byť vyraden*", "chcel by som byť vyraden*", "chcela by som byť vyraden*", "želám si byť vyraden*",
        "chcem byť odstránen*", "želám si byť odstránen*", "vylúčte ma", "vynechajte ma",
    ],
    refusals: &[
        "nepíšte mi", "neposielajte mi", "neposielajte", "nekontaktujte ma", "nekontaktujte nás", "už mi nepíšte",
        "už mi neposielajte", "nechcem dostávať", "nechcem od vás", "nechceme dostávať", "neobťažujte",
        "nedal som súhlas", "nedala som súhlas",
        "neozývajte sa", "už nepíšte", "viac nepíšte", "nerušte ma", "nevyrušujte ma", "neotravujte",
        "mi ~ nepísať", "nepísať mi", "mi ~ neposielať", "neposielať mi", "ma ~ nekontaktovať", "nekontaktovať ma",
    ],
    unfinished: &[
        "prosím o vyradenie", "prosím o vymazanie", "vyraďte moju", "vyraďte môj", "vymažte moju", "vymažte moje",
        "vymažte môj", "odstráňte moju", "odstráňte môj",
    ],
    places: &["z vášho zoznamu", "z vašej databázy"],
    wishes: &["neželám si", "neprajem si", "nechcem už", "nechcem ďalšie"],
    bare: &["odhlásiť", "odhlásiť sa", "odhlásenie", "stop", "odhláste"],
    negations: &["nie", "nikdy", "bez"],
};

#[rustfmt::skip]
pub(super) static HR: Language = Language {
    tag: "hr",
    requests: &[
        "odjavite me", "odjavi me", "odjaviti me", "me odjavite", "želim se odjaviti", "želim da se odjavim",
        "htio bih se odjaviti", "uklonite me", "ukloni me", "me uklonite", "izbrišite me", "obrišite me",
        "me izbrišite", "me obrišite", "maknite me", "skinite me", "ispišite me", "prestanite", "prestanite mi",
        "prestani mi", "ostavite me na miru", "povlačim privolu", "povlačim suglasnost", "povlačim pristanak",
        "ulažem prigovor", "odjavljujem se", "одјавите ме", "уклоните ме", "ме уклоните", "нас уклоните", "ме обришите", "ме скините", "ме одјавите", "me uklonite",
        "me obrišite", "me skinete", "me odjavite", "обришите ме", "скините ме",
        "желим да се одјавим", "престаните",
        "želim biti uklonjen*", "želim biti izbrisan*", "želim da budem uklonjen*", "želim da budem izbrisan*",
        "htio bih biti uklonjen*", "htjela bih biti uklonjen*", "isključite me", "izuzmite me", "izbacite me",
        "izvadite me", "искључите ме", "избаците ме",
    ],
    refusals: &[
        "nemojte mi više", "nemojte mi slati", "nemojte mi pisati", "nemojte me kontaktirati", "nemojte me više",
        "nemojte nas više", "ne šaljite mi", "ne šaljite više", "ne pišite mi", "ne kontaktirajte me",
        "ne želim primati", "ne želim da primam", "ne želimo primati", "više mi ne šaljite", "više mi ne pišite",
        "nisam dao pristanak", "nisam dala pristanak", "nikad se nisam prijavi*", "немојте ми више", "не шаљите ми",
        "не пишите ми", "не желим да примам",
        "ne javljajte se", "ne javljajte mi se", "nemojte se javljati", "ne pišite više", "ne šaljite ove",
        "ne uznemiravajte", "nemojte me uznemiravati", "ne gnjavite me", "ne smetajte mi", "не јављајте се",
        "не узнемиравајте",
    ],
    unfinished: &[
        "uklonite moju", "uklonite moj", "uklonite moje", "ukloniti moju", "izbrišite moju", "obrišite moju",
        "izbrišite moje", "obrišite moje", "obrišite moj", "обришите моју", "уклоните моју",
    ],
    places: &["s vaše liste", "sa vaše liste", "iz vaše baze", "са ваше листе"],
    wishes: &["ne želim više", "ne želimo više", "не желим више"],
    bare: &["odjava", "odjaviti", "odjavi", "odjavite", "stop", "одјава"],
    negations: &["ne", "nikad", "nikada", "nemojte", "не", "никад"],
};

#[rustfmt::skip]
pub(super) static SL: Language = Language {
    tag: "sl",
    requests: &[
        "odjavite me", "odjavite naš", "želim se odjaviti", "rad bi se odjavil", "rada bi se odjavila",
        "odstranite me", "izbrišite me", "umaknite me", "črtajte me", "prenehajte", "nehajte mi", "nehajte pošiljati",
        "pustite me pri miru", "preklicujem soglasje", "preklicujem privolitev", "ugovarjam",
        "želim biti odstranjen*", "želim biti izbrisan*", "rad bi bil odstranjen", "rada bi bila odstranjena",
        "izključite me", "izvzemite me",
    ],
    refusals: &[
        "ne pišite mi", "ne pošiljajte mi", "ne pošiljajte več", "ne kontaktirajte me", "ne želim prejemati",
        "ne želimo prejemati", "nočem prejemati", "nisem dal soglasja", "nisem dala soglasja",
        "ne javljajte se", "ne pišite več", "ne pošiljajte teh", "ne nadlegujte me", "ne motite me",
    ],
    unfinished: &["odstranite moj", "odstranite mojo", "izbrišite moj", "izbrišite moje", "izbrišite mojo"],
    places: &["z vašega seznama", "s seznama prejemnikov", "iz vaše baze"],
    wishes: &["ne želim več", "nočem več"],
    bare: &["odjava", "odjavi", "odjavite", "stop"],
    negations: &["ne", "nikoli", "brez"],
};

#[rustfmt::skip]
pub(super) static BG: Language = Language {
    tag: "bg",
    requests: &[
        "отпишете ме", "отпиши ме", "искам да се отпиша", "желая да се отпиша", "бих искал да се отпиша",
        "бих искала да се отпиша", "премахнете ме", "премахнете имейла", "премахнете адреса", "махнете ме",
        "махнете имейла", "изтрийте ме", "изтрийте данните", "изключете ме", "спрете да", "престанете да",
        "оставете ме на мира", "възразявам срещу", "оттеглям съгласието",
        "искам да бъда премахнат*", "искам да бъда изтрит*", "желая да бъда премахнат*", "желая да бъда изтрит*",
        "бих искал да бъда премахнат*", "извадете ме",
    ],
    refusals: &[
        "не ми пишете", "не ми изпращайте", "не ми пращайте", "не изпращайте повече", "не се свързвайте с мен",
        "не ме търсете", "не желая да получавам", "не искам да получавам", "не сме съгласни да получаваме",
        "не съм давал съгласие", "не съм давала съгласие",
        "не пишете повече", "не се свързвайте повече", "не изпращайте тези", "не пращайте повече", "не ме безпокойте",
        "не ме притеснявайте", "не ме занимавайте",
    ],
    unfinished: &["премахнете моя", "изтрийте моя", "изтрийте моите"],
    places: &["от вашия списък", "от списъка ви", "от базата ви"],
    wishes: &["не желая повече", "не искам повече"],
    bare: &["отпиши", "отписване", "отпишете", "стоп"],
    negations: &["не", "никога", "без"],
};

#[rustfmt::skip]
pub(super) static RU: Language = Language {
    tag: "ru",
    requests: &[
        "отпишите меня", "отпишите нас", "отпиши меня", "меня отпишите", "меня отписать", "отписать меня",
        "хочу отписаться", "хотел бы отписаться", "хотела бы отписаться", "прошу отписать", "отпишите пожалуйста",
        "отпишите мой", "отпишите этот", "как отписаться", "удалите меня", "удалите нас", "удалить меня",
        "меня удалить", "исключите меня", "исключите нас", "исключить меня", "уберите меня", "уберите нас",
        "вычеркните меня", "прекратить рассылку", "хватит слать", "хватит писать", "хватит мне писать", "хватит нам писать",
        "хватит мне слать", "хватит нам слать", "хватит присылать",
        "хватит спамить", "остановите рассылку", "оставьте меня в покое", "отзываю согласие", "отзываю своё согласие",
        "отзываю свое согласие", "возражаю против", "отказываюсь от рассылки", "отказаться от рассылки",
        "больше никаких писем",
        "хочу быть удал*", "хочу быть исключ*", "хотел бы быть исключ*", "хотела бы быть исключ*", "выкиньте меня",
    ],
    refusals: &[
        "не пишите мне", "не пишите нам", "не пишите больше", "больше не пишите", "больше мне не пишите",
        "не надо мне писать", "не нужно мне писать", "не присылайте", "не присылать", "больше не присылайте",
        "не отправляйте", "не отправлять мне", "не шлите", "больше не шлите", "не беспокойте", "не беспокоить",
        "не связывайтесь", "не хочу получать", "не хотим получать", "не желаю получать", "не желаем получать",
        "не давал согласия", "не давала согласия", "не подписывался", "не подписывалась", "не нужны ваши письма",
        "не нужна ваша рассылка",
        "не обращайтесь ко мне", "не выходите на связь", "не звоните и не пишите", "не рассылайте мне",
        "не тревожьте", "не надоедайте", "не донимайте",
        "мне не писать", "не писать мне", "больше не писать", "мне не присылать", "нам не писать",
    ],
    unfinished: &[
        "удалите мой", "удалите мои", "удалите этот", "удалите наш", "удалить мой", "удалить мои", "прошу удалить",
        "исключите мой", "исключить мой", "прошу исключить", "уберите мой",
    ],
    places: &["из вашей рассылки", "из вашей базы", "из списка рассылки", "из рассылки"],
    wishes: &[
        "не хочу больше", "прошу прекратить",
        "прекратите", "перестаньте", "не надо писать", "не нужно писать", "не надо больше писать",
        "не надо присылать", "не нужно присылать",
    ],
    bare: &["отписаться", "отписка", "отпишите", "отпиши", "стоп", "удалите", "отписать"],
    negations: &["не", "никогда", "без", "ни"],
};

#[rustfmt::skip]
pub(super) static UK: Language = Language {
    tag: "uk",
    requests: &[
        "відпишіть мене", "відпишіть нас", "відписати мене", "мене відписати", "хочу відписатися", "хочу відписатись",
        "хотів би відписатися", "хотіла б відписатися", "прошу відписати", "видаліть мене", "видаліть нас",
        "приберіть мене", "виключіть мене", "виключити мене", "дайте мені спокій",
        "відкликаю згоду", "заперечую проти",
        "хочу бути видален*", "хочу бути виключен*", "хотів би бути виключен*", "викресліть мене", "заберіть мене з",
    ],
    refusals: &[
        "не пишіть мені", "не пишіть більше", "більше не пишіть", "більше мені не пишіть", "не надсилайте",
        "більше не надсилайте", "не присилайте", "не турбуйте", "не зв'язуйтесь", "не хочу отримувати",
        "не хочемо отримувати", "не бажаю отримувати", "не бажаємо отримувати", "не давав згоди", "не давала згоди",
        "не підписувався", "не підписувалась", "не підписувалася",
        "не звертайтеся до мене", "не зв'язуйтеся", "не надокучайте", "не докучайте",
        "мені не писати", "не писати мені", "більше не писати", "мені не надсилати", "не надсилати мені",
    ],
    unfinished: &[
        "видаліть мою", "видаліть мій", "видаліть мої", "видалити мою", "видалити мої", "прошу видалити",
        "приберіть мою",
    ],
    places: &["з вашої розсилки", "з вашої бази", "зі списку розсилки", "з розсилки"],
    wishes: &["не хочу більше", "прошу припинити", "припиніть", "перестаньте"],
    bare: &["відписатися", "відписатись", "відписка", "відпишіть", "стоп"],
    negations: &["не", "ніколи", "без"],
};
