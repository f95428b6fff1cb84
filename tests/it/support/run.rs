//! Starting a program with exactly the environment it is given, and a deadline.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A program about to run; `output` starts it.
pub(crate) struct Command {
    program: PathBuf,
    inner: std::process::Command,
    input: Vec<u8>,
    collect: bool,
    deadline: Duration,
}

/// A program that ran.
#[derive(Debug)]
pub(crate) struct Run {
    /// Exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Command {
    /// Starts from an empty environment, but for what Windows needs to load a program at all.
    pub(crate) fn new(program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        let mut inner = std::process::Command::new(&program);
        inner.env_clear();
        for name in ["SystemRoot", "SystemDrive", "TEMP", "TMP", "PATHEXT"] {
            if let Some(value) = std::env::var_os(name) {
                inner.env(name, value);
            }
        }
        Self { program, inner, input: Vec::new(), collect: true, deadline: Duration::from_secs(60) }
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.inner.arg(argument);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.inner.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    pub(crate) fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.inner.current_dir(folder.into());
        self
    }

    pub(crate) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    pub(crate) fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sends standard output to a file or device instead of collecting it.
    pub(crate) fn stdout_to(mut self, file: std::fs::File) -> Self {
        self.inner.stdout(file);
        self.collect = false;
        self
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started, or is still running at the deadline (it is ended then).
    pub(crate) fn output(mut self) -> Run {
        let started = Instant::now();
        self.inner.stdin(Stdio::piped()).stderr(Stdio::piped());
        if self.collect {
            self.inner.stdout(Stdio::piped());
        }
        let mut child = self.spawn();
        let mut stdin = child.stdin.take().expect("it is piped");
        let input = std::mem::take(&mut self.input);
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let stdout = child.stdout.take().map(collect);
        let stderr = child.stderr.take().map(collect);
        let status = loop {
            if let Some(status) = child.try_wait().expect("its status can be asked") {
                break status;
            }
            if started.elapsed() > self.deadline {
                child.kill().expect("it can be ended");
                child.wait().expect("it ends");
                panic!(
                    "{} still ran after {:?}: {:?}",
                    self.program.display(),
                    self.deadline,
                    self.arguments()
                );
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        writer.join().expect("the writer does not panic");
        // a grandchild may hold the pipe: what came within five seconds of the end counts
        let text = |channel: Option<mpsc::Receiver<Vec<u8>>>| {
            channel
                .and_then(|c| c.recv_timeout(Duration::from_secs(5)).ok())
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .unwrap_or_default()
        };
        Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    fn spawn(&mut self) -> Child {
        self.inner.spawn().unwrap_or_else(|e| panic!("{} does not start: {e}", self.program.display()))
    }

    fn arguments(&self) -> Vec<OsString> {
        self.inner.get_args().map(OsStr::to_owned).collect()
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

impl Run {
    /// Returns both streams, for messages of failing tests.
    pub(crate) fn text(&self) -> String {
        format!("exit {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// Returns standard output as JSON.
    ///
    /// # Panics
    ///
    /// When it is not one JSON document.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("standard output is not JSON ({e}): {}", self.text()))
    }

    /// Fails unless the exit code is this one.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.text());
        self
    }
}

/// Fails on a panic, on more than one `error:`, and on control characters in either stream.
pub(crate) fn decent(run: Run) -> Run {
    let text = run.text();
    assert!(!text.contains("panicked"), "{text}");
    assert!(run.stderr.matches("error:").count() <= 1, "one clear sentence: {text}");
    let hostile = |c: char| {
        c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!run.stdout.contains(hostile) && !run.stderr.contains(hostile), "{text:?}");
    run
}
