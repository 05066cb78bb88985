//! Reports in words as well-known servers write them, many of them about several recipients: what
//! each recipient's own lines say is said of nobody else.

use jooper_message::inbound::{Classification, Context, InboundMail, Kind, classify};

fn judged(head: &str, text: &str) -> Classification {
    let raw = format!(
        "{head}To: Me <me@our.example>\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    );
    classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
}

/// One line a recipient: address, status, code and reason.
fn recipients(found: &Classification) -> Vec<String> {
    let line = |one: &jooper_message::inbound::dsn::FailedRecipient| {
        let status = one
            .status
            .map_or("-".to_owned(), |status| status.to_string());
        let code = one.code.map_or("-".to_owned(), |code| code.to_string());
        format!("{} {status} {code} {}", one.address, one.reason.as_str())
    };
    found.recipients.iter().map(line).collect()
}

fn assert_report(head: &str, text: &str, wanted: &[&str]) {
    let found = judged(head, text);
    let report = matches!(found.kind, Kind::DeliveryReport(_));
    assert!(
        report,
        "{head}{text}\n{:?} {:?}",
        found.kind, found.evidence
    );
    assert_eq!(recipients(&found), wanted, "{text}");
}

const DAEMON: &str =
    "From: Mail Delivery System <MAILER-DAEMON@mx.x.example>\nSubject: Undelivered mail\n";

#[test]
fn in_a_transcript_an_answer_is_about_the_recipient_above_it() {
    let wanted = [
        "ada@x.example - 550 address_unknown",
        "bea@x.example - 452 mailbox_full",
    ];
    for text in [
        // Without marks.
        "Your mail could not be delivered.\n\nRCPT TO:<ada@x.example>\n550 user unknown\nRCPT TO:<bea@x.example>\n452 mailbox full",
        // Sendmail.
        "   ----- Transcript of session follows -----\n... while talking to mx.x.example.:\n>>> RCPT TO:<ada@x.example>\n\
         <<< 550 user unknown\n>>> RCPT TO:<bea@x.example>\n<<< 452 mailbox full",
        // The same under a list of the failed.
        "   ----- The following addresses had delivery errors -----\n<ada@x.example>\n<bea@x.example>\n\n\
            ----- Transcript of session follows -----\n... while talking to mx.x.example.:\n>>> RCPT TO:<ada@x.example>\n\
         <<< 550 user unknown\n>>> RCPT TO:<bea@x.example>\n<<< 452 mailbox full",
        // InterScan.
        "Unable to deliver the message.\n\nSent <<< RCPT TO:<ada@x.example>\nReceived >>> 550 user unknown\n\
         Sent <<< RCPT TO:<bea@x.example>\nReceived >>> 452 mailbox full",
        // MDaemon.
        "The attached message had PERMANENT fatal delivery errors!\n\n--- Session Transcript ---\n\
         Mon 2026-11-02 10:00:00: --> RCPT To:<ada@x.example>\nMon 2026-11-02 10:00:01: <-- 550 user unknown\n\
         Mon 2026-11-02 10:00:01: --> RCPT To:<bea@x.example>\nMon 2026-11-02 10:00:02: <-- 452 mailbox full\n\
         Mon 2026-11-02 10:00:02: --> QUIT\n--- End Transcript ---",
        // Several commands in one go (RFC 2920).
        "Your mail could not be delivered.\n\n>>> RCPT TO:<ada@x.example>\n>>> RCPT TO:<bea@x.example>\n\
         <<< 550 user unknown\n<<< 452 mailbox full",
        // One of the answers by name.
        "Your mail could not be delivered.\n\n>>> RCPT TO:<ada@x.example>\n>>> RCPT TO:<bea@x.example>\n\
         <<< 550 <ada@x.example> user unknown\n<<< 452 mailbox full",
        // With the sender's command before them, answers of several lines, and one behind the last.
        ">>> MAIL FROM:<me@our.example>\n>>> RCPT TO:<ada@x.example>\n>>> RCPT TO:<me@our.example>\n\
         >>> RCPT TO:<bea@x.example>\n>>> DATA\n<<< 250 sender ok\n<<< 550-user unknown\n<<< 550 ask her house\n\
         <<< 250 recipient ok\n<<< 452 mailbox full\n<<< 354 go on\n<<< 554 5.6.0 too odd",
    ] {
        assert_report(DAEMON, text, &wanted);
    }
}

#[test]
fn whom_a_transcript_shows_to_be_accepted_did_not_fail() {
    let one = ["ada@x.example - 550 address_unknown"];
    for text in [
        "Your mail could not be delivered.\n\n>>> RCPT TO:<bea@x.example>\n<<< 250 recipient ok\n>>> RCPT TO:<ada@x.example>\n<<< 550 user unknown",
        "Your mail could not be delivered.\n\n10:00:01 --> RCPT TO:<ada@x.example>\n10:00:01 <-- 550 user unknown\n\
         10:00:01 --> RCPT TO:<bea@x.example>\n10:00:01 <-- 250 recipient ok",
    ] {
        assert_report(DAEMON, text, &one);
    }
    let refused = "Your mail could not be delivered.\n\n>>> RCPT TO:<ada@x.example>\n<<< 250 recipient ok\n>>> RCPT TO:<bea@x.example>\n\
        <<< 250 recipient ok\n>>> DATA\n<<< 552 message too large";
    assert_eq!(judged(DAEMON, refused).recipients.len(), 2);
}

#[test]
fn each_entry_of_a_list_has_its_own_reason() {
    let wanted = [
        "ada@x.example 5.1.1 550 address_unknown",
        "bea@x.example 4.2.2 452 mailbox_full",
    ];
    for text in [
        // Exim.
        "A message that you sent could not be delivered to one or more of its recipients. The following address(es) failed:\n\n  \
         ada@x.example\n    host mx.x.example [203.0.113.5]\n    SMTP error from remote mail server after RCPT TO:<ada@x.example>:\n    \
         550 5.1.1 User unknown\n  bea@x.example\n    host mx.x.example [203.0.113.5]\n    \
         SMTP error from remote mail server after RCPT TO:<bea@x.example>:\n    452 4.2.2 Mailbox full",
        // Postfix.
        "<ada@x.example>: host mx.x.example[203.0.113.5] said: 550 5.1.1 <ada@x.example>:\n    Recipient address rejected: User unknown (in reply to RCPT TO command)\n\n\
         <bea@x.example>: host mx.x.example[203.0.113.5] said: 452 4.2.2 <bea@x.example>:\n    Mailbox full (in reply to RCPT TO command)",
        // qmail.
        "Hi. This is the qmail-send program at mx.our.example.\n\n<ada@x.example>:\n203.0.113.5 does not like recipient.\n\
         Remote host said: 550 5.1.1 no such user\nGiving up on 203.0.113.5.\n\n<bea@x.example>:\n\
         203.0.113.5 does not like recipient.\nRemote host said: 452 4.2.2 mailbox full\nGiving up on 203.0.113.5.",
        // OpenSMTPD.
        "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while attempting to deliver a message for\n    \
         the following list of recipients:\n\nada@x.example: 550 5.1.1 <ada@x.example>: Recipient address rejected: User unknown\n\
         bea@x.example: 452 4.2.2 <bea@x.example> Mailbox full",
    ] {
        assert_report(DAEMON, text, &wanted);
    }
}

#[test]
fn servers_report_in_words_of_their_own() {
    let daemon =
        |from: &str, title: &str| format!("Return-Path: <>\nFrom: {from}\nSubject: {title}\n");
    for (from, title, text, wanted) in [
        // Oracle Messaging Server.
        (
            "Internet Mail Delivery <postmaster@x.example>",
            "Delivery Notification: Delivery has failed",
            "This report relates to a message you sent with the following header fields:\n\n  Message-id: <1@our.example>\n  \
             Date: Mon, 02 Nov 2026 10:00:00 +0000\n  From: me@our.example\n  To: list@x.example\n  Subject: our offer\n\n\
             Your message cannot be delivered to the following recipients:\n\n  Recipient address: ada@x.example\n  \
             Original address: ada@x.example\n  Reason: Remote SMTP server has rejected address\n  \
             Diagnostic code: smtp;550 5.1.1 unknown user\n  Remote system: dns;mx.x.example (TCP|192.0.2.1|1|203.0.113.5|25)",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        // IronPort.
        (
            "Mail Delivery System <MAILER-DAEMON@mx.our.example>",
            "Delivery Status Notification (Failure)",
            "The following message to <ada@x.example> was undeliverable.\nThe reason for the problem:\n\
             5.1.0 - Unknown address error 550-'5.1.1 <ada@x.example>... User unknown'",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        (
            "Mail Delivery System <MAILER-DAEMON@mx.our.example>",
            "Delivery Status Notification (Failure)",
            "The following message to <ada@x.example> was undeliverable.\nThe reason for the problem:\n\
             5.1.2 - Bad destination host 'DNS Hard Error looking up x.example (MX): NXDomain'",
            "ada@x.example 5.1.2 - domain_unknown",
        ),
        (
            "Mail Delivery System <MAILER-DAEMON@mx.our.example>",
            "Delivery Status Notification (Failure)",
            "The following message to <ada@x.example> was undeliverable.\nThe reason for the problem:\n\
             4.4.7 - Message has been in queue too long",
            "ada@x.example 4.4.7 - retries_exhausted",
        ),
        (
            "Mail Delivery System <MAILER-DAEMON@mx.our.example>",
            "Delivery Status Notification (Failure)",
            "The following message to <ada@x.example> was undeliverable.\nThe reason for the problem:\n\
             5.3.0 - Other mail system problem 552-'Mailbox full'",
            "ada@x.example 5.3.0 552 mailbox_full",
        ),
        // GMX and its sisters.
        (
            "GMX Mailer Daemon <mailer-daemon@gmx.net>",
            "Mail delivery failed: returning message to sender",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to\n\
             one or more of its recipients. This is a permanent error.\n\nThe following address failed:\n\n\"ada@x.example\":\n\
             SMTP error from remote server after RCPT command:\nhost: mx.x.example\n5.1.1 <ada@x.example>... User is unknown {mx003}",
            "ada@x.example 5.1.1 - address_unknown",
        ),
        (
            "Mail Delivery System <mailer-daemon@kundenserver.example>",
            "Mail delivery failed: returning message to sender",
            "The following address failed:\n\nada@x.example:\nSMTP error from remote server for RCPT TO command, host: mx.x.example (203.0.113.5) \
             reason: 552 5.2.2 Quota exceeded",
            "ada@x.example 5.2.2 552 mailbox_full",
        ),
        // Zoho.
        (
            "mailer-daemon@mail.zoho.com",
            "Undelivered Mail Returned to Sender",
            "This message was created automatically by mail delivery software.\n A message that you sent could not be delivered to one or more of its recipients. \
             This is a permanent error.\n\nada@x.example [203.0.113.5], ERROR CODE :550 - 5.1.1 user unknown\n",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        (
            "mailer-daemon@mail.zoho.com",
            "Undelivered Mail Returned to Sender",
            "A message that you sent could not be delivered to one or more of its recipients.\n\n\
             ada@x.example Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 not found\n",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        // NetEase and QQ.
        (
            "postmaster@163.com",
            "系统退信",
            "抱歉，您的邮件被退回来了。\n\n收件人：ada@x.example\n退信原因：SMTP error, RCPT TO: Host x.example(203.0.113.5) said RCPT TO error: 550 5.1.1 User not found\n",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        (
            "PostMaster@qq.com",
            "来自qq.com的退信",
            "很抱歉您发送的邮件被退回，以下是该邮件的相关信息：\n\n无法发送到 ada@x.example\n\n退信原因：收件人邮件地址（ada@x.example）不存在，邮件无法送达。\nhost mx.x.example said: 550 Mailbox not found\n",
            "ada@x.example - 550 address_unknown",
        ),
        // Naver.
        (
            "MAILER-DAEMON@naver.com",
            "[발송실패 안내] 메일이 전송되지 못했습니다.",
            "메일이 전송되지 못했습니다.\n\n받는사람 : ada@x.example\n실패 사유 : 존재하지 않는 메일 주소입니다. 550 5.1.1 No such user\n",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        (
            "postmaster@naver.com",
            "[발송실패 안내] 메일이 전송되지 못했습니다.",
            "발송 실패 안내\n\n받는사람 ada@x.example\n실패 사유 : 받는 사람의 메일 주소가 존재하지 않아 메일이 전송되지 못했습니다.\n",
            "ada@x.example - - address_unknown",
        ),
        // A gateway under a name of its own.
        (
            "Mail Gateway <postmaster@gate.example>",
            "Undeliverable mail",
            "Your mail to ada@x.example could not be delivered: 550 5.1.1 User unknown",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        (
            "Courrier <postmaster@gate.example>",
            "Message non distribué",
            "Votre message n'a pas pu être livré :\n\nada@x.example : boîte aux lettres pleine",
            "ada@x.example - - mailbox_full",
        ),
        // Carriers in Japan.
        (
            "Postmaster@ezweb.example",
            "Mail System Error - Returned Mail",
            "The user(s) account is disabled.\n\n<ada@x.example>: 550 user unknown: <ada@x.example>\n",
            "ada@x.example - 550 recipient_doubtful",
        ),
        (
            "MAILER-DAEMON@docomo.example",
            "Mail System Error - Returned Mail",
            "Each of the following recipients was rejected by a remote mail server.\n\n    Recipient: <ada@x.example>\n    >>> RCPT TO:<ada@x.example>\n    \
             <<< 550 Unknown user ada@x.example\n",
            "ada@x.example - 550 address_unknown",
        ),
        // Yandex: an introduction in Russian, and Postfix below.
        (
            "mailer-daemon@yandex.ru",
            "Недоставленное сообщение",
            "Это письмо отправлено почтовым сервером.\nК сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может быть отправлено одному или нескольким адресатам.\n\n\
             This is the mail system at host x.\n\n<ada@x.example>: host mx.x.example[203.0.113.5] said: 550 5.7.1 Message rejected under suspicion of SPAM (in reply to end of DATA command)\n",
            "ada@x.example 5.7.1 550 spam",
        ),
        // Mail.ru.
        (
            "mailer-daemon@corp.mail.ru",
            "Mail failure.",
            "This message was created automatically by mail delivery software.\nA message that you sent could not be delivered to one or more of its recipients.\n\
             The following address failed:\n\n  ada@x.example\n    SMTP error from remote mail server after RCPT TO:<ada@x.example>:\n    550 Message was not accepted -- invalid mailbox.  Local mailbox ada@x.example is unavailable: user not found\n",
            "ada@x.example - 550 address_unknown",
        ),
        // GroupWise.
        (
            "System Administrator <postmaster@x.example>",
            "Nachrichtenstatus - nicht zustellbar",
            "Die von Ihnen gesendete Nachricht konnte folgenden Empfängern nicht zugestellt werden:\n\n\tada@x.example (550 5.1.1 Benutzer unbekannt)\n",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        // Barracuda.
        (
            "Barracuda Spam Firewall <postmaster@x.example>",
            "**Message you sent blocked by our bulk email filter**",
            "Your message to: ada@x.example\nwas blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:\n\nSubject: our offer\n",
            "ada@x.example - - spam",
        ),
        // PowerMTA.
        (
            "postmaster@pmta.example",
            "Delivery report",
            "Hello, this is the mail server on pmta.example.\n\nI am sending you this message to inform you on the delivery status of a\nmessage you previously sent. \
             Immediately below you will find a list of\nthe affected recipients.\n\n  <ada@x.example>:\n    Delivery failed permanently; last response was 550 5.1.1 no such user\n",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        // Kerio.
        (
            "Mail Delivery Subsystem <postmaster@kerio.example>",
            "Undeliverable: our offer",
            "Your message was not delivered to:\n\n  <ada@x.example>\n\nRemote server said: 550 5.1.1 <ada@x.example>: Recipient address rejected: User unknown in relay recipient table (in reply to RCPT TO)\n",
            "ada@x.example 5.1.1 550 address_unknown",
        ),
        // Courier.
        (
            "Courier mail server at mx.x.example <@>",
            "NOTICE: mail delivery status.",
            "This is a delivery status notification from mx.x.example,\nrunning the Courier mail server, version 1.0.\n\nThe original message was received from me.\n\n\
             ---------------------------------------------------------------------------\n\n                           UNDELIVERABLE MAIL\n\n\
             Your message to the following recipients cannot be delivered:\n\n<ada@x.example>:\n    mx.x.example [203.0.113.5]:\n>>> RCPT TO:<ada@x.example>\n<<< 550 User unknown.\n",
            "ada@x.example - 550 address_unknown",
        ),
    ] {
        assert_report(&daemon(from, title), text, &[wanted]);
    }
}

#[test]
fn several_recipients_may_stand_in_one_line() {
    let head = "Return-Path: <>\nFrom: Barracuda Spam Firewall <postmaster@x.example>\nSubject: **Message you sent blocked by our bulk email filter**\n";
    let text = "Your message to: ada@x.example, bea@x.example\nwas blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:\n\nSubject: our offer";
    let found = judged(head, text);
    let named: Vec<_> = found
        .recipients
        .iter()
        .map(|one| one.address.as_str())
        .collect();
    assert_eq!(named, ["ada@x.example", "bea@x.example"]);
    let both = [
        "ada@x.example - - domain_unknown",
        "bea@x.example - - domain_unknown",
    ];
    assert_report(
        DAEMON,
        "Your message could not be delivered to:\n\n  ada@x.example\n  bea@x.example\n\nThe domain does not exist: host not found, no such domain.",
        &both,
    );
}

#[test]
fn whom_a_report_names_as_its_writers_contact_has_no_part_in_it() {
    let text = "A message that you sent could not be delivered to one or more of its recipients. The following address(es) failed:\n\n  \
        ada@x.example\n    (generated from info@x.example)\n    host mx.x.example [203.0.113.5]\n    \
        SMTP error from remote mail server after RCPT TO:<ada@x.example>:\n    550 5.1.1 User unknown\n  bea@x.example\n    \
        retry timeout exceeded\n";
    let wanted = [
        "ada@x.example 5.1.1 550 address_unknown",
        "bea@x.example - - retries_exhausted",
    ];
    assert_report(DAEMON, text, &wanted);
}

/// A mail system's own mailbox without a way back, and a title that no list has.
const SYSTEM: &str = "Return-Path: <>\nFrom: postmaster@x.example\nSubject: Skilaboð\n";

#[test]
fn a_mail_system_that_names_a_recipient_reports_in_any_language() {
    for (text, reason) in [
        // Icelandic, Georgian and Swahili, of which no list has a word.
        (
            "Ekki tókst að afhenda skilaboðin:\n\n   ada@x.example\n\nReyndu aftur síðar.",
            "unclear",
        ),
        (
            "წერილი ვერ მივიდა:\n\n   ada@x.example\n\nსცადეთ მოგვიანებით.",
            "unclear",
        ),
        (
            "Barua haikufika kwa:\n\n   ada@x.example\n\nMailbox full",
            "mailbox_full",
        ),
    ] {
        assert_report(SYSTEM, text, &[&format!("ada@x.example - - {reason}")]);
    }
    // Whoever is away, has left or asks for a proof answers from such a mailbox as well, and names somebody.
    for text in [
        "I am out of the office until Friday. In urgent cases:\n\n   ada@x.example\n\nRegards",
        "Bob Smith no longer works here. Please contact instead:\n\n   ada@x.example",
        "This address is no longer valid. Please use:\n\n   ada@x.example",
        "Please confirm that you are a human:\n\n   ada-1@x.example",
    ] {
        let found = judged(SYSTEM, text);
        assert!(
            !matches!(found.kind, Kind::DeliveryReport(_)),
            "{:?}",
            found.evidence
        );
    }
    let titled = SYSTEM.replace("Skilaboð", "Automatic reply: our offer");
    let found = judged(&titled, "Takk:\n\n   ada@x.example");
    assert!(
        !matches!(found.kind, Kind::DeliveryReport(_)),
        "{:?}",
        found.evidence
    );
    // Anybody may be called so.
    let shop = SYSTEM.replace("postmaster", "mailer");
    let found = judged(&shop, "Reikningur:\n\n   ada@x.example");
    assert!(
        !matches!(found.kind, Kind::DeliveryReport(_)),
        "{:?}",
        found.evidence
    );
    // And a postmaster who can be answered may be a person.
    let reachable = SYSTEM.replace("<>", "<postmaster@x.example>");
    let found = judged(&reachable, "Góðan dag,\n\n   ada@x.example\n\nKveðja");
    assert!(
        !matches!(found.kind, Kind::DeliveryReport(_)),
        "{:?}",
        found.evidence
    );
}

#[test]
fn a_domain_that_does_not_exist_is_dead_whatever_its_name() {
    for said in [
        "the domain name (x.example) does not appear to be registered.",
        "The domain x.example does not exist",
    ] {
        let text = format!("Your mail could not be delivered.\n\n<ada@x.example>: {said}");
        assert_report(DAEMON, &text, &["ada@x.example - - domain_unknown"]);
    }
    let doubtful = "recipient_doubtful";
    for (said, reason) in [
        ("550 user ada in domain x.example does not exist", doubtful),
        ("550 user ada domain x.example does not exist", doubtful),
        (
            "550 your domain send.bulk.example does not exist",
            "sender_rejected",
        ),
        ("550 domain send.bulk.example does not exist", doubtful),
        ("550 domain x.example not found in relay list", doubtful),
        (
            "550 envelope-from domain send.example does not exist",
            "sender_rejected",
        ),
    ] {
        let text = format!("Your mail could not be delivered.\n\n<ada@x.example>: {said}");
        let wanted = format!("ada@x.example - 550 {reason}");
        assert_report(DAEMON, &text, &[&wanted]);
    }
}

#[test]
fn a_returned_mail_is_nobodys_return() {
    // Tencent's words hold those of coming back.
    let text = "抱歉，您的邮件被退回来了……\n\n原邮件信息：\n收件人：ada@x.example\n\n退信原因：收件人邮箱容量已满。";
    let head = "Return-Path: <>\nFrom: PostMaster@x.example\nSubject: ?\n";
    assert_report(head, text, &["ada@x.example - - mailbox_full"]);
}
