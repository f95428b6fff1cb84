//! The stores of Windows and macOS, seen from another system: they have no files to read.

use std::path::Path;

use super::file::Builder;
use crate::edge::Reading;
use crate::facts::{Pool, RootStore};

pub(super) fn load(reading: &dyn Reading, _: &RootStore, _: &mut Pool) -> RootStore {
    let name = reading.platform().os.name();
    let mut store = Builder::new(format!("{name} certificate store"));
    store.note(Path::new(name), format!("its store can be read only by a program built for {name}"));
    store.finish()
}
