//! Judges any TUS server.

fn main() {}
