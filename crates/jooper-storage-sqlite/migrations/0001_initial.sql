CREATE TABLE "workspace" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "state" INTEGER NOT NULL,
  "identity" BLOB,
  "created_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE TABLE "account" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "role" TEXT NOT NULL,
  "profile" BLOB NOT NULL,
  "created_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE TABLE "setting" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "name" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "value" BLOB,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "name")
) STRICT;

CREATE TABLE "workspace_key" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "epoch" INTEGER NOT NULL,
  "wrapped" BLOB NOT NULL,
  "check_value" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "epoch")
) STRICT, WITHOUT ROWID;

CREATE TABLE "subject_key" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "subject" BLOB NOT NULL,
  "epoch" INTEGER NOT NULL,
  "generation" INTEGER NOT NULL,
  "wrapped" BLOB NOT NULL,
  "check_value" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "subject")
) STRICT, WITHOUT ROWID;

CREATE INDEX "subject_key_by_epoch" ON "subject_key" ("bucket", "workspace_id", "epoch", "subject");

CREATE TABLE "company" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "domain_index" BLOB NOT NULL,
  "name" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE INDEX "company_by_domain" ON "company" ("bucket", "workspace_id", "domain_index", "id");

CREATE TABLE "name" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "kind" INTEGER NOT NULL,
  "name_index" BLOB NOT NULL,
  "name" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE INDEX "name_by_name" ON "name" ("bucket", "workspace_id", "kind", "name_index", "id");

CREATE TABLE "lead" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "state" INTEGER NOT NULL,
  "country" TEXT,
  "zone" TEXT,
  "company" BLOB,
  "contact_index" BLOB NOT NULL,
  "domain_index" BLOB NOT NULL,
  "created_at" INTEGER NOT NULL,
  "profile" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE INDEX "lead_by_created" ON "lead" ("bucket", "workspace_id", "created_at", "id");

CREATE INDEX "lead_by_company" ON "lead" ("bucket", "workspace_id", "company", "id");

CREATE INDEX "lead_by_contact" ON "lead" ("bucket", "workspace_id", "contact_index", "id");

CREATE TABLE "lead_address" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "email_index" BLOB NOT NULL,
  "lead" BLOB NOT NULL,
  "contact_index" BLOB NOT NULL,
  "domain_index" BLOB NOT NULL,
  "state" INTEGER NOT NULL,
  "address" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "email_index")
) STRICT;

CREATE INDEX "lead_address_by_lead" ON "lead_address" ("bucket", "workspace_id", "lead", "email_index");

CREATE INDEX "lead_address_by_contact" ON "lead_address" ("bucket", "workspace_id", "contact_index", "email_index");

CREATE INDEX "lead_address_by_domain" ON "lead_address" ("bucket", "workspace_id", "domain_index", "email_index");

CREATE TABLE "basis" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "lead" BLOB NOT NULL,
  "purpose" INTEGER NOT NULL,
  "kind" INTEGER NOT NULL,
  "country" TEXT,
  "obtained_at" INTEGER NOT NULL,
  "expires_at" INTEGER,
  "withdrawn_at" INTEGER,
  "evidence" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "lead", "purpose", "kind")
) STRICT;

CREATE TABLE "suppression" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "index" BLOB NOT NULL,
  "reason" INTEGER NOT NULL,
  "source" INTEGER NOT NULL,
  "since" INTEGER NOT NULL,
  "provisional" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "index")
) STRICT, WITHOUT ROWID;

CREATE INDEX "suppression_by_time" ON "suppression" ("bucket", "workspace_id", "since", "index");

CREATE TABLE "contact_fence" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "contact_index" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "contact_index")
) STRICT, WITHOUT ROWID;

CREATE TABLE "permit" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "lease_until" INTEGER NOT NULL,
  "contact_index" BLOB NOT NULL,
  "domain_index" BLOB NOT NULL,
  "lead" BLOB,
  "company" BLOB,
  "campaign" BLOB,
  "enrollment" BLOB,
  "mailbox" BLOB NOT NULL,
  "send_key" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "permit_by_lease" ON "permit" ("bucket", "workspace_id", "lease_until", "id");

CREATE INDEX "permit_by_contact" ON "permit" ("bucket", "workspace_id", "contact_index", "lease_until", "id");

CREATE TABLE "scope_stop" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "scope" INTEGER NOT NULL,
  "id" BLOB NOT NULL,
  "reason" INTEGER NOT NULL,
  "source" INTEGER NOT NULL,
  "since" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "scope", "id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "mailbox" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "owner" BLOB NOT NULL,
  "sub_index" BLOB NOT NULL,
  "domain_index" BLOB NOT NULL,
  "state" INTEGER NOT NULL,
  "parked_until" INTEGER,
  "cursor" TEXT,
  "synced_at" INTEGER,
  "connected_at" INTEGER NOT NULL,
  "profile" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE INDEX "mailbox_by_owner" ON "mailbox" ("bucket", "workspace_id", "owner", "id");

CREATE TABLE "credential" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "mailbox" BLOB NOT NULL,
  "updated_at" INTEGER NOT NULL,
  "tokens" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "mailbox")
) STRICT;

CREATE TABLE "sequence" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "version" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "steps" INTEGER NOT NULL,
  "content" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id", "version")
) STRICT;

CREATE TABLE "campaign" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "state" INTEGER NOT NULL,
  "sequence" BLOB NOT NULL,
  "sequence_version" INTEGER NOT NULL,
  "seed" INTEGER NOT NULL,
  "created_at" INTEGER NOT NULL,
  "activated_at" INTEGER,
  "content" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE INDEX "campaign_by_created" ON "campaign" ("bucket", "workspace_id", "created_at", "id");

CREATE TABLE "enrollment" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "campaign" BLOB NOT NULL,
  "lead" BLOB NOT NULL,
  "mailbox" BLOB NOT NULL,
  "sequence_version" INTEGER NOT NULL,
  "state" INTEGER NOT NULL,
  "step" INTEGER NOT NULL,
  "sent" INTEGER NOT NULL,
  "due_at" INTEGER,
  "wait" INTEGER,
  "finish" INTEGER,
  "thread" TEXT,
  "last_sent_at" INTEGER,
  "memory" BLOB,
  "created_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "enrollment_by_due" ON "enrollment" ("bucket", "workspace_id", "mailbox", "state", "due_at", "id");

CREATE INDEX "enrollment_by_campaign" ON "enrollment" ("bucket", "workspace_id", "campaign", "state", "id");

CREATE INDEX "enrollment_by_lead" ON "enrollment" ("bucket", "workspace_id", "lead", "id");

CREATE INDEX "enrollment_by_thread" ON "enrollment" ("bucket", "workspace_id", "mailbox", "thread", "id");

CREATE TABLE "send" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "key" BLOB NOT NULL,
  "kind" INTEGER NOT NULL,
  "state" INTEGER NOT NULL,
  "enrollment" BLOB,
  "step" INTEGER,
  "campaign" BLOB,
  "lead" BLOB,
  "mailbox" BLOB NOT NULL,
  "variant" INTEGER NOT NULL,
  "attempt" INTEGER NOT NULL,
  "fence" INTEGER NOT NULL,
  "permit" BLOB,
  "evidence_base" TEXT,
  "planned_at" INTEGER NOT NULL,
  "posting_at" INTEGER,
  "settled_at" INTEGER,
  "not_sent" INTEGER,
  "skip" INTEGER,
  "provider_id" TEXT,
  "provider_thread" TEXT,
  "message_index" BLOB,
  "email_index" BLOB,
  "domain_index" BLOB,
  "released" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "key")
) STRICT, WITHOUT ROWID;

CREATE INDEX "send_by_enrollment" ON "send" ("bucket", "workspace_id", "enrollment", "step", "key");

CREATE INDEX "send_by_campaign" ON "send" ("bucket", "workspace_id", "campaign", "state", "key");

CREATE INDEX "send_by_mailbox" ON "send" ("bucket", "workspace_id", "mailbox", "state", "planned_at", "key");

CREATE INDEX "send_by_thread" ON "send" ("bucket", "workspace_id", "mailbox", "provider_thread", "key");

CREATE INDEX "send_by_message" ON "send" ("bucket", "workspace_id", "message_index", "key");

CREATE INDEX "send_by_address" ON "send" ("bucket", "workspace_id", "mailbox", "email_index", "settled_at", "key");

CREATE INDEX "send_subject" ON "send" ("bucket", "workspace_id", "lead");

CREATE TABLE "trace" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "enrollment" BLOB NOT NULL,
  "at" INTEGER NOT NULL,
  "lead" BLOB NOT NULL,
  "trace" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "enrollment", "at")
) STRICT;

CREATE INDEX "trace_by_lead" ON "trace" ("bucket", "workspace_id", "lead", "at", "enrollment");

CREATE TABLE "lane" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "mailbox" BLOB NOT NULL,
  "wake_at" INTEGER NOT NULL,
  "lease_until" INTEGER NOT NULL,
  "fence" INTEGER NOT NULL,
  "next_slot" INTEGER NOT NULL,
  "high_water" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "mailbox")
) STRICT, WITHOUT ROWID;

CREATE INDEX "lane_claim" ON "lane" ("bucket", "wake_at", "workspace_id", "mailbox");

CREATE TABLE "lane_command" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "mailbox" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "command" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "mailbox", "id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "thread" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "mailbox" BLOB NOT NULL,
  "provider_thread" TEXT NOT NULL,
  "lead" BLOB NOT NULL,
  "campaign" BLOB,
  "enrollment" BLOB,
  "last_at" INTEGER NOT NULL,
  "last_kind" INTEGER,
  "unread" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "thread_by_time" ON "thread" ("bucket", "workspace_id", "last_at", "id");

CREATE INDEX "thread_by_provider" ON "thread" ("bucket", "workspace_id", "mailbox", "provider_thread", "id");

CREATE INDEX "thread_by_lead" ON "thread" ("bucket", "workspace_id", "lead", "id");

CREATE TABLE "message" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "thread" BLOB NOT NULL,
  "mailbox" BLOB NOT NULL,
  "lead" BLOB NOT NULL,
  "provider_id" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  "kind" INTEGER,
  "send_key" BLOB,
  "origin" INTEGER NOT NULL,
  "content" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE INDEX "message_by_thread" ON "message" ("bucket", "workspace_id", "thread", "at", "id");

CREATE INDEX "message_by_provider" ON "message" ("bucket", "workspace_id", "mailbox", "provider_id", "id");

CREATE INDEX "message_by_lead" ON "message" ("bucket", "workspace_id", "lead", "at", "id");

CREATE TABLE "counter" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "key" BLOB NOT NULL,
  "count" INTEGER NOT NULL,
  "expires_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "key")
) STRICT, WITHOUT ROWID;

CREATE INDEX "counter_by_expiry" ON "counter" ("bucket", "workspace_id", "expires_at", "key");

CREATE TABLE "rollup" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "key" BLOB NOT NULL,
  "count" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "key")
) STRICT, WITHOUT ROWID;

CREATE TABLE "pending" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "id" BLOB NOT NULL,
  "kind" INTEGER NOT NULL,
  "expires_at" INTEGER NOT NULL,
  "content" BLOB,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
) STRICT;

CREATE INDEX "pending_by_kind" ON "pending" ("bucket", "workspace_id", "kind", "expires_at", "id");

CREATE TABLE "audit_leaf" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "seq" INTEGER NOT NULL,
  "payload" BLOB NOT NULL,
  "leaf" BLOB NOT NULL,
  "chain" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "seq")
) STRICT, WITHOUT ROWID;

CREATE TABLE "audit_head" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "size" INTEGER NOT NULL,
  "chain" BLOB NOT NULL,
  "signed_at" INTEGER NOT NULL,
  "public_key" BLOB NOT NULL,
  "signature" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "size")
) STRICT, WITHOUT ROWID;

CREATE TABLE "installation" (
  "id" INTEGER NOT NULL,
  "installation" BLOB NOT NULL,
  "epoch" INTEGER NOT NULL,
  "witness_position" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "workspace_directory" (
  "id" BLOB NOT NULL,
  "created_at" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "do_not_contact" (
  "index" BLOB NOT NULL,
  "reason" INTEGER NOT NULL,
  "since" INTEGER NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("index")
) STRICT, WITHOUT ROWID;

CREATE TABLE "mailbox_owner" (
  "sub_index" BLOB NOT NULL,
  "workspace" BLOB NOT NULL,
  "mailbox" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("sub_index")
) STRICT, WITHOUT ROWID;

CREATE TABLE "sign_in" (
  "sub_index" BLOB NOT NULL,
  "workspace" BLOB NOT NULL,
  "user" BLOB NOT NULL,
  "row_version" INTEGER NOT NULL,
  PRIMARY KEY ("sub_index")
) STRICT, WITHOUT ROWID;

CREATE TABLE "event_log_head" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "seq" INTEGER NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "event_log" (
  "bucket" INTEGER NOT NULL,
  "workspace_id" BLOB NOT NULL,
  "seq" INTEGER NOT NULL,
  "ts" INTEGER NOT NULL,
  "event_id" BLOB NOT NULL,
  "kind" INTEGER NOT NULL,
  "campaign" BLOB,
  "step" INTEGER,
  "variant" INTEGER,
  "mailbox" BLOB,
  "domain" BLOB,
  "reason" INTEGER,
  "lead" BLOB,
  "subject" BLOB,
  "payload" BLOB,
  PRIMARY KEY ("bucket", "workspace_id", "seq")
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX "event_log_identity" ON "event_log" ("bucket", "workspace_id", "ts", "event_id");

CREATE INDEX "event_log_subject" ON "event_log" ("bucket", "workspace_id", "subject") WHERE "payload" IS NOT NULL;

