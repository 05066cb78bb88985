//! What mail servers say, and what they mean by it.
//!
//! One row a reason, in order of precedence: the first row with a hit wins, wherever in the
//! text the hit is. Texts are lower case, white space folded, `@` for any address, no URLs
//! (see [`super::judge::Clues`]). The words come from the servers' own sources and manuals: Postfix, Exim,
//! Sendmail, qmail, Courier, Dovecot, Exchange, Gmail, Yahoo, Outlook.com, iCloud, Domino,
//! GroupWise, Mimecast, Proofpoint, Barracuda, Amazon SES, Orange, GoDaddy, Yandex and others.

use std::sync::LazyLock;

use super::{Class, Reason};
use crate::inbound::lookup::Lookup;

/// How far a hit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// The words settle it.
    Words,
    /// "User unknown": needs a refused RCPT or an address status to count as proof.
    NeedsCommand,
}

type Row = (Reason, Proof, &'static [&'static str]);

use Proof::{NeedsCommand, Words};
use Reason as R;

#[rustfmt::skip] // A table is read in rows.
const ROWS: &[Row] = &[
    (R::SendingLimit, Words, &[
        "you have reached a limit for sending mail", "reached your limit for sending",
        "daily user sending quota exceeded",
        "daily sending quota exceeded", "exceeded the maximum number of recipients you can send",
        "daily smtp relay limit exceeded for",
        "sending limit exceeded", "sender thread limit exceeded", "exceeded your daily", "account's sending limit",
        "outgoing message quota", "submission quota exceeded", "message rate limit exceeded for your account",
    ]),
    (R::TooFast, Words, &[
        "too many recipients this hour", "too many emails this hour", "relay quota", "sending rate",
        "receiving mail at a rate that",
        "rate that prevents additional", "rate limit", "ratelimit", "too many messages", "message rate exceeded",
        "too fast",
        "sending too much", "unusual rate of unsolicited", "mail flood", "throttl", "max message per connection",
        "hourly limit",
        "daily limit", "exceeded the max emails per hour", "defers and failures per hour",
        "try again later, you are sending",
        "message submission rate", "receiving mail too quickly", "over the sending limit", "frequency limited", "frequency is limited",
        "unusual sending activity", "sending activity", "outbound thread limit", "hour message limit",
        "number of messages they can receive", "limit for the number of messages",
        "count quota exceeded", "cumulative message size quota exceeded",
    ]),
    (R::TooManyConnections, Words, &[
        "too many connections", "too many open connections", "connection rate limit", "too many recipients",
        "too many invalid recipients", "too many bad recipients", "too many unknown", "too many concurrent",
        "connection limit",
        "too many sessions", "maximum number of connections", "concurrent connection", "too many simultaneous",
        "exceeded the maximum number of connections", "max connections", "recipients per message",
        "too much concurrent",
        "connect too frequently", "too many smtp sessions", "rp:rcl", "rp:trc", "rp:qrc", "number of connections from",
    ]),
    (R::Authentication, Words, &[
        "dmarc", "spf record", "spf check", "spf fail", "spf validation", "spf authentication",
        "sender policy framework", "fails spf", "not pass spf",
        "dkim = did not pass", "dkim fail", "dkim check", "dkim signature verif", "dkim validation",
        "sender is unauthenticated",
        "unauthenticated email from", "unauthenticated e-mail", "authentication checks failed",
        "fails to pass authentication", "sender id (pra) not permitted",
        "sender is not authorized to send from", "does not designate", "not permitted sender",
        "domain's authentication policy", "spf: fail",
        "sender authentication fail", "email authentication failed", "mi:spf", "mi:dma",
        "did not meet our authentication requirements", "spf=fail", "spf hardfail",
    ]),
    (R::ReverseDns, Words, &[
        "reverse dns", "rdns", "ptr record", "ptr resource record", "reverse lookup", "no ptr", "ptr lookup", "cannot find your hostname",
        "cannot find your reverse hostname", "ip name lookup failed",
        "fix reverse", "mismatches client ip", "invalid client hostname", "does not resolve to a",
        "client host rejected: cannot find", "hostname does not match",
        "unverifyable sending ip", "unverifiable sending ip", "without a valid sender domain", "generic rdns",
        "no reverse record",
        "your mail server must have a reverse", "must have a valid ptr", "ip lookup for",
        "helo command rejected: host not found", "dns validation failed", "forward-confirmed",
        "all mail servers must have a ptr",
    ]),
    (R::NotCompliant, Words, &["helo command rejected", "need fully-qualified hostname", "invalid helo",
        "helo name", "invalid ehlo", "ehlo name", "helo/ehlo", "bad helo"]),
    (R::DomainUnknown, Words, &["or missing the proper dns entries"]),
    (R::Policy, Words, &["due to policy restrictions", "for policy reasons", "policy rejection"]),
    // Of two domains it is ours.
    (R::SenderRejected, Words, &[
        "your domain has no", "your domain does not", "your domain doesn't", "sender domain has no",
        "sender domain does not", "sender's domain", "sender domain must", "domain of sender",
    ]),
    // What a server says of its own directory; unmistakable, and full of words of other rows.
    (R::AddressUnknown, Words, &[
        "recipient name is not recognized",  "not listed in domino directory", "not listed in public name",
        "not listed in directory", "invalid final delivery userid", "check if address is correct",
        "address couldn't be found", "address you entered couldn't be found", "recipnotfound", "wasn't found at",
        "was not found in the recipient's e-mail system", "isn't in the directory", "isn't in our directory",
        "user not listed",
    ]),
    (R::RecipientDoubtful, Words, &[
        "badrcptto", "recipient preferences", "preferences of the recipient", "user reject", "message filtered",
        "message rejected by recipient's filter",
        "blocked by the recipient's", "recipient's rules", "rejected by the recipient's rule",
        "the user has blocked", "sender is in the recipient's block",
        "recipient has blocked", "user is not accepting mail from", "are not accepting mail from", "whitelist only", "only accepts mail from",
        "not in the recipient's allow",
        "because the recipient is only accepting mail from specific", "resolver.rst.restricted",
        "recipient not found msexch:imc",
    ]),
    (R::Reputation, Words, &[
        "low reputation", "poor reputation", "bad reputation", "senderscore", "sender score",
        "reputation of the sending", "domain reputation", "ip reputation",
        "user complaints", "due to complaints", "unexpected volume", "reputation too low", "reputation is too low",
        "email reputation",
        "sender reputation", "reputation score", "sending mta's poor reputation",
    ]),
    (R::MailboxFull, Words, &[
        "mailbox full", "mailbox is full", "mailbox was full", "mailfolder is full", "mail box is full",
        "inbox is full", "over quota", "overquota", "over its quota", "over their quota", "over disk quota",
        "quota exceeded", "quota exceed", "exceeded quota", "exceeded its quota", "exceeds allowed quota",
        "quota violation", "exceeded storage", "exceeded their quota", "exceeding quota",
        "exceeded the space", "exceeding their quota", "exceeds quota", "exceed mailbox quota", "exceed the quota",
        "disk quota", "storage quota", "quota is full",
        "reached its quota", "mail box space not enough", "mailbox space", "out of storage space",
        "not enough storage", "insufficient storage in mailbox", "has insufficient space", "mailbox size limit exceeded",
        "mailbox exceeds", "mailbox exceeded", "mailbox has exceeded", "too much mail", "too much data", "account is full",
        "full mailbox", "mailbox for user is full", "mailbox quota", "storedrv.deliver: mailbox full",
        "shutoffquota",
        "mapiexceptionshutoffquotaexceeded", "user is over", "is over the allowed quota", "is over the storage",
        "reached disk quota", "no space in mailbox", "user has exhausted", "exceeding his quota",
        "exceeding her quota", "allocated storage space", "mailbox over", "diskspace quota", "mail quota",
        "overdrawn", "quota has been", "limit of messages in mailbox",
        "has no storage", "exceeded their storage", "storage limit", "boite pleine", "boite aux lettres pleine", "boîte aux lettres pleine", "boîte pleine", "casella di posta piena", "skrzynka pełna", "schránka plná", "bal pleine",
        "postfach voll", "zuviele mails", "zu viele mails", "postfach ist voll", "postfach des empfängers ist voll",
        "postfach des empfaengers ist voll", "postfach des empfängers ist überfüllt", "buzon lleno", "buzón lleno",
        "buzón está lleno", "casella piena", "caixa de correio cheia", "caixa postal cheia", "mailbox vol",
        "skrzynka jest pełna", "ящик переполнен",
        "почтовый ящик переполнен", "邮箱已满", "郵箱已滿", "空间不足", "mailbox limit", "not enough disk space for",
        "message would exceed",
        // What notices without a code say to people.
        "est pleine", "est saturée", "está lleno", "está llena", "está cheia", "está cheio", "è piena", "è pieno",
        "ontvanger is vol", "postvak is vol", "postbus is vol", "är full", "er fuld", "er full", "on täynnä",
        "jest pełna", "jest przepełniona", "je plná", "megtelt", "este plină",
        "kutusu dolu", "kotası dol", "kotası aş", "kotasını aş", "kota dolu", "είναι πλήρες", "переполнен", "переповнен", "いっぱいです", "容量を超", "容量超過", "已满", "已滿", "가득", "용량을 초과",
        "용량 초과", "תיבת הדואר מלאה", "ممتلئ", "đã đầy", "เต็ม", "sudah penuh",
    ]),
    (R::TooBig, Words, &[
        "message size exceeds", "message size exceed (", "message too large", "message too big", "message file too big", "size limit",
        "exceeds size", "exceeds maximum message size", "exceeds the maximum size",
        "exceeds the maximum message size", "message is too large", "message is too big",
        "too large to be delivered", "max message size", "maximum message size",
        "larger than the current system limit", "message length exceeds administrative limit",
        "message header size", "exceeds fixed maximum", "larger than allowed", "attachment is too large",
        "attachments are too large", "exceeded the maximum message size",
        "resolver.rst.sendsizelimit", "resolver.rst.recipsizelimit", "size of the message exceeds", "size exceeds",
    ]),
    (R::OverRecipientLimit, Words, &["message length exceeds limit set by recipient",
        "exceeds the recipient's maximum", "exceeds limit set by recipient", "recipient's size limit"]),
    (R::ProviderSuppressed, Words, &["suppression list", "suppressed", "bounced address", "previously bounced",
        "address was suppressed"]),
    (R::MailboxDisabled, Words, &["due to inactivity", 
        "account is disabled", "account disabled", "account has been disabled", "been disabled", "is disabled",
        "disabled or discontinued", "mailbox disabled", "mailbox is disabled", "user disabled",
        "address is disabled",
        "account is locked", "account locked", "mailbox is locked", "account is suspended", "account suspended",
        "account has been suspended", "user suspended", "been suspended", "is suspended", "mailbox suspended",
        "account inactive", "account is inactive", "mailbox is inactive", "mailbox inactive", "user is inactive",
        "inactive user", "inactive account", "is currently inactive", "recipient inactive", "mailbox is frozen",
        "account is frozen",
        "account that you tried to reach is disabled", "account that you tried to reach is inactive",
        "temporarily disabled", "been deactivated", "is deactivated", "account deactivated",
        "mailbox currently suspended", "not active", "isn't active", "account expired", "account has expired",
        "domain has expired", "domain expired", "mailbox is temporarily unavailable",
        "no longer active", "service for this account", "blocked by the administrator: account", "account closed",
        "account is closed", "account has been closed", "账号已停用", "帐号已停用", "compte desactive", "compte désactivé",
        "konto ist deaktiviert", "cuenta deshabilitada", "mailbox unavailable or access denied - account",
        "recipient is suspended", "user is suspended", "locked out", "temporarily suspended", "disabled, not accepting",
        "mailbox is blocked", "mailbox blocked", "mailbox locked", "account is blocked", "account is not active",
        "account is not activated", "account not activated", "mail account is disabled", "mailbox has been blocked",
        "account has been blocked", "account has been locked", "заблокирован", "отключен", "скрытый пользователь",
        "mailbox temporarily locked", "temporarily locked", "suspend user", "user suspend", "account is on hold", "account on hold", "mailbox is suspended", "is on vacation hold",
        "conta suspensa", "conta desativada", "conta bloqueada", "conta inativa", "cuenta suspendida", "cuenta desactivada",
        "cuenta bloqueada", "cuenta inactiva", "compte suspendu", "compte bloqué", "compte inactif", "account sospeso",
        "account disattivato", "account disabilitato", "casella sospesa", "casella disattivata", "postfach ist gesperrt", "postfach ist deaktiviert", "postfach gesperrt",
        "account is geblokkeerd", "account is uitgeschakeld", "konto zablokowane", "konto jest zablokowane",
        "konto zostało zablokowane", "konto jest nieaktywne", "hesap askıya", "hesabı askıya",
    ]),
    (R::AddressMoved, Words, &[
        "user has moved", "has moved to", "no longer on server", "address has changed", "new address is",
        "address changed to", "not our user", "has been replaced by", "forwarding address is", "moved permanently",
        "please use the new address", "user not local", "moved to another server",
    ]),
    (R::RelayDenied, Words, &[
        "relay access denied", "relaying denied", "unable to relay", "relay not permitted", "relaying not allowed",
        "not permitted to relay", "not configured to relay", "relay prohibited", "relay denied", "cannot relay",
        "won't relay",
        "relaying mail to", "no relaying", "we do not relay", "relaying prohibited", "relaying is prohibited",
        "relay operation rejected", "not local host", "that domain isn't in my list of allowed rcpthosts",
        "allowed rcpthosts", "not an open relay", "not a gateway", "relaying temporarily",
        "open relay is not allowed", "attempt to relay", "relaying disallowed",
        "is not hosted here", "insecure mail relay",
    ]),
    (R::Virus, Words, &["virus", "malware", "infected", "trojan", "worm detected", "malicious"]),
    (R::Spam, Words, &[
        "spamming not allowed", "considered spam", "classified as spam", "identified as spam", "detected as spam",
        "detected spam", "spam detected", "looks like spam", "spam message", "spam mail", "spam content",
        "spam score", "high spam", "spam-like", "suspected spam", "suspicious", "spam filter",
        "rejected as spam", "- spam.", "content rejected", "message content rejected", "bulk email filter",
        "bulk mail filter", "spam firewall", "unsolicited", "junk mail", "is spam", "as spam", "blacklisted url",
        "blacklisted link", "listed in uribl", "surbl", "mail rejete", "mail rejected. ofr", "ofr_506", "ofr_515",
        "ofr_513", "[506]",
        "message contains spam", "spam rejected", "ube,", "possible spam", "probable spam",
        "rejected due to content", "denied by content", "offensive content", "phish", "blocked by spam",
        "spam-detected", "rejected by content scanner",
        "high probability of spam", "spam blocked", "for being spam", "dt:sum", "mi:spb", "mi:stc", "cloudmark", "spamassassin", "rspamd", "(spam)", "antispam", "anti-spam",
        "spam.", "spam policy", "of spam", "dt:spm", "mail content denied", "contains unsolicited",
    ]),
    (R::RetriesExhausted, Words, &["connection dropped due to"]),
    (R::SenderBlocked, Words, &[
        "client host rejected", "client host blocked", "client blocked", "hl:rep", "hl:icc", "hl:ifc", "hl:mep", "hl:ihu",
        "hl:ipb", "hl:itc", "blacklisted by recipient", "ip address blacklisted",
        "blocked using", "blocklist", "block list", "blacklisted ip", "black list", "blacklist", "spamhaus",
        "spamcop", "barracuda reputation", "barracudacentral", "dnsbl", "rbl",
        "sorbs", "open relay", "dynamic ip", "dynamic/residential", "dialup", "dial-up", "smtp server of your isp",
        "isp's smtp", "your isp", "your provider", "blocked for abuse", "blocked for spam", "is blocked",
        "was blocked by", "has been blocked", "been blocked", "are blocked",
        "ip blocked", "host is blocked", "banned", "blocked - see", ":blocked", "envelope blocked", "no access from mail server", "not accepting connections",
        "access denied...", "access denied. ip", "refused to talk", "refuses to talk", "service refuse",
        "service refused", "host network not allowed",
        "unwanted messages have been sent", "messages from", "mail from your ip", "ip address is not allowed",
        "not allowed to connect", "connection refused by", "connection reset by", "cannot connect to smtp server",
        "you are not allowed to", "no unauthenticated connections",
        "connection dropped", "we do not accept mail from hosts", "we do not accept mail from dynamic",
        "mail server is on", "listed in", "listed at", "listed on", "csi.cloudmark", "bloquee pour", "bloqué",
        "gesperrt", "temporarily deferred", "deferred due to", "network is blocked", "server access",
        "bad sender ip", "connections from this host", "ip not allowed", "ofr_102", "ofr006", "[102]", "greylist",
        "graylist",
        "greylisting", "local policy block", "access from ip address", "host not allowed", "server ip",
    ]),
    (R::SenderRejected, Words, &[
        "sender address rejected", "sender rejected", "sender login mismatch", "sender is not same as", "sender was rejected", "unroutable sender",
        "sender verify failed", "sender verification", "domain of sender", "sender domain", "mail from address",
        "mail from domain", "invalid sender", "sender is not", "bad sender", "sender unknown", "unknown sender",
        "rejected your message", "sending to/from an address that has been", "purported responsible",
        "not a member of this mailing list", "not allowed to post", "permission to post", "not authorised to send",
        "not authorized to send", "sender not allowed", "sender denied", "sender blocked", "sender is blocked",
        "return path", "envelope sender", "from address", "backscatter", "bounce address",
        "from: header is missing", "only sender", "sender refused", "recognized as a valid sender",
        "mailfrom domain", "sender does not exist", "must use fqdn", "blocked sender", "adresse expediteur",
        "expéditeur", "remitente", "absender", "you are not allowed to send",
        "no permission to post", "may not exist, or you may not have permission", "send mail as",
        "closed mailing list", "members only", "moderat", "group you tried to contact", "groups.google",
        "google groups",
    ]),
    (R::NoMailService, Words, &["null mx", "no smtp service", "does not accept mail", "doesn't receive email",
        "does not accept any mail", "no mail service", "does not receive mail", "doesn't accept mail", "nullmx",
        "no mx found for domain", "recipient domain has no", "domain does not accept"]),
    (R::DomainUnknown, Words, &[
        "host unknown", "domain does not exist", "no such domain", "domain is not reachable",
        "illegal host/domain", "illegal host", "unknown host", "unknown domain", "domain unknown",
        "domain not found", "unrouteable mail domain", "unrouteable domain", "unroutable domain", "no such host",
        "unrouteable address", "host or domain name not found. name service error for name",
        "couldn't find any host", "host not found)", "name or service not known",
        "domain name not found", "nxdomain", "non-existent domain", "non-existent host", "nonexistent domain",
        "bad destination host", "bad destination system", "domain must exist", "domain isn't valid",
        "invalid domain", "all relevant mx records point to non-existent", "recipient domain not found",
        "domain couldn't be found", "cannot find domain",
        "destination domain", "unable to lookup dns", "has no mx", "does not have any mx", "no valid mx",
        "infodomainnonexistent", "domain of recipient does not exist", "find a mail server for",
    ]),
    (R::AddressUnknown, Words, &[ "address rejected", "address no longer",
        "recipient address rejected", "recipient addresses rejected", "mailbox unavailable (-", "invalid recipient", "invalid receiver",
        "adresse destinataire invalide", "recipient unknown", "error: invalid user address",
        "did not exactly match", "email address could not be found", "can't find the user",
        "bad destination mailbox", "no longer in use", "no longer exists", "no longer valid", "no longer works",
        "not a known user", "person at this address", "address does not exist",
        "destinatario non valido", "destinatario inesistente", "empfänger unbekannt", "empfaenger unbekannt",
        "destinataire inconnu", "utilisateur inconnu", "usuario desconocido", "destinatário desconhecido",
        "usuário desconhecido", "no existe el usuario", "benutzer unbekannt", "пользователь не найден",
        "нет такого пользователя", "adressat unbekannt", "收件人不存在", "用户不存在", "宛先不明", "inactive email address",
        "_416", "[416]", "unknown or illegal", "unknown recipient", "recipient not found",
        "recipient does not exist", "recipient no longer", "not found in directory", "d201",
        "couldn't find the recipient", "could not find the recipient", "no mailbox here by that name", "unknown user: \"",
        "error: number does not exist", "no valid recipients for this mm", "account is not available or unknown",
    ]),
    (R::Network, Words, &["host name lookup failure", "host not found, try again", "name service error",
        "host not found, try again", "temporarily unable to resolve", "name server", "dns error",
        "dns query failed", "dns lookup failed", "temporary lookup", "lookup fail", "no route to host",
        "network error", "network is unreachable", "network unreachable", "host unreachable",
        "host is unreachable", "unable to resolve", "route host lookup", "dns failure", "dns server",
        "could not resolve", "establish an smtp connection", "lowest numbered mx", "lowest-numbered mx",
        "mx record points to local host", "mx points to local", "destination mxs", "address family mismatch",
        "best-preference mx"]),
    // What notices without a code say to people, about an address or its domain.
    (R::AddressUnknown, Words, &[
        "empfängers existiert nicht", "empfängers ist unbekannt", "empfängers wurde nicht gefunden",
        "empfänger nicht gefunden", "empfängeradresse ist unbekannt", "adresse existiert nicht", "adresse ist unbekannt",
        "adresse wurde nicht gefunden", "adresse nicht gefunden", "adresse konnte nicht gefunden",
        "postfach existiert nicht", "benutzer existiert nicht", "kein solcher benutzer", "adresse n'existe pas",
        "compte n'existe pas", "électronique n'existe pas", "messagerie n'existe pas", "adresse introuvable",
        "adresse est introuvable", "destinataire introuvable", "adresse inconnue", "adresse invalide",
        "dirección no existe", "electrónico no existe", "cuenta no existe", "usuario no existe", "buzón no existe",
        "dirección desconocida", "no se encontró la dirección", "no se ha encontrado la dirección", "usuario inexistente",
        "destinatario desconocido", "endereço não existe", "e-mail não existe", "conta não existe", "usuário não existe",
        "utilizador não existe", "utilizador desconhecido", "usuário inexistente", "endereço não foi encontrado",
        "e-mail não foi encontrado", "endereço não encontrado", "destinatário inexistente", "indirizzo non esiste",
        "e-mail non esiste", "posta non esiste", "utente sconosciuto", "utente inesistente", "destinatario sconosciuto",
        "indirizzo non trovato", "indirizzo e-mail non esiste", "adres bestaat niet", "e-mailadres bestaat niet",
        "mailadres bestaat niet", "gebruiker onbekend", "onbekende gebruiker", "onbekend adres", "ontvanger onbekend",
        "adres niet gevonden", "adressen finns inte", "adress finns inte", "okänd mottagare", "okänd användare",
        "adressen findes ikke", "ukendt modtager", "ukendt bruger", "adressen finnes ikke", "ukjent mottaker",
        "ukjent bruker", "osoitetta ei ole", "osoitetta ei löydy", "tuntematon vastaanottaja", "adres nie istnieje",
        "e-mail nie istnieje", "konto nie istnieje", "skrzynka nie istnieje", "użytkownik nie istnieje",
        "użytkownika nie ma", "nieznany użytkownik", "nieznany odbiorca", "odbiorca nie istnieje",
        "adresa neexistuje", "schránka neexistuje",
        "uživatel neexistuje", "používateľ neexistuje", "neznámý uživatel", "neznámý příjemce", "cím nem létezik",
        "felhasználó nem létezik", "ismeretlen címzett", "adresa nu există", "utilizatorul nu există",
        "utilizator necunoscut", "destinatar necunoscut", "adresi bulunamadı", "adresi mevcut değil", "kullanıcı bulunamadı",
        "διεύθυνση δεν υπάρχει", "χρήστης δεν υπάρχει", "адрес не существует", "пользователь не существует",
        "ящик не существует", "адрес не найден", "адресат не найден", "неизвестный пользователь", "адреса не існує",
        "користувача не існує", "користувача не знайдено", "アドレスが見つかりません", "アドレスは存在しません", "アドレスが存在しません",
        "ユーザーが存在しません", "ユーザーは存在しません", "宛先が見つかりません", "地址不存在", "收件人邮箱不存在", "收件邮箱不存在", "对方邮箱不存在", "收件人信箱不存在", "用户不存在", "用戶不存在", "帐号不存在", "账号不存在",
        "找不到收件人", "查无此人", "无此用户", "존재하지 않는 계정", "존재하지 않는 사용자", "존재하지 않는 메일", "존재하지 않는 주소", "주소가 존재하지 않", "계정이 존재하지 않", "사용자가 존재하지 않", "수신자를 찾을 수 없", "주소를 찾을 수 없",
        "הכתובת לא קיימת", "הכתובת לא נמצאה", "العنوان غير موجود", "المستخدم غير موجود",
        "địa chỉ không tồn tại", "không tìm thấy địa chỉ", "ไม่พบที่อยู่", "ไม่พบผู้ใช้", "alamat tidak ditemukan",
        "alamat tidak ada", "アドレスは見つかりません", "nie ma takiego użytkownika", "nie ma takiego konta",
        "немає такого користувача", "no existe tal usuario", "nessun utente", "aucun utilisateur",
        "ingen sådan användare", "ingen sådan bruger", "ingen slik bruker", "gebruiker bestaat niet",
        "nincs ilyen felhasználó", "böyle bir kullanıcı yok", "käyttäjää ei ole",
    ]),
    (R::AddressUnknown, NeedsCommand, &[
        "user unknown", "unknown user", "no such user", "user doesn't exist", "user does not exist",
        "user not exist", "user not found", "no such mailbox", "mailbox not found", "mailbox does not exist",
        "mailbox doesn't exist", "mailbox unavailable", "mailbox unknown", "unknown mailbox", "no mailbox here",
        "no such recipient", "no such address", "no such person", "no such account", "no such local user",
        "unknown address", "unknown e-mail address", "unknown email address", "unknown local", "unknown account",
        "unknown virtual", "invalid mailbox", "invalid user", "invalid address", "account does not exist",
        "account doesn't exist", "account not found", "does not exist", "doesn't exist", "doesn't have a",
        "does not have a", "does not have an", "no account", "mailbox not available", "unknown subscriber", "not a valid mailbox", "not a valid user",
        "not a valid recipient", "is not a registered", "user invalid", "not exist", "isn't a valid",
        "bad address", "no user",
        "recipient rejected", "recipient is not", "not known at this", "unrouteable", "nobody by that name",
        "nobody here", "not a local", "addressee unknown", "not recognized", "not listed", "invalid email address",
        "not our customer", "recipient address", "no valid recipients", "not valid user", "could not be found",
        "couldn't be found", "is unavailable", "not found",
    ]),
    (R::Encryption, Words, &["starttls", "tls required", "tls negotiation", "tls handshake", "encryption required",
        "certificate", "must issue a starttls", "requires tls", "tls is required", "ssl handshake", "mta-sts"]),
    (R::TooFast, Words, &["try again later, too many"]),
    (R::AccessDenied, Words, &[
        "authentication required", "authentication is required", "requires authentication", "authrequired", "smtp authentication", "smtp auth is required", "smtp auth required", "without authentication",
        "unauthenticated senders", "authenticate", "not authenticated", "access denied", "permission denied by",
        "not authorized", "not authorised", "authorization failed", "you are not authorized", "restricted",
        "access forbidden", "delivery not authorized", "not permitted", "denied",
    ]),
    (R::Policy, Words, &["policy", "policies", "mi:", "protocol violation", "not allowed", "rejected for", "prohibited",
        "header error", "message refused", "message rejected", "content restriction", "administrative prohibition",
        "attachment type", "file type", "forbidden", "you cannot send", "blocked by"]),
    (R::NotCompliant, Words, &["rfc 5322", "rfc5322", "rfc 2822", "rfc2822", "rfc 822", "duplicate header",
        "multiple addresses in from", "not rfc", "non-compliant", "not compliant", "bare lf", "bare line",
        "missing from", "missing message-id", "rfc compliant", "header are not accepted", "from header"]),
    (R::Content, Words, &["headers too large", "header too large", "malformed", "improper use of 8-bit",
        "invalid mime", "improper mime", "content-type", "nested too deep", "too many mime", "invalid header",
        "8bitmime", "smtputf8", "charset"]),
    (R::Network, Words, &["hop count", "too many hops", "message looping", "mail loop", "routing loop",
        "loop detected", "loops back to myself", "looping", "loop!", "forwarding loop", "maximum hop",
        "too many received headers", "delivery loop"]),
    (R::DeliveryProgram, Words, &["command died", "command failed", "command output", "mailer exited", "procmail",
        "failed to read response template", "pipe to |", "local delivery failed", "exec failed",
        "unknown mailer error", "x-unix;", "child process", "returned exit status", "local mailer",
        "delivery agent", "maildrop", "vdelivermail"]),
    (R::RetriesExhausted, Words, &["timed out", "timeout", "time out", "message expired", "envelope expired",
        "retry time", "queue too long", "in the queue", "delivery attempts", "maximum delivery", "attempts:",
        "attempts to deliver", "not responding", "not been collected", "could not be delivered for 1", "could not be delivered for 2", "could not be delivered for 3", "could not be delivered for 4", "could not be delivered for 5", "could not be delivered for 6", "could not be delivered for 7", "could not be delivered for 8", "could not be delivered for 9", "could not be delivered for more", "could not be delivered for too long",
        "undelivered after", "unable to deliver this message after", "did not accept our requests to connect",
        "socket error", "could not find a gateway", "connection refused", "connection failed", "failed to connect",
        "conversation with", "lost connection", "connect to", "has been queued", "was not delivered within",
        "given up", "multiple retries", "unable to connect", "expired", "unable to contact", "not reachable",
        "connection to mail exchanger", "too long", "undeliverable for", "delivery time", "no answer from host"]),
    (R::ServerFull, Words, &["insufficient disk space", "no space left", "disk full", "disk is full",
        "insufficient system storage", "not enough disk", "insufficient storage", "out of disk", "no disk space",
        "insufficient system resources"]),
    (R::ServerTrouble, Words, &["service unavailable", "service currently unavailable", "service is currently unavailable", "come back later", "service not available",
        "system not", "local error", "local configuration error", "configuration error", "internal error",
        "server error", "system error", "transaction failed", "temporary failure", "temporary error",
        "temporarily unavailable", "error while being processed", "encountered an error", "while being processed",
        "could not load", "system resources", "resources temporarily", "try again", "try later", "please try",
        "insufficient permission", "server busy", "too busy", "out of memory", "i/o error", "unable to process",
        "cannot open", "can't open", "bad configuration", "lmtp", "backend", "unexpected", "overloaded",
        "maintenance", "too many errors"]),
    (R::Protocol, Words, &["sequence of commands", "syntax error", "command not", "unrecognized command",
        "need rcpt", "need mail", "command unrecognized", "invalid command", "protocol error"]),
];

/// Codes that one provider gives an unknown address: nothing speaks for them beside a status of permission.
const CODES: &[&str] = &["d201", "_416", "[416]"];

/// Words of an unknown address that also say no more than that it was refused.
#[rustfmt::skip] // A table is read in rows.
const VAGUE: &[&str] = &["address rejected", "recipient address rejected", "recipient addresses rejected",
    "recipient address", "recipient rejected", "recipient is not", "mailbox unavailable", "mailbox unavailable (-",
    "mailbox not available", "is unavailable", "no valid recipients", "bad address"];

/// What servers say who refuse an address, and not why. Behind a colon stands what Postfix, or a policy
/// server that it asked, has to say (its `access(5)` and `SMTPD_POLICY_README`).
const REJECTED: &[&str] = &[
    "address rejected",
    "recipient address rejected",
    "recipient addresses rejected",
    "recipient rejected",
];

/// Words of no permission that some servers say of an unknown address.
const DENIED: &[&str] = &["access denied", "denied"];

struct Index {
    words: Lookup,
    row_of: Vec<usize>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let row_of = |(row, (.., texts)): (usize, &Row)| vec![row; texts.len()];
    Index {
        words: Lookup::new(ROWS.iter().flat_map(|(.., texts)| texts.iter().copied())),
        row_of: ROWS.iter().enumerate().flat_map(row_of).collect(),
    }
});

/// Returns the highest row whose words occur in `text`, and which words they were: of the words
/// of one row, those that end first, and of these the longest.
pub(super) fn find(text: &str) -> Option<(Reason, Proof, &'static str)> {
    find_among(text, |_, _| true)
}

/// Returns what [`find`] does of the rows of an unknown address, whatever higher rows say.
pub(super) fn find_unknown(text: &str) -> Option<(Reason, Proof, &'static str)> {
    find_among(text, |reason, words| {
        reason == R::AddressUnknown && !VAGUE.contains(&words)
    })
}

/// Returns what refuses the sender or the mail in a text, where words say no more than that an address was refused.
pub(super) fn find_refusal(text: &str) -> Option<(Reason, Proof, &'static str)> {
    find_among(text, |reason, words| {
        matches!(reason.class(), Class::Policy) && !DENIED.contains(&words)
    })
}

/// Whether words of an unknown address say no more than that it was refused.
pub(super) fn is_vague(words: &str) -> bool {
    VAGUE.contains(&words)
}

/// Whether words say that an address was refused, and the reason is to follow.
pub(super) fn is_rejected(words: &str) -> bool {
    REJECTED.contains(&words)
}

/// Whether words are a code, not a sentence.
pub(super) fn is_code(words: &str) -> bool {
    CODES.contains(&words)
}

fn find_among(
    text: &str,
    asked: impl Fn(Reason, &str) -> bool,
) -> Option<(Reason, Proof, &'static str)> {
    let mut best: Option<(usize, usize, usize, usize)> = None;
    INDEX.words.each_word(text, starts_a_word, |at, index| {
        if let Some(&row) = INDEX.row_of.get(index) {
            let words = INDEX.words.phrase(index);
            let next = (row, at + words.len(), at, index);
            let counts = |reason| asked(reason, words) && stands_alone(text, at, words, reason);
            if best.is_none_or(|best| next < best) && ROWS.get(row).is_some_and(|row| counts(row.0))
            {
                best = Some(next);
            }
        }
    });
    let (row, .., index) = best?;
    let (reason, proof, _) = ROWS.get(row)?;
    Some((*reason, *proof, INDEX.words.phrase(index)))
}

/// Whether words are no part of a host's name, nor a code one of a longer code. A host's name says who
/// speaks, and not what of; lists of senders are known by theirs.
fn stands_alone(text: &str, at: usize, words: &str, reason: Reason) -> bool {
    let end = at + words.len();
    let goes_on = || text[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
    if is_code(words) && words.ends_with(|c: char| c.is_ascii_digit()) && goes_on() {
        return false;
    }
    let of_lists = matches!(reason, R::SenderBlocked | R::Reputation)
        || words.contains(['.', ' '])
        || matches!(words, "surbl" | "cloudmark");
    if of_lists {
        return true;
    }
    let outside = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let from = text[..at].rfind(outside).map_or(0, |before| {
        before + text[before..].chars().next().map_or(0, char::len_utf8)
    });
    let to = text[end..]
        .find(outside)
        .map_or(text.len(), |behind| end + behind);
    !is_host_name(text[from..to].trim_matches('.'))
}

/// Whether a word is a host's name of three labels or more, and no code of Exchange's.
fn is_host_name(word: &str) -> bool {
    let mut labels = word.rsplit('.');
    let top = labels.next().unwrap_or_default();
    top.len() > 1
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && labels.clone().count() > 1
        && labels.all(|label| !label.is_empty())
        && !word.starts_with("resolver.")
        && !word.starts_with("storedrv.")
}

/// A phrase must not begin inside a word: `rbl` is not in `curblink`.
fn starts_a_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let first = text.get(at..).and_then(|tail| tail.chars().next());
    match (before, first) {
        (Some(before), Some(first)) => {
            !(before.is_ascii_alphanumeric() && first.is_ascii_alphanumeric())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_in_the_form_the_text_is_brought_into() {
        for (reason, _, texts) in ROWS {
            for text in *texts {
                assert_eq!(*text, text.to_lowercase(), "{reason:?}");
                assert!(
                    !text.contains("  ") && !text.is_empty(),
                    "{reason:?}: {text}"
                );
            }
        }
    }

    #[test]
    fn the_highest_row_wins_wherever_it_stands() {
        let reason = |text| find(text).map(|(reason, ..)| reason);
        assert_eq!(
            reason("550 user unknown; rejected per dmarc"),
            Some(Reason::Authentication)
        );
        assert_eq!(reason("mailbox full, try again"), Some(Reason::MailboxFull));
        assert_eq!(reason("curblink"), None);
    }
}
