//! What happens before there is a chain, or in its place.

use std::io;

use rustls::version::{TLS12, TLS13};

use super::{Network, found};
use crate::facts::Code;
use crate::lab::site::{Site, TlsOptions};

impl Network {
    pub(super) fn wire(&mut self) -> io::Result<()> {
        let begun = vec![22, 3, 3, 0, 74, 2, 0, 0, 70, 3, 3];
        let legacy = |host, minor| self.public(host).map(|identity| Site::Legacy(identity, minor));
        for (story, host, site, code) in [
            ("accepts and says nothing", "silent.test", Site::Silent, Code::Timeout),
            ("begins its answer and stops", "stalled.test", Site::Stalls(begun), Code::Timeout),
            ("answers a byte at a time", "dripping.test", Site::Drips, Code::Timeout),
            ("resets after the ClientHello", "reset.test", Site::Reset, Code::ConnectionReset),
            ("closes after the ClientHello", "closing.test", Site::Close, Code::ConnectionReset),
            ("a web server without TLS", "plain.test", Site::PlainHttp, Code::NotTls),
            ("an SSH server", "ssh.test", Site::speaks("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), Code::NotTls),
            ("a mail server", "mail.test", Site::speaks("220 mail.test ESMTP ready\r\n"), Code::NotTls),
            ("bytes of no protocol", "noise.test", Site::Speaks(vec![0xa5; 700]), Code::NotTls),
            ("alert 40, handshake_failure", "picky.test", Site::Alert(40), Code::HandshakeFailed),
            ("alert 80, internal_error", "broken.test", Site::Alert(80), Code::HandshakeFailed),
            ("alert 112, unrecognized_name", "nameless.test", Site::Alert(112), Code::HandshakeFailed),
            ("alert 70, protocol_version", "outdated.test", Site::Alert(70), Code::TlsVersionRefused),
            ("speaks TLS 1.0 only", "tls10.test", legacy("tls10.test", 1)?, Code::LegacyTlsOnly),
            ("speaks TLS 1.1 only", "tls11.test", legacy("tls11.test", 2)?, Code::LegacyTlsOnly),
        ] {
            self.add(story, host, site, found(code))?;
        }
        for (story, host, version) in [
            ("demands a client certificate, TLS 1.2", "members.example", &TLS12),
            ("demands a client certificate, TLS 1.3", "staff.example", &TLS13),
        ] {
            let demanding = TlsOptions {
                client_authority: Some(self.authorities.private_root.clone()),
                versions: vec![version],
                ..TlsOptions::default()
            };
            let site = Site::Tls(self.public(host)?, demanding);
            self.add(story, host, site, found(Code::ClientCertificateRequired))?;
        }
        let closed = Site::Silent.start()?.address();
        self.at("nobody listens", "closed.test", closed, found(Code::Refused))?;
        Ok(())
    }
}
