//! The roots of an untouched installation.

use serde::Deserialize;

use super::Condition;

/// The roots of an untouched installation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// When it applies.
    #[serde(flatten)]
    pub condition: Condition,
    /// Mozilla's roots, compiled in or carried along.
    #[serde(default)]
    pub bundled: bool,
    /// The system store.
    #[serde(default)]
    pub system: bool,
    /// The first of these files that exists.
    #[serde(default)]
    pub file: Vec<String>,
    /// The first of these files that exists, beside the one above.
    #[serde(default)]
    pub extra: Vec<String>,
    /// All of these folders that exist.
    #[serde(default)]
    pub directory: Vec<String>,
    /// The first of these key stores that exists.
    #[serde(default)]
    pub keystore: Vec<String>,
    /// NSS databases: the first that exists.
    #[serde(default)]
    pub nss: Vec<String>,
    /// Whether it verifies nothing at all.
    #[serde(default)]
    pub verifies_nothing: bool,
    /// How `file` and `directory` are read.
    #[serde(default)]
    pub reader: Option<Reader>,
    /// What is worth knowing.
    #[serde(default)]
    pub note: Option<String>,
}

/// A place the roots of a tool come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// Compiled in or carried along, as Mozilla gives them.
    Bundled,
    /// A folder of certificates.
    Directory,
    /// A file beside the others.
    Extra,
    /// A file of certificates.
    File,
    /// A Java or PKCS#12 key store.
    Keystore,
    /// The user's or the profile's NSS database.
    Nss,
    /// The operating system's store.
    System,
}

/// Who reads a file of certificates; `judge::reader` knows how each of them reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reader {
    /// Bun's `NODE_EXTRA_CA_CERTS`: one bad block and the whole file is dropped, with a warning.
    BunExtra,
    /// Deno's `NODE_EXTRA_CA_CERTS`: bad base64 and the whole file is dropped without a word, else as rustls reads.
    DenoExtra,
    /// NSS's certutil and keytool: the first certificate only.
    FirstOnly,
    /// GnuTLS: joined blocks are fine, a broken block loses all, DER is silently nothing.
    Gnutls,
    /// Go's crypto/x509: bad blocks are skipped, joined blocks lose all, a BOM loses the first.
    Go,
    /// gRPC: blocks before a broken one.
    Grpc,
    /// Java's key stores.
    Java,
    /// libcurl with OpenSSL: anything wrong is an error before connecting.
    Libcurl,
    /// libcurl with GnuTLS: a missing or broken file is an error, DER is silently nothing, joined blocks are fine.
    LibcurlGnutls,
    /// Node's `NODE_EXTRA_CA_CERTS`: blocks before a broken one, DER and empty silently nothing.
    NodeExtra,
    /// npm's `cafile`: split at the END lines, bad blocks are harmless, a file of no bytes and a missing one are as none.
    NpmCafile,
    /// OpenSSL's `SSL_CERT_FILE`: anything wrong loses all, without a word; folders need hashed names.
    OpensslDefault,
    /// OpenSSL asked by name (httpx, botocore, Ruby, ...): anything wrong is an error.
    OpensslStrict,
    /// pnpm's and Yarn 1's `cafile`: the same, but a file of no bytes is an empty set of roots.
    PnpmCafile,
    /// PHP streams: certificate by certificate, missing is an error.
    Php,
    /// requests and what is built on it: the same, but the file may be a folder with hashed names.
    Requests,
    /// rustls-native-certs: bad blocks are skipped, a BOM loses the first, DER is nothing; any name in a folder.
    RustlsNative,
    /// uv before 0.12: like rustls-native-certs, but a file of no use is as none.
    UvLenient,
    /// Deno and others that give PEM to webpki: bad base64 is an error.
    Webpki,
    /// Yarn 2 and later: blocks before a broken one, a missing file is an error.
    YarnBerry,
}
