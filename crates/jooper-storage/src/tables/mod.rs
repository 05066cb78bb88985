//! Every table of the suite, declared once.
//!
//! One file per area. [`all`] is what backends create and what rights and the data map walk.

mod audit;
mod campaign;
mod contents;
mod gate;
mod inbox;
mod keys;
mod leads;
mod ledger;
mod mailboxes;
mod numbers;
mod platform;
mod server;

use crate::TableDef;

pub use audit::{AUDIT_HEAD, AUDIT_LEAF, AuditHeadRow, AuditLeafRow};
pub use campaign::{CAMPAIGN, CampaignRow, ENROLLMENT, EnrollmentRow, SEQUENCE, SequenceRow};
pub use contents::{
    AddressText, BasisEvidence, CampaignContent, Credential, DecisionTrace, LeadProfile,
    MailboxProfile, MessageContent, Name, SequenceContent, UserProfile, WorkspaceIdentity,
};
pub use gate::{
    BASIS, BasisRow, CONTACT_FENCE, ContactFenceRow, EarlierMails, PERMIT, PermitRow, SCOPE_STOP,
    SUPPRESSION, ScopeStopRow, StopCause, SuppressionRow,
};
pub use inbox::{MESSAGE, MessageRow, THREAD, ThreadRow};
pub use keys::{SUBJECT_KEY, SubjectKeyRow, WORKSPACE_KEY, WorkspaceKeyRow};
pub use leads::{COMPANY, CompanyRow, LEAD, LEAD_ADDRESS, LeadAddressRow, LeadRow, NAME, NameRow};
pub use ledger::{
    LANE, LANE_COMMAND, LaneCommandRow, LaneRow, REBUILD, RebuildRow, SEND, SendRow, TRACE,
    TraceRow,
};
pub use mailboxes::{CREDENTIAL, CredentialRow, MAILBOX, MailboxRow};
pub use numbers::{COUNTER, CounterRow, ROLLUP, RollupRow};
pub use platform::{
    DO_NOT_CONTACT, DoNotContactRow, INSTALLATION, InstallationRow, MAILBOX_OWNER, MailboxOwnerRow,
    SIGN_IN, SignInRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
pub use server::{
    PENDING, PendingRow, REFUSED_BASES, SETTING, SettingRow, USER, UserRow, WORKSPACE, WorkspaceRow,
};

/// Every table, tenants' first, in the order in which backends create them.
pub fn all() -> &'static [&'static TableDef] {
    static ALL: &[&TableDef] = &[
        &WORKSPACE,
        &USER,
        &SETTING,
        &WORKSPACE_KEY,
        &SUBJECT_KEY,
        &COMPANY,
        &NAME,
        &LEAD,
        &LEAD_ADDRESS,
        &BASIS,
        &SUPPRESSION,
        &CONTACT_FENCE,
        &PERMIT,
        &SCOPE_STOP,
        &MAILBOX,
        &CREDENTIAL,
        &SEQUENCE,
        &CAMPAIGN,
        &ENROLLMENT,
        &SEND,
        &TRACE,
        &LANE,
        &REBUILD,
        &LANE_COMMAND,
        &THREAD,
        &MESSAGE,
        &COUNTER,
        &ROLLUP,
        &PENDING,
        &AUDIT_LEAF,
        &AUDIT_HEAD,
        &INSTALLATION,
        &WORKSPACE_DIRECTORY,
        &DO_NOT_CONTACT,
        &MAILBOX_OWNER,
        &SIGN_IN,
    ];
    ALL
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{ColumnKind, Label, OnErase};

    #[test]
    fn every_declaration_is_sound() {
        let mut names = BTreeSet::new();
        for table in all() {
            assert!(names.insert(table.name), "{} is declared twice", table.name);
            let columns: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(
                columns.len(),
                table.columns.len(),
                "{}: a column twice",
                table.name
            );
            assert!(
                (1..=table.columns.len()).contains(&table.key_len),
                "{}",
                table.name
            );
            for reserved in ["bucket", "workspace_id", "row_version"] {
                assert!(!columns.contains(reserved), "backends add {reserved}");
            }
            for key in table.key_columns() {
                assert!(!key.nullable, "{}.{} is a key", table.name, key.name);
            }
            for index in table.indexes {
                for column in index.columns {
                    assert!(
                        columns.contains(column),
                        "{}.{}: {column}",
                        table.name,
                        index.name
                    );
                }
            }
            if let Some(subject) = table.subject {
                assert!(
                    columns.contains(subject),
                    "{}: subject {subject}",
                    table.name
                );
            }
            if let Some(claim) = table.claim {
                for column in [claim.due, claim.lease, claim.fence] {
                    assert!(columns.contains(column), "{}: claim {column}", table.name);
                }
            }
        }
    }

    #[test]
    fn the_label_of_a_column_fits_its_kind() {
        for table in all() {
            for column in table.columns {
                let at = format!("{}.{}", table.name, column.name);
                match column.label {
                    Label::Personal(_) => {
                        assert_eq!(
                            column.kind,
                            ColumnKind::Sealed,
                            "{at} is personal, not sealed"
                        );
                        assert!(
                            table.subject.is_some() || table.scope == crate::TableScope::Tenant,
                            "{at} has no way to its subject"
                        );
                    }
                    Label::Pseudonym => assert_eq!(column.kind, ColumnKind::Index, "{at}"),
                    Label::Key | Label::Clear => {
                        assert!(
                            !matches!(column.kind, ColumnKind::Sealed | ColumnKind::Index),
                            "{at} hides what it holds"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn scrubbed_columns_may_be_empty() {
        for table in all()
            .iter()
            .filter(|table| table.on_erase == OnErase::Scrub)
        {
            for column in &table.columns[table.key_len..] {
                if matches!(column.label, Label::Personal(_) | Label::Pseudonym) {
                    assert!(
                        column.nullable,
                        "{}.{} is scrubbed",
                        table.name, column.name
                    );
                }
            }
        }
    }
}
