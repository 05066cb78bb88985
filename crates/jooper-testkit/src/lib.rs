//! jooper-testkit
