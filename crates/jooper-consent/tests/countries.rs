//! Every row of the shipped tables, exercised through the gate.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "countries/conditions.rs"]
mod conditions;
mod support;

use std::collections::BTreeSet;

use jooper_consent::{
    Acquired, Attestation, BasisClaim, BasisDraft, BasisError, CountryRule, Gate, InstalledBy,
    PolicyError, PolicySet, RefusalReason, TransportPolicy,
};
use jooper_core::{
    BasisKind, Clock, Code, Country, EmailAddress, EventKind, InstallationId, ManualClock, Purpose,
    Sealed, SeededIds, SystemClock, UserId,
};
use jooper_storage::MemoryStore;
use jooper_storage::tables::BasisEvidence;
use std::sync::Arc;
use support::{LeaseOf, World, country, id, start};

/// A transport that admits everything, so that the country alone decides.
const EVERYTHING: &str = r#"
version = "test"
reviewer = "a test"
[class]
all = ["consent", "confirmed_opt_in", "requested", "prior_reply", "existing_customer",
  "legitimate_interest", "published_for_purpose", "implied_relationship", "implied_publication"]
[[row]]
name = "own-server"
admits = "all"
source = "a test"
date = "2026-11-23"
"#;

/// Every bit of [`BasisRow::stated`](jooper_storage::tables::BasisRow::stated): what a row asks for has
/// tests of its own.
const EVERYTHING_STATED: i64 = i64::MAX;

fn reviewer() -> InstalledBy {
    InstalledBy {
        reviewer: UserId::from_uuid(id(0x5E)),
        at: start(),
    }
}

fn gate(world: &World, policies: PolicySet) -> Gate {
    Gate::new(
        world.store.clone(),
        InstallationId::from_uuid(id(1)),
        world.clock.clone(),
        Arc::new(LeaseOf(world.clock.clone())),
        Arc::new(SeededIds::new(1)),
        policies,
    )
}

/// What the gate says about a fresh basis of this kind, under this country.
async fn allowed(
    world: &World,
    gate: &Gate,
    place: Option<Country>,
    kind: BasisKind,
    generic: bool,
) -> bool {
    let lead = world.lead(1, place).await;
    let mut basis = world.basis(lead, kind, place);
    basis.stated = Some(EVERYTHING_STATED);
    let mut batch = world.batch().put(&basis);
    for other in BasisKind::all().iter().filter(|other| **other != kind) {
        let row = world.basis(lead, *other, place);
        batch = batch.write(jooper_storage::Write::Delete(jooper_storage::Record::key(
            &row,
        )));
    }
    world.commit(batch).await;
    let mut intent = world.intent(1);
    intent.transport = TransportPolicy::named("own-server");
    let local = if generic { "info" } else { "jane.doe" };
    intent.recipient.address = EmailAddress::parse(&format!("{local}@firm.example")).unwrap();
    let judged = gate.judge(world.ws, &intent).await.unwrap();
    let verdict = judged.verdict;
    if let Some(reason) = verdict.reason() {
        assert_eq!(reason, &RefusalReason::BasisNotInCountry(kind));
    }
    verdict.is_allow()
}

#[tokio::test]
async fn the_gate_applies_every_row_of_the_table() {
    let world = World::new().await;
    let policies = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let gate = gate(&world, policies.clone());
    let mut rows = 0;
    for row in policies.countries().rows() {
        rows += 1;
        for kind in BasisKind::all() {
            for (generic, admitted) in [(false, &row.named), (true, &row.generic)] {
                assert_eq!(
                    allowed(&world, &gate, row.code, *kind, generic).await,
                    admitted.contains(kind),
                    "{:?} {kind:?} generic: {generic}",
                    row.code
                );
            }
        }
    }
    assert_eq!(rows, 34);
}

#[tokio::test]
async fn what_the_rows_say_is_what_the_sources_say() {
    let policies = PolicySet::shipped();
    let named = |code: &str, kind| {
        policies
            .countries()
            .row(country(code))
            .named
            .contains(&kind)
    };
    let interest = BasisKind::LegitimateInterest;
    for opt_in in [
        "DE", "AT", "IT", "ES", "PL", "NL", "DK", "BE", "RO", "HR", "SK", "EE", "LV", "LT", "SE",
        "LU", "MT", "CY", "GR", "HU", "CZ", "SI", "BG", "CH", "NO", "IS", "IN", "CA",
    ] {
        assert!(!named(opt_in, interest), "{opt_in}");
        assert!(named(opt_in, BasisKind::Consent), "{opt_in}");
    }
    for opt_out in ["FR", "IE", "FI", "PT", "GB", "US"] {
        assert!(named(opt_out, interest), "{opt_out}");
        let rule = policies.countries().row(country(opt_out)).rule;
        assert_eq!(rule, CountryRule::OptOut);
    }
    assert!(
        policies
            .countries()
            .row(country("BE"))
            .generic
            .contains(&interest)
    );
    // What is softer for companies in the Baltic states was not verified.
    for unverified in ["EE", "LV", "LT"] {
        let row = policies.countries().row(country(unverified));
        assert!(!row.generic.contains(&interest), "{unverified}");
    }
    assert!(named("CA", BasisKind::ImpliedPublication));
    assert!(named("PL", BasisKind::PublishedForPurpose));
    assert!(!named("DE", BasisKind::PublishedForPurpose));
}

/// The rows once more, written down from the sources and not from the file: code, rule, who is
/// added to the four forms of consent (of them for impersonal addresses only, behind a slash), what
/// must be stated, how many months.
const BY_HAND: &str = "
DE opt_in existing_customer; existing_customer=SimilarGoods
AT opt_in existing_customer; existing_customer=SimilarGoods
IT opt_in existing_customer; existing_customer=SimilarGoods
ES opt_in existing_customer; existing_customer=SimilarGoods
PL opt_in published_for_purpose; published_for_purpose=PublishedForOffers
NL opt_in existing_customer,published_for_purpose; existing_customer=SimilarGoods,published_for_purpose=PublishedForOffers
DK opt_in existing_customer; existing_customer=SimilarGoods
BE opt_in existing_customer/legitimate_interest; existing_customer=SimilarGoods,legitimate_interest=RoleRelevant+CorporateSubscriber+InterestAssessed
RO opt_in existing_customer; existing_customer=SimilarGoods
HR opt_in existing_customer; existing_customer=SimilarGoods
SK opt_in
FR opt_out existing_customer,legitimate_interest; existing_customer=SimilarGoods,legitimate_interest=RoleRelevant+InterestAssessed
IE opt_out existing_customer,legitimate_interest; existing_customer=SimilarGoods,legitimate_interest=RoleRelevant+InterestAssessed
FI opt_out existing_customer,legitimate_interest; existing_customer=SimilarGoods,legitimate_interest=RoleRelevant+InterestAssessed
PT opt_out existing_customer,legitimate_interest; existing_customer=SimilarGoods,legitimate_interest=RoleRelevant+CorporateSubscriber+InterestAssessed
EE opt_in existing_customer; existing_customer=SimilarGoods
LV opt_in existing_customer; existing_customer=SimilarGoods
LT opt_in existing_customer; existing_customer=SimilarGoods
SE opt_in
LU opt_in
MT opt_in
CY opt_in
GR opt_in
HU opt_in
CZ opt_in
SI opt_in
BG opt_in
GB opt_out existing_customer,legitimate_interest; existing_customer=SimilarGoods,legitimate_interest=CorporateSubscriber+InterestAssessed
CH opt_in
NO opt_in
IS opt_in
US opt_out existing_customer,legitimate_interest,published_for_purpose
CA implied existing_customer,implied_relationship,implied_publication; implied_publication=RoleRelevant+NoRefusalBeside; requested=6,prior_reply=6,existing_customer=24,implied_relationship=24,implied_publication=24
IN opt_in published_for_purpose; published_for_purpose=PublishedForOffers
";

/// A row in the form of [`BY_HAND`].
fn by_hand(row: &jooper_consent::CountryRow) -> String {
    let forms = [
        BasisKind::Consent,
        BasisKind::ConfirmedOptIn,
        BasisKind::Requested,
        BasisKind::PriorReply,
    ];
    let consented = |kinds: &BTreeSet<BasisKind>| forms.iter().all(|form| kinds.contains(form));
    assert!(consented(&row.named) && consented(&row.generic), "{row:?}");
    assert!(row.named.is_subset(&row.generic), "{row:?}");
    let join = |parts: Vec<String>| parts.join(",");
    let names = |kinds: Vec<&BasisKind>| {
        let others = kinds.into_iter().filter(|kind| !forms.contains(kind));
        join(others.map(|kind| kind.name().to_owned()).collect())
    };
    let rule = serde_json::to_value(row.rule).unwrap();
    let code = row.code.map(|code| code.to_string()).unwrap_or_default();
    let mut text = format!("{code} {}", rule.as_str().unwrap());
    let named = names(row.named.iter().collect());
    if !named.is_empty() {
        text += &format!(" {named}");
    }
    let generic = names(row.generic.difference(&row.named).collect());
    if !generic.is_empty() {
        text += &format!("/{generic}");
    }
    let stated = row.attest.iter().map(|(kind, stated)| {
        let stated: Vec<_> = stated.iter().map(|one| format!("{one:?}")).collect();
        format!("{}={}", kind.name(), stated.join("+"))
    });
    let months = row.months.iter();
    let months = months.map(|(kind, months)| format!("{}={months}", kind.name()));
    for part in [join(stated.collect()), join(months.collect())] {
        if !part.is_empty() {
            text += &format!("; {part}");
        }
    }
    text
}

#[test]
fn every_row_says_what_was_written_down_by_hand() {
    let policies = PolicySet::shipped();
    let rows = policies.countries().rows();
    let rows: BTreeSet<String> = rows.map(by_hand).collect();
    let lines = BY_HAND.lines().filter(|line| !line.is_empty());
    let lines: BTreeSet<String> = lines.map(str::to_owned).collect();
    assert_eq!(rows, lines);
    // Nobody's country: what all admit, under all conditions.
    let strictest = policies.countries().row(None);
    assert_eq!(
        by_hand(strictest),
        " opt_in; existing_customer=SimilarGoods,\
         legitimate_interest=RoleRelevant+CorporateSubscriber+InterestAssessed,\
         published_for_purpose=PublishedForOffers,\
         implied_publication=RoleRelevant+NoRefusalBeside; \
         requested=6,prior_reply=6,existing_customer=24,implied_relationship=24,implied_publication=24"
    );
    let transports = policies.transports();
    let consent_class = "[Consent, ConfirmedOptIn, Requested, PriorReply, ExistingCustomer]";
    for name in ["gmail", "recording", "carrier-pigeon"] {
        let admits: Vec<_> = transports.row(name).admits.iter().collect();
        let wanted: BTreeSet<String> = consent_class
            .trim_matches(['[', ']'])
            .split(", ")
            .map(str::to_owned)
            .collect();
        let admits: BTreeSet<_> = admits.iter().map(|kind| format!("{kind:?}")).collect();
        assert_eq!(admits, wanted, "{name}");
    }
    assert_eq!(transports.rows().count(), 2);
}

#[tokio::test]
async fn an_unknown_country_is_the_strictest_of_all() {
    let world = World::new().await;
    let policies = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let gate = gate(&world, policies.clone());
    for kind in BasisKind::all() {
        let everywhere = policies
            .countries()
            .rows()
            .all(|row| row.named.contains(kind));
        for place in [None, country("ZZ")] {
            assert_eq!(
                allowed(&world, &gate, place, *kind, false).await,
                everywhere,
                "{kind:?}"
            );
        }
    }
}

#[test]
fn a_table_for_one_loosens_nothing_for_those_that_it_does_not_mention() {
    let interest = BasisKind::LegitimateInterest;
    let shipped = PolicySet::shipped();
    let own = PolicySet::shipped().with_transports(EVERYTHING, reviewer());
    let own = own.unwrap();
    let admits = |policies: &PolicySet, name| policies.transports().row(name).admits.clone();
    assert!(admits(&own, "own-server").contains(&interest));
    for name in ["gmail", "recording", "nobody-knows"] {
        assert_eq!(admits(&own, name), admits(&shipped, name), "{name}");
    }
    assert_eq!(
        own.transports().row("gmail").version,
        shipped.transports().version()
    );
    let row = EVERYTHING.split_once("[[row]]").unwrap().1;
    let gmail = row.replace("own-server", "gmail");
    let gmail = format!("{EVERYTHING}[[row]]{gmail}");
    let stated = PolicySet::shipped().with_transports(&gmail, reviewer());
    let stated = stated.unwrap();
    assert!(
        admits(&stated, "gmail").contains(&interest),
        "it was stated"
    );
    assert!(!admits(&stated, "nobody-knows").contains(&interest));

    let us = r#"
version = "test"
reviewer = "a test"
[class]
loose = ["consent", "legitimate_interest"]
[[row]]
code = "US"
rule = "opt_out"
named = "loose"
source = "a test"
date = "2026-11-23"
confidence = "high"
"#;
    let us = PolicySet::shipped().with_countries(us, reviewer()).unwrap();
    let named = |policies: &PolicySet, code| policies.countries().row(country(code)).clone();
    assert!(named(&us, "US").named.contains(&interest));
    assert_eq!(named(&us, "US").version, "test");
    assert_eq!(named(&us, "DE"), named(&shipped, "DE"));
    let (before, now) = (named(&shipped, "ZZ"), named(&us, "ZZ"));
    assert!(now.named.is_subset(&before.named) && now.generic.is_subset(&before.generic));
    assert_eq!(
        (now.rule, now.attest, now.months),
        (before.rule, before.attest, before.months)
    );
}

#[tokio::test]
async fn a_local_basis_does_not_travel_and_a_consent_does() {
    let world = World::new().await;
    let lead = world.lead(1, country("GB")).await;
    let policies = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let gate = gate(&world, policies);
    let mut intent = world.intent(1);
    intent.transport = TransportPolicy::named("own-server");
    for (kind, allowed) in [
        (BasisKind::LegitimateInterest, false),
        (BasisKind::Consent, true),
    ] {
        let basis = world.basis(lead, kind, country("FR"));
        world.commit(world.batch().put(&basis)).await;
        let judged = gate.judge(world.ws, &intent).await.unwrap();
        assert_eq!(judged.verdict.is_allow(), allowed, "{kind:?}");
    }
}

#[tokio::test]
async fn gmail_admits_consent_class_only_and_so_does_an_unknown_transport() {
    let world = World::new().await;
    let lead = world.lead(1, country("FR")).await;
    let consent_class = [
        BasisKind::Consent,
        BasisKind::ConfirmedOptIn,
        BasisKind::Requested,
        BasisKind::PriorReply,
        BasisKind::ExistingCustomer,
    ];
    for kind in policies_fr() {
        for transport in ["gmail", "carrier-pigeon"] {
            let mut batch = world.batch().put(&world.basis(lead, kind, country("FR")));
            for other in BasisKind::all().iter().filter(|other| **other != kind) {
                let row = world.basis(lead, *other, None);
                batch = batch.write(jooper_storage::Write::Delete(jooper_storage::Record::key(
                    &row,
                )));
            }
            world.commit(batch).await;
            let mut intent = world.intent(1);
            intent.transport = TransportPolicy::named(transport);
            let judged = world.gate.judge(world.ws, &intent).await.unwrap();
            let expected = consent_class.contains(&kind);
            assert_eq!(judged.verdict.is_allow(), expected, "{kind:?} {transport}");
            if !expected {
                let why = RefusalReason::BasisNotOverTransport(kind);
                assert_eq!(judged.verdict.reason(), Some(&why));
            }
        }
    }
}

fn policies_fr() -> BTreeSet<BasisKind> {
    PolicySet::shipped()
        .countries()
        .row(country("FR"))
        .named
        .clone()
}

#[test]
fn every_row_has_a_source_and_none_is_older_than_a_year() {
    let policies = PolicySet::shipped();
    for row in policies.countries().rows() {
        assert!(row.source.len() > 20 && !row.reviewer.is_empty(), "{row:?}");
    }
    let today = SystemClock
        .now()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date();
    assert_eq!(policies.stale(today), [], "read these sources again");
    let later = jiff::civil::date(2027, 11, 24);
    let stale = policies.stale(later);
    assert_eq!(stale.len(), 36, "the test can fail");
    let told = stale[0].to_string();
    assert!(
        told.starts_with("table of countries, ") && told.contains(&stale[0].date.to_string()),
        "{told}"
    );
}

#[tokio::test]
async fn an_installed_table_names_its_reviewer_in_every_trace() {
    let world = World::new().await;
    world.consented(1).await;
    let policies = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let gate = gate(&world, policies);
    let mut intent = world.intent(1);
    intent.transport = TransportPolicy::named("own-server");
    let judged = gate.judge(world.ws, &intent).await.unwrap();
    let who = reviewer().reviewer.to_string();
    let named = judged.trace.0.iter().any(|step| step.input.contains(&who));
    assert!(named, "{:?}", judged.trace);
}

/// Versions and reviewers of the tables of transports that a workspace's log names, in order.
async fn told(world: &World) -> Vec<(String, Option<UserId>)> {
    let log = world
        .store
        .read_log(world.ws, jooper_storage::LogCursor::start())
        .await
        .unwrap();
    let notes = log
        .records
        .iter()
        .filter_map(|record| jooper_consent::Note::from_payload(record.entry.payload.as_deref()?));
    notes
        .filter_map(|note| match note {
            jooper_consent::Note::Policy {
                table,
                version,
                reviewer,
                ..
            } if table == "transports" => Some((version, reviewer)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn no_permit_goes_out_before_the_log_names_the_tables_that_let_it() {
    let shipped = PolicySet::shipped();
    let of_shipped = (shipped.transports().version().to_owned(), None);
    let other = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let of_other = ("test".to_owned(), Some(reviewer().reviewer));
    // Nobody recorded anything for this workspace; its gate is asked for the first time.
    let clock = Arc::new(ManualClock::new(start()));
    let bare = World::bare(Arc::new(MemoryStore::new()), clock);
    let intent = bare.intent(1);
    let asked = bare.gate.acquire(bare.ws, &intent, bare.batch()).await;
    assert!(matches!(asked, Ok(Acquired::Refused(_))));
    assert_eq!(told(&bare).await, std::slice::from_ref(&of_shipped));
    // Another table, the shipped one again, and the other again.
    let world = World::new().await;
    assert_eq!(told(&world).await, std::slice::from_ref(&of_shipped));
    let mut expected = vec![of_shipped.clone()];
    for (n, (policies, said)) in [
        (other.clone(), of_other.clone()),
        (shipped, of_shipped),
        (other, of_other),
    ]
    .into_iter()
    .enumerate()
    {
        let gate = gate(&world, policies);
        for person in [2 * n as u128 + 1, 2 * n as u128 + 2] {
            world.consented(person).await;
            let intent = world.intent(person);
            let acquired = gate.acquire(world.ws, &intent, world.batch()).await;
            assert!(matches!(acquired, Ok(Acquired::Permit(..))), "{acquired:?}");
        }
        gate.record_policies(world.ws).await.unwrap();
        expected.push(said);
        assert_eq!(told(&world).await, expected, "once for each change");
    }
    let log = world
        .store
        .read_log(world.ws, jooper_storage::LogCursor::start())
        .await
        .unwrap();
    let kinds: Vec<_> = log.records.iter().map(|it| it.entry.kind).collect();
    let first = kinds.iter().position(|kind| *kind == EventKind::Permitted);
    let named = kinds
        .iter()
        .position(|kind| *kind == EventKind::PolicyInstalled);
    assert!(named < first, "{kinds:?}");
}

#[tokio::test]
async fn a_withdrawal_is_logged_as_one() {
    let world = World::new().await;
    let lead = world.consented(1).await;
    let (purpose, kind) = (Purpose::Outreach, BasisKind::Consent);
    let batch = jooper_consent::withdraw(world.batch(), lead, purpose, kind, start());
    let kinds: Vec<_> = batch.log.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EventKind::BasisWithdrawn]);
    assert_eq!(batch.log[0].dimensions.reason, Some(kind.code()));
    world.commit(batch).await;
    let judged = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    assert!(!judged.verdict.is_allow());
}

#[test]
fn a_table_without_source_reviewer_or_sense_is_refused() {
    let install = |text: &str| PolicySet::shipped().with_transports(text, reviewer());
    let broken = EVERYTHING.replace("source = \"a test\"", "source = \" \"");
    assert!(matches!(install(&broken), Err(PolicyError::Row { .. })));
    let broken = EVERYTHING.replace("\"all\"", "\"none\"");
    assert!(matches!(install(&broken), Err(PolicyError::Row { .. })));
    let broken = EVERYTHING.replace("2026-11-23", "yesterday");
    assert!(matches!(install(&broken), Err(PolicyError::Row { .. })));
    let row = EVERYTHING.split("[[row]]").nth(1).unwrap();
    let broken = format!("{EVERYTHING}\n[[row]]{row}");
    assert!(matches!(install(&broken), Err(PolicyError::Twice(_))));
    assert!(matches!(
        install("version = 1"),
        Err(PolicyError::Syntax(_))
    ));
}

fn claim(kind: BasisKind, place: Option<Country>, stated: &[Attestation]) -> BasisClaim {
    BasisClaim {
        kind,
        country: place,
        obtained_at: "2026-10-01T00:00:00Z".parse().unwrap(),
        expires_at: None,
        stated: stated.iter().copied().collect(),
        evidence: BasisEvidence {
            source: "form on the website".to_owned(),
            proof: "ticked box, text 4".to_owned(),
            notice_version: Some("4".to_owned()),
            assessment: Some("LIA-2026-3".to_owned()),
        },
    }
}

#[test]
fn a_basis_is_recorded_only_with_what_its_row_asks_for() {
    let policies = PolicySet::shipped();
    let check = |claim| BasisDraft::check(claim, policies.countries(), start());
    let interest = BasisKind::LegitimateInterest;
    let missing = check(claim(
        interest,
        country("GB"),
        &[Attestation::InterestAssessed],
    ));
    assert_eq!(
        missing.unwrap_err(),
        BasisError::NotStated {
            country: "GB".to_owned(),
            missing: Attestation::CorporateSubscriber,
        }
    );
    let stated = [
        Attestation::InterestAssessed,
        Attestation::CorporateSubscriber,
    ];
    let draft = check(claim(interest, country("GB"), &stated)).unwrap();
    assert!(draft.evidence().proof.contains("CorporateSubscriber"));
    let mut nothing = claim(BasisKind::Consent, country("DE"), &[]);
    nothing.evidence.proof.clear();
    assert_eq!(check(nothing).unwrap_err(), BasisError::NoEvidence);
    let mut untold = claim(BasisKind::Consent, country("DE"), &[]);
    untold.evidence.notice_version = None;
    assert_eq!(check(untold).unwrap_err(), BasisError::NoNotice);
    let mut unassessed = claim(interest, country("GB"), &stated);
    unassessed.evidence.assessment = None;
    assert_eq!(check(unassessed).unwrap_err(), BasisError::NoAssessment);
}

#[test]
fn an_implied_consent_in_canada_runs_out() {
    let policies = PolicySet::shipped();
    let check = |claim| BasisDraft::check(claim, policies.countries(), start());
    let relation = BasisKind::ImpliedRelationship;
    let draft = check(claim(relation, country("CA"), &[])).unwrap();
    let end = Some("2028-10-01T00:00:00Z".parse().unwrap());
    assert_eq!(draft.expires_at(), end);
    // A reply is at most an inquiry.
    for kind in [BasisKind::Requested, BasisKind::PriorReply] {
        let inquiry = check(claim(kind, country("CA"), &[])).unwrap();
        let end = Some("2027-04-01T00:00:00Z".parse().unwrap());
        assert_eq!(inquiry.expires_at(), end, "{kind:?}");
    }
    let mut old = claim(BasisKind::Requested, country("CA"), &[]);
    old.obtained_at = "2026-05-01T00:00:00Z".parse().unwrap();
    assert_eq!(check(old).unwrap_err(), BasisError::Ended);
}

/// A basis ends when whoever gave it said so or when the law says so, whichever comes first.
#[test]
fn of_two_ends_the_earlier_one_counts() {
    let policies = PolicySet::shipped();
    let ends = |kind, place: &str, own: &str| {
        let mut claim = claim(kind, country(place), &[]);
        claim.expires_at = Some(own.parse().unwrap());
        let draft = BasisDraft::check(claim, policies.countries(), start()).unwrap();
        draft.expires_at().unwrap().to_string()
    };
    let (own, late) = ("2027-03-01T00:00:00Z", "2031-01-01T00:00:00Z");
    assert_eq!(ends(BasisKind::Consent, "DE", own), own);
    assert_eq!(ends(BasisKind::ImpliedRelationship, "CA", own), own);
    let by_law = "2028-10-01T00:00:00Z";
    assert_eq!(ends(BasisKind::ImpliedRelationship, "CA", late), by_law);
    let mut over = claim(BasisKind::Consent, country("DE"), &[]);
    over.expires_at = Some(start());
    let over = BasisDraft::check(over, policies.countries(), start());
    assert_eq!(over.unwrap_err(), BasisError::Ended);
}

#[test]
fn a_basis_begins_now_at_the_latest() {
    let policies = PolicySet::shipped();
    let mut claim = claim(BasisKind::Consent, country("DE"), &[]);
    claim.obtained_at = start();
    let now = BasisDraft::check(claim.clone(), policies.countries(), start());
    assert!(now.is_ok());
    claim.obtained_at = start() + jiff::SignedDuration::from_millis(1);
    let later = BasisDraft::check(claim, policies.countries(), start());
    assert_eq!(later.unwrap_err(), BasisError::Future);
}

/// The gate looks at the dates itself: what stands in the row is not all that counts.
#[tokio::test]
async fn the_gate_ends_a_basis_by_its_own_date_and_by_the_law_s() {
    let world = World::new().await;
    let lead = world.lead(1, country("CA")).await;
    let policies = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let gate = gate(&world, policies);
    let mut intent = world.intent(1);
    intent.transport = TransportPolicy::named("own-server");
    let kind = BasisKind::ImpliedRelationship;
    let mut basis = world.basis(lead, kind, country("CA"));
    let expired = Some(RefusalReason::BasisExpired(kind));
    let not_yet = Some(RefusalReason::BasisNotYet(kind));
    // Today is the 23rd of November 2026, 9 o'clock.
    for (obtained, own, refusal) in [
        ("2026-10-23T09:00:00Z", None, None),
        ("2024-11-23T09:00:01Z", None, None),
        ("2024-11-23T09:00:00Z", None, expired.clone()),
        (
            "2024-11-23T09:00:00Z",
            Some("2030-01-01T00:00:00Z"),
            expired.clone(),
        ),
        ("2026-10-23T09:00:00Z", Some("2026-11-23T09:00:01Z"), None),
        (
            "2026-10-23T09:00:00Z",
            Some("2026-11-23T09:00:00Z"),
            expired,
        ),
        ("2026-11-23T09:00:00Z", None, None),
        ("2026-11-23T09:00:01Z", None, not_yet),
    ] {
        basis.obtained_at = obtained.parse().unwrap();
        basis.expires_at = own.map(|own| own.parse().unwrap());
        world.commit(world.batch().put(&basis)).await;
        let judged = gate.judge(world.ws, &intent).await.unwrap();
        assert_eq!(
            judged.verdict.reason(),
            refusal.as_ref(),
            "{obtained} {own:?}"
        );
    }
}

/// A condition that a later table adds holds for what was recorded before it, as an end that it adds does
/// (law L6: the tables in force when the mail goes).
#[tokio::test]
async fn a_condition_of_a_later_table_holds_for_what_was_recorded_before() {
    let world = World::new().await;
    let place = country("FR");
    let lead = world.lead(1, place).await;
    let shipped = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let later = shipped
        .clone()
        .with_countries(COMPANIES_ONLY, reviewer())
        .unwrap();
    let mut intent = world.intent(1);
    intent.transport = TransportPolicy::named("own-server");
    let kind = BasisKind::LegitimateInterest;
    let asked = [Attestation::InterestAssessed, Attestation::RoleRelevant];
    let company = Attestation::CorporateSubscriber;
    let refused = Some(RefusalReason::BasisNotStated(kind, company));
    let record = |stated: &[Attestation]| {
        let claim = claim(kind, place, stated);
        let draft = BasisDraft::check(claim, shipped.countries(), start()).unwrap();
        let (evidence, kept) = (
            Sealed::from_envelope(vec![4]),
            Sealed::from_envelope(vec![5]),
        );
        let purpose = Purpose::Outreach;
        draft.record(world.batch(), lead, purpose, evidence, kept, start())
    };
    // As an earlier version recorded it, which kept no statements.
    let before = world.batch().put(&world.basis(lead, kind, place));
    for (recorded, then) in [
        (before, refused.clone()),
        (record(&asked), refused),
        (record(&[asked[0], asked[1], company]), None),
    ] {
        world.commit(recorded).await;
        for (policies, why) in [(&shipped, None), (&later, then)] {
            let gate = gate(&world, policies.clone());
            let judged = gate.judge(world.ws, &intent).await.unwrap();
            assert_eq!(judged.verdict.reason(), why.as_ref());
        }
    }
}

const COMPANIES_ONLY: &str = r#"
version = "later"
reviewer = "a test"
[class]
all = ["legitimate_interest"]
[[row]]
code = "FR"
rule = "opt_out"
named = "all"
attest = { legitimate_interest = ["interest_assessed", "role_relevant", "corporate_subscriber"] }
source = "a test"
date = "2026-11-23"
confidence = "low"
"#;
