//! jooper-message
