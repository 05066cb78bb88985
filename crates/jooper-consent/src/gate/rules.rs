//! The judgement: a pure function of rows, policy and time.

mod basis;
mod contact;
mod listed;
mod purpose;

use jiff::Timestamp;
use jooper_core::{BasisKind, Country, EventId, LeadState, SendKind, WorkspaceId, WorkspaceState};
use jooper_storage::Check;

use super::intent::SendIntent;
use super::plug::{PolicyContext, PolicyVerdict, SendPolicy};
use super::rows::Rows;
use super::trace::{GateName, GateStep, Judgement, RefusalReason, Trace, Verdict};
use crate::ceilings::Ceilings;
use crate::policy::PolicySet;

/// What a judgement needs beside the rows.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) workspace: WorkspaceId,
    pub(super) intent: &'a SendIntent,
    pub(super) rows: &'a Rows,
    pub(super) policies: &'a PolicySet,
    pub(super) ceilings: &'a Ceilings,
    pub(super) plugs: &'a [std::sync::Arc<dyn SendPolicy>],
    /// Wall clock: laws, schedules, people.
    pub(super) now: Timestamp,
}

/// A judgement with what its commit must pin and count.
pub(super) struct Judged {
    pub(super) judgement: Judgement,
    /// The basis that carries the verdict, for the log.
    pub(super) basis: Option<BasisKind>,
    /// Its receipt.
    pub(super) receipt: Option<EventId>,
    /// The country whose row applied.
    pub(super) country: Option<Country>,
    /// Checks beside those of the rows: the basis that carries the verdict.
    pub(super) pins: Vec<Check>,
    /// Whether the mail counts against the campaign's first sample.
    pub(super) sampled: bool,
    /// Whether it is the enrollment's first mail, which carries the notice.
    pub(super) first: bool,
}

/// Collects the steps of a judgement.
#[derive(Default)]
pub(super) struct Steps(Vec<GateStep>);

pub(super) fn deny(reason: RefusalReason) -> Verdict {
    Verdict::Deny {
        reason,
        permanent: true,
    }
}

/// Until somebody has acted.
pub(super) fn wait(reason: RefusalReason) -> Verdict {
    Verdict::Defer {
        until: None,
        reason,
    }
}

impl Steps {
    pub(super) fn push(&mut self, gate: GateName, input: impl Into<String>, verdict: Verdict) {
        self.0.push(GateStep {
            gate,
            input: input.into(),
            verdict,
        });
    }
}

/// Asks every gate, also behind a refusal: the trace then names all that stands in the way.
pub(super) fn judge(context: &Context<'_>) -> Judged {
    let mut steps = Steps::default();
    let kind = context.intent.key.kind();
    workspace(context, &mut steps);
    listed::suppression(context, &mut steps);
    listed::do_not_contact(context, &mut steps);
    listed::stops(context, &mut steps);
    rights(context, &mut steps);
    purpose::judge(context, &mut steps);
    content(context, &mut steps);
    let mut judged = Judged {
        judgement: Judgement {
            verdict: Verdict::Allow,
            trace: Trace::default(),
        },
        basis: None,
        receipt: None,
        country: country(context),
        pins: Vec::new(),
        sampled: false,
        first: kind == SendKind::Step && contact::surely_sent(context) == 0,
    };
    if kind == SendKind::Reply {
        contact::answers(context, &mut steps);
    }
    if kind == SendKind::Step {
        basis::judge(context, &mut steps, &mut judged);
        contact::ceilings(context, &mut steps);
        contact::exclusivity(context, &mut steps);
        judged.sampled = contact::sample(context, &mut steps);
    }
    plugs(context, &judged, &mut steps);
    judged.judgement.verdict = conclude(&steps.0);
    judged.judgement.trace = Trace(steps.0);
    judged
}

/// The first denial wins; else the deferral that lasts longest; else nothing is against it.
fn conclude(steps: &[GateStep]) -> Verdict {
    let denial = steps
        .iter()
        .find(|step| matches!(step.verdict, Verdict::Deny { .. }));
    if let Some(step) = denial {
        return step.verdict.clone();
    }
    let mut verdict = Verdict::Allow;
    for step in steps {
        let Verdict::Defer { until, .. } = &step.verdict else {
            continue;
        };
        let longer = match &verdict {
            Verdict::Defer { until: current, .. } => match (current, until) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(current), Some(until)) => until > current,
            },
            _ => true,
        };
        if longer {
            verdict = step.verdict.clone();
        }
    }
    verdict
}

/// The country whose rules apply: the lead's own row wins over what the caller says.
fn country(context: &Context<'_>) -> Option<Country> {
    match &context.rows.lead {
        Some(lead) => lead.country,
        None => context.intent.recipient.country,
    }
}

fn workspace(context: &Context<'_>, steps: &mut Steps) {
    let state = context.rows.workspace.as_ref().map(|row| row.state);
    let verdict = match state {
        Some(WorkspaceState::Active) => Verdict::Allow,
        Some(WorkspaceState::Paused) => wait(RefusalReason::WorkspacePaused),
        Some(_) => deny(RefusalReason::WorkspaceLeaving),
        None => deny(RefusalReason::UnknownWorkspace),
    };
    let input = state.map_or("no such workspace", WorkspaceState::name);
    steps.push(GateName::Workspace, input, verdict);
    let sealed = context
        .rows
        .workspace
        .as_ref()
        .is_some_and(|row| row.identity.is_some());
    let complete = sealed && context.intent.identity_complete;
    let (input, verdict) = if complete {
        ("the sender's identity is complete", Verdict::Allow)
    } else {
        (
            "legal name, postal address or privacy notice are missing",
            wait(RefusalReason::NoIdentity),
        )
    };
    steps.push(GateName::Workspace, input, verdict);
}

fn rights(context: &Context<'_>, steps: &mut Steps) {
    let Some(lead) = context.intent.recipient.lead else {
        return;
    };
    match &context.rows.lead {
        None => steps.push(
            GateName::Rights,
            format!("{lead} does not exist"),
            deny(RefusalReason::UnknownLead),
        ),
        Some(row) => {
            let service = context.intent.key.kind() == SendKind::Service;
            let verdict = match row.state {
                _ if service => Verdict::Allow,
                LeadState::Active => Verdict::Allow,
                // A restriction ends, and the person is told before (Art. 18(3)).
                LeadState::Restricted => wait(RefusalReason::Restricted),
                _ => deny(RefusalReason::Restricted),
            };
            steps.push(GateName::Rights, row.state.name(), verdict);
        }
    }
}

/// Mended, the mail may go: nobody is given up for a text.
fn content(context: &Context<'_>, steps: &mut Steps) {
    let Some(found) = &context.intent.content else {
        return;
    };
    if found.is_empty() {
        let input = "no shortened link, nothing hidden";
        steps.push(GateName::Content, input, Verdict::Allow);
    }
    for finding in found {
        let verdict = Verdict::Deny {
            reason: RefusalReason::Content(finding.clone()),
            permanent: false,
        };
        steps.push(GateName::Content, finding.to_string(), verdict);
    }
}

fn plugs(context: &Context<'_>, judged: &Judged, steps: &mut Steps) {
    for plug in context.plugs {
        let said = plug.judge(&PolicyContext {
            workspace: context.workspace,
            intent: context.intent,
            purpose: context.intent.purpose(),
            country: judged.country,
            basis: judged.basis,
            now: context.now,
        });
        let reason = RefusalReason::Policy(plug.name().to_owned());
        let verdict = match said {
            PolicyVerdict::Pass => Verdict::Allow,
            PolicyVerdict::Defer { until } => Verdict::Defer { until, reason },
            PolicyVerdict::Deny { permanent } => Verdict::Deny { reason, permanent },
        };
        steps.push(GateName::Policy, plug.name(), verdict);
    }
}
