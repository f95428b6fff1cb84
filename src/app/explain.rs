//! `explain CODE`: the page of a finding.

use include_dir::{Dir, include_dir};

use super::{Answer, Desk, Failure};
use crate::cli::ExplainArgs;
use crate::facts::Code;
use crate::present;
use crate::text::sanitise;

static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/docs/findings");

/// Returns the page of the code, or the list of codes.
pub(super) fn explain(desk: &Desk, args: &ExplainArgs) -> Result<Answer, Failure> {
    let Some(text) = &args.code else {
        let codes: Vec<_> = Code::ALL.iter().map(|c| format!("{c}\n")).collect();
        return Ok(Answer::plain(codes.concat()));
    };
    let code: Code = text.trim().to_ascii_lowercase().parse().map_err(|()| {
        Failure::usage(format!("`{}` is not a finding's code", sanitise(text)))
            .hint("`trustgap explain` lists them all")
    })?;
    let page = PAGES.get_file(format!("{code}.md")).and_then(|f| f.contents_utf8()).unwrap_or_default();
    if desk.common.json {
        let document = serde_json::json!({ "code": code, "page": page });
        return Ok(Answer::plain(present::json(&document)?));
    }
    Ok(Answer::plain(page.to_owned()))
}
