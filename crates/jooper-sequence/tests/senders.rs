//! The DNS about senders: an account whose domain proves nothing is held, and goes on by itself when
//! it does.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use jooper_consent::{
    Answer, DnsError, DnsName, MailDns, MailServer, MemoryDns, Note, SenderFinding, SenderRules,
    StopScope,
};
use jooper_core::{Clock, EmailAddress, EventKind, MailboxId, MailboxState, StopReason, UserId};
use jooper_sequence::{ConnectMailbox, EngineError, Runner, VaultCredentials};
use jooper_storage::tables::MailboxRow;
use jooper_storage::{Column, LogCursor, Storage, StorageExt, Versioned};
use jooper_transport::Credentials;
use support::World;
use tokio::sync::Notify;

const DOMAIN: &str = "sender.example";

fn name(text: &str) -> DnsName {
    DnsName::parse(text).unwrap()
}

/// Everything that the accounts' domain has to say.
fn prove(dns: &MemoryDns) {
    let key = format!("v=DKIM1; k=rsa; p={}", "A".repeat(392));
    dns.set_txt(name(DOMAIN), &["v=spf1 include:_spf.google.com ~all"]);
    dns.set_txt(name("_spf.google.com"), &["v=spf1 ip4:74.125.0.0/16 ~all"]);
    dns.set_txt(name("google._domainkey.sender.example"), &[&key]);
    dns.set_txt(name("_dmarc.sender.example"), &["v=DMARC1; p=none"]);
}

fn checked(mut world: World, dns: &Arc<MemoryDns>) -> World {
    let engine = world.engine.clone();
    world.engine = engine.with_sender_check(dns.clone(), SenderRules::default());
    world
}

/// Lets time pass as a process does that asks the DNS again when it is time.
async fn run_for(world: &World, hours: i64) {
    let weekly = world.engine.sender_follower().unwrap();
    let runner = Runner::new(world.engine.clone()).with_follower(weekly);
    let end = world.clock.now() + SignedDuration::from_hours(hours);
    while world.clock.now() < end {
        while runner.turn().await.unwrap() > 0 {}
        world.clock.advance_millis(10 * 60 * 1000);
    }
}

async fn causes(world: &World, mailbox: MailboxId) -> Vec<StopReason> {
    let scope = StopScope::Mailbox(mailbox);
    let causes = world.stops().causes(world.workspace, &scope).await.unwrap();
    causes.into_iter().map(|cause| cause.reason).collect()
}

async fn found(world: &World, mailbox: MailboxId) -> Option<Vec<SenderFinding>> {
    let mailboxes = world.engine.mailboxes(world.workspace);
    let verdicts = mailboxes.senders().await.unwrap();
    verdicts
        .get(&mailbox)
        .map(|verdict| verdict.findings.iter().collect())
}

/// Connects an account under some address, or gives a known one another.
async fn connect_as(world: &World, number: u128, email: &str) -> MailboxId {
    let (store, vault) = (world.store.clone(), world.vault.clone());
    let credentials = VaultCredentials::new(store, vault, world.clock.clone());
    let account = ConnectMailbox {
        owner: UserId::from_uuid(uuid::Uuid::from_u128(number)),
        sub: format!("sub-{number}"),
        email: EmailAddress::parse(email).unwrap(),
        display_name: "Ada".to_owned(),
        aliases: Vec::new(),
        state: MailboxState::Connected,
        credentials: Credentials {
            refresh_token: "r".into(),
            access_token: None,
            scopes: Vec::new(),
        },
    };
    let mailboxes = world.engine.mailboxes(world.workspace);
    mailboxes.connect(&credentials, account).await.unwrap()
}

const HELD: [StopReason; 1] = [StopReason::Unauthenticated];

#[tokio::test]
async fn a_new_account_whose_domain_proves_nothing_is_connected_and_held_until_it_does() {
    let dns = Arc::new(MemoryDns::new());
    let mut world = checked(World::new(2).await, &dns);
    let mailbox = world.connect(2).await;
    let key = vec![mailbox.to_value()];
    let row: Option<Versioned<MailboxRow>> = world.store.find(world.workspace, key).await.unwrap();
    assert_eq!(row.unwrap().record.state, MailboxState::Connected);
    assert_eq!(causes(&world, mailbox).await, HELD);
    let everything = [
        SenderFinding::SpfMissing,
        SenderFinding::DkimMissing,
        SenderFinding::DmarcMissing,
    ];
    assert_eq!(found(&world, mailbox).await.unwrap(), everything);
    world.senders = vec![mailbox];
    world.campaign().await;
    run_for(&world, 24).await;
    assert_eq!(world.transport.accepted().len(), 0);
    let campaigns = world.engine.campaigns(world.workspace);
    let views = campaigns.explain(world.leads[0]).await.unwrap();
    let said = format!("{:?}", views[0].next);
    assert!(said.contains("unauthenticated"), "{said}");
    // A new grant proves nothing of the domain.
    world.connect(2).await;
    assert_eq!(causes(&world, mailbox).await, HELD);
    prove(&dns);
    // Asked every hour while it holds; the lanes are woken then.
    run_for(&world, 2).await;
    assert_eq!(causes(&world, mailbox).await, []);
    assert_eq!(found(&world, mailbox).await.unwrap(), []);
    run_for(&world, 24).await;
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn a_domain_that_loses_its_spf_record_stops_its_accounts_within_a_week() {
    let dns = Arc::new(MemoryDns::new());
    prove(&dns);
    let mut world = checked(World::new(1).await, &dns);
    let mailbox = world.connect(2).await;
    world.senders = vec![mailbox];
    world.campaign().await;
    run_for(&world, 24).await;
    assert_eq!(causes(&world, mailbox).await, []);
    assert_eq!(world.transport.accepted().len(), 1);
    let asked = dns.asked();
    run_for(&world, 24).await;
    assert_eq!(dns.asked(), asked, "not before its time");
    dns.set_txt(name(DOMAIN), &["v=spf1 mx -all"]);
    run_for(&world, 24 * 7).await;
    assert_eq!(causes(&world, mailbox).await, HELD);
    let lost = [SenderFinding::SpfWithoutProvider];
    assert_eq!(found(&world, mailbox).await.unwrap(), lost);
    let sent = world.transport.accepted().len();
    run_for(&world, 24 * 7).await;
    assert_eq!(world.transport.accepted().len(), sent, "nothing goes");
    prove(&dns);
    run_for(&world, 24 * 7).await;
    assert_eq!(causes(&world, mailbox).await, []);
    assert_eq!(world.transport.accepted().len(), 3, "and all of it goes on");
}

#[tokio::test]
async fn a_dns_that_cannot_be_asked_changes_nothing() {
    let dns = Arc::new(MemoryDns::new());
    prove(&dns);
    dns.fail(Some(DnsError::Unreachable));
    let world = checked(World::new(0).await, &dns);
    // It was connected before anybody checked: it goes on until there is an answer.
    let old = world.mailbox;
    world.connect(1).await;
    assert_eq!(causes(&world, old).await, []);
    // A new one waits for the first.
    let new = world.connect(2).await;
    assert_eq!(causes(&world, new).await, HELD);
    assert_eq!(found(&world, new).await, None, "nobody has said anything");
    let mailboxes = world.engine.mailboxes(world.workspace);
    let asked = mailboxes.check_sender(new).await;
    assert!(matches!(
        asked,
        Err(EngineError::Dns(DnsError::Unreachable))
    ));
    run_for(&world, 1).await;
    assert_eq!(
        (causes(&world, old).await, causes(&world, new).await),
        (vec![], HELD.to_vec())
    );
    dns.fail(None);
    run_for(&world, 1).await;
    assert_eq!(causes(&world, new).await, []);
    assert_eq!(found(&world, old).await.unwrap(), []);
    // The last verdict stands, however long nobody answers: a good one, and a bad one.
    dns.fail(Some(DnsError::Failed));
    run_for(&world, 24 * 30).await;
    assert_eq!(causes(&world, new).await, []);
    dns.fail(None);
    dns.set_txt(name("_dmarc.sender.example"), &[]);
    run_for(&world, 1).await;
    assert_eq!(causes(&world, new).await, HELD);
    dns.fail(Some(DnsError::Failed));
    prove(&dns);
    run_for(&world, 24).await;
    assert_eq!(causes(&world, new).await, HELD);
}

#[tokio::test]
async fn the_providers_own_domains_are_not_asked_about_and_without_a_dns_nothing_is() {
    let dns = Arc::new(MemoryDns::new());
    let mut world = World::new(0).await;
    let unchecked = world.connect(2).await;
    assert_eq!(causes(&world, unchecked).await, []);
    let mailboxes = world.engine.mailboxes(world.workspace);
    let asked = mailboxes.check_sender(unchecked).await;
    assert!(matches!(asked, Err(EngineError::State(_))));
    assert!(world.engine.sender_follower().is_none());
    let rules = SenderRules {
        of_provider: vec![name(DOMAIN)],
        ..SenderRules::default()
    };
    world.engine = world.engine.clone().with_sender_check(dns.clone(), rules);
    let private = world.connect(3).await;
    assert_eq!(causes(&world, private).await, []);
    assert_eq!(found(&world, private).await.unwrap(), []);
    assert_eq!(dns.asked(), 0);
}

#[tokio::test]
async fn an_account_that_moves_to_another_domain_is_judged_anew() {
    let dns = Arc::new(MemoryDns::new());
    prove(&dns);
    let world = checked(World::new(0).await, &dns);
    let mailbox = world.connect(2).await;
    assert_eq!(causes(&world, mailbox).await, []);
    dns.fail(Some(DnsError::Unreachable));
    let same = connect_as(&world, 2, "ada2@renamed.example").await;
    assert_eq!(same, mailbox);
    // What was said of the old domain says nothing of the new one.
    assert_eq!(causes(&world, mailbox).await, HELD);
    assert_eq!(found(&world, mailbox).await, None);
}

#[tokio::test]
async fn domains_with_dead_servers_keep_no_other_account_waiting() {
    let dns = Arc::new(MemoryDns::new());
    dns.fail(Some(DnsError::Unreachable));
    let world = checked(World::new(0).await, &dns);
    // More dead domains than end a look, before those of a living one and behind them.
    let mut accounts = Vec::new();
    for number in 10..18_u128 {
        let domain = match number {
            11 | 15 => DOMAIN.to_owned(),
            _ => format!("dead{number}.example"),
        };
        dns.fail_at(
            name(&format!("dead{number}.example")),
            Some(DnsError::Unreachable),
        );
        let mailbox = connect_as(&world, number, &format!("ada@{domain}")).await;
        assert_eq!(causes(&world, mailbox).await, HELD);
        accounts.push(mailbox);
    }
    prove(&dns);
    dns.fail(None);
    run_for(&world, 1).await;
    for (at, mailbox) in accounts.iter().enumerate() {
        let expected = match at {
            1 | 5 => vec![],
            _ => HELD.to_vec(),
        };
        assert_eq!(causes(&world, *mailbox).await, expected, "{at}");
    }
}

#[tokio::test]
async fn a_held_account_is_let_go_by_name_once_nobody_checks_any_more() {
    let dns = Arc::new(MemoryDns::new());
    let mut world = checked(World::new(0).await, &dns);
    let mailbox = world.connect(2).await;
    assert_eq!(causes(&world, mailbox).await, HELD);
    let by = UserId::from_uuid(uuid::Uuid::from_u128(9));
    let mailboxes = world.engine.mailboxes(world.workspace);
    let released = mailboxes.release_unchecked(mailbox, by).await;
    assert!(
        matches!(released, Err(EngineError::State(_))),
        "{released:?}"
    );
    assert_eq!(causes(&world, mailbox).await, HELD);
    // The same data, in a process that asks nobody.
    let settings = world.engine.settings().clone();
    world = world.restarted(world.store.clone(), settings);
    let mailboxes = world.engine.mailboxes(world.workspace);
    mailboxes.release_unchecked(mailbox, by).await.unwrap();
    assert_eq!(causes(&world, mailbox).await, []);
    let page = world.store.read_log(world.workspace, LogCursor::after(0));
    let resumed: Vec<_> = page.await.unwrap().records;
    let resumed = resumed.iter().map(|record| &record.entry);
    let resumed = resumed.filter(|entry| entry.kind == EventKind::Resumed);
    let notes: Vec<_> = resumed
        .filter_map(|entry| Note::from_payload(entry.payload.as_ref()?))
        .collect();
    let [
        Note::Resume {
            by: told, reason, ..
        },
    ] = notes.as_slice()
    else {
        panic!("{notes:?}");
    };
    assert_eq!((*told, *reason), (by, Some(StopReason::Unauthenticated)));
    // Whoever checks again judges it anew, at once.
    world = checked(world, &dns);
    run_for(&world, 1).await;
    assert_eq!(causes(&world, mailbox).await, HELD);
}

/// A DNS whose first answer waits until it is told to come.
#[derive(Debug)]
struct Late {
    dns: Arc<MemoryDns>,
    asked: Notify,
    answer: Notify,
}

#[async_trait]
impl MailDns for Late {
    async fn txt(&self, name: &DnsName) -> Result<Answer<String>, DnsError> {
        let answer = self.dns.txt(name).await;
        if name.as_str() == DOMAIN {
            self.asked.notify_one();
            self.answer.notified().await;
        }
        answer
    }

    async fn mail_servers(&self, domain: &DnsName) -> Result<Answer<MailServer>, DnsError> {
        self.dns.mail_servers(domain).await
    }

    async fn has_address(&self, name: &DnsName) -> Result<bool, DnsError> {
        self.dns.has_address(name).await
    }
}

#[tokio::test]
async fn the_late_answer_of_an_old_domain_lets_no_renamed_account_go() {
    let dns = Arc::new(MemoryDns::new());
    let world = checked(World::new(0).await, &dns);
    let mailbox = world.connect(2).await;
    prove(&dns);
    let late = Arc::new(Late {
        dns: dns.clone(),
        asked: Notify::new(),
        answer: Notify::new(),
    });
    let other = world.engine.clone();
    let other = other.with_sender_check(late.clone(), SenderRules::default());
    let mailboxes = other.mailboxes(world.workspace);
    let renames = async {
        late.asked.notified().await;
        dns.fail_at(name("renamed.example"), Some(DnsError::Unreachable));
        connect_as(&world, 2, "ada2@renamed.example").await;
        late.answer.notify_one();
    };
    let (checked, ()) = tokio::join!(mailboxes.check_sender(mailbox), renames);
    assert!(matches!(checked, Err(EngineError::State(_))), "{checked:?}");
    assert_eq!(causes(&world, mailbox).await, HELD);
    assert_eq!(found(&world, mailbox).await, None);
}
