//! Reads the databases in which browsers on Unix keep the CAs that were added, by NSS's own `certutil`: their format is
//! its own affair. Where it is not installed, nobody can tell what is in them.

use std::path::Path;
use std::time::Duration;

use super::find::Finder;
use super::path::glob;
use crate::catalogue::Tool;
use crate::edge::{End, Invocation, PathKind, Reading};
use crate::facts::Os;
use crate::facts::tool::{Content, FileState, ToolLook};
use crate::judge::tool::{View, databases};

/// The most certificates that are read of a database: a person adds a handful.
const MOST_CERTIFICATES: usize = 64;

/// What is known of a database.
pub(super) enum Database {
    /// There is none: nothing was added.
    Absent,
    /// The CAs in it that are trusted to vouch for servers, as PEM.
    Read(FileState),
    /// It cannot be read here: no profile or several, or no `certutil`.
    Unknown,
}

/// Reads every database that an installation's defaults name, by the path that names it.
pub(super) fn read(
    reading: &dyn Reading,
    finder: &Finder<'_>,
    tool: &Tool,
    look: &ToolLook,
    deadline: Duration,
) -> Vec<(String, Database)> {
    let view = View { tool, look, environment: reading.environment(), os: reading.platform().os };
    let known = |path: String| {
        let database = database(reading, finder, &path, deadline);
        (path, database)
    };
    databases(view).into_iter().map(known).collect()
}

fn database(reading: &dyn Reading, finder: &Finder<'_>, pattern: &str, deadline: Duration) -> Database {
    let is_one = |path: &String| reading.kind(Path::new(&format!("{path}/cert9.db"))) == Some(PathKind::File);
    let found: Vec<String> = glob(reading, pattern).into_iter().filter(is_one).collect();
    let [path] = found.as_slice() else {
        // profiles may lie elsewhere, and there may be several: only a place with a name of its own can be empty
        return if found.is_empty() && !pattern.contains('*') { Database::Absent } else { Database::Unknown };
    };
    // Windows has another program of this name
    let program = if reading.platform().os == Os::Windows { None } else { finder.first("certutil") };
    let Some(program) = program else { return Database::Unknown };
    let folder = format!("sql:{path}");
    let ask = |arguments: &[&str]| {
        let mut environment = reading.environment().clone();
        environment.set("LC_ALL", "C");
        let arguments = ["-L", "-d", folder.as_str()].into_iter().chain(arguments.iter().copied());
        let run = reading.run(&Invocation::new(&program, arguments, environment, deadline));
        (run.end == End::Exited(0)).then_some(run.stdout)
    };
    let Some(listed) = ask(&[]) else { return Database::Unknown };
    let mut pem = String::new();
    for name in trusted(&listed).take(MOST_CERTIFICATES) {
        let Some(certificate) = ask(&["-a", "-n", name]) else { return Database::Unknown };
        pem.push_str(&certificate);
    }
    Database::Read(FileState::File { content: Content::new(pem) })
}

/// Returns the names of the certificates that a listing marks as trusted to sign those of servers: `C` stands first of
/// the three groups of letters behind the name.
fn trusted(listing: &str) -> impl Iterator<Item = &str> {
    listing.lines().filter_map(|line| {
        let (name, flags) = line.trim_end().rsplit_once(' ')?;
        let mut groups = flags.split(',');
        let servers = groups.next()?;
        let is_row = groups.count() == 2 && flags.chars().all(|c| c == ',' || c.is_ascii_alphabetic());
        let name = name.trim_end();
        (is_row && servers.contains('C') && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::edge::{Finished, Pretend};
    use crate::facts::ToolId;

    #[test]
    fn only_what_is_trusted_for_servers_counts() {
        let listing = "
Certificate Nickname                                         Trust Attributes
                                                             SSL,S/MIME,JAR/XPI

Northwind TLS Inspection                                     C,,
a mail CA                                                    ,C,
yours                                                        u,u,u
Both                                                         CT,C,C
";
        assert_eq!(trusted(listing).collect::<Vec<_>>(), ["Northwind TLS Inspection", "Both"]);
    }

    #[test]
    fn a_database_is_read_where_certutil_is_and_its_absence_is_known() {
        let chromium = catalogue::tool(&ToolId("chromium".to_owned())).expect("chromium");
        let look = serde_json::from_value(serde_json::json!({
            "id": "chromium", "path": "/usr/bin/chromium", "facts": { "home": "/home/you" },
        }));
        let look: ToolLook = look.expect("a look");
        let with_database = || {
            let machine = Pretend::new(Os::Linux).variable("PATH", "/usr/bin");
            machine.file("/home/you/.pki/nssdb/cert9.db", "")
        };
        let with_certutil = with_database().file("/usr/bin/certutil", "").answering(|asked| {
            let names_one = asked.arguments.iter().any(|argument| argument == "company CA");
            let listing = "company CA                                                   C,,\n";
            Some(Finished::saying(0, if names_one { "-----BEGIN CERTIFICATE-----\n" } else { listing }, ""))
        });
        let read = |machine: &Pretend| -> Vec<String> {
            let found = read(machine, &Finder::new(machine), chromium, &look, Duration::from_secs(1));
            let told = |(_, database)| match database {
                Database::Absent => "absent".to_owned(),
                Database::Read(FileState::File { content }) => {
                    String::from_utf8_lossy(content.bytes()).into_owned()
                }
                Database::Read(_) | Database::Unknown => "unknown".to_owned(),
            };
            found.into_iter().map(told).collect()
        };
        assert_eq!(read(&with_certutil), ["-----BEGIN CERTIFICATE-----\n", "absent"]);
        assert_eq!(read(&with_database()), ["unknown", "absent"]);
    }
}
