DROP INDEX "mailbox_by_owner";
