//! Pages of a listing, and the tokens that name the next one.
//!
//! A token belongs to one listing: the same account, place and choice of what is listed. It ends after
//! a while. Google documents neither how it refuses another nor when one ends; a client that goes on
//! with one should meet both.

use super::super::draw::draw;
use super::super::http::SimRequest;
use super::super::world::World;
use super::error::ApiError;

/// One page of a listing.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) total: usize,
    pub(super) next: Option<String>,
}

/// What a listing is chosen by. How much of it comes at once may change from page to page.
const CHOICE: [&str; 6] = [
    "q",
    "labelIds",
    "labelId",
    "includeSpamTrash",
    "startHistoryId",
    "historyTypes",
];

/// Cuts a page out of a listing; the token is opaque to clients.
pub(super) fn page<T>(
    world: &World,
    all: Vec<T>,
    request: &SimRequest,
    default: usize,
    most: usize,
) -> Result<Page<T>, ApiError> {
    let size = match request.query("maxResults").filter(|text| !text.is_empty()) {
        Some(text) => text
            .parse::<usize>()
            .map_err(|_| ApiError::bad_request("Invalid value at 'max_results'"))?
            .clamp(1, most),
        None => default,
    };
    let size = if world.knobs.max_results { size } else { most };
    let start = match asked(request) {
        Some(token) => start_of(world, request, token)
            .ok_or_else(|| ApiError::bad_request("Invalid pageToken"))?,
        None => 0,
    };
    let total = all.len();
    let next = (start + size < total).then(|| token(world, request, start + size, world.now));
    Ok(Page {
        items: all.into_iter().skip(start).take(size).collect(),
        total,
        next,
    })
}

/// A token for the page that is asked for, once more.
pub(crate) fn same_page(world: &World, request: &SimRequest) -> String {
    let start = asked(request).and_then(|token| start_of(world, request, token));
    token(world, request, start.unwrap_or(0), world.now)
}

fn asked(request: &SimRequest) -> Option<&str> {
    request.query("pageToken").filter(|text| !text.is_empty())
}

/// `START.ISSUED.MARK`: the mark says of which listing it is.
fn token(world: &World, request: &SimRequest, start: usize, issued: i64) -> String {
    let account = request
        .bearer()
        .and_then(|bearer| world.grants.access.get(bearer))
        .map_or("", |access| access.sub.as_str());
    let (from, at) = (start.to_string(), issued.to_string());
    let mut choice: Vec<String> = CHOICE
        .iter()
        .flat_map(|name| {
            let values = request.query_all(name);
            values
                .into_iter()
                .map(move |value| format!("{name}={value}"))
        })
        .collect();
    choice.sort();
    let mut key = vec!["page token", account, request.path.as_str(), &from, &at];
    key.extend(choice.iter().map(String::as_str));
    let mark = draw(world.seed, &key);
    format!("p{from}.{issued}.{mark:016x}")
}

fn start_of(world: &World, request: &SimRequest, text: &str) -> Option<usize> {
    let mut parts = text.strip_prefix('p')?.split('.');
    let start: usize = parts.next()?.parse().ok()?;
    let issued: i64 = parts.next()?.parse().ok()?;
    let age = world.now - issued;
    let lives = age <= world.knobs.page_token_seconds * 1_000;
    (lives && token(world, request, start, issued) == text).then_some(start)
}
