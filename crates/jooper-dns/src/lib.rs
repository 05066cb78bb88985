#![doc = include_str!("../README.md")]

mod error;
mod resolver;

pub use error::NoResolver;
pub use resolver::Resolver;
