//! What an inline style says about whether text is seen.

use std::collections::BTreeMap;

use super::color::Color;
use super::finding::Hiding;

/// What holds for the text of an element. It is passed on to the elements inside.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    /// What hides it and everything inside, whatever stands there.
    pub(super) hidden: Option<Hiding>,
    unseen: bool,
    small: bool,
    letters: Option<Color>,
    ground: Option<Color>,
}

/// So far away nothing is looked for, in pixels.
const FAR: f32 = -500.0;

impl Look {
    /// What keeps text with this look from being seen.
    pub(super) fn hides(&self) -> Option<Hiding> {
        let color = self.letters.is_some_and(|letters| {
            letters.is_clear() || self.ground.is_some_and(|ground| letters.looks_like(ground))
        });
        let each = [
            (self.unseen, Hiding::Visibility),
            (self.small, Hiding::FontSize),
            (color, Hiding::Color),
        ];
        let each = each.into_iter().find(|(is, _)| *is);
        self.hidden.or(each.map(|(_, how)| how))
    }

    /// Takes what an element's attributes of old say: `bgcolor`, and `color` of a `font`.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        match name {
            "hidden" => self.hide(Hiding::Attribute),
            "bgcolor" => self.ground = Color::read(&value.to_ascii_lowercase()).or(self.ground),
            "color" => self.letters = Color::read(&value.to_ascii_lowercase()).or(self.letters),
            _ => {}
        }
    }

    /// A link has a color of its own unless it states another.
    pub(super) const fn link(&mut self) {
        self.letters = None;
    }

    fn hide(&mut self, how: Hiding) {
        self.hidden = self.hidden.or(Some(how));
    }

    /// Takes an inline style.
    pub(super) fn style(&mut self, style: &str) {
        let style = without_comments(&style.to_ascii_lowercase());
        // The last of two that say something about the same thing holds.
        let stated: BTreeMap<&str, &str> = style
            .split(';')
            .filter_map(|one| one.split_once(':'))
            .map(|(name, value)| (name.trim(), value.trim()))
            .map(|(name, value)| (name, value.split('!').next().unwrap_or(value).trim()))
            .collect();
        let says = |name: &str| stated.get(name).copied();
        if says("display") == Some("none") {
            self.hide(Hiding::Display);
        }
        if says("mso-hide") == Some("all") {
            self.hide(Hiding::Outlook);
        }
        match says("visibility") {
            Some("hidden" | "collapse") => self.unseen = true,
            Some("visible") => self.unseen = false,
            _ => {}
        }
        if says("opacity").and_then(share).is_some_and(|it| it < 0.1) {
            self.hide(Hiding::Opacity);
        }
        let shorthand = says("font").and_then(|font| {
            let sizes = font.split_whitespace().map(|word| word.split('/').next());
            sizes
                .flatten()
                .find(|word| word.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
        });
        if let Some(size) = says("font-size").or(shorthand).and_then(Length::read) {
            self.small = size.is_nothing();
        }
        if let Some(letters) = says("color").and_then(Color::read) {
            self.letters = Some(letters);
        }
        let ground = says("background-color").or_else(|| says("background"));
        let ground = ground.and_then(|value| {
            let words = value.split_whitespace();
            Color::read(value).or_else(|| words.into_iter().find_map(Color::read))
        });
        if let Some(ground) = ground.filter(|ground| !ground.is_clear()) {
            self.ground = Some(ground);
        }
        if has_no_room(&says) {
            self.hide(Hiding::Size);
        }
        if is_off_screen(&says) {
            self.hide(Hiding::OffScreen);
        }
    }
}

/// Whether a box is a pixel or less in one direction, and what does not fit is cut off.
fn has_no_room<'a>(says: &impl Fn(&str) -> Option<&'a str>) -> bool {
    let cut = ["overflow", "overflow-x", "overflow-y"];
    let cut = cut
        .into_iter()
        .filter_map(says)
        .any(|value| value.contains("hidden") || value.contains("clip"));
    let sizes = ["width", "height", "max-width", "max-height"];
    cut && sizes
        .into_iter()
        .filter_map(says)
        .filter_map(Length::read)
        .any(Length::is_no_room)
}

/// Whether a box is moved to where nobody looks, or cut down to nothing.
fn is_off_screen<'a>(says: &impl Fn(&str) -> Option<&'a str>) -> bool {
    let moved = [
        "left",
        "right",
        "top",
        "bottom",
        "text-indent",
        "margin",
        "margin-left",
        "margin-right",
        "margin-top",
        "margin-bottom",
    ];
    let far = moved
        .into_iter()
        .filter_map(says)
        .flat_map(str::split_whitespace)
        .filter_map(Length::read)
        .any(|length| length.pixels() <= FAR);
    let cut = says("clip")
        .and_then(|clip| clip.strip_prefix("rect(")?.strip_suffix(')'))
        .is_some_and(|sides| {
            let sides = sides.split([',', ' ']).filter(|side| !side.is_empty());
            let sides: Vec<_> = sides.map(Length::read).collect();
            let nothing = |side: &Option<Length>| side.is_some_and(Length::is_nothing);
            !sides.is_empty() && sides.iter().all(nothing)
        });
    let inset = says("clip-path")
        .is_some_and(|path| path.starts_with("inset(50%") || path.starts_with("inset(100%"));
    far || cut || inset
}

fn share(text: &str) -> Option<f32> {
    match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f32>().ok().map(|it| it / 100.0),
        None => text.parse().ok(),
    }
}

fn without_comments(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, behind)) = rest.split_once("/*") {
        out.push_str(before);
        rest = behind.split_once("*/").map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

/// A length with its unit.
#[derive(Debug, Clone, Copy)]
struct Length {
    number: f32,
    /// Whether it is a share of another one (`em`, `%`, of the window), and no pixels or points.
    of_another: bool,
    /// How many pixels one is, about.
    unit: f32,
}

impl Length {
    fn read(text: &str) -> Option<Self> {
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let number = number.parse().ok()?;
        let (unit, of_another) = match unit {
            "" | "px" => (1.0, false),
            "pt" => (1.33, false),
            "em" | "rem" | "ex" | "ch" => (16.0, true),
            "%" => (0.16, true),
            "vw" | "vh" => (10.0, true),
            "cm" | "in" | "mm" | "pc" => (16.0, true),
            _ => return None,
        };
        Some(Self {
            number,
            of_another,
            unit,
        })
    }

    fn pixels(self) -> f32 {
        self.number * self.unit
    }

    /// Whether letters of it are a pixel or point at most, or a tenth of those around.
    fn is_nothing(self) -> bool {
        if self.of_another {
            self.pixels() <= 1.6
        } else {
            self.number <= 1.0
        }
    }

    /// Whether nothing fits into it: a tenth of a window is room.
    fn is_no_room(self) -> bool {
        self.number <= 0.0 || !self.of_another && self.number <= 1.0
    }
}
