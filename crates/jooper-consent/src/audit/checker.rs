//! Looks at a chain line by line and names what is wrong.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper_core::{EventKind, StopReason, WorkspaceId, from_millis};
use jooper_storage::LogEntry;
use serde::Serialize;
use uuid::Uuid;

use super::chain::{self, Hash};
use super::key::verifies;
use super::laws::Laws;
use super::line::{HeadLine, LeafLine, Line, StartLine, unhex};

/// Something wrong with a chain, or with what it tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// The export does not begin with its first line.
    NoStart,
    /// Leaves are missing between these places.
    Removed {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// A leaf stands where another should.
    Reordered {
        /// Its place as it says.
        seq: u64,
    },
    /// An entry is not what its leaf committed to.
    Altered {
        /// Its place.
        seq: u64,
    },
    /// A payload is not what was appended. A sealed payload may have been sealed anew; a note of
    /// the gate never is.
    PayloadChanged {
        /// Its place.
        seq: u64,
    },
    /// A leaf does not continue the chain.
    Broken {
        /// Its place.
        seq: u64,
    },
    /// A person's payload is not there, and nothing says that the person's data was erased.
    PayloadWithheld {
        /// Its place.
        seq: u64,
    },
    /// A head's signature is not its key's, or the key is not trusted.
    ForgedHead {
        /// How many leaves it claims to cover.
        size: u64,
    },
    /// A head is genuine, but the leaves before it are not those that it was signed for.
    HeadMismatch {
        /// The first leaf that it vouches for beyond the head before.
        from: u64,
        /// The last.
        to: u64,
    },
    /// An entry is withheld: retention takes the oldest entries, never one behind an entry that is
    /// there.
    Withheld {
        /// Its place.
        seq: u64,
    },
    /// Leaves at the end that no head vouches for.
    Unsigned {
        /// The first of them.
        from: u64,
    },
    /// A permit was issued behind an acknowledged stop.
    PermitAfterStop {
        /// The permit's place.
        permit: u64,
        /// The stop's place.
        stop: u64,
    },
    /// A send began behind an acknowledged stop.
    SendAfterStop {
        /// The send's place.
        send: u64,
        /// The stop's place.
        stop: u64,
    },
    /// A mail began when its newest permit had ended, and what is allowed for clocks was over.
    SendAfterPermit {
        /// The send's place.
        send: u64,
        /// The permit's place.
        permit: u64,
    },
    /// A mail was sent without a permit.
    SendWithoutPermit {
        /// The send's place.
        send: u64,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoStart => f.write_str("the export does not begin with its first line"),
            Self::Removed { from, to } if from == to => write!(f, "leaf {from} was removed"),
            Self::Removed { from, to } => write!(f, "leaves {from} to {to} were removed"),
            Self::Reordered { seq } => write!(f, "leaf {seq} stands where another should"),
            Self::Altered { seq } => write!(f, "entry {seq} was changed"),
            Self::PayloadChanged { seq } => write!(f, "the payload of entry {seq} was changed"),
            Self::PayloadWithheld { seq } => write!(
                f,
                "the payload of entry {seq} is not there, and no entry says that it was erased"
            ),
            Self::Broken { seq } => write!(f, "leaf {seq} does not continue the chain"),
            Self::ForgedHead { size } => {
                write!(
                    f,
                    "the head over {size} leaves is forged or of a strange key"
                )
            }
            Self::HeadMismatch { from, to } => write!(
                f,
                "leaves {from} to {to} are not those that their head was signed for"
            ),
            Self::Withheld { seq } => write!(f, "entry {seq} is withheld"),
            Self::Unsigned { from } => write!(f, "no head vouches for the leaves from {from} on"),
            Self::PermitAfterStop { permit, stop } => write!(
                f,
                "permit {permit} was issued behind the acknowledged stop {stop}"
            ),
            Self::SendAfterStop { send, stop } => {
                write!(f, "mail {send} began behind the acknowledged stop {stop}")
            }
            Self::SendAfterPermit { send, permit } => {
                write!(f, "mail {send} began behind the end of its permit {permit}")
            }
            Self::SendWithoutPermit { send } => write!(f, "mail {send} went without a permit"),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// What is wrong, in the order in which it was found. Empty: nothing.
    pub findings: Vec<Finding>,
    /// How many leaves were read.
    pub leaves: u64,
    /// How many heads were genuine.
    pub heads: u64,
    /// How many entries are gone, by retention: without a finding, those from 1 to this number.
    /// Nothing can be said of them.
    pub gone: u64,
    /// How many payloads are gone, by erasure.
    pub erased: u64,
    /// How many permits were looked at.
    pub permits: u64,
    /// How many mails of any kind were looked at.
    pub sends: u64,
    /// How many stops were looked at.
    pub stops: u64,
    /// How many of the stops do not tell any more whom they are of, as the data of that person is gone: a
    /// mail to the same person as somebody new cannot be held against them.
    pub nameless: u64,
    /// How many of the mails have a permit that retention or erasure removed, or went to somebody
    /// whose stop may have been taken back in an entry that was erased: nothing can be said of them.
    pub unjudged: u64,
    /// How many of the mails were found in a mailbox after a restore. Their permits went with the
    /// data that was lost: of these it can only be said whether they went behind a stop.
    pub adopted: u64,
    /// Where the data was put back from a copy, in order.
    pub restored: Vec<RestoredPart>,
    /// The last genuine head. What happened after it may be missing: whoever exports can stop at an
    /// older head, so look at its time.
    pub last_head: Option<LastHead>,
}

/// A place where the data was put back from a copy: what stands before it is as old as the copy, and
/// what happened between the two times is lost but for what witness and mailboxes knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RestoredPart {
    /// The entry that says so: those before it are the copy's.
    pub seq: u64,
    /// When it was put back.
    pub at: Timestamp,
    /// The time of the newest entry of the copy.
    pub behind: Option<Timestamp>,
    /// The epoch that began.
    pub epoch: Option<u64>,
}

impl std::fmt::Display for RestoredPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let copy = self.seq - 1;
        write!(
            f,
            "entries up to {copy} are of a copy that was put back at {}",
            self.at
        )?;
        match self.behind {
            Some(behind) => write!(
                f,
                "; of the time from {behind} on, only what the witness and the mailboxes knew is there"
            ),
            None => Ok(()),
        }
    }
}

/// How far a chain is vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LastHead {
    /// How many leaves it covers.
    pub size: u64,
    /// When it was signed.
    pub signed_at: Timestamp,
}

impl AuditReport {
    /// Whether nothing is wrong.
    pub const fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many mails were held against permits and stops: of the others nothing can be said.
    pub const fn judged(&self) -> u64 {
        self.sends.saturating_sub(self.unjudged)
    }

    /// What can be said where nothing is wrong; `None` where something is. A stop whose entry is gone
    /// cannot be seen, so nothing is said of the mails behind it. Where no mail was [judged](Self::judged),
    /// it says that, and not that all is well.
    pub fn conclusion(&self) -> Option<String> {
        if !self.is_clean() {
            return None;
        }
        if self.leaves == self.gone {
            return Some("Nothing was judged: no entry is there that can be read.".to_owned());
        }
        let whole = "The chain is whole as far as it was signed";
        if self.judged() == 0 {
            return Some(match self.sends {
                0 => format!("{whole}. Nothing was judged: it tells of no mail."),
                _ => format!(
                    "{whole}. Nothing was judged: of none of its mails can anything be said."
                ),
            });
        }
        let said = match self.gone {
            0 => format!(
                "{whole}, and no mail that was judged began behind a stop that this workspace had acknowledged."
            ),
            gone => format!(
                "{whole}, and no mail that was judged began behind a stop acknowledged in entries {} and later; \
                 earlier stops cannot be seen.",
                gone + 1
            ),
        };
        Some(match self.nameless {
            0 => said,
            count => format!(
                "{said} {count} of the stops are of people whose data is gone since: a mail to one of them as \
                 somebody new cannot be seen."
            ),
        })
    }
}

/// Takes the lines of an export one by one.
#[derive(Debug)]
pub struct Checker {
    trusted: BTreeSet<[u8; 32]>,
    workspace: Option<WorkspaceId>,
    announced: u64,
    seq: u64,
    chain: Hash,
    vouched: u64,
    /// Whether an entry was there: from here on, none may be missing.
    begun: bool,
    /// The payloads that are not there, and of whom they were.
    missing: Vec<(u64, Uuid)>,
    /// Whose data was erased, as the entries say.
    erased: BTreeSet<Uuid>,
    laws: Laws,
    report: AuditReport,
}

impl Checker {
    /// A checker that trusts these public keys.
    pub fn new(trusted: impl IntoIterator<Item = [u8; 32]>) -> Self {
        Self {
            trusted: trusted.into_iter().collect(),
            workspace: None,
            announced: 0,
            seq: 0,
            chain: [0; 32],
            vouched: 0,
            begun: false,
            missing: Vec::new(),
            erased: BTreeSet::new(),
            laws: Laws::default(),
            report: AuditReport::default(),
        }
    }

    /// Looks at the next line.
    pub fn take(&mut self, line: &Line) {
        match line {
            Line::Start(start) if self.workspace.is_none() => {
                self.workspace = Some(start.workspace);
                self.announced = start.leaves;
                self.chain = chain::start(start.workspace);
                self.laws.of(start.workspace);
            }
            Line::Start(_) => self.found(Finding::NoStart),
            Line::More(more) => self.more(more),
            Line::Leaf(leaf) => self.leaf(leaf),
            Line::Head(head) => self.head(head),
        }
    }

    /// Only what stands behind all that was announced before.
    fn more(&mut self, more: &StartLine) {
        let of_this = self.workspace == Some(more.workspace);
        if of_this && self.seq == self.announced && more.leaves > self.announced {
            self.announced = more.leaves;
        } else {
            self.found(Finding::Reordered { seq: self.seq });
        }
    }

    /// What was found.
    pub fn finish(mut self) -> AuditReport {
        if self.workspace.is_none() {
            self.found(Finding::NoStart);
        }
        if self.seq < self.announced {
            self.found(Finding::Removed {
                from: self.seq + 1,
                to: self.announced,
            });
        } else if self.seq > self.announced {
            self.found(Finding::Reordered { seq: self.seq });
        }
        if self.vouched < self.seq {
            self.found(Finding::Unsigned {
                from: self.vouched + 1,
            });
        }
        // That somebody was erased is told behind what was erased.
        for (seq, subject) in std::mem::take(&mut self.missing) {
            match self.erased.contains(&subject) {
                true => self.report.erased += 1,
                false => self.found(Finding::PayloadWithheld { seq }),
            }
        }
        let (permits, sends, stops) = self.laws.counts();
        self.report.permits = permits;
        self.report.sends = sends;
        self.report.stops = stops;
        self.report.unjudged = self.laws.unjudged();
        self.report.nameless = self.laws.nameless();
        self.report.adopted = self.laws.found_in_mailboxes();
        self.report.restored = self.laws.restored();
        self.report
    }

    fn found(&mut self, finding: Finding) {
        self.report.findings.push(finding);
    }

    fn leaf(&mut self, line: &LeafLine) {
        self.report.leaves += 1;
        match line.seq {
            seq if seq == self.seq + 1 => {}
            seq if seq > self.seq + 1 => self.found(Finding::Removed {
                from: self.seq + 1,
                to: seq - 1,
            }),
            seq => self.found(Finding::Reordered { seq }),
        }
        self.seq = self.seq.max(line.seq);
        if chain::link(&self.chain, &line.leaf) != line.chain {
            self.found(Finding::Broken { seq: line.seq });
        }
        // Goes on from what the line says: what follows is judged on its own.
        self.chain = line.chain;
        let Some(record) = &line.record else {
            self.report.gone += 1;
            self.laws.gone();
            if self.begun {
                self.found(Finding::Withheld { seq: line.seq });
            }
            return;
        };
        self.begun = true;
        let record = record.to_record(line.seq);
        if chain::leaf(&line.salt, &record, &line.payload) != line.leaf {
            self.found(Finding::Altered { seq: line.seq });
        }
        let payload = record.entry.payload.as_deref();
        let same = chain::payload(&line.salt, payload) == line.payload;
        match (payload, same, record.entry.subject) {
            (_, true, _) => {}
            // Only a person's payload can have been erased.
            (None, false, Some(subject)) => self.missing.push((line.seq, subject.uuid())),
            (_, false, _) => self.found(Finding::PayloadChanged { seq: line.seq }),
        }
        if is_of_an_erasure(&record.entry) {
            let lead = record.entry.lead.map(|lead| lead.uuid());
            self.erased.extend(lead);
        }
        self.report.findings.extend(self.laws.take(&record));
    }

    fn head(&mut self, line: &HeadLine) {
        let Some(workspace) = self.workspace else {
            return;
        };
        let message = chain::head(workspace, line.size, &line.chain, line.signed_at);
        let signature = unhex(&line.signature).unwrap_or_default();
        let genuine = self.trusted.contains(&line.public_key)
            && verifies(&line.public_key, &message, &signature);
        if !genuine {
            self.found(Finding::ForgedHead { size: line.size });
            return;
        }
        self.report.heads += 1;
        if line.size != self.seq || line.chain != self.chain {
            self.found(Finding::HeadMismatch {
                from: self.vouched + 1,
                to: line.size,
            });
        }
        self.vouched = self.vouched.max(line.size);
        self.report.last_head = Some(LastHead {
            size: line.size,
            signed_at: from_millis(line.signed_at),
        });
    }
}

/// Whether an entry says that its lead's data is erased: it was, or the person was stopped for it, which
/// comes first.
pub(super) fn is_of_an_erasure(entry: &LogEntry) -> bool {
    match entry.kind {
        EventKind::Erased => true,
        EventKind::Stopped => entry.dimensions.reason == Some(StopReason::Erased.code()),
        _ => false,
    }
}
