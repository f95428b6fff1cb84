//! Secrets and personal names, taken out of text that leaves this program.

/// Blanks credentials in URLs: `http://user:secret@proxy:8080` becomes `http://***@proxy:8080`.
pub fn credentials(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (head, tail) = rest.split_at(start + 3);
        redacted.push_str(head);
        let end =
            tail.find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>'));
        let (authority, after) = tail.split_at(end.unwrap_or(tail.len()));
        match authority.rfind('@') {
            Some(at) => {
                redacted.push_str("***");
                redacted.push_str(&authority[at..]);
            }
            None => redacted.push_str(authority),
        }
        rest = after;
    }
    redacted.push_str(rest);
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_credential_in_a_url_survives() {
        for (text, wanted) in [
            ("http://user:secret@proxy:8080", "http://***@proxy:8080"),
            ("see https://token@git.example/x and ok", "see https://***@git.example/x and ok"),
            ("http://a@b:secret@proxy/", "http://***@proxy/"),
            ("http://proxy:8080/a@b", "http://proxy:8080/a@b"),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(credentials(text), wanted);
        }
    }
}
