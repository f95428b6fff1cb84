//! The roots a tool really uses, and who set them. Pure: an installation, an environment and the files that were
//! read go in.

mod anchors;
mod chain;
mod effective;
mod elsewhere;
mod judged;
mod predict;
mod seen;
mod verifies;

pub use chain::{ChainAnswer, ChainJudge};
pub use effective::{Effective, FallsBack, Part, SetBy, Source, Standing, databases, effective, named_files};
pub use elsewhere::{environment_in, unit};
pub use judged::{Needed, ToolJudgement, judge};
pub use predict::{FileFault, Predictor, ToolTrust};
pub use seen::{Place, Seen, SwitchedOff, Unread, View};
pub use verifies::Expected;
