//! A forecast as a picture: mails a day, one color a step.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Forecast;

const WIDTH: usize = 720;
const HEIGHT: usize = 200;
const LEFT: usize = 44;
const TOP: usize = 24;

/// Told apart by people who see few colors, and in print.
const COLORS: [&str; 7] = [
    "#1b4f8a", "#e08214", "#3a9d5d", "#8e4fa8", "#c0392b", "#6b7280", "#0e7c86",
];

impl Forecast {
    /// Mails a day and step, as a scalable picture for a page or a file.
    ///
    /// It has no script, no style sheet and no link, so the strictest content security policy
    /// shows it; and it holds no personal data: days and counts only.
    pub fn to_svg(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_svg(&mut out);
        out
    }

    fn write_svg(&self, out: &mut String) -> std::fmt::Result {
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        let mut days: BTreeMap<Date, BTreeMap<u16, usize>> = BTreeMap::new();
        for mail in &self.mails {
            let day = mail.at.to_zoned_datetime(zone.clone()).date();
            *days.entry(day).or_default().entry(mail.step).or_default() += 1;
        }
        let totals = days.values().map(|steps| steps.values().sum::<usize>());
        let most = totals.max().unwrap_or(0).max(1);
        let steps = self.mails.iter().map(|mail| mail.step).max().unwrap_or(0);
        let all: Vec<Date> = match (days.keys().next(), days.keys().last()) {
            (Some(first), Some(last)) => first
                .series(jiff::ToSpan::days(1))
                .take_while(|day| day <= last)
                .collect(),
            _ => Vec::new(),
        };
        let (width, height) = (WIDTH + LEFT + 8, HEIGHT + TOP + 28);
        write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             font-family=\"sans-serif\" font-size=\"11\">\
             <title>{} mails on {} days, at most {most} a day</title>",
            self.mails.len(),
            days.len()
        )?;
        for step in 1..=steps {
            let x = LEFT + usize::from(step - 1) * 72;
            let color = color(step);
            write!(
                out,
                "<rect x=\"{x}\" y=\"6\" width=\"10\" height=\"10\" fill=\"{color}\"/>\
                 <text x=\"{}\" y=\"15\" fill=\"#374151\">Mail {step}</text>",
                x + 14
            )?;
        }
        let bottom = TOP + HEIGHT;
        for (at, share) in [(bottom, 0), (TOP + HEIGHT / 2, most / 2), (TOP, most)] {
            write!(
                out,
                "<line x1=\"{LEFT}\" y1=\"{at}\" x2=\"{}\" y2=\"{at}\" stroke=\"#d1d5db\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#374151\">{share}</text>",
                LEFT + WIDTH,
                LEFT - 6,
                at + 4
            )?;
        }
        let slot = WIDTH as f64 / all.len().max(1) as f64;
        for (number, day) in all.iter().enumerate() {
            let Some(steps) = days.get(day) else { continue };
            let x = LEFT as f64 + number as f64 * slot;
            let mut y = bottom as f64;
            write!(out, "<g><title>{day}: {}</title>", told(steps))?;
            for (step, count) in steps {
                let tall = *count as f64 * HEIGHT as f64 / most as f64;
                y -= tall;
                write!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" fill=\"{}\"/>",
                    (slot * 0.8).clamp(0.5, 40.0),
                    color(*step)
                )?;
            }
            out.push_str("</g>");
        }
        if let (Some(first), Some(last)) = (all.first(), all.last()) {
            let y = bottom + 18;
            write!(
                out,
                "<text x=\"{LEFT}\" y=\"{y}\" fill=\"#374151\">{first}</text>\
                 <text x=\"{}\" y=\"{y}\" text-anchor=\"end\" fill=\"#374151\">{last}</text>",
                LEFT + WIDTH
            )?;
        }
        out.push_str("</svg>");
        Ok(())
    }
}

fn color(step: u16) -> &'static str {
    COLORS[usize::from(step.saturating_sub(1)) % COLORS.len()]
}

fn told(steps: &BTreeMap<u16, usize>) -> String {
    let each = steps
        .iter()
        .map(|(step, count)| format!("{count} of mail {step}"));
    each.collect::<Vec<_>>().join(", ")
}
