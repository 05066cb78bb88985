ALTER TABLE "send" ADD COLUMN "searched" INTEGER;

ALTER TABLE "send" ADD COLUMN "searched_at" INTEGER;
