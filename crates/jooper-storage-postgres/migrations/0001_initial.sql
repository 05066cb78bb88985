CREATE TABLE "workspace" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "state" bigint NOT NULL,
  "identity" bytea,
  "created_at" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE TABLE "account" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "role" text COLLATE "C" NOT NULL,
  "profile" bytea NOT NULL,
  "created_at" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE TABLE "setting" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "number" bigint NOT NULL,
  "value" bytea,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "name")
);

CREATE TABLE "workspace_key" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "epoch" bigint NOT NULL,
  "wrapped" bytea NOT NULL,
  "check_value" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "epoch")
);

CREATE TABLE "subject_key" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "subject" uuid NOT NULL,
  "epoch" bigint NOT NULL,
  "generation" bigint NOT NULL,
  "wrapped" bytea NOT NULL,
  "check_value" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "subject")
);

CREATE INDEX "subject_key_by_epoch" ON "subject_key" ("bucket", "workspace_id", "epoch", "subject");

CREATE TABLE "company" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "domain_index" bytea NOT NULL,
  "name" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "company_by_domain" ON "company" ("bucket", "workspace_id", "domain_index", "id");

CREATE TABLE "name" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "kind" bigint NOT NULL,
  "name_index" bytea NOT NULL,
  "name" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "name_by_name" ON "name" ("bucket", "workspace_id", "kind", "name_index", "id");

CREATE TABLE "lead" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "state" bigint NOT NULL,
  "country" text COLLATE "C",
  "zone" text COLLATE "C",
  "company" uuid,
  "contact_index" bytea NOT NULL,
  "domain_index" bytea NOT NULL,
  "created_at" bigint NOT NULL,
  "profile" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "lead_by_created" ON "lead" ("bucket", "workspace_id", "created_at", "id");

CREATE INDEX "lead_by_company" ON "lead" ("bucket", "workspace_id", "company" NULLS FIRST, "id");

CREATE INDEX "lead_by_contact" ON "lead" ("bucket", "workspace_id", "contact_index", "id");

CREATE TABLE "lead_address" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "email_index" bytea NOT NULL,
  "lead" uuid NOT NULL,
  "contact_index" bytea NOT NULL,
  "domain_index" bytea NOT NULL,
  "state" bigint NOT NULL,
  "address" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "email_index")
);

CREATE INDEX "lead_address_by_lead" ON "lead_address" ("bucket", "workspace_id", "lead", "email_index");

CREATE INDEX "lead_address_by_contact" ON "lead_address" ("bucket", "workspace_id", "contact_index", "email_index");

CREATE INDEX "lead_address_by_domain" ON "lead_address" ("bucket", "workspace_id", "domain_index", "email_index");

CREATE TABLE "basis" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "lead" uuid NOT NULL,
  "purpose" bigint NOT NULL,
  "kind" bigint NOT NULL,
  "country" text COLLATE "C",
  "obtained_at" bigint NOT NULL,
  "expires_at" bigint,
  "withdrawn_at" bigint,
  "evidence" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "lead", "purpose", "kind")
);

CREATE TABLE "suppression" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "index" bytea NOT NULL,
  "reason" bigint NOT NULL,
  "source" bigint NOT NULL,
  "since" bigint NOT NULL,
  "provisional" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "index")
);

CREATE INDEX "suppression_by_time" ON "suppression" ("bucket", "workspace_id", "since", "index");

CREATE TABLE "contact_fence" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "contact_index" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "contact_index")
);

CREATE TABLE "permit" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "lease_until" bigint NOT NULL,
  "contact_index" bytea NOT NULL,
  "domain_index" bytea NOT NULL,
  "lead" uuid,
  "company" uuid,
  "campaign" uuid,
  "enrollment" uuid,
  "mailbox" uuid NOT NULL,
  "send_key" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "permit_by_lease" ON "permit" ("bucket", "workspace_id", "lease_until", "id");

CREATE INDEX "permit_by_contact" ON "permit" ("bucket", "workspace_id", "contact_index", "lease_until", "id");

CREATE TABLE "scope_stop" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "scope" bigint NOT NULL,
  "id" uuid NOT NULL,
  "reason" bigint NOT NULL,
  "source" bigint NOT NULL,
  "since" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "scope", "id")
);

CREATE TABLE "mailbox" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "owner" uuid NOT NULL,
  "sub_index" bytea NOT NULL,
  "domain_index" bytea NOT NULL,
  "state" bigint NOT NULL,
  "parked_until" bigint,
  "cursor" text COLLATE "C",
  "synced_at" bigint,
  "connected_at" bigint NOT NULL,
  "profile" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "mailbox_by_owner" ON "mailbox" ("bucket", "workspace_id", "owner", "id");

CREATE TABLE "credential" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "mailbox" uuid NOT NULL,
  "updated_at" bigint NOT NULL,
  "tokens" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "mailbox")
);

CREATE TABLE "sequence" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "version" bigint NOT NULL,
  "created_at" bigint NOT NULL,
  "steps" bigint NOT NULL,
  "content" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id", "version")
);

CREATE TABLE "campaign" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "state" bigint NOT NULL,
  "sequence" uuid NOT NULL,
  "sequence_version" bigint NOT NULL,
  "seed" bigint NOT NULL,
  "created_at" bigint NOT NULL,
  "activated_at" bigint,
  "content" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "campaign_by_created" ON "campaign" ("bucket", "workspace_id", "created_at", "id");

CREATE TABLE "enrollment" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "campaign" uuid NOT NULL,
  "lead" uuid NOT NULL,
  "mailbox" uuid NOT NULL,
  "sequence_version" bigint NOT NULL,
  "state" bigint NOT NULL,
  "step" bigint NOT NULL,
  "sent" bigint NOT NULL,
  "due_at" bigint,
  "wait" bigint,
  "finish" bigint,
  "thread" text COLLATE "C",
  "last_sent_at" bigint,
  "memory" bytea,
  "created_at" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "enrollment_by_due" ON "enrollment" ("bucket", "workspace_id", "mailbox", "state", "due_at" NULLS FIRST, "id");

CREATE INDEX "enrollment_by_campaign" ON "enrollment" ("bucket", "workspace_id", "campaign", "state", "id");

CREATE INDEX "enrollment_by_lead" ON "enrollment" ("bucket", "workspace_id", "lead", "id");

CREATE INDEX "enrollment_by_thread" ON "enrollment" ("bucket", "workspace_id", "mailbox", "thread" NULLS FIRST, "id");

CREATE TABLE "send" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "key" bytea NOT NULL,
  "kind" bigint NOT NULL,
  "state" bigint NOT NULL,
  "enrollment" uuid,
  "step" bigint,
  "campaign" uuid,
  "lead" uuid,
  "mailbox" uuid NOT NULL,
  "variant" bigint NOT NULL,
  "attempt" bigint NOT NULL,
  "fence" bigint NOT NULL,
  "permit" uuid,
  "evidence_base" text COLLATE "C",
  "planned_at" bigint NOT NULL,
  "posting_at" bigint,
  "settled_at" bigint,
  "not_sent" bigint,
  "skip" bigint,
  "provider_id" text COLLATE "C",
  "provider_thread" text COLLATE "C",
  "message_index" bytea,
  "email_index" bytea,
  "domain_index" bytea,
  "released" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "key")
);

CREATE INDEX "send_by_enrollment" ON "send" ("bucket", "workspace_id", "enrollment" NULLS FIRST, "step" NULLS FIRST, "key");

CREATE INDEX "send_by_campaign" ON "send" ("bucket", "workspace_id", "campaign" NULLS FIRST, "state", "key");

CREATE INDEX "send_by_mailbox" ON "send" ("bucket", "workspace_id", "mailbox", "state", "planned_at", "key");

CREATE INDEX "send_by_thread" ON "send" ("bucket", "workspace_id", "mailbox", "provider_thread" NULLS FIRST, "key");

CREATE INDEX "send_by_message" ON "send" ("bucket", "workspace_id", "message_index" NULLS FIRST, "key");

CREATE INDEX "send_by_address" ON "send" ("bucket", "workspace_id", "mailbox", "email_index" NULLS FIRST, "settled_at" NULLS FIRST, "key");

CREATE INDEX "send_subject" ON "send" ("bucket", "workspace_id", "lead" NULLS FIRST);

CREATE TABLE "trace" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "enrollment" uuid NOT NULL,
  "at" bigint NOT NULL,
  "lead" uuid NOT NULL,
  "trace" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "enrollment", "at")
);

CREATE INDEX "trace_by_lead" ON "trace" ("bucket", "workspace_id", "lead", "at", "enrollment");

CREATE TABLE "lane" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "mailbox" uuid NOT NULL,
  "wake_at" bigint NOT NULL,
  "lease_until" bigint NOT NULL,
  "fence" bigint NOT NULL,
  "next_slot" bigint NOT NULL,
  "high_water" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "mailbox")
) WITH (fillfactor = 50);

CREATE INDEX "lane_claim" ON "lane" ("bucket", "wake_at", "workspace_id", "mailbox");

CREATE TABLE "lane_command" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "mailbox" uuid NOT NULL,
  "id" uuid NOT NULL,
  "command" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "mailbox", "id")
);

CREATE TABLE "thread" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "mailbox" uuid NOT NULL,
  "provider_thread" text COLLATE "C" NOT NULL,
  "lead" uuid NOT NULL,
  "campaign" uuid,
  "enrollment" uuid,
  "last_at" bigint NOT NULL,
  "last_kind" bigint,
  "unread" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "thread_by_time" ON "thread" ("bucket", "workspace_id", "last_at", "id");

CREATE INDEX "thread_by_provider" ON "thread" ("bucket", "workspace_id", "mailbox", "provider_thread", "id");

CREATE INDEX "thread_by_lead" ON "thread" ("bucket", "workspace_id", "lead", "id");

CREATE TABLE "message" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "thread" uuid NOT NULL,
  "mailbox" uuid NOT NULL,
  "lead" uuid NOT NULL,
  "provider_id" text COLLATE "C" NOT NULL,
  "at" bigint NOT NULL,
  "kind" bigint,
  "send_key" bytea,
  "origin" bigint NOT NULL,
  "content" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "message_by_thread" ON "message" ("bucket", "workspace_id", "thread", "at", "id");

CREATE INDEX "message_by_provider" ON "message" ("bucket", "workspace_id", "mailbox", "provider_id", "id");

CREATE INDEX "message_by_lead" ON "message" ("bucket", "workspace_id", "lead", "at", "id");

CREATE TABLE "counter" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "key" bytea NOT NULL,
  "count" bigint NOT NULL,
  "expires_at" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "key")
);

CREATE INDEX "counter_by_expiry" ON "counter" ("bucket", "workspace_id", "expires_at", "key");

CREATE TABLE "rollup" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "key" bytea NOT NULL,
  "count" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "key")
);

CREATE TABLE "pending" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "id" uuid NOT NULL,
  "kind" bigint NOT NULL,
  "expires_at" bigint NOT NULL,
  "content" bytea,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "id")
);

CREATE INDEX "pending_by_kind" ON "pending" ("bucket", "workspace_id", "kind", "expires_at", "id");

CREATE TABLE "audit_leaf" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "payload" bytea NOT NULL,
  "leaf" bytea NOT NULL,
  "chain" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "seq")
);

CREATE TABLE "audit_head" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "size" bigint NOT NULL,
  "chain" bytea NOT NULL,
  "signed_at" bigint NOT NULL,
  "public_key" bytea NOT NULL,
  "signature" bytea NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id", "size")
);

CREATE TABLE "installation" (
  "id" bigint NOT NULL,
  "installation" uuid NOT NULL,
  "epoch" bigint NOT NULL,
  "witness_position" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("id")
);

CREATE TABLE "workspace_directory" (
  "id" uuid NOT NULL,
  "created_at" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("id")
);

CREATE TABLE "do_not_contact" (
  "index" bytea NOT NULL,
  "reason" bigint NOT NULL,
  "since" bigint NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("index")
);

CREATE TABLE "mailbox_owner" (
  "sub_index" bytea NOT NULL,
  "workspace" uuid NOT NULL,
  "mailbox" uuid NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("sub_index")
);

CREATE TABLE "sign_in" (
  "sub_index" bytea NOT NULL,
  "workspace" uuid NOT NULL,
  "user" uuid NOT NULL,
  "row_version" bigint NOT NULL,
  PRIMARY KEY ("sub_index")
);

CREATE TABLE "event_log_head" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  PRIMARY KEY ("bucket", "workspace_id")
) WITH (fillfactor = 50);

CREATE TABLE "platform_lock" (
  "id" bigint NOT NULL,
  "taken" bigint NOT NULL,
  PRIMARY KEY ("id")
) WITH (fillfactor = 50);

CREATE TABLE "event_log" (
  "bucket" integer NOT NULL,
  "workspace_id" uuid NOT NULL,
  "seq" bigint NOT NULL,
  "ts" bigint NOT NULL,
  "event_id" bytea NOT NULL,
  "kind" bigint NOT NULL,
  "campaign" uuid,
  "step" bigint,
  "variant" bigint,
  "mailbox" uuid,
  "domain" bytea,
  "reason" bigint,
  "lead" uuid,
  "subject" uuid,
  "payload" bytea,
  PRIMARY KEY ("bucket", "workspace_id", "ts", "event_id")
) PARTITION BY RANGE ("ts");

CREATE TABLE "event_log_rest" PARTITION OF "event_log" DEFAULT;

CREATE INDEX "event_log_seq" ON "event_log" ("bucket", "workspace_id", "seq");

CREATE INDEX "event_log_subject" ON "event_log" ("bucket", "workspace_id", "subject") WHERE "payload" IS NOT NULL;

