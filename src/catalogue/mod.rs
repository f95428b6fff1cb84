//! What we know about tools, vendors and stores: data with its schema and loader.
