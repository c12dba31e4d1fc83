//! The functions that a host exports to plugins: one row each.
