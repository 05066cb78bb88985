//! Why a text is not a sequence.

use jooper_consent::ContentFinding;
use jooper_message::compose::TemplateError;

use super::check::{MAX_MAILS, MAX_STEPS, MAX_VARIANTS};

/// Why a text is not a sequence. Steps are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSequence {
    /// The TOML does not read.
    #[error("{0}")]
    Toml(String),
    /// Something is wrong at this line.
    #[error("line {line}: {problem}")]
    At {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        problem: Box<Self>,
    },
    /// There are no steps, or too many.
    #[error("a sequence has 1 to {MAX_STEPS} steps, one of them a mail")]
    Steps,
    /// jooper cannot write the notice below the mails in this language.
    #[error(
        "language: there is no notice in `{0}`; it is written in de, en, es, fr, it, nl, pl and pt"
    )]
    Language(String),
    /// A way through the steps has too many mails.
    #[error("step {0}: on one way through the steps this is mail {count}; a lead gets {MAX_MAILS} at most", count = MAX_MAILS + 1)]
    TooManyMails(usize),
    /// A way through the steps has more mails than a lead gets here: the last ones could never go.
    #[error(
        "step {step}: on one way through the steps this is mail {}, and could never go: a lead gets {most} at most here. The engine's setting `follow_ups` is {asked}, the gate's ceiling {ceiling}: raise the lower of them, or take mails out", most + 1
    )]
    FollowUps {
        /// The step.
        step: usize,
        /// How many mails a lead gets.
        most: usize,
        /// What `EngineSettings::follow_ups` is.
        asked: u16,
        /// What the gate allows.
        ceiling: u16,
    },
    /// A step has too many variants, or none of any weight.
    #[error(
        "step {0}: a mail has 1 to {MAX_VARIANTS} variants, at least one with a weight above 0"
    )]
    Variants(usize),
    /// A step is two things at once.
    #[error(
        "step {0}: a step is a mail (variant), a task, a wait_for or a split; this one is more than one of them"
    )]
    TwoThings(usize),
    /// A step does nothing.
    #[error(
        "step {0}: this step does nothing; add a variant, a task, a wait_for, a split or `then`"
    )]
    Nothing(usize),
    /// `new_thread` stands where there is no mail.
    #[error("step {0}: new_thread is for mails; remove it")]
    NoThread(usize),
    /// A name is taken, empty or reserved.
    #[error("step {step}: the id `{id}` {problem}")]
    Id {
        /// The step.
        step: usize,
        /// Its id.
        id: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A step leads nowhere.
    #[error("step {step}: there is no step `{id}`{suggestion}")]
    NoSuchStep {
        /// The step.
        step: usize,
        /// The id that it names.
        id: String,
        /// `; did you mean …?`, or nothing.
        suggestion: String,
    },
    /// A step leads back.
    #[error(
        "step {step}: `{id}` comes before it; steps lead forward only, so that nobody gets a mail twice"
    )]
    Backward {
        /// The step.
        step: usize,
        /// The id that it names.
        id: String,
    },
    /// No way leads to a step.
    #[error(
        "step {0}: no way leads here; remove it, or name it in a `then`, a split or an `otherwise`"
    )]
    Unreachable(usize),
    /// A thread begins without a subject.
    #[error("step {0}: a mail that begins a thread needs a subject")]
    NoSubject(usize),
    /// A thread goes on under another subject.
    #[error(
        "step {0}: a mail in the same thread keeps its subject; remove the subject or set new_thread = true"
    )]
    Subject(usize),
    /// A follow-up comes on the heels of the mail before it.
    #[error("step {0}: a follow-up waits at least one day after the mail before it")]
    TooSoon(usize),
    /// A subject pretends to answer.
    #[error(
        "step {0}: a subject that begins with Re: or Fwd: pretends to answer a mail that was never sent"
    )]
    Deceptive(usize),
    /// A mail would hold what no mail may hold.
    #[error("step {step}, variant {variant}: {finding}. {}", finding.remedy())]
    Content {
        /// The step.
        step: usize,
        /// The variant, counted from 1.
        variant: usize,
        /// What, and where.
        finding: ContentFinding,
    },
    /// A condition compares nothing.
    #[error(
        "{place}: a test of a field has a name and at least one of is, is_not, one_of and is_set"
    )]
    EmptyTest {
        /// Where.
        place: String,
    },
    /// A condition that is empty.
    #[error("{place}: `all` and `any` hold at least one condition")]
    EmptyList {
        /// Where.
        place: String,
    },
    /// A condition on an answer that ends the sequence anyway.
    #[error(
        "{place}: an answer ends this sequence, so nothing can depend on it; set on_reply = \"continue\", or make it a goal"
    )]
    NeverAnswered {
        /// Where.
        place: String,
    },
    /// The numbers of mails do not fit.
    #[error(
        "numbers: one different number below `total` for each mail; jooper writes them, leave them out"
    )]
    Numbers,
    /// A field that no lead has.
    #[error("{place}: no lead has a field `{name}`{suggestion}")]
    NoSuchField {
        /// Where.
        place: String,
        /// The field.
        name: String,
        /// `; did you mean …?`, or nothing.
        suggestion: String,
    },
    /// A template does not read.
    #[error("step {step}, {part}: {source}")]
    Template {
        /// The step.
        step: usize,
        /// Subject, body, title or notes.
        part: &'static str,
        /// What is wrong.
        source: TemplateError,
    },
}

impl InvalidSequence {
    /// The step that it is about, counted from 1.
    pub const fn step(&self) -> Option<usize> {
        match self {
            Self::TooManyMails(step)
            | Self::Variants(step)
            | Self::TwoThings(step)
            | Self::Nothing(step)
            | Self::NoThread(step)
            | Self::Unreachable(step)
            | Self::NoSubject(step)
            | Self::Subject(step)
            | Self::TooSoon(step)
            | Self::Deceptive(step)
            | Self::FollowUps { step, .. }
            | Self::Content { step, .. }
            | Self::Id { step, .. }
            | Self::NoSuchStep { step, .. }
            | Self::Backward { step, .. }
            | Self::Template { step, .. } => Some(*step),
            _ => None,
        }
    }
}

/// `; did you mean …?` for the closest known name, or nothing.
pub(crate) fn suggest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let close = known
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= known.len().max(name.len()) / 3 + 1)
        .min();
    close.map_or_else(String::new, |(_, known)| {
        format!("; did you mean `{known}`?")
    })
}
