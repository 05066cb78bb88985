//! Reading what arrived: answers, reports, absences, and traces of our own sends.

use jiff::{SignedDuration, Timestamp};
use jooper_consent::StopScope;
use jooper_core::{
    Dimensions, EmailAddress, EnrollmentId, EventKind, InboundKind, LeadId, MailboxState,
    ParkReason, SendState, StopReason, StopSource,
};
use jooper_message::inbound::intent::IntentVerdict;
use jooper_message::inbound::matching::{Receiver, Role, is_company, role};
use jooper_message::inbound::{self, Classification, Context, InboundMail, Kind, UnsubscribeBy};
use jooper_storage::tables::{EnrollmentRow, SendRow};
use jooper_storage::{Column, LogEntry, StorageExt, Versioned};
use jooper_transport::{Arrived, Cursor, Receipt, TransportError};

use super::account::{A_DAY, Doing};
use super::matching::{Match, last_mail, looks_like_report};
use super::verdict::{BY_COMPANY, Facts, Meaning, brings_back, meaning};
use super::{Lane, Wake};
use crate::decide::Event;
use crate::error::EngineError;

/// Mails of one page that cannot be read, each asked for the first time, before the others
/// wait for the next pass: where so many fail, the provider does. Those that are waited for already
/// do not count: all wait side by side, and none behind another.
const FAILURES: usize = 3;

/// How far back a full search goes when the provider has forgotten the cursor.
const RESYNC: SignedDuration = SignedDuration::from_hours(24 * 14);

impl Lane<'_> {
    /// Reads the mailbox's changes when it is time to, always before anything is sent.
    pub(super) async fn listen(&mut self, wake: &mut Wake) -> Result<(), EngineError> {
        self.heard = false;
        if self.account.state == MailboxState::Parked {
            // As earlier versions wrote it; its end stands beside it.
            self.set_account_state(MailboxState::Connected).await?;
        }
        match self.account.state {
            MailboxState::Connected | MailboxState::ReadOnly | MailboxState::Paused => {}
            // What its owner knew when they connected it so.
            MailboxState::SendOnly => {
                self.heard = true;
                return Ok(());
            }
            _ => return Ok(()),
        }
        let every = SignedDuration::from_secs(i64::from(self.engine.settings.sync_seconds));
        loop {
            let cursor = match &self.account.cursor {
                Some(cursor) => Cursor(cursor.clone()),
                // Never read before the copy was made: from the beginning of the connection.
                None if self.rebuild.is_some() => Cursor(String::new()),
                None => match self.engine.parts.inbox.baseline(self.account_ref()).await {
                    Ok(cursor) => cursor,
                    Err(error) => return self.cannot_listen(error, wake).await,
                },
            };
            let since = match &self.rebuild {
                Some(_) => self.account.connected_at,
                None => self.engine.now(),
            };
            // What a clock wrote down that was ahead hides no mail.
            let not_before = self.account.synced_at.unwrap_or(since);
            let not_before = not_before.min(self.engine.now());
            let not_before = not_before.saturating_sub(RESYNC).unwrap_or(not_before);
            let asked_at = self.engine.now();
            let inbox = &self.engine.parts.inbox;
            let delta = match inbox.changes(self.account_ref(), &cursor, not_before).await {
                Ok(delta) => delta,
                Err(error) => return self.cannot_listen(error, wake).await,
            };
            let (mut failed, mut new) = (Vec::new(), 0);
            for arrived in &delta.arrived {
                let waits = self.is_failing(arrived);
                match self.receive(arrived).await {
                    Ok(()) | Err(EngineError::Transport(TransportError::Gone)) => {}
                    // One mail that cannot be read hides no other on its page.
                    Err(EngineError::Transport(error)) => {
                        failed.push(error);
                        new += usize::from(!waits);
                    }
                    Err(error) => return Err(error),
                }
                if new == FAILURES || !failed.is_empty() && self.out_of_time() {
                    break;
                }
            }
            if let Some(error) = failed.pop() {
                return self.cannot_listen(error, wake).await;
            }
            // The cursor moves only behind arrivals that were stored: whatever came before a crash
            // is read again, and its facts are the same facts.
            let whole = (!delta.more).then_some(asked_at);
            self.remember_cursor(delta.next, whole).await?;
            self.heard = !delta.more;
            if self.heard || self.out_of_time() {
                break;
            }
        }
        if self.heard {
            // What arrives from here on may be told instead of polled for.
            let inbox = &self.engine.parts.inbox;
            inbox.keep_watch(self.account_ref()).await;
        }
        wake.sooner(self.soon(every));
        Ok(())
    }

    async fn cannot_listen(
        &mut self,
        error: TransportError,
        wake: &mut Wake,
    ) -> Result<(), EngineError> {
        tracing::warn!(mailbox = %self.mailbox, %error, "the mailbox cannot be read");
        self.account_refused(&error, Doing::Reading).await?;
        let pause = match error.retry() {
            jooper_core::Retry::After(pause) => {
                SignedDuration::try_from(pause).unwrap_or(SignedDuration::from_mins(5))
            }
            _ => SignedDuration::from_mins(2),
        };
        wake.sooner(self.soon(pause));
        Ok(())
    }

    /// Takes in one arrival.
    async fn receive(&mut self, arrived: &Arrived) -> Result<(), EngineError> {
        if arrived.outgoing {
            return self.own_mail(arrived).await;
        }
        if self.known(&arrived.provider_id).await?.is_some() {
            return Ok(());
        }
        let mut found = self.match_header(arrived).await?;
        // Where the list tells no header, nobody knows what it is before its text is read.
        let may_report = looks_like_report(arrived) || arrived.headers.is_empty();
        if found.enrollments.is_empty() && found.service.is_none() && !may_report {
            return Ok(());
        }
        if self.was_given_up(arrived).await? {
            return Ok(());
        }
        let Some(raw) = self.raw_of(arrived).await? else {
            return self.cannot_read(arrived, &found).await;
        };
        let mail = InboundMail::parse(&raw);
        let context = Context::new(self.engine.parts.authority.clone());
        let verdict = inbound::classify(&mail, &context);
        let told = arrived.headers.is_empty().then(|| told_by(arrived, &mail));
        let arrived = told.as_ref().unwrap_or(arrived);
        if found.enrollments.is_empty() && told.is_some() {
            found = self.match_header(arrived).await?;
        }
        if verdict.is_claim() {
            found = self.match_report(found, &verdict, arrived.at).await?;
        }
        let objects =
            || matches!(verdict.kind, Kind::Unsubscribe(_)) || verdict.also_asks.is_some();
        let of_nobody = found.enrollments.is_empty() || found.by_title && !objects();
        if of_nobody && let Some(service) = found.service {
            return self
                .hear_of_service(service, arrived, &mail, &verdict)
                .await;
        }
        if of_nobody {
            return Ok(());
        }
        self.take_in(arrived, &found, &mail, &verdict).await
    }

    /// What a report is about. The mail it brings back says it best, whatever its sender has put into
    /// the header; whom it names says more than that its sender is of the same company.
    async fn match_report(
        &self,
        by_header: Match,
        verdict: &Classification,
        arrived: Timestamp,
    ) -> Result<Match, EngineError> {
        let original = &verdict.original;
        // Its own id, then what it answered, the nearest first.
        let ids = original.message_id.iter();
        let ids = ids.chain(original.references.iter().rev());
        let found = self.match_references(ids.map(String::as_str)).await?;
        if !found.enrollments.is_empty() {
            return Ok(found);
        }
        if !by_header.enrollments.is_empty() && by_header.by != BY_COMPANY {
            return Ok(by_header);
        }
        let service = found.service.or(by_header.service);
        if service.is_some() {
            return Ok(Match {
                service,
                ..Match::default()
            });
        }
        let named = verdict
            .recipients
            .iter()
            .map(|recipient| recipient.address.as_str());
        // A report that names nobody is about the only one the returned mail went to.
        let only = match original.to.as_slice() {
            [only] if verdict.recipients.is_empty() => Some(only.as_str()),
            _ => None,
        };
        self.match_addresses(named.chain(only), arrived).await
    }

    async fn take_in(
        &mut self,
        arrived: &Arrived,
        found: &Match,
        mail: &InboundMail<'_>,
        verdict: &Classification,
    ) -> Result<(), EngineError> {
        let Some(enrollment) = self.enrollment(found.enrollments[0]).await? else {
            return Ok(());
        };
        let role = self.role(mail, verdict, &enrollment.record).await?;
        if role == Role::Own {
            return Ok(());
        }
        let judged = if verdict.kind.is_human() {
            // Gmail-derived text: the embedded judge keeps it inside this process (law L15); one
            // of the embedder's own is their word that it does, or that they were allowed to.
            self.engine.parts.replies.intent(&verdict.visible_text)
        } else {
            IntentVerdict::default()
        };
        let facts = Facts {
            role,
            by: found.by,
            about_them: self.is_about(verdict, &enrollment.record, found.by).await?,
            by_them: self.is_by_them(mail, verdict, &enrollment.record).await?,
            to_us: self.is_to_us(mail),
            judged: &judged,
        };
        let meaning = meaning(verdict, &facts);
        let kind = meaning.kind;
        tracing::info!(enrollment = %enrollment.record.id, kind = kind.name(), by = found.by, "mail arrived");
        // Stops come first: what the person wants holds even if everything after it fails.
        if let Some(reason) = meaning.stop {
            // A report's sender speaks of others.
            let from = mail.from_address().filter(|_| !verdict.is_claim());
            self.stop_person(&enrollment.record, reason, from.as_deref())
                .await?;
        }
        // What is read again after a crash finds its message stored, and is passed over: the message
        // comes last, and everything before it is the same when it is done twice.
        if let Some(row) = self.proof_of_send(found).await? {
            self.settle_by_answer(row, arrived).await?;
        }
        if let Some(event) = &meaning.event {
            for other in found.enrollments.iter().skip(1) {
                self.happen(*other, event).await?;
            }
        }
        if meaning.limit {
            self.park(self.soon(A_DAY), ParkReason::LimitNotice).await?;
        }
        let mut batch = self
            .store_mail(
                self.batch(),
                arrived,
                found,
                &enrollment.record,
                (&meaning, &facts),
                mail,
                verdict,
            )
            .await?;
        if meaning.counts {
            let fact = self
                .fact_of(arrived, &meaning, found, &enrollment.record)
                .await?;
            batch = batch.append(fact);
        }
        match &meaning.event {
            Some(event) => {
                self.happen_with(enrollment.record.id, event, batch).await?;
            }
            None => self.engine.storage().commit(batch).await?,
        }
        Ok(())
    }

    /// Whether a report is about the person of an enrollment: it calls an address of theirs dead, it
    /// says that the mail complained of went there, or it brings back our mail to them, which they had
    /// forwarded.
    ///
    /// Other people are written to in the same conversation: by its owner, in Cc. And whoever sends a
    /// report chooses what its header ties it to: what its origin may speak of is another matter.
    async fn is_about(
        &self,
        verdict: &Classification,
        enrollment: &EnrollmentRow,
        by: &str,
    ) -> Result<bool, EngineError> {
        if !verdict.is_claim() {
            return Ok(true);
        }
        let theirs = self.address_of(enrollment).await?;
        let theirs = theirs.map(|theirs| self.vault.contact_index(&theirs));
        let is_theirs = |address: &str| {
            let address = EmailAddress::parse(address);
            address.is_ok_and(|address| Some(self.vault.contact_index(&address)) == theirs)
        };
        if !matches!(verdict.kind, Kind::DeliveryReport(_)) {
            return Ok(brings_back(by) || verdict.complained_of().is_some_and(is_theirs));
        }
        let dead = verdict.recipients.iter().filter(|one| one.is_hard());
        let named = dead
            .flat_map(inbound::dsn::FailedRecipient::addresses)
            .any(is_theirs);
        let original = &verdict.original;
        let forwarded = brings_back(by)
            && original.cc.is_empty()
            && matches!(original.to.as_slice(), [only] if is_theirs(only));
        Ok(named || forwarded)
    }

    /// Whether a button's mail comes from an address of the person it is tied to; other mail is not asked.
    async fn is_by_them(
        &self,
        mail: &InboundMail<'_>,
        verdict: &Classification,
        enrollment: &EnrollmentRow,
    ) -> Result<bool, EngineError> {
        if !matches!(verdict.kind, Kind::Unsubscribe(UnsubscribeBy::Mailto)) {
            return Ok(true);
        }
        let writer = mail.from_address();
        let writer = writer.and_then(|writer| EmailAddress::parse(&writer).ok());
        let Some(writer) = writer else {
            return Ok(false);
        };
        let leads = self.leads_at(&writer).await?;
        Ok(leads.contains(&enrollment.lead))
    }

    /// Whether the To header names this mailbox. A second one is somebody's addition: a signature covers the last
    /// alone (RFC 6376 section 5.4.2).
    pub(super) fn is_to_us(&self, mail: &InboundMail<'_>) -> bool {
        let own = || self.profile.aliases.iter().chain([&self.profile.email]);
        let is_own = |to: &inbound::mail::Address| {
            own().any(|own| own.as_str().eq_ignore_ascii_case(&to.address))
        };
        mail.headers_raw("to").len() == 1 && mail.addresses("to").iter().any(is_own)
    }

    /// Whether a mail is our own (the owner's, an alias's, a colleague's in the same house), passed
    /// on, or from somebody else.
    async fn role(
        &self,
        mail: &InboundMail<'_>,
        verdict: &Classification,
        enrollment: &EnrollmentRow,
    ) -> Result<Role, EngineError> {
        let own = self.profile.aliases.iter().chain([&self.profile.email]);
        let role = role(mail, &Receiver::new(own.cloned()));
        // A report may come from our own mail server, and we may write to people of our own house.
        let colleague = self.is_colleagues(mail);
        if role != Role::Inbound || !colleague || !verdict.kind.is_human() {
            return Ok(role);
        }
        let house = domain_of(&self.profile.email);
        let to = self.address_of(enrollment).await?;
        let to_ourselves = to.is_none_or(|to| to.domain().eq_ignore_ascii_case(&house));
        Ok(if to_ourselves { role } else { Role::Own })
    }

    /// Whether somebody of the owner's own house wrote a mail.
    pub(super) fn is_colleagues(&self, mail: &InboundMail<'_>) -> bool {
        let house = domain_of(&self.profile.email);
        let from = mail.from_address().unwrap_or_default();
        domain_of(&from) == house && is_company(&house)
    }

    /// An unknown send that an answer proves.
    async fn proof_of_send(
        &self,
        found: &Match,
    ) -> Result<Option<Versioned<SendRow>>, EngineError> {
        let Some(key) = found.send.filter(|_| brings_back(found.by)) else {
            return Ok(None);
        };
        let row = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()]);
        Ok(row.await?.filter(|row| is_open(row.record.state)))
    }

    async fn settle_by_answer(
        &mut self,
        row: Versioned<SendRow>,
        arrived: &Arrived,
    ) -> Result<(), EngineError> {
        let receipt = Receipt {
            provider_id: String::new(),
            thread: arrived.thread.clone(),
            message_id: None,
            at: row.record.posting_at,
        };
        self.settle_sent(row, &receipt, Vec::new(), None).await
    }

    async fn fact_of(
        &self,
        arrived: &Arrived,
        meaning: &Meaning,
        found: &Match,
        enrollment: &EnrollmentRow,
    ) -> Result<LogEntry, EngineError> {
        let kind = meaning.kind;
        let step = match found.send {
            Some(jooper_core::SendKey::Step { step, .. }) => step,
            _ => last_mail(enrollment),
        };
        let key = jooper_core::SendKey::Step {
            enrollment: enrollment.id,
            step,
        };
        let sent = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        // Of an objection the log tells how it was made: the breakers count words, not links.
        let reason = match (kind, meaning.stop) {
            (InboundKind::Unsubscribe, Some(stop)) => stop.code(),
            _ => kind.code(),
        };
        let event = match kind {
            InboundKind::HardBounce => EventKind::Bounced,
            InboundKind::SoftBounce | InboundKind::PolicyBlock | InboundKind::SendingLimit => {
                EventKind::SoftBounced
            }
            InboundKind::Delayed => EventKind::Delayed,
            InboundKind::Complaint => EventKind::Complained,
            InboundKind::Unsubscribe => EventKind::Unsubscribed,
            InboundKind::Reply => EventKind::Replied,
            InboundKind::Calendar => EventKind::CalendarReplied,
            _ => EventKind::AutoReplied,
        };
        let dimensions = Dimensions {
            campaign: Some(enrollment.campaign),
            step: Some(step),
            variant: sent.map(|row| row.record.variant),
            mailbox: Some(self.mailbox),
            reason: Some(reason),
            ..Dimensions::default()
        };
        let whose = self.mailbox.uuid();
        let source: &[&[u8]] = &[whose.as_bytes(), arrived.provider_id.as_bytes()];
        Ok(LogEntry::new(event, arrived.at, source, dimensions).about(enrollment.lead))
    }

    /// Stops mail to a person for good, and to whoever wrote where that is somebody else: who answers
    /// a mail that was passed on objects for themselves, and perhaps for both. Of a lead that was
    /// deleted meanwhile, the writer alone says the address: without it an import would bring them back.
    pub(super) async fn stop_person(
        &self,
        enrollment: &EnrollmentRow,
        reason: StopReason,
        from: Option<&str>,
    ) -> Result<(), EngineError> {
        let source = match reason {
            StopReason::Bounced | StopReason::Complained => StopSource::Provider,
            _ => StopSource::Person,
        };
        let known = self.address_of(enrollment).await?;
        let theirs = match &known {
            Some(address) => Some((
                self.vault.contact_index(address),
                self.vault.variant_indexes(address),
            )),
            // An address that does not open, or may not be read, is still known by its index.
            None => self
                .lead_row(enrollment.lead)
                .await?
                .map(|row| (row.contact_index, Vec::new())),
        };
        let stops = &self.engine.parts.stops;
        let lead = enrollment.lead;
        let listed = theirs.as_ref().map(|(contact_index, _)| *contact_index);
        if let Some((contact_index, variants)) = theirs {
            let scope = StopScope::Person {
                contact_index,
                variants,
                lead: Some(lead),
            };
            stops
                .stop_person(self.workspace, scope, reason, source)
                .await?;
        }
        let writer = from.filter(|_| source == StopSource::Person);
        let Some(writer) = writer.and_then(|from| EmailAddress::parse(from).ok()) else {
            return Ok(());
        };
        if listed == Some(self.vault.contact_index(&writer)) {
            return Ok(());
        }
        let otherwise = listed.is_none().then_some(lead);
        self.stop_address(&writer, otherwise, reason, source).await
    }

    /// Stops whoever has an address, under every address that they have; as this lead's, where it is
    /// nobody's.
    pub(super) async fn stop_address(
        &self,
        address: &EmailAddress,
        otherwise: Option<LeadId>,
        reason: StopReason,
        source: StopSource,
    ) -> Result<(), EngineError> {
        let leads = self.leads_at(address).await?;
        let mut leads: Vec<_> = leads.into_iter().map(Some).collect();
        if leads.is_empty() {
            leads.push(otherwise);
        }
        for lead in leads {
            let scope = StopScope::Person {
                contact_index: self.vault.contact_index(address),
                variants: self.vault.variant_indexes(address),
                lead,
            };
            self.engine
                .parts
                .stops
                .stop_person(self.workspace, scope, reason, source)
                .await?;
        }
        Ok(())
    }

    async fn address_of(
        &self,
        enrollment: &EnrollmentRow,
    ) -> Result<Option<EmailAddress>, EngineError> {
        match self.person(enrollment).await {
            Err(EngineError::Content(_)) => Ok(None),
            person => Ok(person?.map(|person| person.address)),
        }
    }

    /// A mail that the account itself sent: ours, the owner's by hand, or a second copy's.
    async fn own_mail(&mut self, arrived: &Arrived) -> Result<(), EngineError> {
        let tokens = self.tokens_of(arrived);
        let own = self.own_token(arrived);
        let restored = self.may_adopt(arrived);
        let mut ours = false;
        for token in &tokens {
            let key = vec![token.send_key.to_value()];
            let row = self
                .engine
                .storage()
                .find::<SendRow>(self.workspace, key)
                .await?;
            let foreign = row
                .as_ref()
                .is_none_or(|row| token.attempt > row.record.attempt);
            if foreign && restored {
                // This copy of the ledger is older than the mail: the mail itself, not an answer in
                // its thread, says what was sent.
                if own == Some(*token) {
                    self.adopt(arrived, *token, row).await?;
                    ours = true;
                }
                continue;
            }
            let Some(row) = row else {
                return self.contested().await;
            };
            // Of a released send two tries may have gone: either is ours, whichever the row names.
            let either = row.record.released > 0 && own == Some(*token);
            ours |= is_copy(&row.record, arrived, own == Some(*token)) || either;
            // It was accepted, whoever handed it over: it must not leave once more.
            if is_open(row.record.state) {
                self.settle_by_copy(row, arrived).await?;
            }
            // The ledger knows of no such attempt: another copy of it does.
            if foreign {
                return self.contested().await;
            }
        }
        // What its owner writes into a thread of ours carries our tokens, too.
        if ours {
            return Ok(());
        }
        let found = self.match_header(arrived).await?;
        let by_hand = matches!(found.by, "thread" | "token" | "message id");
        match found.enrollments.first().filter(|_| by_hand) {
            Some(enrollment) => self.owner_wrote(*enrollment, arrived.at).await,
            None => Ok(()),
        }
    }

    /// A send that its own copy in the mailbox proves.
    async fn settle_by_copy(
        &mut self,
        row: Versioned<SendRow>,
        arrived: &Arrived,
    ) -> Result<(), EngineError> {
        let receipt = Receipt {
            provider_id: arrived.provider_id.clone(),
            thread: arrived.thread.clone(),
            message_id: arrived.header("Message-ID").map(str::to_owned),
            at: Some(arrived.at),
        };
        let key = row.record.key;
        self.settle_sent(row, &receipt, Vec::new(), None).await?;
        self.remember_own(&key, None).await
    }

    async fn owner_wrote(
        &mut self,
        enrollment: EnrollmentId,
        at: Timestamp,
    ) -> Result<(), EngineError> {
        self.happen(enrollment, &Event::OwnerWrote { at }).await
    }
}

/// Whether an own mail that carries a send's token is that send, and not an answer within its thread:
/// of a send that was given up nobody knows the provider's id, and the token says it.
fn is_copy(row: &SendRow, arrived: &Arrived, by_token: bool) -> bool {
    let known = row.provider_id.as_deref().unwrap_or_default();
    by_token && known.is_empty() || known == arrived.provider_id
}

/// Whether the ledger does not count this send as accepted, so that it might leave (again).
const fn is_open(state: SendState) -> bool {
    matches!(
        state,
        SendState::Planned | SendState::Reserved | SendState::NotSent | SendState::Unknown
    )
}

/// An arrival of which the list told no header, with what its text says there.
fn told_by(arrived: &Arrived, mail: &InboundMail<'_>) -> Arrived {
    let names = [
        "References",
        "In-Reply-To",
        "X-Failed-Recipients",
        "From",
        "Subject",
    ];
    let headers = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), mail.header_raw(name)?)));
    Arrived {
        headers: headers.collect(),
        ..arrived.clone()
    }
}

fn domain_of(address: &str) -> String {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.to_ascii_lowercase()
}
