//! Marks every line of a body as the writer's own, a signature, or somebody else's words.

use super::attribution::attribution;
use super::dividers::{Divider, divider, is_rule_line, names_an_original};
use super::header_block::{Head, head, header_block, recipients, vertical_head};
use super::lines::Lines;
use super::{ReplyText, signature};

/// Signs that the HTML reader sets on lines of their own; no text of a mail can hold them there.
pub(super) mod sign {
    /// Opens every sign.
    pub(in super::super) const LEAD: char = '\u{1}';
    /// A quoted block stood here; the writer may go on after it.
    pub(in super::super) const QUOTE: &str = "\u{1}Q";
    /// An attribution stood here.
    pub(in super::super) const ATTRIBUTION: &str = "\u{1}A";
    /// All that follows is quoted.
    pub(in super::super) const REST: &str = "\u{1}E";
    /// A signature begins, ends.
    pub(in super::super) const SIGNATURE: &str = "\u{1}S";
    pub(in super::super) const SIGNATURE_END: &str = "\u{1}T";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Own,
    Signature,
    Quote,
}

/// How far a boundary reaches.
enum Reach {
    /// To the end of the body.
    End,
    /// To the end of the quoted lines below it, if there are any; else to the end.
    Quoted,
    /// These lines alone.
    Itself,
}

/// Cuts a body; `signs` says whether it came from the HTML reader.
pub(super) fn cut(body: &str, signs: bool) -> ReplyText {
    cut_below(&Lines::new(body), 0, signs)
}

/// Cuts a body that opens with a header block, which is its writer's own where `owns` says so of it and of whom it
/// names as who gets it.
pub(super) fn cut_letter(
    body: &str,
    signs: bool,
    owns: impl FnOnce(Head<'_>, &[&str]) -> bool,
) -> Option<ReplyText> {
    let lines = Lines::new(body);
    let first = lines.next_filled(0, lines.len())?;
    let head =
        head(&lines, first).filter(|head| owns(*head, &recipients(&lines, first..head.end)))?;
    Some(cut_below(&lines, head.end, signs))
}

/// Cuts what stands at line `from` and below it; what stands above is the writer's own.
fn cut_below(lines: &Lines<'_>, from: usize, signs: bool) -> ReplyText {
    let mut marks = vec![Mark::Own; lines.len()];
    mark_quotes(lines, &mut marks, from, signs);
    mark_signatures(lines, &mut marks);
    mark_last_rule(lines, &mut marks);
    let visible = collect(lines, &marks, |m| m == Mark::Own);
    let with_signature = if marks.contains(&Mark::Signature) {
        collect(lines, &marks, |m| m != Mark::Quote)
    } else {
        visible.clone()
    };
    ReplyText {
        visible,
        with_signature,
        quotes: (0..lines.len()).any(|i| {
            let signature =
                || signs && [sign::SIGNATURE, sign::SIGNATURE_END].contains(&lines.get(i));
            marks[i] == Mark::Quote && !lines.is_blank(i) && !signature()
        }),
    }
}

fn mark_quotes(lines: &Lines<'_>, marks: &mut [Mark], from: usize, signs: bool) {
    let mut i = from;
    let mut own = from > 0; // Whether the writer said anything yet.
    let mut in_signature = false;
    while i < lines.len() {
        let line = lines.get(i);
        if signs && line.starts_with(sign::LEAD) {
            marks[i] = Mark::Quote;
            match line {
                sign::SIGNATURE => in_signature = true,
                sign::SIGNATURE_END => in_signature = false,
                sign::REST => return marks[i..].fill(Mark::Quote),
                sign::ATTRIBUTION if !quote_follows(lines, i + 1, signs) => {
                    return marks[i..].fill(Mark::Quote);
                }
                _ => {}
            }
            i += 1;
            continue;
        }
        if line.is_empty() {
            i += 1;
            continue;
        }
        if own && is_closed_head(line) {
            return marks[i..].fill(Mark::Quote);
        }
        if own && is_unmarked_head(lines, i) {
            return marks[i..].fill(Mark::Quote);
        }
        if is_quoted(line) || is_wrapped_quote(lines, i) || is_barred(lines, i) {
            marks[i] = Mark::Quote;
            i += 1;
            continue;
        }
        let Some((end, reach)) = boundary(lines, i) else {
            if in_signature {
                marks[i] = Mark::Signature;
            }
            own |= !in_signature;
            i += 1;
            continue;
        };
        marks[i..end].fill(Mark::Quote);
        let above = i.checked_sub(1).filter(|_| matches!(reach, Reach::End));
        if let Some(above) = above.filter(|above| names_an_original(&lines.folded(*above))) {
            marks[above] = Mark::Quote;
        }
        match reach {
            Reach::Itself if !own => {}
            Reach::Quoted if quote_follows(lines, end, signs) => {
                if let Some(bars) = bar_quote(lines, end) {
                    marks[end..bars].fill(Mark::Quote);
                    i = bars;
                    continue;
                }
            }
            _ => return marks[i..].fill(Mark::Quote),
        }
        i = end;
    }
}

/// GroupWise heads an original with `>>> Ana <ana@example.com> 02.11.2026 10:00 >>>` and does not
/// mark its lines.
fn is_closed_head(line: &str) -> bool {
    let inner = line
        .strip_prefix(">>>")
        .and_then(|rest| rest.strip_suffix(">>>"));
    inner.is_some_and(|inner| {
        let digits = inner.bytes().filter(u8::is_ascii_digit).count();
        digits >= 4 && !inner.contains(">>>") && inner.len() < 200
    })
}

/// GroupWise also heads it with `>>> Ana <ana@example.com> schrieb am 02.11.2026 um 10:00 in`, wrapped, and
/// does not mark what follows.
fn is_unmarked_head(lines: &Lines<'_>, i: usize) -> bool {
    let line = lines.get(i);
    let alone = line.starts_with(">>> ") && !lines.get(i.max(1) - 1).starts_with('>');
    alone
        && attribution(lines, i).is_some_and(|end| {
            let next = lines.next_filled(end, 6);
            next.is_some_and(|next| !is_quoted(lines.get(next)))
        })
}

/// The bar that a client or a person put before a quoted line: `|`, `»`, `:`, `&gt;`, or the initials of whoever
/// wrote it before a `>`.
fn bar(line: &str) -> Option<&str> {
    let marked = |bar: &str| {
        let rest = line.strip_prefix(bar)?;
        (rest.is_empty() || rest.starts_with(' ')).then(|| &line[..bar.len()])
    };
    match line.as_bytes().first()? {
        // A table closes its lines.
        b'|' if line.len() > 1 && line.ends_with('|') => None,
        b'|' => marked("|"),
        b':' => marked(":"),
        b'&' => line.starts_with("&gt;").then(|| &line[..4]),
        0xc2 => marked("»"),
        byte if byte.is_ascii_alphabetic() => {
            let len = line.bytes().take(5).position(|byte| byte == b'>')?;
            let initials = line[..len].bytes().all(|byte| byte.is_ascii_alphabetic());
            initials.then(|| &line[..=len])
        }
        _ => None,
    }
}

/// Whether a line is one of two or more that bear the same bar: one below the other, or in an answer between
/// quoted lines with the same initials.
fn is_barred(lines: &Lines<'_>, i: usize) -> bool {
    /// How far apart lines with the same initials may stand.
    const APART: usize = 12;
    let Some(own) = bar(lines.get(i)) else {
        return false;
    };
    let same = |at: usize| bar(lines.get(at)) == Some(own);
    let beside = i > 0 && same(i - 1) || same(i + 1);
    // "A>" may be how somebody marks their answers.
    let initials = own.len() > 2 && own.ends_with('>');
    beside || initials && (i.saturating_sub(APART)..=i + APART).any(|at| at != i && same(at))
}

/// Finds what begins at line `i`, with the line after it.
fn boundary(lines: &Lines<'_>, i: usize) -> Option<(usize, Reach)> {
    let line = lines.get(i);
    if is_rule_line(line) {
        // A rule belongs to the header block or divider under it.
        let next = lines.next_filled(i + 1, 4)?;
        if is_rule_line(lines.get(next)) {
            return None;
        }
        if let Some(end) = header_block(lines, next) {
            return Some((end, Reach::End));
        }
        return match divider(lines.get(next), &lines.folded(next))? {
            Divider::Original => Some((next + 1, Reach::Quoted)),
            Divider::ReplyAbove => Some((next + 1, Reach::Itself)),
        };
    }
    let folded = lines.folded(i);
    match divider(line, &folded) {
        Some(Divider::Original) => return Some((i + 1, Reach::Quoted)),
        Some(Divider::ReplyAbove) => return Some((i + 1, Reach::Itself)),
        None => {}
    }
    if !has_a_sign(&folded) {
        return None;
    }
    if let Some(end) = header_block(lines, i).or_else(|| vertical_head(lines, i)) {
        return Some((end, Reach::End));
    }
    attribution(lines, i).map(|end| (end, Reach::Quoted))
}

/// Whether a line (folded) has what every first line of an attribution has, and every label: a figure,
/// an address or a colon, or dashes around it. Most lines of prose have none.
fn has_a_sign(folded: &str) -> bool {
    // Without a branch a byte, blocks are looked at whole.
    let is_sign = |byte: u8| {
        (byte.wrapping_sub(b'0') <= b':' - b'0') | (byte == b'@') | (byte == b'<') | (byte == b'-')
    };
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, &byte| any | is_sign(byte));
    let (blocks, rest) = folded.as_bytes().as_chunks::<16>();
    blocks.iter().any(|block| any(block)) || any(rest)
}

fn quote_follows(lines: &Lines<'_>, i: usize, signs: bool) -> bool {
    lines.next_filled(i, 6).is_some_and(|j| {
        let line = lines.get(j);
        is_quoted(line) || line.starts_with('|') || signs && line == sign::QUOTE
    })
}

/// Old clients quote with bars; only an attribution above tells them from a table.
fn bar_quote(lines: &Lines<'_>, i: usize) -> Option<usize> {
    let first = lines
        .next_filled(i, 6)
        .filter(|&j| lines.get(j).starts_with('|'))?;
    Some(
        (first..lines.len())
            .find(|&j| !lines.get(j).starts_with('|'))
            .unwrap_or(lines.len()),
    )
}

/// A line quoted with `>` (RFC 3676 4.5), and not one decorated with arrows on both sides.
fn is_quoted(line: &str) -> bool {
    line.starts_with(['>', '＞']) && !(line.starts_with(">>") && line.ends_with("<<"))
}

/// The tail of a long address that a client broke without marking it.
fn is_wrapped_quote(lines: &Lines<'_>, i: usize) -> bool {
    if i == 0 || !lines.get(i - 1).starts_with('>') || !lines.get(i + 1).starts_with('>') {
        return false;
    }
    let line = lines.get(i);
    let links = line.trim_start_matches(['(', '<', '[']).starts_with("http");
    links
        || line.len() >= 8
            && !line.contains(char::is_whitespace)
            && line.contains(['/', '=', '_', '%', '&'])
}

/// Marks rules below the last words of the writer: they belong to what was cut below them, or to nothing.
fn mark_last_rule(lines: &Lines<'_>, marks: &mut [Mark]) {
    let mut below = Mark::Signature;
    for (i, mark) in marks.iter_mut().enumerate().rev() {
        if *mark != Mark::Own {
            below = *mark;
        } else if is_rule_line(lines.get(i)) {
            *mark = below;
        } else if !lines.is_blank(i) {
            break;
        }
    }
}

fn mark_signatures(lines: &Lines<'_>, marks: &mut [Mark]) {
    let mut i = 0;
    while i < marks.len() {
        if marks[i] != Mark::Own {
            i += 1;
            continue;
        }
        let end = (i..marks.len())
            .find(|&j| marks[j] != Mark::Own)
            .unwrap_or(marks.len());
        for range in signature::find(lines, i..end) {
            marks[range].fill(Mark::Signature);
        }
        i = end;
    }
}

fn collect(lines: &Lines<'_>, marks: &[Mark], keep: impl Fn(Mark) -> bool) -> String {
    let mut out = String::with_capacity(lines.room());
    let mut gap = 0;
    for (i, mark) in marks.iter().enumerate() {
        if !keep(*mark) {
            continue;
        }
        if lines.is_blank(i) {
            gap += 1;
            continue;
        }
        if !out.is_empty() {
            // Lines that were cut must not leave a hole behind.
            out.push_str(["\n", "\n\n", "\n\n\n"][gap.min(2)]);
        }
        gap = 0;
        out.push_str(trimmed_end(lines.raw(i)));
    }
    out
}

/// What [`str::trim_end`] gives; few lines have anything to trim.
fn trimmed_end(line: &str) -> &str {
    match line.as_bytes().last() {
        Some(last) if last.is_ascii_graphic() => line,
        _ => line.trim_end(),
    }
}
