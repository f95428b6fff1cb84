//! Real installations on this machine, looked at by the real program: each one is asked as itself.

use crate::support::{Sandbox, skip, tool};

/// The libraries of a virtual environment are its own, although its python is a link to the system's.
#[test]
fn a_virtual_environment_is_asked_for_its_own_libraries() {
    let Some(python) = tool("python3") else { return skip("`python3` is not installed") };
    let sandbox = Sandbox::new();
    let venv = sandbox.path().join("venv");
    sandbox.program(python).args(["-m", "venv", "--without-pip"]).arg(&venv).output().exits(0);
    let bin = if cfg!(windows) { "Scripts" } else { "bin" };
    let sites = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let site = sandbox.program(venv.join(bin).join("python")).args(["-c", sites]).output().exits(0).stdout;
    std::fs::create_dir_all(format!("{}/requests-9.8.7.dist-info", site.trim())).expect("a library");
    let run = sandbox.trustgap().env("PATH", venv.join(bin)).args(["tools", "requests", "--json"]).output();
    let found = run.json();
    let tools = found["tools"].as_array().expect("tools");
    assert_eq!(tools.len(), 1, "{found}");
    assert_eq!(tools[0]["version"], "9.8.7", "{found}");
    assert!(tools[0]["path"].as_str().expect("a path").contains("venv"), "{found}");
}
