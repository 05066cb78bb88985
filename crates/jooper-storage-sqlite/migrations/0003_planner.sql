ALTER TABLE "enrollment" ADD COLUMN "settled" INTEGER;

ALTER TABLE "send" ADD COLUMN "released_by" BLOB;

ALTER TABLE "lane" ADD COLUMN "recent" BLOB;

CREATE INDEX "enrollment_by_turn" ON "enrollment" ("bucket", "workspace_id", "mailbox", "state", "sent", "campaign", "due_at", "id");
