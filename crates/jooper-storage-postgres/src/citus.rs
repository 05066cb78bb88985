//! Spreading the tables of a schema over a Citus cluster.

use jooper_storage::{TableDef, TableScope, tables};

/// The statements that distribute the tables of a schema, to be run once, one call each, on the
/// coordinator, while nobody writes. `shards` is chosen once and generously (256 for a million
/// mailboxes): splitting shards later is not safe while somebody writes.
///
/// Tenant tables are distributed by `bucket` and colocated, so that every statement of a workspace
/// is one node's; the platform's few tables are reference tables.
///
/// ```
/// let statements = jooper_storage_postgres::citus_distribution("jooper", 256);
/// assert!(statements[0].contains("create_distributed_table"));
/// ```
pub fn citus_distribution(schema: &str, shards: u32) -> Vec<String> {
    let tenants = tables::all().iter().filter(|table| is_tenant(table));
    let names: Vec<&str> = ["event_log_head", "event_log"]
        .into_iter()
        .chain(tenants.map(|table| table.name))
        .collect();
    let place = |name: &str| format!("'\"{schema}\".\"{name}\"'");
    let first = place(names[0]);
    let distributed = names.iter().enumerate().map(|(at, name)| {
        let with = if at == 0 {
            format!("shard_count => {shards}, colocate_with => 'none'")
        } else {
            format!("colocate_with => {first}")
        };
        format!(
            "SELECT create_distributed_table({}, 'bucket', {with})",
            place(name)
        )
    });
    let platform = tables::all().iter().filter(|table| !is_tenant(table));
    let reference = platform
        .map(|table| table.name)
        .chain(["platform_lock", "schema_version"])
        .map(|name| format!("SELECT create_reference_table({})", place(name)));
    distributed.chain(reference).collect()
}

fn is_tenant(table: &TableDef) -> bool {
    table.scope == TableScope::Tenant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_schema_is_placed_once() {
        let statements = citus_distribution("jooper", 32);
        for table in tables::all() {
            let place = format!("('\"jooper\".\"{}\"'", table.name);
            let placed = statements.iter().filter(|text| text.contains(&place));
            let placed: Vec<_> = placed.collect();
            assert_eq!(placed.len(), 1, "{}", table.name);
            assert_eq!(
                placed[0].contains("'bucket'"),
                is_tenant(table),
                "{}",
                table.name
            );
        }
        assert!(statements[0].contains("shard_count => 32"));
    }
}
