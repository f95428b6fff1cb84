//! The process's own streams: where the answer goes, where progress goes, what is piped in.

use std::io::{self, IsTerminal, Read, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use terminal_size::{Width, terminal_size_of};

/// What is known about one output stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Whether a person sees it at once.
    pub is_terminal: bool,
    /// Columns, where a terminal says.
    pub width: Option<u16>,
}

/// Looks at standard output.
pub fn standard_output() -> Stream {
    let stream = io::stdout();
    Stream { is_terminal: stream.is_terminal(), width: terminal_size_of(&stream).map(|(Width(w), _)| w) }
}

/// Looks at standard error.
pub fn standard_error() -> Stream {
    let stream = io::stderr();
    Stream { is_terminal: stream.is_terminal(), width: terminal_size_of(&stream).map(|(Width(w), _)| w) }
}

/// Writes to standard output and flushes, so that a full disk is noticed here and not silently at the end.
pub fn answer(text: &str) -> io::Result<()> {
    let mut stream = io::stdout().lock();
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// Writes to standard error. A standard error that is closed or full has nobody to be told.
pub fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Reads what is piped in; more than `limit` bytes are an error of kind `FileTooLarge`.
pub fn piped(limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {limit} bytes")));
    }
    Ok(bytes)
}

/// Says on a terminal's standard error which question is being asked, once it takes longer than a moment; erased
/// when dropped.
#[derive(Debug)]
pub struct Progress {
    done: Option<Sender<()>>,
    shower: Option<JoinHandle<()>>,
}

/// How long a person waits without wondering.
const MOMENT: Duration = Duration::from_millis(400);

impl Progress {
    /// Starts waiting for the moment to pass.
    pub fn start(question: impl Into<String>) -> Self {
        let question = question.into();
        let (done, finished) = mpsc::channel();
        let shower = std::thread::spawn(move || {
            if finished.recv_timeout(MOMENT) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_message(question);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style.tick_chars("-\\|/ "));
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            let _ = finished.recv();
            bar.finish_and_clear();
        });
        Self { done: Some(done), shower: Some(shower) }
    }

    /// Shows nothing: there is no terminal, or the user wants quiet.
    pub fn silent() -> Self {
        Self { done: None, shower: None }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(shower) = self.shower.take() {
            let _ = shower.join();
        }
    }
}
