//! The control API under `/_sim`, on a listener that no Google path shares.
//!
//! For tests in other languages and for the binary; Rust tests use [`GoogleSimulator`](super::GoogleSimulator).

mod calls;
mod look;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::serve::Hub;

/// The routes.
pub(crate) fn routes(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/_sim/clock", get(look::clock).post(calls::move_clock))
        .route("/_sim/settle", post(calls::settle))
        .route("/_sim/ledger", get(look::ledger))
        .route("/_sim/summary", get(look::summary))
        .route("/_sim/mailbox", get(look::mailbox))
        .route("/_sim/users", post(calls::add_user))
        .route("/_sim/projects", post(calls::add_project))
        .route("/_sim/clients", post(calls::add_client))
        .route("/_sim/consent", post(calls::consent))
        .route("/_sim/grants/end", post(calls::end_grants))
        .route("/_sim/keys/rotate", post(calls::rotate_keys))
        .route("/_sim/knobs", get(look::knobs).put(calls::set_knobs))
        .route("/_sim/mix", get(look::mix).put(calls::set_mix))
        .route("/_sim/behavior", post(calls::behavior))
        .route(
            "/_sim/faults",
            get(look::faults)
                .post(calls::add_fault)
                .delete(calls::clear_faults),
        )
        .route("/_sim/react", post(calls::react))
        .route("/_sim/deliver", post(calls::deliver))
        .route("/_sim/relabel", post(calls::relabel))
        .route("/_sim/delete", post(calls::delete))
        .route("/_sim/push", post(calls::push))
        .route("/_sim/sent-elsewhere", post(calls::sent_elsewhere))
        .with_state(hub)
}
