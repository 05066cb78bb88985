//! Objections that are told with a "not": threats ("if you do not remove me, I will report you") and
//! complaints ("you still have not removed me", "I cannot unsubscribe").

use std::ops::Range;
use std::sync::LazyLock;

use super::{StopRequest, asides, guards, languages, limits, objects};
use crate::inbound::phrases::{Book, Hit, Tokens};

/// What a phrase tells where the rest of its sentence agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tells {
    /// "I will report you", beside a condition: "if you do not remove me".
    Threat,
    /// "Still", beside what has not been done: "not removed me".
    Still,
    /// "You have not", at the head of what should have been done: "removed me".
    Undone,
    /// "I cannot unsubscribe", unless others are meant.
    Unable,
}

#[derive(Debug, Clone, Copy)]
struct Meaning {
    tells: Tells,
    language: &'static str,
    phrase: &'static str,
}

/// By language, as `phrases` reads them.
#[rustfmt::skip] // A table is read in rows.
const TABLE: &[(&str, Tells, &[&str])] = &[
    ("en", Tells::Threat, &[
        "will report", "i'll report", "we'll report", "to report", "shall report", "be reporting", "be reported", "report you",
        "sue", "be sued", "lawyer*", "attorney*", "solicitor*", "legal action*", "legal steps", "court", "complaint*",
        "complain", "the authorities", "police", "mark you* as spam", "mark it as spam", "mark this as spam",
        "mark them as spam", "flag you", "block you", "will block", "i'll block", "regulator*", "ombudsman",
    ]),
    ("de", Tells::Threat, &[
        "anwalt*", "anwält*", "rechtsanwalt*", "rechtsanwält*", "anzeige", "zeige ich sie", "zeigen wir sie", "anzeigen", "melde ich",
        "melden wir", "verklage", "klage", "klagen", "beschwere", "beschwerde", "beschweren", "rechtliche schritte",
        "rechtlich", "gericht", "abmahn*", "datenschutzbehörde", "aufsichtsbehörde", "polizei", "blockiere",
    ]),
    ("fr", Tells::Threat, &[
        "plainte", "avocat*", "cnil", "justice", "tribunal", "poursuites", "poursuivrai", "poursuivrons", "signalerai",
        "signalerons", "vous signale", "voie juridique", "autorités", "police",
    ]),
    ("es", Tells::Threat, &[
        "denunci*", "demandar*", "abogad*", "acciones legales", "medidas legales", "tribunal*", "aepd", "queja", "reclamación",
        "reclamaré", "policía", "agencia de protección",
    ]),
    ("pt", Tells::Threat, &[
        "queixa", "denunci*", "advogad*", "processar*", "tribunal", "medidas legais", "ação judicial", "reclamação",
        "polícia",
    ]),
    ("it", Tells::Threat, &[
        "denunci*", "avvocat*", "garante", "querel*", "vie legali", "azioni legali", "tribunale", "segnaler*", "reclamo",
        "polizia",
    ]),
    ("nl", Tells::Threat, &[
        "advocaat", "advocaten", "aangifte", "klacht", "juridische", "rechter", "rapporteer", "meld ik", "autoriteit*", "politie",
    ]),
    ("sv", Tells::Threat, &["anmäler", "anmäla", "polisanmäl*", "advokat*", "jurist*", "klagomål", "rättsliga"]),
    ("da", Tells::Threat, &["anmelder", "anmelde", "politi*", "advokat*", "klager", "klage", "datatilsynet", "retslige"]),
    ("no", Tells::Threat, &["rettslige"]),
    ("pl", Tells::Threat, &[
        "prawnik*", "adwokat*", "skarg*", "zgłoszę", "zgłosimy", "zgłaszam", "sądu", "sąd", "uodo", "policj*", "kroki prawne",
        "drogę prawną", "pozew",
    ]),
    ("cs", Tells::Threat, &["stížnost", "právník*", "advokát*", "žalob*", "nahlásím", "soud", "policii"]),
    ("ru", Tells::Threat, &[
        "жалоб*", "пожалу*", "юрист*", "адвокат*", "в суд", "через суд", "суде", "полици*", "роскомнадзор*", "заявление",
    ]),
    ("uk", Tells::Threat, &["скарг*", "поскарж*", "юрист*", "адвокат*", "до суду", "поліці*"]),
    ("en", Tells::Still, &["still", "yet"]),
    ("de", Tells::Still, &["immer noch", "noch immer", "noch nicht", "bis heute", "weiterhin"]),
    ("fr", Tells::Still, &["toujours", "encore"]),
    ("es", Tells::Still, &["todavía", "aún", "sigo"]),
    ("pt", Tells::Still, &["ainda"]),
    ("it", Tells::Still, &["ancora", "tuttora"]),
    ("nl", Tells::Still, &["nog steeds", "nog altijd", "nog niet"]),
    ("sv", Tells::Still, &["fortfarande", "ännu"]),
    ("da", Tells::Still, &["stadig", "endnu"]),
    ("no", Tells::Still, &["fortsatt", "fremdeles", "ennå"]),
    ("pl", Tells::Still, &["nadal", "wciąż", "jeszcze", "ciągle"]),
    ("cs", Tells::Still, &["stále", "pořád", "ještě"]),
    ("ru", Tells::Still, &["до сих пор", "всё ещё", "все еще", "по прежнему"]),
    ("uk", Tells::Still, &["досі", "все ще"]),
    ("en", Tells::Undone, &["you have not", "you haven't", "you never", "you have never"]),
    ("de", Tells::Undone, &["sie haben mich ~ nicht", "sie haben uns ~ nicht", "sie haben meine", "ihr habt mich ~ nicht"]),
    ("fr", Tells::Undone, &["vous ne m'avez", "vous ne nous avez", "vous n'avez"]),
    ("es", Tells::Undone, &["no me han", "no nos han", "no me ha"]),
    ("it", Tells::Undone, &["non mi avete", "non mi ha", "non ci avete"]),
    ("nl", Tells::Undone, &["u heeft mij ~ niet", "u hebt mij ~ niet", "u heeft me ~ niet", "jullie hebben mij ~ niet",
        "jullie hebben me ~ niet"]),
    ("da", Tells::Undone, &["i har ikke", "du har ikke"]),
    ("sv", Tells::Undone, &["ni har inte", "du har inte"]),
    ("en", Tells::Unable, &[
        "i can't unsubscribe", "i cannot unsubscribe", "i can not unsubscribe", "i cant unsubscribe",
        "i couldn't unsubscribe", "i could not unsubscribe", "unable to unsubscribe", "can't seem to unsubscribe",
        "not able to unsubscribe", "we can't unsubscribe", "we cannot unsubscribe",
    ]),
    ("de", Tells::Unable, &[
        "ich kann mich ~ nicht abmelden", "kann ich mich ~ nicht abmelden", "ich kann mich ~ nicht austragen",
        "kann ich mich ~ nicht austragen", "nicht möglich mich abzumelden", "gelingt ~ nicht mich abzumelden",
    ]),
    ("fr", Tells::Unable, &[
        "n'arrive pas à me désinscrire", "n'arrive pas à me désabonner", "arrive pas à me désinscrire", "peux pas me désinscrire", "peux pas me désabonner",
        "impossible de me désinscrire", "impossible de me désabonner", "parviens pas à me désinscrire",
        "parviens pas à me désabonner",
    ]),
    ("es", Tells::Unable, &["no puedo darme de baja", "no consigo darme de baja", "no me puedo dar de baja", "no logro darme de baja"]),
    ("pt", Tells::Unable, &["não consigo cancelar a inscrição", "não consigo cancelar a subscrição", "não consigo me descadastrar"]),
    ("it", Tells::Unable, &[
        "non riesco a cancellarmi", "non riesco a disiscrivermi", "non posso cancellarmi", "non posso disiscrivermi",
    ]),
    ("nl", Tells::Unable, &[
        "kan me ~ niet uitschrijven", "kan mij ~ niet uitschrijven", "kan me ~ niet afmelden", "kan mij ~ niet afmelden",
    ]),
    ("sv", Tells::Unable, &["kan inte avregistrera mig", "kan inte avprenumerera"]),
    ("da", Tells::Unable, &["kan ikke afmelde mig", "kan ikke framelde mig"]),
    ("pl", Tells::Unable, &["nie mogę się wypisać", "nie da się wypisać"]),
    ("ru", Tells::Unable, &["не могу отписаться", "не получается отписаться", "невозможно отписаться"]),
];

/// Words of a condition; folded.
#[rustfmt::skip]
const CONDITIONS: &[&str] = &[
    "if", "wenn", "falls", "sofern", "sollten", "solltet", "si", "se", "caso", "als", "indien", "om", "hvis", "dersom", "jesli",
    "jezeli", "pokud", "jestli", "jestlize", "если", "якщо",
];

/// Words of denial; folded.
#[rustfmt::skip]
const DENIALS: &[&str] = &[
    "not", "don't", "dont", "doesn't", "didn't", "haven't", "havent", "hasn't", "won't", "never", "can't", "cannot", "nicht", "nie", "pas", "no", "nao", "non", "niet",
    "inte", "ikke", "nie", "ne", "не",
];

/// Those whom a threat and a complaint are for, as objects; folded.
#[rustfmt::skip]
const OBJECTS: &[&str] = &[
    "me", "us", "mich", "uns", "mir", "moi", "nous", "nos", "mi", "ci", "mij", "ons", "mig", "mej", "meg", "oss", "os", "mnie",
    "nas", "mi", "меня", "нас", "мене", "мне", "mne",
];

/// What stands before what is one's own; folded.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "my", "our", "this", "mein", "meine", "meinen", "unsere", "mon", "ma", "mes", "notre", "nos", "mi", "mis", "nuestra", "meu",
    "meus", "minha", "il", "mio", "miei", "mijn", "min", "mina", "mine", "moj", "moje", "мой", "мои",
];

/// Words of whoever is written to, or of their mails, behind a word of a condition; folded.
#[rustfmt::skip]
const WRITTEN_TO: &[&str] = &[
    "you", "your", "this", "these", "sie", "ihr", "du", "mich", "uns", "vous", "tu", "usted", "ustedes", "me", "voce", "voces", "lei",
    "voi", "u", "jullie", "je", "mij", "ni", "i", "de", "panstwo", "pan", "pani", "vy", "вы", "ви",
];

/// Stems of stopping; folded.
#[rustfmt::skip]
const STOPS: &[&str] = &[
    "stop", "ceas", "aufhor", "unterlass", "arret", "cess", "dej", "parar", "parem", "smett", "ophoud", "slut", "prestan", "przesta",
    "прекрат", "перестан", "припин",
];

/// Stems of taking out, beside those of [`objects::removal`]; folded.
#[rustfmt::skip]
const REMOVES: &[&str] = &[
    "entfern", "losch", "streich", "abmeld", "austrag", "desinscri", "desabonn", "eras", "unsub",
];

/// Stems of taking, which is from a list where one is named; folded.
const TAKES: &[&str] = &[
    "take", "taking", "nehm", "nimm", "trag", "haal", "get", "leav",
];
const TAKEN: &[&str] = &[
    "taken", "genommen", "gehaald", "tagit", "dado", "tolt", "sacad",
];

/// Stems of what has been done about a list, beside a verb of having or being; folded.
#[rustfmt::skip]
const DONE: &[&str] = &[
    "removed", "deleted", "erased", "unsubscribed", "opted", "geloscht", "entfernt", "gestrich", "ausgetrag",
    "abgemeld", "herausgenomm", "rausgenomm", "retire", "supprime", "desinscrit", "desabonne", "enleve", "raye",
    "efface", "eliminad", "eliminat", "borrad", "quitad", "cancellat", "rimoss", "disiscritt",
    "removid", "retirad", "apagad", "excluid", "descadastrad", "verwijderd", "uitgeschrev", "afgemeld", "geschrapt",
    "raderat", "avregistrerat", "strukit", "fjernet", "slettet", "afmeldt", "avmeldt",
];

/// Stems of the same that tell of what was done by themselves; folded.
#[rustfmt::skip]
const PAST: &[&str] = &[
    "usunel", "usunal", "wykreslil", "wypisal", "skasowal", "odstranil", "odhlasil", "smazal", "vymazal", "vyradil", "удалил",
    "отписал", "исключил", "убрал", "видалил", "відписал", "прибрал",
];

/// Verbs of having, by which something has been done; folded.
#[rustfmt::skip]
const HAVING: &[&str] = &[
    "have", "haven't", "havent", "has", "haben", "habt", "hast", "avez", "as", "m'avez", "n'avez", "m'as", "han", "ha", "has",
    "habeis", "avete", "hai", "heeft", "hebt", "hebben", "heb", "har", "foi", "fui",
];

/// Verbs of being, by which it has not been done to whoever writes; folded.
const BEING: &[&str] = &[
    "am", "i'm", "been", "bin", "wurde", "suis", "ben", "estoy", "sigo", "sono",
];

/// Words of whoever likes it that way; folded.
#[rustfmt::skip]
const GLAD: &[&str] = &[
    "glad", "good", "happy", "pleased", "thank", "thanks", "hope", "lucky", "great", "gut", "froh", "schon", "danke", "contente",
    "content", "heureux", "heureuse", "bien", "alegra", "contento", "contenta", "menos", "blij", "fijn", "meno", "bom",
];

/// Words behind "unsubscribe" that name nobody else.
#[rustfmt::skip]
const GOES_ON: &[&str] = &[
    "from", "here", "as", "because", "via", "and", "but", "so", "please", "with", "using", "myself", "through", "to", "since", "at",
    "by", "on", "either", "anywhere", "me", "us", "my", "it", "the",
];

/// Others than whoever is written to.
const OTHERS: &[&str] = &[
    "they",
    "he",
    "she",
    "who",
    "customers",
    "clients",
    "users",
    "people",
    "subscribers",
];

/// How many words a condition, or what was not done, is looked for in.
const CLAUSE: usize = 14;
/// How near to "still" its "not" and its verb stand.
const NEAR: usize = 8;

static BOOK: LazyLock<Book<Meaning>> = LazyLock::new(|| {
    let each = |&(language, tells, list): &(&'static str, Tells, &'static [&'static str])| {
        let meaning = move |&phrase: &&'static str| {
            let meaning = Meaning {
                tells,
                language,
                phrase,
            };
            (phrase, meaning)
        };
        list.iter().map(meaning)
    };
    Book::new(TABLE.iter().flat_map(each))
});

/// Finds a threat or a complaint that is a request to stop.
pub(super) fn find(tokens: &Tokens, text: &str) -> Option<StopRequest> {
    let told = BOOK.find(tokens).into_iter().find(|hit| {
        let sentence = tokens.sentence_range(hit.start);
        match hit.meaning.tells {
            Tells::Threat => is_threat(tokens, &sentence, hit.meaning.language, text),
            Tells::Still => is_undone(tokens, &sentence, hit.start, false),
            Tells::Undone => {
                let opens = hit.start <= sentence.start + 1
                    && !CONDITIONS.contains(&tokens.word(sentence.start));
                let asks = || {
                    let sentence = tokens.sentence(hit.start);
                    sentence.is_some_and(|sentence| tokens.is_question(sentence))
                };
                let denies = || (hit.start..hit.end).any(|i| DENIALS.contains(&tokens.word(i)));
                opens && !asks() && is_undone(tokens, &sentence, hit.end.max(1) - 1, denies())
            }
            Tells::Unable => is_oneself_unable(tokens, &sentence, hit),
        }
    })?;
    let (first, last) = (tokens.get(told.start)?, tokens.get(told.end.max(1) - 1)?);
    Some(StopRequest {
        language: told.meaning.language,
        phrase: told.meaning.phrase,
        span: first.start as usize..last.end as usize,
        confidence: 800,
    })
}

/// Whether a sentence has the condition "if you do not remove me".
///
/// Languages share words of threats, and tell themselves by their "not".
fn is_threat(tokens: &Tokens, sentence: &Range<usize>, language: &str, text: &str) -> bool {
    let mut all = languages::ALL.iter();
    let Some(language) = all.find(|one| one.tag == language) else {
        return false;
    };
    let denied = |i: usize| language.negations.contains(&tokens.word(i));
    let condition = |i: &usize| {
        let next = *i + 1;
        let addressed = WRITTEN_TO.contains(&tokens.word(next)) || denied(next);
        CONDITIONS.contains(&tokens.word(*i)) && addressed
    };
    sentence.clone().filter(condition).any(|at| {
        let clause = at + 1..sentence.end.min(at + 1 + CLAUSE);
        let any = |words: &[&str]| clause.clone().any(|i| words.contains(&tokens.word(i)));
        // What an object is says nothing of what is done with it.
        let removes = |i: usize| {
            let removal = begins(tokens, i, REMOVES) || objects::removal(tokens, i..i + 1);
            removal && !OBJECTS.contains(&tokens.word(i))
        };
        let takes = |i: usize| begins(tokens, i, TAKES) && is_of_a_list(tokens, &clause);
        let stops = |i: usize| begins(tokens, i, STOPS);
        // "If you do not stop, I …", "if you do not stop mailing".
        let stops_mail = |i: usize| {
            stops(i)
                && (guards::has_comma(tokens, i..i + 2, text)
                    || objects::writing(tokens, i + 1..clause.end.min(i + 4)))
        };
        let done = |i: usize| removes(i) || takes(i) || stops(i);
        clause.clone().any(denied)
            && !any(OTHERS)
            && (clause.clone().any(stops_mail)
                || clause.clone().any(done) && names_oneself(tokens, &clause))
    })
}

/// Whether these words name a list, or mail.
fn is_of_a_list(tokens: &Tokens, words: &Range<usize>) -> bool {
    let mut words = words.clone();
    words.any(|i| {
        let word = tokens.word(i);
        word.contains("lijst") || !OBJECTS.contains(&word) && objects::address(tokens, i..i + 1)
    })
}

/// Whether near the word `at` it is said that its writer has not been taken out; `told` where a verb of having is
/// part of what was found.
fn is_undone(tokens: &Tokens, sentence: &Range<usize>, at: usize, told: bool) -> bool {
    let near = sentence.start.max(at.saturating_sub(NEAR))..sentence.end.min(at + NEAR + 2);
    let any = |words: &[&str]| near.clone().any(|i| words.contains(&tokens.word(i)));
    let past = |i: usize| begins(tokens, i, PAST);
    let takes = |i: usize| begins(tokens, i, TAKEN) && is_of_a_list(tokens, sentence);
    let done = |i: &usize| begins(tokens, *i, DONE) || past(*i) || takes(*i);
    let denied = |i: usize| DENIALS.contains(&tokens.word(i));
    let Some(done) = near.clone().find(done).filter(|_| told || any(DENIALS)) else {
        return false;
    };
    // "I am not unsubscribed", and not "I am not sure why it was removed"; "still not removed" says no more.
    let reach = if tokens.word(done).ends_with("ed") {
        2
    } else {
        5
    };
    let being = (any(BEING) || at == sentence.start && denied(at + 1) && done == at + 2) && {
        let mut before = done.saturating_sub(reach)..done;
        before.any(|i| denied(i) || tokens.word(i) == "been")
    };
    // What one has not done oneself is no complaint: "I have not removed".
    let own = || {
        let mut before = near.start..done;
        before.any(|i| match tokens.word(i) {
            // Danish writes "I" to others.
            "i" => matches!(tokens.word(i + 1), "have" | "haven't" | "still" | "had"),
            word => matches!(word, "we" | "ich" | "wir" | "je" | "n'ai" | "ik"),
        })
    };
    let has = (told || past(done) || any(HAVING)) && !own();
    let beside = near.start.max(done.saturating_sub(NEAR))..near.end.min(done + 4);
    let behind = done + 1..sentence.end;
    // "Removed from the supplier system" is no list of whoever is written to.
    let from = behind.clone().take(2).find(|i| tokens.word(*i) == "from");
    let placed = from.is_none_or(|from| {
        let place = from + 1..behind.end.min(from + 6);
        place
            .clone()
            .any(|i| matches!(tokens.word(i), "your" | "this" | "it"))
            || is_of_a_list(tokens, &place)
    });
    (being || has && names_oneself(tokens, &beside))
        && placed
        && !CONDITIONS.contains(&tokens.word(sentence.start))
        && !sentence.clone().any(|i| {
            let word = tokens.word(i);
            OTHERS.contains(&word) || GLAD.contains(&word)
        })
        && !limits::another_place(tokens, sentence, &(done..done + 2))
}

/// Whether it is whoever writes who cannot unsubscribe, and themselves.
fn is_oneself_unable(tokens: &Tokens, sentence: &Range<usize>, hit: &Hit<Meaning>) -> bool {
    let of_ones_own = || matches!(tokens.word(hit.end + 1), "my" | "our");
    let goes_on = || GOES_ON.contains(&tokens.word(hit.end)) && !of_ones_own();
    let alone = hit.end >= sentence.end || goes_on();
    (alone || hit.meaning.language != "en")
        && !sentence.clone().any(|i| OTHERS.contains(&tokens.word(i)))
}

/// Whether these words name whoever writes, or their address.
fn names_oneself(tokens: &Tokens, words: &Range<usize>) -> bool {
    let own = |i: usize| {
        let behind = i + 1..words.end.min(i + 3);
        OWN.contains(&tokens.word(i))
            && objects::address(tokens, behind.clone())
            && !objects::thing(tokens, behind)
    };
    let object = |i: usize| OBJECTS.contains(&tokens.word(i));
    words.clone().any(|i| object(i) || own(i)) || asides::glues_oneself(tokens, words.clone())
}

fn begins(tokens: &Tokens, word: usize, stems: &[&str]) -> bool {
    let word = tokens.word(word);
    let word = word.strip_prefix("n'").unwrap_or(word);
    stems.iter().any(|stem| word.starts_with(stem))
}

#[cfg(test)]
mod tests {
    use crate::inbound::stop_words::find_stop_request;

    fn heard(texts: &[(&str, &str)]) {
        let missed = texts.iter().filter_map(|(language, text)| {
            let found = find_stop_request(text).map(|found| found.language);
            (found != Some(*language)).then_some((*text, found))
        });
        let missed: Vec<_> = missed.collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }

    fn silent(texts: &[&str]) {
        let found = texts
            .iter()
            .filter_map(|text| Some((*text, find_stop_request(text)?.phrase)));
        let found: Vec<_> = found.collect();
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn a_threat_with_not_asks_to_stop() {
        heard(&[
            ("en", "If you do not stop emailing me, I will report you."),
            ("en", "If you do not remove me from this list I will sue."),
            (
                "en",
                "I will report you to the authorities if you don't take me off your list.",
            ),
            (
                "en",
                "If you don't delete my address you will hear from my lawyer.",
            ),
            (
                "de",
                "Wenn Sie mich nicht aus dem Verteiler nehmen, gehe ich zum Anwalt.",
            ),
            (
                "de",
                "Sollten Sie nicht aufhören, mir zu schreiben, zeige ich Sie an.",
            ),
            (
                "fr",
                "Si vous ne me retirez pas de votre liste, je porterai plainte.",
            ),
            ("fr", "Si vous ne me désinscrivez pas, je saisis la CNIL."),
            ("es", "Si no me eliminan de su lista, les denunciaré."),
            ("it", "Se non mi cancellate dalla lista, farò denuncia."),
            ("pt", "Se não me removerem da lista, apresento queixa."),
            (
                "nl",
                "Als u mij niet van de lijst haalt, schakel ik een advocaat in.",
            ),
            ("sv", "Om ni inte tar bort mig från listan anmäler jag er."),
            (
                "da",
                "Hvis I ikke fjerner mig fra listen, klager jeg til Datatilsynet.",
            ),
            ("pl", "Jeśli nie usuną mnie Państwo z listy, złożę skargę."),
            ("ru", "Если вы не удалите меня из рассылки, я подам жалобу."),
        ]);
    }

    #[test]
    fn a_condition_without_a_threat_or_of_another_matter_asks_for_nothing() {
        silent(&[
            "If you do not remove me we can talk.",
            "If you do not remove me from the list, I will read your report.",
            "If you do not send me the invoice, I will report you.",
            "If you do not delete the second order, I will sue.",
            "If they do not answer me I will go to my lawyer.",
            "Please don't remove me.",
            "Please do not remove me from the list, our lawyer reads it.",
            "Wenn Sie mich nicht aus dem Verteiler nehmen, lese ich gern weiter.",
            "Wenn Sie mir den Vertrag nicht schicken, gehe ich zum Anwalt.",
            "Si vous ne me retirez pas de votre liste, nous pourrons en parler.",
            "Si vous ne me rappelez pas, je porterai plainte.",
            "Si no me eliminan de la lista, hablamos el lunes.",
            "Se non mi cancellate, ne parliamo lunedì.",
            "Als u mij niet van de lijst haalt, praten we verder.",
            "Jeśli nie usuną mnie Państwo z listy, chętnie porozmawiam.",
            "Если вы не удалите меня из рассылки, поговорим в понедельник.",
        ]);
    }

    #[test]
    fn whoever_is_threatened_is_written_to() {
        heard(&[
            ("en", "If you do not stop, I will sue you."),
            ("nl", "Als u niet stopt met mailen doe ik aangifte."),
            ("fr", "Si vous n'arrêtez pas de m'écrire, je porte plainte."),
            (
                "en",
                "If these emails do not stop I will report you, remove me or not.",
            ),
        ]);
        silent(&[
            "If you do not stop by, I will report to my boss that we talked.",
            "If the court does not take us seriously, we will call you.",
            "If you can't take me on Monday, I will complain, just kidding.",
            "If our lawyer does not stop me, I sign on Monday.",
            "If my lawyer does not remove the clause from our contract, I will sign.",
            "If they don't take us off their list of vendors, I will report back to you.",
        ]);
    }

    #[test]
    fn what_is_not_done_is_of_a_list_and_not_ones_own_doing() {
        heard(&[
            ("en", "Still not removed from your list!"),
            ("en", "I still have not been removed from your list."),
            ("en", "You have still not removed me."),
        ]);
        silent(&[
            "If you have not removed me yet, please keep me on the list.",
            "We have still not been deleted from the supplier system, can you help us?",
            "I have not yet removed my old provider, so call me in May.",
            "You still have not taken me through the demo.",
            "I can't unsubscribe from my current contract until June.",
            "I am not yet taken by the idea, send me more.",
            "He still has not taken me up on the offer.",
            "We still haven't stopped using our old tool, so yes, tell me more.",
            "Sie haben uns noch nicht aus der Warteliste genommen, oder?",
        ]);
    }

    #[test]
    fn what_is_still_not_done_is_asked_for() {
        heard(&[
            ("en", "You still have not removed me from your list."),
            ("en", "You still haven't taken me off your list."),
            ("en", "You have not removed me from your list yet."),
            ("en", "You have not deleted my address."),
            ("en", "I am still not unsubscribed."),
            ("en", "Why have I still not been removed from your list?"),
            ("en", "I can't unsubscribe."),
            ("en", "I am unable to unsubscribe from these mails."),
            (
                "de",
                "Sie haben mich immer noch nicht aus dem Verteiler gelöscht!",
            ),
            ("de", "Sie haben mich nicht aus dem Verteiler gelöscht."),
            ("de", "Warum haben Sie mich immer noch nicht ausgetragen?"),
            ("de", "Ich bin noch immer nicht abgemeldet."),
            ("de", "Ich kann mich nicht abmelden."),
            ("fr", "Vous ne m'avez toujours pas retiré de votre liste."),
            ("fr", "Je n'arrive pas à me désinscrire."),
            ("es", "Todavía no me han eliminado de su lista."),
            ("es", "No puedo darme de baja."),
            ("it", "Non mi avete ancora cancellato dalla lista."),
            ("it", "Non riesco a cancellarmi."),
            ("nl", "U heeft mij nog steeds niet van de lijst gehaald."),
            ("nl", "Ik kan me niet uitschrijven."),
            ("sv", "Ni har fortfarande inte tagit bort mig från listan."),
            ("da", "I har stadig ikke fjernet mig fra jeres liste."),
            ("pl", "Nadal nie usunęli mnie Państwo z listy."),
            ("ru", "Вы до сих пор не удалили меня из рассылки."),
        ]);
    }

    #[test]
    fn what_is_still_wanted_or_of_others_is_not() {
        silent(&[
            "I am glad you have not removed me from your list.",
            "Good that you still have not removed me.",
            "They still have not removed me from the board.",
            "You still have not removed our logo from the page.",
            "You still have not answered me.",
            "You have not removed the second item from the offer.",
            "I have still not unsubscribed because I like it.",
            "Please still do not remove me from the list.",
            "You still have not removed me from the meeting invite.",
            "I can't unsubscribe users in our tool, can yours do that?",
            "Our customers can't unsubscribe, that is the problem.",
            "Sie haben mir immer noch nicht geantwortet.",
            "Gut, dass Sie mich nicht aus dem Verteiler gelöscht haben.",
            "Sie haben den Termin immer noch nicht gelöscht.",
            "Vous ne m'avez toujours pas répondu.",
            "Todavía no me han respondido.",
            "Non mi avete ancora risposto.",
            "U heeft mij nog steeds niet gebeld.",
            "I har stadig ikke svaret mig.",
            "Ni har fortfarande inte svarat mig.",
            "Nadal nie odpisali mi Państwo.",
            "Вы до сих пор не ответили мне.",
        ]);
    }
}
