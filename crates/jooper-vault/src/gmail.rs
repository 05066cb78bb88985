//! What came through the Gmail API, held so that it reaches no forbidden sink (law L15).
//!
//! Google's Limited Use rules allow the content for features that the user sees, and to comply with
//! law; not for advertising, training or other tenants
//! (developers.google.com/workspace/workspace-api-user-data-developer-policy).

use jooper_core::{RequestId, UserId};

mod private {
    pub trait Closed {}
}

/// A use that Limited Use allows. The list is closed: a new use is a change to this crate.
pub trait GmailPurpose: private::Closed {}

/// Shows a mail to a user of the workspace whose mailbox it arrived in.
#[derive(Debug, Clone, Copy)]
pub struct ShowToOwner {
    /// Who looks.
    pub user: UserId,
}

/// Reads a mail to tell a reply, a bounce or an objection, which ends or pauses a sequence.
#[derive(Debug, Clone, Copy)]
pub struct DetectReply;

/// Writes the next mail of a conversation: under its subject, and as an answer to what stands in it.
#[derive(Debug, Clone, Copy)]
pub struct ContinueConversation;

/// Gives a data subject the copy of their data that the law grants (GDPR Art. 15).
#[derive(Debug, Clone, Copy)]
pub struct AnswerRightsRequest {
    /// Whose request.
    pub request: RequestId,
}

impl private::Closed for ShowToOwner {}
impl private::Closed for DetectReply {}
impl private::Closed for ContinueConversation {}
impl private::Closed for AnswerRightsRequest {}
impl GmailPurpose for ShowToOwner {}
impl GmailPurpose for DetectReply {}
impl GmailPurpose for ContinueConversation {}
impl GmailPurpose for AnswerRightsRequest {}

/// A value derived from Gmail content.
///
/// It cannot be printed, serialized or compared, and is no argument for code that takes its content; it
/// is lent for a named purpose. What [`GmailDerived::map`] computes from it stays derived, and the label
/// survives storage ([`SubjectVault::seal_gmail`](crate::SubjectVault::seal_gmail)).
///
/// No type can follow a copy: whoever has named a purpose holds a reference, and could copy what it shows
/// or pass it on. What this one does is that nobody gets there by accident or without a name of a closed
/// list in the code, so that every use can be found and judged: search for `lend(` and `map(`. It
/// begins where a value is labelled, which for received mail is the sealing; before that the text is in
/// the memory of the lane that read it.
///
/// ```
/// # use jooper_vault::{DetectReply, GmailDerived};
/// let subject = GmailDerived::new("Re: hello".to_owned());
/// assert!(subject.lend(&DetectReply).starts_with("Re:"));
/// ```
///
/// It does not print:
/// ```compile_fail,E0277
/// # use jooper_vault::GmailDerived;
/// println!("{:?}", GmailDerived::new("text"));
/// ```
/// It does not serialize:
/// ```compile_fail,E0277
/// # use jooper_vault::GmailDerived;
/// serde_json::to_string(&GmailDerived::new("text")).unwrap();
/// ```
/// It is not its content:
/// ```compile_fail,E0308
/// # use jooper_vault::GmailDerived;
/// fn train(text: &str) {}
/// train(&GmailDerived::new("text"));
/// ```
/// Nothing is computed from it without a purpose, which would be a way to take it out:
/// ```compile_fail,E0061
/// # use jooper_vault::GmailDerived;
/// fn train(text: &str) {}
/// GmailDerived::new("text").map(|text| train(text));
/// ```
/// With one it is:
/// ```
/// # use jooper_vault::{DetectReply, GmailDerived};
/// let length = GmailDerived::new("text").map(&DetectReply, |text| text.len());
/// assert_eq!(*length.lend(&DetectReply), 4);
/// ```
/// And nobody adds a purpose:
/// ```compile_fail,E0277
/// # use jooper_vault::{GmailDerived, GmailPurpose};
/// struct TrainModel;
/// impl GmailPurpose for TrainModel {}
/// ```
#[expect(
    missing_debug_implementations,
    reason = "the content must not be printed"
)]
pub struct GmailDerived<T>(T);

impl<T> GmailDerived<T> {
    /// Labels a value that was just read through the Gmail API.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Lends the value for an allowed use.
    pub const fn lend<P: GmailPurpose>(&self, _purpose: &P) -> &T {
        &self.0
    }

    /// Computes another value for an allowed use; it is as derived as this one.
    pub fn map<P: GmailPurpose, U>(
        self,
        _purpose: &P,
        compute: impl FnOnce(T) -> U,
    ) -> GmailDerived<U> {
        GmailDerived(compute(self.0))
    }

    pub(crate) const fn content(&self) -> &T {
        &self.0
    }
}
