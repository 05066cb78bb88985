ALTER TABLE "send" ADD COLUMN "searched" bigint;

ALTER TABLE "send" ADD COLUMN "searched_at" bigint;
