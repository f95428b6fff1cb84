//! Whether a login page answers in place of the network: what makes one likely, and what a page that was asked shows.

use url::Url;

use super::hosts::{Standing, organisation, standing_of};
use super::name;
use crate::facts::handshake::{Role, Step, TargetLook};
use crate::facts::page::{PageAnswer, PageLook};
use crate::facts::{Host, Outcome};

/// What a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answered as it always does: there is no login page.
    AsExpected,
    /// It leads to somebody else's page.
    Elsewhere(String),
    /// 511, Network Authentication Required (RFC 6585).
    Login,
    /// Nothing can be told from it.
    Nothing,
    /// Another page stands in its place.
    OtherPage,
}

/// Whether a look ended as looks do behind a login page: no TLS, or TLS for another name.
pub fn looks_caught(look: &TargetLook) -> bool {
    match &look.outcome {
        Outcome::NotTls { .. } | Outcome::Refused | Outcome::Reset { .. } | Outcome::Unreachable { .. } => {
            true
        }
        Outcome::TimedOut { step } => matches!(step, Step::Connect | Step::Handshake),
        Outcome::Completed => !is_for_its_name(look),
        _ => false,
    }
}

/// Whether a public host answered as itself, by whatever CA: then nothing is caught.
pub fn gets_through(look: &TargetLook) -> bool {
    look.outcome == Outcome::Completed && is_for_its_name(look) && standing_of(look) != Standing::Internal
}

/// Whether public sites were looked at, some look caught, and none got through.
pub fn is_likely(looks: &[TargetLook]) -> bool {
    let caught = |look: &TargetLook| look.role == Role::Control && looks_caught(look);
    looks.iter().any(caught) && !looks.iter().any(gets_through)
}

fn is_for_its_name(look: &TargetLook) -> bool {
    look.chain().first().is_some_and(|leaf| name::matches(leaf, &look.target.host).is_match())
}

/// Returns what a page shows.
pub fn sign(look: &PageLook) -> Sign {
    let PageAnswer::Answered { status, leads_to, beginning } = &look.answer else { return Sign::Nothing };
    if *status == 511 {
        return Sign::Login;
    }
    if let Some(place) = leads_to {
        return if is_of_same_owner(&look.page.url, place) {
            Sign::Nothing
        } else {
            Sign::Elsewhere(place.clone())
        };
    }
    match &look.page.expects {
        Some(expected) if expected.status == *status && beginning.starts_with(&expected.text) => {
            Sign::AsExpected
        }
        // an error is no page that somebody put there
        Some(_) if (200..300).contains(status) => Sign::OtherPage,
        _ => Sign::Nothing,
    }
}

fn is_of_same_owner(one: &str, other: &str) -> bool {
    let owner = |url: &str| {
        let host: Host = Url::parse(url).ok()?.host_str()?.parse().ok()?;
        Some(organisation(&host))
    };
    owner(one).is_some() && owner(one) == owner(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::page::{Expected, Page};

    fn page(expects: Option<(u16, &str)>, status: u16, leads_to: Option<&str>, beginning: &str) -> PageLook {
        let expects = expects.map(|(status, text)| Expected { status, text: text.to_owned() });
        let (leads_to, beginning) = (leads_to.map(str::to_owned), beginning.to_owned());
        PageLook {
            page: Page { url: "http://www.page.example/x".to_owned(), expects },
            answer: PageAnswer::Answered { status, leads_to, beginning },
        }
    }

    #[test]
    fn a_page_shows_a_login_page_or_its_absence() {
        let known = Some((200, "success"));
        let login = "http://login.hotel.example/";
        for (look, wanted) in [
            (page(known, 200, None, "success\n"), Sign::AsExpected),
            (page(Some((204, "")), 204, None, ""), Sign::AsExpected),
            (page(known, 200, None, "<html>Please sign in"), Sign::OtherPage),
            (page(Some((204, "")), 200, None, ""), Sign::OtherPage),
            (page(known, 302, Some(login), ""), Sign::Elsewhere(login.to_owned())),
            (page(None, 302, Some(login), ""), Sign::Elsewhere(login.to_owned())),
            (
                page(None, 307, Some("http://10.0.0.1/login"), ""),
                Sign::Elsewhere("http://10.0.0.1/login".into()),
            ),
            (page(None, 511, None, ""), Sign::Login),
            // what sites do every day
            (page(None, 301, Some("https://www.page.example/"), ""), Sign::Nothing),
            (page(None, 301, Some("https://page.example/"), ""), Sign::Nothing),
            (page(None, 200, None, "<html>a site"), Sign::Nothing),
            (page(known, 503, None, "<html>broken"), Sign::Nothing),
            (page(None, 403, None, "<html>forbidden"), Sign::Nothing),
        ] {
            assert_eq!(sign(&look), wanted, "{look:?}");
        }
    }
}
