//! No basis, no send (law L6): the country's row, then the transport's.

use jiff::Timestamp;
use jooper_core::BasisKind;
use jooper_storage::tables::BasisRow;
use jooper_storage::{Check, Record, Versioned};

use super::{Context, Judged, Steps, deny};
use crate::address::{AddressClass, classify};
use crate::basis::receipt_id;
use crate::gate::trace::{GateName, RefusalReason, Verdict};
use crate::policy::{CountryRow, PolicySet};
use crate::tightening::is_refused;

/// Kinds that a country's own rule brought about: they count for that country only.
const fn is_local(kind: BasisKind) -> bool {
    !matches!(
        kind,
        BasisKind::Consent
            | BasisKind::ConfirmedOptIn
            | BasisKind::Requested
            | BasisKind::PriorReply
    )
}

/// When a basis ends: by itself or by the country's row, whichever is earlier.
fn ends_at(row: &BasisRow, law: &CountryRow) -> Option<Timestamp> {
    let by_law = law.ends_by_law(row.kind, row.obtained_at);
    match (row.expires_at, by_law) {
        (Some(own), Some(law)) => Some(own.min(law)),
        (own, law) => own.or(law),
    }
}

/// Why this basis does not carry the mail, if it does not.
fn objection(
    context: &Context<'_>,
    law: &CountryRow,
    generic: bool,
    row: &BasisRow,
    judged: &Judged,
) -> Option<(GateName, RefusalReason)> {
    let kind = row.kind;
    let admitted = if generic {
        law.generic.contains(&kind)
    } else {
        // A caller's word that the address is a desk's loosens nothing: rules for desks count then
        // beside those for people.
        let told = context.intent.recipient.role_address;
        law.named.contains(&kind) && (!told || law.generic.contains(&kind))
    };
    let elsewhere = is_local(kind) && row.country != judged.country;
    let missing = || {
        let stated = row.stated;
        let stated = stated.unwrap_or_else(|| PolicySet::stated_before(kind, row.country));
        law.not_stated(kind, stated)
    };
    let transport = context
        .policies
        .transports()
        .row(&context.intent.transport.name);
    if row.withdrawn_at.is_some() {
        Some((GateName::Basis, RefusalReason::BasisWithdrawn(kind)))
    } else if ends_at(row, law).is_some_and(|end| end <= context.now) {
        Some((GateName::Basis, RefusalReason::BasisExpired(kind)))
    } else if elsewhere || !admitted {
        Some((GateName::Basis, RefusalReason::BasisNotInCountry(kind)))
    } else if let Some(missing) = missing() {
        let reason = RefusalReason::BasisNotStated(kind, missing);
        Some((GateName::Basis, reason))
    } else if is_refused(context.rows.refused, kind) {
        Some((GateName::Basis, RefusalReason::BasisRefusedHere(kind)))
    } else if !transport.admits.contains(&kind) {
        Some((
            GateName::Transport,
            RefusalReason::BasisNotOverTransport(kind),
        ))
    } else if row.obtained_at > context.now {
        Some((GateName::Basis, RefusalReason::BasisNotYet(kind)))
    } else {
        None
    }
}

pub(super) fn judge(context: &Context<'_>, steps: &mut Steps, judged: &mut Judged) {
    let law = context.policies.countries().row(judged.country);
    let to = &context.intent.recipient;
    let generic = classify(&to.address) == AddressClass::Generic;
    let place = describe(context, law, generic);
    let mut best: Option<(GateName, RefusalReason)> = None;
    let mut later: Option<(Timestamp, RefusalReason)> = None;
    for Versioned { record, version } in &context.rows.bases {
        match objection(context, law, generic, record, judged) {
            None => {
                let receipt =
                    receipt_id(record.lead, record.purpose, record.kind, record.obtained_at);
                judged.basis = Some(record.kind);
                judged.receipt = Some(receipt);
                judged.pins.push(Check::Version(record.key(), *version));
                steps.push(
                    GateName::Basis,
                    format!(
                        "{} of {}, receipt {receipt}; {place}",
                        record.kind.name(),
                        record.obtained_at.strftime("%F")
                    ),
                    Verdict::Allow,
                );
                steps.push(GateName::Transport, over(context), Verdict::Allow);
                return;
            }
            // Nobody is given up for a clock that was set back.
            Some((_, reason @ RefusalReason::BasisNotYet(_))) => {
                let at = record.obtained_at;
                if later.as_ref().is_none_or(|(known, _)| at < *known) {
                    later = Some((at, reason));
                }
            }
            Some(objection) => {
                // The objection that came furthest says best what is missing.
                let further = best
                    .as_ref()
                    .is_none_or(|(gate, _)| objection.0 > *gate || *gate == GateName::Basis);
                if further {
                    best = Some(objection);
                }
            }
        }
    }
    if let Some((at, reason)) = later {
        let verdict = Verdict::Defer {
            until: Some(at),
            reason,
        };
        steps.push(GateName::Basis, place, verdict);
        return;
    }
    match best {
        Some((GateName::Transport, reason)) => {
            steps.push(GateName::Basis, place, Verdict::Allow);
            steps.push(GateName::Transport, over(context), deny(reason));
        }
        Some((gate, reason)) => steps.push(gate, place, deny(reason)),
        None => steps.push(GateName::Basis, place, deny(RefusalReason::NoBasis)),
    }
}

/// Which table and row of the law applied, and who answers for it if it is not the shipped one.
fn describe(context: &Context<'_>, law: &CountryRow, generic: bool) -> String {
    let row = law
        .code
        .map_or_else(|| "unknown (strictest)".to_owned(), |code| code.to_string());
    let states = law.version == context.policies.countries().version();
    let by = context.policies.countries_by().filter(|_| states);
    let by = by
        .map(|by| format!(", installed by {}", by.reviewer))
        .unwrap_or_default();
    let address = if generic { "impersonal" } else { "named" };
    format!(
        "row {row} of countries {}{by}, {address} address",
        law.version
    )
}

fn over(context: &Context<'_>) -> String {
    let table = context.policies.transports();
    let row = table.row(&context.intent.transport.name);
    let name = if row.name.is_empty() {
        "unknown (strictest)"
    } else {
        &row.name
    };
    let states = row.version == table.version();
    let by = context.policies.transports_by().filter(|_| states);
    let by = by
        .map(|by| format!(", installed by {}", by.reviewer))
        .unwrap_or_default();
    format!("row {name} of transports {}{by}", row.version)
}
