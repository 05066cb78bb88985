//! Comparing history ids, which are opaque but for their order.

use std::cmp::Ordering;

/// The one that stands earlier; an empty one says nothing.
///
/// Ids are decimal texts, by Google's discovery document a `uint64`. Compatible servers may go
/// beyond 64 bits, so they are compared as texts: by length, then digit by digit.
pub(super) fn earlier(one: String, other: String) -> String {
    if other.is_empty() || (!one.is_empty() && order(&one, &other).is_le()) {
        one
    } else {
        other
    }
}

fn order(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    (one.len(), one).cmp(&(other.len(), other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_of_two_ids_is_the_smaller_number_of_any_length() {
        let beyond = "184467440737095516160";
        for (small, large) in [("9", "10"), ("10", "11"), ("007", "8"), ("5", beyond)] {
            for (one, other) in [(small, large), (large, small)] {
                assert_eq!(earlier(one.to_owned(), other.to_owned()), small);
            }
        }
        assert_eq!(earlier("7".to_owned(), String::new()), "7");
        assert_eq!(earlier(String::new(), "7".to_owned()), "7");
    }
}
