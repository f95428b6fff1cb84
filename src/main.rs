//! Parses the arguments, calls the library, returns the exit code.

fn main() {}
