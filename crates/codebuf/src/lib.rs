//! codebuf
