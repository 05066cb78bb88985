//! What enters the mailbox of a small world, and what the engine makes of it.

use jooper_core::{Clock, ThreadId, UserId};
use jooper_sequence::{Conversations, EngineError};
use jooper_storage::tables::{MESSAGE, MessageContent, MessageRow, SUPPRESSION, SuppressionRow};
use jooper_storage::{Column, Record, Scan, StorageExt};
use jooper_transport::{Arrived, OutgoingMail};
use jooper_vault::{Place, ShowToOwner};
use uuid::Uuid;

use super::World;

pub const DAYS: i64 = 24;

/// The provider of lead 0 vouches for the mail.
pub const VOUCHED: (&str, &str) = (
    "Authentication-Results",
    "mx.google.com; dkim=pass header.i=@person0.example; spf=pass smtp.mailfrom=person0.example",
);

pub fn me() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

pub async fn all<R: Record>(world: &World, scan: Scan) -> Vec<R> {
    let rows = world.store.collect::<R>(world.workspace, scan).await;
    rows.unwrap().into_iter().map(|row| row.record).collect()
}

pub async fn arrived(world: &World) -> Vec<(MessageRow, MessageContent)> {
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let mut found = Vec::new();
    for row in all::<MessageRow>(world, Scan::table(&MESSAGE)).await {
        if row.kind.is_some() {
            let theirs = vault.subject(row.lead).await.unwrap();
            let place = Place::new(&MESSAGE, "content", &[row.id.to_value()]);
            let content = theirs.open_gmail(&place, &row.content).unwrap();
            let content: &MessageContent = content.lend(&ShowToOwner { user: me() });
            found.push((row, content.clone()));
        }
    }
    found
}

pub async fn listed(world: &World) -> Vec<SuppressionRow> {
    all(world, Scan::table(&SUPPRESSION)).await
}

/// Looks at the objection of a conversation, and says at once that it is none.
pub async fn dismissed(desk: &Conversations, thread: ThreadId) -> Result<usize, EngineError> {
    let seen = desk.objection(thread, me()).await?.seen;
    desk.dismiss_objection(thread, me(), &seen).await
}

/// The token of our mail, as answers bring it back.
pub fn token(mail: &OutgoingMail) -> String {
    let raw = String::from_utf8_lossy(mail.raw()).into_owned();
    let rest = raw.split("<jp.").nth(1).unwrap();
    format!("<jp.{}>", rest.split('>').next().unwrap())
}

/// A mail enters the mailbox.
pub fn arrive(world: &World, n: usize, headers: &[(&str, &str)], body: &str) {
    let mut headers: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    headers.push(("Message-ID".to_owned(), format!("<in{n}@person.example>")));
    if !headers.iter().any(|(name, _)| name == "To") {
        headers.push(("To".to_owned(), "ada1@sender.example".to_owned()));
    }
    let text: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let mail = Arrived {
        provider_id: format!("in{n}"),
        thread: format!("their-thread-{n}"),
        at: world.clock.now(),
        outgoing: false,
        headers,
    };
    let raw = format!("{text}\r\n{body}\r\n").into_bytes();
    world.inbox.0.lock().unwrap().push((mail, raw));
}

/// One lead who got the first mail.
pub async fn written_to() -> (World, OutgoingMail) {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 1);
    let mail = accepted[0].2.clone();
    (world, mail)
}
