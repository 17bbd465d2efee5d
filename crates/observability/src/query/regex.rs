//! Regular expressions of matchers: RE2's, of which Prometheus has Go's.
//!
//! `regex-syntax` reads another dialect, in which some signs mean something that are plain in RE2
//! (`{`, `[` and `&&` within brackets), and others are taken that RE2 refuses. What differs is
//! decided here: <https://github.com/google/re2/wiki/Syntax>.

use std::iter::Peekable;
use std::str::CharIndices;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

/// The most that a repetition may count, also those within one another taken together.
const MOST_REPEATED: u32 = 1_000;

/// How deep groups may lie within one another.
const MOST_NESTED: u32 = 1_000;

/// The classes of characters with names, as in `[[:alpha:]]`.
const CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// Reads a regular expression, as the matchers of Prometheus have them.
///
/// # Errors
///
/// What is wrong with one that Prometheus refuses.
pub(crate) fn regex(written: &str) -> Result<Hir, String> {
    let translated = Translation::of(written)?;
    let mut parser = ParserBuilder::new().nest_limit(MOST_NESTED).build();
    parser.parse(&translated).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it is too large".to_owned(),
    })
}

/// What a repetition would repeat.
#[derive(Clone, Copy)]
enum Last {
    /// There is nothing.
    Nothing,
    /// Something that is repeated so often already by what counts.
    Once(u32),
    /// What is repeated already.
    Repeated,
}

/// An expression that is rewritten from one dialect in the other.
struct Translation<'r> {
    rest: Peekable<CharIndices<'r>>,
    written: &'r str,
    made: String,
    last: Last,
    /// For each open group, the most that something in it is repeated.
    open: Vec<u32>,
    heaviest: u32,
}

impl<'r> Translation<'r> {
    fn of(written: &'r str) -> Result<String, String> {
        let mut translation = Self {
            rest: written.char_indices().peekable(),
            written,
            made: String::with_capacity(written.len()),
            last: Last::Nothing,
            open: Vec::new(),
            heaviest: 1,
        };
        while let Some((at, character)) = translation.rest.next() {
            translation.step(at, character)?;
        }
        match translation.open.is_empty() {
            true => Ok(translation.made),
            false => Err("a `)` is missing".to_owned()),
        }
    }

    fn step(&mut self, at: usize, character: char) -> Result<(), String> {
        match character {
            '\\' => self.escape()?,
            '[' => self.class()?,
            '(' => return self.open_group(at),
            ')' => {
                let outer = self.open.pop().ok_or("there is a `)` without `(`")?;
                let weight = self.heaviest;
                self.heaviest = outer.max(weight);
                self.made.push(')');
                self.last = Last::Once(weight);
                return Ok(());
            }
            '|' => {
                self.made.push('|');
                self.last = Last::Nothing;
                return Ok(());
            }
            '*' | '+' | '?' => return self.repeat(&self.written[at..=at], 1),
            '{' => match counted(&self.written[at..]) {
                Some((length, least, most)) => {
                    let limit = most.unwrap_or(least);
                    if least > MOST_REPEATED || limit > MOST_REPEATED || least > limit {
                        return Err(format!(
                            "`{}` is no number of repetitions",
                            &self.written[at..at + length]
                        ));
                    }
                    for _ in 1..length {
                        self.rest.next();
                    }
                    return self.repeat(&self.written[at..at + length], limit.max(1));
                }
                None => self.made.push_str(r"\{"),
            },
            '.' | '^' | '$' => self.made.push(character),
            _ => self.literal(character),
        }
        self.last = Last::Once(1);
        Ok(())
    }

    fn literal(&mut self, character: char) {
        match character {
            plain if plain.is_alphanumeric() || plain == '_' => self.made.push(plain),
            sign => self.made.push_str(&format!(r"\x{{{:x}}}", u32::from(sign))),
        }
    }

    fn repeat(&mut self, sign: &str, times: u32) -> Result<(), String> {
        let weight = match self.last {
            Last::Nothing => return Err(format!("there is nothing that `{sign}` repeats")),
            Last::Repeated => return Err(format!("`{sign}` repeats what is repeated already")),
            Last::Once(weight) => weight.saturating_mul(times),
        };
        if weight > MOST_REPEATED {
            return Err(format!("more than {MOST_REPEATED} repetitions lie within one another"));
        }
        self.made.push_str(sign);
        if self.rest.next_if(|(_, next)| *next == '?').is_some() {
            self.made.push('?');
        }
        self.heaviest = self.heaviest.max(weight);
        self.last = Last::Repeated;
        Ok(())
    }

    fn open_group(&mut self, at: usize) -> Result<(), String> {
        let rest = &self.written[at + 1..];
        let mut opened = "(";
        let mut length = 0;
        if let Some(flags) = rest.strip_prefix('?') {
            let name = flags.strip_prefix("P<").or_else(|| flags.strip_prefix('<'));
            let end = if name.is_some() { flags.find('>') } else { flags.find([':', ')']) };
            let unknown =
                || format!("`(?{}` is no beginning of a group", flags.chars().take(2).collect::<String>());
            let end = end.ok_or_else(unknown)?;
            length = 1 + end + 1;
            match name {
                Some(_) => {
                    let name = &flags[flags.find('<').map_or(0, |at| at + 1)..end];
                    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                        return Err(format!("`{name}` is no name of a group"));
                    }
                }
                None => {
                    let (on, off) = flags[..end].split_once('-').unwrap_or((&flags[..end], "i"));
                    let is_flag = |c: char| "imsU".contains(c);
                    if !on.chars().all(is_flag) || off.is_empty() || !off.chars().all(is_flag) {
                        return Err(unknown());
                    }
                    let is_alone = flags[end..].starts_with(')');
                    if is_alone {
                        if end > 0 {
                            self.made.push_str(&rest[..length].replacen('?', "(?", 1));
                        }
                        for _ in 0..length {
                            self.rest.next();
                        }
                        self.last = Last::Nothing;
                        return Ok(());
                    }
                    opened = if end == 0 { "(?:" } else { &self.written[at..=at + length] };
                }
            }
            if name.is_some() {
                opened = "(?:";
            }
        }
        self.made.push_str(opened);
        for _ in 0..length {
            self.rest.next();
        }
        self.open.push(self.heaviest);
        self.heaviest = 1;
        self.last = Last::Nothing;
        Ok(())
    }

    /// Reads what stands behind a backslash outside of brackets.
    fn escape(&mut self) -> Result<(), String> {
        let Some((at, next)) = self.rest.peek().copied() else {
            return Err("a backslash stands at the end".to_owned());
        };
        match next {
            'A' | 'z' | 'b' | 'B' => {
                self.rest.next();
                self.made.push('\\');
                self.made.push(next);
            }
            'Q' => {
                self.rest.next();
                let quoted = &self.written[at + 1..];
                let end = quoted.find(r"\E");
                let text = &quoted[..end.unwrap_or(quoted.len())];
                let ending = if end.is_some() { 2 } else { 0 };
                for _ in 0..text.chars().count() + ending {
                    self.rest.next();
                }
                text.chars().for_each(|character| self.literal(character));
            }
            _ => {
                if !self.class_escape()? {
                    let character = self.escaped()?;
                    self.literal(character);
                }
            }
        }
        Ok(())
    }

    /// Reads a class of characters behind a backslash. Returns whether there is one.
    fn class_escape(&mut self) -> Result<bool, String> {
        let Some((at, next)) = self.rest.peek().copied() else { return Ok(false) };
        match next {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                self.rest.next();
                self.made.push('\\');
                self.made.push(next);
            }
            'p' | 'P' => {
                let behind = &self.written[at + 1..];
                let (name, length) = match behind.strip_prefix('{') {
                    Some(inner) => {
                        let end = inner.find('}').ok_or("a `}` is missing")?;
                        (&inner[..end], end + 2)
                    }
                    None => {
                        let length = behind.chars().next().map_or(0, char::len_utf8);
                        (&behind[..length], length)
                    }
                };
                let (is_not, name) = match name.strip_prefix('^') {
                    Some(name) => (next == 'p', name),
                    None => (next == 'P', name),
                };
                if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
                    return Err(format!("`{name}` is no class of characters"));
                }
                let kind = if name.len() > 2 && name != "Any" { "Script=" } else { "" };
                let sign = if is_not { 'P' } else { 'p' };
                self.made.push_str(&format!(r"\{sign}{{{kind}{name}}}"));
                let characters = self.written[at..at + 1 + length].chars().count();
                for _ in 0..characters {
                    self.rest.next();
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Reads one character that is written with a backslash, which is passed already.
    fn escaped(&mut self) -> Result<char, String> {
        let Some((at, next)) = self.rest.next() else {
            return Err("a backslash stands at the end".to_owned());
        };
        let unknown = || format!(r"`\{next}` has no meaning");
        let control = match next {
            'a' => '\u{7}',
            'f' => '\u{c}',
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'v' => '\u{b}',
            '0'..='7' => {
                let digits: String =
                    self.written[at..].chars().take(3).take_while(|c| ('0'..='7').contains(c)).collect();
                if next != '0' && digits.len() < 2 {
                    return Err(unknown());
                }
                for _ in 1..digits.len() {
                    self.rest.next();
                }
                return u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32).ok_or_else(unknown);
            }
            'x' => {
                let behind = &self.written[at + 1..];
                let (digits, length) = match behind.strip_prefix('{') {
                    Some(inner) => {
                        let end = inner.find('}').ok_or_else(unknown)?;
                        (&inner[..end], end + 2)
                    }
                    None => (behind.get(..2).ok_or_else(unknown)?, 2),
                };
                let is_hexadecimal = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit());
                let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal);
                for _ in 0..length {
                    self.rest.next();
                }
                return code.and_then(char::from_u32).ok_or_else(unknown);
            }
            sign if sign.is_ascii() && !sign.is_ascii_alphanumeric() => sign,
            _ => return Err(unknown()),
        };
        Ok(control)
    }

    /// Reads what stands in brackets, the first of which is passed already.
    fn class(&mut self) -> Result<(), String> {
        const OPEN: &str = "a `]` is missing";
        self.made.push('[');
        if self.rest.next_if(|(_, next)| *next == '^').is_some() {
            self.made.push('^');
        }
        let mut is_first = true;
        loop {
            let (at, next) = self.rest.peek().copied().ok_or(OPEN)?;
            if next == ']' && !is_first {
                self.rest.next();
                self.made.push(']');
                return Ok(());
            }
            is_first = false;
            if self.written[at..].starts_with("[:")
                && let Some(end) = self.written[at..].find(":]").filter(|end| *end > 1)
            {
                let name = &self.written[at..at + end + 2];
                self.made.push_str(name);
                for _ in 0..name.chars().count() {
                    self.rest.next();
                }
                if !CLASSES.contains(&name[2..name.len() - 2].trim_start_matches('^')) {
                    return Err(format!("`{name}` is no class of characters"));
                }
                continue;
            }
            if next == '\\' {
                self.rest.next();
                if self.class_escape()? {
                    continue;
                }
            }
            let low = self.of_class(next == '\\')?;
            let mut ahead = self.rest.clone();
            let is_range = ahead.next().is_some_and(|(_, sign)| sign == '-')
                && ahead.next().is_some_and(|(_, behind)| behind != ']');
            self.made.push_str(&format!(r"\x{{{:x}}}", u32::from(low)));
            if is_range {
                self.rest.next();
                let is_escaped = self.rest.next_if(|(_, next)| *next == '\\').is_some();
                let high = self.of_class(is_escaped)?;
                if high < low {
                    return Err(format!("`{low}-{high}` is no range of characters"));
                }
                self.made.push_str(&format!(r"-\x{{{:x}}}", u32::from(high)));
            }
        }
    }

    fn of_class(&mut self, is_escaped: bool) -> Result<char, String> {
        match is_escaped {
            true => self.escaped(),
            false => {
                self.rest.next().map(|(_, character)| character).ok_or_else(|| "a `]` is missing".to_owned())
            }
        }
    }
}

/// Reads how often something is repeated, as in `{2,5}`: the length of it, the least, and the most,
/// which is `None` without a limit. `None` if it is no such thing, but plain text.
fn counted(text: &str) -> Option<(usize, u32, Option<u32>)> {
    let end = text.find('}')?;
    let number = |digits: &str| {
        let is_plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let has_zeros = digits.len() > 1 && digits.starts_with('0');
        (is_plain && !has_zeros).then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (least, most) = match text[1..end].split_once(',') {
        None => (number(&text[1..end])?, number(&text[1..end])),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((end + 1, least, most))
}
