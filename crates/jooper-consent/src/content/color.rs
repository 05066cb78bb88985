//! Colors as far as mails write them inline.

/// Red, green and blue, and whether it can be seen through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Color {
    rgb: [u8; 3],
    clear: bool,
}

/// Names of colors (CSS Color 4, section 6.1) that letters and backgrounds are hidden with; another
/// name is no reason for anything.
const NAMES: &[(&str, [u8; 3])] = &[
    ("white", [255, 255, 255]),
    ("snow", [255, 250, 250]),
    ("ivory", [255, 255, 240]),
    ("whitesmoke", [245, 245, 245]),
    ("ghostwhite", [248, 248, 255]),
    ("floralwhite", [255, 250, 240]),
    ("black", [0, 0, 0]),
    ("gray", [128, 128, 128]),
    ("grey", [128, 128, 128]),
    ("silver", [192, 192, 192]),
    ("red", [255, 0, 0]),
    ("green", [0, 128, 0]),
    ("blue", [0, 0, 255]),
    ("navy", [0, 0, 128]),
    ("yellow", [255, 255, 0]),
];

/// How far two channels may lie apart and still look the same.
const ALIKE: u8 = 8;

impl Color {
    /// Reads a color in lower case: a name, `#rgb`, `#rrggbb` (with alpha), `rgb()` or `rgba()`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "transparent" {
            return Some(Self {
                rgb: [0; 3],
                clear: true,
            });
        }
        if let Some(hex) = text.strip_prefix('#') {
            return Self::hex(hex);
        }
        if let Some(list) = text
            .strip_prefix("rgba(")
            .or_else(|| text.strip_prefix("rgb("))
        {
            return Self::list(list.strip_suffix(')')?);
        }
        let named = NAMES.iter().find(|(name, _)| *name == text);
        named.map(|(_, rgb)| Self {
            rgb: *rgb,
            clear: false,
        })
    }

    fn hex(hex: &str) -> Option<Self> {
        let digits: Vec<u8> = hex
            .chars()
            .map(|digit| digit.to_digit(16).map(|digit| digit as u8))
            .collect::<Option<_>>()?;
        let channels: Vec<u8> = match digits.len() {
            3 | 4 => digits.iter().map(|digit| digit * 17).collect(),
            6 | 8 => digits.chunks(2).map(|two| two[0] * 16 + two[1]).collect(),
            _ => return None,
        };
        Some(Self {
            rgb: [channels[0], channels[1], channels[2]],
            clear: channels.get(3).is_some_and(|alpha| *alpha < 26),
        })
    }

    fn list(list: &str) -> Option<Self> {
        let parts = list.split([',', ' ', '/']);
        let mut parts = parts.map(str::trim).filter(|part| !part.is_empty());
        let mut rgb = [0; 3];
        for channel in &mut rgb {
            let part = parts.next()?;
            let value: f32 = match part.strip_suffix('%') {
                Some(percent) => percent.parse::<f32>().ok()? * 2.55,
                None => part.parse().ok()?,
            };
            *channel = value.clamp(0.0, 255.0) as u8;
        }
        let alpha = parts
            .next()
            .and_then(|alpha| match alpha.strip_suffix('%') {
                Some(percent) => percent.parse::<f32>().ok().map(|alpha| alpha / 100.0),
                None => alpha.parse().ok(),
            });
        Some(Self {
            rgb,
            clear: alpha.is_some_and(|alpha| alpha < 0.1),
        })
    }

    /// Whether nothing of it is seen.
    pub(super) const fn is_clear(self) -> bool {
        self.clear
    }

    /// Whether letters of the one cannot be read on the other.
    pub(super) fn looks_like(self, other: Self) -> bool {
        let mut pairs = self.rgb.into_iter().zip(other.rgb);
        !other.clear && pairs.all(|(one, other)| one.abs_diff(other) <= ALIKE)
    }
}
