//! The part of a reply that its sender wrote: no quoted history, no signature, no footer.
//!
//! Nothing that was quoted may count for a verdict: our own footer says "unsubscribe", our own
//! question says "interested". Boundaries are found by structure first (quote marks, attribution
//! lines, header blocks, dividers, known HTML containers) and by tables of labels per language where
//! structure alone says nothing. Answers between or below quoted lines stay.
//!
//! ```
//! use jooper_message::inbound::reply_text::visible_text;
//!
//! let reply = visible_text("Gladly!\n\nSent from my iPhone\n\nOn 5 Jan 2024, at 10:00, Ana <ana@example.com> wrote:\n> Interested?");
//! assert_eq!(reply.visible, "Gladly!");
//! assert_eq!(reply.with_signature, "Gladly!\n\nSent from my iPhone");
//! ```

mod attribution;
mod cut;
mod dividers;
mod facts;
mod header_block;
mod header_labels;
pub(super) mod html;
mod lines;
mod signature;
mod verbs;

pub(super) use header_block::Head;
pub(super) use html::letter_html;
pub(super) use signature::{says_nothing, speaks_of_oneself};

pub use html::{html_to_text, visible_html};

/// What the sender of a reply wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplyText {
    /// The new text alone: no quotes, no signature, no disclaimer.
    pub visible: String,
    /// The new text with the sender's signature and disclaimer, still without quotes.
    pub with_signature: String,
    /// Whether something quoted was left out, whatever it was.
    pub quotes: bool,
}

impl ReplyText {
    /// The lines that were cut as a signature or a notice, a blank line wherever text was left out; nothing
    /// where none was.
    pub(super) fn signature(&self) -> Option<String> {
        if self.visible.len() == self.with_signature.len() {
            return None;
        }
        let mut out = String::with_capacity(self.with_signature.len() - self.visible.len() + 8);
        let mut kept = self
            .visible
            .lines()
            .filter(|line| !line.is_empty())
            .peekable();
        for line in self.with_signature.lines() {
            let own = !line.is_empty() && kept.next_if_eq(&line).is_some();
            out.push_str(if own { "" } else { line });
            out.push('\n');
        }
        Some(out)
    }
}

/// Which of two texts, one above the other, says all that both say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Above,
    Below,
    /// Neither does.
    Both,
}

/// Says which of two texts holds the other, whatever white space is in them.
pub(super) fn whole(above: &str, below: &str) -> Whole {
    let folded = |text: &str| {
        let mut out = String::with_capacity(text.len());
        text.split_whitespace().for_each(|word| out.push_str(word));
        out
    };
    let (above, below) = (folded(above), folded(below));
    if above.contains(&below) {
        Whole::Above
    } else if below.contains(&above) {
        Whole::Below
    } else {
        Whole::Both
    }
}

/// Cuts quoted history, signature and footers from a plain-text body.
///
/// Takes time linear in the body and never fails; a body that is nothing but a quote gives an empty text.
#[must_use]
pub fn visible_text(body: &str) -> ReplyText {
    cut::cut(body, false)
}

/// Cuts a plain-text body that opens with a header block, which is its writer's own where `owns` says so.
pub(super) fn letter(
    body: &str,
    owns: impl FnOnce(Head<'_>, &[&str]) -> bool,
) -> Option<ReplyText> {
    cut::cut_letter(body, false, owns)
}

#[cfg(test)]
mod tests;
