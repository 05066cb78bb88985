//! Is this mail a delivery report at all? Structure settles it; words need company.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::sync::LazyLock;

use crate::inbound::address;
use crate::inbound::auto_reply::{answers_by_itself, answers_nobody};
use crate::inbound::evidence::{Evidence, Source};
use crate::inbound::lookup::Lookup;
use crate::inbound::lower::{lower, lowered};
use crate::inbound::mail::{InboundMail, PartKind, trim};
use crate::inbound::phrases::{squeeze_ascii, squeeze_ascii_lower};

/// Mailbox names that only mail systems use (RFC 2142, RFC 5321 section 4.5.5).
#[rustfmt::skip] // A table is read in rows.
const SYSTEM_LOCALS: &[&str] = &[
    "mailer-daemon", "mailer", "mail.system", "mailerdaemon", "mailer_daemon", "mail-daemon", "maildaemon", "postmaster", "post_master",
    "poostmaster", "post.master", "mdaemon", "mail.delivery.system", "mail-delivery-system", "maildelivery",
    "bounce", "bounces", "noreply-bounce", "mailadm", "mailgate", "imss", "inetgw1", "mail-administrator",
    "mailmaster", "delivery-status", "dsn",
];

/// Whether the local part of an address is the mail system's own wherever people choose theirs: anybody may be
/// `mailer` or `bounces`, and nobody `postmaster` (RFC 2142 section 5), nor whom Exchange reports as.
pub(in crate::inbound) fn is_postmaster(local: &str) -> bool {
    let named = [
        "mailer-daemon",
        "postmaster",
        "mailerdaemon",
        "mailer_daemon",
    ]
    .iter()
    .any(|name| local.eq_ignore_ascii_case(name));
    named || is_exchange(local)
}

/// Whether the local part is Exchange's own: its name and the id of the organization, a number of 128 bits.
fn is_exchange(local: &str) -> bool {
    const NAME: &str = "microsoftexchange";
    let head = local.get(..NAME.len());
    let id = local.as_bytes().get(NAME.len()..).unwrap_or_default();
    head.is_some_and(|head| head.eq_ignore_ascii_case(NAME))
        && id.len() == 32
        && id.iter().all(u8::is_ascii_hexdigit)
}

/// Display names that only mail systems use, in lower case: a name begins with one of them.
#[rustfmt::skip] // A table is read in rows.
const SYSTEM_NAMES: &[&str] = &[
    "mail delivery", "mail deliver system", "mailer-daemon", "mailer daemon", "delivery subsystem",
    "delivery system", "mail system", "mail administrator", "system administrator", "postmaster", "jetmail system",
    "internet mail delivery", "email delivery", "interscan", "content-filter", "microsoft outlook",
    "systemadministrator", "administrateur système", "administrador del sistema", "amministratore di sistema",
    "administrador do sistema",
];

/// Words that follow in such a name, beside names of hosts.
#[rustfmt::skip] // A table is read in rows.
const NAME_TAILS: &[&str] = &["system", "subsystem", "service", "services", "agent", "daemon", "robot", "server", "at", "on",
    "for", "of", "the", "-", "@", "notification", "notifications", "notice", "report", "failure", "status", "error",
    "program", "messaging", "delivery", "mail", "e-mail", "email", "mta", "gateway", "administrator", "security", "suite"];

/// Subjects of failure and delay reports, in lower case, at least one language each line.
#[rustfmt::skip] // A table is read in rows.
const SUBJECTS: &[&str] = &[
    "undelivered mail", "undeliverable", "undelivered", "delivery status notification", "delivery failure",
    "delivery failed", "delivery has failed", "delivery report", "delivery notification", "delivery status",
    "failure notice", "failure delivery", "failed delivery", "returned mail", "mail delivery failed",
    "mail delivery failure", "mail delivery warning", "mail system error", "mail error", "mail not delivered",
    "mail could not be delivered", "message could not be delivered", "could not be delivered",
    "message not delivered",
    "message delivery has failed", "non delivery", "nondeliverable", "non-delivery", "non remis",
    "delivery problem", "delayed mail", "message delayed", "delivery delayed", "could not send message", "could not be sent",
    "permanent delivery failure", "automatically rejected mail", "rejected mail", "failed mail",
    "email delivery failure", "error sending your mail", "postmaster notify", "user unknown", "processing error",
    "notice: mail delivery", "message you sent blocked", "warning: message", "could not deliver",
    "unable to deliver", "not delivered", "bounced", "you are not member", "are not member", "message blocked",
    "address not found", "delivery incomplete",
    "unzustellbar", "nicht zugestellt", "zustellung fehlgeschlagen", "nachricht nicht zugestellt", "rückläufer",
    "zustellungsbericht", "zustellungsfehler",
    "non distribuable", "échec de la remise", "échec de remise", "non remis", "message non distribué", "retourné",
    "notification d'état de remise",
    "no se puede entregar", "no entregado", "error de entrega", "fallo en la entrega", "correo devuelto",
    "mensaje no entregado", "no se ha podido entregar",
    "não é possível entregar", "não entregue", "falha na entrega", "mensagem devolvida", "falha no envio",
    "non recapitabile", "mancato recapito", "mancata consegna", "impossibile recapitare", "messaggio non consegnato",
    "niet bezorgd", "onbestelbaar", "niet afgeleverd", "kan niet worden bezorgd",
    "kunde inte levereras", "olevererat", "går inte att leverera", "kan ikke leveres", "ikke levert",
    "kunne ikke leveres", "kunne ikke afleveres", "toimitus epäonnistui", "ei voi toimittaa", "ei voitu toimittaa",
    "niedostarczona", "nie można dostarczyć", "zwrot wiadomości", "nedoručitelné", "nedoručitelná", "nedoručené",
    "kézbesíthetetlen", "imposibil de livrat", "nelivrat",
    "недоставленное", "сообщение не доставлено", "ваше сообщение не доставлено", "не удается доставить",
    "не доставлено", "недоставлене", "не може да бъде доставено",
    "teslim edilemedi", "teslim edilemeyen", "αδυναμία παράδοσης", "δεν παραδόθηκε", "تعذر التسليم", "לא ניתן למסור",
    "配信不能", "配信できませんでした", "未配信", "送信エラー", "エラー (error message)", "退信", "未送达", "投递失败", "无法投递", "無法傳遞", "未傳遞",
    "系统退信", "배달되지 않음", "전송 실패", "반송", "발송실패", "발송 실패", "không gửi được", "tidak terkirim", "ไม่สามารถส่ง",
];

/// What reports say in their own words, in lower case.
#[rustfmt::skip] // A table is read in rows.
const PHRASES: &[&str] = &[
    "could not be delivered", "cannot be delivered", "can't be delivered", "couldn't be delivered",
    "was not delivered", "wasn't delivered", "not been delivered", "has not yet been delivered",
    "was undeliverable", "undeliverable", "unable to deliver", "not able to deliver", "wasn't able to deliver",
    "were unable to deliver", "failed to deliver", "delivery to the following", "delivery failed",
    "delivery has failed", "delivery status notification", "did not receive", "did not reach",
    "could not be reached", "not be sent", "couldn't deliver", "error was detected while processing",
    "delivery attempts", "mail has been returned", "has been returned because",
    "message was created automatically by mail delivery", "delivery of email to this address",
    "had permanent fatal", "delivery errors", "delivery problems", "trouble delivering", "failed permanently",
    "was rejected by", "automatically rejected", "not a member of this mailing list", "mail delivery agent",
    "transcript of session follows", "invalid user address", "postponed due to",
    "failed because it has not been collected", "error occurred while trying to deliver", "mailbox is full",
    "no such user", "no user by that name", "delivery failed", "failure reasons", "undeliverable to",
    "invalid final delivery", "message was not accepted", "may not exist", "notification about a delay",
    "message is delayed", "could not deliver",
    "konnte nicht zugestellt", "nicht zugestellt werden", "n'a pas pu être remis", "n'a pas pu être livré",
    "no se pudo entregar", "no ha podido ser entregado", "no pudo ser entregado", "não pôde ser entregue",
    "não foi possível entregar", "non è stato possibile recapitare", "non può essere consegnato",
    "kan niet worden bezorgd", "kon niet worden afgeleverd", "kunde inte levereras", "kunne ikke leveres",
    "nie mogła zostać dostarczona", "nie można dostarczyć", "nelze doručit", "nem kézbesíthető",
    "не может быть доставлено", "не удалось доставить", "не было доставлено", "невозможно доставить",
    "не вдалося доставити", "iletilemedi", "teslim edilemedi", "送信できませんでした", "配信できませんでした", "お届けできません", "无法送达",
    "无法发送到", "无法投递", "無法傳遞", "전송되지 못", "배달하지 못", "발송 실패", "전송 실패",
    "n'a pas pu être distribué", "n'a pas été distribué", "n'a pas été remis", "no pudo entregarse", "no se ha podido entregar",
    "no fue entregado", "não foi entregue", "não pode ser entregue", "non è stato consegnato", "non è stato recapitato",
    "impossibile recapitare", "impossibile consegnare", "niet worden bezorgd", "niet worden afgeleverd",
    "kunne ikke afleveres", "ei voitu toimittaa", "ei voida toimittaa", "toimittaminen epäonnistui",
    "ei saanud kohale toimetada", "ei õnnestunud kohale toimetada", "nevarēja piegādāt", "neizdevās piegādāt",
    "nepavyko pristatyti", "nie została dostarczona", "nebylo možné doručit", "nepodařilo se doručit",
    "nebolo možné doručiť", "nepodarilo sa doručiť", "nelze doručit", "ni bilo mogoče dostaviti", "ni mogoče dostaviti",
    "nije moguće isporučiti", "nije bilo moguće isporučiti", "није могуће испоручити", "nem sikerült kézbesíteni",
    "nem volt kézbesíthető", "nem lehetett kézbesíteni", "nu a putut fi livrat", "nu a putut fi trimis",
    "не можа да бъде достав", "не беше доставен", "не було доставлено", "δεν ήταν δυνατή η παράδοση", "δεν παραδόθηκε",
    "تعذر تسليم", "لم يتم تسليم", "לא ניתן היה למסור", "không thể gửi", "không gửi được", "tidak dapat dikirim",
    "gagal dikirim", "tidak dapat dihantar", "gagal dihantar", "ไม่สามารถส่ง", "no s'ha pogut lliurar", "未能送达",
    "配信できません", "配達できません", "被退回", "退信原因", "邮件被退", "郵件被退",
];

static SUBJECT_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(SUBJECTS.iter().copied()));
static PHRASE_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(PHRASES.iter().copied()));

static NAME_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(SYSTEM_NAMES.iter().copied()));

/// What speaks for a delivery report.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// Whether the structure alone settles it.
    pub(super) settled: bool,
    /// How much the rest speaks for it; [`ENOUGH`] makes a report.
    pub(super) points: u32,
    /// Whether its title is an answer's: people answer, and few reports do.
    pub(super) answered: bool,
    /// Whether its title is a report's.
    pub(super) titled: bool,
    /// Whether a mail system's own mailbox sent it.
    pub(super) by_system: bool,
    /// Whether that mailbox is nobody's anywhere.
    pub(super) by_postmaster: bool,
    /// Whether the name beside a mail system's mailbox may be a person's: postmasters write mail, too.
    pub(super) named: bool,
    /// Whether it came with an empty Return-Path, as reports do and people's mail does not.
    pub(super) unreturnable: bool,
    /// Whether something that is no language says that a machine wrote it: its sender, its
    /// Return-Path, the mail of ours that it brings back.
    pub(super) by_machine: bool,
    /// Whether a mail is attached, as servers return them and people attach them.
    pub(super) carries: bool,
    /// Whether its text says anything that reports say.
    pub(super) told: bool,
    pub(super) evidence: Vec<Evidence>,
}

/// Points that make a report without structure.
const ENOUGH: u32 = 5;

/// Points of a header that make the text worth a look.
const HINTED: u32 = 2;

impl Signals {
    fn settle(&mut self, source: Source, what: impl Into<String>) {
        self.settled = true;
        self.evidence.push(Evidence::new(source, what));
    }

    fn add(&mut self, points: u32, source: Source, what: impl Into<String>) {
        self.points += points;
        self.evidence.push(Evidence::new(source, what));
    }

    /// Whether nothing but words could make a report of it, and its header does not hint at one.
    pub(super) fn is_hopeless(&self) -> bool {
        !self.settled && self.points < HINTED && !self.unreturnable
    }

    /// Whether no phrase could make a report of what is there, so that none is looked for.
    pub(super) fn falls_short(&self, words: &Words) -> bool {
        // A refused entry in mail without a way back is as good as a phrase, which is counted here.
        !self.settled && self.points + words.points() + PHRASE < ENOUGH
    }

    /// Whether all of it together makes a report. Words alone never do: people write about deliveries,
    /// too, and quote what servers answered them. Nor does a header alone: some postmasters sell things.
    pub(super) fn suffices(&self, words: &Words) -> bool {
        // Under the title of an answer a report comes from a mail system and shows a server's answer.
        let shown = !self.answered
            || (self.by_system || self.unreturnable) && words.has_entry && words.has_code;
        // Whoever may be a person shows whom it is about, or our mail.
        let about = words.lists || words.has_entry && words.has_code;
        let shown = shown && (!self.named || about || words.has_original || words.ours_back);
        // No person's mail has both: its text may be empty, or in a language that no list has.
        let speaks = self.told || self.titled && self.unreturnable;
        self.settled || self.points >= ENOUGH && shown && self.by_machine && speaks
    }
}

/// Collects what the mail's structure and headers say; cheap, so that ordinary mail ends here.
pub(super) fn from_structure(mail: &InboundMail<'_>) -> Signals {
    let mut signals = Signals::default();
    sender(mail, &mut signals);
    let from_sender = signals.evidence.len();
    let handed_on = || !signals.by_system && mail.hands_on(PartKind::DeliveryStatus);
    if mail
        .parts()
        .iter()
        .any(|part| part.kind == PartKind::DeliveryStatus)
        && !handed_on()
    {
        signals.settle(Source::Structure, "message/delivery-status part (RFC 3464)");
    }
    if mail.reports("delivery-status") {
        signals.settle(
            Source::Structure,
            "multipart/report of type delivery-status (RFC 3462)",
        );
    }
    if mail.has_header("x-failed-recipients") {
        signals.settle(Source::Header, "X-Failed-Recipients");
    }
    // What settles it is told first.
    signals.evidence.rotate_left(from_sender);
    subject(mail, &mut signals);
    if mail
        .parts()
        .iter()
        .any(|part| part.kind == PartKind::Embedded)
    {
        signals.carries = true;
        signals.add(1, Source::Structure, "a mail is attached");
    }
    signals
}

/// Whether the sender and the title of a mail may be a report's: its text is worth a look. Both are header
/// fields as they came.
#[must_use]
pub fn may_report(from: &str, subject: &str) -> bool {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let header = format!("From: {}\nSubject: {}\n\n", line(from), line(subject));
    let mail = InboundMail::parse(header.as_bytes());
    let mut signals = Signals::default();
    self::sender(&mail, &mut signals);
    self::subject(&mail, &mut signals);
    signals.points >= HINTED
}

fn sender(mail: &InboundMail<'_>, signals: &mut Signals) {
    let from = LazyCell::new(|| mail.sender_text());
    let local = mail.sender().map_or_else(
        || Cow::Owned(lower(&from)),
        |sender| Cow::Borrowed(address::local(&sender.address)),
    );
    let local = local.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    signals.unreturnable = mail.value("return-path").is_some_and(|path| path == "<>");
    let points = signals.points;
    if SYSTEM_LOCALS.contains(&local)
        || local.starts_with("mailer-daemon")
        || local.starts_with("postmaster")
        || is_exchange(local)
    {
        signals.by_system = true;
        signals.by_postmaster = is_postmaster(local);
        signals.named = !signals.unreturnable && !local.contains("daemon") && is_other_name(&from);
        signals.add(3, Source::Sender, "sent by the mail system's own mailbox");
    } else if is_system_name(&from) {
        signals.add(3, Source::Sender, "sent under the mail system's name");
    } else if mail.value("from").is_none_or(|from| names_nobody(&from)) {
        signals.add(2, Source::Sender, "no sender address");
    } else if signals.unreturnable {
        signals.add(
            1,
            Source::Header,
            "empty Return-Path (RFC 5321 section 4.5.5)",
        );
    }
    signals.by_machine = signals.points > points || is_lists(mail, local);
}

/// Whether a From header has a display name, and none that a mail system goes by.
fn is_other_name(from: &str) -> bool {
    let name = from.split('<').next().unwrap_or_default();
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    !name.is_empty() && !name.contains('@') && !is_system_name(from)
}

/// Whether a From header has no address: nothing, `<>`, or Courier's `<@>`.
fn names_nobody(from: &str) -> bool {
    let open = memchr::memrchr(b'<', from.as_bytes());
    let inner = open.map_or(from, |open| &from[open + 1..]);
    let close = memchr::memchr(b'>', inner.as_bytes()).unwrap_or(inner.len());
    !inner[..close].contains(char::is_alphanumeric)
}

/// Whether the list itself sent it, and nobody on it: its own mailbox (RFC 2142 section 6), with its own
/// header fields (RFC 2369).
fn is_lists(mail: &InboundMail<'_>, local: &str) -> bool {
    let own = local.starts_with("owner-")
        || ["-owner", "-admin", "-request", "-bounces"]
            .iter()
            .any(|end| local.ends_with(end));
    own && ["list-help", "list-subscribe", "list-unsubscribe", "list-id"]
        .iter()
        .any(|name| mail.has_header(name))
}

fn subject(mail: &InboundMail<'_>, signals: &mut Signals) {
    signals.answered = mail.title().answers;
    if signals.answered {
        return;
    }
    if let Some((_, words)) = SUBJECT_BOOK.first(mail.subject_lower()) {
        signals.titled = true;
        signals.add(
            3,
            Source::Subject,
            ["subject says \"", words, "\""].concat(),
        );
    }
}

/// Whether the display name in a From header is a mail system's from its first word to
/// its last: "Acme Delivery Systems" is a company, and "Jan Novak (System Administrator)" a person.
fn is_system_name(from: &str) -> bool {
    let split = |mark: u8| {
        let at = memchr::memchr(mark, from.as_bytes())?;
        Some((&from[..at], &from[at + 1..]))
    };
    let name = match (split(b'<'), split(b'(')) {
        (Some((name, _)), _) if !trim(name).is_empty() => name,
        // `ada@x.example (Mail Delivery Subsystem)`: the name of old stands behind the address.
        (_, Some((address, name))) if address.contains('@') => name,
        _ => from,
    };
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | '<' | '>');
    let name = name.trim_matches(around);
    if !NAME_BOOK.may_begin_in_any_case(name) {
        return false;
    }
    let name = lowered(name);
    let name = &*name;
    let follows = |index: usize| {
        let tail = name
            .get(NAME_BOOK.phrase(index).len()..)
            .unwrap_or_default();
        tail.split_whitespace()
            .map(|word| word.trim_matches(|c: char| "\"'(),:[]<>".contains(c)))
            .all(|word| word.is_empty() || word.contains(['.', '@']) || NAME_TAILS.contains(&word))
    };
    NAME_BOOK.first_prefix(name, follows).is_some()
}

/// What the report's own text shows.
#[derive(Debug)]
pub(super) struct Words {
    /// It says that the mail is still being tried.
    pub(super) delayed: bool,
    /// It lists a recipient.
    pub(super) has_entry: bool,
    /// A recipient stands in it as an entry of its own.
    pub(super) lists: bool,
    /// It quotes a server's answer.
    pub(super) has_code: bool,
    /// It lists a recipient whose own entry gives the answer.
    pub(super) refused: bool,
    /// The attached mail is one of ours to a recipient that it lists, or one of both and refused.
    pub(super) returns: bool,
    /// The attached mail is one that we wrote.
    pub(super) ours_back: bool,
    /// A returned mail follows.
    pub(super) has_original: bool,
}

impl Words {
    /// Points for what stands in it, without any for a phrase.
    fn points(&self) -> u32 {
        let listed = match (self.has_entry, self.has_code) {
            (true, true) => ANSWERED,
            (true, false) => LISTED,
            (false, _) => 0,
        };
        let delayed = if self.delayed { DELAYED } else { 0 };
        let original = if self.has_original { QUOTED } else { 0 };
        listed + delayed + original
    }
}

/// Points for what the text of a report says.
const PHRASE: u32 = 3;
const DELAYED: u32 = 2;
const ANSWERED: u32 = 3;
const LISTED: u32 = 1;
const QUOTED: u32 = 1;

/// Adds what the report's text says; `squeezed` is the text, squeezed in lower case.
pub(super) fn from_text(
    mail: &InboundMail<'_>,
    signals: &mut Signals,
    words: &Words,
    squeezed: &str,
) {
    let phrase = PHRASE_BOOK.first(squeezed);
    signals.told |= phrase.is_some() || words.points() > 0 || words.has_code;
    signals.by_machine |= words.returns && (words.refused || phrase.is_some());
    if let Some((_, phrase)) = phrase {
        signals.add(
            PHRASE,
            Source::Text,
            ["text says \"", phrase, "\""].concat(),
        );
    }
    if words.delayed {
        signals.add(
            DELAYED,
            Source::Text,
            "it says that the mail is still being tried",
        );
    }
    // A sender that takes no answers shows what a server said, or the mail that it brings back.
    let shows = words.has_entry && (words.has_code || words.has_original);
    signals.by_machine = signals.by_machine || shows && answers_nobody(mail);
    if words.has_entry && words.has_code {
        signals.add(
            ANSWERED,
            Source::Text,
            "a recipient is listed with a server's answer",
        );
    } else if words.has_entry {
        signals.add(LISTED, Source::Text, "a recipient is listed");
    }
    if words.has_original {
        signals.add(QUOTED, Source::Text, "a returned mail is quoted");
    }
    // In whatever language the rest is: who is away answers from a mailbox of their own.
    let told_by_system = || {
        signals.by_postmaster
            && words.lists
            && !signals.answered
            && !mail.has_header("in-reply-to")
            && !answers_by_itself(mail, squeezed)
    };
    if signals.unreturnable && signals.points < ENOUGH && (words.refused || told_by_system()) {
        let missing = ENOUGH - signals.points;
        let beside = if words.refused {
            "its empty Return-Path beside a refused recipient"
        } else {
            "its empty Return-Path beside the mail system's own mailbox and a recipient"
        };
        signals.add(missing, Source::Header, beside);
    }
}

/// Whether a text says that a mail did not arrive.
pub(super) fn says_failed(text: &str) -> bool {
    PHRASE_BOOK.any(&squeeze_lower(text))
}

/// Brings a text into the form the phrases are written in: single spaces, plain apostrophes.
pub(super) fn squeeze(text: &str) -> String {
    if text.is_ascii() {
        let mut out = squeeze_ascii(text);
        out.truncate(out.trim_end_matches(' ').len());
        return out;
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.replace('\u{2019}', "'")
}

/// Squeezes a text, in lower case.
pub(super) fn squeeze_lower(text: &str) -> String {
    if text.is_ascii() {
        let mut out = squeeze_ascii_lower(text);
        out.truncate(out.trim_end_matches(' ').len());
        return out;
    }
    squeeze(&lower(text))
}

#[cfg(test)]
mod tests {
    use super::SYSTEM_NAMES;

    #[test]
    fn a_system_name_begins_so_that_it_is_known_in_any_case() {
        for name in SYSTEM_NAMES {
            // The sign of Kelvin is a "k" in lower case, and three bytes long.
            let known = |byte: &u8| matches!(byte, b'a'..=b'j' | b'l'..=b'z' | b' ' | b'-');
            assert!(name.bytes().take(8).all(|byte| known(&byte)), "{name}");
        }
    }
}
