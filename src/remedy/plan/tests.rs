//! Plans for machines made of values: the oracle is a small table of how each kind of tool finds its roots.

use super::*;
use crate::remedy::script::{File, Value};

/// How the tools of these tests behave: enough of the real ones to make every trap.
struct Table {
    /// Whether the system store holds the network's CA.
    installed: bool,
}

/// What a file holds: the network's CA, the public roots.
fn holds(path: &str) -> (bool, bool) {
    match path {
        "/own/ca.pem" | "/lone.pem" => (true, false),
        "/own/bundle.pem" | "/own/store.p12" | "/full.pem" => (true, true),
        "/web.pem" => (false, true),
        _ => (false, false),
    }
}

impl Oracle for Table {
    fn trust(&self, installed: Installed<'_>, environment: &Environment) -> Trust {
        let get = |name: &str| environment.get_filled(name);
        let system = (self.installed, true);
        if installed.look.id.0 == "gsutil" {
            let because = "its own set of roots lacks the CA".to_owned();
            let (network, public) = (Some(false), Some(true));
            return Trust { network, public, verifies: true, because, ..Trust::default() };
        }
        if installed.look.id.0 == "opaque" {
            let because = "it connects only through what it starts: git".to_owned();
            return Trust { verifies: true, because, ..Trust::default() };
        }
        let first = |names: &[&str], otherwise| names.iter().find_map(|n| get(n)).map_or(otherwise, holds);
        let (network, public) = match installed.look.id.0.as_str() {
            "node" | "oldnode" => {
                let extra = get("NODE_EXTRA_CA_CERTS").map_or((false, false), holds);
                let follows = installed.look.id.0 == "node" && get("NODE_USE_SYSTEM_CA") == Some("1");
                (extra.0 || follows && self.installed, true)
            }
            "requests" => first(&["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"], (false, true)),
            "aws" => first(&["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"], (false, true)),
            "pip" => first(&["REQUESTS_CA_BUNDLE", "PIP_CERT"], (false, true)),
            "curl" if get("CURL_CA_BUNDLE").is_some() => first(&["CURL_CA_BUNDLE"], system),
            "curl" if get("SSL_CERT_DIR").is_some() => system,
            "curl" | "openssl" => first(&["SSL_CERT_FILE"], system),
            // its own store, which SSL_CERT_FILE switches off together with what only that store has
            "picky" => (get("SSL_CERT_FILE").is_none(), true),
            "java" => get("JAVA_TOOL_OPTIONS")
                .and_then(|o| candidate::options(o).into_iter().find_map(|w| w.strip_prefix("-Dts=")))
                .map_or((false, true), holds),
            // a configuration file that beats the usual variable, but not this other one
            "npm" if get("npm_config_cafile").is_some() => first(&["npm_config_cafile"], (false, false)),
            // a configuration file that beats (nearly) every variable
            "npm" | "stubborn" => (false, false),
            other => panic!("{other} is not in the table"),
        };
        Trust {
            network: Some(network),
            public: Some(public),
            verifies: get("NODE_TLS_REJECT_UNAUTHORIZED") != Some("0") || installed.look.id.0 != "node",
            follows_system: installed.look.id.0 == "picky",
            because: "it follows the system store".into(),
        }
    }
}

fn catalogue(id: &str) -> Tool {
    let setting = |name: &str, value: &str, emit: u8, more: &str| {
        format!(
            "[[setting]]\nat = {{ environment = \"{name}\"{} }}\nvalue = \"{value}\"\neffect = \"replace\"\n{}{}{more}\n",
            if more.contains("write") { ", pattern = 'x'" } else { "" },
            if more.contains("sets") { "" } else { "sets = \"file\"\n" },
            if emit > 0 { format!("emit = {emit}\n") } else { String::new() },
        )
    };
    let settings = match id {
        "oldnode" => setting("NODE_EXTRA_CA_CERTS", "authorities", 1, ""),
        "node" => {
            setting("NODE_EXTRA_CA_CERTS", "authorities", 1, "")
                + &setting("NODE_USE_SYSTEM_CA", "switch", 2, "sets = \"system\"\non = { exactly = [\"1\"] }")
                + "[[off]]\nat = { environment = \"NODE_TLS_REJECT_UNAUTHORIZED\" }\non = { exactly = [\"0\"] }\n"
        }
        "requests" => {
            setting("REQUESTS_CA_BUNDLE", "bundle", 1, "") + &setting("CURL_CA_BUNDLE", "bundle", 0, "")
        }
        "aws" => setting("AWS_CA_BUNDLE", "bundle", 1, "") + &setting("REQUESTS_CA_BUNDLE", "bundle", 2, ""),
        "pip" => setting("PIP_CERT", "bundle", 1, "") + &setting("REQUESTS_CA_BUNDLE", "bundle", 2, ""),
        "curl" => {
            setting("CURL_CA_BUNDLE", "bundle", 2, "")
                + &setting("SSL_CERT_FILE", "bundle", 1, "unless = [\"SSL_CERT_DIR\"]")
                + &setting("SSL_CERT_DIR", "directory", 0, "")
        }
        "npm" => {
            setting("NODE_EXTRA_CA_CERTS", "authorities", 1, "")
                + &setting("npm_config_cafile", "bundle", 0, "")
        }
        "openssl" => setting("SSL_CERT_FILE", "bundle", 1, ""),
        "picky" => setting("SSL_CERT_FILE", "bundle", 0, ""),
        "java" => setting("JAVA_TOOL_OPTIONS", "keystore", 1, "write = \"-Dts={file}\""),
        "stubborn" => setting("STUBBORN", "bundle", 1, ""),
        "opaque" => String::new(),
        "gsutil" => {
            "[[config]]\nid = \"boto\"\nformat = \"ini\"\nscope = \"user\"\npaths = { all = [\"~/.boto\"] }\n\
                     [[setting]]\nat = { config = [\"boto\"], key = \"Boto.ca_certificates_file\" }\n\
                     value = \"bundle\"\neffect = \"replace\"\nsets = \"file\"\n"
                .to_owned()
        }
        other => panic!("{other} is not in the table"),
    };
    toml::from_str(&format!(
        "id = \"{id}\"\nname = \"{id}\"\nfamily = \"native\"\nkind = \"command\"\nverified = \"ran\"\nsources = []\n[detect]\n{settings}"
    ))
    .expect("a tool")
}

fn look(id: &str) -> ToolLook {
    let json = serde_json::json!({ "id": id, "path": format!("/usr/bin/{id}"), "version": "1.0" });
    serde_json::from_value(json).expect("a look")
}

fn places() -> Places {
    Places {
        folder: "/own".into(),
        authorities: "/own/ca.pem".into(),
        bundle: "/own/bundle.pem".into(),
        trust_store: "/own/store.p12".into(),
    }
}

/// Plans for a machine with these tools and this environment.
fn planned(tools: &[&str], environment: &[(&str, &str)], installed: bool, only: &[&str]) -> Plan {
    planned_with(Prefer::Files, tools, environment, installed, only)
}

fn planned_with(
    prefer: Prefer,
    tools: &[&str],
    environment: &[(&str, &str)],
    installed: bool,
    only: &[&str],
) -> Plan {
    let environment: Environment = environment.iter().copied().collect();
    let (looks, known): (Vec<_>, Vec<_>) = tools.iter().map(|id| (look(id), catalogue(id))).unzip();
    let tools: Vec<_> = looks.iter().zip(&known).map(|(look, tool)| Installed { look, tool }).collect();
    let only: Vec<ToolId> = only.iter().map(|id| ToolId((*id).to_owned())).collect();
    let places = places();
    let situation = Situation {
        os: Os::Linux,
        environment: &environment,
        tools: &tools,
        only: &only,
        prefer,
        places: &places,
    };
    plan(&situation, &Table { installed })
}

fn set(plan: &Plan) -> Vec<(String, String)> {
    plan.script.set().map(|(name, value)| (name.to_string(), value)).collect()
}

fn names(remarks: &[Remark]) -> Vec<&str> {
    remarks.iter().map(|r| r.tool.0.as_str()).collect()
}

#[test]
fn one_variable_is_set_where_it_does_the_work_of_several() {
    let plan = planned(&["requests", "pip", "aws", "node", "curl"], &[], true, &[]);
    let wanted = [("NODE_EXTRA_CA_CERTS", "/own/ca.pem"), ("REQUESTS_CA_BUNDLE", "/own/bundle.pem")];
    assert_eq!(set(&plan), wanted.map(|(n, v)| (n.to_owned(), v.to_owned())));
    assert_eq!(names(&plan.unneeded), ["curl"]);
    assert_eq!(plan.unneeded[0].sentence, "it follows the system store");
    assert_eq!(names(&plan.helped), ["requests", "pip", "aws", "node"]);
    assert_eq!(plan.helped[1].sentence, "put right by REQUESTS_CA_BUNDLE");
    assert!(plan.unsolved.is_empty());
    assert_eq!(plan.script.files(), [File::Authorities, File::Bundle]);
}

#[test]
fn a_single_tool_gets_its_own_narrow_variable() {
    assert_eq!(set(&planned(&["pip"], &[], true, &[]))[0].0, "PIP_CERT");
    assert_eq!(set(&planned(&["requests", "pip", "aws"], &[], true, &["aws"]))[0].0, "AWS_CA_BUNDLE");
}

#[test]
fn with_tools_that_follow_the_system_store_nothing_is_set_and_the_reason_is_known() {
    let plan = planned(&["curl", "openssl"], &[], true, &[]);
    assert!(plan.script.is_empty());
    assert_eq!(names(&plan.unneeded), ["curl", "openssl"]);
}

#[test]
fn a_ca_in_no_store_is_given_to_those_tools_too() {
    let plan = planned(&["curl", "openssl"], &[], false, &[]);
    assert_eq!(set(&plan), [("SSL_CERT_FILE".to_owned(), "/own/bundle.pem".to_owned())]);
}

#[test]
fn beside_ssl_cert_dir_curl_gets_a_variable_of_its_own() {
    let plan = planned(&["curl", "openssl"], &[("SSL_CERT_DIR", "/etc/ssl/certs")], false, &[]);
    let names: Vec<String> = set(&plan).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["CURL_CA_BUNDLE", "SSL_CERT_FILE"]);
}

#[test]
fn what_cannot_be_told_is_no_problem_of_the_settings() {
    let plan = planned(&["curl", "opaque"], &[], true, &[]);
    assert!(plan.script.is_empty() && plan.unsolved.is_empty(), "{plan:?}");
    assert_eq!(names(&plan.unknown), ["opaque"]);
    assert_eq!(plan.unknown[0].sentence, "it connects only through what it starts: git");
}

#[test]
fn where_no_variable_helps_the_entry_of_its_configuration_is_named_with_its_file() {
    let plan = planned(&["gsutil"], &[], true, &[]);
    assert!(plan.script.is_empty());
    assert_eq!(
        plan.unsolved[0].sentence,
        "its own set of roots lacks the CA, and no variable changes that: set `Boto.ca_certificates_file` in `~/.boto` \
         to `/own/bundle.pem`"
    );
    assert_eq!(plan.named, [File::Bundle]);
}

#[test]
fn a_variable_that_would_break_a_tool_that_works_is_not_set() {
    let plan = planned(&["openssl", "picky"], &[], false, &[]);
    assert!(plan.script.is_empty(), "{:?}", plan.script);
    assert_eq!(names(&plan.unsolved), ["openssl"]);
    assert!(
        plan.unsolved[0].sentence.starts_with("SSL_CERT_FILE would help, but picky 1.0 would no longer work"),
        "{}",
        plan.unsolved[0].sentence
    );
    // the narrower variable of curl harms nobody
    let plan = planned(&["curl", "picky"], &[], false, &[]);
    assert_eq!(set(&plan)[0].0, "CURL_CA_BUNDLE");
}

#[test]
fn tools_that_nobody_asked_about_are_not_broken_either() {
    let plan = planned(&["openssl", "picky"], &[], false, &["openssl"]);
    assert!(plan.script.is_empty());
}

#[test]
fn a_lone_ca_in_a_replacing_variable_is_replaced_by_the_bundle_and_named() {
    let plan = planned(&["requests"], &[("REQUESTS_CA_BUNDLE", "/lone.pem")], true, &[]);
    assert_eq!(set(&plan), [("REQUESTS_CA_BUNDLE".to_owned(), "/own/bundle.pem".to_owned())]);
    assert!(plan.script.lines[0].remark.ends_with("Was /lone.pem."), "{}", plan.script.lines[0].remark);
}

#[test]
fn a_variable_that_beats_the_usual_one_is_pointed_anew() {
    // REQUESTS_CA_BUNDLE beats PIP_CERT: setting the latter would change nothing
    let plan = planned(&["pip"], &[("REQUESTS_CA_BUNDLE", "/web.pem")], true, &[]);
    assert_eq!(set(&plan)[0].0, "REQUESTS_CA_BUNDLE");
    // CURL_CA_BUNDLE is never set for requests by itself, but here it decides
    let plan = planned(&["requests"], &[("CURL_CA_BUNDLE", "/lone.pem")], true, &[]);
    assert_eq!(set(&plan)[0].0, "REQUESTS_CA_BUNDLE");
}

#[test]
fn what_works_already_by_a_setting_is_left_alone() {
    let plan = planned(&["requests"], &[("REQUESTS_CA_BUNDLE", "/full.pem")], true, &[]);
    assert!(plan.script.is_empty());
}

#[test]
fn the_settings_do_not_depend_on_whether_they_are_in_effect_already() {
    let tools = ["requests", "node", "java"];
    let fresh = planned(&tools, &[("JAVA_TOOL_OPTIONS", "-Xmx1g")], true, &[]);
    let set_before = set(&fresh);
    let environment: Vec<(&str, &str)> = set_before.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let again = planned(&tools, &environment, true, &[]);
    assert_eq!(set(&again), set_before);
    assert_eq!(again.script.lines[0].remark, fresh.script.lines[0].remark);
}

#[test]
fn a_switch_that_turns_verification_off_is_taken_out_and_the_ca_given_instead() {
    let plan = planned(&["node"], &[("NODE_TLS_REJECT_UNAUTHORIZED", "0")], true, &[]);
    assert_eq!(plan.script.lines[0].change, Change::Unset);
    assert_eq!(plan.script.unset().map(Name::as_str).collect::<Vec<_>>(), ["NODE_TLS_REJECT_UNAUTHORIZED"]);
    assert_eq!(set(&plan)[0].0, "NODE_EXTRA_CA_CERTS");
    // with a value that does not switch it off it stays
    let plan = planned(&["node"], &[("NODE_TLS_REJECT_UNAUTHORIZED", "1")], true, &[]);
    assert_eq!(plan.script.unset().count(), 0);
}

#[test]
fn java_keeps_the_users_options_and_says_what_it_will_print() {
    let plan = planned(&["java"], &[("JAVA_TOOL_OPTIONS", "-Xmx1g -Dts=/web.pem")], true, &[]);
    assert_eq!(set(&plan), [("JAVA_TOOL_OPTIONS".to_owned(), "-Xmx1g -Dts=/own/store.p12".to_owned())]);
    assert!(plan.warnings[0].contains("Picked up JAVA_TOOL_OPTIONS"), "{:?}", plan.warnings);
}

#[test]
fn a_password_among_the_options_is_never_printed() {
    let plan = planned(&["java"], &[("JAVA_TOOL_OPTIONS", "-Dhttp.proxyPassword=geheim")], true, &[]);
    assert!(plan.script.is_empty());
    assert!(plan.unsolved[0].sentence.contains("add `-Dts=/own/store.p12`"), "{:?}", plan.unsolved);
    assert!(!format!("{plan:?}").contains("geheim"));
}

#[test]
fn a_file_that_beats_the_usual_variable_is_beaten_by_a_stronger_one() {
    let plan = planned(&["node", "npm"], &[], true, &[]);
    let names: Vec<String> = set(&plan).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["NODE_EXTRA_CA_CERTS", "npm_config_cafile"]);
}

#[test]
fn the_system_store_is_followed_where_every_tool_can_and_a_file_given_where_one_cannot() {
    let names = |plan: &Plan| set(plan).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&planned_with(Prefer::System, &["node"], &[], true, &[])), ["NODE_USE_SYSTEM_CA"]);
    // the file does for both: two settings for the same thing are one too many
    assert_eq!(
        names(&planned_with(Prefer::System, &["node", "oldnode"], &[], true, &[])),
        ["NODE_EXTRA_CA_CERTS"]
    );
    assert_eq!(names(&planned_with(Prefer::System, &["node"], &[], false, &[])), ["NODE_EXTRA_CA_CERTS"]);
    assert_eq!(names(&planned_with(Prefer::Files, &["node"], &[], true, &[])), ["NODE_EXTRA_CA_CERTS"]);
}

#[test]
fn a_file_that_beats_every_variable_is_said_not_fought() {
    let plan = planned(&["stubborn"], &[], true, &[]);
    assert!(plan.script.is_empty());
    assert!(plan.unsolved[0].sentence.starts_with("no variable beats what is set"), "{:?}", plan.unsolved);
}

#[test]
fn the_same_machine_gives_the_same_plan() {
    let make = || planned(&["requests", "pip", "aws", "node", "curl", "java"], &[("A", "b")], false, &[]);
    assert_eq!(make(), make());
    assert!(make().script.lines.iter().any(|line| line.change == Change::Set(Value::file(File::Bundle))));
}
