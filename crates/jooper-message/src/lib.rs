#![doc = include_str!("../README.md")]

pub mod compose;
pub mod inbound;
