//! `explain CODE`: the page of a finding.

use include_dir::{Dir, include_dir};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Answer, Desk, Failure};
use crate::cli::ExplainArgs;
use crate::facts::Code;
use crate::facts::report::SCHEMA_VERSION;
use crate::present;
use crate::text::sanitise;

static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/docs/findings");

/// Returns the page of the code, or the list of codes.
pub(super) fn explain(desk: &Desk, args: &ExplainArgs) -> Result<Answer, Failure> {
    let Some(text) = &args.code else {
        if desk.common.json {
            return document(&json!({ "codes": Code::ALL }));
        }
        let codes: Vec<_> = Code::ALL.iter().map(|c| format!("{c}\n")).collect();
        return Ok(Answer::plain(codes.concat()));
    };
    let code: Code = text.trim().to_ascii_lowercase().parse().map_err(|()| {
        Failure::usage(format!("`{}` is not a finding's code", sanitise(text)))
            .hint("`trustgap explain` lists them all")
    })?;
    let page = PAGES.get_file(format!("{code}.md")).and_then(|f| f.contents_utf8()).unwrap_or_default();
    if desk.common.json {
        return document(&json!({ "code": code, "page": page }));
    }
    Ok(Answer::plain(page.to_owned()))
}

/// Returns what is said as JSON.
fn document(said: &Value) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Explained<'a> {
        schema_version: u32,
        tool_version: &'a str,
        #[serde(flatten)]
        said: &'a Value,
    }
    let tool_version = env!("CARGO_PKG_VERSION");
    Ok(Answer::plain(present::json(&Explained { schema_version: SCHEMA_VERSION, tool_version, said })?))
}
