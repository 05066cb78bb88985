//! A mail system made of two folders, written from `docs/write-a-transport.md`.
//!
//! Mail leaves into one maildir and arrives in another, as with a local MTA that polls the first and
//! delivers to the second. `cargo test --example custom_transport` runs the conformance suites on it;
//! `cargo run --example custom_transport -- FOLDER` prints what stands in such a pair of folders.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jooper_core::{Clock, LeaseClock, NotSentReason};
use jooper_transport::{
    Arrived, Attempt, Cleared, Cursor, Delta, EvidenceBase, Inbox, MailboxRef, Outcome, Receipt,
    Reconciliation, Transport, TransportCapabilities, TransportError, UnknownCause,
};

/// What the MTA behind the folder takes.
const MAX_BYTES: usize = 25 << 20;
/// Mails in one answer of `changes`.
const PAGE: usize = 50;
/// More than any header section needs; a longer one is no mail.
const MAX_HEADER: u64 = 256 * 1024;

/// A pair of maildirs: one folder for each mailbox, with `out` and `in` below it.
#[derive(Debug)]
pub struct Maildir {
    root: PathBuf,
    clock: Arc<dyn Clock>,
    lease: Arc<dyn LeaseClock>,
    delivered: AtomicU64,
    /// One reader at a time writes the order of arrival.
    order: Mutex<()>,
}

/// A maildir has no errors that a caller could act upon but one: look again later.
fn unavailable(_: io::Error) -> TransportError {
    TransportError::Unavailable
}

/// The unfolded header fields of a mail (RFC 5322 section 2.2.3).
fn headers(section: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in section.lines().take_while(|line| !line.is_empty()) {
        match (line.starts_with([' ', '\t']), all.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            _ => {
                if let Some((name, value)) = line.split_once(':') {
                    all.push((name.trim().to_owned(), value.trim().to_owned()));
                }
            }
        }
    }
    all
}

fn field<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = headers
        .iter()
        .filter(|(header, _)| header.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.as_str())
}

/// The name of a maildir file without the flags that readers add behind it.
fn unique(name: &str) -> &str {
    name.split_once(":2,").map_or(name, |(unique, _)| unique)
}

/// One folder of the pair.
struct Folder(PathBuf);

impl Folder {
    fn open(path: PathBuf) -> io::Result<Self> {
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(path.join(part))?;
        }
        Ok(Self(path))
    }

    /// Everything that is complete: the unique name and where it stands now.
    fn list(&self) -> io::Result<Vec<(String, PathBuf)>> {
        let mut all = Vec::new();
        for part in ["new", "cur"] {
            for entry in fs::read_dir(self.0.join(part))? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if !name.starts_with('.') {
                    all.push((unique(&name).to_owned(), entry.path()));
                }
            }
        }
        // A reader may have moved one from `new` to `cur` in between.
        all.sort();
        all.dedup_by(|a, b| a.0 == b.0);
        Ok(all)
    }

    fn find(&self, id: &str) -> Result<PathBuf, TransportError> {
        let all = self.list().map_err(unavailable)?;
        let mut found = all.into_iter().filter(|(name, _)| name == id);
        found
            .next()
            .map(|(_, path)| path)
            .ok_or(TransportError::Gone)
    }
}

fn read_headers(path: &Path) -> io::Result<Vec<(String, String)>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_HEADER).read_to_end(&mut bytes)?;
    Ok(headers(&String::from_utf8_lossy(&bytes)))
}

fn modified(path: &Path) -> io::Result<Timestamp> {
    let since = fs::metadata(path)?.modified()?.duration_since(UNIX_EPOCH);
    let since = SignedDuration::try_from(since.unwrap_or_default()).unwrap_or_default();
    Ok(Timestamp::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(Timestamp::MAX))
}

impl Maildir {
    /// Mailboxes below this folder. `lease` is the clock by which the host counts permits.
    pub fn new(
        root: impl Into<PathBuf>,
        clock: Arc<dyn Clock>,
        lease: Arc<dyn LeaseClock>,
    ) -> Self {
        Self {
            root: root.into(),
            clock,
            lease,
            delivered: AtomicU64::new(0),
            order: Mutex::new(()),
        }
    }

    fn folder(&self, mailbox: MailboxRef, side: &str) -> io::Result<Folder> {
        Folder::open(
            self.root
                .join(mailbox.mailbox.uuid().to_string())
                .join(side),
        )
    }

    /// A name that nobody else uses: time, process and count.
    fn fresh_name(&self) -> String {
        let count = self.delivered.fetch_add(1, Ordering::Relaxed);
        let millis = self.clock.now().as_millisecond();
        format!("{millis}.P{}Q{count}.jooper", std::process::id())
    }

    /// Everything that arrived, in the order in which it was first seen.
    ///
    /// Names tell no order: a delivery that began earlier may end later. So the order is written
    /// down, and a line that is written stays where it is.
    fn arrivals(&self, inbox: &Folder) -> io::Result<Vec<String>> {
        let _only_one = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let path = inbox.0.join("order");
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other?,
        };
        // What a crash has cut short was told to nobody.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut order: Vec<String> = text[..whole].lines().map(str::to_owned).collect();
        let fresh: Vec<String> = inbox
            .list()?
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !order.contains(name))
            .collect();
        if !fresh.is_empty() {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            file.set_len(whole as u64)?;
            file.write_all((fresh.join("\n") + "\n").as_bytes())?;
            file.sync_all()?;
            order.extend(fresh);
        }
        Ok(order)
    }

    /// Writes a mail whole; it does not count before it is moved into `new`.
    fn write(&self, out: &Folder, name: &str, raw: &[u8]) -> io::Result<PathBuf> {
        let path = out.0.join("tmp").join(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        file.write_all(raw)?;
        file.sync_all()?;
        Ok(path)
    }

    fn receipt(id: &str, path: &Path) -> io::Result<Receipt> {
        let headers = read_headers(path)?;
        Ok(Receipt {
            provider_id: id.to_owned(),
            thread: thread_of(&headers, id),
            message_id: field(&headers, "Message-ID").map(str::to_owned),
            at: Some(modified(path)?),
        })
    }
}

/// A maildir has no threads: the first reference names one, as it does for mail readers.
fn thread_of(headers: &[(String, String)], id: &str) -> String {
    let first = field(headers, "References").and_then(|ids| ids.split_whitespace().next());
    first.unwrap_or(id).to_owned()
}

fn refused(reason: NotSentReason) -> Outcome {
    Outcome::NotSent {
        reason,
        retry_at: None,
    }
}

#[async_trait]
impl Transport for Maildir {
    fn capabilities(&self) -> TransportCapabilities {
        TransportCapabilities::new("consented", MAX_BYTES, true)
    }

    /// Everything can be read again at any time, so a search needs no place to begin.
    async fn evidence_base(&self, _: MailboxRef) -> Result<EvidenceBase, TransportError> {
        Ok(EvidenceBase(String::new()))
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        let raw = cleared.mail().raw();
        if raw.len() > MAX_BYTES {
            return refused(NotSentReason::TooLarge);
        }
        let name = self.fresh_name();
        let written = self
            .folder(cleared.mailbox(), "out")
            .and_then(|out| Ok((self.write(&out, &name, raw)?, out)));
        let Ok((written, out)) = written else {
            return refused(NotSentReason::Unreachable);
        };
        let new = out.0.join("new").join(&name);
        // The step that completes the handing-over comes next: is there still leave to take it?
        if self.lease.now() >= cleared.last_byte_before() {
            let _ = fs::remove_file(&written);
            return refused(NotSentReason::LeaseExpired);
        }
        if fs::rename(&written, &new).is_err() {
            // Still where it was written: it did not leave. Else nobody knows.
            return if written.exists() {
                let _ = fs::remove_file(&written);
                refused(NotSentReason::Unreachable)
            } else {
                Outcome::Unknown(UnknownCause::ServerError)
            };
        }
        let headers = headers(&String::from_utf8_lossy(raw));
        Outcome::Sent(Receipt {
            thread: thread_of(&headers, &name),
            message_id: None,
            at: Some(self.clock.now()),
            provider_id: name,
        })
    }

    async fn read_back(
        &self,
        mailbox: MailboxRef,
        provider_id: &str,
    ) -> Result<Receipt, TransportError> {
        let out = self.folder(mailbox, "out").map_err(unavailable)?;
        Self::receipt(provider_id, &out.find(provider_id)?).map_err(unavailable)
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        let out = self.folder(attempt.mailbox, "out").map_err(unavailable)?;
        let mut complete = true;
        for (id, path) in out.list().map_err(unavailable)? {
            let Ok(headers) = read_headers(&path) else {
                // The MTA took it away while we looked.
                complete = false;
                continue;
            };
            let mut ids = field(&headers, "References")
                .unwrap_or("")
                .split_whitespace();
            let bare = |id: &str| id.trim_matches(['<', '>']).to_owned();
            if ids.any(|id| attempt.tokens().any(|token| bare(token) == bare(id))) {
                let receipt = Self::receipt(&id, &path).map_err(unavailable)?;
                return Ok(Reconciliation::Found(receipt));
            }
        }
        Ok(Reconciliation::NotFound { complete })
    }
}

#[async_trait]
impl Inbox for Maildir {
    async fn baseline(&self, mailbox: MailboxRef) -> Result<Cursor, TransportError> {
        let inbox = self.folder(mailbox, "in").map_err(unavailable)?;
        let known = self.arrivals(&inbox).map_err(unavailable)?.len();
        Ok(Cursor(known.to_string()))
    }

    async fn changes(
        &self,
        mailbox: MailboxRef,
        cursor: &Cursor,
        _not_before: Timestamp,
    ) -> Result<Delta, TransportError> {
        let inbox = self.folder(mailbox, "in").map_err(unavailable)?;
        let order = self.arrivals(&inbox).map_err(unavailable)?;
        let place = cursor.0.parse().ok().filter(|place| *place <= order.len());
        // Nobody's cursor: all of it again, which is never too much for a folder.
        let from = place.unwrap_or(0);
        let to = order.len().min(from + PAGE);
        let paths = inbox.list().map_err(unavailable)?;
        let mut arrived = Vec::new();
        for id in &order[from..to] {
            let Some((_, path)) = paths.iter().find(|(name, _)| name == id) else {
                continue;
            };
            // Gone meanwhile: drop it.
            let (Ok(headers), Ok(at)) = (read_headers(path), modified(path)) else {
                continue;
            };
            arrived.push(Arrived {
                provider_id: id.clone(),
                thread: thread_of(&headers, id),
                at,
                outgoing: false,
                headers,
            });
        }
        Ok(Delta {
            arrived,
            next: Cursor(to.to_string()),
            more: to < order.len(),
            resynced: place.is_none(),
        })
    }

    async fn fetch(
        &self,
        mailbox: MailboxRef,
        provider_id: &str,
    ) -> Result<Vec<u8>, TransportError> {
        let inbox = self.folder(mailbox, "in").map_err(unavailable)?;
        fs::read(inbox.find(provider_id)?).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => TransportError::Gone,
            _ => TransportError::Unavailable,
        })
    }
}

#[allow(clippy::print_stdout, reason = "a program tells what it finds")]
fn main() -> io::Result<()> {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    for side in ["out", "in"] {
        let folder = Folder::open(Path::new(&root).join(side))?;
        println!("{side}: {} mails", folder.list()?.len());
    }
    Ok(())
}

#[cfg(test)]
mod suites {
    use jooper_conformance::inbox::InboxSubject;
    use jooper_conformance::transport::TransportSubject;
    use jooper_core::{EmailAddress, SystemClock, SystemLeaseClock};
    use tempfile::TempDir;

    use super::*;

    #[derive(Debug)]
    struct Subject {
        maildir: Arc<Maildir>,
        mailbox: MailboxRef,
        _folder: TempDir,
    }

    fn subject(lease: Arc<dyn LeaseClock>, mailbox: MailboxRef) -> Subject {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::new(folder.path(), Arc::new(SystemClock), lease);
        Subject {
            maildir: Arc::new(maildir),
            mailbox,
            _folder: folder,
        }
    }

    fn address() -> EmailAddress {
        EmailAddress::parse("us@sender.example").unwrap()
    }

    #[async_trait]
    impl TransportSubject for Subject {
        fn transport(&self) -> Arc<dyn Transport> {
            self.maildir.clone()
        }

        fn sender(&self) -> EmailAddress {
            address()
        }

        async fn accepted(&self, token: &str) -> usize {
            let out = self.maildir.folder(self.mailbox, "out").unwrap();
            let all = out.list().unwrap();
            all.iter()
                .filter(|(_, path)| fs::read_to_string(path).unwrap().contains(token))
                .count()
        }

        /// A rename answers at once: there is no answer that could be lost.
        async fn lose_next_answer(&self) -> bool {
            false
        }
    }

    #[async_trait]
    impl InboxSubject for Subject {
        fn inbox(&self) -> Arc<dyn Inbox> {
            self.maildir.clone()
        }

        fn receiver(&self) -> EmailAddress {
            address()
        }

        /// As an MTA delivers: written aside, then moved.
        async fn deliver(&self, raw: Vec<u8>) {
            let inbox = self.maildir.folder(self.mailbox, "in").unwrap();
            let name = self.maildir.fresh_name();
            let path = self.maildir.write(&inbox, &name, &raw).unwrap();
            fs::rename(path, inbox.0.join("new").join(name)).unwrap();
        }

        /// As a filter that marks it as read: it never stands in `new`. What the owner sends and what
        /// is taken for spam stands in other folders than this inbox reads, so there is nothing to
        /// prove about them.
        async fn deliver_archived(&self, raw: Vec<u8>) -> bool {
            let inbox = self.maildir.folder(self.mailbox, "in").unwrap();
            let name = self.maildir.fresh_name();
            let path = self.maildir.write(&inbox, &name, &raw).unwrap();
            let put_away = inbox.0.join("cur").join(format!("{name}:2,S"));
            fs::rename(path, put_away).is_ok()
        }
    }

    jooper_conformance::transport_suite!(transport, |lease, mailbox| async move {
        subject(lease, mailbox)
    });
    jooper_conformance::inbox_suite!(inbox, |mailbox| async move {
        subject(Arc::new(SystemLeaseClock::new()), mailbox)
    });

    #[tokio::test]
    async fn a_mail_that_a_reader_has_opened_is_still_the_same_mail() {
        let lease = Arc::new(SystemLeaseClock::new());
        let subject = subject(lease, mailbox());
        subject.deliver(b"Subject: one\r\n\r\nhi".to_vec()).await;
        let first = changes(&subject, "0").await;
        let inbox = subject.maildir.folder(subject.mailbox, "in").unwrap();
        let (id, path) = inbox.list().unwrap().remove(0);
        fs::rename(path, inbox.0.join("cur").join(format!("{id}:2,S"))).unwrap();
        assert_eq!(changes(&subject, "0").await, first);
        assert_eq!(first[0].provider_id, id);
        let raw = subject.maildir.fetch(subject.mailbox, &id).await.unwrap();
        assert_eq!(raw, b"Subject: one\r\n\r\nhi");
    }

    #[tokio::test]
    async fn a_delivery_that_ends_late_is_not_overlooked() {
        let lease = Arc::new(SystemLeaseClock::new());
        let subject = subject(lease, mailbox());
        let inbox = subject.maildir.folder(subject.mailbox, "in").unwrap();
        let early = subject.maildir.fresh_name();
        let path = subject
            .maildir
            .write(&inbox, &early, b"Subject: early\r\n\r\n")
            .unwrap();
        subject.deliver(b"Subject: late\r\n\r\n".to_vec()).await;
        assert_eq!(changes(&subject, "0").await.len(), 1);
        fs::rename(path, inbox.0.join("new").join(&early)).unwrap();
        let found = changes(&subject, "1").await;
        assert_eq!(found[0].provider_id, early);
    }

    fn mailbox() -> MailboxRef {
        MailboxRef {
            workspace: jooper_core::WorkspaceId::from_uuid(uuid::Uuid::from_u128(1)),
            mailbox: jooper_core::MailboxId::from_uuid(uuid::Uuid::from_u128(2)),
        }
    }

    async fn changes(subject: &Subject, cursor: &str) -> Vec<Arrived> {
        let cursor = Cursor(cursor.to_owned());
        let changes = subject
            .maildir
            .changes(subject.mailbox, &cursor, Timestamp::UNIX_EPOCH);
        changes.await.unwrap().arrived
    }
}
