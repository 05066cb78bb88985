//! Connected accounts, and what arrives in them.

use super::codes;

codes! {
    /// What a connected account can do now.
    pub enum MailboxState {
        /// Sends and reads.
        Connected = 1,
        /// May send, but replies cannot be seen.
        SendOnly = 2,
        /// May read, but not send.
        ReadOnly = 3,
        /// The grant is dead; its owner must connect again.
        NeedsReauth = 4,
        /// A person paused it.
        Paused = 5,
        /// The provider takes no mail for now (sending limit, too fast). The log tells it so; the
        /// account itself keeps its state, and the end of the pause stands beside it.
        Parked = 6,
        /// Disconnected; its credentials are gone.
        Disconnected = 7,
        /// A second copy of this installation writes to it; stopped.
        Contested = 8,
    }
}

impl MailboxState {
    /// Whether mail may leave, a pause of the provider's apart.
    pub const fn sends(self) -> bool {
        matches!(self, Self::Connected | Self::SendOnly | Self::Parked)
    }
}

codes! {
    /// Why a provider takes no mail from an account for now.
    pub enum ParkReason {
        /// It refused a mail: the account's sending limit is reached.
        SendingLimit = 1,
        /// A mail that it had taken came back: the account's sending limit is reached.
        LimitNotice = 2,
        /// Too many calls in a short time: the provider's limit, or our own budget below it.
        RateLimited = 3,
    }
}

codes! {
    /// What a received mail is.
    pub enum InboundKind {
        /// A person wrote it.
        Reply = 1,
        /// An absence notice.
        OutOfOffice = 2,
        /// A machine's acknowledgement.
        Acknowledgement = 3,
        /// The person has left the organization.
        LeftCompany = 4,
        /// A challenge-response system wants proof.
        Challenge = 5,
        /// The address does not exist.
        HardBounce = 6,
        /// The mail came back, the address may be fine.
        SoftBounce = 7,
        /// Still being tried.
        Delayed = 8,
        /// A delivery confirmation.
        Delivered = 9,
        /// Our sending was refused, the address may be fine.
        PolicyBlock = 10,
        /// The account has sent too much.
        SendingLimit = 11,
        /// A complaint (RFC 5965).
        Complaint = 12,
        /// The person asks for no more mail.
        Unsubscribe = 13,
        /// An answer to an invitation (RFC 5546).
        Calendar = 14,
        /// A list or system mail that concerns nobody's campaign.
        Noise = 15,
        /// The owner wrote it by hand in their own mail program.
        OwnerWrote = 16,
    }
}

codes! {
    /// Where a value came from; decides which sinks it may reach (law L15).
    pub enum Origin {
        /// The customer brought it.
        Customer = 1,
        /// It was read through the Gmail API: Limited Use applies.
        Gmail = 2,
        /// Jooper made it.
        System = 3,
    }
}
