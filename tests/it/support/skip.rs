//! What a machine may lack, and saying so.

use std::io::Write;
use std::path::PathBuf;

/// Says why a test does not run here; with `CI=true` it is a failure instead, because `.ci/run` installs what is needed.
///
/// # Panics
///
/// With `CI=true`.
pub(crate) fn skip(reason: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} cannot run here: {reason}", test());
    skip_even_in_ci(reason);
}

/// Says why a test does not run here, also with `CI=true`: for what `.ci/run` has no way to install.
pub(crate) fn skip_even_in_ci(reason: &str) {
    // straight to the stream: the test harness keeps to itself what a passing test prints
    let _ = writeln!(std::io::stderr(), "skipped {}: {reason}", test());
}

fn test() -> String {
    std::thread::current().name().unwrap_or("a test").to_owned()
}

/// Returns the path of a program of this machine.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|candidate| candidate.is_file())
}

/// Returns a file of the folder shared beside the project (`TRUSTGAP_SHARED`, else `../shared`).
pub(crate) fn shared(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TRUSTGAP_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    folder.join(file).canonicalize().ok()
}

/// Whether the tests run as root.
pub(crate) fn is_root() -> bool {
    tool("id").is_some_and(|id| {
        std::process::Command::new(id).arg("-u").output().is_ok_and(|o| o.stdout.trim_ascii() == b"0")
    })
}
