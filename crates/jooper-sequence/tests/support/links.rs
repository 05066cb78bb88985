//! Links that lead nowhere.

use async_trait::async_trait;
use jooper_core::{EmailAddress, LeadId, RequestId, SendKey, WorkspaceId};
use jooper_sequence::{LinkError, ServiceMail, UnsubscribeLinks};

/// Whoever asks for a confirmation, whatever the request.
pub const ASKED: &str = "asked@person.example";

#[derive(Debug)]
pub struct Links;

#[async_trait]
impl UnsubscribeLinks for Links {
    async fn unsubscribe_url(
        &self,
        _: WorkspaceId,
        _: &EmailAddress,
        _: LeadId,
        _: &SendKey,
    ) -> Result<String, LinkError> {
        Ok("https://t.example.com/u/abc".to_owned())
    }

    async fn service_mail(
        &self,
        _: WorkspaceId,
        _: RequestId,
        _: u8,
    ) -> Result<Option<ServiceMail>, LinkError> {
        Ok(Some(ServiceMail {
            to: EmailAddress::parse(ASKED).unwrap(),
            url: "https://t.example.com/o/abc".to_owned(),
        }))
    }
}
