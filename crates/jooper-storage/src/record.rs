//! Typed rows, declared together with their table.

use jiff::Timestamp;
use jooper_core::{
    CampaignId, CommandId, CompanyId, Country, EnrollmentId, KeyedIndex, LeadId, MailboxId,
    MessageId, PermitId, RequestId, Sealed, SendKey, SequenceId, StepIndex, SubjectId, ThreadId,
    UserId, WorkspaceId, from_millis, to_millis,
};
use uuid::Uuid;

use crate::table::{ColumnKind, Key, TableDef};
use crate::{StoreError, Value};

/// A struct that is one row of one table.
pub trait Record: Sized + Send + Sync + 'static {
    /// The table.
    const TABLE: &'static TableDef;

    /// The values, in the order of the table's columns.
    fn to_values(&self) -> Vec<Value>;

    /// Reads the values back.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] names the table and column that hold something else.
    fn from_values(values: Vec<Value>) -> Result<Self, StoreError>;

    /// The key of this row.
    fn key(&self) -> Key {
        let mut values = self.to_values();
        values.truncate(Self::TABLE.key_len);
        Key::new(Self::TABLE, values)
    }
}

/// A Rust type that one cell holds.
pub trait Column: Sized {
    /// What the cells are.
    const KIND: ColumnKind;
    /// Whether `Null` stands for a value of this type.
    const NULLABLE: bool = false;

    /// The cell for this value.
    fn to_value(&self) -> Value;

    /// Reads a cell back; `None` when it holds something else.
    fn from_value(value: Value) -> Option<Self>;
}

impl<T: Column> Column for Option<T> {
    const KIND: ColumnKind = T::KIND;
    const NULLABLE: bool = true;

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

macro_rules! id_columns {
    ($($id:ident),*) => {$(
        impl Column for $id {
            const KIND: ColumnKind = ColumnKind::Id;

            fn to_value(&self) -> Value {
                Value::Id(self.uuid())
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Id(uuid) => Some(Self::from_uuid(uuid)),
                    _ => None,
                }
            }
        }
    )*};
}
id_columns!(
    WorkspaceId,
    UserId,
    LeadId,
    CompanyId,
    MailboxId,
    SequenceId,
    CampaignId,
    EnrollmentId,
    ThreadId,
    MessageId,
    PermitId,
    CommandId,
    RequestId,
    SubjectId
);

impl Column for Uuid {
    const KIND: ColumnKind = ColumnKind::Id;

    fn to_value(&self) -> Value {
        Value::Id(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Id(uuid) => Some(uuid),
            _ => None,
        }
    }
}

macro_rules! int_columns {
    ($($int:ty),*) => {$(
        impl Column for $int {
            const KIND: ColumnKind = ColumnKind::Int;

            fn to_value(&self) -> Value {
                Value::Int(i64::from(*self))
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Int(n) => Self::try_from(n).ok(),
                    _ => None,
                }
            }
        }
    )*};
}
int_columns!(i64, u32, u16, u8);

impl Column for bool {
    const KIND: ColumnKind = ColumnKind::Int;

    fn to_value(&self) -> Value {
        Value::Int(i64::from(*self))
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(0) => Some(false),
            Value::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl Column for StepIndex {
    const KIND: ColumnKind = ColumnKind::Int;

    fn to_value(&self) -> Value {
        self.0.to_value()
    }

    fn from_value(value: Value) -> Option<Self> {
        u16::from_value(value).map(StepIndex)
    }
}

impl Column for Timestamp {
    const KIND: ColumnKind = ColumnKind::Int;

    fn to_value(&self) -> Value {
        Value::Int(to_millis(*self))
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(millis) => Some(from_millis(millis)),
            _ => None,
        }
    }
}

impl Column for String {
    const KIND: ColumnKind = ColumnKind::Text;

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Column for Country {
    const KIND: ColumnKind = ColumnKind::Text;

    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Column for Vec<u8> {
    const KIND: ColumnKind = ColumnKind::Bytes;

    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl Column for SendKey {
    const KIND: ColumnKind = ColumnKind::Bytes;

    fn to_value(&self) -> Value {
        Value::Bytes(self.to_bytes())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Self::from_bytes(&bytes).ok(),
            _ => None,
        }
    }
}

impl Column for KeyedIndex {
    const KIND: ColumnKind = ColumnKind::Index;

    fn to_value(&self) -> Value {
        Value::Bytes(self.as_bytes().to_vec())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.try_into().ok().map(Self::from_bytes),
            _ => None,
        }
    }
}

impl<T> Column for Sealed<T> {
    const KIND: ColumnKind = ColumnKind::Sealed;

    fn to_value(&self) -> Value {
        Value::Bytes(self.envelope().to_vec())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(Self::from_envelope(bytes)),
            _ => None,
        }
    }
}

/// Makes every enum with stable codes a column.
macro_rules! code_columns {
    ($($code:ident),*) => {$(
        impl Column for jooper_core::$code {
            const KIND: ColumnKind = ColumnKind::Int;

            fn to_value(&self) -> Value {
                Value::Int(self.code())
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Int(code) => <Self as jooper_core::Code>::from_code(code).ok(),
                    _ => None,
                }
            }
        }
    )*};
}
code_columns!(
    BasisKind,
    CampaignState,
    EnrollmentState,
    EventKind,
    FinishReason,
    InboundKind,
    LeadState,
    MailboxState,
    NotSentReason,
    Origin,
    ParkReason,
    Purpose,
    ScopeKind,
    SearchResult,
    SendKind,
    SendState,
    SkipReason,
    StopReason,
    StopSource,
    WaitReason,
    WorkspaceState
);

/// Declares a record and its table at once.
///
/// ```text
/// table! {
///     /// A lead.
///     pub struct LeadRow / LEAD "lead" tenant key 1 subject "id" on_erase Delete {
///         /// The lead.
///         id: LeadId = clear,
///         /// Name, title and what else the customer brought.
///         profile: Sealed<Vec<u8>> = personal(Contact, Outreach, WithLead, "profile"),
///     }
///     index "by_state" ["state"]
/// }
/// ```
macro_rules! table {
    (
        $(#[$meta:meta])*
        pub struct $record:ident / $table:ident $name:literal $scope:ident key $key_len:literal
        $(subject $subject:literal on_erase $on_erase:ident)?
        $(claim $due:literal $lease:literal $fence:literal)?
        {
            $($(#[$doc:meta])* $column:ident : $type:ty = $label:ident $(($($arg:tt)*))?),* $(,)?
        }
        $(index $index:literal [$($on:literal),+])*
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $record {
            $($(#[$doc])* pub $column: $type,)*
        }

        #[doc = concat!("The table `", $name, "`.")]
        pub static $table: $crate::TableDef = $crate::TableDef {
            name: $name,
            scope: $crate::record::table!(@scope $scope),
            columns: &[$($crate::ColumnDef {
                name: stringify!($column),
                kind: <$type as $crate::Column>::KIND,
                nullable: <$type as $crate::Column>::NULLABLE,
                label: $crate::record::table!(@label $label $(($($arg)*))?),
            },)*],
            key_len: $key_len,
            indexes: &[$($crate::IndexDef { name: $index, columns: &[$($on),+] },)*],
            subject: $crate::record::table!(@subject $($subject)?),
            on_erase: $crate::record::table!(@on_erase $($on_erase)?),
            claim: $crate::record::table!(@claim $($due $lease $fence)?),
        };

        impl $crate::Record for $record {
            const TABLE: &'static $crate::TableDef = &$table;

            fn to_values(&self) -> Vec<$crate::Value> {
                vec![$($crate::Column::to_value(&self.$column),)*]
            }

            fn key(&self) -> $crate::Key {
                let mut values = Vec::with_capacity($key_len);
                $(if values.len() < $key_len {
                    values.push($crate::Column::to_value(&self.$column));
                })*
                $crate::Key::new(&$table, values)
            }

            fn from_values(values: Vec<$crate::Value>) -> Result<Self, $crate::StoreError> {
                let mut values = values.into_iter();
                Ok(Self {
                    $($column: values
                        .next()
                        .and_then(<$type as $crate::Column>::from_value)
                        .ok_or_else(|| $crate::StoreError::Corrupt {
                            place: concat!($name, ".", stringify!($column)).to_owned(),
                            source: None,
                        })?,)*
                })
            }
        }
    };
    (@scope tenant) => { $crate::TableScope::Tenant };
    (@scope platform) => { $crate::TableScope::Platform };
    (@label clear) => { $crate::Label::Clear };
    (@label pseudonym) => { $crate::Label::Pseudonym };
    (@label key) => { $crate::Label::Key };
    (@label personal($category:ident, $purpose:ident, $retention:ident, $export:literal)) => {
        $crate::Label::Personal($crate::PersonalData {
            category: $crate::Category::$category,
            purpose: jooper_core::Purpose::$purpose,
            retention: $crate::Retention::$retention,
            export: $export,
        })
    };
    (@subject) => { None };
    (@subject $subject:literal) => { Some($subject) };
    (@on_erase) => { $crate::OnErase::Keep };
    (@on_erase $on_erase:ident) => { $crate::OnErase::$on_erase };
    (@claim) => { None };
    (@claim $due:literal $lease:literal $fence:literal) => {
        Some($crate::ClaimDef { due: $due, lease: $lease, fence: $fence })
    };
}

pub(crate) use table;
