//! Disclaimers, confidentiality notices and banners that mail servers add.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::super::dividers::is_rule_line;
use super::super::lines::Lines;
use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::{fold, fold_into};
use crate::inbound::stop_words;

/// Shortest and longest paragraph looked at, in bytes.
const SHORTEST: usize = 60;
const LONGEST: usize = 2_000;
/// Longest banner, and its longest lead and words, in bytes.
const LONGEST_BANNER: usize = 600;
const BANNER_HEAD: usize = 200;

/// Words that lawyers put into such notices. Two different ones make a notice.
#[rustfmt::skip]
const LEGAL: &[&str] = &[
    "confidential", "intended recipient", "intended solely", "intended only", "privileged", "unauthorized",
    "unauthorised", "if you are not the", "any attachments", "disclaimer", "does not accept liability",
    "registered in england", "registered office", "company number", "vertraulich", "nicht der richtige adressat",
    "nicht der beabsichtigte", "unbefugt", "rechtlich geschützt", "handelsregister", "amtsgericht",
    "geschäftsführer:", "ust-id", "confidentiel", "strictement interdit", "confidencial", "queda prohibid",
    "riservat", "d.lgs", "vertrouwelijk", "geadresseerde", "onbevoegd", "bestemd voor", "fortrolig",
    "konfidentiell", "tiltænkt", "luottamuksellinen", "poufn", "poufne", "důvěrn", "gizli", "конфиденциальн",
    "機密", "保密",
];

/// Words of such notices that people write as well, about a mail that reached them.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "received this", "notify the sender", "please delete", "virus", "irrtümlich", "vernichten sie",
    "informieren sie bitte", "pièces jointes", "destinataire", "par erreur", "l'expéditeur", "destinatario",
    "por error", "remitente", "archivos adjuntos", "datos personales", "destinatário", "por engano", "remetente",
    "destinatari", "per errore", "mittente", "afzender", "adresata", "nadawc", "odesílatel", "alıcısı", "gönderen",
    "отправител", "адресат", "受信者", "收件人",
];

/// What only a notice says to whoever reads it: words of a first person do not speak against it.
#[rustfmt::skip]
const TO_THE_READER: &[&str] = &[
    "if you are not the", "intended recipient", "any attachments", "have received this", "received this e-mail in error",
    "received this email in error", "received this message in error", "nicht der richtige adressat",
    "nicht der beabsichtigte", "irrtümlich erhalten", "vernichten sie", "si vous n'êtes pas", "si vous avez reçu",
    "si usted no es", "si no es usted", "si ha recibido", "si usted ha recibido", "se não for o", "se você não",
    "se não é o", "se ha ricevuto", "se avete ricevuto", "se non siete", "qualora", "als u niet", "indien u",
    "hvis du ikke er", "om du inte är", "jeśli nie", "jeżeli nie", "pokud nejste", "если вы не",
];

/// Words of a first person, singular, that are no other words in a language of such notices.
#[rustfmt::skip]
const FIRST_PERSON: &[&str] = &[
    "i'm", "i've", "i'd", "i'll", "my", "me", "mine", "i am", "i was", "i have", "i had", "i never", "i did", "i don't",
    "i do", "i got", "i received", "i want", "i would", "i will", "i object", "i request", "i ask", "i hereby",
    "ich", "mich", "mir", "mein", "meine", "meinen", "meiner", "meines", "j'ai", "moi", "mes", "yo", "mi", "mis",
    "mí", "meu", "meus", "minha", "minhas", "mio", "miei", "ik", "mij", "mijn", "jag", "mig", "jeg", "meg", "minun",
    "minut", "minulle", "mnie", "moje", "moich", "moje", "mého", "moju", "я", "меня", "мне", "мои", "моих", "мою",
    "мені", "мене", "benim", "bana", "私の", "我的",
];

/// Openings of banners about outside senders, which servers put on top, and of notes they put below.
#[rustfmt::skip]
const BANNERS: &[&str] = &[
    "external email", "external sender", "external:", "originated from outside", "outside of your organization",
    "outside of the organization", "outside your organization", "from outside of", "don't often get email from",
    "do not often get email from", "you don't often get", "do not click links", "learn why this is important",
    "externe e-mail", "externer absender", "expéditeur externe", "courriel externe", "correo externo",
    "remitente externo", "e-mail externo", "email esterna", "mittente esterno", "extern afzender",
    "externe afzender", "ekstern e-mail", "externt mejl", "consider the environment before",
    "think before you print", "before printing this", "avant d'imprimer", "antes de imprimir", "prima di stampare",
    "denken sie an die umwelt", "scanned by", "virus-free", "virenfrei", "sans virus", "libre de virus", "avast",
    "avg.com",
];

/// Words that stand before a banner's own: what it is about, and that it warns.
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "caution", "warning", "attention", "notice", "note", "important", "alert", "security", "achtung", "vorsicht",
    "warnung", "hinweis", "atención", "aviso", "precaución", "advertencia", "atenção", "cuidado", "attenzione",
    "avviso", "avertissement", "let", "op", "obs", "varning", "uwaga", "varování", "pozor", "this", "the", "an", "a",
    "e", "mail", "email", "message", "sender", "was", "is", "has", "been", "sent", "comes", "came", "and", "from",
    "automatically", "checked", "for", "viruses", "by", "you", "don't", "do", "please", "kindly", "before",
    "printing", "diese", "dieses", "nachricht", "wurde", "ist", "kommt", "von", "einem", "auf", "viren", "ein", "eine",
    "bitte", "ce", "cet", "courriel", "message", "provient", "d'un", "de", "un", "est", "l'absence", "virus", "a",
    "été", "vérifiée", "vérifié", "logiciel", "antivirus", "este", "correo", "mensaje", "es", "proviene", "ha", "sido",
    "electrónico", "comprobado", "por", "esta", "mensagem", "questa", "questo", "messaggio", "è", "stata",
    "stato", "dit", "deze", "bericht", "deze", "een", "detta", "mejl", "denne", "piensa", "pense", "pensez", "antes", "par",
    "libre", "software", "geprüft", "durch", "contrôlé", "analysé", "image", "external", "extern", "ext", "s",
];

static LEGAL_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(LEGAL.iter().chain(COMMON).map(|words| fold(words))));
static READER_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(TO_THE_READER.iter().map(|words| fold(words))));
static PERSON_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(FIRST_PERSON.iter().map(|words| fold(words))));
static LEAD_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(LEADS.iter().map(|words| fold(words))));
static BANNER_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(BANNERS.iter().map(|words| fold(words))));

/// What a paragraph that nobody wrote for this mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boilerplate {
    /// It says nothing about what follows it.
    Banner,
    /// A lawyer's notice: only signatures and the like follow it.
    Notice,
}

/// Returns what the paragraph at `i` is, with its end. Only a paragraph's first line is looked at.
///
/// A paragraph in which somebody asks to be left alone is never one, whatever its words.
pub(super) fn paragraph(lines: &Lines<'_>, i: usize, end: usize) -> Option<(Boilerplate, usize)> {
    if i > 0 && !lines.is_blank(i - 1) && !is_rule_line(lines.get(i - 1)) {
        return None;
    }
    let (text, at) = joined(lines, i, end);
    let found = if text.len() < LONGEST_BANNER && is_banner(&text) {
        Boilerplate::Banner
    } else if text.len() >= SHORTEST && is_legal(&text) {
        Boilerplate::Notice
    } else {
        return None;
    };
    // Folded text is read as any other is.
    stop_words::find_stop_request(&text)
        .is_none()
        .then_some((found, at))
}

/// Returns the folded paragraph that begins at line `i`, as far as it is looked at, and its end.
fn joined<'a>(lines: &'a Lines<'_>, i: usize, end: usize) -> (Cow<'a, str>, usize) {
    let mut text = Cow::Borrowed("");
    let mut at = i;
    while at < end && !lines.is_blank(at) && text.len() < LONGEST {
        let together = match &text {
            Cow::Borrowed(_) => lines.folded_through(i, at, LONGEST),
            Cow::Owned(_) => None,
        };
        if let Some(together) = together {
            text = Cow::Borrowed(together);
        } else {
            let line = lines.get(at);
            let text = text.to_mut();
            fold_into(&line[..line.floor_char_boundary(LONGEST)], text);
            text.push(' ');
        }
        at += 1;
    }
    (text, at)
}

/// A banner marks itself, or begins with its words; people who mention one do not.
fn is_banner(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(BANNER_HEAD)];
    let mut found = BANNER_BOOK.hits(head).into_iter();
    let Some((first, index)) = found.next() else {
        return false;
    };
    let end = first + BANNER_BOOK.phrase(index).len();
    let leads = || {
        let words = head[..first].split(|c: char| !c.is_alphanumeric() && c != '\'');
        words
            .filter(|word| !word.is_empty())
            .all(|word| LEAD_BOOK.holds(word))
    };
    let marked = || text.starts_with(['[', '*', '!', '\u{26a0}']);
    (leads() || marked() && first < 100 || found.any(|(at, _)| at >= end))
        && !speaks_of_oneself(text)
}

/// Whether a text (folded) has words of a first person singular.
pub(super) fn speaks_of_oneself(text: &str) -> bool {
    let whole = |(at, index): (usize, usize)| {
        let end = at + PERSON_BOOK.phrase(index).len();
        let before = text[..at].chars().next_back();
        let after = text[end..].chars().next();
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '\'');
        !joins(before) && !joins(after)
    };
    PERSON_BOOK.hits(text).into_iter().any(whole)
}

fn is_legal(text: &str) -> bool {
    let mut first = None;
    let mut different = 0;
    let mut lawyers = false;
    let mut end = 0;
    for (at, index) in LEGAL_BOOK.hits(text) {
        if at < end {
            continue; // "destinatari" within "destinatario" is one word.
        }
        end = at + LEGAL_BOOK.phrase(index).len();
        lawyers |= index < LEGAL.len();
        if first.is_none_or(|first| first != index) {
            different += 1;
            first = first.or(Some(index));
        }
    }
    // The longer the notice, the more of these words it has; a short text with two may be a person's.
    let enough = different >= 3 || different == 2 && text.len() >= 150;
    // Words that people write too are a notice's where it addresses whoever reads it.
    enough && (READER_BOOK.any(text) || !speaks_of_oneself(text) && (lawyers || different >= 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_notice(text: &str) -> bool {
        let lines = Lines::new(text);
        paragraph(&lines, 0, lines.len()).is_some()
    }

    #[test]
    fn notices_are_known_and_letters_are_not() {
        assert!(is_notice(
            "This message and any attachments are confidential and for the intended recipient. If you are not the intended recipient, delete it."
        ));
        assert!(is_notice(
            "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender und vernichten Sie diese Mail."
        ));
        assert!(is_notice(
            "Ce message et ses pièces jointes sont confidentiels. S'il vous est parvenu par erreur, merci d'avertir l'expéditeur; tout usage est interdit, le destinataire seul en dispose."
        ));
        assert!(is_notice(
            "CAUTION: This email originated from outside of the organization."
        ));
        assert!(!is_notice(
            "We treat all pricing as confidential, so please send me your NDA before our call on Monday and I will sign it."
        ));
        assert!(!is_notice(
            "Thanks, that works for me. Please send the invite to my assistant, who keeps my calendar in order."
        ));
    }
}
