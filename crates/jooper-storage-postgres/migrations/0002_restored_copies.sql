ALTER TABLE "installation" ADD COLUMN "mark" bigint NOT NULL DEFAULT 0;

CREATE TABLE "rebuild" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "mailbox" uuid NOT NULL,
  "epoch" bigint NOT NULL,
  "since" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "mailbox")
);
