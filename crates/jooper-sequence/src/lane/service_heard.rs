//! What comes back of a service mail: it asks somebody who may be no lead, so that no conversation begins
//! with an answer. What stops them is heard all the same, and nothing of the mail is kept.

use jooper_core::{EmailAddress, SendKey, StopReason, StopSource};
use jooper_message::inbound::dsn::FailedRecipient;
use jooper_message::inbound::matching::{Receiver, Role, role};
use jooper_message::inbound::{Classification, InboundMail, Kind};
use jooper_storage::tables::SendRow;
use jooper_storage::{Column, StorageExt};

use super::Lane;
use crate::error::EngineError;

impl Lane<'_> {
    /// Takes in what an arrival says of the service mail `key`: whoever objects, and the address that is
    /// dead or complained, is on the list. Doing it twice does no more.
    pub(super) async fn hear_of_service(
        &self,
        key: SendKey,
        mail: &InboundMail<'_>,
        verdict: &Classification,
    ) -> Result<(), EngineError> {
        let own = self.profile.aliases.iter().chain([&self.profile.email]);
        if !verdict.may_suppress() || role(mail, &Receiver::new(own.cloned())) == Role::Own {
            return Ok(());
        }
        if verdict.is_claim() {
            return self.hear_report_of_service(key, verdict).await;
        }
        let writer = mail.from_address();
        let Some(writer) = writer.and_then(|from| EmailAddress::parse(&from).ok()) else {
            return Ok(());
        };
        let (reason, source) = (StopReason::StopWords, StopSource::Person);
        self.stop_address(&writer, None, reason, source).await?;
        // Who forwards their mail answers from elsewhere. While the request is open it says who was asked.
        let SendKey::Service { request, kind } = key else {
            return Ok(());
        };
        let links = &self.engine.parts.links;
        match links.service_mail(self.workspace, request, kind).await? {
            Some(asked) if asked.to != writer => {
                self.stop_address(&asked.to, None, reason, source).await
            }
            _ => Ok(()),
        }
    }

    /// A report names whom it is about; only the address that the mail went to is stopped by it.
    async fn hear_report_of_service(
        &self,
        key: SendKey,
        verdict: &Classification,
    ) -> Result<(), EngineError> {
        let storage = self.engine.storage();
        let found = storage.find::<SendRow>(self.workspace, vec![key.to_value()]);
        let to = found.await?.and_then(|row| row.record.email_index);
        let complains = !matches!(verdict.kind, Kind::DeliveryReport(_));
        let dead = verdict.recipients.iter().filter(|one| one.is_hard());
        let named: Vec<&str> = if complains {
            verdict.complained_of().into_iter().collect()
        } else {
            dead.flat_map(FailedRecipient::addresses).collect()
        };
        let reason = if complains {
            StopReason::Complained
        } else {
            StopReason::Bounced
        };
        for address in named {
            let Ok(address) = EmailAddress::parse(address) else {
                continue;
            };
            if Some(self.vault.email_index(&address)) == to {
                let source = StopSource::Provider;
                self.stop_address(&address, None, reason, source).await?;
            }
        }
        Ok(())
    }
}
