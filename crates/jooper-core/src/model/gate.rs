//! Words of the gate: purposes, bases, scopes and stops.

use super::codes;

codes! {
    /// Why data is processed, or a mail sent.
    pub enum Purpose {
        /// Campaign steps to prospects.
        Outreach = 1,
        /// A person's reply in a running conversation.
        Conversation = 2,
        /// A test to oneself.
        Test = 3,
        /// Answers to a rights request and other service mail.
        Service = 4,
        /// Counting and insight.
        Analytics = 5,
        /// Accounts and sign-in.
        Account = 6,
    }
}

codes! {
    /// The lawful basis for writing to a person.
    pub enum BasisKind {
        /// Explicit, recorded consent.
        Consent = 1,
        /// Consent confirmed from the address itself (double opt-in).
        ConfirmedOptIn = 2,
        /// The person asked for information.
        Requested = 3,
        /// The person answered before.
        PriorReply = 4,
        /// An existing customer, for similar goods, where the country allows it.
        ExistingCustomer = 5,
        /// A documented legitimate interest (GDPR Art. 6(1)(f)).
        LegitimateInterest = 6,
        /// The address was published for this very purpose.
        PublishedForPurpose = 7,
        /// Implied consent with an expiry (CASL, business relationship).
        ImpliedRelationship = 8,
        /// Implied consent through conspicuous publication (CASL).
        ImpliedPublication = 9,
    }
}

codes! {
    /// How wide a stop reaches.
    pub enum ScopeKind {
        /// One person, under every form of their address.
        Person = 1,
        /// Everybody at a company.
        Company = 2,
        /// One lead in one campaign.
        Enrollment = 3,
        /// A campaign.
        Campaign = 4,
        /// A sender account.
        Mailbox = 5,
        /// The whole workspace.
        Workspace = 6,
        /// Every workspace of the installation.
        Platform = 7,
        /// A whole domain.
        Domain = 8,
    }
}

codes! {
    /// Why sending stops.
    pub enum StopReason {
        /// The person asked for no more mail.
        Unsubscribed = 1,
        /// The person objected (GDPR Art. 21(2)).
        Objected = 2,
        /// The address does not exist.
        Bounced = 3,
        /// A complaint.
        Complained = 4,
        /// The person answered.
        Replied = 5,
        /// A person of the workspace paused it.
        Paused = 6,
        /// The account was disconnected.
        Disconnected = 7,
        /// The person was erased.
        Erased = 8,
        /// A person of the workspace put it on the list by hand or import.
        Listed = 9,
        /// A circuit breaker tripped.
        Breaker = 10,
        /// Restricted (GDPR Art. 18).
        Restricted = 11,
        /// Words of a reply look like an objection; provisional until a person looks.
        StopWords = 12,
        /// The domain of a mailbox does not prove that its mail is real (SPF, DKIM, DMARC).
        Unauthenticated = 13,
        /// Everybody at a domain. Stands beside the reason of such an entry of the list, and no act of
        /// one person takes it away.
        WholeDomain = 14,
        /// A person of the workspace ended it for good. Nothing takes that away.
        Ended = 15,
    }
}

impl StopReason {
    /// A person's own will weighs most, then what happened, then what somebody arranged. A reply
    /// weighs least: the sender may answer it.
    const fn weight(self) -> u8 {
        match self {
            Self::Objected => 14,
            Self::Complained => 13,
            Self::Erased => 12,
            Self::Unsubscribed => 11,
            Self::Restricted => 10,
            Self::Bounced => 9,
            Self::Listed => 8,
            Self::StopWords => 7,
            Self::Ended => 6,
            Self::Disconnected => 5,
            Self::Breaker => 4,
            Self::Unauthenticated => 3,
            Self::Paused => 2,
            Self::Replied => 1,
            Self::WholeDomain => 0,
        }
    }

    /// Whether it says something of the address itself, which no later word of the person undoes: only
    /// the address proves the contrary.
    pub const fn is_of_the_address(self) -> bool {
        matches!(self, Self::Bounced | Self::Complained)
    }

    /// Whether it stays beside a weightier reason of the same entry. Whoever wrote that they want no mail is
    /// not asked whether they want some, though the entry has since been called otherwise.
    pub const fn stands_of_its_own(self) -> bool {
        self.is_of_the_address() || matches!(self, Self::WholeDomain | Self::StopWords)
    }

    /// Whether this reason replaces one that stands.
    pub const fn outranks(self, standing: Self) -> bool {
        self.weight() > standing.weight()
    }
}

codes! {
    /// Who caused a stop; only the person's own act can ever be lifted by the person.
    pub enum StopSource {
        /// The person: a link, a reply, a request.
        Person = 1,
        /// A provider: a bounce or a complaint.
        Provider = 2,
        /// A user of the workspace.
        User = 3,
        /// An import of a list.
        Import = 4,
        /// The platform itself.
        System = 5,
    }
}
