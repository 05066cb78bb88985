CREATE TABLE "trace_numbered" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "enrollment" BLOB NOT NULL,
  "number" INTEGER NOT NULL,
  "at" INTEGER NOT NULL,
  "lead" BLOB NOT NULL,
  "trace" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "enrollment", "number")
) STRICT;

INSERT INTO "trace_numbered" ("bucket", "workspace_id", "enrollment", "number", "at", "lead", "trace", "row_version")
  SELECT "bucket", "workspace_id", "enrollment", "at", "at", "lead", "trace", "row_version" FROM "trace";

DROP TABLE "trace";

ALTER TABLE "trace_numbered" RENAME TO "trace";

CREATE INDEX "trace_by_lead" ON "trace" ("bucket", "workspace_id", "lead", "at", "enrollment", "number");
