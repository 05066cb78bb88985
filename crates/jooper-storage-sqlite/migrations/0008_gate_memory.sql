ALTER TABLE "permit" ADD COLUMN "company_beside" BLOB;

ALTER TABLE "contact_fence" ADD COLUMN "earlier" TEXT;

ALTER TABLE "lead_address" DROP COLUMN "state";
