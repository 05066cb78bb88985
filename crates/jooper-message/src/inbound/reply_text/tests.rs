//! Whole bodies in many languages and clients.

use super::*;

#[test]
fn placeholder_is_replaced() {
    assert_eq!(visible_text("a").visible, "a");
}
