//! Colors as far as mails write them inline.

use super::css::Word;

/// A color, or one that is stated in a way that is not understood here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Color {
    /// Red, green and blue up to 255, and how much of it covers what lies below: 0 to 1.
    Known { rgb: [f32; 3], alpha: f32 },
    /// It may be any.
    Unknown,
}

/// How far two channels may lie apart and still look the same.
const ALIKE: f32 = 16.0;

/// What is fainter is not seen.
pub(super) const FAINT: f32 = 0.1;

impl Color {
    /// What mails are read on where nothing else is stated.
    pub(super) const WHITE: Self = Self::Known {
        rgb: [255.0; 3],
        alpha: 1.0,
    };

    const CLEAR: Self = Self::Known {
        rgb: [0.0; 3],
        alpha: 0.0,
    };

    fn opaque((red, green, blue): (u8, u8, u8)) -> Self {
        Self::Known {
            rgb: [red, green, blue].map(f32::from),
            alpha: 1.0,
        }
    }

    /// `rgb`, `rrggbb` and both with alpha, behind the `#`.
    pub(super) fn hex(digits: &str) -> Option<Self> {
        let (red, green, blue, alpha) =
            cssparser::color::parse_hash_color(digits.as_bytes()).ok()?;
        Some(Self::Known {
            rgb: [red, green, blue].map(f32::from),
            alpha,
        })
    }

    /// A name in lower case; browsers read `fff` without its `#` as well.
    fn named(name: &str) -> Option<Self> {
        if name == "transparent" {
            return Some(Self::CLEAR);
        }
        let known = cssparser::color::parse_named_color(name).ok();
        known.map(Self::opaque).or_else(|| Self::hex(name))
    }

    /// What `bgcolor` and the like say.
    pub(super) fn attribute(value: &str) -> Self {
        let value = value.trim().to_ascii_lowercase();
        let hex = value.strip_prefix('#').and_then(Self::hex);
        hex.or_else(|| Self::named(&value)).unwrap_or(Self::Unknown)
    }

    /// The color that a word is, if it is one.
    pub(super) fn of(word: &Word) -> Option<Self> {
        match word {
            Word::Color(color) => Some(*color),
            Word::Name(name) => Self::named(name),
            Word::Function(name, words) => match &**name {
                "url" | "image" | "image-set" | "element" | "cross-fade" => None,
                name if name.ends_with("-gradient") => None,
                "rgb" | "rgba" => Some(Self::function(words, Self::channels)),
                "hsl" | "hsla" => Some(Self::function(words, |[h, s, l]| hsl(h, s, l))),
                "hwb" => Some(Self::function(words, |[h, w, b]| hwb(h, w, b))),
                _ => Some(Self::Unknown),
            },
            _ => None,
        }
    }

    fn function(words: &[Word], read: impl Fn([(f32, &str); 3]) -> [f32; 3]) -> Self {
        let numbers: Vec<(f32, &str)> = words
            .iter()
            .filter_map(|word| match word {
                Word::Number(value, unit) => Some((*value, &**unit)),
                _ => None,
            })
            .collect();
        let [one, two, three, rest @ ..] = &*numbers else {
            return Self::Unknown;
        };
        let alpha = rest.first().map_or(1.0, |alpha| share(*alpha));
        Self::Known {
            rgb: read([*one, *two, *three]).map(|channel| channel.clamp(0.0, 255.0)),
            alpha,
        }
    }

    fn channels(numbers: [(f32, &str); 3]) -> [f32; 3] {
        numbers.map(|(value, unit)| if unit == "%" { value * 2.55 } else { value })
    }

    /// Whether nothing of it is seen.
    pub(super) fn is_clear(self) -> bool {
        matches!(self, Self::Known { alpha, .. } if alpha < FAINT)
    }

    /// What is seen where it lies over another one.
    pub(super) fn over(self, ground: Self) -> Self {
        match (self, ground) {
            (Self::Known { rgb, alpha }, Self::Known { rgb: below, .. }) => {
                let mix = |at: usize| rgb[at] * alpha + below[at] * (1.0 - alpha);
                Self::Known {
                    rgb: [mix(0), mix(1), mix(2)],
                    alpha: 1.0,
                }
            }
            (Self::Known { alpha, .. }, Self::Unknown) if alpha > 1.0 - FAINT => self,
            _ => Self::Unknown,
        }
    }

    /// Whether letters of this color cannot be read on the other.
    pub(super) fn is_lost_on(self, ground: Self) -> bool {
        match (self.over(ground), ground) {
            (Self::Known { rgb, .. }, Self::Known { rgb: below, .. }) => {
                let mut pairs = rgb.into_iter().zip(below);
                pairs.all(|(one, other)| (one - other).abs() <= ALIKE)
            }
            _ => false,
        }
    }
}

/// A number or a percentage as a share of one.
pub(super) fn share((value, unit): (f32, &str)) -> f32 {
    let value = if unit == "%" { value / 100.0 } else { value };
    value.clamp(0.0, 1.0)
}

fn degrees((value, unit): (f32, &str)) -> f32 {
    match unit {
        "turn" => value * 360.0,
        "rad" => value.to_degrees(),
        "grad" => value * 0.9,
        _ => value,
    }
}

/// CSS Color 4, section 7.1. Saturation and lightness are percentages, with the sign or without.
fn hsl(hue: (f32, &str), saturation: (f32, &str), lightness: (f32, &str)) -> [f32; 3] {
    let of_hundred = |(value, _): (f32, &str)| (value / 100.0).clamp(0.0, 1.0);
    let (saturation, lightness) = (of_hundred(saturation), of_hundred(lightness));
    let strength = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|at| {
        let k = (at + degrees(hue) / 30.0).rem_euclid(12.0);
        255.0 * (lightness - strength * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0))
    })
}

/// CSS Color 4, section 8.1.
fn hwb(hue: (f32, &str), white: (f32, &str), black: (f32, &str)) -> [f32; 3] {
    let (white, black) = (white.0 / 100.0, black.0 / 100.0);
    if white + black >= 1.0 {
        return [255.0 * white / (white + black); 3];
    }
    let pure = hsl(hue, (100.0, "%"), (50.0, "%"));
    pure.map(|channel| channel * (1.0 - white - black) + 255.0 * white)
}
