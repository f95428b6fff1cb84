//! Reports and plans as text, JSON and more.
