ALTER TABLE "scope_stop" ADD COLUMN "beside" TEXT;
