use super::*;
use crate::model::{
    Delay, DelayUnit, Elapsed, EndedAs, FieldTest, Numbers, OnOutOfOffice, OnReply, ReEnroll,
    ReplyIntent, Since, StepBuilder,
};

pub(crate) const GOOD: &str = r#"
    name = "Fair follow-up"
    [[step]]
    [[step.variant]]
    subject = "Your visit, {{ first_name }}"
    body = "Hello {{ first_name }}"
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Did you see this?"
"#;

/// Every kind of step, rule and condition.
pub(crate) const RICH: &str = include_str!("../../../testdata/sequences/rich.toml");

#[test]
fn a_sequence_reads_from_toml_and_goes_back() {
    let sequence = Sequence::from_toml(GOOD).unwrap();
    assert_eq!(sequence.steps[1].wait.unit, DelayUnit::WorkingDays);
    assert_eq!(sequence.thread_start(StepIndex(1)), StepIndex(0));
    for text in [GOOD, RICH] {
        let sequence = Sequence::from_toml(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(Sequence::from_toml(&sequence.to_toml()), Ok(sequence));
    }
}

#[test]
fn the_builder_makes_what_the_file_says() {
    let built = Sequence::builder("Fair follow-up")
        .step(StepBuilder::mail(
            "Your visit, {{ first_name }}",
            "Hello {{ first_name }}",
        ))
        .step(StepBuilder::follow_up("Did you see this?").wait(Delay::working_days(3)))
        .build();
    assert_eq!(built, Sequence::from_toml(GOOD));
}

#[test]
fn the_builder_says_all_that_a_file_can() {
    let replied = Condition::Replied;
    let field = |name: &str, test: FieldTest| {
        let name = name.to_owned();
        Condition::Field(FieldTest { name, ..test })
    };
    let phone = FieldTest {
        is_set: Some(true),
        ..FieldTest::default()
    };
    let industry = FieldTest {
        one_of: vec!["retail".to_owned(), "food".to_owned()],
        ..FieldTest::default()
    };
    let abroad = FieldTest {
        is_not: Some("fr".to_owned()),
        ..FieldTest::default()
    };
    let rested = Condition::Elapsed(Elapsed {
        since: Since::LastMail,
        at_least: Delay::days(3),
    });
    let nobody = vec![
        replied(ReplyIntent::NotInterested),
        replied(ReplyIntent::WrongPerson),
    ];
    let built = Sequence::builder("Everything")
        .on_reply(OnReply::Continue)
        .on_out_of_office(OnOutOfOffice::WaitForReturn)
        .stop_company_on_reply()
        .re_enroll(ReEnroll {
            after: Delay::days(90),
            ended: vec![EndedAs::Completed, EndedAs::Exit],
        })
        .goal("A meeting", replied(ReplyIntent::Meeting))
        .exit("No interest", Condition::Any(nobody))
        .step(
            StepBuilder::mail("Your visit, {{ first_name }}", "Hello {{ first_name }}")
                .weight(3)
                .id("hello")
                .variant(
                    Some("A question about {{ company }}".to_owned()),
                    "Hello",
                    1,
                ),
        )
        .step(
            StepBuilder::wait_for(
                Condition::Clicked("hello".to_owned()),
                Delay::working_days(4),
            )
            .id("looked")
            .otherwise("nudge"),
        )
        .step(
            StepBuilder::task("Call {{ first_name }}")
                .id("call")
                .notes("They followed the link.")
                .when(field("phone", phone))
                .then("last"),
        )
        .step(
            StepBuilder::follow_up("Did you see this?")
                .id("nudge")
                .wait(Delay::days(3))
                .when(Condition::Not(Box::new(field("industry", industry)))),
        )
        .step(StepBuilder::split([(1, "fresh"), (1, "last")]).id("chance"))
        .step(
            StepBuilder::mail("Another idea", "Hello again")
                .id("fresh")
                .wait(Delay::working_days(5))
                .new_thread()
                .then("end"),
        )
        .step(
            StepBuilder::follow_up("My last note.")
                .id("last")
                .wait(Delay::working_days(5))
                .when(Condition::All(vec![rested, field("country", abroad)])),
        )
        .build();
    assert_eq!(built, Sequence::from_toml(RICH));
}

/// What is replaced in [`GOOD`], by what, and what is said of it.
pub(crate) const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "wait = \"3 working days\"",
        "wait = \"3 hours\"",
        "line 7: step 2: a follow-up waits",
    ),
    (
        "subject = \"Your visit, {{ first_name }}\"",
        "",
        "line 3: step 1: a mail that begins",
    ),
    (
        "Your visit, {{ first_name }}",
        "Re: your visit",
        "step 1: a subject that begins",
    ),
    (
        "Hello {{ first_name }}",
        "Hello {{ 1+1 }}",
        "step 1, body: line 1: only a field",
    ),
    (
        "name =",
        "language = \"tlh\"\nname =",
        "there is no notice in `tlh`",
    ),
    ("3 working days", "3 moons", "write a time as"),
    ("name =", "nmae =", "did you mean `name`?"),
    ("wait =", "wiat =", "did you mean `wait`?"),
    (
        "wait =",
        "then = \"edn\"\nwait =",
        "there is no step `edn`; did you mean `end`?",
    ),
    ("wait =", "then = \"1\"\nwait =", "`1` comes before it"),
    (
        "[[step.variant]]\n    body = \"Did you see this?\"",
        "",
        "step 2: this step does nothing",
    ),
    (
        "wait =",
        "task = { title = \"Call\" }\nwait =",
        "step 2: a step is a mail",
    ),
    (
        "wait =",
        "id = \"1\"\nwait =",
        "the id `1` is that of another step",
    ),
    (
        "wait =",
        "when = { replied = \"any\" }\nwait =",
        "an answer ends this sequence",
    ),
    (
        "wait =",
        "when = { clicked = \"x\" }\nwait =",
        "there is no step `x`",
    ),
    (
        "wait =",
        "when = { field = { name = \"a\" } }\nwait =",
        "a test of a field has",
    ),
    (
        "wait =",
        "when = { opened = true }\nwait =",
        "unknown variant `opened`",
    ),
    (
        "[[step]]\n    [[",
        "[[step]]\n    then = \"end\"\n    [[",
        "step 2: no way leads here",
    ),
];

#[test]
fn each_mistake_is_named_with_its_line_and_step() {
    for (from, to, message) in MISTAKES {
        assert!(GOOD.contains(from), "{from}");
        let error = Sequence::from_toml(&GOOD.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "wanted {message:?}, got {error}");
    }
}

#[test]
fn an_unknown_field_gets_a_suggestion() {
    let known = BTreeSet::from(["first_name".to_owned(), "company".to_owned()]);
    let template = GOOD.replace("{{ first_name }}", "{{ firstname }}");
    let condition = "when = { field = { name = \"compny\", is = \"x\" } }\nwait =";
    for (text, wanted) in [
        (template, "did you mean `first_name`?"),
        (GOOD.replace("wait =", condition), "did you mean `company`?"),
    ] {
        let sequence = Sequence::from_toml(&text).unwrap();
        let error = sequence.check_fields(&known).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_way_has_seven_mails_at_most_and_ways_are_counted_apart() {
    let mail = |id: &str| StepBuilder::follow_up("x").id(id).wait(Delay::days(3));
    let long = (1..8).fold(
        Sequence::builder("long").step(StepBuilder::mail("s", "b").id("m0")),
        |sequence, n| sequence.step(mail(&format!("m{n}"))),
    );
    assert_eq!(long.build(), Err(InvalidSequence::TooManyMails(8)));
    let arms = Sequence::builder("arms")
        .step(StepBuilder::mail("s", "b").id("m0"))
        .step(StepBuilder::split([(1, "a1"), (1, "b1")]));
    let arms = (1..6).fold(arms, |sequence, n| {
        let step = mail(&format!("a{n}"));
        sequence.step(if n == 5 { step.then("end") } else { step })
    });
    let arms = (1..6).fold(arms, |sequence, n| sequence.step(mail(&format!("b{n}"))));
    assert_eq!(arms.build().unwrap().mail_count(), 11);
}

#[test]
fn a_later_version_keeps_the_numbers_of_its_mails() {
    let one = Sequence::from_toml(GOOD).unwrap();
    let mail = |id: &str| StepBuilder::follow_up("x").id(id).wait(Delay::days(3));
    let two = Sequence::builder("two")
        .step(StepBuilder::mail("s", "b").id("1"))
        .step(mail("new"))
        .step(mail("2"))
        .build()
        .unwrap()
        .following(&one)
        .unwrap();
    let numbers = Numbers {
        total: 3,
        mails: vec![0, 2, 1],
    };
    assert_eq!(two.numbers, Some(numbers));
    assert_eq!(two.place_of(StepIndex(2)), Some(2));
    assert_eq!(two.node_of(StepIndex(1)), Some(2));
    let three = Sequence::builder("three")
        .step(StepBuilder::mail("s", "b").id("1"))
        .step(mail("newer"))
        .build()
        .unwrap()
        .following(&two)
        .unwrap();
    assert_eq!(three.mail_count(), 4, "numbers are never given twice");
    let unnamed = Sequence::builder("unnamed").step(StepBuilder::mail("s", "b"));
    let unnamed = unnamed.build().unwrap().following(&one);
    assert_eq!(unnamed, Err(crate::model::InvalidEdit::NeedsIds(1)));
    assert_eq!(one.clone().following(&one), Ok(one));
}
