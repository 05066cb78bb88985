//! Which address leads where.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};

use super::app::App;
use super::error::PageError;
use super::{flows, guard, headers, login, pages};

/// Where Google sends a browser back to: the same for both, under the name of the trip it ends.
pub(crate) const CALLBACKS: [&str; 2] = ["/login/callback", "/oauth/callback"];

/// The longest form; the longest sequence is far shorter.
const FORM: usize = 256 * 1024;
/// The longest uploaded file.
const FILE: usize = 64 * 1024 * 1024;

/// Everything that this server answers.
pub(crate) fn router(app: Arc<App>) -> Router {
    let sign_in = Router::new()
        .route("/login", get(login::page).post(login::password))
        .route("/login/google", post(login::google))
        .route("/logout", post(login::out))
        .route(CALLBACKS[0], get(flows::callback))
        .route(CALLBACKS[1], get(flows::callback));
    let leads = Router::new()
        .route("/leads", get(pages::leads::list))
        .route("/leads/search", post(pages::leads::search))
        .route(
            "/leads/import",
            post(pages::import::import).layer(DefaultBodyLimit::max(FILE)),
        )
        .route(
            "/leads/listed",
            post(pages::import::listed).layer(DefaultBodyLimit::max(FILE)),
        )
        .route("/leads/{id}", get(pages::lead::show))
        .route("/leads/{id}/stop", post(pages::lead::stop))
        .route("/leads/{id}/step", post(pages::lead::step))
        .route("/leads/{id}/history", get(pages::history::show))
        .route("/leads/{id}/export", post(pages::lead::export))
        .route(
            "/leads/{id}/erase",
            get(pages::erase::ask).post(pages::erase::erase),
        );
    let campaigns = Router::new()
        .route(
            "/campaigns/new",
            get(pages::new_campaign::form).post(pages::new_campaign::create),
        )
        .route("/campaigns/{id}", get(pages::campaign::show))
        .route("/campaigns/{id}/refused", get(pages::refused::list))
        .route("/campaigns/{id}/unlawful", get(pages::unlawful::list))
        .route("/campaigns/{id}/start", post(pages::new_campaign::start))
        .route("/campaigns/{id}/forecast", get(pages::forecast::show))
        .route("/campaigns/{id}/forecast.json", get(pages::forecast::json))
        .route("/campaigns/{id}/forecast.csv", get(pages::forecast::csv))
        .route(
            "/campaigns/{id}/settings",
            get(pages::settings::form).post(pages::settings::change),
        )
        .route(
            "/campaigns/{id}/test",
            get(pages::test_mail::form).post(pages::test_mail::send),
        )
        .route("/campaigns/{id}/test/{key}", get(pages::test_mail::show))
        .route("/campaigns/{id}/pause", post(pages::campaign::pause))
        .route("/campaigns/{id}/resume", post(pages::campaign::resume))
        .route("/campaigns/{id}/end", post(pages::campaign::end))
        .route(
            "/campaigns/{id}/unknown",
            post(pages::campaign::decide_unknown),
        )
        .route(
            "/campaigns/{id}/overdue",
            post(pages::campaign::resume_overdue),
        );
    let requests = Router::new()
        .route("/requests", get(pages::requests::list))
        .route("/requests/{id}/answered", post(pages::requests::answered));
    let rest = Router::new()
        .route("/", get(pages::dashboard::show))
        .route("/live/dashboard", get(pages::dashboard::live))
        .route("/live/campaigns/{id}", get(pages::campaign::live))
        .route(
            "/live/campaigns/{id}/test/{key}",
            get(pages::test_mail::live),
        )
        .route("/live/inbox", get(pages::inbox::live))
        .route("/inbox", get(pages::inbox::list))
        .route("/inbox/{thread}", get(pages::thread::show))
        .route("/inbox/{thread}/mail/{mail}", get(pages::thread::formatted))
        .route("/inbox/{thread}/reply", post(pages::thread::reply))
        .route("/inbox/{thread}/objection", post(pages::thread::objection))
        .route("/inbox/{thread}/unread", post(pages::thread::unread))
        .route("/mailboxes", get(pages::mailboxes::list))
        .route("/mailboxes/connect", post(pages::mailboxes::connect))
        .route(
            "/mailboxes/{id}/disconnect",
            post(pages::mailboxes::disconnect),
        )
        .route(
            "/mailboxes/{id}/reconnect",
            post(pages::mailboxes::reconnect),
        )
        .route("/mailboxes/{id}/check", post(pages::mailboxes::check))
        .route("/mailboxes/{id}/looked", post(pages::mailboxes::looked))
        .route("/mailboxes/{id}/revoke", post(pages::mailboxes::revoke))
        .route("/mailboxes/{id}/undone", post(pages::mailboxes::undone))
        .route(
            "/mailboxes/{id}/today",
            get(pages::today::show).post(pages::today::step),
        )
        .route("/mailboxes/{id}/{verb}", post(pages::mailboxes::act))
        .route("/safety", get(pages::safety::show))
        .route("/safety/pause", post(pages::safety::pause))
        .route("/safety/resume", post(pages::safety::resume))
        .route("/safety/check", post(pages::safety::check))
        .route("/safety/export", post(pages::safety::export))
        .route("/safety/reset", post(pages::safety::reset))
        .route(
            "/safety/refuse",
            get(pages::refuse::ask).post(pages::refuse::refuse),
        )
        .route("/safety/sample", post(pages::safety::sample));
    let pages = sign_in
        .merge(leads)
        .merge(campaigns)
        .merge(requests)
        .merge(rest)
        .layer(DefaultBodyLimit::max(FORM))
        .layer(from_fn_with_state(Arc::clone(&app), guard::session))
        .layer(from_fn_with_state(Arc::clone(&app), guard::host));
    let links = app.jooper.tracking().path().to_owned();
    let open = Router::new()
        .route("/healthz", get(pages::health::alive))
        .route("/readyz", get(pages::health::ready))
        .route("/push/gmail", any(pages::push::gmail))
        .route("/static/{file}", get(pages::assets::file))
        .route(&format!("{links}u/{{token}}"), any(pages::links::answer))
        .route(&format!("{links}p/{{token}}"), any(pages::links::answer))
        .route(&format!("{links}s/{{token}}"), any(pages::links::answer))
        .route(&format!("{links}c/{{token}}"), any(pages::links::answer))
        .layer(DefaultBodyLimit::max(FORM));
    pages
        .merge(open)
        .fallback(|| async { PageError::NotFound("page") })
        .method_not_allowed_fallback(|| async {
            PageError::BadRequest("this address does not take that".to_owned())
        })
        .layer(from_fn_with_state(Arc::clone(&app), headers::set))
        .with_state(app)
}
