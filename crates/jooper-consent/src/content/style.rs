//! What an inline style says about whether text is seen.

use super::color::{Color, FAINT, share};
use super::css::{self, Declaration, Word};
use super::finding::Hiding;

/// What holds for the text of an element. It is passed on to the elements inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// What hides it and everything inside, whatever stands there.
    hidden: Option<Hiding>,
    /// Whether Outlook alone does not show it.
    outlook: bool,
    unseen: bool,
    opacity: f32,
    /// How tall letters and lines are, in pixels.
    letters: f32,
    line: Line,
    color: Color,
    /// What it stands on, where that is stated.
    ground: Option<Color>,
}

/// How tall a line is: so many pixels, or so many times its letters.
#[derive(Debug, Clone, Copy)]
enum Line {
    Pixels(f32),
    Letters(f32),
}

/// Letters of a pixel or a point, or of a tenth of what is usual, are not read.
const TINY: f32 = 1.6;
/// How tall letters are where nothing is stated.
const USUAL: f32 = 16.0;
const USUAL_LINE: f32 = 1.2;
/// So far away nothing is looked for, in pixels: before what is read, and behind it.
const BEFORE: f32 = -500.0;
const BEHIND: f32 = 2000.0;

impl Default for Look {
    fn default() -> Self {
        Self {
            hidden: None,
            outlook: false,
            unseen: false,
            opacity: 1.0,
            letters: USUAL,
            line: Line::Letters(USUAL_LINE),
            // The reader's own, which can be read.
            color: Color::Unknown,
            ground: None,
        }
    }
}

impl Look {
    /// What keeps text with this look from being seen, on this ground where none is stated.
    pub(super) fn hides(&self, unstated: Color) -> Option<Hiding> {
        let ground = self.ground.unwrap_or(unstated);
        let line = match self.line {
            Line::Pixels(pixels) => pixels,
            Line::Letters(times) => times * self.letters,
        };
        let each = [
            (self.opacity < FAINT, Hiding::Opacity),
            (self.unseen, Hiding::Visibility),
            (self.letters <= TINY, Hiding::FontSize),
            (line <= 1.0, Hiding::LineHeight),
            (
                self.color.is_clear() || self.color.is_lost_on(ground),
                Hiding::Color,
            ),
        ];
        let each = each.into_iter().find(|(is, _)| *is);
        let outlook = self.outlook.then_some(Hiding::Outlook);
        self.hidden.or(each.map(|(_, how)| how)).or(outlook)
    }

    /// Takes the attribute `hidden`.
    pub(super) fn hide_by_attribute(&mut self) {
        self.hide(Hiding::Attribute);
    }

    /// Takes the attribute `color`, of a `font`.
    pub(super) fn color(&mut self, value: &str) {
        self.color = Color::attribute(value);
    }

    /// Takes the attribute `bgcolor`.
    pub(super) fn ground(&mut self, value: &str) {
        self.lay(Color::attribute(value));
    }

    /// Takes the attribute `background`: a picture, which may show anything.
    pub(super) const fn picture(&mut self) {
        self.ground = Some(Color::Unknown);
    }

    /// A link has a color of its own unless it states another.
    pub(super) const fn link(&mut self) {
        self.color = Color::Unknown;
    }

    /// Takes a line as high as the letters usually need.
    pub(super) const fn own_line(&mut self) {
        self.line = Line::Letters(USUAL_LINE);
    }

    fn hide(&mut self, how: Hiding) {
        self.hidden = self.hidden.or(Some(how));
    }

    fn lay(&mut self, color: Color) {
        if !color.is_clear() {
            self.ground = Some(color.over(self.ground.unwrap_or(Color::WHITE)));
        }
    }

    /// Takes an inline style of an element, which may be a cell of a table.
    pub(super) fn style(&mut self, style: &str, cell: bool) {
        let stated = css::declarations(style);
        let around = self.letters;
        for one in &stated {
            self.inherited(one, around);
        }
        // The last of two that say something about the same thing holds, if it says anything.
        let value = |name: &str| {
            let same = stated.iter().rev().filter(|one| one.name == name);
            same.map(|one| &*one.value).find(|value| is_known(value))
        };
        let name = |name: &str| match value(name) {
            Some([Word::Name(name), ..]) => Some(&**name),
            _ => None,
        };
        if name("display") == Some("none") || name("content-visibility") == Some("hidden") {
            self.hide(Hiding::Display);
        }
        if name("mso-hide") == Some("all") {
            self.outlook = true;
        }
        match name("visibility") {
            Some("hidden" | "collapse") => self.unseen = true,
            Some("visible") => self.unseen = false,
            _ => {}
        }
        let filter = function(value("filter"), "opacity");
        for opacity in [value("opacity"), filter].into_iter().flatten() {
            if let Some(Word::Number(number, unit)) = opacity.first() {
                self.opacity *= share((*number, unit));
            }
        }
        self.background(&stated);
        let cell = cell || name("display") == Some("table-cell");
        if has_no_room(&value, &name, self.letters, cell) {
            self.hide(Hiding::Size);
        }
        if is_off_screen(&value, self.letters) {
            self.hide(Hiding::OffScreen);
        }
    }

    /// What is passed on and holds until something inside says otherwise. A share is one of the
    /// letters around.
    fn inherited(&mut self, one: &Declaration, around: f32) {
        let first = one.value.first();
        match &*one.name {
            "font-size" => {
                let size = first.and_then(|word| pixels(word, around).or_else(|| named_size(word)));
                self.letters = size.unwrap_or(self.letters);
            }
            "line-height" => self.line(first),
            // The size is the last number before the slash: what stands before it is the weight.
            "font" => {
                let mut parts = one.value.split(|word| *word == Word::Slash);
                let before = parts.next().unwrap_or_default();
                let number = before.iter().rev().find_map(|word| pixels(word, around));
                if let Some(size) = number.or_else(|| before.iter().find_map(named_size)) {
                    self.letters = size;
                    self.line = Line::Letters(USUAL_LINE);
                    self.line(parts.next().and_then(<[Word]>::first));
                }
            }
            "color" | "-webkit-text-fill-color" => match first {
                Some(Word::Name(name)) if is_passed_on(name) => {}
                Some(Word::Name(name)) if name == "initial" => self.color = Color::Unknown,
                Some(word) => self.color = Color::of(word).unwrap_or(self.color),
                None => {}
            },
            _ => {}
        }
    }

    fn line(&mut self, stated: Option<&Word>) {
        self.line = match stated {
            Some(Word::Number(times, unit)) if unit.is_empty() => Line::Letters(*times),
            Some(Word::Name(name)) if name == "normal" => Line::Letters(USUAL_LINE),
            Some(word) => pixels(word, self.letters).map_or(self.line, Line::Pixels),
            None => self.line,
        };
    }

    /// A color counts also where a picture lies over it: many readers show none.
    fn background(&mut self, stated: &[Declaration]) {
        let mut color = None;
        let mut covered = false;
        for one in stated {
            match &*one.name {
                "background-color" => {
                    color = match one.value.first() {
                        // What stands there without its `#` may be a color to some.
                        Some(Word::Number(..)) => Some(Color::Unknown),
                        word => word.and_then(Color::of).or(color),
                    };
                }
                "background" => {
                    color = one.value.iter().rev().find_map(Color::of);
                    covered = one.value.iter().any(is_picture);
                }
                "background-image" => covered = one.value.iter().any(is_picture),
                _ => {}
            }
        }
        match color {
            Some(color) if !color.is_clear() => self.lay(color),
            _ if covered => self.ground = Some(Color::Unknown),
            _ => {}
        }
    }
}

/// Words with which the values begin that are asked for here. A browser passes over a value that it
/// does not know, and an earlier one holds.
const KNOWN: &[&str] = &[
    "-webkit",
    "all",
    "auto",
    "block",
    "clip",
    "collapse",
    "contents",
    "fit-content",
    "flex",
    "flow",
    "grid",
    "hidden",
    "inherit",
    "initial",
    "inline",
    "list-item",
    "max-content",
    "min-content",
    "none",
    "normal",
    "revert",
    "scroll",
    "table",
    "unset",
    "visible",
];

fn is_known(value: &[Word]) -> bool {
    match value.first() {
        Some(Word::Name(name)) => KNOWN.iter().any(|known| name.starts_with(known)),
        Some(Word::Number(..) | Word::Function(..)) => true,
        _ => false,
    }
}

fn is_passed_on(name: &str) -> bool {
    matches!(
        name,
        "inherit" | "unset" | "revert" | "revert-layer" | "currentcolor"
    )
}

/// Sizes that have a name are all read.
fn named_size(word: &Word) -> Option<f32> {
    let Word::Name(name) = word else { return None };
    let named =
        name == "medium" || name == "initial" || name.ends_with("small") || name.ends_with("large");
    named.then_some(USUAL)
}

fn is_picture(word: &Word) -> bool {
    matches!(word, Word::Function(name, _)
        if matches!(&**name, "url" | "image" | "image-set") || name.ends_with("-gradient"))
}

/// What stands in a function of a value.
fn function<'w>(value: Option<&'w [Word]>, wanted: &str) -> Option<&'w [Word]> {
    value?.iter().find_map(|word| match word {
        Word::Function(name, words) if name == wanted => Some(&**words),
        _ => None,
    })
}

/// How many pixels a length is, about; a share is one of letters so tall.
fn pixels(word: &Word, letters: f32) -> Option<f32> {
    match word {
        Word::Number(value, unit) => {
            let one = match &**unit {
                "" | "px" => 1.0,
                "pt" => 1.33,
                "em" => letters,
                "ex" | "ch" => letters / 2.0,
                "rem" => USUAL,
                "%" => letters / 100.0,
                "vw" | "vh" | "vmin" | "vmax" => 10.0,
                "pc" => 16.0,
                "in" => 96.0,
                "cm" => 37.8,
                "mm" => 3.78,
                _ => return None,
            };
            Some(value * one)
        }
        // What is made of several lengths is as much as the largest of them.
        Word::Function(name, words) if matches!(&**name, "calc" | "min" | "max" | "clamp") => {
            let all = words.iter().filter_map(|word| pixels(word, letters));
            all.reduce(f32::max)
        }
        _ => None,
    }
}

/// Whether a box has no room in one direction, and what does not fit is cut off.
fn has_no_room<'a>(
    value: &impl Fn(&str) -> Option<&'a [Word]>,
    name: &impl Fn(&str) -> Option<&'a str>,
    letters: f32,
    cell: bool,
) -> bool {
    let nothing = |word: &Word| match word {
        // A share of a box is room, unless it is none of it.
        Word::Number(share, unit) if matches!(&**unit, "%" | "vw" | "vh") => *share <= 0.0,
        word => pixels(word, letters).is_some_and(|it| it <= 1.0),
    };
    let zoom = value("zoom").and_then(<[Word]>::first);
    if zoom.is_some_and(|zoom| matches!(zoom, Word::Number(it, _) if *it <= 0.0)) {
        return true;
    }
    let mut cut = ["overflow", "overflow-x", "overflow-y"]
        .into_iter()
        .filter_map(name);
    let width = value("width").and_then(<[Word]>::first);
    // A cell gets its share of the table whatever its greatest width says: so long text is cut in mails.
    let share =
        |word: &Word| matches!(word, Word::Number(share, unit) if unit == "%" && *share > 0.0);
    let shared = cell && width.is_some_and(share);
    let sizes = ["width", "height", "max-height", "max-width"];
    let sizes = if shared { &sizes[..3] } else { &sizes[..] };
    cut.any(|name| matches!(name, "hidden" | "clip" | "auto" | "scroll"))
        && sizes
            .iter()
            .filter_map(|size| value(size))
            .filter_map(<[Word]>::first)
            .any(nothing)
}

/// Properties that move a box or its text.
const MOVES: &[&str] = &[
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

/// Whether a box is moved to where nobody looks, or cut down to nothing.
fn is_off_screen<'a>(value: &impl Fn(&str) -> Option<&'a [Word]>, letters: f32) -> bool {
    let far = |word: &Word| {
        let at = pixels(word, letters);
        at.is_some_and(|at| at <= BEFORE || at >= BEHIND)
    };
    let moved = MOVES.iter().filter_map(|name| value(name));
    let moved = moved.flatten().any(far);
    let nothing = |words: &[Word]| {
        let mut numbers = words
            .iter()
            .filter_map(|word| pixels(word, letters))
            .peekable();
        numbers.peek().is_some() && numbers.all(|it| it <= 1.0)
    };
    let cut = function(value("clip"), "rect").is_some_and(nothing);
    let shape = |name: &str| function(value("clip-path"), name);
    let inset = shape("inset").and_then(<[Word]>::first).is_some_and(
        |word| matches!(word, Word::Number(share, unit) if unit == "%" && *share >= 50.0),
    );
    let none = ["circle", "ellipse", "polygon"].into_iter();
    let none = none.filter_map(shape).any(nothing);
    let transform = value("transform").unwrap_or_default().iter();
    let transformed = transform.clone().any(|word| match word {
        Word::Function(name, words) if name.starts_with("translate") => words.iter().any(far),
        Word::Function(name, words) if name.starts_with("scale") => words
            .iter()
            .any(|word| matches!(word, Word::Number(it, _) if it.abs() < 0.05)),
        _ => false,
    });
    moved || cut || inset || none || transformed
}
