DROP INDEX "enrollment_by_thread";

DROP INDEX "send_by_enrollment";

DROP INDEX "send_by_address";
