//! Which enrollment a lead gets: a function of who and where, not of when it was asked.

use jiff::Timestamp;
use jooper_core::{CampaignId, Draw, DrawPurpose, EnrollmentId, LeadId, to_millis};
use uuid::Uuid;

/// The id of a lead's enrollment in a campaign, the `again`th time (from 0).
///
/// Draws are keyed by it, so that a forecast made before the campaign is activated draws what the
/// campaign draws after; and enrolling the same lead twice is one enrollment. A UUIDv7 whose time
/// is the campaign's (RFC 9562 section 5.7): rows of one campaign lie side by side.
pub(crate) fn enrollment_id(
    campaign: CampaignId,
    created_at: Timestamp,
    lead: LeadId,
    again: u16,
) -> EnrollmentId {
    let (high, low) = campaign.uuid().as_u64_pair();
    let bits = |seed| Draw::new(seed).bits(lead.uuid(), again, DrawPurpose::Enrollment);
    let mut random = [0; 10];
    random[..8].copy_from_slice(&bits(low).to_be_bytes());
    random[8..].copy_from_slice(&bits(high).to_be_bytes()[..2]);
    let millis = u64::try_from(to_millis(created_at)).unwrap_or(0);
    let id: Uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    EnrollmentId::from_uuid(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_lead_in_the_same_campaign_is_the_same_enrollment() {
        let id = |campaign: u128, lead: u128, again| {
            enrollment_id(
                CampaignId::from_uuid(Uuid::from_u128(campaign)),
                Timestamp::UNIX_EPOCH,
                LeadId::from_uuid(Uuid::from_u128(lead)),
                again,
            )
        };
        assert_eq!(id(1, 2, 0), id(1, 2, 0));
        let others = [id(1, 2, 0), id(1, 2, 1), id(1, 3, 0), id(2, 2, 0)];
        let distinct: std::collections::BTreeSet<_> = others.into_iter().collect();
        assert_eq!(distinct.len(), 4);
        assert_eq!(id(1, 2, 0).uuid().get_version_num(), 7);
    }
}
