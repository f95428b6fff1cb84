use super::*;
use crate::lab::mint::Mint;

fn read(state: &FileState, reader: Reader, password: Option<&str>) -> Held {
    Shelf::default().read(state, reader, password)
}

fn read_folder(state: &FileState, reader: Reader) -> Held {
    Shelf::default().read_folder(state, reader)
}

/// What a reader is given, by name.
struct Files {
    roots: Vec<Certificate>,
}

impl Files {
    fn new() -> Self {
        let root = |name| Mint::now().root(name).unwrap().certificate().clone();
        Self { roots: ["A", "B", "C"].map(root).to_vec() }
    }

    fn get(&self, name: &str) -> FileState {
        let [a, b, c] = [0, 1, 2].map(|i| self.roots[i].pem());
        let broken = b.replacen('M', "*", 1);
        let bytes: Vec<u8> = match name {
            "good" => format!("{a}{b}{c}").into(),
            "crlf" => format!("# roots\n{a}{b}{c}").replace('\n', "\r\n").into(),
            "der" => self.roots[0].der().to_vec(),
            "empty" => Vec::new(),
            "text" => b"hello".to_vec(),
            "broken" => format!("{a}{broken}{c}").into(),
            "broken first" => format!("{broken}{a}{c}").into(),
            "joined" => format!("{}{b}{c}", a.trim_end()).into(),
            "bom" => format!("\u{feff}{a}{b}{c}").into(),
            "utf16" => a.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "folder" | "hashed folder" => {
                let names = if name == "folder" { ["a.pem", "b.crt"] } else { ["0123abcd.0", "README.crt"] };
                let content = |pem: &String| Content::new(pem.as_str());
                return FileState::Folder {
                    files: names.iter().zip([&a, &b]).map(|(n, p)| ((*n).to_owned(), content(p))).collect(),
                };
            }
            _ => return FileState::Missing,
        };
        FileState::File { content: Content::new(bytes) }
    }

    /// Returns which roots are held, as letters; `!` where the tool fails, `~` where it goes on without the setting.
    fn held(&self, name: &str, reader: Reader) -> String {
        let held = match name {
            "folder" | "hashed folder" => read_folder(&self.get(name), reader),
            "file for a folder" => read_folder(&self.get("good"), reader),
            "folder for a file" => read(&self.get("hashed folder"), reader, None),
            _ => read(&self.get(name), reader, None),
        };
        let letter = |c: &Certificate| {
            let at = self.roots.iter().position(|r| r == c).unwrap();
            char::from(b'A' + u8::try_from(at).unwrap())
        };
        match held.ending {
            Ending::Fails => "!".to_owned(),
            Ending::Ignored => "~".to_owned(),
            Ending::Used => held.certificates.iter().map(letter).collect(),
        }
    }
}

#[test]
fn each_reader_makes_its_own_of_the_same_bytes() {
    let files = Files::new();
    let names = [
        "missing",
        "der",
        "empty",
        "broken",
        "broken first",
        "joined",
        "bom",
        "utf16",
        "folder",
        "hashed folder",
        "folder for a file",
        "file for a folder",
    ];
    for (reader, wanted) in [
        // tried with the tools named in the catalogue; an empty text is an empty set of roots
        // tried with the tools named in the catalogue; an empty text is an empty set of roots
        (Reader::OpensslDefault, ["", "", "", "", "", "", "ABC", "", "", "A", "", "ABC"]),
        (Reader::OpensslStrict, ["!", "!", "!", "!", "!", "!", "ABC", "!", "", "A", "!", ""]),
        (Reader::Requests, ["!", "!", "!", "!", "!", "!", "ABC", "!", "", "A", "A", ""]),
        (Reader::Libcurl, ["!", "!", "!", "!", "!", "!", "ABC", "!", "", "A", "!", ""]),
        (Reader::LibcurlGnutls, ["!", "", "", "!", "!", "ABC", "ABC", "", "AB", "AB", "!", ""]),
        (Reader::Gnutls, ["", "", "", "", "", "ABC", "ABC", "", "AB", "AB", "", ""]),
        (Reader::Go, ["", "", "", "AC", "AC", "C", "BC", "", "AB", "AB", "", ""]),
        (Reader::RustlsNative, ["", "", "", "AC", "AC", "AC", "BC", "", "AB", "AB", "", ""]),
        (Reader::UvLenient, ["~", "~", "~", "AC", "AC", "AC", "BC", "~", "AB", "AB", "~", ""]),
        (Reader::DenoExtra, ["~", "~", "~", "~", "~", "AC", "BC", "~", "AB", "AB", "~", ""]),
        (Reader::NodeExtra, ["~", "", "", "A", "", "", "ABC", "", "", "A", "", ""]),
        (Reader::NpmCafile, ["~", "", "~", "AC", "AC", "ABC", "ABC", "", "", "A", "!", "ABC"]),
        (Reader::PnpmCafile, ["~", "", "", "AC", "AC", "ABC", "ABC", "", "", "A", "!", "ABC"]),
        (Reader::YarnBerry, ["!", "", "", "A", "", "", "ABC", "", "", "A", "!", "ABC"]),
        (Reader::BunExtra, ["~", "~", "~", "~", "~", "~", "ABC", "~", "", "A", "", ""]),
        (Reader::Grpc, ["~", "!", "~", "A", "", "", "ABC", "", "", "A", "", "ABC"]),
        (Reader::Webpki, ["!", "", "", "!", "!", "AC", "BC", "", "", "A", "!", ""]),
        (Reader::Php, ["!", "!", "!", "AC", "AC", "C", "ABC", "!", "", "A", "!", ""]),
        (Reader::FirstOnly, ["!", "!", "!", "!", "!", "!", "A", "!", "", "A", "!", ""]),
    ] {
        for (name, wanted) in names.iter().zip(wanted) {
            assert_eq!(files.held(name, reader), wanted, "{reader:?} with {name}");
        }
    }
}

#[test]
fn what_everybody_reads_has_no_fault() {
    let files = Files::new();
    for name in ["good", "crlf"] {
        for reader in [
            Reader::OpensslDefault,
            Reader::Go,
            Reader::Gnutls,
            Reader::RustlsNative,
            Reader::NodeExtra,
            Reader::UvLenient,
        ] {
            let held = read(&files.get(name), reader, None);
            assert_eq!((held.certificates.len(), held.fault), (3, None), "{reader:?} with {name}");
        }
    }
}

#[test]
fn the_fault_says_what_is_wrong_and_where() {
    let files = Files::new();
    let fault = |name, reader| read(&files.get(name), reader, None).fault;
    assert_eq!(fault("missing", Reader::NodeExtra), Some(Fault::Missing));
    assert_eq!(fault("der", Reader::NodeExtra), Some(Fault::NoCertificate { problem: None, der: true }));
    assert_eq!(fault("folder", Reader::OpensslDefault), Some(Fault::Folder));
    let in_folder = |name, reader| read_folder(&files.get(name), reader).fault;
    assert_eq!(in_folder("folder", Reader::OpensslDefault), Some(Fault::NotHashed));
    assert_eq!(in_folder("good", Reader::Go), Some(Fault::File));
    assert_eq!(in_folder("missing", Reader::Gnutls), Some(Fault::Missing));
    assert_eq!(fault("folder", Reader::NpmCafile), Some(Fault::Folder));
    assert!(
        matches!(fault("broken", Reader::OpensslDefault), Some(Fault::Lost { held: 2, problem }) if problem.line() > 1)
    );
    assert_eq!(fault("joined", Reader::Gnutls), None);
}

#[test]
fn key_stores_are_opened_as_java_opens_them() {
    let files = Files::new();
    let state = |bytes: Vec<u8>| FileState::File { content: Content::new(bytes) };
    let jks = crate::remedy::formats::jks::write(&files.roots);
    assert_eq!(read(&state(jks.clone()), Reader::Java, None).certificates.len(), 3);
    let pkcs12 = crate::remedy::formats::pkcs12::write(&files.roots);
    assert_eq!(read(&state(pkcs12), Reader::Java, Some("changeit")).certificates.len(), 3);
    assert_eq!(read(&state(jks[..100].to_vec()), Reader::Java, None).ending, Ending::Fails);
    assert_eq!(read(&files.get("good"), Reader::Java, None).ending, Ending::Fails);
    assert_eq!(read(&files.get("missing"), Reader::Java, None).ending, Ending::Ignored);
}
