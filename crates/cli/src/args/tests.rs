//! How arguments are read, before and behind the command.

use insta::assert_snapshot;

use super::*;
use crate::options::Colour;

#[test]
fn the_command_line_is_consistent() {
    Arguments::whole().debug_assert();
}

fn read(line: &str) -> Result<Arguments, String> {
    Arguments::of(line.split(' ')).map_err(|error| error.to_string().lines().next().unwrap_or("").to_owned())
}

#[test]
fn the_next_command_can_be_pasted() {
    for (words, next) in [
        (&["jobwatch"][..], "jobwatch check"),
        (&["jobwatch", "--out-dir", "a b"], "jobwatch check --out-dir 'a b'"),
        (&["jobwatch", "--catalogue", "it's.yaml"], r"jobwatch check --catalogue 'it'\''s.yaml'"),
    ] {
        assert_eq!(Arguments::of(words).unwrap().shared.next("check"), next);
    }
}

#[test]
fn what_stands_before_a_command_is_as_good_as_what_stands_behind_it() {
    let arguments = read("jobwatch -v --check --color never generate --out-dir a").unwrap();
    assert!(arguments.shared.verbose);
    assert_eq!((arguments.shared.color, arguments.shared.out_dir), (Some(Colour::Never), Some("a".into())));
    let Some(Command::Generate(generate)) = arguments.command else { panic!("another command") };
    assert!(generate.check && !generate.stdout);
    for line in ["jobwatch --format json check", "jobwatch check --format json"] {
        let Some(Command::Check(check)) = read(line).unwrap().command else { panic!("another command") };
        assert_eq!(check.format, Some(Format::Json));
    }
    let Some(Command::List(list)) = read("jobwatch --format json list").unwrap().command else {
        panic!("another command")
    };
    assert_eq!(list.format, Some(ListFormat::Json));
}

#[test]
fn what_can_be_said_once_is_not_said_twice() {
    let refused = |line: &str| read(line).unwrap_err();
    assert_snapshot!(refused("jobwatch --out-dir a check --out-dir b"), @"error: `--out-dir` stands before the command and behind it: leave one of them out");
    assert_snapshot!(refused("jobwatch --color never check --color always"), @"error: `--color` stands before the command and behind it: leave one of them out");
    assert_snapshot!(refused("jobwatch --format json check --format human"), @"error: `--format` stands before the command and behind it: leave one of them out");
    assert_snapshot!(refused("jobwatch --format sarif list"), @"error: `list` prints as `table` or `json`: the other formats are for findings");
    assert_snapshot!(refused("jobwatch --format json generate"), @"error: `--format` belongs to `check`, `lint`, `list`, `prove` and `diff`: `generate` has no formats");
    assert_snapshot!(refused("jobwatch --check list"), @"error: `--check` belongs to `generate`: write `jobwatch generate --check`");
    assert_snapshot!(refused("jobwatch --check generate --stdout"), @"error: `--check` and `--stdout` exclude each other: leave one of them out");
}
