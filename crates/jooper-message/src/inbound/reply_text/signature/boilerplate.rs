//! Disclaimers, confidentiality notices and banners that mail servers add.

use std::sync::LazyLock;

use super::super::dividers::is_rule_line;
use super::super::lines::Lines;
use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::{fold, fold_into};

/// Shortest and longest paragraph looked at, in bytes.
const SHORTEST: usize = 60;
const LONGEST: usize = 2_000;
/// Where in a paragraph a banner begins at the latest, and its longest words, in bytes.
const BANNER_START: usize = 100;
const BANNER_WORDS: usize = 100;

/// Words that lawyers put into such notices. Two different ones make a notice.
#[rustfmt::skip]
const LEGAL: &[&str] = &[
    "confidential", "intended recipient", "intended solely", "intended only", "privileged", "unauthorized",
    "unauthorised", "if you are not the", "received this", "notify the sender", "please delete", "any attachments",
    "disclaimer", "does not accept liability", "virus", "registered in england", "registered office",
    "company number", "vertraulich", "nicht der richtige adressat", "nicht der beabsichtigte", "irrtümlich",
    "unbefugt", "vernichten sie", "informieren sie bitte", "rechtlich geschützt", "handelsregister", "amtsgericht",
    "geschäftsführer:", "ust-id", "confidentiel", "pièces jointes", "destinataire", "par erreur", "l'expéditeur",
    "strictement interdit", "confidencial", "destinatario", "por error", "queda prohibid", "remitente",
    "archivos adjuntos", "datos personales", "destinatário", "por engano", "remetente", "riservat", "destinatari",
    "per errore", "mittente", "d.lgs", "vertrouwelijk", "geadresseerde", "onbevoegd", "afzender", "bestemd voor",
    "fortrolig", "konfidentiell", "tiltænkt", "luottamuksellinen", "poufn", "poufne", "adresata", "nadawc", "důvěrn",
    "odesílatel", "gizli", "alıcısı", "gönderen", "конфиденциальн", "отправител", "адресат", "機密", "受信者", "保密",
    "收件人",
];

/// Openings of banners about outside senders, which servers put on top.
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

static LEGAL_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(LEGAL.iter().map(|words| fold(words))));
static BANNER_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(BANNERS.iter().map(|words| fold(words))));

/// Returns the end of the paragraph at `i` when it is such a notice. Only a paragraph's first line is looked at.
pub(super) fn paragraph(lines: &Lines<'_>, i: usize, end: usize) -> Option<usize> {
    if i > 0 && !lines.is_blank(i - 1) && !is_rule_line(lines.get(i - 1)) {
        return None;
    }
    let mut text = String::new();
    let mut at = i;
    while at < end && !lines.is_blank(at) && text.len() < LONGEST {
        let line = lines.get(at);
        fold_into(&line[..line.floor_char_boundary(LONGEST)], &mut text);
        text.push(' ');
        at += 1;
    }
    (text.len() >= SHORTEST && is_legal(&text) || text.len() < 600 && is_banner_text(&text))
        .then_some(at)
}

/// Reports whether the paragraph is a banner, which says nothing about what follows it.
pub(super) fn is_banner(lines: &Lines<'_>, start: usize, end: usize) -> bool {
    let mut text = String::new();
    for i in start..end.min(start + 4) {
        let line = lines.get(i);
        fold_into(&line[..line.floor_char_boundary(300)], &mut text);
        text.push(' ');
    }
    is_banner_text(&text)
}

fn is_banner_text(text: &str) -> bool {
    // A banner shouts or marks itself; people who mention one do not.
    let head = &text[..text.floor_char_boundary(BANNER_START + BANNER_WORDS)];
    let begins = |(at, _)| at < BANNER_START;
    BANNER_BOOK.earliest(head).is_some_and(begins)
}

fn is_legal(text: &str) -> bool {
    let mut first = None;
    let mut different = 0;
    let mut end = 0;
    for (at, index) in LEGAL_BOOK.hits(text) {
        if at < end {
            continue; // "destinatari" within "destinatario" is one word.
        }
        end = at + LEGAL_BOOK.phrase(index).len();
        if first.is_none_or(|first| first != index) {
            different += 1;
            first = first.or(Some(index));
        }
    }
    // The longer the notice, the more of these words it has; a short text with two may be a person's.
    different >= 3 || different == 2 && text.len() >= 150
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
