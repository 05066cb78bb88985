//! Pictures as numbers: widths and heights for SVG attributes, so that no style is inline.

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// A class of the style sheet that colors it.
    pub(crate) class: &'static str,
    pub(crate) label: String,
    pub(crate) count: u64,
    /// Where it begins, in thousandths of the bar.
    pub(crate) x: u64,
    /// How wide it is, in thousandths of the bar.
    pub(crate) width: u64,
}

/// Lays parts side by side; together they fill the bar exactly. Parts of nothing are left out.
pub(crate) fn segments(parts: Vec<(&'static str, String, u64)>) -> Vec<Segment> {
    let whole: u64 = parts.iter().map(|(_, _, count)| count).sum();
    let mut before = 0;
    let mut segments = Vec::new();
    for (class, label, count) in parts {
        if count == 0 {
            continue;
        }
        let x = thousandths(before, whole);
        before += count;
        let width = thousandths(before, whole) - x;
        segments.push(Segment {
            class,
            label,
            count,
            x,
            width,
        });
    }
    segments
}

/// A part of a whole in thousandths; nothing of nothing is nothing.
pub(crate) fn thousandths(part: u64, whole: u64) -> u64 {
    part.saturating_mul(1000).checked_div(whole).unwrap_or(0)
}

/// A part of a whole in per cent, with one decimal.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let thousandths = thousandths(part, whole);
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

/// One column of the chart of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) label: String,
    pub(crate) sent: u64,
    pub(crate) replies: u64,
    pub(crate) x: u64,
    pub(crate) sent_y: u64,
    pub(crate) sent_height: u64,
    pub(crate) replies_y: u64,
    pub(crate) replies_height: u64,
    /// Whether its label is written: there is no room for all of them.
    pub(crate) labeled: bool,
    /// Whether its label is written on narrow screens, too.
    pub(crate) always: bool,
}

/// The chart of days: 700 wide, 220 high, the ground at 220.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Days {
    pub(crate) days: Vec<Day>,
    pub(crate) highest: u64,
}

const WIDTH: u64 = 700;
const HEIGHT: u64 = 220;

impl Days {
    /// Draws counts of sent mails and answers for each day.
    pub(crate) fn draw(counts: &[(String, u64, u64)]) -> Self {
        let highest = counts
            .iter()
            .map(|(_, sent, _)| *sent)
            .max()
            .unwrap_or(0)
            .max(1);
        let step = WIDTH / (counts.len().max(1) as u64);
        let height = |count: u64| {
            // A single mail among hundreds is still seen.
            let height = count.saturating_mul(HEIGHT) / highest;
            if count > 0 { height.max(2) } else { 0 }
        };
        let days = counts
            .iter()
            .enumerate()
            .map(|(at, (label, sent, replies))| Day {
                label: label.clone(),
                sent: *sent,
                replies: *replies,
                x: at as u64 * step,
                sent_y: HEIGHT - height(*sent),
                sent_height: height(*sent),
                replies_y: HEIGHT - height(*replies).min(HEIGHT),
                replies_height: height(*replies).min(HEIGHT),
                labeled: (counts.len() - 1 - at).is_multiple_of(3),
                always: (counts.len() - 1 - at) % 6 == 3,
            });
        Self {
            days: days.collect(),
            highest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_fill_the_bar_without_gap_or_overlap() {
        let parts = [3, 0, 3, 1]
            .map(|count| ("c", String::new(), count))
            .to_vec();
        let drawn = segments(parts);
        assert_eq!(drawn.len(), 3);
        let mut end = 0;
        for segment in &drawn {
            assert_eq!(segment.x, end);
            end += segment.width;
        }
        assert_eq!(end, 1000);
        assert!(segments(vec![("c", String::new(), 0)]).is_empty());
    }

    #[test]
    fn shares_are_written_with_one_decimal() {
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(0, 0), "0.0 %");
        assert_eq!(percent(7, 7), "100.0 %");
    }

    #[test]
    fn the_highest_day_reaches_the_top_and_one_mail_is_seen() {
        let days = Days::draw(&[("a".into(), 400, 1), ("b".into(), 1, 0)]);
        assert_eq!((days.days[0].sent_y, days.days[0].sent_height), (0, 220));
        assert_eq!(days.days[0].replies_height, 2);
        assert_eq!(days.days[1].sent_height, 2);
        assert_eq!(Days::draw(&[]).highest, 1);
    }
}
