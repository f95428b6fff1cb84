//! The documented form of every JSON answer.

use serde_json::Value;

/// Fails unless the document is what `docs/report.schema.json` says of this definition: every key known, every value
/// of its kind.
pub(crate) fn assert_documented(document: &Value, definition: &str) {
    if let Err(wrong) = check(document, definition) {
        panic!("not as docs/report.schema.json says: {wrong}\n{document:#}");
    }
}

/// Returns what is wrong with the document.
pub(crate) fn check(document: &Value, definition: &str) -> Result<(), String> {
    const URL: &str = "https://trustgap.example/report.schema.json";
    let schema: Value = serde_json::from_str(include_str!("../../../docs/report.schema.json")).expect("JSON");
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource(URL, schema).expect("a schema");
    let index = compiler
        .compile(&format!("{URL}#/$defs/{definition}"), &mut schemas)
        .expect("a schema that compiles");
    schemas.validate(document, index).map_err(|error| format!("{error:#}"))
}
