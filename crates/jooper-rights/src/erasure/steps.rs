//! The steps of an erasure, each safe to repeat.

use jiff::{SignedDuration, Timestamp};
use jooper_consent::{StopScope, erased_fact, forget_mails};
use jooper_core::{LeadId, StopReason, StopSource, WorkspaceId};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, PERMIT, PermitRow};
use jooper_storage::{
    Batch, Column, Erase, Record, Scan, Storage, StorageExt, StoreError, Version, WitnessEntry,
    Write,
};
use jooper_vault::{AnswerRightsRequest, WorkspaceVault};

use super::job::{Job, Stage};
use super::{Erasure, ErasureRequest};
use crate::certificate::{Backups, Certificate, Kept, Level, Statement, StoreResult, commitment};
use crate::contacts::{Contacts, contacts_of};
use crate::error::RightsError;
use crate::replay::erase_rows;
use crate::rights::Rights;

/// Steps that one call may take: more than there are, fewer than for ever.
const STEPS: usize = 32;

impl Rights {
    /// Erases a lead: stops every send, removes its rows and its key, and proves it.
    ///
    /// The person must have been identified before. Returns when nothing of the lead is readable in
    /// the live data. Idempotent and safe to stop anywhere: call again, or let
    /// [`Rights::resume`] do so. A second request for the same lead gets the first certificate.
    /// Suppression stays: neither a re-import nor a restored backup mails the person.
    ///
    /// # Errors
    /// [`RightsError::NoLead`] when there is none to erase; [`RightsError::StillHeld`] while a long
    /// reader keeps old pages; else call again as [`RightsError::retry`] says.
    pub async fn erase_lead(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        request: ErasureRequest,
    ) -> Result<Erasure, RightsError> {
        let ours = self.vault.workspace(ws).await?;
        for _ in 0..STEPS {
            let Some((job, version)) = self.job(&ours, lead).await? else {
                self.lead(ws, lead).await?;
                let row = self.job_row(&ours, lead, &Job::new(request))?;
                unless_conflict(self.storage.commit(Batch::new(ws).insert(&row)).await)?;
                continue;
            };
            let next = match job.stage {
                Stage::Received => self.stop(&ours, lead, job).await?,
                Stage::Stopped => self.tell_witness(ws, lead, job).await?,
                Stage::Witnessed => self.remove(ws, lead, job).await?,
                Stage::Erased => {
                    self.finish(&ours, lead, job, version).await?;
                    continue;
                }
                Stage::Done => return self.proof(&ours, lead, &job),
            };
            let row = self.job_row(&ours, lead, &next)?;
            let batch = Batch::new(ws).update(&row, version);
            // Lost to another process that does the same: go on from where it is.
            unless_conflict(self.storage.commit(batch).await)?;
        }
        Err(StoreError::Busy(None).into())
    }

    /// Finishes the erasures that a crash left half-done. Call it at start and from time to time.
    ///
    /// # Errors
    /// As [`Rights::erase_lead`]: the first that did not finish, after all were tried.
    pub async fn resume(&self, ws: WorkspaceId) -> Result<Vec<Erasure>, RightsError> {
        let ours = self.vault.workspace(ws).await?;
        let (mut finished, mut failed) = (Vec::new(), None);
        for lead in self.unfinished(ws).await? {
            match self.resume_one(&ours, lead).await {
                Ok(erasure) => finished.extend(erasure),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(finished), Err)
    }

    async fn resume_one(
        &self,
        ours: &WorkspaceVault,
        lead: LeadId,
    ) -> Result<Option<Erasure>, RightsError> {
        let Some((job, _)) = self.job(ours, lead).await? else {
            return Ok(None);
        };
        let request = ErasureRequest {
            id: job.request,
            received_at: job.received_at,
        };
        let erasure = self.erase_lead(ours.workspace(), lead, request).await?;
        Ok(Some(erasure))
    }

    /// Received → Stopped.
    async fn stop(
        &self,
        ours: &WorkspaceVault,
        lead: LeadId,
        mut job: Job,
    ) -> Result<Job, RightsError> {
        let ws = ours.workspace();
        let purpose = AnswerRightsRequest {
            request: job.request,
        };
        let contacts = contacts_of(&*self.storage, ours, lead, purpose).await?;
        let mut stopped_at = self.clock.now();
        for (contact, forms) in &contacts.forms {
            let scope = StopScope::Person {
                contact_index: *contact,
                variants: forms.iter().copied().collect(),
                lead: Some(lead),
            };
            let ack = self
                .stops
                .stop(ws, scope, StopReason::Erased, StopSource::Person)
                .await?;
            stopped_at = stopped_at.max(ack.at);
        }
        self.tell_listeners(ws, lead).await?;
        self.remove_permits(ws, lead, &contacts).await?;
        let salt = salt(ours, lead);
        job.stage = Stage::Stopped;
        job.stopped_at = Some(stopped_at);
        job.commitments = contacts
            .addresses
            .iter()
            .map(|address| commitment(&salt, address))
            .collect();
        job.commitments.sort();
        job.also = contacts.also.into_iter().collect();
        Ok(job)
    }

    /// Stopped → Witnessed.
    async fn tell_witness(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
        mut job: Job,
    ) -> Result<Job, RightsError> {
        let entry = WitnessEntry::Erased {
            workspace,
            subject: lead.into(),
        };
        self.witness.append(self.clock.now(), &[entry]).await?;
        job.stage = Stage::Witnessed;
        Ok(job)
    }

    /// Witnessed → Erased.
    async fn remove(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
        mut job: Job,
    ) -> Result<Job, RightsError> {
        // Before the rows go: a rotation that ends this epoch ends every copy of the key.
        job.epoch = self.vault.epoch().await?;
        let subject = lead.into();
        let removed = erase_rows(&*self.storage, Erase { workspace, subject }).await?;
        job.bytes_later = removed.later;
        job.erased_at = Some(self.clock.now());
        job.stage = Stage::Erased;
        Ok(job)
    }

    /// Erased → Done: the event and the certificate in one commit.
    async fn finish(
        &self,
        ours: &WorkspaceVault,
        lead: LeadId,
        mut job: Job,
        version: Version,
    ) -> Result<(), RightsError> {
        let ws = ours.workspace();
        let seed = self.vault.secret("certificate signing key").await?;
        let statement = self.statement(ws, lead, &job);
        job.certificate = Some(Certificate::sign(&statement, &seed).to_json());
        job.stage = Stage::Done;
        let event = erased_fact(lead, statement.erased_at);
        let row = self.job_row(ours, lead, &job)?;
        let batch = Batch::new(ws).update(&row, version).append(event);
        Ok(unless_conflict(self.storage.commit(batch).await)?)
    }

    fn proof(
        &self,
        ours: &WorkspaceVault,
        lead: LeadId,
        job: &Job,
    ) -> Result<Erasure, RightsError> {
        let text = job.certificate.as_deref();
        let certificate = text.and_then(|text| Certificate::parse(text).ok());
        Ok(Erasure {
            certificate: certificate.ok_or(RightsError::Record { lead })?,
            salt: salt(ours, lead),
            also_recorded_as: job.also.clone(),
        })
    }

    async fn tell_listeners(&self, ws: WorkspaceId, lead: LeadId) -> Result<(), RightsError> {
        if self.listeners.is_empty() {
            return Ok(());
        }
        let scan = Scan::table(&ENROLLMENT)
            .by("by_lead")
            .prefix(vec![lead.to_value()]);
        let enrollments: Vec<_> = self
            .storage
            .collect::<EnrollmentRow>(ws, scan)
            .await?
            .into_iter()
            .map(|row| (row.record.id, row.record.mailbox))
            .collect();
        for listener in &self.listeners {
            listener
                .stopped(ws, lead, &enrollments)
                .await
                .map_err(|source| RightsError::Listener { lead, source })?;
        }
        Ok(())
    }

    /// Ended permits name the person by a keyed index; nothing needs them any more. The table is
    /// short: permits last seconds.
    async fn remove_permits(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        contacts: &Contacts,
    ) -> Result<(), RightsError> {
        let permits = self
            .storage
            .collect::<PermitRow>(ws, Scan::table(&PERMIT))
            .await?;
        let theirs = permits.iter().map(|row| &row.record).filter(|permit| {
            permit.lead == Some(lead) || contacts.forms.contains_key(&permit.contact_index)
        });
        let mut batch = theirs.fold(Batch::new(ws), |batch, permit| {
            batch.write(Write::Delete(permit.key()))
        });
        // Nor is it of use any more what earlier leads of theirs were sent.
        for contact in contacts.forms.keys() {
            batch = forget_mails(batch, *contact);
        }
        if !batch.writes.is_empty() {
            self.storage.commit(batch).await?;
        }
        Ok(())
    }

    fn statement(&self, workspace: WorkspaceId, lead: LeadId, job: &Job) -> Statement {
        let (format, version) = Statement::form();
        let erased_at = job.erased_at.unwrap_or_else(|| self.clock.now());
        let (epoch_days, key_backup_days) =
            (self.settings.epoch_days, self.settings.key_backup_days);
        Statement {
            format,
            version,
            software: concat!("jooper ", env!("CARGO_PKG_VERSION")).to_owned(),
            installation: self.vault.installation(),
            workspace,
            request: job.request,
            subject: lead,
            addresses: job.commitments.clone(),
            received_at: job.received_at,
            stopped_at: job.stopped_at.unwrap_or(erased_at),
            erased_at,
            results: results(job.bytes_later),
            backups: Backups {
                unreadable_from: later(erased_at, epoch_days + key_backup_days),
                epoch: job.epoch,
                epoch_days,
                key_backup_days,
                remains: "ciphertext without a key, and keyed indexes of the addresses, which are \
                          pseudonyms to whoever holds the index key"
                    .to_owned(),
            },
            kept: kept(),
            out_of_scope: out_of_scope(),
        }
    }
}

fn later(time: Timestamp, days: u32) -> Timestamp {
    time.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MAX)
}

/// The person's salt: nobody else's, the same every time, never stored.
fn salt(ours: &WorkspaceVault, lead: LeadId) -> [u8; 32] {
    *ours
        .tag("erasure certificate salt", lead.uuid().as_bytes())
        .as_bytes()
}

fn unless_conflict(result: Result<(), StoreError>) -> Result<(), StoreError> {
    match result {
        Err(error) if error.is_conflict() => Ok(()),
        other => other,
    }
}

fn results(bytes_later: bool) -> Vec<StoreResult> {
    let rows = if bytes_later {
        Level::Unreachable
    } else {
        Level::Absent
    };
    let result = |store: &str, level, what: &str| StoreResult {
        store: store.to_owned(),
        level,
        what: what.to_owned(),
    };
    vec![
        result(
            "database",
            rows,
            "profile, addresses, basis, conversations and decisions removed; ledger rows emptied of \
             everything that points to the person",
        ),
        result(
            "event log",
            rows,
            "contents of the person's events removed; times and kinds stay as counts",
        ),
        result(
            "keys",
            Level::KeyDestroyed,
            "the person's own data key removed from the database",
        ),
        result(
            "backups",
            Level::AbsentFromBackups,
            "the key that wraps the person's data key in older copies is destroyed by the date given",
        ),
    ]
}

fn kept() -> Vec<Kept> {
    let kept = |what: &str, why: &str| Kept {
        what: what.to_owned(),
        why: why.to_owned(),
    };
    vec![
        kept(
            "keyed indexes of the person's addresses on the suppression list and in the witness",
            "so that the person is not mailed again (GDPR Art. 21(3), Art. 17(3)(b))",
        ),
        kept(
            "this record, under a random id",
            "to show that the request was fulfilled (GDPR Art. 5(2))",
        ),
    ]
}

fn out_of_scope() -> Vec<String> {
    [
        "mails in the sender's own mailbox, and what its provider keeps of them",
        "mails in the person's mailbox",
        "exports that were downloaded, and data delivered to other systems, before the erasure",
        "names that users typed for tags, campaigns and files, if they named the person",
        "the process memory of the running system",
    ]
    .map(str::to_owned)
    .into()
}
