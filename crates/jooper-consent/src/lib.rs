//! Whether a mail may go, and who said so: the gate of the jooper suite.
//!
//! [`Gate::acquire`] is the only maker of a [`SendPermit`]. It judges rows that it read, purely,
//! and commits the caller's reserve batch together with checks that pin those rows, the person's
//! fence row and the permit: one commit, or none (laws L4 and L6). [`Stops::stop`] is the one verb
//! for every stop; when it returns, no send in its scope starts any more.
//!
//! ```text
//! Gate::judge   reads, judges, writes nothing: previews and "why (not)?"
//! Gate::acquire reads, judges, commits reserve + fence + pins + permit
//! Stops::stop   witness, then fence + suppression in one commit, then waits for open permits
//! ```
//!
//! Policy (which basis counts in which country and over which transport) is data: see
//! [`PolicySet`]. Addresses arrive as keyed indexes that the caller's vault computed; the one
//! clear address travels through to the permit and is never stored or logged (law L8).

mod address;
mod answers;
mod audit;
mod basis;
mod breaker;
mod ceilings;
mod content;
mod domain;
mod erased;
mod explain;
mod gate;
mod history;
mod memory;
mod note;
mod notice;
mod policy;
mod quality;
mod reach;
mod request;
mod sender;
mod stop;
mod subject;
mod tightening;

pub use address::{AddressClass, classify, is_typo_domain};
pub use answers::AnswersInARow;
pub use audit::{
    AuditError, AuditKey, AuditReport, AuditWriter, Chained, Checker, Exporter, Finding, HeadLine,
    LastHead, LeafLine, Line as AuditLine, RecordLine, RestoredPart, StartLine, check_export,
    verify,
};
pub use basis::{BasisClaim, BasisDraft, BasisError, BasisReceipt, not_sendable, withdraw};
pub use breaker::{BreakerScope, Breakers, Figures, Line, Tripped, figures};
pub use ceilings::Ceilings;
pub use content::{
    ContentFinding, ContentRules, Contents, Hiding, MailPart, NotOwn, OtherName, OwnDomains,
};
pub use domain::parent_domains;
pub use erased::erased_fact;
pub use explain::{explain, gate_name, remedy, verdict_in_words, why_not};
pub use gate::{
    Acquired, CapFacts, Gate, GateError, GateName, GateStep, Judgement, MustCarry, PERMIT_LEASE,
    PERMIT_MARGIN, PolicyContext, PolicyVerdict, Preview, Proof, Recipient, RefusalReason,
    SendIntent, SendPermit, SendPolicy, SpentPermit, Trace, TransportPolicy, Verdict,
};
pub use history::{History, Lifted, Receipt};
pub use memory::{MailMemory, forget_mails, remember_as_of_now};
pub use note::{Note, PermitNote, SENT_ADOPTED, StopNote, StoppedScope};
pub use notice::{IncompleteIdentity, Notice, check_identity, has_notice_text, stop_line};
pub use policy::{
    Attestation, Confidence, CountryRow, CountryRule, CountryTable, InstalledBy, PolicyError,
    PolicySet, StaleRow, TransportRow, TransportTable,
};
pub use quality::{ListQuality, QualityFinding, QualityReport};
pub use request::{ACCESS_REQUESTED, ERASURE_REQUESTED, OPT_IN_REQUESTED, ServiceRequest};
pub use sender::{
    Answer, Answers, BadName, DnsError, DnsName, Findings, Judging, MailDns, MailDomain,
    MailDomainRules, MailServer, MemoryDns, SenderFinding, SenderRules, ServerName, judge_sender,
    look_at_mail_domain, look_at_sender,
};
pub use stop::{
    LiftAck, Listed, ListedReport, PersonalAct, SeenEntries, StopAck, StopError, StopScope, Stops,
    catch_up, replay, tell_restored,
};
pub use subject::{claims_a_conversation, is_deceptive};
pub use tightening::{TightenError, refused_bases};
