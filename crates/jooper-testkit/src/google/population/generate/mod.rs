//! Makes the mail of each reaction.

mod away;
mod bounce;
mod calendar;
mod leave;
mod noise;
mod reply;

use super::Inbound;
use super::context::Context;

/// What a reaction makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// No mail.
    Nothing,
    /// Mail for the inbox.
    Mail(Vec<u8>),
    /// Mail that Gmail takes for spam.
    Junk(Vec<u8>),
}

/// Writes the mail of a reaction.
pub(super) fn generate(context: &Context, act: &Inbound) -> Made {
    Made::Mail(match act {
        Inbound::Reply { mood, form } => reply::reply(context, *mood, *form),
        Inbound::ForwardThenReply => reply::after_forward(context),
        Inbound::Away(style) => away::away(context, *style),
        Inbound::Bounce(style) => bounce::bounce(context, *style),
        Inbound::Delay => bounce::delay(context),
        Inbound::PolicyBlock => bounce::policy_block(context),
        Inbound::SendingLimit => bounce::sending_limit(context),
        Inbound::ForgedBounce => bounce::forged(context),
        Inbound::UnsubscribeMail => leave::to_listed_address(context),
        Inbound::UnsubscribeText => leave::remove_me(context),
        Inbound::QuotesFooter => leave::quotes_footer(context),
        Inbound::Objection => leave::objection(context),
        Inbound::CalendarRequest => calendar::request(context),
        Inbound::CalendarReply { accepted } => calendar::reply(context, *accepted),
        Inbound::CalendarCancel => calendar::cancel(context),
        Inbound::Challenge => noise::challenge(context),
        Inbound::ListDigest => noise::digest(context),
        Inbound::Oversized => noise::oversized(context),
        Inbound::MimeBomb => noise::bomb(context),
        Inbound::JunkedReply => {
            return Made::Junk(reply::reply(
                context,
                super::Mood::Interested,
                super::ReplyForm::TopPost,
            ));
        }
        Inbound::OneClick | Inbound::Complaint => return Made::Nothing,
    })
}
