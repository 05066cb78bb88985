//! The rules of a sequence.

use std::collections::BTreeSet;

use jooper_consent::{ContentRules, MailPart};
use jooper_message::compose::Template;

use super::condition::Condition;
use super::invalid::{InvalidSequence as Invalid, suggest};
use super::reactions::OnReply;
use super::sequence::Sequence;
use super::step::{END, Step, StepKind};

/// The most steps of a sequence: their mails must fit into a 64-bit set, later versions included.
pub(super) const MAX_STEPS: usize = 40;
/// The most mails on one way: the first and the gate's ceiling of six follow-ups.
pub(super) const MAX_MAILS: usize = 7;
/// The most variants of a mail.
pub(super) const MAX_VARIANTS: usize = 26;
/// The most numbers of mails that the versions of one sequence may ever give.
pub(super) const MAX_NUMBERS: u16 = 62;
/// The least time between two mails that a sequence may ask for. The gate has a longer one.
const LEAST_HOURS: u32 = 24;

pub(super) fn check(sequence: &Sequence) -> Result<(), Invalid> {
    let steps = &sequence.steps;
    if !(1..=MAX_STEPS).contains(&steps.len()) || !steps.iter().any(Step::is_mail) {
        return Err(Invalid::Steps);
    }
    if let Some(language) = &sequence.language
        && !jooper_consent::has_notice_text(language)
    {
        return Err(Invalid::Language(language.clone()));
    }
    numbers(sequence)?;
    for (node, step) in steps.iter().enumerate() {
        shape(step, node + 1)?;
        name(sequence, node)?;
    }
    for (node, step) in steps.iter().enumerate() {
        targets(sequence, node)?;
        for (part, text) in texts(step) {
            Template::parse(text).map_err(|source| Invalid::Template {
                step: node + 1,
                part,
                source,
            })?;
        }
    }
    content(sequence, &ContentRules::new())?;
    ways(sequence)?;
    conditions(sequence)
}

/// Holds the longest way against what a lead gets at most here.
pub(super) fn follow_ups(sequence: &Sequence, asked: u16, ceiling: u16) -> Result<(), Invalid> {
    let most = 1 + usize::from(asked.min(ceiling));
    let arrivals = ways(sequence)?;
    let mut steps = arrivals.iter().zip(&sequence.steps);
    let beyond = steps.position(|(arrival, step)| {
        step.is_mail() && arrival.is_some_and(|arrival| arrival.mails >= most)
    });
    match beyond {
        None => Ok(()),
        Some(node) => Err(Invalid::FollowUps {
            step: node + 1,
            most,
            asked,
            ceiling,
        }),
    }
}

/// What the texts hold as they are written; a lead's fields may bring more.
pub(super) fn content(sequence: &Sequence, rules: &ContentRules) -> Result<(), Invalid> {
    for (node, step) in sequence.steps.iter().enumerate() {
        for (at, variant) in step.variants.iter().enumerate() {
            let subject = variant.subject.as_deref();
            let subject = subject.map(|text| (MailPart::Subject, text));
            let body = (MailPart::Text, variant.body.as_str());
            let mut parts = subject.into_iter().chain([body]);
            let found =
                parts.find_map(|(part, text)| rules.check_words(part, text).into_iter().next());
            if let Some(finding) = found {
                return Err(Invalid::Content {
                    step: node + 1,
                    variant: at + 1,
                    finding,
                });
            }
        }
    }
    Ok(())
}

fn numbers(sequence: &Sequence) -> Result<(), Invalid> {
    let Some(numbers) = &sequence.numbers else {
        return Ok(());
    };
    let mails = sequence.steps.iter().filter(|step| step.is_mail()).count();
    let different: BTreeSet<_> = numbers.mails.iter().collect();
    let fit = numbers.mails.iter().all(|number| *number < numbers.total);
    let good = numbers.mails.len() == mails && different.len() == mails && fit;
    if good && numbers.total <= MAX_NUMBERS {
        Ok(())
    } else {
        Err(Invalid::Numbers)
    }
}

fn shape(step: &Step, number: usize) -> Result<(), Invalid> {
    let things = [
        step.is_mail(),
        step.task.is_some(),
        step.wait_for.is_some(),
        !step.split.is_empty(),
    ];
    match things.into_iter().filter(|thing| *thing).count() {
        0 if step.then.is_none() => return Err(Invalid::Nothing(number)),
        0 | 1 => {}
        _ => return Err(Invalid::TwoThings(number)),
    }
    if step.new_thread && !step.is_mail() {
        return Err(Invalid::NoThread(number));
    }
    let weights: u64 = step.variants.iter().map(|v| u64::from(v.weight)).sum();
    if step.is_mail() && (step.variants.len() > MAX_VARIANTS || weights == 0) {
        return Err(Invalid::Variants(number));
    }
    let weights: u64 = step.split.iter().map(|arm| u64::from(arm.weight)).sum();
    if !step.split.is_empty() && weights == 0 {
        return Err(Invalid::Variants(number));
    }
    for variant in &step.variants {
        if let Some(subject) = &variant.subject
            && jooper_consent::is_deceptive(subject, false)
        {
            return Err(Invalid::Deceptive(number));
        }
    }
    Ok(())
}

fn name(sequence: &Sequence, node: usize) -> Result<(), Invalid> {
    let Some(id) = &sequence.steps[node].id else {
        return Ok(());
    };
    let wrong = |problem| {
        Err(Invalid::Id {
            step: node + 1,
            id: id.clone(),
            problem,
        })
    };
    if id.trim().is_empty() {
        return wrong("is empty");
    }
    if id == END || id == "any" {
        return wrong("has a meaning of its own; choose another");
    }
    let twice =
        (0..sequence.steps.len()).any(|other| other != node && sequence.id_at(other) == *id);
    if twice {
        return wrong("is that of another step as well");
    }
    Ok(())
}

fn targets(sequence: &Sequence, node: usize) -> Result<(), Invalid> {
    for id in sequence.steps[node].targets() {
        match sequence.node_named(id) {
            None => {
                let ids: Vec<_> = (node + 1..sequence.steps.len())
                    .map(|later| sequence.id_at(later))
                    .collect();
                return Err(Invalid::NoSuchStep {
                    step: node + 1,
                    id: id.to_owned(),
                    suggestion: suggest(id, ids.iter().map(String::as_str).chain([END])),
                });
            }
            Some(target) if target <= node => {
                return Err(Invalid::Backward {
                    step: node + 1,
                    id: id.to_owned(),
                });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// What is known about every way that leads to a step.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    /// The most mails on any way.
    mails: usize,
    /// The least hours since the last mail on any way that has one.
    since_mail: Option<u32>,
}

/// Walks every way: how many mails it has, how far they are apart, who begins a thread. What is known
/// of each step, and of the end.
fn ways(sequence: &Sequence) -> Result<Vec<Option<Arrival>>, Invalid> {
    let steps = &sequence.steps;
    let mut arrivals: Vec<Option<Arrival>> = vec![None; steps.len() + 1];
    arrivals[0] = Some(Arrival {
        mails: 0,
        since_mail: None,
    });
    for (node, step) in steps.iter().enumerate() {
        let Some(arrival) = arrivals[node] else {
            return Err(Invalid::Unreachable(node + 1));
        };
        let waited = step.wait.least_hours();
        let later = |hours: u32| Arrival {
            since_mail: arrival
                .since_mail
                .map(|since| since.saturating_add(waited).saturating_add(hours)),
            ..arrival
        };
        let then = step.then.as_deref().and_then(|id| sequence.node_named(id));
        let then = then.unwrap_or(node + 1);
        let mut onward = Vec::new();
        if step.when.is_some() {
            onward.push((node + 1, later(0)));
        }
        match step.kind() {
            StepKind::Mail => {
                mail(step, node + 1, arrival, later(0).since_mail)?;
                let sent = Arrival {
                    mails: arrival.mails + 1,
                    since_mail: Some(0),
                };
                onward.push((then, sent));
            }
            StepKind::WaitFor(wait) => {
                let otherwise = wait.otherwise.as_deref();
                let otherwise = otherwise.and_then(|id| sequence.node_named(id));
                onward.push((then, later(0)));
                let timed_out = later(wait.at_most.least_hours());
                onward.push((otherwise.unwrap_or(node + 1), timed_out));
            }
            StepKind::Split(arms) => {
                let targets = arms.iter().filter(|arm| arm.weight > 0);
                let targets = targets.filter_map(|arm| sequence.node_named(&arm.go_to));
                onward.extend(targets.map(|target| (target, later(0))));
            }
            StepKind::Task(_) | StepKind::Jump => onward.push((then, later(0))),
        }
        for (target, new) in onward {
            let known = &mut arrivals[target];
            *known = Some(known.map_or(new, |known| known.or(new)));
        }
    }
    Ok(arrivals)
}

impl Arrival {
    fn or(self, other: Self) -> Self {
        Self {
            mails: self.mails.max(other.mails),
            since_mail: match (self.since_mail, other.since_mail) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
    }
}

fn mail(
    step: &Step,
    number: usize,
    arrival: Arrival,
    since_mail: Option<u32>,
) -> Result<(), Invalid> {
    if arrival.mails >= MAX_MAILS {
        return Err(Invalid::TooManyMails(number));
    }
    if since_mail.is_some_and(|hours| hours < LEAST_HOURS) {
        return Err(Invalid::TooSoon(number));
    }
    let begins = step.new_thread || arrival.mails == 0;
    for variant in &step.variants {
        match (&variant.subject, begins) {
            (None, true) => return Err(Invalid::NoSubject(number)),
            (Some(_), false) => return Err(Invalid::Subject(number)),
            _ => {}
        }
    }
    Ok(())
}

/// The templates of a step, each with its name.
pub(super) fn texts(step: &Step) -> impl Iterator<Item = (&'static str, &str)> {
    let mails = step.variants.iter().flat_map(|variant| {
        let subject = variant.subject.as_deref().map(|text| ("subject", text));
        subject.into_iter().chain([("body", variant.body.as_str())])
    });
    let tasks = step.task.iter().flat_map(|task| {
        let notes = task.notes.as_deref().map(|text| ("notes", text));
        [("title", task.title.as_str())].into_iter().chain(notes)
    });
    mails.chain(tasks)
}

/// Every condition with the place that it stands at.
pub(super) fn placed(sequence: &Sequence) -> impl Iterator<Item = (String, &Condition)> {
    let goals = sequence.goals.iter().map(|rule| ("goal", rule));
    let exits = sequence.exits.iter().map(|rule| ("exit", rule));
    let rules = goals
        .chain(exits)
        .map(|(kind, rule)| (format!("{kind} `{}`", rule.name), &rule.when));
    let steps = sequence.steps.iter().enumerate().flat_map(|(node, step)| {
        step.conditions()
            .map(move |condition| (format!("step {}", node + 1), condition))
    });
    rules.chain(steps)
}

fn conditions(sequence: &Sequence) -> Result<(), Invalid> {
    let answers_end_it = sequence.on_reply == OnReply::Stop;
    for (place, condition) in placed(sequence) {
        let in_step = place.starts_with("step");
        let mut problem = None;
        condition.each(&mut |inner| {
            let place = place.clone();
            let found = match inner {
                Condition::Field(test) if test.name.trim().is_empty() || !test.compares() => {
                    Some(Invalid::EmptyTest { place })
                }
                Condition::All(list) | Condition::Any(list) if list.is_empty() => {
                    Some(Invalid::EmptyList { place })
                }
                Condition::Replied(_) if in_step && answers_end_it => {
                    Some(Invalid::NeverAnswered { place })
                }
                Condition::Clicked(id) if id != "any" => clicked(sequence, &place, id),
                _ => None,
            };
            problem = problem.take().or(found);
        });
        if let Some(problem) = problem {
            return Err(problem);
        }
    }
    Ok(())
}

fn clicked(sequence: &Sequence, place: &str, id: &str) -> Option<Invalid> {
    let node = sequence.node_named(id);
    if node.is_some_and(|node| sequence.number_at(node).is_some()) {
        return None;
    }
    let step = place.strip_prefix("step ").and_then(|n| n.parse().ok());
    let ids: Vec<_> = (0..sequence.steps.len())
        .filter(|node| sequence.steps[*node].is_mail())
        .map(|node| sequence.id_at(node))
        .collect();
    Some(Invalid::NoSuchStep {
        step: step.unwrap_or(0),
        id: id.to_owned(),
        suggestion: suggest(id, ids.iter().map(String::as_str).chain(["any"])),
    })
}
