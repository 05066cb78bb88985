//! Mails that no honest program writes, each made to grow one thing up to a size.

/// A mail with what it grows.
pub(crate) type Mail = (&'static str, Vec<u8>);

/// Returns all mails, just below `size` bytes each.
pub(crate) fn mails(size: usize) -> Vec<Mail> {
    let mut out = headers(size);
    out.extend(structures(size));
    out.extend(texts(size));
    out.extend(markups(size));
    out
}

/// Grows mails up to a size.
struct Grow(usize);

impl Grow {
    /// Puts `unit` as often as it fits between `start` and `end`.
    fn fill(&self, start: &str, unit: impl AsRef<[u8]>, end: &str) -> Vec<u8> {
        let unit = unit.as_ref();
        let mut raw = start.as_bytes().to_vec();
        while raw.len() + unit.len() + end.len() <= self.0 {
            raw.extend_from_slice(unit);
        }
        raw.extend_from_slice(end.as_bytes());
        raw
    }

    /// Does the same with a number in each unit, so that no two are equal.
    fn number(&self, start: &str, unit: impl Fn(usize) -> String) -> Vec<u8> {
        let mut raw = start.to_owned();
        for number in 0.. {
            let next = unit(number);
            if raw.len() + next.len() > self.0 {
                break;
            }
            raw.push_str(&next);
        }
        raw.into_bytes()
    }
}

/// Headers without end.
pub(crate) fn headers(size: usize) -> Vec<Mail> {
    let grow = Grow(size);
    let rest = "\nFrom: a@x.example\n\nbody\n";
    vec![
        (
            "headers",
            grow.number("Subject: x\n", |n| format!("X-{n}: v\n")),
        ),
        (
            "failed recipients",
            grow.number("From: mailer-daemon@x.example\n", |n| {
                let named: String = (0..50).map(|k| format!("{k}@{n}.example,")).collect();
                format!("X-Failed-Recipients: {named}\n")
            }),
        ),
        ("one header", grow.fill("Subject: ", "s", rest)),
        ("a folded header", grow.fill("Subject: s\n", " t\n", rest)),
        (
            "ids referred to",
            grow.number("References:", |n| format!("\n <{n}@x.example>")),
        ),
        (
            "addresses",
            grow.number("To: a@x.example", |n| {
                format!(",\n \"N {n}\" <n{n}@x.example>")
            }),
        ),
        ("address groups", grow.fill("To: ", "g:a@b;", rest)),
        (
            "open comments in an address",
            grow.fill("From: ", "(", rest),
        ),
        (
            "open quotes in an address",
            grow.fill("From: ", "\"<", rest),
        ),
        (
            "encoded words",
            grow.fill("Subject: ", "=?utf-8?B?4pyT?= ", rest),
        ),
        (
            "open encoded words",
            grow.fill("Subject: ", "=?utf-8?Q?", rest),
        ),
        (
            "parameters",
            grow.number("Content-Type: text/plain", |n| format!(";\n p{n}=v")),
        ),
        (
            "a name in pieces",
            grow.number("Content-Type: text/plain", |n| format!(";\n name*{n}*=%2f")),
        ),
        (
            "results of authentication",
            grow.number("Authentication-Results: mx.google.com", |n| {
                format!("; dkim=pass header.i=@x{n}.example")
            }),
        ),
        (
            "nested comments in results",
            grow.fill("Authentication-Results: mx.google.com; ", "(", rest),
        ),
        (
            "many results headers",
            grow.fill(
                "",
                "Authentication-Results: mx.google.com; spf=pass\n",
                "\n",
            ),
        ),
        (
            "failed recipients",
            grow.number("X-Failed-Recipients: a@x.example", |n| {
                format!(",\n n{n}@x.example")
            }),
        ),
        (
            "mbox lines",
            grow.fill("", "From a@x.example Mon Nov  2 10:00:00 2026\n", ""),
        ),
    ]
}

/// Parts, reports and objects without end.
pub(crate) fn structures(size: usize) -> Vec<Mail> {
    let grow = Grow(size);
    let report = "From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n";
    let multipart = "Content-Type: multipart/mixed; boundary=b\n\n";
    vec![
        ("parts", grow.fill(multipart, "--b\n\nx\n", "--b--\n")),
        (
            "attachments",
            grow.number(multipart, |n| {
                format!("--b\nContent-Disposition: attachment; filename=f{n}.bin\n\nx\n")
            }),
        ),
        (
            "nested parts",
            grow.number("", |n| {
                format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")
            }),
        ),
        (
            "nested mails",
            grow.fill("", "Content-Type: message/rfc822\n\n", ""),
        ),
        (
            "embedded mails",
            grow.fill(
                multipart,
                "--b\nContent-Type: message/rfc822\n\nSubject: x\nMessage-ID: <a@b>\n\n",
                "",
            ),
        ),
        ("lines like boundaries", grow.fill(multipart, "--bx\n", "")),
        (
            "parts without a boundary",
            grow.fill("Content-Type: multipart/mixed\n\n", "--abcdef\n\nx\n", ""),
        ),
        (
            "recipients of a report",
            grow.number(report, |n| {
                format!(
                    "Final-Recipient: rfc822; n{n}@x.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\n"
                )
            }),
        ),
        (
            "one diagnosis",
            grow.fill(
                &format!(
                    "{report}Final-Recipient: rfc822; a@x.example\nAction: failed\nDiagnostic-Code: smtp; "
                ),
                "550 5.1.1 user unknown ",
                "\n",
            ),
        ),
        (
            // Each recipient is judged by the one diagnosis, and that is asked for each domain.
            "a long diagnosis for many recipients",
            grow.fill(
                &format!(
                    "To: {}b@x.example\n{}{report}Action: failed\nDiagnostic-Code: smtp; 550 host unknown",
                    (0..1_000).map(|n| format!("a@b{n}.z,\n ")).collect::<String>(),
                    (0..200).map(|n| format!("X-Failed-Recipients: u{n}@lead.example\n")).collect::<String>(),
                ),
                " ab",
                "\n",
            ),
        ),
        (
            "long prose for many recipients",
            grow.fill(
                &format!(
                    "From: MAILER-DAEMON@x.example\nSubject: failure notice\nTo: {}b@x.example\nX-Failed-Recipients: u@lead.example\n\n550 host unknown",
                    (0..1_000).map(|n| format!("a@b{n}.z,\n ")).collect::<String>(),
                ),
                " ab",
                "\n",
            ),
        ),
        (
            "a folded diagnosis",
            grow.fill(
                &format!(
                    "{report}Final-Recipient: rfc822; a@x.example\nAction: failed\nDiagnostic-Code: smtp; 550"
                ),
                "\n 5.7.1 refused",
                "\n",
            ),
        ),
        (
            "fields of a complaint",
            grow.fill(
                "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n",
                "Original-Rcpt-To: a@x.example\n",
                "",
            ),
        ),
        (
            "lines of a calendar",
            grow.fill(
                "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n",
                "ATTENDEE;PARTSTAT=DECLINED:mailto:a@x.example\n",
                "",
            ),
        ),
    ]
}

/// Plain texts that repeat what a reader looks for.
pub(crate) fn texts(size: usize) -> Vec<Mail> {
    let grow = Grow(size);
    let reply = "From: a@x.example\nSubject: Re: x\nIn-Reply-To: <a@b>\n\n";
    let bounce = "From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n";
    let encoded = |encoding: &str, charset: &str| {
        format!(
            "Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
        )
    };
    vec![
        ("one line", grow.fill(reply, "a", "")),
        // Each mark looks at what stands around it.
        (
            "question marks in one word",
            grow.fill(
                "From: a@x.example\nPrecedence: bulk\n\nI am on vacation https://x/",
                "?a",
                "",
            ),
        ),
        (
            "question marks and exclamation marks",
            grow.fill(
                "From: a@x.example\nPrecedence: bulk\n\nI am on vacation ",
                "urgent?!",
                "",
            ),
        ),
        ("blanks", grow.fill(reply, " ", "")),
        ("empty lines", grow.fill(reply, "\n", "")),
        ("bare carriage returns", grow.fill(reply, "\r", "")),
        ("NUL", grow.fill(reply, "\0", "")),
        ("quote lines", grow.fill(reply, "> q\n", "")),
        ("one deep quote line", grow.fill(reply, "> ", "\n")),
        (
            "lines of attribution",
            grow.fill(
                reply,
                "On Mon, 1 Jan 2026 at 10:00, A <a@b.example> wrote:\n",
                "",
            ),
        ),
        (
            "halves of attributions",
            grow.fill(reply, "On Mon, 1 Jan 2026 at 10:00, A\n", ""),
        ),
        (
            "header blocks",
            grow.fill(reply, "From: A\nSent: Monday\nTo: B\nSubject: C\n", ""),
        ),
        ("signature lines", grow.fill(reply, "-- \nA\n", "")),
        (
            "dividers",
            grow.fill(reply, "-----Original Message-----\n", ""),
        ),
        (
            "spelled words",
            grow.fill(reply, "u n s u b s c r i b e ", ""),
        ),
        (
            "stop words",
            grow.fill(reply, "please do not unsubscribe me, stop ", ""),
        ),
        (
            "requests to stop",
            grow.fill(reply, "remove me from your list ", ""),
        ),
        (
            "words of intent",
            grow.fill(reply, "not interested, call me on Tuesday? ", ""),
        ),
        (
            "dates",
            grow.fill(
                reply,
                "I am out of office until 3 November 2026, back on 4.11. ",
                "",
            ),
        ),
        (
            "signs that fold into many",
            grow.fill(reply, "\u{fdfa}", ""),
        ),
        (
            "signs that combine",
            grow.fill(reply, "a\u{301}\u{327}\u{302}", ""),
        ),
        (
            "signs without spaces",
            grow.fill(reply, "\u{9000}\u{8ba2}", ""),
        ),
        (
            "addresses in a bounce",
            grow.number(bounce, |n| format!("<n{n}@x.example>: user unknown\n")),
        ),
        (
            "a transcript of many recipients",
            grow.number(bounce, |n| {
                let said = "550 5.1.1 said no ".repeat(45);
                format!(">>> RCPT TO:<n{n}@x.example>\n{said}\n")
            }),
        ),
        (
            "To lines in a bounce",
            grow.number(bounce, |n| {
                let said = "it went nowhere ".repeat(45);
                format!("To: n{n}@x.example\n{said}\n")
            }),
        ),
        (
            "recipients above a long line",
            grow.fill(
                &{
                    let all: String = (0..100)
                        .map(|n| format!("RCPT TO:<n{n}@x.example> "))
                        .collect();
                    format!("{bounce}{all}")
                },
                "550 5.1.1 said no ",
                "",
            ),
        ),
        ("recipients in a report without a diagnosis", {
            let head = "From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n";
            let said: String = (0..100)
                .map(|n| format!("RCPT TO:<n{n}@x.example>\n"))
                .collect();
            let fields: String = (0..100)
                .map(|n| format!("Final-Recipient: rfc822; n{n}@x.example\nAction: failed\n\n"))
                .collect();
            let end = format!(
                "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{fields}--b--\n"
            );
            let unit = "550 5.1.1 said no ".repeat(45) + "\n";
            grow.fill(&format!("{head}{said}"), unit, &end)
        }),
        ("addresses in a row", grow.fill(bounce, "a@", "")),
        ("codes in a bounce", grow.fill(bounce, "550 5.1.1 ", "")),
        (
            "answers in a bounce",
            grow.fill(
                bounce,
                "said: 550 user unknown (in reply to RCPT TO command)\n",
                "",
            ),
        ),
        ("base64", grow.fill(&encoded("base64", "utf-8"), "QUFB", "")),
        (
            "quoted-printable",
            grow.fill(&encoded("quoted-printable", "utf-8"), "=41", ""),
        ),
        (
            "soft line ends",
            grow.fill(&encoded("quoted-printable", "utf-8"), "=\n", ""),
        ),
        (
            "UTF-16",
            grow.fill(&encoded("8bit", "utf-16"), b"\x00a", ""),
        ),
        (
            "ISO-2022-JP shifts",
            grow.fill(&encoded("7bit", "iso-2022-jp"), "\x1b$B$3\x1b(B", ""),
        ),
        ("UTF-7", grow.fill(&encoded("7bit", "utf-7"), "+ADw-", "")),
        (
            "GB 18030",
            grow.fill(&encoded("8bit", "gb18030"), b"\x81\x30\x81\x30", ""),
        ),
        (
            "bytes of no charset",
            grow.fill(&encoded("8bit", "utf-8"), b"\xff\xfe\x80", ""),
        ),
    ]
}

/// HTML without end.
pub(crate) fn markups(size: usize) -> Vec<Mail> {
    let grow = Grow(size);
    let html = "From: a@x.example\nIn-Reply-To: <a@b>\nContent-Type: text/html; charset=utf-8\n\n";
    let units: &[(&str, &str)] = &[
        ("open angles", "<"),
        ("nested blocks", "<div>"),
        ("nested quotes", "<blockquote class=gmail_quote>"),
        ("formatting across paragraphs", "<p><b>"),
        ("formatting under closed nothing", "</x><b>"),
        ("links in links", "<a href=http://x.example>"),
        ("links under closed nothing", "</x><a href=x>"),
        ("fonts", "<font size=1></p>"),
        ("tables", "<table><tr><td>"),
        ("misplaced in tables", "<table><a>"),
        ("lists", "<ul><li>"),
        ("items", "<li><b>x"),
        ("empty elements", "<br>"),
        ("entities", "&lt;"),
        ("open entities", "&#x3"),
        ("entities that expand", "&NotEqualTilde;"),
        ("comments", "<!---->"),
        ("open comments", "<!--"),
        ("open attributes", "<a b=\""),
        ("scripts", "<script>x</script>"),
        ("open scripts", "<script><!--<script>"),
        ("foreign elements", "<svg><math><mtext>"),
        ("choices", "<select><option>"),
        ("templates", "<template>"),
        ("closing tags", "</div>"),
        ("CDATA", "<![CDATA["),
        ("declarations", "<!DOCTYPE x>"),
        ("text in paragraphs", "<p>x</p>\n"),
    ];
    let mut out: Vec<_> = units
        .iter()
        .map(|&(name, unit)| (name, grow.fill(html, unit, "")))
        .collect();
    out.push((
        "attributes",
        grow.number(&format!("{html}<a "), |n| format!("a{n}=1 ")),
    ));
    out.push((
        "formats that differ",
        grow.number(html, |n| format!("<p><font size={n}>")),
    ));
    out.push((
        "formats that differ, under closed nothing",
        grow.number(html, |n| format!("</x></x><b c={n}><p>")),
    ));
    out
}
