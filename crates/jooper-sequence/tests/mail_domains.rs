//! The DNS about recipients: whoever lives where no mail is taken is not enrolled.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;

use jooper_consent::{
    DnsError, DnsName, MailDomainRules, MailServer, MemoryDns, QualityFinding, ServerName,
};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper_sequence::{EngineError, ForecastRequest, NewCampaign};
use support::{SEQUENCE, World};

fn name(text: &str) -> DnsName {
    DnsName::parse(text).unwrap()
}

async fn created(world: &World) -> jooper_core::CampaignId {
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Test".to_owned(),
            mailboxes: vec![world.mailbox],
            schedule: Schedule::default(),
        },
        sequence: Sequence::from_toml(SEQUENCE).unwrap(),
        seed: 7,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.create(&new).await.unwrap()
}

fn receives(dns: &MemoryDns, domain: &str, server: &str) {
    let server = MailServer {
        preference: 10,
        name: ServerName::Named(name(server)),
    };
    dns.set_mail_servers(name(domain), vec![server]);
}

#[tokio::test]
async fn whoever_lives_where_no_mail_is_taken_is_not_enrolled() {
    let dns = Arc::new(MemoryDns::new());
    let rules = MailDomainRules {
        traps: vec![name("trap.example")],
    };
    let mut world = World::new(4).await;
    let engine = world.engine.clone();
    world.engine = engine.with_mail_domain_check(dns.clone(), rules);
    receives(&dns, "person0.example", "mx.person0.example");
    // Without a mail server the domain's address is one (RFC 5321 section 5.1).
    dns.add_address(name("person1.example"));
    receives(&dns, "person2.example", "in.trap.example");
    // A second person at a domain that takes mail: it is asked about once.
    world.add_person(9, "jane@person0.example", "Jane").await;
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!(report.enrolled, 3);
    let refused: Vec<_> = report.refused.iter().map(|one| one.lead).collect();
    assert_eq!(refused, [world.leads[2], world.leads[3]]);
    assert!(report.refused[0].reason.contains("nobody asked for"));
    assert!(report.refused[1].reason.contains("nobody receives mail"));
    let asked = dns.asked();
    assert_eq!(asked, 5, "four domains, and one address");
    // Another campaign of the same week knows already.
    let second = created(&world).await;
    let report = campaigns.activate(second, &world.leads).await.unwrap();
    assert_eq!((report.refused.len(), dns.asked()), (2, asked));
    // A week later it is asked again.
    world.clock.advance_millis(7 * 86_400_000);
    receives(&dns, "person3.example", "mx.person3.example");
    let third = created(&world).await;
    let report = campaigns.activate(third, &world.leads).await.unwrap();
    assert_eq!((report.refused.len(), dns.asked()), (1, 2 * asked));
}

#[tokio::test]
async fn a_forecast_refuses_whom_the_launch_refuses() {
    let dns = Arc::new(MemoryDns::new());
    let mut world = World::new(4).await;
    let engine = world.engine.clone();
    world.engine = engine.with_mail_domain_check(dns.clone(), MailDomainRules::default());
    for n in 0..3 {
        receives(&dns, &format!("person{n}.example"), "mx.person.example");
    }
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let request = ForecastRequest::new(7);
    let forecast = campaigns.simulate(id, &request).await.unwrap();
    assert_eq!(forecast.enrolled, 3);
    let refused = forecast.skipped.iter();
    let refused = refused.filter(|skip| &*skip.reason == "not_enrolled");
    let refused: Vec<_> = refused.map(|skip| skip.lead).collect();
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!(report.enrolled, 3);
    let not_enrolled: Vec<_> = report.refused.iter().map(|one| one.lead).collect();
    assert_eq!((refused, not_enrolled.len()), (not_enrolled.clone(), 1));
}

#[tokio::test]
async fn a_list_of_dead_domains_is_refused_as_a_whole_and_a_silent_dns_refuses_nobody() {
    let dns = Arc::new(MemoryDns::new());
    let mut world = World::new(3).await;
    let engine = world.engine.clone();
    world.engine = engine.with_mail_domain_check(dns.clone(), MailDomainRules::default());
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let refused = campaigns.activate(id, &world.leads).await.unwrap_err();
    let EngineError::List(findings) = &refused else {
        panic!("{refused}");
    };
    assert_eq!(findings[..], [QualityFinding::Unreachable]);
    assert!(refused.to_string().contains("take no mail"), "{refused}");
    // Answers are kept also where the list was refused; a week later nobody answers.
    world.clock.advance_millis(7 * 86_400_000);
    dns.fail(Some(DnsError::Unreachable));
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!((report.enrolled, report.refused.len()), (3, 0));
}

#[tokio::test]
async fn a_domain_with_dead_servers_lets_no_other_pass_unasked() {
    let dns = Arc::new(MemoryDns::new());
    let mut world = World::new(40).await;
    let engine = world.engine.clone();
    world.engine = engine.with_mail_domain_check(dns.clone(), MailDomainRules::default());
    for n in 0..40 {
        let domain = format!("person{n}.example");
        match n {
            // One in each round or more, whatever their order.
            0..=10 => dns.fail_at(name(&domain), Some(DnsError::Unreachable)),
            39 => {}
            _ => receives(&dns, &domain, "mx.people.example"),
        }
    }
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    let refused: Vec<_> = report.refused.iter().map(|one| one.lead).collect();
    assert_eq!(refused, [world.leads[39]]);
    assert!(dns.asked() >= 40, "{}", dns.asked());
}
