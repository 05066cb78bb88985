ALTER TABLE "enrollment" ADD COLUMN "settled" bigint;

ALTER TABLE "send" ADD COLUMN "released_by" uuid;

ALTER TABLE "lane" ADD COLUMN "recent" bytea;

CREATE INDEX "enrollment_by_turn" ON "enrollment" ("bucket", "workspace_id", "mailbox", "state", "sent", "campaign", "due_at" NULLS FIRST, "id");
