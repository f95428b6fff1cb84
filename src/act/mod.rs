//! Carries a plan out, through the type that can write.
