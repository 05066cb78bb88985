//! A copy of everything that is kept about a lead.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use jooper_core::{Dimensions, EventId, EventKind, LeadId, RequestId, WorkspaceId, to_millis};
use jooper_storage::tables::SuppressionRow;
use jooper_storage::{
    Batch, Category, Column, Label, LogCursor, LogEntry, Retention, Storage, StorageExt,
    TableScope, Value, Versioned, tables,
};
use jooper_vault::{
    AnswerRightsRequest, GmailDerived, Place, PlainBytes, SubjectVault, WorkspaceVault,
};
use serde_json::{Map, Value as Json, json};

use crate::contacts::contacts_of;
use crate::error::RightsError;
use crate::rights::Rights;
use crate::rows::{OwnedRow, rows_of};
use crate::words;

/// Everything that is kept about a lead, opened.
///
/// Some of it may have come through Gmail, so the copy is lent for the request that it answers and
/// prints nothing by itself (law L15).
pub struct Export {
    document: GmailDerived<Json>,
    request: RequestId,
}

impl Export {
    /// The copy as JSON, for the person.
    pub fn to_json(&self) -> String {
        let purpose = AnswerRightsRequest {
            request: self.request,
        };
        format!("{:#}\n", self.document.lend(&purpose))
    }

    /// The copy as a document.
    pub const fn document(&self) -> &GmailDerived<Json> {
        &self.document
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl Rights {
    /// Collects everything that is kept about a lead, and writes into the log that it was given.
    ///
    /// Complete by construction: it walks the declarations of all tables. Left out are keyed
    /// indexes and key material, which say nothing without their keys. Works for restricted leads.
    ///
    /// # Errors
    /// [`RightsError::NoLead`]; [`RightsError::Vault`] when something does not open: an export that
    /// is not complete is not given.
    pub async fn export_lead(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        request: RequestId,
    ) -> Result<Export, RightsError> {
        self.lead(ws, lead).await?;
        let ours = self.vault.workspace(ws).await?;
        let theirs = ours.subject(lead).await?;
        let purpose = AnswerRightsRequest { request };
        let at = self.clock.now();

        let mut data = Map::new();
        for owned in rows_of(&*self.storage, ws, lead).await? {
            let shown = shown(&owned, &theirs, &ours, purpose)?;
            push(&mut data, owned.table.name, shown);
        }
        let contacts = contacts_of(&*self.storage, &ours, lead, purpose).await?;
        let mut stops = Vec::new();
        for index in contacts.forms.values().flatten() {
            let row: Option<Versioned<SuppressionRow>> =
                self.storage.find(ws, vec![index.to_value()]).await?;
            stops.extend(row.map(|row| {
                json!({
                    "reason": row.record.reason.name(),
                    "caused_by": row.record.source.name(),
                    "since": row.record.since,
                })
            }));
        }
        let history = self.history(ws, lead, &theirs, purpose).await?;
        let document = json!({
            "format": "jooper personal data export",
            "version": 1,
            "workspace": ws,
            "lead": lead,
            "request": request,
            "made_at": at,
            "data": data,
            "stops": stops,
            "history": history,
            "sources": sources(&data),
            "recipients": self.settings.recipients,
            "processing": register(),
            "also_recorded_as": contacts.also,
        });
        self.note(ws, lead, request, at).await?;
        Ok(Export {
            document: GmailDerived::new(document),
            request,
        })
    }

    async fn history(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        theirs: &SubjectVault,
        purpose: AnswerRightsRequest,
    ) -> Result<Vec<Json>, RightsError> {
        let mut history = Vec::new();
        let mut cursor = LogCursor::start();
        loop {
            let page = self.storage.read_log(ws, cursor).await?;
            if page.records.is_empty() {
                return Ok(history);
            }
            for record in page.records {
                let entry = record.entry;
                if entry.lead == Some(lead) || entry.subject == Some(lead.into()) {
                    history.push(event(&entry, theirs, purpose)?);
                }
            }
            cursor.after = page.next;
        }
    }

    async fn note(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        request: RequestId,
        at: Timestamp,
    ) -> Result<(), RightsError> {
        let (lead_id, request_id) = (lead.uuid(), request.uuid());
        let parts: [&[u8]; 3] = [
            lead_id.as_bytes(),
            request_id.as_bytes(),
            &to_millis(at).to_be_bytes(),
        ];
        let entry = LogEntry {
            id: EventId::from_source(EventKind::Exported, &parts),
            at,
            kind: EventKind::Exported,
            dimensions: Dimensions::default(),
            lead: Some(lead),
            subject: None,
            payload: None,
            rollups: Vec::new(),
        };
        Ok(self.storage.commit(Batch::new(ws).append(entry)).await?)
    }
}

fn push(data: &mut Map<String, Json>, table: &str, row: Json) {
    let rows = data.entry(table).or_insert_with(|| Json::Array(Vec::new()));
    if let Json::Array(rows) = rows {
        rows.push(row);
    }
}

/// A row as the person reads it: clear columns by name, personal ones opened, by export name.
fn shown(
    owned: &OwnedRow,
    theirs: &SubjectVault,
    ours: &WorkspaceVault,
    purpose: AnswerRightsRequest,
) -> Result<Json, RightsError> {
    let OwnedRow { table, row } = owned;
    // Where a table names no subject, the workspace's own key seals.
    let vault = if table.subject.is_some() {
        theirs
    } else {
        ours.own()
    };
    let mut out = Map::new();
    for (column, value) in table.columns.iter().zip(&row.values) {
        let (name, value) = match (column.label, value) {
            (Label::Key | Label::Pseudonym, _) | (_, Value::Null) => continue,
            (Label::Personal(data), _) if data.category == Category::Credential => continue,
            (Label::Personal(data), Value::Bytes(envelope)) => {
                let place = Place::new(table, column.name, &row.values[..table.key_len]);
                let plain = vault.open_gmail_bytes(&place, envelope)?;
                (data.export, json_or_text(plain.lend(&purpose)))
            }
            (_, Value::Int(number)) => (column.name, words::show(table.name, column.name, *number)),
            (_, Value::Id(id)) => (column.name, json!(id)),
            (_, Value::Text(text)) => (column.name, json!(text)),
            (_, Value::Bytes(bytes)) => (column.name, json!(BASE64.encode(bytes))),
        };
        out.insert(name.to_owned(), value);
    }
    Ok(Json::Object(out))
}

fn json_or_text(plain: &PlainBytes) -> Json {
    serde_json::from_slice(plain).unwrap_or_else(|_| match std::str::from_utf8(plain) {
        Ok(text) => json!(text),
        Err(_) => json!(BASE64.encode(&**plain)),
    })
}

fn event(
    entry: &LogEntry,
    theirs: &SubjectVault,
    purpose: AnswerRightsRequest,
) -> Result<Json, RightsError> {
    let details = match &entry.payload {
        None => Json::Null,
        Some(payload) => match serde_json::from_slice(payload) {
            Ok(clear) => clear,
            Err(_) => {
                let plain = theirs.open_gmail_bytes(&Place::log(&entry.id), payload)?;
                json_or_text(plain.lend(&purpose))
            }
        },
    };
    Ok(json!({
        "at": entry.at,
        "event": entry.kind.name(),
        "campaign": entry.dimensions.campaign,
        "step": entry.dimensions.step,
        "mailbox": entry.dimensions.mailbox,
        "details": details,
    }))
}

/// Where the data came from (GDPR Art. 14(2)(f)), by what the profile and the evidence say.
fn sources(data: &Map<String, Json>) -> Vec<Json> {
    let said = |table: &str, export: &str| -> Vec<Json> {
        let rows = data.get(table).and_then(Json::as_array);
        let texts = rows.into_iter().flatten().filter_map(|row| {
            let source = row.get(export)?.get("source")?;
            source.as_str().filter(|text| !text.is_empty())
        });
        texts.map(|text| json!(text)).collect()
    };
    let mut all = said("lead", "profile");
    all.extend(said("basis", "basis"));
    all.dedup();
    all
}

/// What kinds of data about leads are kept, what for and how long, by the same declarations.
fn register() -> Vec<Json> {
    let mut register = Vec::new();
    for table in tables::all() {
        if table.scope != TableScope::Tenant {
            continue;
        }
        for column in table.columns {
            if let Label::Personal(data) = column.label
                && data.retention == Retention::WithLead
            {
                register.push(json!({
                    "data": data.export,
                    "category": format!("{:?}", data.category).to_lowercase(),
                    "purpose": data.purpose.name(),
                    "kept": "as long as the lead",
                }));
            }
        }
    }
    register
}
