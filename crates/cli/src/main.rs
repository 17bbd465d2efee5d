//! The `jobwatch` command.

fn main() {}
