//! Which text has no size, from the first element on that gives its own none.
//!
//! Elements end where a browser ends them (HTML, section 13.2.6): a paragraph at the next block, a cell at the next
//! one. What is unclear is shown.

use super::render::{Layout, layout};

/// Deepest nesting within an element without a size that is followed; what is deeper is shown.
const DEEPEST: usize = 64;

/// The elements that are open, outermost first; none while everything has a size, as in nearly all mail.
#[derive(Debug, Default)]
pub(super) struct Sizes<'a> {
    open: Vec<(&'a str, bool)>,
}

impl<'a> Sizes<'a> {
    /// Whether some element without a size is open.
    pub(super) fn is_minded(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether text that stands here has no size.
    pub(super) fn hide(&self) -> bool {
        self.open.last().is_some_and(|(_, sized)| !sized)
    }

    /// Ends what the opening of an element ends.
    pub(super) fn end_before(&mut self, name: &str) {
        match Part::of(name) {
            Part::Cell => self.end_parts(|part| part == Part::Cell),
            Part::Row | Part::Body => self.end_parts(|part| part != Part::No),
            Part::No => {}
        }
        if is_item(name) {
            self.end_item(name);
        }
        if is_block(layout(name)) {
            let paragraph = |open: &str| open.eq_ignore_ascii_case("p");
            if let Some(Some(at)) = self.innermost(paragraph, is_scope) {
                self.open.truncate(at);
            }
        }
    }

    /// Opens an element; `size` says whether it gives its text one, if it says so at all.
    pub(super) fn open(&mut self, name: &'a str, size: Option<bool>) {
        let sized = size.unwrap_or(!self.hide());
        if self.open.len() < DEEPEST {
            self.open.push((name, sized));
        } else {
            self.open.clear();
        }
    }

    /// Closes an element and all that is open in it.
    pub(super) fn close(&mut self, name: &str) {
        let this = |open: &str| open.eq_ignore_ascii_case(name);
        let found = if Part::of(name) != Part::No {
            self.innermost(this, is_table)
        } else if is_table(name) {
            self.innermost(this, |_| false)
        } else {
            self.innermost(this, is_scope)
        };
        match found {
            Some(Some(at)) => self.open.truncate(at),
            // It was opened further out.
            Some(None) if is_closed_by_force(name) => self.open.clear(),
            _ => {}
        }
    }

    /// Ends cells, rows or bodies of the innermost table.
    fn end_parts(&mut self, ends: impl Fn(Part) -> bool) {
        match self.innermost(|open| ends(Part::of(open)), is_table) {
            Some(Some(_)) => {
                let table = self.open.iter().rposition(|(name, _)| is_table(name));
                let from = table.map_or(0, |at| at + 1);
                let first = self.open[from..]
                    .iter()
                    .position(|(name, _)| ends(Part::of(name)));
                self.open.truncate(from + first.unwrap_or(0));
            }
            // Their table was opened further out.
            Some(None) => {
                let held = self
                    .open
                    .iter()
                    .rposition(|(name, _)| matches!(Part::of(name), Part::Row | Part::Body));
                self.open.truncate(held.map_or(0, |at| at + 1));
            }
            None => {}
        }
    }

    fn end_item(&mut self, name: &str) {
        let same = |open: &str| is_item(open) && open.len() == name.len();
        let list = |open: &str| {
            is_scope(open)
                || ["ul", "ol", "dl"]
                    .iter()
                    .any(|list| list.eq_ignore_ascii_case(open))
        };
        if let Some(Some(at)) = self.innermost(same, list) {
            self.open.truncate(at);
        }
    }

    /// The place of the innermost element like this; `Some(None)` where there is none, and `None` where one that
    /// bounds the search stands before it.
    fn innermost(
        &self,
        like: impl Fn(&str) -> bool,
        bounds: impl Fn(&str) -> bool,
    ) -> Option<Option<usize>> {
        for (at, (name, _)) in self.open.iter().enumerate().rev() {
            if like(name) {
                return Some(Some(at));
            }
            if bounds(name) {
                return None;
            }
        }
        Some(None)
    }
}

/// Parts of a table, by what they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Cell,
    Row,
    Body,
    No,
}

impl Part {
    fn of(name: &str) -> Self {
        let is = |names: &[&str]| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        match name.len() {
            2 if is(&["td", "th"]) => Self::Cell,
            2 if is(&["tr"]) => Self::Row,
            5 if is(&["tbody", "thead", "tfoot"]) => Self::Body,
            _ => Self::No,
        }
    }
}

fn is_table(name: &str) -> bool {
    name.eq_ignore_ascii_case("table")
}

/// Whether an element bounds where the end of others is looked for.
fn is_scope(name: &str) -> bool {
    is_table(name) || Part::of(name) == Part::Cell
}

fn is_item(name: &str) -> bool {
    ["li", "dd", "dt"]
        .iter()
        .any(|item| item.eq_ignore_ascii_case(name))
}

/// Whether an element ends a paragraph.
fn is_block(layout: Layout) -> bool {
    matches!(
        layout,
        Layout::Block
            | Layout::Paragraph
            | Layout::Item
            | Layout::Rule
            | Layout::Pre
            | Layout::Quote
    )
}

/// Whether the end of an element ends whatever is open in it. `</p>` alone opens one.
fn is_closed_by_force(name: &str) -> bool {
    !name.eq_ignore_ascii_case("p")
        && (is_block(layout(name)) || layout(name) == Layout::Cell || Part::of(name) == Part::Body)
}
