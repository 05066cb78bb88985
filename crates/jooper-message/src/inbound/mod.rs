//! Inbound mail: what came in, what it means, and which send it belongs to.
