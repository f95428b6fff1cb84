//! Pure: which CAs may be handed out, bundles, plans, shells.
