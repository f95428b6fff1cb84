//! Asks pages of public sites over plain HTTP, where everything looks as it does behind a login page.

use std::panic::{AssertUnwindSafe, catch_unwind};

use url::Url;

use super::Question;
use super::look::way;
use super::side_by_side::side_by_side;
use crate::edge::http::{Answer, Fetch, Method, Redirects};
use crate::edge::look::Reach;
use crate::edge::{Deadline, Reading};
use crate::facts::page::{Page, PageAnswer, PageLook};
use crate::facts::{Route, Target};

/// The most that is read of a page.
const LONGEST_PAGE: usize = 2048;
/// The most of its text that is kept, in characters.
const LONGEST_BEGINNING: usize = 200;

/// Asks the question's pages, side by side; those to which a proxy leads are left out, for a proxy that answers is
/// behind every login page.
pub(super) fn look_at_pages(reading: &dyn Reading, question: &Question, until: Deadline) -> Vec<PageLook> {
    let directly = |page: &&Page| {
        let target = Url::parse(&page.url)
            .ok()
            .and_then(|url| Some(Target::new(url.host_str()?.parse().ok()?, url.port_or_known_default()?)));
        target.is_some_and(|target| matches!(way(reading, question, &target).route, Route::Direct { .. }))
    };
    let pages: Vec<&Page> = question.pages.iter().filter(directly).collect();
    side_by_side(&pages, pages.len(), |page| {
        let ask = || ask(reading, question, page, until);
        let answer = catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| PageAnswer::Unanswered {
            reason: "reading it failed inside trustgap".to_owned(),
        });
        PageLook { page: (*page).clone(), answer }
    })
}

fn ask(reading: &dyn Reading, question: &Question, page: &Page, until: Deadline) -> PageAnswer {
    let Some(timeout) = until.left() else {
        return PageAnswer::Unanswered { reason: "there was no time left".to_owned() };
    };
    let fetch = Fetch {
        method: Method::Get,
        url: &page.url,
        longest_body: LONGEST_PAGE,
        // where it leads to is the answer; a portal's own page is not asked for
        redirects: Redirects::Reported,
        timeout,
        reach: Reach::Strangers,
        way: &|target| way(reading, question, target),
        proxy_roots: &Vec::new,
    };
    match fetch.run() {
        Ok(answer) => read(&answer),
        Err(none) => PageAnswer::Unanswered { reason: none.to_string() },
    }
}

fn read(answer: &Answer) -> PageAnswer {
    let text = String::from_utf8_lossy(&answer.body.bytes);
    PageAnswer::Answered {
        status: answer.head.status,
        leads_to: answer.leads_to().map(|place| place_of(&answer.url, place)),
        beginning: text.trim_start().chars().take(LONGEST_BEGINNING).collect(),
    }
}

/// Returns where an answer leads, without the query, in which portals keep the computer's address and a session.
fn place_of(asked: &str, place: &str) -> String {
    let whole = Url::parse(asked).and_then(|asked| asked.join(place));
    let Ok(mut url) = whole else { return String::new() };
    url.set_query(None);
    url.set_fragment(None);
    // only addresses that cannot have any refuse this
    let _ = (url.set_username(""), url.set_password(None));
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_without_what_it_says_about_the_computer() {
        for (place, wanted) in [
            ("http://u:p@login.example/a?mac=00:11&token=x#y", "http://login.example/a"),
            ("/login?x", "http://page.example/login"),
            ("//other.example", "http://other.example/"),
            ("http://[", ""),
        ] {
            assert_eq!(place_of("http://page.example/generate_204", place), wanted);
        }
    }
}
