//! What the classifier wrote down about a mail, in sentences.

use serde_json::Value as Json;

/// Whether the mail's words asked to stop and nobody has judged them.
pub(super) fn is_provisional(verdict: &Json) -> bool {
    verdict.get("provisional").and_then(Json::as_bool) == Some(true)
}

/// What a person seems to want; empty where nothing is clear.
pub(super) fn intent(verdict: &Json) -> &'static str {
    match text(verdict, "/intent/name") {
        Some("interested") => "Interested",
        Some("not_now") => "Not now",
        Some("not_interested") => "Not interested",
        Some("wrong_person") => "Wrong person",
        Some("question") => "Asks something",
        Some("unsubscribe") => "Wants no more mail",
        Some("meeting") => "Wants to meet",
        _ => "",
    }
}

/// Why it was judged so, a line for each thing.
pub(super) fn lines(verdict: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(by) = text(verdict, "/matched_by") {
        lines.push(format!("It belongs to this conversation by: {by}"));
    }
    if flag(verdict, "/weak") == Some(true) {
        lines.push(
            "Only the company's domain ties it, so its text is not kept here: look in the mailbox \
             whether it is about you."
                .to_owned(),
        );
    }
    let evidence = verdict.pointer("/evidence").and_then(Json::as_array);
    let evidence = evidence.into_iter().flatten().filter_map(Json::as_str);
    lines.extend(evidence.map(str::to_owned));
    if let Some(sure) = text(verdict, "/confidence") {
        lines.push(format!("Confidence: {sure}"));
    }
    if let Some(origin) = text(verdict, "/origin") {
        let counts = if flag(verdict, "/proven") == Some(true) {
            "it counts"
        } else {
            "it stops nobody by itself"
        };
        lines.push(format!("Origin: {origin}; {counts}"));
    }
    if let Some(host) = text(verdict, "/reported_by") {
        lines.push(format!("Reported by: {host}"));
    }
    if flag(verdict, "/about_them") == Some(false) {
        lines.push("It is about another address than this person's: nothing follows.".to_owned());
    }
    if flag(verdict, "/shortened") == Some(true) {
        lines.push("The mail is longer than what is shown.".to_owned());
    }
    let failures = verdict.pointer("/failures").and_then(Json::as_array);
    for failure in failures.into_iter().flatten() {
        lines.push(failed(failure));
    }
    if let Some(day) = text(verdict, "/back_on") {
        lines.push(format!("Back on: {day}"));
    }
    lines.extend(intended(verdict));
    lines
}

fn failed(failure: &Json) -> String {
    let part = |name: &str| text(failure, name).map(str::to_owned);
    let code = failure.get("code").and_then(Json::as_u64);
    let host = text(failure, "/refused_by").map(|host| format!("refused by {host}"));
    let told = [
        part("/status"),
        code.map(|code| code.to_string()),
        part("/settled_by").filter(|words| !words.is_empty()),
        host,
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    let reason = text(failure, "/reason").unwrap_or("unclear");
    format!("Reason: {} ({})", reason.replace('_', " "), told.join(", "))
}

fn intended(verdict: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(name) = text(verdict, "/intent/name") else {
        return lines;
    };
    let sure = verdict.pointer("/intent/confidence").and_then(Json::as_u64);
    let signs = verdict.pointer("/intent/signs").and_then(Json::as_array);
    let signs: Vec<&str> = signs
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    lines.push(format!(
        "Intent: {} ({} % sure), by: {}",
        name.replace('_', " "),
        sure.unwrap_or(0) / 10,
        signs.join(", ")
    ));
    if let Some(other) = text(verdict, "/intent/refers_to") {
        lines.push(format!("Refers to: {other}"));
    }
    if let Some(when) = text(verdict, "/intent/ask_again") {
        lines.push(format!("Ask again: {when}"));
    }
    lines
}

fn text<'v>(verdict: &'v Json, path: &str) -> Option<&'v str> {
    verdict.pointer(path).and_then(Json::as_str)
}

fn flag(verdict: &Json, path: &str) -> Option<bool> {
    verdict.pointer(path).and_then(Json::as_bool)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_verdict_is_told_in_sentences() {
        let verdict = json!({
            "matched_by": "token", "weak": false, "confidence": "high",
            "evidence": ["Header: it answers an earlier mail"],
            "intent": {"name": "not_now", "confidence": 912, "signs": ["next quarter"], "ask_again": "next quarter"},
        });
        assert_eq!(intent(&verdict), "Not now");
        let lines = lines(&verdict).join("\n");
        assert!(
            lines.contains("by: token") && lines.contains("91 % sure"),
            "{lines}"
        );
        assert!(lines.contains("Ask again: next quarter"), "{lines}");
        assert!(!lines.contains("Origin"), "{lines}");
    }

    #[test]
    fn an_absence_says_when_it_ends() {
        let lines = lines(&json!({ "back_on": "2026-12-07" }));
        assert_eq!(lines, ["Back on: 2026-12-07"]);
    }

    #[test]
    fn a_report_without_proof_says_that_it_stops_nobody() {
        let verdict = json!({
            "origin": "dmarc=fail", "proven": false,
            "reported_by": "mx.people.example",
            "failures": [{
                "reason": "address_unknown", "status": "5.1.1", "code": 550,
                "settled_by": "words \"user unknown\"", "refused_by": "mx2.people.example",
            }],
        });
        let lines = lines(&verdict).join("\n");
        assert!(
            lines.contains("dmarc=fail; it stops nobody by itself"),
            "{lines}"
        );
        let why =
            "address unknown (5.1.1, 550, words \"user unknown\", refused by mx2.people.example)";
        assert!(lines.contains(why), "{lines}");
        assert!(lines.contains("Reported by: mx.people.example"), "{lines}");
        assert_eq!(intent(&verdict), "");
    }
}
