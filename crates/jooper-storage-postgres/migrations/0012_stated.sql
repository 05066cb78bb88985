ALTER TABLE "basis" ADD COLUMN "stated" bigint;
