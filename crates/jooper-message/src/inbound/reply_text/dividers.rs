//! Lines that divide a reply from an original or a forward, in many languages, and lines drawn as rules.

use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::fold;

/// Words between dashes, as in `-----Original Message-----`.
#[rustfmt::skip]
const DASHED: &[&str] = &[
    "original message", "original appointment", "original email", "original e-mail", "reply message",
    "forwarded message", "forwarded by", "forwarded email", "forward message", "message original",
    "message d'origine", "message transféré", "message reenviat", "ursprüngliche nachricht", "ursprünglicher termin",
    "originalnachricht", "original-nachricht", "weitergeleitete nachricht", "ursprüngliche mail", "urspr. nachricht",
    "mensaje original", "mensaje reenviado", "mensaje enviado", "cita original", "mensagem original",
    "mensagem encaminhada", "mensagem reencaminhada", "messaggio originale", "messaggio inoltrato",
    "oorspronkelijk bericht", "oorspronkelijke bericht", "doorgestuurd bericht", "origineel bericht",
    "oprindelig meddelelse", "oprindelig besked", "videresendt meddelelse", "videresendt besked",
    "opprinnelig melding", "videresendt melding", "opprinnelig e-post", "ursprungligt meddelande",
    "originalmeddelande", "vidarebefordrat", "alkuperäinen viesti", "välitetty viesti", "edelleenlähetetty",
    "wiadomość oryginalna", "oryginalna wiadomość", "wiadomość pierwotna", "przekazana wiadomość",
    "treść przekazanej", "původní zpráva", "původní e-mail", "přeposlaná zpráva", "pôvodná správa",
    "preposlaná správa", "eredeti üzenet", "továbbított üzenet", "orijinal mesaj", "orijinal ileti", "özgün ileti",
    "iletilen mesaj", "yönlendirilen", "исходное сообщение", "оригинальное сообщение", "пересылаемое сообщение",
    "пересланное сообщение", "перенаправленное сообщение", "пересылаемое письмо", "исходное письмо",
    "вихідне повідомлення", "оригінальне повідомлення", "переслане повідомлення", "пересилане повідомлення",
    "αρχικό μήνυμα", "προωθημένο μήνυμα", "mesaj original", "mesajul inițial", "mesaj redirecționat",
    "mesajul original", "originalna poruka", "proslijeđena poruka", "izvorna poruka", "prosleđena poruka",
    "izvirno sporočilo", "posredovano sporočilo", "оригинално съобщение", "препратено съобщение",
    "оригинална порука", "originalus laiškas", "originalus pranešimas", "persiųstas", "sākotnējais ziņojums",
    "pārsūtīt", "algne kiri", "algne sõnum", "edastatud", "upprunaleg skilaboð", "missatge original", "元のメッセージ",
    "元のメール", "転送メッセージ", "転送メール", "原始邮件", "原始郵件", "原始信件", "邮件原件", "原邮件", "轉寄郵件", "轉寄信件", "转发邮件", "转发的邮件", "回复的邮件",
    "轉寄的郵件", "원본 메시지", "원본 메일", "원본메일", "전달된 메시지", "전달된 메일", "الرسالة الأصلية", "رسالة معاد توجيهها", "رسالة مُعاد",
    "پیام اصلی", "הודעה מקורית", "הודעה שהועברה", "ข้อความต้นฉบับ", "ข้อความเดิม", "ข้อความที่ส่งต่อ",
    "tin nhắn gốc", "thư gốc", "thư đã chuyển tiếp", "pesan asli", "pesan terusan", "pesan diteruskan", "mesej asal",
    "mesazhi origjinal", "मूल संदेश",
];

/// Whole lines without dashes; most end in a colon.
#[rustfmt::skip]
const BARE: &[&str] = &[
    "begin forwarded message", "start of forwarded message", "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail", "début du message réexpédié", "début du message transféré",
    "inicio del mensaje reenviado", "inizio messaggio inoltrato", "início da mensagem reencaminhada",
    "início da mensagem encaminhada", "begin doorgestuurd bericht", "vidarebefordrat brev", "vidarebefordrat mejl",
    "videresendt besked", "videresendt melding", "videresendt meddelelse", "välitetty viesti alkaa",
    "edelleenlähetetty viesti alkaa", "początek przekazywanej wiadomości", "začátek přeposílané zprávy",
    "začátek přeposlané zprávy", "začiatok preposlanej správy", "továbbított levél kezdete",
    "iletilen ileti başlangıcı", "iletilmiş e-posta başlangıcı", "начало переадресованного сообщения",
    "початок пересланого повідомлення", "αρχή προωθημένου μηνύματος", "începutul mesajului redirecționat",
    "započetak proslijeđene poruke", "转发的邮件", "以下是转发的邮件", "开始转发的邮件", "以下為轉寄的郵件", "開始轉寄郵件", "開始轉寄訊息", "転送されたメッセージ",
    "전달된 메시지", "전달된 이메일", "بداية الرسالة المعاد توجيهها", "תחילת ההודעה שהועברה", "เริ่มต้นข้อความที่ถูกส่งต่อ",
    "bắt đầu thư được chuyển tiếp", "mulai pesan diteruskan", "original message", "ursprüngliche nachricht", "原始邮件",
    "元のメッセージ",
];

/// Marks that ticket systems set above the text to answer.
#[rustfmt::skip]
const ABOVE: &[&str] = &[
    "reply above this line", "above this line to reply", "type your reply above", "write your reply above",
    "reply above the line", "write above this line", "please reply above", "reply to this email above",
    "oberhalb dieser linie", "oberhalb dieser zeile", "über dieser linie antworten",
    "répondre au-dessus de cette ligne", "répondez au-dessus de cette ligne", "au-dessus de cette ligne",
    "por encima de esta línea", "encima de esta línea", "acima desta linha", "sopra questa riga", "boven deze regel",
    "boven deze lijn", "over denne linje", "ovanför denna rad", "ovanför den här raden", "over denne linjen",
    "tämän rivin yläpuolelle", "powyżej tej linii", "nad tento řádek", "выше этой строки", "выше этой линии",
    "bu satırın üstüne", "この行より上", "请在此行上方", "이 줄 위에",
];

static DASHED_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(DASHED.iter().map(|words| fold(words))));
static ABOVE_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(ABOVE.iter().map(|words| fold(words))));
static BARE_LINES: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(BARE.iter().map(|words| fold(words))));

/// What kind of dividing line this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Divider {
    /// An original or a forward follows.
    Original,
    /// "Reply above this line".
    ReplyAbove,
}

/// Reads a trimmed line, and its folded form, as a divider.
pub(super) fn divider(line: &str, folded: &str) -> Option<Divider> {
    if line.len() > 240 {
        return None;
    }
    let dashed = line
        .trim_start_matches(['*', ' ', '_'])
        .starts_with(is_rule)
        || line.starts_with("__");
    if !dashed && !line.ends_with([':', '：']) && line.is_ascii() && !might_be_above(line) {
        return None;
    }
    if folded.len() < 160 && ABOVE_BOOK.any(folded) {
        return Some(Divider::ReplyAbove);
    }
    let core =
        folded.trim_matches(|c: char| is_rule(c) || matches!(c, '*' | ' ' | '_' | '>' | '|' | ':'));
    let ruled = || {
        let drawn = folded.chars().filter(|c| is_rule(*c) || *c == '_');
        drawn.take(2).count() == 2
    };
    // One client calls it nothing but "Original".
    let announces = || core == "original" || core.chars().count() <= 60 && DASHED_BOOK.any(folded);
    if dashed && ruled() && announces() {
        return Some(Divider::Original);
    }
    BARE_LINES.holds(core).then_some(Divider::Original)
}

/// Whether a line (folded) is nothing but the name of an original, as it stands above its header fields.
pub(super) fn names_an_original(folded: &str) -> bool {
    DASHED_BOOK.holds(folded.trim_matches([':', ' ', '*', '_']))
}

fn might_be_above(line: &str) -> bool {
    line.starts_with(['#', '-', '=', '*', '~', '_']) || line.len() < 120 && says_above(line)
}

/// Whether `above` stands in the line, in any case; its `v` is the rarest of its letters.
fn says_above(line: &str) -> bool {
    let bytes = line.as_bytes();
    memchr::memchr2_iter(b'v', b'V', bytes).any(|v| {
        v.checked_sub(3)
            .and_then(|from| bytes.get(from..v + 2))
            .is_some_and(|word| word.eq_ignore_ascii_case(b"above"))
    })
}

/// Reports whether a trimmed line is only drawn: dashes, underscores, box signs.
pub(super) fn is_rule_line(line: &str) -> bool {
    let mut count = 0;
    line.chars().all(|c| {
        count += usize::from(!c.is_whitespace());
        is_rule(c) || c == '_' || c == '*' || c.is_whitespace()
    }) && count >= 3
}

fn is_rule(c: char) -> bool {
    matches!(
        c,
        '-' | '=' | '~' | '#' | '–' | '—' | '―' | '─' | '━' | '═' | '▬'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dividers_are_known_in_many_languages() {
        for line in [
            "-----Original Message-----",
            "---------- Forwarded message ---------",
            "*-------- Original Message --------*",
            "-----Ursprüngliche Nachricht-----",
            "-------- Message d’origine --------",
            "----- Původní zpráva -----",
            "-----元のメッセージ-----",
            "------------------ 原始邮件 ------------------",
            "------------------ Original ------------------",
            "----- הודעה מקורית -----",
            "Begin forwarded message:",
            "Début du message réexpédié :",
            "Начало переадресованного сообщения:",
            "________ Исходное сообщение ________",
        ] {
            assert_eq!(
                divider(line, &fold(line)),
                Some(Divider::Original),
                "{line}"
            );
        }
        for line in [
            "##- Please type your reply above this line -##",
            "--- Bitte oberhalb dieser Linie antworten ---",
        ] {
            assert_eq!(
                divider(line, &fold(line)),
                Some(Divider::ReplyAbove),
                "{line}"
            );
        }
    }

    #[test]
    fn ordinary_lines_are_no_dividers() {
        for line in [
            "---- Enter feedback below ----",
            "I read the original message twice",
            "- forwarded message to Ana, she will answer you about all of these points soon",
            "------",
            "---- Original plan ----",
            "Original:",
            "Yes:",
        ] {
            assert_eq!(divider(line, &fold(line)), None, "{line}");
        }
        assert!(
            is_rule_line("-----")
                && is_rule_line("─────")
                && !is_rule_line("--")
                && !is_rule_line("- a -")
        );
    }
}
