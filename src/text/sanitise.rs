//! The one sanitiser: what certificates, proxies and other programs say, made harmless.
//!
//! Everything that did not come out of this program goes through [`sanitise`] before it reaches a terminal, a
//! document, a log or a shell.

/// The longest text kept, in characters; a certificate's name may hold megabytes.
const LONGEST: usize = 300;

/// Returns the text on one line, without control characters, escape sequences, bidirectional overrides or other
/// invisible characters, at most 300 characters long.
///
/// What is taken out leaves `\u{FFFD}` behind, so that `a<ESC>[31mb` cannot pass for `a[31mb`.
pub fn sanitise(text: &str) -> String {
    sanitise_to(text, LONGEST)
}

/// [`sanitise`] with another limit, in characters.
pub fn sanitise_to(text: &str, longest: usize) -> String {
    let mut clean: String = text.trim().chars().take(longest).map(harmless).collect();
    if text.trim().chars().nth(longest).is_some() {
        clean.push('…');
    }
    clean
}

/// Returns one line of our own that repeats something from outside, made harmless but neither trimmed nor cut.
pub fn sanitise_line(line: &str) -> String {
    line.chars().map(harmless).collect()
}

fn harmless(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => ' ',
        c if c.is_control() || is_invisible(c) => '\u{FFFD}',
        c => c,
    }
}

/// Format characters that change what a reader sees without being seen (UAX #9, UTS #39, tags, fillers).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_the_cursor_or_the_reader_survives() {
        assert_eq!(sanitise("Evil\u{1b}[2J CA"), "Evil\u{FFFD}[2J CA");
        assert_eq!(sanitise("a\nb\r\nc"), "a b  c");
        assert_eq!(sanitise("user\u{202e}txt.exe"), "user\u{FFFD}txt.exe");
        assert_eq!(sanitise("zero\u{200b}width\u{feff}"), "zero\u{FFFD}width\u{FFFD}");
        assert_eq!(sanitise("日本語 Ünïcode"), "日本語 Ünïcode");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let cut = sanitise(&"x".repeat(10_000));
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with('…'));
    }

    /// What Unicode itself says: controls, what turns the direction, what is not to be seen, and ends of lines.
    const HARMFUL: &str = r"[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]";

    #[test]
    fn of_all_characters_those_are_harmless_that_unicode_says_are() {
        let harmful = regex::Regex::new(HARMFUL).expect("a class");
        for character in char::MIN..=char::MAX {
            let clean = harmless(character).to_string();
            assert!(!harmful.is_match(&clean), "{:x}", u32::from(character));
            if !harmful.is_match(&character.to_string()) && !('\u{fff9}'..='\u{fffb}').contains(&character) {
                assert_eq!(clean, character.to_string());
            }
        }
    }

    /// Pieces of what terminals, readers and documents take for more than text.
    const PIECES: &[&str] = &[
        "\u{1b}[31m",
        "\u{1b}]0;x\u{7}",
        "\u{9b}2J",
        "\u{90}q\u{9c}",
        "\r",
        "\n",
        "\u{8}",
        "\u{202e}",
        "\u{2066}",
        "\u{200d}",
        "\u{feff}",
        "\u{e0041}",
        "\u{2028}",
        "\u{85}",
        "\0",
        "\u{7f}",
        "a",
        "é",
        "日本",
        "e\u{301}",
        " ",
    ];

    proptest::proptest! {
        #[test]
        fn whatever_comes_in_is_one_harmless_line(
            text in ".*|(?s).{0,400}",
            pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        ) {
            let harmful = regex::Regex::new(HARMFUL).expect("a class");
            for text in [text, pieces.concat()] {
                let clean = sanitise(&text);
                assert!(!harmful.is_match(&clean), "{clean:?}");
                assert!(clean.chars().count() <= LONGEST + 1);
                assert_eq!(sanitise_to(&clean, usize::MAX), clean, "twice is once");
                let line = sanitise_line(&text);
                assert!(!harmful.is_match(&line), "{line:?}");
                assert_eq!(line.chars().count(), text.chars().count(), "nothing is lost unseen");
            }
        }
    }
}
