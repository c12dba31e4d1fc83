//! Copies between our memory and the guest's that report a bad address instead of crashing.
