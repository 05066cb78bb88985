//! What came through Gmail is not printed, not even while somebody looks for a fault.

use jooper_vault::{GmailDerived, ShowToOwner};

fn note(mail: &GmailDerived<String>, by: &ShowToOwner) -> String {
    let length = mail.lend(by).len();
    let shown = mail;
    format!("{length} {shown:?}")
}

fn main() {
    let _ = note;
}
