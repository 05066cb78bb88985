//! A campaign foreseen and then run: the same mails, by whatever people do.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, ToSpan};
use jooper_consent::{Breakers, Ceilings, StopScope};
use jooper_core::{
    CampaignId, Clock, EmailAddress, EnrollmentId, LeadId, MailboxId, StopReason, StopSource,
};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper_sequence::{
    Behavior, EngineSettings, Follower, Forecast, ForecastAnswer, ForecastRequest, LaneCommand,
    NewCampaign, Rates, Runner,
};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LANE, LaneRow, SEND, SendRow};
use jooper_storage::{Column, MemoryStore, Scan, Storage, StorageExt};
use jooper_transport::Arrived;

use super::World;

pub const SEQUENCE: &str = r#"
    name = "Two ways to say it"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "First, {{ first_name }}."
    [[step.variant]]
    subject = "A question, {{ first_name }}"
    body = "First, said otherwise."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second."
    [[step]]
    wait = "4 working days"
    new_thread = true
    [[step.variant]]
    subject = "Last one, {{ first_name }}"
    body = "Third."
"#;

/// A world whose campaign has three mailboxes that take seven mails a day each.
pub async fn world(leads: usize) -> (World, CampaignId) {
    world_on(Arc::new(MemoryStore::new()), leads, SEQUENCE).await
}

pub async fn world_on(
    store: Arc<dyn Storage>,
    leads: usize,
    sequence: &str,
) -> (World, CampaignId) {
    // Mailboxes are read before every follow-up, so that it does not matter how often otherwise.
    let settings = EngineSettings {
        sync_seconds: 12 * 3600,
        ..EngineSettings::default()
    };
    let mut world = World::paced(store, leads, settings).await;
    world.senders.push(world.mailbox);
    for number in 2..4 {
        let next = world.connect(number).await;
        world.senders.push(next);
    }
    let id = draft(&world, sequence, seven_a_day()).await;
    (world, id)
}

pub fn seven_a_day() -> Schedule {
    Schedule {
        zone: "Europe/Berlin".to_owned(),
        daily_cap: 7,
        ..Schedule::default()
    }
}

pub async fn draft(world: &World, sequence: &str, schedule: Schedule) -> CampaignId {
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Foreseen".to_owned(),
            mailboxes: world.senders.clone(),
            schedule,
        },
        sequence: Sequence::from_toml(sequence).unwrap(),
        seed: 1,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.create(&new).await.unwrap()
}

/// What makes a mail: who, which step; and what is foreseen of it.
pub type Mails = BTreeMap<(EnrollmentId, u16), (Timestamp, MailboxId, u8)>;

pub fn foreseen(forecast: &Forecast) -> Mails {
    let mails = forecast.mails.iter();
    mails
        .map(|mail| {
            let what = (mail.at, mail.mailbox, mail.variant);
            ((mail.enrollment, mail.step), what)
        })
        .collect()
}

pub async fn happened(world: &World, campaign: CampaignId) -> Mails {
    let sends = world
        .store
        .collect::<SendRow>(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    let sent = sends.into_iter().map(|row| row.record);
    let sent = sent.filter(|row| row.campaign == Some(campaign));
    sent.filter_map(|row| {
        let (enrollment, step) = (row.enrollment?, row.step?.0 + 1);
        let at = row.posting_at?;
        Some(((enrollment, step), (at, row.mailbox, row.variant)))
    })
    .collect()
}

#[derive(Debug)]
struct Follow(Breakers);

#[async_trait::async_trait]
impl Follower for Follow {
    async fn follow(
        &self,
        workspace: jooper_core::WorkspaceId,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.follow(workspace).await?;
        Ok(())
    }
}

/// Runs the campaign for real: workers, lanes, the breakers behind them, the clock at every
/// instant at which a lane wants attention; people answer when the forecast says they do.
pub async fn run(world: &World, forecast: &Forecast, until: Timestamp) {
    let parts = (world.store.clone(), world.clock.clone());
    let breakers = Breakers::new(parts.0, world.stops(), parts.1, Ceilings::new());
    let follower = Arc::new(Follow(breakers));
    let runner = Runner::new(world.engine.clone()).with_follower(follower.clone());
    let mut answers: Vec<_> = forecast.answers.iter().collect();
    answers.sort_by_key(|answer| answer.at);
    answers.reverse();
    loop {
        while answers
            .last()
            .is_some_and(|next| next.at <= world.clock.now())
        {
            let answer = answers.pop().unwrap();
            behave(world, answer).await;
        }
        // An idle worker follows the log about every second; here at every stop.
        follower.follow(world.workspace).await.unwrap();
        while runner.turn().await.unwrap() > 0 {}
        let lanes = world
            .store
            .collect::<LaneRow>(world.workspace, Scan::table(&LANE))
            .await
            .unwrap();
        let wake = lanes
            .into_iter()
            .map(|row| row.record.wake_at)
            .min()
            .unwrap();
        let next = answers.last().map_or(wake, |answer| answer.at.min(wake));
        let clears = sample_may_clear(world).await;
        world
            .clock
            .set(clears.map_or(next, |clears| clears.min(next)));
        if world.clock.now() > until {
            return;
        }
    }
}

/// An hour behind each mail the follower may let a sample's campaign go on: when it may do so next.
async fn sample_may_clear(world: &World) -> Option<Timestamp> {
    let sends = world
        .store
        .collect::<SendRow>(world.workspace, Scan::table(&SEND));
    let sends = sends.await.unwrap().into_iter();
    let times = sends.filter_map(|row| row.record.posting_at);
    let may = times.filter_map(|at| at.checked_add(SignedDuration::from_hours(1)).ok());
    may.filter(|may| *may > world.clock.now()).min()
}

/// Somebody does what was foreseen.
async fn behave(world: &World, answer: &ForecastAnswer) {
    let campaigns = world.engine.campaigns(world.workspace);
    match answer.what {
        Behavior::Click => {
            let step = campaigns
                .mail_at(answer.enrollment, answer.step.into())
                .await;
            let step = step.unwrap();
            campaigns.clicked(answer.enrollment, step).await.unwrap();
        }
        Behavior::TaskDone => campaigns.task_done(answer.enrollment).await.unwrap(),
        // The test's own judge knows this word.
        Behavior::Answer(_) => reply(world, answer, "xyzzy").await,
        Behavior::Away(days) => away(world, answer, days).await,
        Behavior::Bounce => bounce(world, answer).await,
        Behavior::Unsubscribe => unsubscribe(world, answer).await,
        _ => reply(world, answer, "Gladly, call me tomorrow.").await,
    }
}

/// The last mail that the lead got: to which address, and the token by which answers name it.
async fn last_mail(world: &World, lead: LeadId) -> (String, String) {
    let rows = world
        .store
        .collect::<EnrollmentRow>(world.workspace, Scan::table(&ENROLLMENT))
        .await
        .unwrap();
    let mut rows = rows.into_iter().map(|row| row.record);
    let enrollment = rows.find(|row| row.lead == lead).unwrap().id;
    let accepted = world.transport.accepted();
    let mut mails = accepted.iter().rev();
    let (_, _, mail) = mails
        .find(|(_, key, _)| {
            matches!(key, jooper_core::SendKey::Step { enrollment: of, .. } if *of == enrollment)
        })
        .unwrap();
    (mail.to().to_string(), super::arrivals::token(mail))
}

/// What the page behind the link does: first the stop, then the lanes are told.
async fn unsubscribe(world: &World, answer: &ForecastAnswer) {
    let (address, _) = last_mail(world, answer.lead).await;
    let address = EmailAddress::parse(&address).unwrap();
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let scope = StopScope::Person {
        contact_index: vault.contact_index(&address),
        variants: vault.variant_indexes(&address),
        lead: Some(answer.lead),
    };
    let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
    let stops = world.stops();
    let stopped = stops.stop(world.workspace, scope, reason, source).await;
    stopped.unwrap();
    let campaigns = world.engine.campaigns(world.workspace);
    let command = LaneCommand::Unsubscribed(answer.lead);
    campaigns.tell_lead(answer.lead, &command).await.unwrap();
}

/// The lead answers the last mail that it got.
async fn reply(world: &World, answer: &ForecastAnswer, words: &str) {
    let (address, token) = last_mail(world, answer.lead).await;
    arrive(
        world,
        answer,
        &[("From", &address), ("References", &token)],
        words,
    )
    .await;
}

/// An absence notice, with the day of the return.
async fn away(world: &World, answer: &ForecastAnswer, days: u16) {
    let (address, token) = last_mail(world, answer.lead).await;
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let back = answer.at.to_zoned_datetime(zone).date() + i64::from(days).days();
    let headers = [
        ("From", address.as_str()),
        ("Subject", "Automatic reply: Hello"),
        ("Auto-Submitted", "auto-replied"),
        ("References", &token),
    ];
    let words = format!("I am out of the office and will be back on {back}.");
    arrive(world, answer, &headers, &words).await;
}

/// The lead's own domain reports that there is no such address.
async fn bounce(world: &World, answer: &ForecastAnswer) {
    let (address, token) = last_mail(world, answer.lead).await;
    let domain = address.rsplit_once('@').unwrap().1.to_owned();
    let daemon = format!("MAILER-DAEMON@{domain}");
    let vouched =
        format!("mx.google.com; dkim=pass header.i=@{domain}; spf=pass smtp.mailfrom={domain}");
    let headers = [
        ("From", daemon.as_str()),
        ("Subject", "Undelivered Mail Returned to Sender"),
        (
            "Content-Type",
            "multipart/report; report-type=delivery-status; boundary=b",
        ),
        ("Authentication-Results", &vouched),
    ];
    let body = format!(
        "--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.{domain}\r\n\r\nFinal-Recipient: rfc822; {address}\r\n\
         Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nTo: {address}\r\nReferences: {token}\r\n\
         Subject: Hello\r\n\r\nx\r\n--b--"
    );
    arrive(world, answer, &headers, &body).await;
}

/// The provider tells that something has arrived.
async fn wake(world: &World, answer: &ForecastAnswer) {
    let mailboxes = world.engine.mailboxes(world.workspace);
    let key = vec![answer.enrollment.to_value()];
    let row = world.store.find::<EnrollmentRow>(world.workspace, key);
    let mailbox = row.await.unwrap().unwrap().record.mailbox;
    let known = mailboxes.list().await.unwrap();
    let (_, profile) = known.iter().find(|(row, _)| row.id == mailbox).unwrap();
    let own = EmailAddress::parse(&profile.email).unwrap();
    assert!(mailboxes.wake(&own).await.unwrap());
}

/// A mail enters the mailbox at the time that was foreseen, and its provider tells of it at once: a
/// first sample is over when its mailboxes were read, and breakers count what was.
async fn arrive(world: &World, answer: &ForecastAnswer, headers: &[(&str, &str)], body: &str) {
    let (lead, at) = (answer.lead.uuid(), answer.at);
    let headers = headers.iter().copied();
    let mut headers: Vec<(String, String)> = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let id = format!("<{lead}.{}@person.example>", at.as_millisecond());
    headers.push(("Message-ID".to_owned(), id));
    // An absence is read from the day of its notice on.
    let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    headers.push(("Date".to_owned(), date));
    let head = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let text = format!("{}\r\n{body}\r\n", head.collect::<String>());
    let arrived = Arrived {
        provider_id: format!("{lead} at {at}"),
        thread: format!("answer {lead}"),
        at,
        outgoing: false,
        headers,
    };
    {
        let mut inbox = world.inbox.0.lock().unwrap();
        inbox.push((arrived, text.into_bytes()));
    }
    wake(world, answer).await;
}

pub async fn forecast_equals_fact(leads: usize, rates: Rates, seed: u64) -> Forecast {
    let store = Arc::new(MemoryStore::new());
    forecast_equals_fact_on(store, leads, rates, seed).await
}

pub async fn forecast_equals_fact_on(
    store: Arc<dyn Storage>,
    leads: usize,
    rates: Rates,
    seed: u64,
) -> Forecast {
    let (world, id) = world_on(store, leads, SEQUENCE).await;
    forecast_equals_fact_of(&world, id, rates, seed).await
}

pub async fn forecast_equals_fact_of(
    world: &World,
    id: CampaignId,
    rates: Rates,
    seed: u64,
) -> Forecast {
    let campaign = world.engine.campaigns(world.workspace).campaign(id);
    let request = ForecastRequest::new(seed).population(rates);
    let forecast = campaign.simulate(&request).await.unwrap();
    launch_and_compare(world, id, &forecast).await;
    forecast
}

/// Launches it, lets everybody do what was foreseen, and compares the mails.
pub async fn launch_and_compare(world: &World, id: CampaignId, forecast: &Forecast) {
    let campaign = world.engine.campaigns(world.workspace).campaign(id);
    let planned = foreseen(forecast);
    assert_eq!(planned.len(), forecast.mails.len(), "no step twice");
    let report = campaign.activate(forecast.clone().approve()).await.unwrap();
    assert_eq!(report.enrolled, forecast.enrolled);
    let last = forecast.capacity.last_mail.unwrap();
    run(world, forecast, last + SignedDuration::from_hours(24 * 8)).await;
    let fact = happened(world, id).await;
    for (mail, what) in &planned {
        assert_eq!(
            fact.get(mail),
            Some(what),
            "seed {}: {mail:?} was foreseen so",
            forecast.seed
        );
    }
    for (mail, what) in &fact {
        assert_eq!(
            planned.get(mail),
            Some(what),
            "seed {}: {mail:?} happened so",
            forecast.seed
        );
    }
}
