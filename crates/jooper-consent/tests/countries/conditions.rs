//! What rows ask to be stated of a basis, and who was asked.

use jooper_consent::{
    Attestation, BasisDraft, BasisError, PolicySet, RefusalReason, TransportPolicy,
};
use jooper_core::{BasisKind, Code as _, EmailAddress};

use super::support::{World, country, start};
use super::{EVERYTHING, claim, gate, reviewer};

/// Each statement that a row of the table asks for is needed: with all but one of them nothing goes, and
/// nobody records it.
#[tokio::test]
async fn every_condition_of_every_row_is_asked_for() {
    let world = World::new().await;
    let policies = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let gate = gate(&world, policies.clone());
    let bit = |one| 1 << ATTESTATIONS.iter().position(|other| *other == one).unwrap();
    let mut intent = world.intent(1);
    intent.transport = TransportPolicy::named("own-server");
    // Belgium and others admit some bases for these alone.
    intent.recipient.address = EmailAddress::parse("info@firm.example").unwrap();
    let mut conditions = 0;
    for row in policies.countries().rows() {
        for (kind, asked) in row
            .attest
            .iter()
            .filter(|(kind, _)| row.generic.contains(kind))
        {
            for left_out in asked {
                conditions += 1;
                let lead = world.lead(1, row.code).await;
                for other in BasisKind::all() {
                    let row = world.basis(lead, *other, row.code);
                    let key = jooper_storage::Record::key(&row);
                    world
                        .commit(world.batch().write(jooper_storage::Write::Delete(key)))
                        .await;
                }
                let stated: Vec<_> = asked
                    .iter()
                    .copied()
                    .filter(|one| one != left_out)
                    .collect();
                let mut basis = world.basis(lead, *kind, row.code);
                basis.stated = Some(stated.iter().fold(0, |bits, one| bits | bit(*one)));
                world.commit(world.batch().put(&basis)).await;
                let judged = gate.judge(world.ws, &intent).await.unwrap();
                assert_eq!(
                    judged.verdict.reason(),
                    Some(&RefusalReason::BasisNotStated(*kind, *left_out)),
                    "{:?}",
                    row.code
                );
                let claim = claim(*kind, row.code, &stated);
                let refused = BasisDraft::check(claim, policies.countries(), start()).unwrap_err();
                assert!(
                    matches!(refused, BasisError::NotStated { missing, .. } if missing == *left_out)
                );
                basis.stated = Some(bit(*left_out) | basis.stated.unwrap());
                world.commit(world.batch().put(&basis)).await;
                assert!(
                    gate.judge(world.ws, &intent)
                        .await
                        .unwrap()
                        .verdict
                        .is_allow()
                );
            }
        }
    }
    assert_eq!(conditions, 36);
}

/// In the order of their bits.
const ATTESTATIONS: [Attestation; 6] = [
    Attestation::RoleRelevant,
    Attestation::CorporateSubscriber,
    Attestation::PublishedForOffers,
    Attestation::NoRefusalBeside,
    Attestation::SimilarGoods,
    Attestation::InterestAssessed,
];

/// An impersonal address in Belgium is free of consent only where a company has it: a sole trader's is
/// not. What was recorded before anybody was asked does not say so.
#[tokio::test]
async fn in_belgium_the_subscriber_is_said_to_be_a_company() {
    let world = World::new().await;
    let place = country("BE");
    let lead = world.lead(1, place).await;
    let policies = PolicySet::shipped()
        .with_transports(EVERYTHING, reviewer())
        .unwrap();
    let gate = gate(&world, policies.clone());
    let mut intent = world.intent(1);
    intent.transport = TransportPolicy::named("own-server");
    intent.recipient.address = EmailAddress::parse("info@firm.example").unwrap();
    let kind = BasisKind::LegitimateInterest;
    // As an earlier version recorded it, which kept no statements.
    world
        .commit(world.batch().put(&world.basis(lead, kind, place)))
        .await;
    let judged = gate.judge(world.ws, &intent).await.unwrap();
    let missing = RefusalReason::BasisNotStated(kind, Attestation::CorporateSubscriber);
    assert_eq!(judged.verdict.reason(), Some(&missing));
}
