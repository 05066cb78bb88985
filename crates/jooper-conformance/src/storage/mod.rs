//! The suite for [`Storage`].
#![allow(
    missing_docs,
    reason = "a case is documented by its name: it is the promise"
)]

mod batches;
mod claims;
mod concurrent;
pub mod crash;
mod erasure;
mod extremes;
mod furnish;
mod log;
pub mod model;
mod replay;
mod rows;
mod sample;
mod scans;
mod tenants;

use std::sync::Arc;

use jooper_storage::{Scan, Scope, Storage, TableScope, tables};

pub use furnish::furnish;

#[doc(hidden)]
pub mod cases {
    pub use super::batches::*;
    pub use super::claims::*;
    pub use super::concurrent::*;
    pub use super::erasure::*;
    pub use super::extremes::*;
    pub use super::log::*;
    pub use super::model::random_batches_answer_as_the_memory_store_does;
    pub use super::replay::*;
    pub use super::rows::*;
    pub use super::scans::*;
    pub use super::tenants::*;
}

/// Refuses a store that somebody uses.
pub(crate) async fn refuse_data(store: &Arc<dyn Storage>) {
    for table in tables::all() {
        if table.scope != TableScope::Platform {
            continue;
        }
        let page = store
            .scan(Scope::Platform, Scan::table(table).limit(1))
            .await
            .expect("a fresh store answers");
        assert!(
            page.rows.is_empty(),
            "this suite is destructive and the store holds data ({}): give it an empty one",
            table.name
        );
    }
}

/// Lists every case of the storage suite as a test of its own, in a module of this name.
///
/// The factory is called once for each case and returns a future of a guard and a fresh, empty
/// store; the guard is dropped behind the case.
///
/// ```
/// jooper_conformance::storage_suite!(memory, || async {
///     ((), jooper_storage::MemoryStore::new())
/// });
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! storage_suite {
    ($name:ident, $factory:expr) => {
        $crate::__cases! { $name, storage, $factory,
            // rows
            every_table_keeps_every_kind_of_value
            a_put_replaces_the_row_and_raises_the_version
            get_answers_in_the_order_asked
            a_deleted_row_is_gone_and_begins_anew
            a_patch_changes_the_named_columns_of_rows_that_exist
            an_upsert_inserts_or_changes
            additions_saturate_and_null_counts_as_nothing
            // batches
            a_failed_check_is_named_and_leaves_nothing
            the_first_failed_check_is_the_one_named
            absent_and_version_checks_hold
            at_most_sees_the_writes_and_takes_an_absent_row_as_zero
            calls_that_break_the_contract_are_refused
            ten_thousand_rows_in_one_batch
            a_bulk_batch_beyond_its_bounds_is_refused_and_leaves_nothing
            // scans
            scans_come_in_the_order_of_index_then_key_with_nulls_first
            prefixes_ranges_and_pages_answer_as_the_memory_store_does
            a_page_is_of_one_point_in_time
            pages_neither_miss_nor_repeat_rows_while_others_write
            // concurrency
            one_of_many_inserts_of_a_key_succeeds
            one_of_many_updates_of_a_version_succeeds
            at_most_holds_under_contention
            what_was_committed_is_read_back_at_once
            no_permit_is_issued_behind_an_acknowledged_stop
            batches_in_opposite_orders_all_end
            // claims
            a_claim_never_takes_more_than_its_limit
            concurrent_claimers_share_the_rows_without_overlap
            a_claimed_row_is_hidden_until_its_lease_ends
            an_expired_lease_is_handed_on_with_a_higher_fence
            a_stale_fence_is_refused_and_a_live_one_passes
            a_fence_that_cannot_grow_is_never_handed_out
            the_longest_due_row_comes_first_and_later_rows_stay
            a_claim_spans_the_workspaces_of_its_bucket_only
            the_stores_clock_never_goes_back
            // log
            facts_come_back_as_they_were_appended
            places_have_no_gaps_and_a_redelivered_fact_counts_once
            rollups_grow_with_new_facts_only
            cursors_neither_miss_nor_repeat_while_others_append
            // erasure
            erasure_does_to_each_table_what_it_declares
            erasure_leaves_no_residue_in_any_answer
            erasure_spares_everybody_else_and_can_be_repeated
            // extremes
            texts_of_every_script_survive_and_order_by_bytes
            sizes_from_nothing_to_a_megabyte_survive
            numbers_at_both_ends_survive
            // tenants
            tenants_never_meet
            tenant_and_platform_tables_do_not_mix
            // replay
            a_replay_after_a_crash_between_any_two_commands_ends_the_same
            a_call_given_up_half_way_happened_wholly_or_not_at_all
            // everything at once
            random_batches_answer_as_the_memory_store_does
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ($name:ident, $suite:ident, $factory:expr, $($case:ident)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $case() {
                    $crate::runtime::$suite($factory, $crate::$suite::cases::$case);
                }
            )*
        }
    };
}
