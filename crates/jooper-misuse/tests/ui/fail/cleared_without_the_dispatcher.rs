//! A transport gets what the dispatcher has looked at, and nobody else makes that.

use jooper_consent::SendPermit;
use jooper_transport::{Cleared, OutgoingMail};

fn kept(cleared: Cleared, _: (SendPermit, OutgoingMail)) -> Cleared {
    cleared
}

fn clear(permit: SendPermit, mail: OutgoingMail, by_the_dispatcher: Cleared) -> Cleared {
    assert_eq!(by_the_dispatcher.mail(), &mail);
    assert_eq!(by_the_dispatcher.send_key(), permit.send_key());
    Cleared { mail, ..by_the_dispatcher }
}

fn main() {
    let _ = clear;
}
