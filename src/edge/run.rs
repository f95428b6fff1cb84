//! The one door through which programs are started.

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::{Deadline, End, Finished, Invocation, Scratch};

/// The variables that name the folder for temporary files, on Unix and on Windows.
const TEMPORARY: [&str; 3] = ["TMPDIR", "TMP", "TEMP"];

/// The most that is kept of each stream; the rest is read and dropped, so that the program does not block on it. Many
/// programs run at the same time.
const MOST_OUTPUT: usize = 256 * 1024;

/// How long the streams are read on after the program has ended: a child of it (a build daemon, say) may hold them
/// open for hours.
const GRACE: Duration = Duration::from_millis(250);

/// How long a program may go on after there is enough of it, to end by itself and leave nothing half done.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// Starts a program in a group of its own, reads both its streams at once, and ends the whole group at the deadline.
/// Its temporary files are gone with it: tools keep caches among them (Yarn 1 its compiled code), and one that is ended
/// cleans nothing up.
pub(super) fn run(invocation: &Invocation) -> Finished {
    run_until(invocation, &|| false)
}

/// [`run`], which also ends the group a moment after there is `enough`.
pub(super) fn run_until(invocation: &Invocation, enough: &dyn Fn() -> bool) -> Finished {
    let started = Instant::now();
    let deadline = Deadline::after(invocation.deadline);
    let temporary = Scratch::new().ok();
    let (mut child, group) = match start(invocation, temporary.as_ref()) {
        Ok(running) => running,
        Err(e) => return Finished::new(End::NotStarted(e.to_string()), started.elapsed()),
    };
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), invocation.input.clone()) {
        // a program that does not read its input, or ends early, is not an error of ours
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    let stdout = child.stdout.take().map(Drain::start);
    let stderr = child.stderr.take().map(Drain::start);
    let end = wait(&mut child, deadline, enough);
    if end == End::TimedOut {
        group.end(&mut child);
    }
    let grace = Deadline::after(GRACE);
    Finished {
        end,
        stdout: stdout.map(|s| s.text(grace)).unwrap_or_default(),
        stderr: stderr.map(|s| s.text(grace)).unwrap_or_default(),
        elapsed: started.elapsed(),
    }
}

fn start(invocation: &Invocation, temporary: Option<&Scratch>) -> io::Result<(Child, Group)> {
    let mut command = Command::new(&invocation.program);
    command
        .args(&invocation.arguments)
        .env_clear()
        .envs(invocation.environment.iter())
        .envs(temporary.into_iter().flat_map(|folder| TEMPORARY.map(|name| (name, folder.path()))))
        .stdin(if invocation.input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(folder) = &invocation.folder {
        command.current_dir(folder);
    }
    Group::start(command)
}

/// Waits for the program, asking often at first and then after an eighth of the time that it has taken: most of what we
/// start is over in milliseconds, and each question costs us as much as a short read.
fn wait(child: &mut Child, mut deadline: Deadline, enough: &dyn Fn() -> bool) -> End {
    let started = Instant::now();
    let mut satisfied = false;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return how(status),
            Ok(None) => {}
            Err(e) => return End::NotStarted(e.to_string()),
        }
        if !satisfied && enough() {
            satisfied = true;
            let left = deadline.left().unwrap_or_default();
            deadline = Deadline::after(left.min(AFTERWARDS));
        }
        let Some(left) = deadline.left() else { return End::TimedOut };
        let pause = (started.elapsed() / 8).clamp(Duration::from_micros(500), Duration::from_millis(40));
        thread::sleep(pause.min(left));
    }
}

fn how(status: ExitStatus) -> End {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return End::Signalled(signal);
    }
    End::Exited(status.code().unwrap_or(-1))
}

/// One stream being read on a thread of its own.
struct Drain {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Closed by the reader when the stream is.
    open: mpsc::Receiver<()>,
}

impl Drain {
    fn start(mut stream: impl Read + Send + 'static) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&kept);
        let (reading, open) = mpsc::channel();
        thread::spawn(move || {
            let _held = reading;
            let mut chunk = [0; 8192];
            loop {
                match stream.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(read) => {
                        let mut kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
                        let room = MOST_OUTPUT - kept.len();
                        kept.extend_from_slice(&chunk[..read.min(room)]);
                    }
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => return,
                }
            }
        });
        Self { kept, open }
    }

    /// Returns what came until the stream ended or the deadline passed.
    fn text(self, deadline: Deadline) -> String {
        let _ = self.open.recv_timeout(deadline.left().unwrap_or_default());
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }
}

impl Finished {
    fn new(end: End, elapsed: Duration) -> Self {
        Self { end, stdout: String::new(), stderr: String::new(), elapsed }
    }
}

/// The program and everything it started.
#[cfg(unix)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    fn start(mut command: Command) -> io::Result<(Child, Self)> {
        use std::os::unix::process::CommandExt as _;
        let child = command.process_group(0).spawn()?;
        let number = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
        Ok((child, Self(number)))
    }

    fn end(self, child: &mut Child) {
        use rustix::process::{Signal, kill_process_group};
        // the child is not reaped yet, so its number still names it and its group
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = child.wait();
    }
}

/// The program and everything it started: a job object, whose members end with it.
#[cfg(windows)]
struct Group(Option<win32job::Job>);

#[cfg(windows)]
impl Group {
    fn start(mut command: Command) -> io::Result<(Child, Self)> {
        use std::os::windows::io::AsRawHandle as _;
        let child = command.spawn()?;
        // without a job (an old Windows inside another job) only the program itself can be ended
        let job = win32job::Job::create()
            .ok()
            .filter(|job| job.assign_process(child.as_raw_handle() as isize).is_ok());
        Ok((child, Self(job)))
    }

    fn end(self, child: &mut Child) {
        if let Some(job) = &self.0
            && let Ok(mut limits) = job.query_extended_limit_info()
        {
            // from now on the job's members end with its last handle: when `self` is dropped
            let _ = job.set_extended_limit_info(limits.limit_kill_on_job_close());
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::facts::Environment;

    fn shell(script: &str, deadline: Duration) -> Invocation {
        let environment = Environment::from_iter([("PATH", "/usr/bin:/bin")]);
        Invocation::new("/bin/sh", ["-c", script], environment, deadline)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn both_streams_and_the_code_are_kept() {
        let finished = run(&shell("echo out; echo err >&2; exit 3", LONG));
        assert_eq!((finished.end, &*finished.stdout, &*finished.stderr), (End::Exited(3), "out\n", "err\n"));
    }

    #[test]
    fn its_temporary_files_are_gone_with_it() {
        for (script, end) in [
            ("touch $TMPDIR/cache; echo $TMPDIR", End::Exited(0)),
            ("touch $TMPDIR/cache; echo $TMPDIR; sleep 300", End::TimedOut),
        ] {
            let finished = run(&shell(script, Duration::from_secs(1)));
            assert_eq!(finished.end, end);
            let folder = std::path::Path::new(finished.stdout.trim());
            assert!(folder.is_absolute() && !folder.exists(), "{}", folder.display());
        }
    }

    #[test]
    fn a_program_that_writes_much_to_both_streams_neither_blocks_nor_grows() {
        let finished = run(&shell(
            "head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' y >&2",
            LONG,
        ));
        assert_eq!(finished.end, End::Exited(0));
        assert_eq!((finished.stdout.len(), finished.stderr.len()), (MOST_OUTPUT, MOST_OUTPUT));
    }

    #[test]
    fn the_deadline_ends_the_grandchildren_too() {
        let finished = run(&shell("sleep 300 & echo $!; wait", Duration::from_millis(300)));
        assert_eq!(finished.end, End::TimedOut);
        assert!(finished.elapsed < Duration::from_secs(5), "{:?}", finished.elapsed);
        let grandchild: i32 = finished.stdout.trim().parse().unwrap();
        let gone = (0..100).any(|_| {
            thread::sleep(Duration::from_millis(20));
            // a zombie that nobody has reaped yet is over as well
            std::fs::read_to_string(format!("/proc/{grandchild}/stat")).map_or(true, |s| s.contains(") Z "))
        });
        assert!(gone, "process {grandchild} lives on");
    }

    #[test]
    fn a_program_that_said_enough_is_not_waited_for() {
        let finished = run_until(&shell("echo said; sleep 300", LONG), &|| true);
        assert_eq!((finished.end, &*finished.stdout), (End::TimedOut, "said\n"));
    }

    #[test]
    fn a_daemon_that_keeps_the_streams_open_is_not_waited_for() {
        let finished = run(&shell("sleep 5 & echo done", LONG));
        assert_eq!((finished.end, &*finished.stdout), (End::Exited(0), "done\n"));
        assert!(finished.elapsed < Duration::from_secs(4), "{:?}", finished.elapsed);
    }

    #[test]
    fn input_is_given_and_a_program_that_ignores_it_does_no_harm() {
        let mut invocation = shell("cat", LONG);
        invocation.input = Some(b"hello".to_vec());
        assert_eq!(run(&invocation).stdout, "hello");
        invocation.arguments[1] = "exit 0".to_owned();
        invocation.input = Some(vec![b'x'; 1_000_000]);
        assert_eq!(run(&invocation).end, End::Exited(0));
    }

    #[test]
    fn a_program_that_is_not_there_says_so() {
        let nothing = Invocation::new("/nonexistent/program", [""; 0], Environment::default(), LONG);
        assert!(matches!(run(&nothing).end, End::NotStarted(words) if words.contains("No such file")));
    }

    #[test]
    fn a_signal_is_not_an_exit_code() {
        assert_eq!(run(&shell("kill -9 $$", LONG)).end, End::Signalled(9));
    }

    #[test]
    fn the_environment_is_the_given_one_and_a_folder_for_temporary_files() {
        let mut invocation = shell("env", LONG);
        invocation.environment.set("ONLY", "this");
        let finished = run(&invocation);
        let mut names: Vec<_> =
            finished.stdout.lines().filter_map(|l| l.split_once('=')).map(|(n, _)| n).collect();
        names.retain(|n| !["PWD", "OLDPWD", "SHLVL", "_"].contains(n)); // the shell's own
        names.sort_unstable();
        assert_eq!(names, ["ONLY", "PATH", "TEMP", "TMP", "TMPDIR"]);
    }
}
