//! The simulator on the network: sockets, the lock around the world, and what leaves it on its own.

mod body;
mod errands;
mod hub;
mod listener;
mod replay;
mod route;
mod surface;

pub(crate) use self::hub::Hub;
pub(crate) use self::listener::{Conn, FaultListener};
pub(crate) use self::replay::replay;
pub(crate) use self::surface::google;
