//! What comes back of a service mail: it asks somebody who may be no lead, so that no conversation begins
//! with an answer. What stops them is heard all the same, and nothing of the mail is kept.

use jooper_core::{EmailAddress, KeyedIndex, SendKey, StopReason, StopSource};
use jooper_message::inbound::dsn::FailedRecipient;
use jooper_message::inbound::matching::{Receiver, Role, role};
use jooper_message::inbound::{Classification, InboundMail, Kind};
use jooper_storage::tables::SendRow;
use jooper_storage::{Column, StorageExt};
use jooper_transport::Arrived;

use super::Lane;
use crate::error::EngineError;
use crate::unreadable;

impl Lane<'_> {
    /// Takes in what an arrival says of the service mail `key`: whoever objects, and the address that is
    /// dead or complained, is on the list. It is read once: what the person decides later stands.
    pub(super) async fn hear_of_service(
        &self,
        key: SendKey,
        arrived: &Arrived,
        mail: &InboundMail<'_>,
        verdict: &Classification,
    ) -> Result<(), EngineError> {
        // A report may come from our own mail server.
        let ours = || !verdict.is_claim() && self.is_of_our_house(mail);
        if !verdict.may_suppress() || ours() {
            return Ok(());
        }
        if verdict.is_claim() {
            self.hear_report_of_service(key, verdict).await?;
        } else {
            self.hear_objection_to_service(key, mail, verdict).await?;
        }
        let heard = unreadable::given_up(self.mailbox, &arrived.provider_id, arrived.at);
        Ok(self
            .engine
            .storage()
            .commit(self.batch().put(&heard))
            .await?)
    }

    /// Whether a mail is our own, or a colleague's of its owner.
    fn is_of_our_house(&self, mail: &InboundMail<'_>) -> bool {
        let own = self.profile.aliases.iter().chain([&self.profile.email]);
        self.is_colleagues(mail) || role(mail, &Receiver::new(own.cloned())) == Role::Own
    }

    /// Whoever has the mail may object to it for the address that it went to: while the request is open, it
    /// says which that is. For the address that they write from, they may where that is the same one, or
    /// where it is vouched for: anybody can write any address above their words.
    async fn hear_objection_to_service(
        &self,
        key: SendKey,
        mail: &InboundMail<'_>,
        verdict: &Classification,
    ) -> Result<(), EngineError> {
        let SendKey::Service { request, kind } = key else {
            return Ok(());
        };
        let writer = mail.from_address();
        let writer = writer.and_then(|from| EmailAddress::parse(&from).ok());
        let links = &self.engine.parts.links;
        let asked = links.service_mail(self.workspace, request, kind).await?;
        let asked = asked.map(|asked| asked.to);
        let to = self.service_went_to(key).await?;
        let theirs = |address: &EmailAddress| {
            Some(self.vault.email_index(address)) == to || verdict.trust.is_trusted()
        };
        let writer = writer.filter(|writer| theirs(writer) && Some(writer) != asked.as_ref());
        // No conversation shows it, so that nobody could judge a provisional entry.
        let (reason, source) = (StopReason::Objected, StopSource::Person);
        for address in asked.iter().chain(&writer) {
            self.stop_address(address, None, reason, source).await?;
        }
        Ok(())
    }

    /// A report names whom it is about; only the address that the mail went to is stopped by it.
    async fn hear_report_of_service(
        &self,
        key: SendKey,
        verdict: &Classification,
    ) -> Result<(), EngineError> {
        let to = self.service_went_to(key).await?;
        let complains = !matches!(verdict.kind, Kind::DeliveryReport(_));
        let dead = verdict.recipients.iter().filter(|one| one.is_hard());
        let (reason, named): (_, Vec<&str>) = if complains {
            let about = verdict.complained_of();
            (StopReason::Complained, about.into_iter().collect())
        } else {
            let addresses = dead.flat_map(FailedRecipient::addresses);
            (StopReason::Bounced, addresses.collect())
        };
        let named = named
            .into_iter()
            .filter_map(|address| EmailAddress::parse(address).ok());
        for address in named.filter(|address| Some(self.vault.email_index(address)) == to) {
            let source = StopSource::Provider;
            self.stop_address(&address, None, reason, source).await?;
        }
        Ok(())
    }

    async fn service_went_to(&self, key: SendKey) -> Result<Option<KeyedIndex>, EngineError> {
        let storage = self.engine.storage();
        let found = storage.find::<SendRow>(self.workspace, vec![key.to_value()]);
        Ok(found.await?.and_then(|row| row.record.email_index))
    }
}
