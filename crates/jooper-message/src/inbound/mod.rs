//! Inbound mail: what came in, what it means, and which send it belongs to.

mod phrases;
pub mod reply_text;
