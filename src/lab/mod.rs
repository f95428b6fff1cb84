//! An inspected network on loopback, for `demo` and the tests.
