use jiff::civil::Date;

use super::*;

fn stated(text: &str) -> Option<(String, Stated)> {
    let sent = Date::new(2026, 11, 2).expect("a date");
    return_date(text, sent).map(|found| (found.date.to_string(), found.stated))
}

fn back(text: &str, date: &str) {
    assert_eq!(
        stated(text),
        Some((date.to_owned(), Stated::Back)),
        "{text}"
    );
}

fn until(text: &str, date: &str) {
    assert_eq!(
        stated(text),
        Some((date.to_owned(), Stated::Until)),
        "{text}"
    );
}

#[test]
fn notations_and_languages() {
    back("I will be back on November 16th, 2026.", "2026-11-16");
    back("Ich bin ab dem 16.11. wieder erreichbar.", "2026-11-16");
    back("Je serai de retour le 1er décembre 2026", "2026-12-01");
    back("Volveré el 16 de noviembre", "2026-11-16");
    back("Вернусь 16 ноября", "2026-11-16");
    back("Wracam 16 listopada 2026", "2026-11-16");
    until("out of office until 2026-11-20", "2026-11-20");
    until("11月20日まで不在です", "2026-11-20");
    until("Jag är ledig till och med 20 november", "2026-11-20");
}

#[test]
fn back_beats_until_and_a_range_ends_at_its_end() {
    back(
        "Away from 3 to 13 November. I will return on 16 November.",
        "2026-11-16",
    );
    until("Ich bin vom 3.11. bis 13.11.2026 im Urlaub", "2026-11-13");
    until(
        "Estaré ausente del 3 de noviembre al 13 de noviembre",
        "2026-11-13",
    );
}

#[test]
fn the_first_day_of_a_span_may_have_no_month() {
    until(
        "W dniach 4\u{2013}13.11.2026 jestem na urlopie",
        "2026-11-13",
    );
    until("Olen lomalla 4.-13.11.", "2026-11-13");
    back(
        "W dniach 4-13.11.2026 jestem na urlopie. Odpowiem po powrocie, tj. 16.11.",
        "2026-11-16",
    );
    // A number in front of a day is no span by itself.
    back("Zimmer 4, 13.11. wieder da", "2026-11-13");
    back("Back in room 24 - 16.11.2026", "2026-11-16");
}

#[test]
fn words_of_return_stand_on_both_sides() {
    until("27 Kasım 2026 Cuma gününe kadar izindeyim", "2026-11-27");
    back("Me incorporo el 14 de diciembre", "2026-12-14");
    back(
        "Estaré de nuevo en la oficina el 14 de diciembre",
        "2026-12-14",
    );
    assert_eq!(
        stated("Alıcı: dek mart@x.example, إلى: mart@x.example"),
        None
    );
    until("Away until December, jane@x.example covers", "2026-12-31");
    back(
        "Palaan 16.11. ja siihen asti sijaisenani on Aino",
        "2026-11-16",
    );
    assert_eq!(stated("Incorporated in London on 1 December 2026"), None);
}

#[test]
fn a_weekday_may_be_of_a_numbered_week() {
    // The mail is of week 45.
    for text in [
        "Jeg holder ferie til og med fredag i uge 47",
        "Away until Friday of week 47",
        "Ich bin bis Freitag, KW 47 im Urlaub",
        "Jag är ledig till och med fredag v. 47",
        "Ik ben afwezig tot vrijdag week 47",
    ] {
        until(text, "2026-11-20");
    }
    back("I am back on Monday of week 2", "2027-01-11");
    until("Away until Friday, week by week", "2026-11-06");
    back(
        "I am back tomorrow. Week 50 is my next week off",
        "2026-11-03",
    );
    // The week of the mail itself.
    back("Ich bin ab Mittwoch, KW 45 wieder da", "2026-11-04");
}

#[test]
fn a_year_is_only_added_where_it_must_be() {
    back("back on 4 January", "2027-01-04");
    back("I am back on 5 November", "2026-11-05");
}

#[test]
fn what_is_no_date_of_return_is_none() {
    assert_eq!(stated("Call +49 30 12.34.56 or 555-0100"), None);
    assert_eq!(stated("We reply within 24/7"), None);
    assert_eq!(stated("Our office opened on 3 March 2011"), None);
    assert_eq!(stated(""), None);
}

#[test]
fn weekdays_count_only_beside_a_word_of_return() {
    back("I'll be back on Monday", "2026-11-09");
    back("Ich bin morgen wieder da", "2026-11-03");
    assert_eq!(stated("We are closed every Sunday for cleaning"), None);
}

#[test]
fn the_first_day_back_follows_an_until() {
    let sent = Date::new(2026, 11, 2).expect("a date");
    let found = return_date("away until 13 November", sent).expect("a return");
    assert_eq!(found.first_day_back().to_string(), "2026-11-14");
}

#[test]
fn where_an_absence_begins_is_no_day_of_return() {
    back(
        "Out of the office as of 11/01/2026, and not back before 11/18/2026",
        "2026-11-18",
    );
    until("11월 2일부터 11월 6일까지 휴가입니다", "2026-11-06");
    back(
        "11月1日から出張のため、11月9日に出勤いたします",
        "2026-11-09",
    );
}

#[test]
fn east_asian_dates_put_the_month_first_and_count_by_eras() {
    back("本人於 11/3 至 12/1 休假，12/2（三）恢復上班", "2026-12-02");
    back("令和8年11月25日に出勤いたします", "2026-11-25");
    back("民國115年11月25日恢復上班", "2026-11-25");
}

#[test]
fn the_day_on_which_an_absence_begins_is_no_return() {
    for text in [
        "Ich bin ab 9. November in Elternzeit.",
        "Ab dem 9.11.2026 bin ich abwesend.",
        "Je serai en congé à partir du 9 novembre.",
        "I am on leave from 9 November.",
        "I am on sabbatical as of 9 November 2026.",
        "Estaré de vacaciones a partir del 9 de noviembre.",
        "Ik ben vanaf 9 november met verlof.",
        "11月9日から休暇です",
        "11월 9일부터 휴가입니다",
        "I am out of the office starting Monday.",
        "I am away. Our fair is on 20 November.",
        "I was away until 30 October and am back on 31 October.",
    ] {
        assert_eq!(stated(text), None, "{text}");
    }
    until(
        "I am on leave starting 9 November for two weeks.",
        "2026-11-22",
    );
    until("I am away for three weeks from 9 November.", "2026-11-29");
    until(
        "Ab 9. November bin ich für 2 Wochen im Urlaub.",
        "2026-11-22",
    );
    back("I am on leave. Available from 9 November.", "2026-11-09");
    back(
        "Nach dem Urlaub bin ich ab 9. November wieder da.",
        "2026-11-09",
    );
}

#[test]
fn a_month_lasts_until_its_last_day() {
    until("I am on leave until April 2027.", "2027-04-30");
    until("In Elternzeit bis Mai 2027.", "2027-05-31");
    until("away until the end of January", "2027-01-31");
    until("through the end of December", "2026-12-31");
    until("met verlof tot en met februari 2027", "2027-02-28");
    until("de baja hasta finales de marzo de 2027", "2027-03-31");
    until("en congé jusqu'à fin février 2027", "2027-02-28");
    until("away until March 5", "2027-03-05");
}

#[test]
fn until_may_stand_a_word_behind_the_day() {
    until("12 Kasım 2026 tarihine kadar izindeyim.", "2026-11-12");
    until("Olen lomalla 13.11. saakka.", "2026-11-13");
    until("Poissa 13.11.2026 asti.", "2026-11-13");
}

#[test]
fn a_span_that_begins_like_a_return_ends_with_its_last_day() {
    until(
        "Ich bin ab dem 9.11. bis 20.11. nicht erreichbar.",
        "2026-11-20",
    );
    until(
        "Ab 9. November bis 20. November bin ich nicht im Büro.",
        "2026-11-20",
    );
    back("Ab dem 16.11. bin ich wieder erreichbar.", "2026-11-16");
}

#[test]
fn months_and_lengths_without_a_name_count_from_the_day_of_sending() {
    until("On leave until the end of the month.", "2026-11-30");
    until("Ich bin bis Ende des Monats im Urlaub.", "2026-11-30");
    until("En congé jusqu'à la fin du mois.", "2026-11-30");
    back("I am away and will be back in two weeks.", "2026-11-16");
    back(
        "Bin in 3 Tagen zurück im Büro, also wieder da in 3 Tagen.",
        "2026-11-05",
    );
    assert_eq!(stated("Out of office. We ship in two weeks."), None);
}

#[test]
fn a_day_takes_the_month_of_the_date_before_it() {
    back(
        "Out from Monday November 9 to Friday November 13. Back on Monday the 16th.",
        "2026-11-16",
    );
    back(
        "Away from November 23 to November 30. I return on the 1st.",
        "2026-12-01",
    );
    back("Ci rivediamo lunedì 16 novembre.", "2026-11-16");
    back("Som mimo, vraciam sa 16. novembra.", "2026-11-16");
}
