ALTER TABLE "scope_stop" ADD COLUMN "beside" text COLLATE "C";
