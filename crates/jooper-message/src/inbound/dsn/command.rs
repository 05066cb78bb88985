//! Which SMTP command a refusal answered, told from how servers say it.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::reason::Command;
use super::signals::squeeze_lower;
use crate::inbound::lookup::Lookup;
use crate::inbound::mail::lines;

/// Phrases of a server that name the command, in lower case with single spaces.
const SAID: &[(&str, Command)] = &[
    // Postfix, bounce(8).
    ("in reply to rcpt to", Command::Rcpt),
    ("in reply to mail from", Command::Mail),
    ("in reply to end of data", Command::Data),
    ("in reply to data", Command::Data),
    ("in reply to ehlo", Command::Helo),
    ("in reply to helo", Command::Helo),
    ("refused to talk to me", Command::Connect),
    // Exim, smtp transport.
    ("after rcpt to", Command::Rcpt),
    ("for rcpt to command", Command::Rcpt),
    ("after mail from", Command::Mail),
    ("after initial connection", Command::Connect),
    ("after end of data", Command::Data),
    ("after pipelined end of data", Command::Data),
    ("after pipelined rcpt to", Command::Rcpt),
    ("after pipelined mail from", Command::Mail),
    ("after data", Command::Data),
    ("after ehlo", Command::Helo),
    ("after helo", Command::Helo),
    // 1&1, GMX.
    ("after rcpt command", Command::Rcpt),
    ("after mail command", Command::Mail),
    ("for text command", Command::Data),
    // qmail-remote and its patches.
    ("does not like recipient", Command::Rcpt),
    ("but sender was rejected", Command::Mail),
    ("rcpt to response", Command::Rcpt),
    ("failed after i sent the message", Command::Data),
    ("failed on data command", Command::Data),
    ("but greeting failed", Command::Connect),
    ("but my name was rejected", Command::Helo),
    // DragonFly's dma.
    ("did not like our rcpt to", Command::Rcpt),
    ("did not like our mail from", Command::Mail),
    ("did not like our final data", Command::Data),
    ("did not like our data", Command::Data),
    // Yahoo.
    ("[rcpt_to]", Command::Rcpt),
    ("[mail_from]", Command::Mail),
    ("[connect]", Command::Connect),
    ("[data]", Command::Data),
    // Others.
    ("smtp:rcpt", Command::Rcpt),
    ("smtp:mail", Command::Mail),
    ("smtp:data", Command::Data),
    ("(rcpt to)", Command::Rcpt),
    ("(rcpt)", Command::Rcpt),
    ("(mail from)", Command::Mail),
    ("(data)", Command::Data),
    ("in response to the rcpt to", Command::Rcpt),
    ("in response to rcpt to", Command::Rcpt),
    ("in response to rcpt", Command::Rcpt),
    ("in response to the mail from", Command::Mail),
    ("smtp command data", Command::Data),
    ("smtp command rcpt", Command::Rcpt),
    ("smtp command mail", Command::Mail),
    ("while sending rcpt to", Command::Rcpt),
    ("while sending mail from", Command::Mail),
    ("rcpt-to validation", Command::Rcpt),
    // Coremail; its last dot ends the data.
    ("smtp error, rcpt to", Command::Rcpt),
    ("smtp error, mail from", Command::Mail),
    ("smtp error, data", Command::Data),
    ("smtp error, dot", Command::Data),
    ("response to rcpt", Command::Rcpt),
];

static SAID_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(SAID.iter().map(|(words, _)| *words)));

/// Returns the command that was refused, from a transcript or from words; `None` if unsaid.
///
/// `squeezed` is the text squeezed in lower case, where somebody has it.
pub(super) fn command(text: &str, squeezed: Option<&str>) -> Option<Command> {
    transcript(text).or_else(|| {
        let folded = squeezed.map_or_else(|| Cow::Owned(squeeze_lower(text)), Cow::Borrowed);
        SAID_BOOK
            .earliest(&folded)
            .and_then(|(_, index)| SAID.get(index))
            .map(|(_, command)| *command)
    })
}

/// Reads `>>> COMMAND` / `<<< answer` (Sendmail and many others; `Sent <<<` of one product), `--> COMMAND` /
/// `<-- answer` behind a time (MDaemon), and both without marks: the last command before the first refusal counts.
fn transcript(text: &str) -> Option<Command> {
    if !may_be_transcript(text.as_bytes()) {
        return None;
    }
    let mut last = None;
    // Whether it had no mark, so that its answer has none.
    let mut bare = false;
    for line in lines(text).take(400) {
        let logged = |mark: &str| line.split_once(mark).map(|(_, said)| said.trim_start());
        let marked = line.trim_start_matches([' ', '\t', '>', '.']).trim_start();
        let marked = marked
            .strip_prefix("Sent <<<")
            .map_or(marked, str::trim_start);
        if let Some(command) = verb(marked).or_else(|| logged("-->").and_then(verb)) {
            bare = line.trim_start().len() == marked.len();
            last = Some(command);
            continue;
        }
        let answer = marked
            .strip_prefix("<<<")
            .or_else(|| marked.strip_prefix("Received >>>"))
            .map(str::trim_start)
            .or_else(|| logged("<--"))
            .or(bare.then_some(marked));
        let refused = answer.is_some_and(|answer| {
            answer.starts_with(['4', '5'])
                && answer.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
        });
        if refused && last.is_some() {
            return last;
        }
    }
    None
}

/// Whether there is a mark of a transcript, or `RCPT TO:<`: most texts have neither.
fn may_be_transcript(bytes: &[u8]) -> bool {
    const RCPT: &[u8] = b"RCPT TO:";
    let marked = |at: usize| {
        let rest = &bytes[at..];
        let asked = || {
            let begin = at.checked_sub(RCPT.len())?;
            Some(bytes[begin..at].eq_ignore_ascii_case(RCPT))
        };
        [&b"<<<"[..], b">>>", b"<--"]
            .iter()
            .any(|mark| rest.starts_with(mark))
            || bytes[..at].ends_with(b"--") && rest.starts_with(b">")
            || rest.starts_with(b"<") && asked().unwrap_or_default()
    };
    memchr::memchr2_iter(b'<', b'>', bytes).any(marked)
}

fn verb(line: &str) -> Option<Command> {
    let starts = |with: &str| {
        let head = line.as_bytes().get(..with.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
    };
    if starts("RCPT TO") {
        Some(Command::Rcpt)
    } else if starts("MAIL FROM") {
        Some(Command::Mail)
    } else if line.eq_ignore_ascii_case("DATA") {
        Some(Command::Data)
    } else if starts("EHLO ") || starts("HELO ") {
        Some(Command::Helo)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Option<Command> {
        super::command(text, None)
    }

    #[test]
    fn words_and_transcripts_name_the_command() {
        assert_eq!(
            command("said: 550 no (in reply to\n RCPT TO command)"),
            Some(Command::Rcpt)
        );
        assert_eq!(
            command(
                "... while talking to mx:\n>>> DATA\n<<< 550 unknown\n550 5.1.1 x\n<<< 503 need RCPT"
            ),
            Some(Command::Data)
        );
        assert_eq!(
            command(">>> MAIL From:<a@b>\n<<< 250 ok\n>>> RCPT To:<c@d>\n<<< 550 no"),
            Some(Command::Rcpt)
        );
        assert_eq!(
            command("SMTP error from remote server after initial connection: 554 no"),
            Some(Command::Connect)
        );
        assert_eq!(
            command("mx.x.example [203.0.113.9] did not like our RCPT TO:\n550 no"),
            Some(Command::Rcpt)
        );
        assert_eq!(
            command("RCPT TO:<c@d>\n550 no such user"),
            Some(Command::Rcpt)
        );
        assert_eq!(
            command("SMTP error, RCPT TO: 550 User not found: c@d"),
            Some(Command::Rcpt)
        );
        assert_eq!(command("SMTP error, DOT: 554 spam"), Some(Command::Data));
        assert_eq!(
            command("MAIL FROM:<a@b>\n553 no\nRCPT TO:<c@d>"),
            Some(Command::Mail)
        );
        assert_eq!(
            command(" Mon 10:00: [1] --> RCPT To:<c@d>\n Mon 10:01: [1] <-- 550 no"),
            Some(Command::Rcpt)
        );
        assert_eq!(command(">>> DATA\n550 5.1.1 x\n<<< 250 ok"), None);
        assert_eq!(command("mailbox full"), None);
    }
}
