//! Pages of public sites, asked over plain HTTP to see whether a login page answers in their place.

use serde::{Deserialize, Serialize};

/// A page to ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its `http://` address.
    pub url: String,
    /// What it always answers, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects: Option<Expected>,
}

/// What a page made for this question answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The status.
    pub status: u16,
    /// What the body begins with, blanks aside; empty where there is none.
    #[serde(default)]
    pub text: String,
}

/// A page and what came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageLook {
    /// What was asked for.
    pub page: Page,
    /// What came.
    pub answer: PageAnswer,
}

/// What came for a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum PageAnswer {
    /// An answer.
    Answered {
        /// Its status.
        status: u16,
        /// Where it leads instead of being a page; hostile, without its query.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leads_to: Option<String>,
        /// The beginning of its text; hostile.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        beginning: String,
    },
    /// None.
    Unanswered {
        /// Why; may be hostile.
        reason: String,
    },
}
