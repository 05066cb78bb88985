//! Setting a simulator up.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

use super::accounts::{ClientSpec, ProjectSpec, UserSpec};
use super::clock::SimClock;
use super::error::SimulatorError;
use super::gmail::PushTarget;
use super::knobs::Knobs;
use super::population::{Behavior, Mix, set_behavior};
use super::serve::{Conn, FaultListener, Hub};
use super::simulator::GoogleSimulator;
use super::world::{StateFile, World};
use super::{control, rt, serve};

/// The project that exists unless others are named.
pub(crate) const DEFAULT_PROJECT: &str = "sim-project";
/// The client that exists unless others are named; it takes any loopback redirect.
pub(crate) const DEFAULT_CLIENT: &str = "sim-client.apps.googleusercontent.com";
/// Its secret.
pub(crate) const DEFAULT_SECRET: &str = "sim-secret";

/// Collects a simulator's world; see [`GoogleSimulator::builder`].
#[derive(Debug)]
#[must_use]
pub struct GoogleSimulatorBuilder {
    seed: u64,
    clock: SimClock,
    projects: Vec<ProjectSpec>,
    clients: Vec<ClientSpec>,
    users: Vec<UserSpec>,
    behaviors: Vec<(String, Behavior)>,
    pushes: Vec<(String, PushTarget)>,
    knobs: Option<Knobs>,
    mix: Option<Mix>,
    state: Option<PathBuf>,
    google_port: u16,
    control_port: u16,
}

impl GoogleSimulatorBuilder {
    pub(crate) fn new() -> Self {
        Self {
            seed: 0,
            clock: SimClock::wall(),
            projects: Vec::new(),
            clients: Vec::new(),
            users: Vec::new(),
            behaviors: Vec::new(),
            pushes: Vec::new(),
            knobs: None,
            mix: None,
            state: None,
            google_port: 0,
            control_port: 0,
        }
    }

    /// Sets what every drawn value depends on; 0 by default. A resumed state keeps its own.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the clock; the machine's own by default.
    pub fn clock(mut self, clock: SimClock) -> Self {
        self.clock = clock;
        self
    }

    /// Adds a Cloud project; without any, one named `sim-project` exists.
    pub fn project(mut self, project: ProjectSpec) -> Self {
        self.projects.push(project);
        self
    }

    /// Adds an OAuth client; without any, [`GoogleSimulator::default_client`] exists.
    pub fn client(mut self, client: ClientSpec) -> Self {
        self.clients.push(client);
        self
    }

    /// Adds an account with an empty mailbox.
    pub fn user(mut self, user: UserSpec) -> Self {
        self.users.push(user);
        self
    }

    /// Sets how an address outside Google behaves.
    pub fn behavior(mut self, address: &str, behavior: Behavior) -> Self {
        self.behaviors.push((address.to_owned(), behavior));
        self
    }

    /// Sets how addresses behave that nobody set.
    pub fn mix(mut self, mix: Mix) -> Self {
        self.mix = Some(mix);
        self
    }

    /// Sets the knobs.
    pub fn knobs(mut self, knobs: Knobs) -> Self {
        self.knobs = Some(knobs);
        self
    }

    /// Sets where a project's notifications are pushed to.
    pub fn push(mut self, project: &str, target: PushTarget) -> Self {
        self.pushes.push((project.to_owned(), target));
        self
    }

    /// Keeps the state in a file (with `.spool` and `.journal` beside it), and resumes from it where it exists.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(path.into());
        self
    }

    /// Asks for fixed loopback ports; the system chooses by default.
    pub fn ports(mut self, google: u16, control: u16) -> Self {
        (self.google_port, self.control_port) = (google, control);
        self
    }

    /// Opens both listeners and starts.
    ///
    /// # Errors
    /// When a port cannot be opened, or the state file cannot be used.
    pub async fn start(self) -> Result<GoogleSimulator, SimulatorError> {
        let google = TcpListener::bind(("127.0.0.1", self.google_port))
            .await
            .map_err(SimulatorError::Listen)?;
        let control = TcpListener::bind(("127.0.0.1", self.control_port))
            .await
            .map_err(SimulatorError::Listen)?;
        let google_at = google.local_addr().map_err(SimulatorError::Listen)?;
        let control_at = control.local_addr().map_err(SimulatorError::Listen)?;
        let (store, world) = self.world()?;
        let mut world = world;
        world.root = format!("http://{google_at}");
        let hub = Arc::new(Hub::new(world, store, self.clock)?);
        hub.save(&mut hub.enter())?;
        let surface = Router::new()
            .fallback(serve::google)
            .with_state(Arc::clone(&hub))
            .into_make_service_with_connect_info::<Conn>();
        let tasks = vec![
            rt::spawn(async move {
                // Serving ends only with its task.
                let _ = axum::serve(FaultListener(google), surface).await;
            }),
            rt::spawn({
                let routes = control::routes(Arc::clone(&hub));
                async move {
                    let _ = axum::serve(control, routes).await;
                }
            }),
            rt::spawn(Arc::clone(&hub).live()),
        ];
        Ok(GoogleSimulator::running(
            hub,
            tasks,
            &google_at.to_string(),
            &control_at.to_string(),
        ))
    }

    fn world(&self) -> Result<(Option<StateFile>, World), SimulatorError> {
        let (store, resumed) = match &self.state {
            Some(path) => {
                let (store, world) = StateFile::open(path)?;
                (Some(store), world)
            }
            None => (None, None),
        };
        let now = self.clock.now_ms();
        let mut world = match resumed {
            Some((mut world, entries)) => {
                serve::replay(&mut world, &entries);
                self.clock.not_before(world.now);
                world
            }
            None => World::new(self.seed, now)?,
        };
        let projects = if self.projects.is_empty() {
            vec![ProjectSpec::new(DEFAULT_PROJECT)]
        } else {
            self.projects.clone()
        };
        let home = projects[0].id.clone();
        for project in projects {
            world.directory.projects.insert(project.id.clone(), project);
        }
        let clients = if self.clients.is_empty() {
            vec![ClientSpec::loopback(&home, DEFAULT_CLIENT, DEFAULT_SECRET)]
        } else {
            self.clients.clone()
        };
        for client in clients {
            world
                .directory
                .clients
                .insert(client.client_id.clone(), client);
        }
        for user in &self.users {
            world.add_user(user.clone());
        }
        if let Some(knobs) = &self.knobs {
            world.knobs = knobs.clone();
        }
        if let Some(mix) = &self.mix {
            world.population.mix = mix.clone();
        }
        for (project, target) in &self.pushes {
            world.pushes.insert(project.clone(), target.clone());
        }
        for (address, behavior) in &self.behaviors {
            set_behavior(&mut world, address, behavior.clone());
        }
        world.touch();
        Ok((store, world))
    }
}
