//! Rust source as the structure tests read it: code without comments and strings, and the strings by themselves.
//!
//! A small lexer and no parser: it knows where text begins and ends, and nothing of what the text means.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One source file without its test code.
pub struct Source {
    /// The code; comments, strings and characters are blanks, and lines keep their places.
    pub code: String,
    /// String literals, with the number of the line each begins on.
    pub literals: Vec<(usize, String)>,
}

/// A file of the project, by its path from the root.
pub struct SourceFile {
    /// For example `core/src/app/mod.rs`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// The root of the project.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project has a root").to_owned()
}

/// Every Rust file below the folders, in order of path.
///
/// # Panics
/// If a folder cannot be read, or holds none: a check of nothing would always pass.
#[must_use]
pub fn files(folders: &[&str]) -> Vec<SourceFile> {
    let root = root();
    let mut paths = Vec::new();
    for folder in folders {
        let before = paths.len();
        gather(&root.join(folder), &mut paths);
        assert!(paths.len() > before, "{folder} holds no Rust file");
    }
    paths.sort();
    let read = |path: PathBuf| SourceFile {
        text: std::fs::read_to_string(&path).expect("a readable file"),
        path: path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned(),
    };
    paths.into_iter().map(read).collect()
}

/// Those of the files that are compiled into what is shipped.
#[must_use]
pub fn shipped(files: Vec<SourceFile>) -> Vec<SourceFile> {
    let tests: BTreeSet<String> = files.iter().flat_map(test_files).collect();
    let is_test = |path: &str| tests.iter().any(|test| path.starts_with(test.as_str()));
    files.into_iter().filter(|file| !is_test(&file.path)).collect()
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Paths of the modules in files of their own that a file declares for tests alone, and of the folders below them.
fn test_files(file: &SourceFile) -> Vec<String> {
    let beside = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_door = ["/mod.rs", "/lib.rs", "/main.rs"].iter().any(|door| file.path.ends_with(door));
    let below = if is_door { beside } else { file.path.trim_end_matches(".rs") };
    let (code, literals) = blanked(&file.text);
    let marker: Vec<char> = TEST_MARKER.chars().collect();
    let mut paths = Vec::new();
    for from in (0..code.len()).filter(|at| code[*at..].starts_with(&marker)) {
        let to = end_of_item(&code, from + marker.len());
        let attributes_and_item: String = code[from + marker.len()..to].iter().collect();
        let item = after_attributes(&attributes_and_item);
        let Some(name) =
            item.strip_suffix(';').and_then(|item| item.rsplit_once("mod ")).map(|(_, name)| name)
        else {
            continue;
        };
        let elsewhere = literals.iter().find(|(at, _)| (from..to).contains(at));
        match elsewhere {
            Some((_, literal)) => paths.push(format!("{beside}/{}", literal.trim_matches('"'))),
            None => paths.extend([format!("{below}/{name}.rs"), format!("{below}/{name}/")]),
        }
    }
    paths
}

const TEST_MARKER: &str = "#[cfg(test)]";

fn after_attributes(code: &str) -> &str {
    let mut rest = code.trim_start();
    while rest.starts_with("#[") {
        rest = rest.split_once(']').map_or("", |(_, rest)| rest).trim_start();
    }
    rest
}

impl Source {
    /// Reads a file and leaves out every item that stands under `#[cfg(test)]`.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (mut code, mut literals) = blanked(text);
        loop {
            let so_far: String = code.iter().collect();
            let Some(byte) = so_far.find(TEST_MARKER) else { break };
            let from = so_far[..byte].chars().count();
            let to = end_of_item(&code, from + TEST_MARKER.len());
            literals.retain(|(at, _)| !(from..to).contains(at));
            for letter in &mut code[from..to] {
                if *letter != '\n' {
                    *letter = ' ';
                }
            }
        }
        let line = |at: usize| 1 + code[..at].iter().filter(|letter| **letter == '\n').count();
        let literals = literals.into_iter().map(|(at, literal)| (line(at), literal)).collect();
        Self { code: code.into_iter().collect(), literals }
    }

    /// Lines of the code that hold a text, by number.
    #[must_use]
    pub fn lines_with(&self, needle: &str) -> Vec<usize> {
        let holding = |(number, line): (usize, &str)| line.contains(needle).then_some(number + 1);
        self.code.lines().enumerate().filter_map(holding).collect()
    }
}

/// Where the item that begins somewhere ends: at its closing brace, or at a semicolon outside of any.
fn end_of_item(code: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.iter().enumerate().skip(from) {
        match letter {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && *letter == '}' {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The text with blanks for comments, strings and characters, and the strings with the places they begin at.
fn blanked(text: &str) -> (Vec<char>, Vec<(usize, String)>) {
    let text: Vec<char> = text.chars().collect();
    let mut code = text.clone();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = match text[at] {
            '/' if text.get(at + 1) == Some(&'/') => line_end(&text, at),
            '/' if text.get(at + 1) == Some(&'*') => comment_end(&text, at),
            '"' => {
                let hashes = raw_hashes(&text, at);
                let end = string_end(&text, at, hashes);
                literals.push((at, text[at..end].iter().collect()));
                end
            }
            '\'' => character_end(&text, at),
            _ => {
                at += 1;
                continue;
            }
        };
        for letter in &mut code[at..end] {
            if *letter != '\n' {
                *letter = ' ';
            }
        }
        at = end;
    }
    (code, literals)
}

fn line_end(text: &[char], from: usize) -> usize {
    text[from..].iter().position(|letter| *letter == '\n').map_or(text.len(), |length| from + length)
}

fn comment_end(text: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while at + 1 < text.len() {
        match (text[at], text[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => {
                depth -= 1;
                if depth == 0 {
                    return at + 2;
                }
            }
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    text.len()
}

/// How many hashes stand before the quotation mark of a raw string; `None` for a string that is not raw.
fn raw_hashes(text: &[char], quote: usize) -> Option<usize> {
    let hashes = text[..quote].iter().rev().take_while(|letter| **letter == '#').count();
    let before = quote.checked_sub(hashes + 1)?;
    let is_prefix = text[before] == 'r';
    let longer = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    let named = before.checked_sub(1).is_some_and(|at| longer(&text[at]) && text[at] != 'b');
    (is_prefix && !named).then_some(hashes)
}

fn string_end(text: &[char], quote: usize, raw: Option<usize>) -> usize {
    let mut at = quote + 1;
    while at < text.len() {
        match (text[at], raw) {
            ('\\', None) => at += 1,
            ('"', None) => return at + 1,
            ('"', Some(hashes)) => {
                let closing = text[at + 1..].iter().take_while(|letter| **letter == '#').count();
                if closing >= hashes {
                    return at + 1 + hashes;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The end of a character, or of the quotation mark of a lifetime.
fn character_end(text: &[char], quote: usize) -> usize {
    if text.get(quote + 1) == Some(&'\\') {
        let closing = text[quote + 3..].iter().position(|letter| *letter == '\'');
        return closing.map_or(text.len(), |length| quote + 4 + length);
    }
    if text.get(quote + 2) == Some(&'\'') { quote + 3 } else { quote + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_no_code() {
        let source = Source::read(
            "let a = \"b.unwrap()\"; // c.unwrap()\n/* d /* e */ f */ let g = '\"'; h('x', r#\"i\"j\"#);",
        );
        assert!(!source.code.contains("unwrap"), "{}", source.code);
        for word in ["let a", "let g", "h("] {
            assert!(source.code.contains(word), "{word}: {}", source.code);
        }
        let literals: Vec<_> = source.literals.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(literals, [(1, "\"b.unwrap()\""), (2, "\"i\"j\"#")]);
    }

    #[test]
    fn lifetimes_do_not_swallow_the_code_behind_them() {
        let source = Source::read("fn a<'b>(c: &'b str) -> &'b str { c.d('\\'', '\\u{1F}') } fn e() {}");
        assert!(source.code.contains("fn e() {}"), "{}", source.code);
    }

    #[test]
    fn test_code_is_left_out_and_lines_keep_their_numbers() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { \"c\"; }\n}\nfn d() { \"e\"; }\n";
        let source = Source::read(text);
        assert!(!source.code.contains("fn b"));
        assert_eq!(source.lines_with("fn d"), [6]);
        assert_eq!(source.literals, [(6, "\"e\"".to_owned())]);
    }

    #[test]
    fn modules_for_tests_alone_are_not_shipped() {
        let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
        let left = shipped(vec![
            file("a/src/b/mod.rs", "mod kept;\n#[cfg(test)]\npub(crate) mod doubles;\n"),
            file("a/src/b/doubles.rs", ""),
            file("a/src/b/doubles/more.rs", ""),
            file("a/src/b/kept.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nuse a::b;"),
            file("a/src/b/kept/tests.rs", ""),
            file("a/src/c.rs", "#[cfg(test)]\n#[path = \"c_tests.rs\"]\nmod tests;"),
            file("a/src/c_tests.rs", ""),
        ]);
        let paths: Vec<_> = left.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a/src/b/mod.rs", "a/src/b/kept.rs", "a/src/c.rs"]);
    }
}
