//! The resolver against a DNS over real UDP and TCP: what is there, what is not, and what cannot be
//! known are three things.

#![allow(clippy::unwrap_used, reason = "a test")]

use jooper_consent::{
    Answer, DnsError, DnsName, Findings, MailDns, MailDomain, MailDomainRules, MailServer,
    SenderFinding, SenderRules, ServerName, look_at_mail_domain, look_at_sender,
};
use jooper_dns::Resolver;
use jooper_testkit::dns::{DnsEmulator, DnsFault, DnsRecord};

fn name(text: &str) -> DnsName {
    DnsName::parse(text).unwrap()
}

fn txt(text: &str) -> DnsRecord {
    DnsRecord::Txt(text.to_owned())
}

fn key(length: usize) -> DnsRecord {
    txt(&format!("v=DKIM1; k=rsa; p={}", "A".repeat(length)))
}

async fn emulator() -> (DnsEmulator, Resolver) {
    let dns = DnsEmulator::start().await.unwrap();
    let resolver = Resolver::of(&[dns.address()]).unwrap();
    (dns, resolver)
}

#[tokio::test]
async fn records_are_read_whole_and_absence_is_told_from_a_missing_name() {
    let (dns, resolver) = emulator().await;
    let long = "x".repeat(700);
    dns.set("acme.example", [txt("v=spf1 -all"), txt(&long)]);
    dns.set(
        "alias.example",
        [DnsRecord::Cname("acme.example".to_owned())],
    );
    for at in ["acme.example", "ALIAS.example"] {
        let Answer::Records(mut found) = resolver.txt(&name(at)).await.unwrap() else {
            panic!("{at} is there");
        };
        found.sort();
        assert_eq!(found, ["v=spf1 -all", &long], "{at}");
    }
    // Too long for a datagram: asked again by TCP.
    let longer = "y".repeat(3000);
    dns.set("long.example", [txt(&longer)]);
    let found = resolver.txt(&name("long.example")).await.unwrap();
    assert_eq!(found, Answer::Records(vec![longer]));
    let servers = resolver.mail_servers(&name("acme.example")).await.unwrap();
    assert_eq!(servers, Answer::Records(Vec::new()), "the name is there");
    let gone = resolver.txt(&name("gone.example")).await.unwrap();
    assert_eq!(gone, Answer::NoSuchName);
    assert!(!resolver.has_address(&name("acme.example")).await.unwrap());
    assert!(!resolver.has_address(&name("gone.example")).await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_known_is_no_answer() {
    let (dns, resolver) = emulator().await;
    dns.set("acme.example", [txt("v=spf1 -all")]);
    for (fault, error) in [
        (DnsFault::Fails, DnsError::Failed),
        (DnsFault::Refuses, DnsError::Refused),
    ] {
        dns.behave(fault);
        let asked = resolver.txt(&name("acme.example")).await;
        assert_eq!(asked, Err(error), "{fault:?}");
        let has = resolver.has_address(&name("acme.example")).await;
        assert_eq!(has, Err(error), "{fault:?}");
    }
    // Nobody listens there any more.
    let address = dns.address();
    drop(dns);
    let nobody = Resolver::of(&[address]).unwrap();
    let asked = nobody.txt(&name("acme.example")).await;
    assert_eq!(asked, Err(DnsError::Unreachable));
    assert!(Resolver::of(&[]).is_err());
}

#[tokio::test]
async fn a_sender_is_judged_by_what_it_publishes() {
    let (dns, resolver) = emulator().await;
    let (domain, rules) = (name("mail.acme.example"), SenderRules::default());
    let judged = || async {
        let found = look_at_sender(&resolver, &domain, &rules).await.unwrap();
        found.iter().collect::<Vec<_>>()
    };
    let all = [
        SenderFinding::SpfMissing,
        SenderFinding::DkimMissing,
        SenderFinding::DmarcMissing,
    ];
    assert_eq!(judged().await, all);
    dns.set(
        "_spf.google.com",
        [txt("v=spf1 include:_netblocks.google.com ~all")],
    );
    dns.set(
        "_netblocks.google.com",
        [txt("v=spf1 ip4:74.125.0.0/16 ~all")],
    );
    dns.set(
        "mail.acme.example",
        [txt("v=spf1 include:_spf.google.com ~all")],
    );
    dns.set("google._domainkey.mail.acme.example", [key(392)]);
    dns.set("_dmarc.acme.example", [txt("v=DMARC1; p=none")]);
    assert_eq!(judged().await, []);
    assert!(dns.asked().contains(&"TXT _dmarc.acme.example".to_owned()));
    dns.behave(DnsFault::Fails);
    // What was answered a moment ago may be known still; nothing of it says that a record is missing.
    match look_at_sender(&resolver, &domain, &rules).await {
        Err(error) => assert_eq!(error, DnsError::Failed),
        Ok(found) => assert_eq!(found, Findings::default()),
    }
}

#[tokio::test]
async fn a_recipients_domain_is_asked_for_servers_and_then_for_its_address() {
    let (dns, resolver) = emulator().await;
    let rules = MailDomainRules {
        traps: vec![name("trap.example")],
    };
    let mx = |server: &str| DnsRecord::Mx(10, server.to_owned());
    dns.set("a.example", [mx("mx.a.example")]);
    dns.set("b.example", [DnsRecord::A([192, 0, 2, 1].into())]);
    dns.set("c.example", [mx(".")]);
    dns.set("d.example", [txt("parked")]);
    dns.set("e.example", [mx("mx.a.example"), mx("in.trap.example")]);
    let cases = [
        ("a.example", MailDomain::Receives),
        ("b.example", MailDomain::Receives),
        ("c.example", MailDomain::ReceivesNone),
        ("d.example", MailDomain::ReceivesNone),
        ("e.example", MailDomain::Trap),
        ("f.example", MailDomain::ReceivesNone),
    ];
    for (domain, expected) in cases {
        let judged = look_at_mail_domain(&resolver, &name(domain), &rules).await;
        assert_eq!(judged, Ok(expected), "{domain}");
    }
    let null = resolver.mail_servers(&name("c.example")).await.unwrap();
    let root = MailServer {
        preference: 10,
        name: ServerName::Root,
    };
    assert_eq!(null, Answer::Records(vec![root]));
}
