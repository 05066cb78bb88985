//! Looks for what is wrong, and says what to do.

use std::sync::Arc;

use jooper::consent::{PolicySet, SenderRules};
use jooper::core::{Clock, MailboxState, SubjectId, SystemClock, WorkspaceId};
use jooper::postgres::PostgresWitness;
use jooper::sequence::{mailboxes_ahead, sender_verdicts};
use jooper::sqlite::FileWitness;
use jooper::storage::tables::{
    LEAD, LeadRow, MAILBOX, MailboxRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use jooper::storage::{Scan, Scope, Standing, Storage, StorageExt, Versioned, Witness};
use jooper::vault::{FileKms, Vault};

use super::ConfigOption;
use crate::config::{Config, passphrase};
use crate::demo::say;
use crate::error::{Context, ServerError};
use crate::place::{self, Place};
use crate::service;
use crate::web::{standing, words};

async fn witness(place: &Place) -> Result<Arc<dyn Witness>, ServerError> {
    let doing = || format!("witness {place}");
    Ok(match place {
        Place::File(path) => Arc::new(FileWitness::open(path).await.context(doing())?),
        Place::Postgres(database) => {
            let options = database.options(place::WITNESS_SCHEMA)?.connections(2);
            Arc::new(PostgresWitness::open_with(options).await.context(doing())?)
        }
    })
}

/// Mailboxes that are held until their domain proves their mail, or because they were not disconnected to
/// the end. Their addresses stay sealed: the page Mailboxes tells what to publish.
async fn senders(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    mailboxes: &[Versioned<MailboxRow>],
    checks: bool,
) -> Result<Vec<String>, ServerError> {
    let held = standing::held(storage, workspace)
        .await
        .context("the stops")?;
    let verdicts = sender_verdicts(storage, workspace).await;
    let verdicts = verdicts.context("the mailboxes")?;
    let leaving = mailboxes
        .iter()
        .map(|row| &row.record)
        .filter(|row| row.state != MailboxState::Disconnected && held.leaving.contains(&row.id));
    let leaving = leaving.map(|row| {
        format!(
            "mailbox {}: it is held, because Google did not take its permission back when it was \
             disconnected: disconnect it once more, or connect it again",
            row.id
        )
    });
    let of_mailboxes = mailboxes.iter().map(|row| row.record.id);
    let unproven = of_mailboxes.filter(|mailbox| held.unproven.contains(mailbox));
    let unproven = unproven.map(|mailbox| match verdicts.get(&mailbox) {
        _ if !checks => format!(
            "mailbox {mailbox}: it is held until its domain proves its mail, and nobody checks that any \
             more, so nothing lets it go; write [dns] check_senders = true into the config file"
        ),
        Some(verdict) => {
            let rules = SenderRules::default();
            let missing = verdict.findings.iter();
            let missing: Vec<_> = missing.map(|one| one.advice("its domain", &rules)).collect();
            format!("mailbox {mailbox}: it is held: {}", missing.join("; "))
        }
        None => format!(
            "mailbox {mailbox}: it is held: the DNS has not answered about its domain yet; look whether \
             this machine may ask one, or name another under [dns] servers"
        ),
    });
    Ok(unproven.chain(leaving).collect())
}

/// Mailboxes that have seen a time which has not come yet.
async fn ahead(storage: &dyn Storage, workspace: WorkspaceId) -> Result<Vec<String>, ServerError> {
    let ahead = mailboxes_ahead(storage, workspace, SystemClock.now()).await;
    let ahead = ahead.context("the lanes")?.into_iter();
    let told = ahead.map(|(mailbox, seen)| {
        format!(
            "mailbox {mailbox}: the clock of a host was ahead and showed {seen:.0}; limits count from \
             there, so it is read and sends little or nothing until then: set the clocks of all hosts, \
             and say so: `campaign trust-clock {mailbox}`"
        )
    });
    Ok(told.collect())
}

/// Opens everything as the server would and checks that it fits together.
pub(crate) async fn doctor(option: ConfigOption) -> Result<(), ServerError> {
    let config = Config::read(&option.config)?;
    config.refuse_without_sign_in()?;
    say(&format!("config    {} reads", option.config.display()));
    let files = config.files();
    service::must_exist(&files.database).await?;
    let kms = FileKms::open(&files.keys, &passphrase()?)
        .context(format!("key file {}", files.keys.display()))?;
    say(&format!("keys      {} opens", files.keys.display()));
    let storage = service::data(&files.database).await?;
    say(&format!("data      {} opens", files.database));
    if let Place::File(path) = &files.witness
        && !path.exists()
    {
        return Err(ServerError::Usage(format!(
            "the witness {} is missing: put its newest copy back before the next start, or a restored \
             backup forgets the stops and erasures from before",
            path.display()
        )));
    }
    let witness = witness(&files.witness).await?;
    let position = witness.position().await.context("the witness")?;
    say(&format!("witness   {position} records"));
    let checks_senders = config.dns().checks_senders();
    say(match checks_senders {
        true => "senders   their domains must prove their mail (SPF, DKIM, DMARC)",
        false => {
            "senders   nobody checks whether their domains prove their mail; write [dns] \
             check_senders = true into the config file"
        }
    });
    let vault = Vault::new(storage.clone(), Arc::new(kms));
    let mut problems = Vec::new();
    let stale = super::policy_stale(&PolicySet::shipped(), SystemClock.now());
    problems.extend(stale.iter().map(ToString::to_string));
    let standing = Standing::read(&*storage, &*witness, vault.installation()).await;
    let standing = standing.context("the witness")?;
    if standing.witness_lost {
        problems.push(
            "the witness knows less than the data: it was lost, or an old copy was put back; put its newest copy back before the next start, or let the next start write into it again what the data knows".to_owned(),
        );
    }
    if standing.restored {
        say("data      was put back: every mailbox is read at the next start before it sends");
    }
    let scan = Scan::table(&WORKSPACE_DIRECTORY);
    let workspaces = storage
        .collect::<WorkspaceDirectoryRow>(Scope::Platform, scan)
        .await
        .context("the data")?;
    if workspaces.is_empty() {
        problems.push("the data holds no workspace: it is not this server's, or its first start did not end; start the server once".to_owned());
    }
    for workspace in workspaces {
        let id = workspace.record.id;
        let opened = match vault.workspace(id).await {
            Ok(opened) => opened,
            Err(error) => {
                problems.push(format!("{id}: {error}"));
                continue;
            }
        };
        let leads = storage
            .collect::<LeadRow>(id, Scan::table(&LEAD))
            .await
            .context("the leads")?;
        let subjects: Vec<SubjectId> = leads.iter().map(|lead| lead.record.id.into()).collect();
        match opened.subjects(&subjects).await {
            Ok(keys) => {
                let lost = subjects
                    .iter()
                    .filter(|subject| !keys.contains_key(subject));
                problems.extend(lost.map(|subject| {
                    format!("lead {subject}: its key is missing; its data can never be opened: erase it, or restore data and keys of the same day")
                }));
            }
            Err(error) => problems.push(format!("{id}: keys of leads: {error}")),
        }
        let mailboxes = storage
            .collect::<MailboxRow>(id, Scan::table(&MAILBOX))
            .await
            .context("the mailboxes")?;
        for mailbox in &mailboxes {
            let row = &mailbox.record;
            let state = words::told(row, SystemClock.now());
            if !matches!(state, MailboxState::Connected | MailboxState::Disconnected) {
                problems.push(format!(
                    "mailbox {}: {}; {}",
                    row.id,
                    state.name().replace('_', " "),
                    words::mailbox(state).1
                ));
            }
        }
        problems.extend(senders(&*storage, id, &mailboxes, checks_senders).await?);
        problems.extend(ahead(&*storage, id).await?);
        say(&format!(
            "workspace {id}: {} leads, {} mailboxes",
            leads.len(),
            mailboxes.len()
        ));
    }
    if problems.is_empty() {
        say("Nothing is wrong.");
        return Ok(());
    }
    for problem in &problems {
        say(&format!("problem   {problem}"));
    }
    Err(ServerError::Usage(format!(
        "{} problems; see above",
        problems.len()
    )))
}
