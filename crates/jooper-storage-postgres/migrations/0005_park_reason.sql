ALTER TABLE "mailbox" ADD COLUMN "park_reason" bigint;
