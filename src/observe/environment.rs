//! The part of the environment that matters here. The rest is nobody's business and is not looked at.

use std::collections::BTreeSet;

use crate::facts::Environment;

/// Beginnings of the names that say what TLS clients trust, which proxy they use and what tools do.
const BEGINNINGS: &[&str] = &[
    "ALL_PROXY",
    "AWS_CA_BUNDLE",
    "AWS_PROFILE",
    "BUNDLE_SSL_",
    "CARGO_HTTP_",
    "CLOUDSDK_",
    "CONDA_",
    "CURL_",
    "DENO_",
    "FTP_PROXY",
    "GIT_",
    "GRPC_",
    "HTTPLIB2_CA_CERTS",
    "HTTPS_PROXY",
    "HTTPX_",
    "HTTP_PROXY",
    "JAVA_",
    "JDK_JAVA_OPTIONS",
    "NIX_SSL_CERT_FILE",
    "NODE_",
    "NO_PROXY",
    "NPM_CONFIG_",
    "OPENSSL_",
    "PERL_LWP_SSL_",
    "PIP_",
    "PYTHONHTTPSVERIFY",
    "REQUESTS_CA_BUNDLE",
    "SSLKEYLOGFILE",
    "SSL_CERT_",
    "UV_",
    "_JAVA_OPTIONS",
];

/// Words that mark a value as a secret, whatever it is for.
const SECRETS: &[&str] = &["AUTH", "PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY"];

/// Returns the variables that matter, in the spelling they have: those that the catalogue's rows speak of, where it is
/// asked, and those that begin as names that matter do.
pub(super) fn relevant(environment: &Environment, named: Option<&BTreeSet<String>>) -> Environment {
    environment.iter().filter(|(name, _)| matters(name, named)).collect()
}

pub(super) fn matters(name: &str, named: Option<&BTreeSet<String>>) -> bool {
    // NODE_TLS_REJECT_UNAUTHORIZED has `AUTH` in it and is no secret: what the catalogue names is known
    if named.is_some_and(|named| named.contains(name)) {
        return true;
    }
    let upper = name.to_ascii_uppercase();
    let begins = BEGINNINGS.iter().any(|beginning| upper.starts_with(beginning));
    begins && (upper == "SSLKEYLOGFILE" || !SECRETS.iter().any(|secret| upper.contains(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_is_kept_and_no_secret() {
        let environment: Environment = [
            ("https_proxy", "http://proxy:8080"),
            ("NODE_EXTRA_CA_CERTS", "/ca.pem"),
            ("npm_config_//registry.example/:_authToken", "secret"),
            ("PIP_CERT", ""),
            ("GIT_ASKPASS_TOKEN", "secret"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("LS_COLORS", "..."),
        ]
        .into_iter()
        .collect();
        let kept: Vec<_> = relevant(&environment, None).iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(kept, ["NODE_EXTRA_CA_CERTS", "PIP_CERT", "https_proxy"]);
    }

    #[test]
    fn every_variable_that_a_tool_s_file_names_is_kept() {
        let named = crate::catalogue::variables();
        for name in ["NODE_TLS_REJECT_UNAUTHORIZED", "CODEX_CA_CERTIFICATE", "GIT_SSL_NO_VERIFY"] {
            assert!(matters(name, Some(named)), "{name}");
        }
        assert!(named.iter().all(|name| matters(name, Some(named))));
        assert!(!matters("HOME", Some(named)));
    }
}
