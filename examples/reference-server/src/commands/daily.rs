//! What people do with campaigns day by day, from the command line while the server is stopped; a
//! running server does it on its pages. The worker that starts next carries it out.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use jooper::consent::{NotOwn, OwnDomains, StopScope};
use jooper::core::{
    CampaignId, CompanyId, EnrollmentId, IdSource, LeadId, MailboxId, SendKey, SystemIds,
};
use jooper::sequence::model::{Action, Cohort, Edit, Sequence, SettingsEdit};
use jooper::sequence::{Campaigns, EngineError, QueuedStep, TestMail, words_of_search};
use jooper::storage::tables::SendRow;
use jooper::storage::{Column, StorageExt};
use uuid::Uuid;

use super::{ConfigOption, tested, unlawful};
use crate::config::{Config, passphrase};
use crate::demo::say;
use crate::error::{Context, ServerError};
use crate::service::{self, Parts};
use crate::web::{App, words};

/// Options of `campaign`.
#[derive(Debug, Args)]
pub(crate) struct CampaignOptions {
    #[command(flatten)]
    config: ConfigOption,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Lists campaigns and mailboxes with their ids.
    List,
    /// Shows what a mailbox has before it today.
    Queue {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// Changes a campaign's settings while it runs: windows, caps, absences, mailboxes. Says first
    /// what that does.
    Change {
        /// The campaign.
        campaign: CampaignId,
        /// What changes, as TOML: `daily_cap = 20`, `windows = [...]`, `absences = [...]`.
        #[arg(long)]
        file: Option<PathBuf>,
        /// A mailbox that sends for it from now on, too.
        #[arg(long)]
        add_mailbox: Vec<MailboxId>,
        /// A mailbox that sends nothing for it any more; its leads wait.
        #[arg(long)]
        remove_mailbox: Vec<MailboxId>,
        /// Does it; without this, only says what it would do.
        #[arg(long)]
        apply: bool,
    },
    /// Names every lead to whom nothing of a draft may go, with the rule and what to do about it.
    Unlawful {
        /// The campaign.
        campaign: CampaignId,
    },
    /// Shows the tasks that wait for a person.
    Tasks {
        /// The campaign.
        campaign: CampaignId,
    },
    /// Skips the next mail or task of a lead.
    Skip {
        /// The lead in the campaign.
        enrollment: EnrollmentId,
    },
    /// Lets the next mail of a lead go without waiting for its time.
    SendNow {
        /// The lead in the campaign.
        enrollment: EnrollmentId,
    },
    /// Pauses one lead in its campaign, or a campaign, mailbox, company or everything.
    Pause {
        #[command(subcommand)]
        what: Scope,
    },
    /// Goes on with what was paused.
    Resume {
        #[command(subcommand)]
        what: Scope,
    },
    /// Declares in the owner's name that a mailbox has sent for long: it need not begin slowly.
    Season {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// Says in the owner's name that the clocks are right now, where a mailbox has seen a later time: its
    /// limits count from now again, and it sends nothing for a day.
    TrustClock {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// Shows the domains that are the workspace's own beside those of its mailboxes, and names others
    /// or fewer in the owner's name: the names of its senders may show them.
    OwnDomains {
        /// One more.
        #[arg(long)]
        add: Vec<String>,
        /// One that is not its own any more.
        #[arg(long)]
        remove: Vec<String>,
    },
    /// Takes one lead out of its campaign for good.
    Remove {
        /// The lead in the campaign.
        enrollment: EnrollmentId,
    },
    /// Marks the task of a lead as done.
    Done {
        /// The lead in the campaign.
        enrollment: EnrollmentId,
    },
    /// Adds leads to a running campaign.
    Add {
        /// The campaign.
        campaign: CampaignId,
        /// The leads.
        #[arg(required = true)]
        leads: Vec<LeadId>,
    },
    /// Releases one send of unknown fate for one further attempt, once, in the owner's name.
    Release {
        /// The lead in the campaign.
        enrollment: EnrollmentId,
        /// The mail, as people count them: 1 is the first.
        mail: usize,
    },
    /// Lets go on what a downtime made late.
    ResumeOverdue {
        /// The campaign.
        campaign: CampaignId,
    },
    /// Sends one mail to yourself, as a lead would get it, and says what became of it.
    Test {
        /// The campaign.
        campaign: CampaignId,
        /// The mailbox that sends and receives it.
        mailbox: MailboxId,
        /// The lead whose fields fill it.
        lead: LeadId,
        /// The mail, as people count them: 1 is the first.
        #[arg(long, default_value_t = 1)]
        mail: usize,
        /// The variant: 1 is the first.
        #[arg(long, default_value_t = 1)]
        variant: u8,
        /// How many seconds to wait for what becomes of it, where a server works on the same data.
        #[arg(long, default_value_t = 30)]
        wait: u32,
    },
    /// Says what became of a test mail.
    Tested {
        /// The test, as `test` named it.
        test: Uuid,
    },
    /// Saves a new version of a running campaign's sequence; says first what that does.
    Edit {
        /// The campaign.
        campaign: CampaignId,
        /// The sequence as TOML.
        file: PathBuf,
        /// Who goes on with the new version.
        #[arg(long, value_enum, default_value_t = Moves::NotStarted)]
        moves: Moves,
        /// Does it; without this, only says what it would do.
        #[arg(long)]
        apply: bool,
    },
}

/// What is paused or resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
enum Scope {
    /// One lead in its campaign.
    Lead {
        /// The lead in the campaign.
        enrollment: EnrollmentId,
    },
    /// Everybody at a company.
    Company {
        /// The company.
        company: CompanyId,
    },
    /// A campaign.
    Campaign {
        /// The campaign.
        campaign: CampaignId,
    },
    /// A mailbox: nothing is sent from it, and answers are read on.
    Mailbox {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// Everything.
    Workspace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Moves {
    /// Nobody: only leads who come later.
    Nobody,
    /// Those to whom nothing was sent yet.
    NotStarted,
    /// Everybody.
    Everybody,
}

impl Moves {
    fn edit(self) -> Edit {
        match self {
            Self::Nobody => Edit::stay_all(),
            Self::NotStarted => Edit {
                rules: vec![(Cohort::NotStarted, Action::Move)],
                otherwise: Action::Stay,
            },
            Self::Everybody => Edit::move_all(),
        }
    }
}

/// Does one thing and ends.
pub(crate) async fn campaign(options: CampaignOptions) -> Result<(), ServerError> {
    let config = Config::read(&options.config.config)?;
    let files = config.files();
    service::must_exist(&files.database).await?;
    let data = files.database.clone();
    let parts = Parts {
        files,
        passphrase: passphrase()?,
        google: config.google.clone(),
        public_url: config.public_url.clone(),
        engine: config.engine.clone(),
        dns: config.dns(),
        rules: config.policy.clone(),
    };
    let jooper = service::open(parts, |builder| builder).await?;
    let app = App::serve(jooper, &config).await?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    match options.verb {
        Verb::List => list(&app).await,
        Verb::Queue { mailbox } => queue(&campaigns, mailbox).await,
        Verb::Change {
            campaign,
            file,
            add_mailbox,
            remove_mailbox,
            apply,
        } => {
            let mut edit = match file {
                Some(file) => {
                    let text = read("change", &file)?;
                    SettingsEdit::from_toml(&text).context(format!("{}", file.display()))?
                }
                None => SettingsEdit::new(),
            };
            edit.add_mailboxes.extend(add_mailbox);
            edit.remove_mailboxes.extend(remove_mailbox);
            change(&app, &campaigns, campaign, &edit, apply).await
        }
        Verb::Unlawful { campaign } => unlawful::tell(&campaigns, campaign).await,
        Verb::Tasks { campaign } => {
            let tasks = campaigns.tasks(campaign).await.context("the tasks")?;
            for task in &tasks {
                say(&format!(
                    "{}  {}  lead {}",
                    task.enrollment, task.title, task.lead
                ));
            }
            say(&format!("{} tasks", tasks.len()));
            Ok(())
        }
        Verb::Skip { enrollment } => {
            let skipping = campaigns.skip(enrollment).await.context("skip")?;
            say(match skipping.is_asked() {
                true => {
                    "Noted; the worker skips it when the server runs, unless it goes before that."
                }
                false => words::skipping(skipping).1,
            });
            Ok(())
        }
        Verb::SendNow { enrollment } => {
            campaigns.send_now(enrollment).await.context("send now")?;
            noted()
        }
        Verb::Pause { what } => {
            pause(&app, &campaigns, what).await.context("pause")?;
            say("Paused: no mail in it starts any more.");
            Ok(())
        }
        Verb::Resume { what } => {
            resume(&app, &campaigns, what).await.context("resume")?;
            noted()
        }
        Verb::Season { mailbox } => {
            let mailboxes = app.jooper.workspace(app.workspace).mailboxes();
            let declared = mailboxes.season(mailbox, app.owner).await;
            declared.context("season")?;
            say("Noted: it is not new, and sends what its campaigns allow.");
            Ok(())
        }
        Verb::TrustClock { mailbox } => {
            let mailboxes = app.jooper.workspace(app.workspace).mailboxes();
            let trusted = mailboxes.trust_clock(mailbox, app.owner).await;
            trusted.context("trust-clock")?;
            say("Noted: its limits count from the clock as it is. It sends nothing for a day.");
            Ok(())
        }
        Verb::OwnDomains { add, remove } => own_domains(&app, &add, &remove).await,
        Verb::Remove { enrollment } => {
            let ended = campaigns.end_enrollment(enrollment).await;
            ended.context("remove")?;
            noted()
        }
        Verb::Done { enrollment } => {
            campaigns.task_done(enrollment).await.context("done")?;
            noted()
        }
        Verb::Add { campaign, leads } => {
            let report = campaigns
                .activate(campaign, &leads)
                .await
                .context("the leads")?;
            say(&format!("{} enrolled", report.enrolled));
            for refusal in report.refused.into_iter().chain(report.unlawful) {
                say(&format!("{}: {}", refusal.lead, refusal.reason));
            }
            Ok(())
        }
        Verb::Release { enrollment, mail } => {
            let step = campaigns.mail_at(enrollment, mail).await;
            let step = step.context("release")?;
            let released = campaigns.release(enrollment, step, app.owner).await;
            released.context("release")?;
            say(last_search(&app, SendKey::Step { enrollment, step }).await?);
            noted()
        }
        Verb::ResumeOverdue { campaign } => {
            campaigns.resume_overdue(campaign).await.context("resume")?;
            noted()
        }
        Verb::Test {
            campaign,
            mailbox,
            lead,
            mail,
            variant,
            wait,
        } => {
            let sequence = campaigns.get(campaign).await.context("test")?.sequence;
            let (Some(step), Some(variant)) = (sequence.mail_at(mail), variant.checked_sub(1))
            else {
                let what = format!("there is no mail {mail}, variant {variant}");
                return Err(ServerError::Usage(what));
            };
            let test = TestMail {
                campaign,
                step,
                variant,
                lead,
                mailbox,
                user: app.owner,
            };
            let key = SystemIds.uuid(app.now());
            campaigns.test_mail(&test, key).await.context("test")?;
            say(&format!("Noted as test {key}."));
            tested::tell(&app, &campaigns, &data, key, wait).await
        }
        Verb::Tested { test } => tested::tell(&app, &campaigns, &data, test, 0).await,
        Verb::Edit {
            campaign,
            file,
            moves,
            apply,
        } => {
            let text = read("sequence", &file)?;
            let sequence = Sequence::from_toml(&text).context(format!("{}", file.display()))?;
            edit(&campaigns, campaign, &sequence, &moves.edit(), apply).await
        }
    }
}

async fn own_domains(app: &App, add: &[String], remove: &[String]) -> Result<(), ServerError> {
    let engine = app.jooper.engine();
    let known = engine.own_domains(app.workspace).await;
    let known = known.context("the workspace's domains")?;
    let gone = |error: NotOwn| ServerError::Usage(error.to_string());
    let removed = OwnDomains::parse(remove).map_err(gone)?;
    let stay = known
        .names()
        .filter(|name| !removed.names().any(|gone| gone == *name));
    let named = stay.chain(add.iter().map(String::as_str));
    let named = OwnDomains::parse(named).map_err(gone)?;
    if named != known {
        let changed = engine.set_own_domains(app.workspace, &named, app.owner);
        changed.await.context("the workspace's domains")?;
    }
    for name in named.names() {
        say(name);
    }
    Ok(())
}

async fn pause(app: &App, campaigns: &Campaigns, what: Scope) -> Result<(), EngineError> {
    match what {
        Scope::Lead { enrollment } => campaigns.pause_enrollment(enrollment).await,
        Scope::Company { company } => campaigns.pause_company(company).await,
        Scope::Campaign { campaign } => campaigns.pause(campaign).await,
        Scope::Mailbox { mailbox } => {
            let mailboxes = app.jooper.workspace(app.workspace).mailboxes();
            mailboxes.pause(mailbox).await
        }
        Scope::Workspace => app.jooper.engine().pause_workspace(app.workspace).await,
    }
}

async fn resume(app: &App, campaigns: &Campaigns, what: Scope) -> Result<(), EngineError> {
    let by = app.owner;
    match what {
        Scope::Lead { enrollment } => campaigns.resume_enrollment(enrollment, by).await,
        Scope::Company { company } => campaigns.resume_company(company, by).await,
        Scope::Campaign { campaign } => campaigns.resume(campaign, by).await,
        Scope::Mailbox { mailbox } => {
            let mailboxes = app.jooper.workspace(app.workspace).mailboxes();
            mailboxes.resume(mailbox, by).await
        }
        Scope::Workspace => {
            let engine = app.jooper.engine();
            engine.resume_workspace(app.workspace, by).await
        }
    }
}

/// What the last search for a mail came to. It is searched for once more before it goes again.
async fn last_search(app: &App, key: SendKey) -> Result<&'static str, ServerError> {
    let storage = app.jooper.storage();
    let found = storage.find::<SendRow>(app.workspace, vec![key.to_value()]);
    let found = found.await.context("the mail")?;
    Ok(words_of_search(found.and_then(|row| row.record.searched)))
}

fn noted() -> Result<(), ServerError> {
    say("Noted; the worker carries it out when the server runs.");
    Ok(())
}

async fn list(app: &App) -> Result<(), ServerError> {
    let workspace = app.jooper.workspace(app.workspace);
    for campaign in workspace.campaigns().list().await.context("campaigns")? {
        let (name, state) = (&campaign.settings.name, campaign.state.name());
        let stops = stops(app, StopScope::Campaign(campaign.id)).await?;
        say(&format!(
            "campaign  {}  {state}  {name}{stops}",
            campaign.id
        ));
    }
    for (row, profile) in workspace.mailboxes().list().await.context("mailboxes")? {
        let stops = stops(app, StopScope::Mailbox(row.id)).await?;
        say(&format!("mailbox   {}  {}{stops}", row.id, profile.email));
    }
    Ok(())
}

/// Everything that stops it, behind its line; each is ended on its own.
async fn stops(app: &App, scope: StopScope) -> Result<String, ServerError> {
    let causes = app.jooper.stops().causes(app.workspace, &scope).await;
    let causes = causes.context("what stops it")?;
    let names: Vec<_> = causes.iter().map(|cause| cause.reason.name()).collect();
    Ok(match names.as_slice() {
        [] => String::new(),
        names => format!("  (stopped: {})", names.join(", ")),
    })
}

async fn queue(campaigns: &Campaigns, mailbox: MailboxId) -> Result<(), ServerError> {
    let queue = campaigns.today(mailbox).await.context("the queue")?;
    for entry in &queue {
        let next = match &entry.next {
            QueuedStep::Mail(place) => format!("mail {place}"),
            QueuedStep::Step(id) => format!("step {id}"),
            _ => "something".to_owned(),
        };
        let (due, lead) = (entry.due_at, entry.lead);
        say(&format!("{due}  {next}  {}  lead {lead}", entry.enrollment));
    }
    say(&format!("{} today, at most", queue.len()));
    Ok(())
}

fn read(what: &'static str, file: &Path) -> Result<String, ServerError> {
    std::fs::read_to_string(file).map_err(|source| ServerError::File {
        what,
        path: file.to_owned(),
        source,
    })
}

async fn change(
    app: &App,
    campaigns: &Campaigns,
    campaign: CampaignId,
    edit: &SettingsEdit,
    apply: bool,
) -> Result<(), ServerError> {
    let preview = campaigns.preview_change(campaign, edit).await;
    let preview = preview.context("the change")?;
    if preview.changed.is_empty() {
        say("It is so already; nothing changes.");
        return Ok(());
    }
    say(&format!("Changes: {}", preview.changed.join(", ")));
    say(&format!("{} leads are planned anew", preview.replanned));
    if preview.waiting > 0 {
        say(&format!(
            "{} leads of mailboxes that are taken out wait until one is added again",
            preview.waiting
        ));
    }
    if !apply {
        say("Nothing was changed; add --apply to do it.");
        return Ok(());
    }
    let changed = campaigns.change(campaign, edit, app.owner).await;
    changed.context("the change")?;
    noted()
}

async fn edit(
    campaigns: &Campaigns,
    campaign: CampaignId,
    sequence: &Sequence,
    edit: &Edit,
    apply: bool,
) -> Result<(), ServerError> {
    let preview = campaigns
        .preview_edit(campaign, sequence, edit)
        .await
        .context("the edit")?;
    say(&format!("Version {}", preview.version));
    for step in &preview.steps {
        say(&format!("before step {}: {} stay", step.step, step.stay));
        for (id, leads) in &step.go_on_with {
            say(&format!("  {leads} go on with {id}"));
        }
    }
    if preview.unknown > 0 {
        say(&format!(
            "{} cannot move: the fate of a mail is unknown",
            preview.unknown
        ));
    }
    if preview.older > 0 {
        say(&format!("{} of them run an older version", preview.older));
    }
    say(&format!(
        "mails still to come at most: {} now, {} then",
        preview.mails_before, preview.mails_after
    ));
    if !apply {
        say("Nothing was changed; add --apply to do it.");
        return Ok(());
    }
    let version = campaigns
        .edit(campaign, sequence, edit)
        .await
        .context("the edit")?;
    say(&format!("Saved as version {version}."));
    Ok(())
}
