ALTER TABLE "send" ADD COLUMN "posted_at" bigint;
