//! How products and people title automatic answers.
//!
//! Most of these are the prefixes Outlook and Exchange put before the original subject in
//! their display languages; the rest are the defaults of other products.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Title;
use super::kinds::{self, Sub};
use crate::inbound::lookup::Lookup;
use crate::inbound::mail::trim;

/// Prefixes: the folded subject begins with one of these.
#[rustfmt::skip] // A table is read in rows.
const PREFIXES: &[(&str, Option<Sub>)] = &[
    ("automatic reply", None), ("automatic response", None), ("automated reply", None),
    ("automated response", None), ("auto reply", None), ("auto-reply", None), ("autoreply", None),
    ("auto response", None), ("auto-response", None), ("autoresponse", None), ("auto responder", None),
    ("autoresponder", None), ("autorespons", None), ("auto:", None), ("[auto]", None), ("[auto-reply]", None),
    ("(auto-reply)", None), ("[autoreply]", None), ("auto answer", None), ("autoantwort", None),
    ("auto-antwort", None),
    ("out of office", Some(Sub::Away)), ("out-of-office", Some(Sub::Away)), ("out of the office", Some(Sub::Away)),
    ("ooo:", Some(Sub::Away)), ("ooo ", Some(Sub::Away)), ("[ooo]", Some(Sub::Away)),
    ("on vacation", Some(Sub::Away)), ("vacation reply", Some(Sub::Away)), ("away from", Some(Sub::Away)),
    ("on leave", Some(Sub::Away)), ("i am away", Some(Sub::Away)), ("i'm away", Some(Sub::Away)),
    ("vacation:", Some(Sub::Away)), ("away:", Some(Sub::Away)), ("on holiday", Some(Sub::Away)),
    ("annual leave", Some(Sub::Away)),
    ("abwesenheitsnotiz", Some(Sub::Away)), ("abwesenheit", Some(Sub::Away)), ("automatische antwort", None),
    ("automatische abwesenheits", Some(Sub::Away)), ("nicht im büro", Some(Sub::Away)),
    ("außer haus", Some(Sub::Away)), ("urlaub", Some(Sub::Away)), ("abwesend", Some(Sub::Away)),
    ("ich bin nicht im", Some(Sub::Away)), ("automatische e-mail", None),
    ("automatische eingangsbestätigung", Some(Sub::Received)),
    ("réponse automatique", None), ("reponse automatique", None), ("absence du bureau", Some(Sub::Away)),
    ("absent du bureau", Some(Sub::Away)), ("message d'absence", Some(Sub::Away)), ("absence", Some(Sub::Away)),
    ("en congé", Some(Sub::Away)), ("absent(e)", Some(Sub::Away)), ("notification d'absence", Some(Sub::Away)),
    ("respuesta automática", None), ("respuesta automatica", None), ("fuera de la oficina", Some(Sub::Away)),
    ("fuera de oficina", Some(Sub::Away)), ("ausente", Some(Sub::Away)), ("ausencia", Some(Sub::Away)),
    ("de vacaciones", Some(Sub::Away)), ("resposta automàtica", None),
    ("resposta automática", None), ("resposta automatica", None), ("fora do escritório", Some(Sub::Away)),
    ("ausência", Some(Sub::Away)), ("ausencia temporária", Some(Sub::Away)), ("férias", Some(Sub::Away)),
    ("risposta automatica", None), ("fuori sede", Some(Sub::Away)), ("fuori ufficio", Some(Sub::Away)),
    ("assenza", Some(Sub::Away)), ("assente", Some(Sub::Away)), ("in ferie", Some(Sub::Away)),
    ("risponditore automatico", None),
    ("automatisch antwoord", None), ("automatische beantwoording", None), ("automatisch bericht", None),
    ("afwezig", Some(Sub::Away)), ("niet aanwezig", Some(Sub::Away)), ("afwezigheid", Some(Sub::Away)),
    ("niet op kantoor", Some(Sub::Away)),
    ("automatiskt svar", None), ("autosvar", None), ("frånvaro", Some(Sub::Away)),
    ("ej på kontoret", Some(Sub::Away)), ("frånvarande", Some(Sub::Away)), ("automatisk svar", None),
    ("automatisk svarmelding", None), ("fraværende", Some(Sub::Away)), ("fravær", Some(Sub::Away)), ("fraværsbesked", Some(Sub::Away)),
    ("fraværsmelding", Some(Sub::Away)), ("frånvaromeddelande", Some(Sub::Away)), ("afwezigheidsbericht", Some(Sub::Away)),
    ("ikke til stede", Some(Sub::Away)), ("ikke på kontoret", Some(Sub::Away)), ("sjálfvirkt svar", None),
    ("automaattinen vastaus", None), ("automaattivastaus", None), ("poissa", Some(Sub::Away)),
    ("poissaolo", Some(Sub::Away)), ("automaatvastus", None), ("automaatne vastus", None),
    ("kontorist väljas", Some(Sub::Away)), ("automātiska atbilde", None), ("automatinis atsakymas", None),
    ("automātiskā atbilde", None),
    ("automatyczna odpowiedź", None), ("autoodpowiedź", None), ("odpowiedź automatyczna", None),
    ("nieobecność", Some(Sub::Away)), ("poza biurem", Some(Sub::Away)), ("automatická odpověď", None),
    ("automatická odpoveď", None), ("nepřítomnost", Some(Sub::Away)), ("mimo kancelář", Some(Sub::Away)),
    ("neprítomnosť", Some(Sub::Away)), ("mimo kancelárie", Some(Sub::Away)), ("samodejni odgovor", None),
    ("automatski odgovor", None), ("odsutnost", Some(Sub::Away)), ("odsotnost", Some(Sub::Away)),
    ("automatikus válasz", None), ("házon kívül", Some(Sub::Away)), ("távollét", Some(Sub::Away)),
    ("răspuns automat", None), ("raspuns automat", None), ("absent din birou", Some(Sub::Away)),
    ("în afara biroului", Some(Sub::Away)), ("автоматичен отговор", None), ("извън офиса", Some(Sub::Away)),
    ("автоматски одговор", None), ("аутоматски одговор", None),
    ("автоматический ответ", None), ("автоответ", None), ("автоматическое уведомление", None),
    ("отсутствие", Some(Sub::Away)), ("вне офиса", Some(Sub::Away)), ("нет на работе", Some(Sub::Away)),
    ("в отпуске", Some(Sub::Away)), ("автоматична відповідь", None), ("автовідповідь", None),
    ("поза офісом", Some(Sub::Away)), ("аўтаматычны адказ", None),
    ("αυτόματη απάντηση", None), ("εκτός γραφείου", Some(Sub::Away)), ("otomatik yanıt", None),
    ("otomatik cevap", None), ("ofis dışında", Some(Sub::Away)), ("ofis dişinda", Some(Sub::Away)),
    ("izindeyim", Some(Sub::Away)), ("automatische antwoord", None),
    ("自動応答", None), ("自動返信", None), ("【自動返信】", None), ("[自動返信]", None), ("【自動応答】", None),
    ("不在通知", Some(Sub::Away)), ("不在の", Some(Sub::Away)), ("休暇", Some(Sub::Away)), ("自动答复", None), ("自动回复", None),
    ("自動回覆", None), ("自動答覆", None), ("外出", Some(Sub::Away)), ("不在办公室", Some(Sub::Away)), ("休假", Some(Sub::Away)),
    ("자동 회신", None), ("자동 응답", None), ("자동응답", None), ("자동회신", None), ("[자동", None), ("부재중", Some(Sub::Away)),
    ("부재 중", Some(Sub::Away)),
    ("رد تلقائي", None), ("الرد التلقائي", None), ("خارج المكتب", Some(Sub::Away)), ("תשובה אוטומטית", None),
    ("מענה אוטומטי", None), ("מחוץ למשרד", Some(Sub::Away)), ("پاسخ خودکار", None), ("स्वचालित उत्तर", None),
    ("स्वत: उत्तर", None), ("ตอบกลับอัตโนมัติ", None), ("การตอบกลับอัตโนมัติ", None),
    ("ไม่อยู่ที่สำนักงาน", Some(Sub::Away)), ("trả lời tự động", None), ("thư trả lời tự động", None),
    ("vắng mặt", Some(Sub::Away)), ("balasan otomatis", None), ("jawaban otomatis", None),
    ("balasan automatik", None), ("di luar kantor", Some(Sub::Away)), ("awtomatikong tugon", None),
    ("outomatiese antwoord", None), ("ateb awtomatig", None), ("freagra uathoibríoch", None),
    ("përgjigje automatike", None), ("jibu la kiotomatiki", None), ("erantzun automatikoa", None),
    ("avtomatik cavab", None), ("avtomatik javob", None), ("автоматты жауап", None), ("автомат хариу", None),
    ("tweġiba awtomatika", None), ("automatesch äntwert", None), ("ავტომატური პასუხი", None),
    ("ավտոմատ պատասխան", None), ("خودکار جواب", None), ("স্বয়ংক্রিয় উত্তর", None), ("தானியங்கு பதில்", None),
    ("no longer with", Some(Sub::Gone)), ("no longer at", Some(Sub::Gone)),
    ("please confirm your email", Some(Sub::Challenge)), ("please confirm your message", Some(Sub::Challenge)),
    ("verify your email to", Some(Sub::Challenge)), ("confirm you are human", Some(Sub::Challenge)),
    ("sender verification", Some(Sub::Challenge)), ("verification required", Some(Sub::Challenge)),
    ("action required: verify", Some(Sub::Challenge)),
];

/// Words anywhere in the subject.
#[rustfmt::skip] // A table is read in rows.
const ANYWHERE: &[(&str, Option<Sub>)] = &[
    ("(out of office)", Some(Sub::Away)), ("out of office re:", Some(Sub::Away)),
    ("- out of office", Some(Sub::Away)), ("autoreply:", None), ("auto-reply:", None), ("auto reply:", None),
    ("automatic reply:", None), ("(automatic reply)", None), ("(automatische antwort)", None),
    ("(auto reply)", None), ("is out of the office", Some(Sub::Away)), ("is out of office", Some(Sub::Away)),
    ("i am out of the office", Some(Sub::Away)), ("ist nicht im büro", Some(Sub::Away)),
    ("ist außer haus", Some(Sub::Away)), ("est absent", Some(Sub::Away)), ("auto-response:", None),
    ("(réponse automatique)", None), ("abwesenheitsnotiz", Some(Sub::Away)),
    ("abwesenheitsassistent", Some(Sub::Away)), ("automatische antwort:", None), ("réponse automatique :", None),
];

static ANSWER_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(ANSWER_PREFIXES.iter().copied()));
static PREFIX_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(PREFIXES.iter().map(|(words, _)| *words)));
static ANYWHERE_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(ANYWHERE.iter().map(|(words, _)| *words)));
static TICKET_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(TICKETS.iter().copied()));
static MARK_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(MARKS.iter().copied()));

/// What a title says of its mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// The words by which it says so.
    pub(super) words: &'static str,
    /// The kind of automatic answer that they name.
    pub(super) kind: Option<Sub>,
    /// Whether it has the shape of a product's: the words and a colon before another title.
    pub(super) settles: bool,
}

/// Returns the words that mark a title as an automatic answer's, and what they say.
///
/// A subject that begins with `Re:` is somebody's answer to an automatic answer, unless the
/// mark stands behind it as some products do.
pub(super) fn find(title: &Title) -> Option<Named> {
    if title.is_usual_answer() {
        return None;
    }
    let (subject, bare) = (title.folded.as_str(), title.unmarked());
    let behind_marks = || (bare.len() < subject.len()).then(|| begins(bare)).flatten();
    let anywhere = || {
        let own = title.own.then(|| ANYWHERE_BOOK.first_word(subject));
        let (index, _) = own.flatten()?;
        ANYWHERE.get(index)
    };
    let first = begins(subject);
    if first.is_none()
        && let Some((words, kind)) = bracketed(subject).or_else(|| bracketed(bare))
    {
        // A list may be named by one word, too: its text must bear that out.
        let settles = kind != Some(Sub::Gone)
            && !words.ends_with(':')
            && (kind.is_none() || words.contains([' ', '-']) || words.len() > 10);
        return Some(Named {
            words,
            kind,
            settles,
        });
    }
    let (words, kind) = *first.or_else(behind_marks).or_else(anywhere)?;
    Some(Named {
        words,
        kind,
        settles: is_a_products(subject, words, kind.is_none()),
    })
}

/// Whether the words of a title stand as products put them: before a colon, a word or two from it, in
/// brackets, or, where they name an automatic answer, alone.
fn is_a_products(subject: &str, words: &str, automatic: bool) -> bool {
    let signed = |c: char| matches!(c, ':' | '\u{ff1a}' | '[' | ']' | '(' | ')' | '\u{3010}');
    let behind = subject
        .find(words)
        .map_or("", |at| &subject[at + words.len()..]);
    let head = split_at_colon(behind).map(|(head, _)| head);
    let near = head.is_some_and(|head| head.split_whitespace().nth(2).is_none());
    let alone = || {
        behind
            .trim_matches(|c: char| !c.is_alphanumeric())
            .is_empty()
    };
    words.contains(signed) || near || automatic && alone()
}

/// Words that may stand behind those of an automatic answer in the brackets of a mark.
const NOTICES: &[&str] = &[
    "",
    "notice",
    "notification",
    "message",
    "reply",
    "notiz",
    "meldung",
    "nachricht",
    "お知らせ",
    "のお知らせ",
    "ご連絡",
    "のご連絡",
    "連絡",
    "の連絡",
    "通知",
    "ご案内",
    "のご案内",
    "案内",
    "안내",
    "알림",
    "공지",
    "통보",
    "메일",
];

/// The words of automatic answers that are all that stands in the brackets at the beginning of `subject`.
///
/// More beside them names a list or its trade: `[Vacation rentals]`.
fn bracketed(subject: &str) -> Option<(&'static str, Option<Sub>)> {
    let (mark, _) = split_mark(subject.trim_start())?;
    // Brackets do what a colon does.
    let mark = [mark.trim(), ":"].concat();
    let is_all = |words: &str| {
        let rest = mark.get(words.len()..).unwrap_or_default();
        NOTICES.contains(&rest.trim_matches(|c: char| !c.is_alphabetic()))
    };
    let titled = PREFIX_BOOK.first_prefix(&mark, |index| is_all(PREFIX_BOOK.phrase(index)));
    if let Some((index, _)) = titled {
        return PREFIXES.get(index).copied();
    }
    let (words, sub) = kinds::opens(&mark, is_all)?;
    let absent = matches!(sub, Sub::Gone | Sub::Away) && !kinds::is_plain(words);
    absent.then_some((words, Some(sub)))
}

/// The sign that opens the mark that `subject` begins with, and the one that closes it.
fn signs_of_mark(subject: &str) -> Option<(char, char)> {
    let open = subject.chars().next()?;
    let close = match open {
        '[' => ']',
        '{' => '}',
        '(' => ')',
        '<' => '>',
        '\u{3010}' => '\u{3011}',
        '\u{ff3b}' => '\u{ff3d}',
        '*' | '#' | '|' | '_' | '=' | '!' | '~' | '+' => open,
        _ => return None,
    };
    Some((open, close))
}

/// What stands between the signs of the mark that `subject` begins with, and behind them.
fn split_mark(subject: &str) -> Option<(&str, &str)> {
    let (open, close) = signs_of_mark(subject)?;
    let inner = subject.trim_start_matches(open);
    let (mark, behind) = inner.split_once(close)?;
    Some((mark, behind.trim_start_matches(close)))
}

/// The words of automatic answers that `subject` begins with.
fn begins(subject: &str) -> Option<&'static (&'static str, Option<Sub>)> {
    let subject = subject.trim_start_matches(['*', ' ', '"', '<', '\u{200e}', '\u{200f}']);
    let well = |index| ends_well(subject, PREFIX_BOOK.phrase(index));
    let (index, _) = PREFIX_BOOK.first_prefix(subject, well)?;
    PREFIXES.get(index)
}

/// Words by which gateways mark mail from outside, or mail that may be spam, before its title.
#[rustfmt::skip] // A table is read in rows.
const MARKS: &[&str] = &["external", "external email", "external e-mail", "external mail", "external message",
    "external sender", "ext", "ext.", "outside", "from outside", "untrusted", "untrusted sender", "unverified sender",
    "spam", "spam?", "junk", "possible spam", "probable spam", "suspected spam", "bulk", "caution", "warning", "phishing",
    "suspected phishing", "suspicious", "extern", "externe", "externer absender", "externe mail", "externe e-mail",
    "externe email", "externe nachricht", "extern mail", "extern e-post", "extern bericht", "spamverdacht",
    "spam-verdacht", "achtung", "vorsicht", "expéditeur externe", "courriel externe", "message externe", "mail externe",
    "courrier indésirable", "attention", "externo", "externa", "correo externo", "remitente externo", "mensaje externo",
    "posible spam", "correo no deseado", "e-mail externo", "email externo", "remetente externo", "mensagem externa",
    "esterno", "esterna", "mittente esterno", "e-mail esterna", "email esterna", "posta esterna", "ekstern",
    "ekstern mail", "ekstern e-post", "ekstern afsender", "extern avsändare", "ekstern avsender", "ulkoinen",
    "ulkopuolinen", "väline", "zewnętrzny", "zewnętrzna", "zewnętrzne", "wiadomość zewnętrzna", "nadawca zewnętrzny",
    "externí", "externí e-mail", "externý", "vanjski", "eksterni", "zunanji", "külső", "külső levél", "külső feladó",
    "išorinis", "ārējs", "εξωτερικό", "harici", "dış", "dış kaynak", "внешнее", "внешнее письмо", "внешний",
    "внешняя почта", "спам", "зовнішній", "зовнішня пошта", "външен", "спољни", "חיצוני", "خارجي", "بريد خارجي",
    "外部", "外部メール", "社外", "社外メール", "迷惑メール", "外部邮件", "外部郵件", "垃圾邮件", "垃圾郵件", "외부", "외부메일", "외부 메일", "스팸",
    "thư ngoài", "eksternal", "email eksternal"];

/// Most marks before a title, and most letters of one.
const MOST_MARKS: usize = 4;
const MARK_LETTERS: usize = 40;

/// What is left of `subject` (folded) without what gateways and lists put before a title: `[EXTERNAL]`,
/// `***SPAM***`, `External:`.
///
/// What numbers a ticket, or says what automatic answers say, belongs to the title.
pub(super) fn without_marks(subject: &str) -> &str {
    let mut rest = subject.trim_start();
    for _ in 0..MOST_MARKS {
        match behind_mark(rest).map(str::trim_start) {
            Some(behind) if !behind.is_empty() => rest = behind,
            _ => break,
        }
    }
    rest
}

/// What stands behind the mark that `subject` begins with.
fn behind_mark(subject: &str) -> Option<&str> {
    if signs_of_mark(subject).is_none() {
        return behind_word(subject);
    }
    let (mark, behind) = split_mark(subject)?;
    let says_nothing = !mark.trim().is_empty()
        && mark.chars().nth(MARK_LETTERS).is_none()
        && !mark.contains(|c: char| c.is_numeric() || matches!(c, ':' | '#' | '\u{ff1a}'))
        && TICKET_BOOK.first_word(mark).is_none()
        && begins(subject).is_none()
        && begins(mark).is_none()
        && !super::kinds::means_something(mark);
    says_nothing.then_some(behind)
}

/// What stands behind a word of [`MARKS`] and its colon, or whatever else ends it.
fn behind_word(subject: &str) -> Option<&str> {
    let mut behind = None;
    MARK_BOOK.prefixes(subject, |index| {
        let rest = subject
            .get(MARK_BOOK.phrase(index).len()..)
            .unwrap_or_default();
        let ended = ["- ", ":", "\u{ff1a}", "|", ">"]
            .iter()
            .find_map(|end| rest.trim_start().strip_prefix(end));
        behind = behind.or(ended);
    });
    behind
}

/// Prefixes that clients put before the title of an answer or a forwarded mail, without dots.
#[rustfmt::skip] // A table is read in rows.
const ANSWER_PREFIXES: &[&str] = &["re", "r", "aw", "antw", "antwort", "sv", "svar", "vs", "vast", "odp", "odg", "odpověď",
    "ynt", "yan", "cevap", "rif", "res", "resp", "respuesta", "ref", "réf", "rép", "réponse", "bls", "bal", "vá", "vál",
    "válasz", "atb", "ats", "ats", "ατ", "απ", "σχετ", "на", "отг", "отв", "отвт", "відп", "одг", "fw", "fwd", "wg",
    "tr", "rv", "doorst", "vb", "pd", "i", "enc", "vl", "vd", "per", "hal", "回复", "答复", "回覆", "回信", "返信", "转发", "轉寄",
    "転送", "답장", "회신", "전달", "رد", "השב", "תגובה", "ตอบ", "trả lời", "ответ", "re^2"];

/// Most letters of a prefix that no list names.
const PREFIX_LETTERS: usize = 6;

/// Whether a subject (folded) is a title of its own: no answer's prefix, or words put before one
/// (`Away Re: your offer`, as Gmail's responder writes it); `unmarked` is what stands behind its marks.
pub(super) fn is_own_title(unmarked: &str) -> bool {
    !trim(unmarked).is_empty() && !prefix(unmarked).is_some_and(|prefix| ANSWER_BOOK.holds(prefix))
}

/// Whether `subject` (folded) is a title of its own although the mail answers ours: a few letters
/// before a colon are the prefix of a client that we do not know.
pub(super) fn is_retitled(title: &Title) -> bool {
    let unknown = |prefix: &str| {
        prefix.chars().count() <= PREFIX_LETTERS
            && prefix.chars().all(char::is_alphabetic)
            && !super::kinds::means_something(prefix)
    };
    let client = || prefix(title.unmarked()).is_some_and(unknown) && find(title).is_none();
    title.own && !client()
}

/// Whether `title` is words before another title, as Exchange puts its own before ours: more than the
/// prefix of a client, and nothing but letters.
pub(super) fn is_prefixed(title: &Title) -> bool {
    let Some((words, behind)) = split_at_colon(title.unmarked()) else {
        return false;
    };
    let letters = |c: char| c.is_alphabetic() || c == ' ' || c == '\'' || c == '-';
    title.own
        && !behind.trim().is_empty()
        && words.chars().count() > PREFIX_LETTERS
        && words.split(' ').count() <= 4
        && words.chars().all(letters)
}

/// What stands before the first colon of any width, and behind it.
fn split_at_colon(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let colons = memchr::memchr2_iter(b':', 0xef, bytes);
    colons.into_iter().find_map(|at| {
        let (head, rest) = text.split_at_checked(at)?;
        let behind = rest.strip_prefix([':', '\u{ff1a}'])?;
        Some((head, behind))
    })
}

/// What stands before the colon of a title without marks, without a count (`re[2]`, `re^2`) and dots; `None`
/// without both.
fn prefix(unmarked: &str) -> Option<&str> {
    let (head, _) = split_at_colon(unmarked)?;
    let bare = head.split(['[', '(']).next().unwrap_or_default();
    let bare = bare.trim_end_matches(|c: char| c.is_ascii_digit() || c == '^');
    let bare = bare.trim_matches(|c: char| c.is_whitespace() || c == '.');
    (!bare.is_empty()).then_some(bare)
}

/// What stands before the number of a ticket.
#[rustfmt::skip] // A table is read in rows.
const TICKETS: &[&str] = &["#", "\u{2116}", "ticket", "case", "request", "anfrage", "vorgang", "zgłoszenie",
    "ärende", "ärendenummer", "sag", "sak", "request id", "ticketnummer", "vorgangsnummer", "demande n", "solicitud",
    "chamado", "richiesta", "požadavek"];

/// Whether a number of the subject, of three figures or more, stands in the text as well: an answer that
/// nobody wrote repeats what its title says.
pub(super) fn shares_a_number(subject: &str, text: &str) -> bool {
    shares_a_number_of(subject, text, 3)
}

/// The same of a number that is no year and no count.
pub(super) fn shares_a_long_number(subject: &str, text: &str) -> bool {
    shares_a_number_of(subject, text, 5)
}

fn shares_a_number_of(subject: &str, text: &str, least: usize) -> bool {
    fn numbers(text: &str, least: usize) -> impl Iterator<Item = &str> {
        let runs = text.split(|c: char| !c.is_ascii_digit());
        runs.filter(move |run| run.len() >= least)
    }
    let mut named = numbers(subject, least).peekable();
    if named.peek().is_none() {
        return false;
    }
    // A title may hold thousands, each of which would be looked for.
    let told: HashSet<&str> = numbers(text, least).collect();
    named.any(|number| told.contains(number))
}

/// Whether the text (folded) gives our mail a number: as a ticket's title does, in brackets, or as
/// the key of a project (`SR-3391`).
pub(super) fn numbers_a_case(text: &str) -> bool {
    let key = |word: &str| {
        let bracketed = word.starts_with(['(', '[']) && word.ends_with([')', ']', '.']);
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let digits = |text: &str, least: usize| {
            text.len() >= least && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let project = |name: &str| {
            (1..=8).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        bracketed && digits(word, 4)
            || word
                .split_once('-')
                .is_some_and(|(name, number)| project(name) && digits(number, 2))
    };
    names_a_ticket(text) || text.split(' ').any(key)
}

/// Whether `subject` (folded) names a ticket as help desks do: `[#5540]`, `ticket#12`, `case 00123`.
pub(super) fn names_a_ticket(subject: &str) -> bool {
    // Signs of numbers, each of which would be looked behind.
    const MOST: usize = 1_000;
    let subject = &subject[..subject.floor_char_boundary(MOST)];
    let digits = |text: &str| {
        let key = text.trim_start_matches([' ', ':', '#', '-', '\u{2116}', '.']);
        // `[#INC-20931]`: the key of a queue before the number.
        let queue = key.bytes().take_while(u8::is_ascii_lowercase).count();
        let number = match key[queue..].strip_prefix('-') {
            Some(number) if (2..=8).contains(&queue) => number,
            _ => key,
        };
        number.starts_with(|c: char| c.is_ascii_digit())
    };
    TICKET_BOOK.hits(subject).iter().any(|(at, index)| {
        let end = at + TICKET_BOOK.phrase(*index).len();
        subject.get(end..).is_some_and(digits)
    })
}

/// `absence` must not match `absences of evidence in ...`: a lone word needs a mark behind it.
fn ends_well(subject: &str, words: &str) -> bool {
    let rest = subject.get(words.len()..).unwrap_or_default();
    if words.contains([' ', '-', ':', '['])
        || words.len() > 14
        || !words.is_ascii()
            && words.chars().count() < 8
            && !words
                .chars()
                .any(|c| c.is_alphabetic() && u32::from(c) < 0x500)
    {
        return true;
    }
    rest.trim_start().is_empty()
        || rest
            .trim_start()
            .starts_with([':', '-', '(', '[', '.', '!', '|', '/', '?', ','])
        || words.starts_with("auto")
        || words.starts_with("abwesen")
}

#[cfg(test)]
mod tests {
    use super::{MARKS, PREFIXES};
    use crate::inbound::auto_reply::USUAL_ANSWER;

    #[test]
    fn nothing_else_begins_as_the_usual_title_of_an_answer() {
        let prefixes = PREFIXES.iter().map(|(words, _)| *words);
        for words in prefixes.chain(MARKS.iter().copied()) {
            let begins = words.starts_with(USUAL_ANSWER) || USUAL_ANSWER.starts_with(words);
            assert!(!begins, "{words}");
        }
    }
}
