//! Hosts that are reached through a proxy, and the proxies that do not let anybody reach them.

use std::io;

use super::{Network, OK, found};
use crate::facts::Code;
use crate::lab::gateway::Presents;
use crate::lab::proxy::{Access, Proxy};
use crate::lab::site::Site;

impl Network {
    pub(super) fn proxies(&mut self) -> io::Result<()> {
        let site = Site::tls(self.public("www.tailspin.example")?).start()?;
        let tunnels = [("www.tailspin.example:443".to_owned(), site.address())].into_iter().collect();
        self.services.push(site);
        let inspector = Some(self.gateway(Presents::LeafOnly)?);
        let basic = Access::Basic { user: "ada".to_owned(), password: "s3cret".to_owned() };
        let negotiated = Access::Negotiated(vec!["Negotiate".to_owned(), "NTLM".to_owned()]);
        let login = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Please sign in</html>".to_vec();

        let inspected = found(Code::TlsInspected);
        let credentials = found(Code::ProxyAuthRequired);
        let refused = found(Code::ProxyRefused);
        let open = |access: Access| Proxy { access, inspector: inspector.clone(), ..Proxy::default() };
        let closed = |access: Access| Proxy { access, ..Proxy::default() };
        for (story, host, proxy, user, verdict) in [
            (
                "through a proxy that only tunnels",
                "www.tailspin.example",
                Proxy { tunnels, ..Proxy::default() },
                "",
                OK,
            ),
            ("inspected by an explicit proxy", "www.wingtip.example", open(Access::Everybody), "", inspected),
            (
                "inspected by a proxy that knows who asks",
                "known.wingtip.example",
                open(basic.clone()),
                "ada:s3cret@",
                inspected,
            ),
            (
                "a proxy that wants credentials",
                "unknown.wingtip.example",
                open(basic.clone()),
                "",
                credentials,
            ),
            (
                "a proxy that wants other credentials",
                "mistaken.wingtip.example",
                open(basic),
                "ada:guessed@",
                credentials,
            ),
            (
                "a proxy that wants a Windows logon",
                "domain.wingtip.example",
                open(negotiated),
                "",
                credentials,
            ),
            ("a proxy that forbids", "forbidden.wingtip.example", closed(Access::Nobody), "", refused),
            (
                "a proxy that cannot reach the host",
                "unreached.wingtip.example",
                closed(Access::Everybody),
                "",
                refused,
            ),
            (
                "a proxy that answers nonsense",
                "nonsense.wingtip.example",
                closed(Access::Says(b"\x00\xffhello".to_vec())),
                "",
                refused,
            ),
            (
                "a proxy that says nothing",
                "mute.wingtip.example",
                closed(Access::Silent),
                "",
                found(Code::Timeout),
            ),
            (
                "a login page answers in the tunnel",
                "login.wingtip.example",
                closed(Access::Says(login)),
                "",
                found(Code::NotTls),
            ),
        ] {
            let service = proxy.start()?;
            let url = format!("http://{user}{}", service.address());
            self.listen(story, host, service, verdict)?.proxy = Some(url);
        }
        let nobody = Site::Silent.start()?.address();
        let row = self.at(
            "a proxy that is not there",
            "far.wingtip.example",
            nobody,
            found(Code::ProxyUnreachable),
        )?;
        row.proxy = Some(format!("http://{nobody}"));
        Ok(())
    }
}
