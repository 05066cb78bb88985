//! Characters that take no room.

use crate::subject::is_unseen;

/// So many of them in one place hide something or push it away. One joins or parts letters in many
/// scripts, and the flag of a region ends with seven.
const MANY: usize = 16;

/// Whether so many characters that nobody sees stand in one place that something is hidden by them.
/// White space beside them counts neither for nor against them.
pub(super) fn is_stuffed(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let mut run = 0;
    for c in text.chars() {
        if takes_no_room(c) {
            run += 1;
            if run >= MANY {
                return true;
            }
        } else if !is_unseen(c) {
            run = 0;
        }
    }
    false
}

/// Whether a character takes no room at all, as white space and controls do.
pub(super) fn takes_no_room(c: char) -> bool {
    !c.is_ascii() && is_unseen(c) && !c.is_whitespace() && !c.is_control()
}
