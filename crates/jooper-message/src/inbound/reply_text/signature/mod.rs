//! Where the writer's words end and a signature, a footer of the device or a disclaimer begins.

mod boilerplate;
mod contact;
mod footers;
mod signed;

use std::ops::Range;

use self::boilerplate::Boilerplate;
pub(in crate::inbound) use self::signed::says_nothing;
use super::dividers::is_rule_line;
use super::lines::Lines;
use crate::inbound::phrases::fold;

/// Most filled lines of a signature behind a delimiter, disclaimers included.
const MOST_LINES: usize = 40;
/// Most filled lines of a mailing list's footer.
const LIST_LINES: usize = 12;

/// Finds the lines of `segment` (new text between quotes) that are not the writer's words.
///
/// Returns ranges in order; they may be empty.
pub(super) fn find(lines: &Lines<'_>, segment: Range<usize>) -> Vec<Range<usize>> {
    let mut out = Vec::with_capacity(2);
    let mut filled = 0;
    let total = segment.clone().filter(|&i| !lines.is_blank(i)).count();
    let mut start = segment.start;
    let mut cut = segment.end;
    let mut i = segment.start;
    while i < segment.end {
        let line = lines.get(i);
        if line.is_empty() {
            i += 1;
            continue;
        }
        let left = total - filled;
        if delimits(line, left, filled + usize::from(segment.start > 0)) {
            cut = i;
            break;
        }
        if footers::is_footer(line, &lines.folded(i)) {
            if filled == 0 {
                // Some clients put it above the text: only this line goes.
                out.push(i..i + 1);
                start = i + 1;
            } else {
                cut = i;
                break;
            }
        } else if let Some((what, end)) = boilerplate::paragraph(lines, i, segment.end) {
            if what == Boilerplate::Banner || filled == 0 {
                out.push(i..end);
                i = end;
                start = end;
                continue;
            }
            cut = i;
            break;
        } else {
            filled += 1;
        }
        i += 1;
    }
    let cut = contact::block(lines, start..cut).unwrap_or(cut);
    out.push(cut..segment.end);
    out
}

/// Whether `text` has words of a first person singular, in any language that tells them from others.
pub(in crate::inbound) fn speaks_of_oneself(text: &str) -> bool {
    boilerplate::speaks_of_oneself(&fold(text))
}

/// RFC 3676 4.3 (`-- `) and what people and list servers write instead of it.
fn delimits(line: &str, left: usize, before: usize) -> bool {
    if matches!(
        line,
        "--" | "---"
            | "__"
            | "___"
            | "—"
            | "——"
            | "–"
            | "––"
            | "- --"
            | "-- --"
            | "**"
            | "=="
            | "~~"
    ) {
        return left <= MOST_LINES && (before > 0 || line.chars().count() == 2);
    }
    // List servers draw a long line of underscores; people separate sections with dashes.
    line.starts_with("____") && is_rule_line(line) && left <= LIST_LINES && before > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str) -> String {
        let lines = Lines::new(text);
        let cut = find(&lines, 0..lines.len());
        (0..lines.len())
            .filter(|i| !cut.iter().any(|r| r.contains(i)))
            .map(|i| lines.get(i))
            .collect::<Vec<_>>()
            .join("|")
            .trim_matches('|')
            .to_owned()
    }

    #[test]
    fn delimiters_and_footers_end_the_text() {
        assert_eq!(rest("Yes\n-- \nAna\nCEO"), "Yes");
        assert_eq!(
            rest("Yes\n\n___________\nannounce mailing list\nannounce@lists.example.org"),
            "Yes"
        );
        assert_eq!(rest("Yes\n\nEnviado desde mi iPhone\n"), "Yes");
        assert_eq!(rest("Sent from my iPhone\nYes, gladly"), "Yes, gladly");
    }

    #[test]
    fn separators_within_a_text_stay() {
        assert_eq!(rest("One\n------\nTwo"), "One|------|Two");
        let many = format!("One\n--\n{}", "line\n".repeat(60));
        assert!(rest(&many).contains("|--|line"));
    }
}
