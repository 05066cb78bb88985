//! The pages, and the endpoints that the outside world calls.
//! (contract for the demo; see the module's own files)
