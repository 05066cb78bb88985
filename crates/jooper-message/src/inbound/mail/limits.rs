//! How much of a hostile mail is read.

/// Bounds on what one mail may cost; the defaults fit any mail Gmail accepts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes read from the mail; the rest is ignored.
    pub max_bytes: usize,
    /// Headers read in one header block.
    pub max_headers: usize,
    /// Bytes read of one header value.
    pub max_header_value: usize,
    /// Depth of nested multiparts; deeper ones are left as one opaque part.
    pub max_depth: usize,
    /// Parts in the whole mail; the rest is ignored.
    pub max_parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 50 * 1024 * 1024,
            max_headers: 1_000,
            max_header_value: 32 * 1024,
            max_depth: 16,
            max_parts: 256,
        }
    }
}
