//! Codes, certainties and owners in a few plain words.

use super::style::Meaning;
use crate::facts::Code;
use crate::facts::report::{InspectionVerdict, Owner, Severity, Verdict};

/// Returns a verdict in words that fit a table's cell.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Found(code) => self::code(code),
    }
}

/// Returns a code in words that fit a table's cell.
pub fn code(code: Code) -> &'static str {
    match code {
        Code::TlsInspected => "inspected",
        Code::InspectionCaNotInstalled => "inspected, CA missing",
        Code::PrivateCa => "private CA",
        Code::UntrustedRoot => "untrusted root",
        Code::UnknownIssuer => "unknown issuer",
        Code::SelfSigned => "self-signed",
        Code::KnownBadCa => "known bad CA",
        Code::SystemStoreOutdated => "old system store",
        Code::MissingIntermediate => "missing intermediate",
        Code::WrongChainOrder => "wrong chain order",
        Code::InvalidChain => "invalid chain",
        Code::Expired => "expired",
        Code::NotYetValid => "not yet valid",
        Code::ClockSkew => "clock is wrong",
        Code::NameMismatch => "other name",
        Code::WeakSignature => "weak signature",
        Code::WeakKey => "weak key",
        Code::StrictProfile => "refused if strict",
        Code::RevocationUnavailable => "no revocation info",
        Code::StapleMissing => "staple missing",
        Code::StapleInvalid => "staple invalid",
        Code::Revoked => "revoked",
        Code::NameNotResolved => "name not found",
        Code::Refused => "refused",
        Code::Unreachable => "unreachable",
        Code::Timeout => "no answer",
        Code::ConnectionReset => "connection cut",
        Code::NotTls => "not TLS",
        Code::TlsVersionRefused => "TLS version refused",
        Code::LegacyTlsOnly => "old TLS only",
        Code::HandshakeFailed => "handshake failed",
        Code::ClientCertificateRequired => "wants a client cert",
        Code::CaptivePortal => "captive portal",
        Code::ProxyRequired => "proxy required",
        Code::ProxyAuthRequired => "proxy wants login",
        Code::ProxyRefused => "proxy refused",
        Code::ProxyUnreachable => "no proxy there",
        Code::ToolLacksCa => "lacks the CA",
        Code::ToolCaFileUnusable => "CA file unusable",
        Code::ToolBundleIncomplete => "bundle incomplete",
        Code::ToolSettingOverridden => "setting overridden",
        Code::ToolVerificationOff => "verification off",
        Code::ToolSettingStale => "setting stale",
    }
}

/// Returns how a verdict is meant to strike the eye.
pub fn meaning(severity: Option<Severity>) -> Meaning {
    match severity {
        None | Some(Severity::Information) => Meaning::Ok,
        Some(Severity::Problem) => Meaning::Problem,
        Some(Severity::Unknown) => Meaning::Unknown,
    }
}

/// Returns whether a host or a network is inspected, in words.
pub fn inspection(verdict: InspectionVerdict) -> &'static str {
    match verdict {
        InspectionVerdict::Inspected => "inspected",
        InspectionVerdict::NotInspected => "not inspected",
        InspectionVerdict::Unknown => "cannot tell",
    }
}

/// Returns the owner of a remedy as the person who reads it would say.
pub fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::ItDepartment => "your IT department",
        Owner::ServerOperator => "the server's operator",
        Owner::You => "you",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_fits_its_cell() {
        for code in Code::ALL {
            let words = self::code(*code);
            assert!(words.len() <= 21, "{words}");
        }
    }
}
