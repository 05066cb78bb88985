DROP INDEX "mailbox_by_owner";

ALTER TABLE "lane" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_index_cleanup = on);
