ALTER TABLE "trace" ADD COLUMN "number" bigint;

UPDATE "trace" SET "number" = "at";

ALTER TABLE "trace" ALTER COLUMN "number" SET NOT NULL;

ALTER TABLE "trace" DROP CONSTRAINT "trace_pkey";

ALTER TABLE "trace" ADD PRIMARY KEY ("bucket", "workspace_id", "enrollment", "number");

DROP INDEX "trace_by_lead";

CREATE INDEX "trace_by_lead" ON "trace" ("bucket", "workspace_id", "lead", "at", "enrollment", "number");
