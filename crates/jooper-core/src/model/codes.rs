//! Enums that stores keep as numbers.

use std::fmt::Debug;

/// A closed set of values, each with a stable number and a stable name.
pub trait Code: Copy + Debug + Eq + Send + Sync + 'static {
    /// The number that stores keep. Never reused, never changed.
    fn code(self) -> i64;

    /// The value for a stored number.
    ///
    /// # Errors
    /// [`UnknownCode`] when this version of jooper has no such value.
    fn from_code(code: i64) -> Result<Self, UnknownCode>;

    /// The name in `snake_case`, as logs, exports and the API print it.
    fn name(self) -> &'static str;

    /// Every value, in the order of the declaration.
    fn all() -> &'static [Self];
}

/// A stored number that this version of jooper does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{code} is not a {kind}; it may come from a newer version of jooper")]
pub struct UnknownCode {
    /// The Rust name of the type.
    pub kind: &'static str,
    /// The number.
    pub code: i64,
}

/// Declares an enum with stable numbers and `snake_case` names.
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$doc:meta])* $variant:ident = $code:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant = $code,)*
        }

        impl $crate::Code for $name {
            fn code(self) -> i64 {
                self as i64
            }

            fn from_code(code: i64) -> Result<Self, $crate::UnknownCode> {
                match code {
                    $($code => Ok(Self::$variant),)*
                    _ => Err($crate::UnknownCode { kind: stringify!($name), code }),
                }
            }

            fn name(self) -> &'static str {
                $name::name(self)
            }

            fn all() -> &'static [Self] {
                &[$(Self::$variant,)*]
            }
        }

        impl $name {
            /// The number that stores keep.
            pub const fn code(self) -> i64 {
                self as i64
            }

            /// The name in `snake_case`.
            pub fn name(self) -> &'static str {
                static NAMES: std::sync::OnceLock<std::collections::BTreeMap<i64, String>> =
                    std::sync::OnceLock::new();
                NAMES
                    .get_or_init(|| {
                        [$(($code as i64, $crate::model_names::snake(stringify!($variant))),)*]
                            .into()
                    })
                    .get(&(self as i64))
                    .map_or("unknown", String::as_str)
            }
        }
    };
}

pub(crate) use codes;
