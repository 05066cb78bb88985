//! From when the delay behind a mail counts.

use super::*;

/// The mail may have gone: the delay behind it is whole, whatever the clock says since.
#[test]
fn a_clock_that_was_set_back_shortens_no_delay_behind_a_mail_that_is_given_up() {
    let due = |back: i64| {
        let mut case = Case::new(SEQUENCE);
        case.happen(&Event::Enrolled);
        case.due();
        let at = case.now;
        case.happen(&Event::SendUnknown { at });
        case.now -= jiff::SignedDuration::from_hours(back);
        case.happen(&Event::SendAbandoned);
        case.state.due_at
    };
    assert!(due(0).is_some());
    assert_eq!(due(9), due(0));
}

/// Counted from a weekend, working days are over sooner than those of the Friday before it: also where a
/// way that is chosen at once lies between.
#[test]
fn a_mail_that_is_given_up_on_a_weekend_shortens_no_delay_behind_it() {
    const HELLO: &str = r#"
name = "n"

[[step]]
id = "hello"
[[step.variant]]
subject = "Hello"
body = "1"
"#;
    const AGAIN: &str = r#"
[[step]]
id = "again"
wait = "4 working days"
new_thread = true
[[step.variant]]
subject = "Again"
body = "2"
"#;
    let jump = "[[step]]\nid = \"way\"\nthen = \"again\"\n";
    let split = "[[step]]\nid = \"lot\"\nsplit = [{ weight = 1, go_to = \"again\" }]\n";
    let condition = "[[step]]\nid = \"way\"\nwhen = { clicked = \"hello\" }\nthen = \"again\"\n";
    for way in ["", jump, split, condition] {
        let sequence = format!("{HELLO}{way}{AGAIN}");
        let due = |hours: i64| {
            let mut case = Case::new(&sequence);
            case.happen(&Event::Enrolled);
            case.due();
            case.now = "2026-10-30T14:00:00Z".parse().unwrap();
            let at = case.now;
            case.happen(&Event::SendUnknown { at });
            case.now += jiff::SignedDuration::from_hours(hours);
            case.happen(&Event::SendAbandoned);
            case.state.due_at.unwrap()
        };
        assert!(due(0) >= "2026-11-05T14:00:00Z".parse().unwrap());
        assert_eq!(due(18), due(0), "given up on Saturday");
        assert!(due(72) > due(0), "given up on Monday");
    }
}

/// A way that is chosen at once is no new beginning.
#[test]
fn steps_that_take_no_time_count_from_the_mail_behind_them() {
    const BRANCH: &str = r#"
name = "n"

[[step]]
id = "hello"
[[step.variant]]
subject = "Hello"
body = "1"

[[step]]
id = "way"
then = "again"

[[step]]
id = "again"
wait = "3 days"
new_thread = true
[[step.variant]]
subject = "Again"
body = "2"
"#;
    let due = |late: i64| {
        let mut case = Case::new(BRANCH);
        case.happen(&Event::Enrolled);
        case.due();
        let at = case.now;
        case.now += jiff::SignedDuration::from_hours(late);
        let thread = "t".to_owned();
        case.happen(&Event::Sent { at, thread });
        assert_eq!(case.stands_at(), "again");
        case.state.due_at.unwrap()
    };
    assert_eq!(due(5), due(0), "found by its evidence, hours later");
}
