//! Just enough MIME to be Gmail: read what a client posts, change headers, show a payload tree,
//! write replies. Tolerant on reading, plain on writing, and ours alone.

mod address;
mod codec;
mod message;
mod part;
mod word;
pub(crate) mod write;

pub(crate) use self::address::addresses;
pub(crate) use self::codec::{base64url, decode_base64url};
pub(crate) use self::message::Mail;
pub(crate) use self::part::{Part, split, strip_tags};
pub(crate) use self::word::decode_words;
