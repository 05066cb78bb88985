//! The Gmail API as this crate uses it: which methods, what they cost, what they answer.

mod failure;
mod method;
mod request;
mod retry_after;
mod wire;

pub(crate) use failure::{Failure, Refusal, classify};
pub(crate) use method::Method;
pub(crate) use request::{Request, bearer};
pub(crate) use wire::{
    Header, HistoryList, Message, MessageList, Profile, SendAsList, Watching, opaque,
};
