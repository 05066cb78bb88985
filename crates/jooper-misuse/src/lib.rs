//! Programs that must not compile stand in `tests/ui`, each beside a twin that does.
//!
//! They stand in a crate of their own because trybuild checks everything that the crate under test
//! needs, also for its other tests.
