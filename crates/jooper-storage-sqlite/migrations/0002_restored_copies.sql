ALTER TABLE "installation" ADD COLUMN "mark" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "rebuild" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "mailbox" BLOB NOT NULL,
  "epoch" INTEGER NOT NULL,
  "since" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "mailbox")
) STRICT, WITHOUT ROWID;
