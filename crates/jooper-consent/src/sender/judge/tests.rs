//! Every finding, from records as people publish them.

use super::*;

const KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt\
                   IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0\
                   fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";

fn name(text: &str) -> DnsName {
    DnsName::parse(text).unwrap()
}

/// Judges `acme.example`, asking only what is asked for. What is not given does not exist.
fn judged(records: &[(&str, &[&str])]) -> Vec<SenderFinding> {
    judged_of("acme.example", records)
}

fn judged_of(domain: &str, records: &[(&str, &[&str])]) -> Vec<SenderFinding> {
    let rules = SenderRules {
        selectors: vec![name("google"), name("2026")],
        ..SenderRules::default()
    };
    let mut answers = Answers::new();
    loop {
        match judge_sender(&name(domain), &rules, &answers) {
            Judging::Judged(findings) => return findings.iter().collect(),
            Judging::Ask(asked) => {
                let found = records.iter().find(|(at, _)| *at == asked.as_str());
                let answer = found.map_or(Answer::NoSuchName, |(_, texts)| {
                    Answer::Records(texts.iter().map(ToString::to_string).collect())
                });
                let before = answers.insert(asked, answer);
                assert_eq!(before, None, "nothing is asked twice");
            }
        }
    }
}

const GOOGLE: (&str, &[&str]) = (
    "_spf.google.com",
    &["v=spf1 ip4:74.125.0.0/16 ip6:2404:6800:4864::/56 ~all"],
);

/// Everything right but the SPF record of the domain.
fn spf(record: &[&str], others: &[(&str, &[&str])]) -> Vec<SenderFinding> {
    let key = format!("v=DKIM1; k=rsa; p={KEY}");
    let key: &[&str] = &[&key];
    let mut records = vec![
        ("acme.example", record),
        ("google._domainkey.acme.example", key),
        ("_dmarc.acme.example", &["v=DMARC1; p=none"]),
        GOOGLE,
    ];
    // What a case says stands before what holds else.
    records.splice(0..0, others.iter().copied());
    judged(&records)
}

fn dkim(records: &[(&str, &[&str])]) -> Vec<SenderFinding> {
    let mut all: Vec<(&str, &[&str])> = vec![
        ("acme.example", &["v=spf1 include:_spf.google.com ~all"]),
        ("_dmarc.acme.example", &["v=DMARC1; p=none"]),
        GOOGLE,
    ];
    all.extend(records);
    judged(&all)
}

fn dmarc(domain: &str, records: &[(&str, &[&str])]) -> Vec<SenderFinding> {
    let key = format!("p={KEY}");
    let key: &[&str] = &[&key];
    let at = format!("2026._domainkey.{domain}");
    let mut all: Vec<(&str, &[&str])> = vec![
        (domain, &["v=spf1 redirect=_spf.google.com"]),
        (&at, key),
        GOOGLE,
    ];
    all.extend(records);
    judged_of(domain, &all)
}

#[test]
fn an_spf_record_passes_when_it_reaches_the_provider() {
    let passes: [&[&str]; 7] = [
        &["v=spf1 include:_spf.google.com ~all"],
        &[
            "V=SPF1 +INCLUDE:_SPF.Google.com -ALL",
            "google-site-verification=x",
        ],
        &["v=spf1 a mx ip4:192.0.2.1 ip6:2001:db8::/32 include:_spf.google.com -all"],
        &["v=spf1 redirect=_spf.google.com"],
        // Looked at only where nothing matched (RFC 7208 section 6.1).
        &["v=spf1 exp=why.acme.example custom=1 redirect=relay.example"],
        &["v=spf1 include:relay.example ?all"],
        &["v=spf1 -include:closed.example include:_spf.google.com -all"],
    ];
    let others: &[(&str, &[&str])] = &[
        ("relay.example", &["v=spf1 include:_spf.google.com -all"]),
        ("closed.example", &["v=spf1 ip4:192.0.2.0/24 -all"]),
    ];
    for record in passes {
        assert_eq!(spf(record, others), [], "{record:?}");
    }
}

#[test]
fn an_spf_record_that_does_not_let_the_provider_send_is_found() {
    let without: [&[&str]; 7] = [
        &["v=spf1 mx -all"],
        &["v=spf1"],
        &["v=spf1 -all include:_spf.google.com"],
        &["v=spf1 ~include:_spf.google.com -all"],
        &["v=spf1 include:softens.example -all"],
        &["v=spf1 -all redirect=_spf.google.com"],
        &["v=spf1 include:_spf.google.com.example -all"],
    ];
    let others: &[(&str, &[&str])] = &[
        ("softens.example", &["v=spf1 ?include:_spf.google.com -all"]),
        ("_spf.google.com.example", &["v=spf1 -all"]),
    ];
    for record in without {
        let found = spf(record, others);
        assert_eq!(found, [SenderFinding::SpfWithoutProvider], "{record:?}");
    }
}

#[test]
fn spf_records_that_receivers_do_not_count_are_found() {
    let google = "v=spf1 include:_spf.google.com ~all";
    assert_eq!(spf(&[], &[]), [SenderFinding::SpfMissing]);
    // Version 10 is another's (RFC 7208 section 4.5).
    let other = ["v=spf10 include:_spf.google.com"];
    assert_eq!(spf(&other, &[]), [SenderFinding::SpfMissing]);
    assert_eq!(
        spf(&[google, "v=spf1 mx"], &[]),
        [SenderFinding::SpfSeveral]
    );
    for invalid in [
        "v=spf1 inclde:_spf.google.com ~all",
        "v=spf1 include: include:_spf.google.com ~all",
        "v=spf1 ip4:300.1.2.3 include:_spf.google.com ~all",
        "v=spf1 ip4:2001:db8::1 include:_spf.google.com ~all",
        "v=spf1 include:gone.example include:_spf.google.com ~all",
        "v=spf1 include:two.example include:_spf.google.com ~all",
        "v=spf1 redirect=a.example redirect=b.example",
        "v=spf1 include:_spf.google.com ~all all:x",
    ] {
        let others: &[(&str, &[&str])] = &[("two.example", &["v=spf1 a", "v=spf1 mx"])];
        let found = spf(&[invalid], others);
        assert_eq!(found, [SenderFinding::SpfInvalid], "{invalid}");
    }
}

#[test]
fn a_mail_of_ours_is_judged_within_ten_look_ups() {
    let asks = |times: usize| format!("v=spf1 {} include:_spf.google.com ~all", "a ".repeat(times));
    assert_eq!(spf(&[&asks(9)], &[]), [], "the tenth is the provider's");
    let over = [SenderFinding::SpfTooManyLookups];
    assert_eq!(spf(&[&asks(10)], &[]), over);
    // What the provider's own record asks counts.
    let nested: &[(&str, &[&str])] = &[
        (
            "_spf.google.com",
            &["v=spf1 include:_netblocks.google.com ~all"],
        ),
        ("_netblocks.google.com", &["v=spf1 ip4:74.125.0.0/16 ~all"]),
    ];
    assert_eq!(spf(&[&asks(8)], nested), []);
    assert_eq!(spf(&[&asks(9)], nested), over);
    // A record that includes itself.
    let turns: &[(&str, &[&str])] = &[("loop.example", &["v=spf1 include:loop.example -all"])];
    assert_eq!(spf(&["v=spf1 include:loop.example -all"], turns), over);
    // What stands behind the provider is not asked for a mail of ours.
    let behind = format!("v=spf1 include:_spf.google.com {}~all", "mx ".repeat(12));
    assert_eq!(spf(&[&behind], &[]), []);
}

#[test]
fn what_only_a_mail_decides_keeps_nothing_back() {
    for hidden in [
        "v=spf1 include:%{i}._ip.%{d}._spf.hosted.example ~all",
        "v=spf1 exists:%{i}.hosted.example -all",
        "v=spf1 redirect=%{d}._spf.hosted.example",
    ] {
        let found = spf(&[hidden], &[]);
        assert_eq!(found, [SenderFinding::SpfHidden], "{hidden}");
        let found: Findings = found.into_iter().collect();
        assert!(!found.hold());
    }
    let plain = "v=spf1 exists:%{i}.hosted.example include:_spf.google.com -all";
    assert_eq!(spf(&[plain], &[]), []);
    // A macro that could only refuse lets nothing pass.
    let refuses = spf(&["v=spf1 -exists:%{i}.bad.example -all"], &[]);
    assert_eq!(refuses, [SenderFinding::SpfWithoutProvider]);
}

#[test]
fn a_key_under_any_selector_is_enough_and_a_dead_one_is_none() {
    let good = format!("v=DKIM1; k=rsa; p={KEY}");
    let split = format!("k=rsa; t=y; p={} {}", &KEY[..100], &KEY[100..]);
    let ed = format!("v=DKIM1; k=ed25519; p={}=", "A".repeat(43));
    for key in [&good, &split, &ed] {
        let at: (&str, &[&str]) = ("2026._domainkey.acme.example", &[key]);
        assert_eq!(dkim(&[at]), [], "{key}");
    }
    assert_eq!(dkim(&[]), [SenderFinding::DkimMissing]);
    let of = |texts: &[&str]| dkim(&[("google._domainkey.acme.example", texts)]);
    assert_eq!(of(&["v=DKIM1; k=rsa; p="]), [SenderFinding::DkimRevoked]);
    let short = format!("v=DKIM1; p={}", &KEY[..120]);
    let weak = format!("v=DKIM1; p={}", &KEY[..168]);
    let later = format!("k=rsa; v=DKIM1; p={KEY}");
    let other = format!("v=DKIM1; s=chat; p={KEY}");
    let broken = format!("v=DKIM1; p={}!", KEY);
    let bad: [&[&str]; 9] = [
        &[&short],
        &[&weak],
        &[&later],
        &[&other],
        &[&broken],
        &["v=DKIM1; k=rsa"],
        &["v=DKIM2; p=x"],
        &["a sentence"],
        &[&good, &good],
    ];
    for texts in bad {
        assert_eq!(of(texts), [SenderFinding::DkimInvalid], "{texts:?}");
    }
    // A dead key beside a good one: mail is signed with the good one.
    let dead: &[&str] = &["p="];
    let alive: &[&str] = &[&good];
    let both = dkim(&[
        ("google._domainkey.acme.example", dead),
        ("2026._domainkey.acme.example", alive),
    ]);
    assert_eq!(both, []);
}

#[test]
fn a_policy_stands_at_the_domain_or_at_its_organization() {
    let policy: &[&str] = &["v=DMARC1; p=reject; rua=mailto:d@acme.example"];
    assert_eq!(
        dmarc("acme.example", &[("_dmarc.acme.example", policy)]),
        []
    );
    let below = "sales.acme.co.uk";
    assert_eq!(dmarc(below, &[("_dmarc.acme.co.uk", policy)]), []);
    // `co.uk` is nobody's organization.
    let found = dmarc(below, &[("_dmarc.co.uk", policy)]);
    assert_eq!(found, [SenderFinding::DmarcMissing]);
    let of = |texts: &[&str]| dmarc("acme.example", &[("_dmarc.acme.example", texts)]);
    assert_eq!(of(&["v=spf1 -all"]), [SenderFinding::DmarcMissing]);
    assert_eq!(of(&["a note", policy[0]]), []);
    assert_eq!(of(&[policy[0], policy[0]]), [SenderFinding::DmarcSeveral]);
    for passed_over in [
        "v=DMARC1;; p=none",
        "v=DMARC1; p=none; a word; rua=mailto:d@acme.example;",
        "v=DMARC1; p=Reject; 1x=y; rua=a; rua=b",
    ] {
        assert_eq!(of(&[passed_over]), [], "{passed_over}");
    }
    for invalid in [
        "v=DMARC1",
        "v=DMARC1 p=none",
        "v=DMARC1; rua=mailto:d@acme.example",
        "v=DMARC1; p=nothing",
        "v=DMARC1; p=none; p=reject",
        "v=DMARC12; p=none",
    ] {
        assert_eq!(of(&[invalid]), [SenderFinding::DmarcInvalid], "{invalid}");
    }
    // The domain's own policy stands before its organization's, also a broken one.
    let broken: &[&str] = &["v=DMARC1; p="];
    let both = [
        ("_dmarc.sales.acme.co.uk", broken),
        ("_dmarc.acme.co.uk", policy),
    ];
    assert_eq!(dmarc(below, &both), [SenderFinding::DmarcInvalid]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_the_providers_own_domains_pass() {
    let none: &[(&str, &[&str])] = &[];
    let all = [
        SenderFinding::SpfMissing,
        SenderFinding::DkimMissing,
        SenderFinding::DmarcMissing,
    ];
    assert_eq!(judged(none), all);
    for private in ["gmail.com", "googlemail.com"] {
        assert_eq!(judged_of(private, none), []);
    }
    assert_eq!(judged_of("mail.gmail.com", none).len(), 3);
}
