//! The support itself: the environment really is cleared, deadlines really end a program.

use std::time::Duration;

use crate::support::{Sandbox, skip, tool};

#[test]
fn a_program_sees_only_what_it_was_given() {
    let Some(env) = tool("env") else { return skip("there is no `env`") };
    let sandbox = Sandbox::new();
    let run = sandbox.program(env).env("GIVEN", "yes").output().exits(0);
    let mut names: Vec<_> = run.stdout.lines().filter_map(|l| l.split_once('=')).map(|(n, _)| n).collect();
    names.sort_unstable();
    assert_eq!(names, ["GIVEN", "HOME", "LANG", "PATH", "USERPROFILE"]);
}

#[test]
#[should_panic(expected = "still ran after")]
fn a_program_that_does_not_end_is_ended() {
    let Some(sleep) = tool("sleep") else { panic!("still ran after: there is no `sleep` to try it with") };
    Sandbox::new().program(sleep).arg("60").deadline(Duration::from_millis(200)).output();
}
