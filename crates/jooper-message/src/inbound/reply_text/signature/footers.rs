//! Footers that phones and mail programs add ("Sent from my iPhone"), by language.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::{fold, is_letter_or_figure};

/// Openings; what follows must look like a device or a product.
#[rustfmt::skip]
const OPENINGS: &[&str] = &[
    "sent from", "sent via", "sent with", "sent using", "sent by", "sent through", "from my", "written on my",
    "written from my", "typed on my", "composed on", "get", "download", "sent on my", "gesendet von", "gesendet mit",
    "gesendet über", "von meinem", "von meiner", "versendet mit", "verschickt mit", "verfasst auf", "hol dir",
    "holen sie sich", "diese nachricht wurde von", "diese e-mail wurde von", "diese nachricht wurde mit",
    "mit freundlichen grüßen von meinem", "envoyé de", "envoyé depuis", "envoyé à partir", "envoyé avec",
    "envoyé via", "envoyé du", "obtenez", "télécharger", "provenance", "de mon", "depuis mon", "enviado desde",
    "enviado de", "enviado do", "enviado da", "enviado a partir", "enviado con", "enviado com", "enviado por",
    "enviado via", "enviado pelo", "obtener", "obtenir", "obter", "obtenha", "desde mi", "descarga", "inviato da",
    "inviato dal", "inviato con", "inviato tramite", "scarica", "ottieni", "verzonden vanaf", "verzonden met",
    "verzonden via", "verstuurd vanaf", "verstuurd met", "verstuurd via", "verzonden vanuit", "download",
    "sendt fra", "sendt via", "sendt med", "hent", "få", "skickat från", "skickat med", "skickades från",
    "skickas från", "hämta", "skaffa", "lähetetty", "hanki", "sent úr", "saadetud", "wysłane z", "wysłano z",
    "wysłane za", "wysłane przy", "wysłano przy", "pobierz", "odesláno z", "odesláno pomocí", "odesláno ze",
    "získat", "odoslané z", "odoslané zo", "odoslané pomocou", "poslano z", "poslano s", "poslato sa", "poslato iz",
    "elküldve", "küldve", "trimis de pe", "trimis din", "trimis de la", "obțineți", "στάλθηκε από", "εστάλη από",
    "отправлено с", "отправлено из", "отправлено через", "отправлено со", "скачать", "надіслано з", "відправлено з",
    "надіслано через", "изпратено от", "изпратено с", "gönderildi", "edinin", "išsiųsta iš", "nosūtīts no",
    "nosūtīts", "נשלח מ", "נשלח מה", "נשלח באמצעות", "أرسلت من", "تم الإرسال من", "مرسل من", "ارسال شده از",
    "ส่งจาก", "được gửi từ", "gửi từ", "đã gửi từ", "dikirim dari", "terkirim dari", "dihantar dari", "dapatkan",
    "发自我的", "发自", "来自我的", "從我的", "從", "自我的", "傳送自", "寄自我的", "發自我的", "나의", "내", "iphoneから送信",
];

/// Endings, for languages that put the device first.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "gesendet", "gesendet.", "から送信", "より送信", "から送信されました", "에서 보냄", "에서 발송", "에서 보낸 메일", "gönderildi",
    "gönderilmiştir", "傳送", "发送", "發送", "発信", "küldve", "küldtem", "from mobile", "from phone", "from my phone",
    "from my mobile", "lähetetty", "verzonden", "sendt",
];

/// Devices and products; one of them turns an opening into a footer.
#[rustfmt::skip]
const DEVICES: &[&str] = &[
    "iphone", "ipad", "ipod", "android", "androida", "androidu", "samsung", "galaxy", "blackberry", "huawei",
    "xiaomi", "redmi", "nokia", "htc", "lg", "sony", "xperia", "motorola", "moto", "oneplus", "pixel", "oppo",
    "vivo", "honor", "realme", "windows", "mac", "macbook", "tablet", "smartphone", "phone", "mobile", "mobil",
    "mobiltelefon", "mobilgerät", "mobilgeräts", "mobiltelefonu", "handy", "cell", "cellphone", "device", "telefon",
    "telefonu", "telefoon", "téléphone", "teléfono", "telefono", "telefone", "telefonum", "telefonumdan", "móvil",
    "móviles", "celular", "telemóvel", "cellulare", "portable", "mobiel", "puhelimesta", "outlook", "mail", "gmail",
    "yahoo", "mailbox", "airmail", "protonmail", "proton", "spark", "hey", "superhuman", "thunderbird", "typeapp",
    "bluemail", "aquamail", "edison", "newton", "mailspring", "zoho", "tutanota", "tuta", "fairemail", "k-9", "nine",
    "mimestream", "canary", "acompli", "hotmail", "aol", "mailru", "mail.ru", "яндекс", "yandex", "смартфона",
    "телефона", "телефону", "мобильного", "iphonea", "iphone'umdan", "iphone'dan", "iphone'dagi", "ios", "ipadból",
    "iphone-omról", "iphonesta", "iphonu", "iphone-u", "iphona", "iphonom", "gmx", "web.de", "webmail", "laptop",
    "computer", "pc", "fairphone", "メール", "app", "aplicación", "mailapp", "boxer", "workspace", "touch", "apparaat",
    "appareil", "手机", "手機", "手机邮箱", "網易", "qq邮箱", "휴대폰", "スマートフォン",
];

static OPEN: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(OPENINGS.iter().map(|words| fold(words))));
/// For each byte, the endings that end in it.
static END: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let mut by_last = vec![Vec::new(); 256];
    for end in ENDINGS.iter().map(|end| fold(end)) {
        if let Some(last) = end.bytes().last() {
            by_last[usize::from(last)].push(end);
        }
    }
    by_last
});
static DEVICE: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(DEVICES.iter().map(|d| fold(d))));

/// Parts of words for devices where words are written without blanks.
static PARTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let parts = ["手机", "手機", "メール", "邮箱", "郵件", "휴대"];
    parts.map(fold).into()
});

/// Reports whether a trimmed line is such a footer; `whole` is the line folded.
pub(super) fn is_footer(line: &str, whole: &str) -> bool {
    if line.len() > 240 {
        return false;
    }
    let sign = |c: char| !is_letter_or_figure(c);
    let begun = line.trim_start_matches(sign);
    let bare = begun.trim_end_matches(sign);
    // A footer is short; its web address is not counted.
    let text = &bare[..link(bare.as_bytes()).unwrap_or(bare.len())];
    if text.len() > 110 || text.is_empty() {
        return false;
    }
    // Between ASCII, which is folded byte by byte, stands the text folded.
    let (before, behind) = (line.len() - begun.len(), begun.len() - text.len());
    let around = [&line[..before], &line[line.len() - behind..]];
    let folded = match whole.get(before..whole.len().saturating_sub(behind)) {
        Some(folded) if around.iter().all(|side| side.is_ascii()) => Cow::Borrowed(folded),
        _ => Cow::Owned(fold(text)),
    };
    let folded = folded.trim_end_matches(|c: char| !is_letter_or_figure(c));
    let opening = OPEN.first_prefix(folded, |index| opens_with(folded, OPEN.phrase(index)));
    if opening.is_none() && !has_ending(folded) {
        return false;
    }
    let device = has_device(folded);
    if device {
        let short_request = folded.starts_with("get ") || folded.starts_with("download ");
        return !short_request || folded.contains(" for ");
    }
    // "Sent from Acompli", "Sent from my TI-85": a proper name after the opening.
    folded.starts_with("sent from") && sent_from_a_name(text)
}

/// Where a web address begins, or a bracket that may hold one.
fn link(bytes: &[u8]) -> Option<usize> {
    let mut bracket = None;
    for at in memchr::memchr2_iter(b'p', b'<', bytes) {
        if bytes[at] == b'<' {
            bracket = bracket.or(Some(at));
        } else if bytes[..at].ends_with(b"htt") {
            return Some(at - 3);
        }
    }
    bracket
}

fn has_ending(folded: &str) -> bool {
    let of = |last: &u8| END.get(usize::from(*last));
    let ends = folded.as_bytes().last().and_then(of);
    ends.is_some_and(|ends| ends.iter().any(|end| folded.ends_with(end.as_str())))
}

fn opens_with(folded: &str, opening: &str) -> bool {
    folded.strip_prefix(opening).is_some_and(|rest| {
        !opening.is_ascii() || rest.starts_with(|c: char| !is_letter_or_figure(c))
    })
}

fn has_device(folded: &str) -> bool {
    folded
        .split(|c: char| !(is_letter_or_figure(c) || matches!(c, '.' | '-' | '\'')))
        .any(|w| {
            DEVICE.holds(w)
                || [
                    "iphone",
                    "ipad",
                    "android",
                    "samsung",
                    "outlook",
                    "blackberry",
                    "мобил",
                    "iphon",
                    "mobil",
                    "huawei",
                ]
                .iter()
                .any(|d| w.starts_with(d) || !w.is_ascii() && w.contains(d))
                || !w.is_ascii() && PARTS.iter().any(|part| w.contains(part.as_str()))
        })
}

fn sent_from_a_name(text: &str) -> bool {
    let mut words = text.split_whitespace().skip(2);
    let Some(mut first) = words.next() else {
        return false;
    };
    if first.eq_ignore_ascii_case("my") {
        let Some(next) = words.next() else {
            return false;
        };
        first = next;
    }
    let proper = first.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    proper && words.count() <= 4
}

#[cfg(test)]
mod tests {
    use super::{fold, is_footer};

    #[test]
    fn footers_are_known_in_many_languages() {
        for line in [
            "Sent from my iPhone",
            "Sent from my TI-85",
            "(Sent from mobile device)",
            "<<sent by galaxy>>",
            "Sent from Acompli",
            "Get Outlook for iOS<https://aka.ms/x>",
            "Obtenir Outlook pour Android",
            "From My Iphone 6",
            "Gesendet von meinem Handy",
            "Von meinem iPhone gesendet",
            "Gesendet von meinem Mobilgerät <https://müller.example>",
            "— Envoyé de mon téléphone —",
            "Diese Nachricht wurde von meinem Android-Mobiltelefon mit K-9 Mail gesendet.",
            "Envoyé de mon iPhone",
            "Envoyé depuis l’application Mail",
            "Enviado desde mi iPhone",
            "Enviado do meu iPhone",
            "Inviato da iPhone",
            "Verzonden vanaf mijn iPhone",
            "Verstuurd vanaf mijn iPad",
            "Sendt fra min iPhone",
            "Skickat från min iPhone",
            "Lähetetty iPhonesta",
            "Wysłane z iPhone'a",
            "Odesláno z iPhonu",
            "Odoslané z iPhonu",
            "Elküldve az iPhone-omról",
            "Trimis de pe iPhone",
            "Στάλθηκε από το iPhone μου",
            "Отправлено с iPhone",
            "Надіслано з iPhone",
            "iPhone'umdan gönderildi",
            "נשלח מה-iPhone שלי",
            "أرسلت من الـ iPhone",
            "ส่งจาก iPhone ของฉัน",
            "Đã gửi từ iPhone của tôi",
            "Dikirim dari iPhone saya",
            "发自我的iPhone",
            "從我的 iPhone 傳送",
            "iPhoneから送信",
            "나의 iPhone에서 보냄",
        ] {
            assert!(is_footer(line, &fold(line)), "{line}");
        }
    }

    #[test]
    fn sentences_are_no_footers() {
        for line in [
            "Sent from my side already, please check",
            "Get me the numbers for Monday",
            "From my point of view it is fine",
            "Call me on my mobile",
            "I sent it from my old address",
            "De mon côté tout va bien",
            "sent",
        ] {
            assert!(!is_footer(line, &fold(line)), "{line}");
        }
    }
}
