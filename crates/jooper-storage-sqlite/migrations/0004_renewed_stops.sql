ALTER TABLE "suppression" ADD COLUMN "renewed_at" INTEGER;

ALTER TABLE "suppression" ADD COLUMN "beside" INTEGER;
