//! Words for days, months and spans of time.

use super::super::follow_up::FollowUp;

/// Names of weekdays.
pub(in super::super) const WEEKDAYS: &[&str] = &[
    "monday", "tuesday", "wednesday", "thursday", "friday", "mon", "tue", "tues", "wed", "thu", "thurs", "fri", "tomorrow", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "morgen", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "demain",
    "lunes", "martes", "miércoles", "jueves", "viernes", "mañana", "segunda", "terça", "quarta", "quinta", "sexta", "amanhã", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "domani", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag",
    "måndag", "tisdag", "onsdag", "torsdag", "fredag", "mandag", "tirsdag", "imorgon", "maanantaina", "tiistaina", "keskiviikkona", "torstaina", "perjantaina", "huomenna", "poniedziałek", "wtorek", "środę", "środa", "czwartek", "piątek", "jutro",
    "pondělí", "úterý", "středu", "středa", "čtvrtek", "pátek", "zítra", "pondelok", "utorok", "stredu", "štvrtok", "piatok", "понедельник", "вторник", "среду", "среда", "четверг", "пятницу", "пятница", "завтра", "понеділок", "вівторок", "середу", "четвер", "п'ятницю",
    "pazartesi", "salı", "çarşamba", "perşembe", "cuma", "yarın", "hétfőn", "kedden", "szerdán", "csütörtökön", "pénteken", "holnap", "luni", "marți", "miercuri", "joi", "vineri", "mâine", "ponedjeljak", "utorak", "srijedu", "četvrtak", "petak", "δευτέρα", "τρίτη", "τετάρτη", "πέμπτη", "παρασκευή", "αύριο",
    "ראשון", "שני", "שלישי", "רביעי", "חמישי", "الاثنين", "الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "월요일", "화요일", "수요일", "목요일", "금요일", "내일", "senin", "selasa", "rabu", "kamis", "jumat", "besok",
];

/// Names of months, January first, as they follow a preposition.
pub(in super::super) const MONTHS: &[[&str; 12]] = &[
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"],
    ["januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
    ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
    ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
    ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"],
    ["tammikuussa", "helmikuussa", "maaliskuussa", "huhtikuussa", "toukokuussa", "kesäkuussa", "heinäkuussa", "elokuussa", "syyskuussa", "lokakuussa", "marraskuussa", "joulukuussa"],
    ["styczniu", "lutym", "marcu", "kwietniu", "maju", "czerwcu", "lipcu", "sierpniu", "wrześniu", "październiku", "listopadzie", "grudniu"],
    ["lednu", "únoru", "březnu", "dubnu", "květnu", "červnu", "červenci", "srpnu", "září", "říjnu", "listopadu", "prosinci"],
    ["январе", "феврале", "марте", "апреле", "мае", "июне", "июле", "августе", "сентябре", "октябре", "ноябре", "декабре"],
    ["ocak'ta", "şubat'ta", "mart'ta", "nisan'da", "mayıs'ta", "haziran'da", "temmuz'da", "ağustos'ta", "eylül'de", "ekim'de", "kasım'da", "aralık'ta"],
];

/// Words before a month's name, folded.
pub(in super::super) const MONTH_LEADS: &[&str] = &[
    "in", "until", "after", "from", "around", "mid", "early", "late", "by", "next", "end", "of", "im", "ab", "nach", "bis", "anfang", "mitte", "ende", "en", "debut", "fin", "apres", "a", "de", "em", "para", "ad", "per", "dopo", "da", "di", "entro", "vanaf", "na", "eind", "begin", "i", "til", "till", "efter", "etter", "w", "we", "v", "ve", "po", "в", "во", "после", "к", "finales", "inicio", "final", "depois", "fra", "februari", "januari",
];

/// Set phrases.
pub(in super::super) const LATER: &[(&str, FollowUp)] = &[
    ("next quarter", FollowUp::NextQuarter), ("nächsten quartal", FollowUp::NextQuarter), ("nächstes quartal", FollowUp::NextQuarter), ("kommenden quartal", FollowUp::NextQuarter), ("trimestre prochain", FollowUp::NextQuarter), ("prochain trimestre", FollowUp::NextQuarter), ("próximo trimestre", FollowUp::NextQuarter), ("prossimo trimestre", FollowUp::NextQuarter), ("volgend kwartaal", FollowUp::NextQuarter), ("nästa kvartal", FollowUp::NextQuarter), ("næste kvartal", FollowUp::NextQuarter), ("neste kvartal", FollowUp::NextQuarter), ("przyszłym kwartale", FollowUp::NextQuarter), ("следующем квартале", FollowUp::NextQuarter), ("gelecek çeyrek*", FollowUp::NextQuarter), ("来期", FollowUp::NextQuarter), ("下个季度", FollowUp::NextQuarter), ("下季度", FollowUp::NextQuarter), ("다음 분기", FollowUp::NextQuarter),
    ("next year", FollowUp::NextYear), ("new year", FollowUp::NextYear), ("nächstes jahr", FollowUp::NextYear), ("nächsten jahr", FollowUp::NextYear), ("kommenden jahr", FollowUp::NextYear), ("neuen jahr", FollowUp::NextYear), ("année prochaine", FollowUp::NextYear), ("l'année prochaine", FollowUp::NextYear), ("l'an prochain", FollowUp::NextYear), ("próximo año", FollowUp::NextYear), ("año que viene", FollowUp::NextYear), ("próximo ano", FollowUp::NextYear), ("ano que vem", FollowUp::NextYear), ("anno prossimo", FollowUp::NextYear), ("l'anno prossimo", FollowUp::NextYear), ("prossimo anno", FollowUp::NextYear), ("volgend jaar", FollowUp::NextYear), ("nästa år", FollowUp::NextYear), ("næste år", FollowUp::NextYear), ("neste år", FollowUp::NextYear), ("ensi vuonna", FollowUp::NextYear), ("przyszłym roku", FollowUp::NextYear), ("příští rok", FollowUp::NextYear), ("следующем году", FollowUp::NextYear), ("наступного року", FollowUp::NextYear), ("gelecek yıl", FollowUp::NextYear), ("来年", FollowUp::NextYear), ("明年", FollowUp::NextYear), ("내년", FollowUp::NextYear), ("내년에", FollowUp::NextYear),
    ("q1", FollowUp::Quarter(1)), ("q2", FollowUp::Quarter(2)), ("q3", FollowUp::Quarter(3)), ("q4", FollowUp::Quarter(4)), ("t1", FollowUp::Quarter(1)), ("t2", FollowUp::Quarter(2)), ("t3", FollowUp::Quarter(3)), ("t4", FollowUp::Quarter(4)),
    ("next month", FollowUp::Days(30)), ("in a month", FollowUp::Days(30)), ("nächsten monat", FollowUp::Days(30)), ("in einem monat", FollowUp::Days(30)), ("le mois prochain", FollowUp::Days(30)), ("dans un mois", FollowUp::Days(30)), ("próximo mes", FollowUp::Days(30)), ("próximo mês", FollowUp::Days(30)), ("mese prossimo", FollowUp::Days(30)), ("volgende maand", FollowUp::Days(30)), ("nästa månad", FollowUp::Days(30)), ("a few months", FollowUp::Days(90)), ("couple of months", FollowUp::Days(60)), ("ein paar monaten", FollowUp::Days(90)), ("einigen monaten", FollowUp::Days(90)), ("quelques mois", FollowUp::Days(90)), ("unos meses", FollowUp::Days(90)), ("alguns meses", FollowUp::Days(90)), ("qualche mese", FollowUp::Days(90)), ("half a year", FollowUp::Days(182)), ("halben jahr", FollowUp::Days(182)), ("half jaar", FollowUp::Days(182)), ("ett halvår", FollowUp::Days(182)), ("pół roku", FollowUp::Days(182)), ("půl roku", FollowUp::Days(182)), ("полгода", FollowUp::Days(182)), ("半年", FollowUp::Days(182)),
    ("a few weeks", FollowUp::Days(21)), ("couple of weeks", FollowUp::Days(14)), ("ein paar wochen", FollowUp::Days(21)), ("quelques semaines", FollowUp::Days(21)), ("unas semanas", FollowUp::Days(21)),
];

/// Stems of units behind a number, folded, with their length in days.
pub(in super::super) const UNITS: &[(&str, u16)] = &[
    ("month", 30), ("week", 7), ("monat", 30), ("woche", 7), ("mois", 30), ("semaine", 7), ("meses", 30), ("semanas", 7), ("mesi", 30), ("settiman", 7), ("maand", 30), ("weken", 7), ("manad", 30), ("maned", 30), ("veck", 7), ("uger", 7), ("uker", 7), ("kuukau", 30), ("viiko", 7), ("miesi", 30), ("tygod", 7), ("mesic", 30), ("mesiac", 30), ("tydn", 7), ("tyzd", 7), ("месяц", 30), ("недел", 7), ("місяц", 30), ("тижн", 7), ("ay", 30), ("hafta", 7), ("honap", 30), ("het", 7), ("luni", 30), ("mjesec", 30), ("μην", 30), ("か", 30), ("ヶ", 30), ("个", 30), ("個", 30), ("개월", 30), ("thang", 30), ("bulan", 30),
];

/// Small numbers as words, folded.
pub(in super::super) const NUMBERS: &[(&str, u16)] = &[
    ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("zwei", 2), ("drei", 3), ("vier", 4), ("sechs", 6), ("deux", 2), ("trois", 3), ("quatre", 4), ("six", 6), ("dos", 2), ("tres", 3), ("cuatro", 4), ("seis", 6), ("dois", 2), ("due", 2), ("tre", 3), ("quattro", 4), ("sei", 6), ("twee", 2), ("drie", 3), ("zes", 6), ("tva", 2), ("sex", 6), ("to", 2), ("seks", 6), ("kolmen", 3), ("kuuden", 6), ("dwa", 2), ("trzy", 3), ("tri", 3), ("sest", 6), ("три", 3), ("шесть", 6), ("два", 2), ("uc", 3), ("alti", 6), ("iki", 2), ("三", 3), ("六", 6), ("两", 2),
];
