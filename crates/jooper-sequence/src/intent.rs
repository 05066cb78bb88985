//! What the gate is asked about a step: the same for a send and for an explanation.

use jooper_consent::{
    CapFacts, Proof, Recipient, RefusalReason, SendIntent, TransportPolicy, parent_domains,
};
use jooper_core::{EmailAddress, KeyedIndex, SendKey, SkipReason};
use jooper_storage::tables::{EnrollmentRow, LeadRow, WorkspaceIdentity};
use jooper_vault::WorkspaceVault;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::own_domains::named;

pub(crate) fn intent(
    engine: &Engine,
    enrollment: &EnrollmentRow,
    key: SendKey,
    recipient: Recipient,
    identity: &WorkspaceIdentity,
) -> SendIntent {
    SendIntent {
        key,
        recipient,
        mailbox: enrollment.mailbox,
        campaign: Some(enrollment.campaign),
        enrollment: Some(enrollment.id),
        identity_complete: jooper_consent::check_identity(identity).is_ok(),
        transport: transport_policy(engine),
        proof: Proof::None,
        caps: CapFacts {
            first_contact: enrollment.sent == 0,
            follow_ups_sent: enrollment.sent.saturating_sub(1),
            last_sent_at: enrollment.last_sent_at,
            follow_up_limit: Some(engine.settings.follow_ups),
        },
        content: None,
        own_domains: named(identity),
    }
}

/// The lead as the gate knows it.
pub(crate) async fn recipient(
    engine: &Engine,
    vault: &WorkspaceVault,
    lead: &LeadRow,
    address: &EmailAddress,
) -> Result<Recipient, EngineError> {
    let platform = engine.parts.vault.platform().await?;
    let variants = vault.variant_indexes(address);
    Ok(Recipient {
        lead: Some(lead.id),
        company: lead.company,
        country: lead.country,
        email_index: vault.email_index(address),
        contact_index: vault.contact_index(address),
        domain_index: vault.domain_index(address.domain()),
        parent_domains: parents(vault, address),
        variants,
        platform_variants: platform.variant_indexes(address),
        address: address.clone(),
        role_address: false,
    })
}

/// The domains above an address's own, as the list knows them.
pub(crate) fn parents(vault: &WorkspaceVault, address: &EmailAddress) -> Vec<KeyedIndex> {
    let parents = parent_domains(address.domain()).into_iter();
    parents.map(|domain| vault.domain_index(domain)).collect()
}

/// The row of the transport table that applies.
pub(crate) fn transport_policy(engine: &Engine) -> TransportPolicy {
    TransportPolicy::named(engine.parts.dispatcher.transport().capabilities().policy)
}

/// What the mails of somebody whom the gate refuses for good count as.
pub(crate) const fn skipped_as(reason: &RefusalReason) -> SkipReason {
    match reason {
        RefusalReason::Suppressed(_) | RefusalReason::DoNotContact => SkipReason::Suppressed,
        RefusalReason::NoBasis
        | RefusalReason::BasisExpired(_)
        | RefusalReason::BasisWithdrawn(_)
        | RefusalReason::BasisNotYet(_)
        | RefusalReason::BasisNotInCountry(_)
        | RefusalReason::BasisNotStated(..)
        | RefusalReason::BasisNotOverTransport(_)
        | RefusalReason::BasisRefusedHere(_) => SkipReason::NoBasis,
        _ => SkipReason::Refused,
    }
}
