ALTER TABLE "suppression" ADD COLUMN "renewed_at" bigint;

ALTER TABLE "suppression" ADD COLUMN "beside" bigint;
