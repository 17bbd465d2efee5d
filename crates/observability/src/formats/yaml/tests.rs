//! Texts and comments read back as they are meant.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[test]
fn comments_stand_above_and_blocks_below() {
    let explained = |comment: &str, text: &str| {
        Explained::new(BTreeMap::from([("expr", Block(text.to_owned().into()))]), &Comment::new(comment))
    };
    let value =
        [explained("What it is.", "a"), explained(&"word ".repeat(25), "a\nor\nb"), explained("", "c")];
    let text = document(&Comment::new("About\nthis"), &BTreeMap::from([("items", value)])).unwrap();
    insta::assert_snapshot!(text, @"
    # About this
    items:
      -
        # What it is.
        expr: a
      -
        # word word word word word word word word word word word word word word word word word
        # word word word word word word word word
        expr: |-
          a
          or
          b
      - expr: c
    ");
}

/// Texts that YAML has another meaning for, or that have to be escaped.
const AWKWARD: [&str; 64] = [
    "on",
    "yes",
    "n",
    "~",
    "null",
    "",
    "  lead",
    "trail ",
    "\ttab",
    "a\tb",
    "a: b",
    "a #b",
    "'q'",
    "\"q\"",
    "back\\slash",
    "{{ x }}",
    "é🚨",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "\u{1b}",
    "\u{feff}bom",
    "---",
    "...",
    "!tag",
    "&a",
    "*a",
    "%d",
    "@x",
    "`b`",
    "|",
    "> x",
    "- x",
    "? x",
    "0x1F",
    "1_000",
    "12:30:45",
    "2001-01-01",
    ".5",
    "1e3",
    "NaN",
    ".inf",
    "=",
    "<<",
    "a\nb",
    "a\n",
    "\n",
    "\n\na",
    "  a\n b",
    "a\n\n",
    "\ta\nb",
    "trail \nb",
    "a\r\nb",
    "[",
    "]",
    "{",
    "}",
    ",",
    "a,b",
    "#c",
    "null\n",
    "x: |\n y",
    "- \n-",
    "-",
];

/// A block in the middle of a document, in an item of a list, and at the end.
fn block_reads_back(text: &str) -> Result<(), TestCaseError> {
    let items = || [("key", Block(text.into())), ("last", Block(text.into()))];
    let explained = || Explained::new(BTreeMap::from(items()), &Comment::new("What it is."));
    let written = document(&Comment::new("x - "), &[explained(), explained()]).unwrap();
    let read: Vec<BTreeMap<String, String>> = serde_yaml::from_str(&written).unwrap();
    prop_assert_eq!(read.len(), 2, "{}", written);
    for item in read {
        prop_assert_eq!(&item["key"], text, "{}", written);
        prop_assert_eq!(&item["last"], text, "{}", written);
    }
    let written = document(&Comment::new("x"), &[Block(text.into())]).unwrap();
    let read: Vec<String> = serde_yaml::from_str(&written).unwrap();
    prop_assert_eq!(read, [text], "{}", written);
    Ok(())
}

/// Texts of several lines made of what has a meaning at the beginning or the end of a line.
fn lines() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "", "a", "- ", " - ", "-", "# c", "|", "key: ", "\t", " ", "  ", "\r", "\u{85}", "\u{2028}",
        "\u{a0}", "\u{feff}", "\u{1b}", "---", "...", "'", "\"",
    ]);
    let line = prop::collection::vec(part, 0..3).prop_map(|parts| parts.concat());
    prop::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n"))
}

#[track_caller]
fn check_block(text: &str, is_block: bool) {
    let written = document(&Comment::new("x"), &BTreeMap::from([("key", Block(text.into()))])).unwrap();
    assert_eq!(written.contains("key: |"), is_block, "{written}");
}

#[test]
fn a_text_that_readers_disagree_about_is_no_block() {
    check_block("a\n\n  b\n- c", true);
    check_block("one line", false);
    check_block("\n\ta\nb", false);
    check_block("  a\nb", false);
    check_block("a\n\tb", false);
    check_block("a\nb\n", false);
    check_block("a\n- \nb", false);
    check_block("a\n\u{1b}b", false);
}

fn reads_back(text: &str) -> Result<(), TestCaseError> {
    let value = BTreeMap::from([("key", text)]);
    let written = document(&Comment::new("x"), &value).unwrap();
    let read: BTreeMap<String, String> = serde_yaml::from_str(&written).unwrap();
    prop_assert_eq!(&read["key"], text, "{}", written);
    let written = document(&Comment::new("x"), &BTreeMap::from([(text, "value")])).unwrap();
    let read: BTreeMap<String, String> = serde_yaml::from_str(&written).unwrap();
    prop_assert!(read.contains_key(text), "{}", written);
    let value = BTreeMap::from([("key", Quoted(text.to_owned()))]);
    let written = document(&Comment::new("x"), &value).unwrap();
    let read: BTreeMap<String, String> = serde_yaml::from_str(&written).unwrap();
    prop_assert_eq!(&read["key"], text, "{}", written);
    Ok(())
}

#[test]
fn awkward_texts_read_back() {
    for text in AWKWARD {
        reads_back(text).unwrap();
        block_reads_back(text).unwrap();
    }
}

proptest! {
    #[test]
    fn any_text_reads_back(text in any::<String>()) {
        reads_back(&text)?;
        block_reads_back(&text)?;
    }

    #[test]
    fn any_lines_read_back(text in lines()) {
        block_reads_back(&text)?;
    }

    #[test]
    fn any_comment_is_a_comment(comment in any::<String>()) {
        let value = Explained::new(BTreeMap::from([("key", "value")]), &Comment::new(&comment));
        let written = document(&Comment::new(&comment), &[value]).unwrap();
        let read: Vec<BTreeMap<String, String>> = serde_yaml::from_str(&written).unwrap();
        prop_assert_eq!(read.len(), 1);
        prop_assert_eq!(&read[0]["key"], "value");
    }
}
