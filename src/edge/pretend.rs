//! A machine made of values.
