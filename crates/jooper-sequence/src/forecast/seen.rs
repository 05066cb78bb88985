//! A forecast that was shown and not kept: enough of it to start what was seen.

use jooper_core::{CampaignId, LeadId};
use serde::{Deserialize, Serialize};

use super::{Approved, Forecast, Plan};
use crate::campaigns::Campaigns;
use crate::error::EngineError;

/// What a forecast was made of, in figures without personal data: for whoever shows a forecast and
/// keeps none. [`Campaigns::approve`] makes the plan of it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The seed of every draw.
    pub seed: u64,
    /// The versions of its settings and its sequence.
    pub plan: Plan,
    /// A figure of whom it adds: other people, or another order of them, have another.
    pub audience: u64,
}

/// FNV-1a, 64 bits: <https://www.rfc-editor.org/rfc/rfc9923>.
pub(super) fn figure(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// That of ids.
fn figure_of(leads: &[LeadId]) -> u64 {
    figure(leads.iter().flat_map(|lead| lead.uuid().into_bytes()))
}

impl Forecast {
    /// What it was made of.
    pub fn seen(&self) -> Seen {
        Seen {
            seed: self.seed,
            plan: self.plan,
            audience: figure_of(&self.leads),
        }
    }
}

impl Campaigns {
    /// Takes a forecast of a draft's whole audience as the plan, by what was seen of it: the same
    /// people under the same seed, by the same settings and sequence.
    ///
    /// # Errors
    /// [`EngineError::State`] when people came or went since; [`EngineError::NotFound`]. Launching
    /// refuses where somebody changed the settings or the sequence.
    pub async fn approve(&self, id: CampaignId, seen: Seen) -> Result<Approved, EngineError> {
        let Seen {
            seed,
            plan,
            audience,
        } = seen;
        let leads = self.audience(id).await?;
        if figure_of(&leads) != audience {
            return Err(EngineError::State(
                "people came or went since this forecast was made; simulate it again and approve that",
            ));
        }
        let campaign = id;
        Ok(Approved {
            campaign,
            seed,
            leads,
            plan,
        })
    }
}
