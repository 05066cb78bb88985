ALTER TABLE "permit" ADD COLUMN "company_beside" uuid;

ALTER TABLE "contact_fence" ADD COLUMN "earlier" text COLLATE "C";

ALTER TABLE "lead_address" DROP COLUMN "state";
