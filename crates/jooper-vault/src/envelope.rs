//! The bytes that stores keep: `version ‖ algorithm ‖ generation ‖ origin ‖ nonce ‖ ciphertext ‖ tag`.
//!
//! 33 bytes more than the content. The header is authenticated with the place, so that neither the
//! generation nor the origin label can be changed afterwards.

use jooper_core::{Code, Origin};

const VERSION: u8 = 1;
/// AES-256-GCM-SIV, RFC 8452.
const AES_256_GCM_SIV: u8 = 1;
/// Version, algorithm, generation, origin.
pub(crate) const HEADER_LEN: usize = 5;

/// What an envelope says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) generation: u16,
    pub(crate) origin: Origin,
}

impl Header {
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let origin = u8::try_from(self.origin.code()).unwrap_or(u8::MAX);
        out.extend_from_slice(&[VERSION, AES_256_GCM_SIV]);
        out.extend_from_slice(&self.generation.to_be_bytes());
        out.push(origin);
    }

    /// The header and the rest; `None` when the form is not known.
    pub(crate) fn read(envelope: &[u8]) -> Option<(Self, &[u8])> {
        let (header, rest) = envelope.split_first_chunk::<HEADER_LEN>()?;
        let [VERSION, AES_256_GCM_SIV, high, low, origin] = *header else {
            return None;
        };
        let origin = Origin::from_code(i64::from(origin)).ok()?;
        let generation = u16::from_be_bytes([high, low]);
        Some((Self { generation, origin }, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_origin_survives_the_header() {
        for origin in Origin::all() {
            let header = Header {
                generation: 0x0102,
                origin: *origin,
            };
            let mut out = Vec::new();
            header.write(&mut out);
            out.push(9);
            assert_eq!(Header::read(&out), Some((header, &[9][..])));
        }
    }

    #[test]
    fn another_version_algorithm_or_origin_is_not_read() {
        for bad in [
            &[2, 1, 0, 1, 1][..],
            &[1, 2, 0, 1, 1],
            &[1, 1, 0, 1, 99],
            &[1, 1],
        ] {
            assert_eq!(Header::read(bad), None);
        }
    }
}
