//! Reads the sentence of a threshold.

use std::ops::Range;

use jobwatch_catalogue::Quantity;

use super::figure::{Figure, Preposition, take};
use super::token::{Token, TokenKind, tokens};

/// What kind of condition a sentence states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    FailureRate,
    FailureRatio,
    NoSuccess,
    DurationP95,
    QueueGrowing,
    QueueSize,
    ItemFailureRatio,
    ConsecutiveFailures,
    Stuck,
    MetricsAbsent,
}

/// What a sentence states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) kind: Kind,
    /// The figures that the value is compared with, in order: one, or two for a growing queue.
    pub(super) figures: Vec<Figure>,
    /// Over how long the queue has grown.
    pub(super) over: Option<Figure>,
    /// For how long the condition has to hold.
    pub(super) hold: Option<Figure>,
    /// What it says about single jobs.
    pub(super) exceptions: Vec<Exception>,
}

/// What a sentence says about one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    pub(super) job: String,
    pub(super) figure: Figure,
    /// The bytes of the name and the figure.
    pub(super) span: Range<usize>,
}

/// Reads a sentence, or gives the bytes of the part that makes no sense.
pub(super) fn read(sentence: &str) -> Result<Statement, Range<usize>> {
    let tokens = tokens(sentence);
    let whole = 0..sentence.trim_end().len();
    let (main, aside) = match tokens.iter().position(|token| token.kind == TokenKind::Open) {
        Some(open) => tokens.split_at(open),
        None => (tokens.as_slice(), [].as_slice()),
    };
    let (exceptions, after) = exceptions(aside)?;
    let words: Vec<Token> = main.iter().chain(after).cloned().collect();
    let mut figures = Vec::new();
    let mut rest: Vec<(&str, Range<usize>)> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if let Some((figure, length)) = take(&words[at..]) {
            figures.push(figure);
            at += length;
            continue;
        }
        match &words[at].kind {
            TokenKind::Word(word) => rest.push((word, words[at].span.clone())),
            TokenKind::Separator => {}
            TokenKind::Compare(_) => {
                let end = words.get(at + 1).unwrap_or(&words[at]).span.end;
                return Err(words[at].span.start..end);
            }
            _ => return Err(words[at].span.clone()),
        }
        at += 1;
    }
    let kind = kind(&rest, &figures).ok_or(whole.clone())?;
    if let Some((_, span)) = rest.iter().find(|(word, _)| !is_known(word)) {
        return Err(span.clone());
    }
    let mut statement = Statement { kind, figures: Vec::new(), over: None, hold: None, exceptions };
    for figure in figures {
        let is_time = matches!(figure.quantity, Quantity::Duration(_));
        // "for 5 minutes" is how long it has to hold; "for more than 2 hours" is what is measured.
        let measured = matches!(kind, Kind::NoSuccess | Kind::Stuck) && statement.figures.is_empty();
        match figure.preposition {
            Some(Preposition::Over) if kind == Kind::QueueGrowing && is_time => {
                put(&mut statement.over, figure)?;
            }
            Some(_) if is_time && !(measured && kind == Kind::NoSuccess) => put(&mut statement.hold, figure)?,
            _ => statement.figures.push(figure),
        }
    }
    let expected = match kind {
        Kind::QueueGrowing => 2,
        Kind::Stuck | Kind::MetricsAbsent => 0,
        _ => 1,
    };
    if statement.figures.len() != expected {
        return Err(statement.figures.get(expected).map_or(whole, |figure| figure.span.clone()));
    }
    Ok(statement)
}

fn put(place: &mut Option<Figure>, figure: Figure) -> Result<(), Range<usize>> {
    if place.is_some() {
        return Err(figure.span);
    }
    *place = Some(figure);
    Ok(())
}

/// What stands in parentheses: figures of single jobs, as in "(`reputation_tasks`: > 13 hours)". Gives what follows them, too.
fn exceptions(tokens: &[Token]) -> Result<(Vec<Exception>, &[Token]), Range<usize>> {
    let mut found = Vec::new();
    let Some(close) = tokens.iter().position(|token| token.kind == TokenKind::Close) else {
        return match tokens.first() {
            Some(open) => Err(open.span.clone()),
            None => Ok((found, tokens)),
        };
    };
    let mut at = 1;
    while at < close {
        let start = &tokens[at];
        let TokenKind::Word(job) = &start.kind else {
            if start.kind == TokenKind::Separator {
                at += 1;
                continue;
            }
            return Err(start.span.clone());
        };
        at += 1;
        if matches!(tokens[at].kind, TokenKind::Colon) {
            at += 1;
        }
        let (figure, length) = take(&tokens[at..close]).ok_or(start.span.clone())?;
        at += length;
        let span = start.span.start..figure.span.end;
        found.push(Exception { job: job.clone(), figure, span });
    }
    Ok((found, &tokens[close + 1..]))
}

fn kind(words: &[(&str, Range<usize>)], figures: &[Figure]) -> Option<Kind> {
    let any = |list: &[&str]| words.iter().any(|(word, _)| list.contains(word));
    let has_unit = |test: fn(&Quantity) -> bool| figures.iter().any(|figure| test(&figure.quantity));
    let per_second = has_unit(|quantity| matches!(quantity, Quantity::PerSecond(_)));
    let ratio = has_unit(|quantity| matches!(quantity, Quantity::Ratio(_)));
    let fails = any(&["failure", "failures", "failed", "failing", "fail", "errors", "error"]);
    if any(&["metrics", "series"]) {
        Some(Kind::MetricsAbsent)
    } else if any(&["no", "without"]) && any(&["success", "successful", "succeeded"]) {
        Some(Kind::NoSuccess)
    } else if any(&["progress", "timeout", "stuck"]) {
        Some(Kind::Stuck)
    } else if any(&["queue", "backlog"]) {
        let grows = any(&["grow", "grows", "grown", "growing", "growth", "increased"]);
        Some(if grows { Kind::QueueGrowing } else { Kind::QueueSize })
    } else if any(&["item", "items"]) {
        Some(Kind::ItemFailureRatio)
    } else if any(&["row", "consecutive", "consecutively"]) {
        Some(Kind::ConsecutiveFailures)
    } else if any(&["p95", "95th", "percentile", "duration"]) {
        Some(Kind::DurationP95)
    } else if per_second {
        Some(Kind::FailureRate)
    } else if fails && (ratio || any(&["rate", "ratio"])) {
        Some(Kind::FailureRatio)
    } else {
        None
    }
}

/// Words that say nothing which is not already known. Any other word makes a sentence unreadable, so that none is passed over.
fn is_known(word: &str) -> bool {
    const WORDS: [&str; 82] = [
        "95th",
        "a",
        "all",
        "allowed",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "backlog",
        "been",
        "by",
        "consecutive",
        "consecutively",
        "duration",
        "each",
        "error",
        "errors",
        "execution",
        "executions",
        "exposed",
        "exposes",
        "fail",
        "failed",
        "failing",
        "failure",
        "failures",
        "for",
        "from",
        "given",
        "grow",
        "growing",
        "grown",
        "grows",
        "growth",
        "had",
        "has",
        "have",
        "hold",
        "holds",
        "in",
        "increased",
        "is",
        "item",
        "items",
        "its",
        "job",
        "job's",
        "job’s",
        "jobs",
        "last",
        "latest",
        "length",
        "longer",
        "metrics",
        "no",
        "of",
        "one",
        "own",
        "p95",
        "percentile",
        "progress",
        "queue",
        "rate",
        "ratio",
        "row",
        "run",
        "runs",
        "series",
        "since",
        "size",
        "succeeded",
        "success",
        "successful",
        "than",
        "the",
        "time",
        "timeout",
        "was",
        "with",
        "without",
    ];
    WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::token::Comparison;

    /// A statement in few words: kind, comparison and figure, growth and time, hold, exceptions.
    fn shown(sentence: &str) -> String {
        let figure = |figure: &Figure| {
            let comparison = figure.comparison.map_or("", Comparison::as_str);
            format!("{comparison}{}", figure.quantity)
        };
        match read(sentence) {
            Err(span) => format!("unreadable: {:?}", &sentence[span]),
            Ok(statement) => {
                let mut text = format!("{:?}", statement.kind);
                for part in &statement.figures {
                    text.push_str(&format!(" {}", figure(part)));
                }
                for (name, part) in [("over", &statement.over), ("for", &statement.hold)] {
                    text.push_str(
                        &part.as_ref().map_or(String::new(), |part| format!(" {name} {}", figure(part))),
                    );
                }
                for exception in &statement.exceptions {
                    text.push_str(&format!(" [{} {}]", exception.job, figure(&exception.figure)));
                }
                text
            }
        }
    }

    #[track_caller]
    fn check(sentence: &str, expected: &str) {
        assert_eq!(shown(sentence), expected, "{sentence}");
    }

    #[test]
    fn the_sentences_of_the_contract_are_read() {
        check("> 0.1 failures/sec for 5 minutes", "FailureRate >0.1/s for 5m");
        check("> 50% failure rate for 5 minutes", "FailureRatio >50% for 5m");
        check("No successful run for > 2 hours", "NoSuccess >2h");
        check("No successful run for > 24 hours", "NoSuccess >1d");
        check("P95 duration > 300 seconds for 15 minutes", "DurationP95 >5m for 15m");
        check("P95 duration > 600 seconds for 10 minutes", "DurationP95 >10m for 10m");
        check("Queue > 100 and growing by > 50% over 10 minutes", "QueueGrowing >100 >50% over 10m");
        check("Queue size > 1000 for 10 minutes", "QueueSize >1000 for 10m");
        check("> 20% item failure rate for 15 minutes", "ItemFailureRatio >20% for 15m");
        check(">= 3 failed runs in a row", "ConsecutiveFailures >=3");
        check("A run in progress for longer than its timeout for 1 minute", "Stuck for 1m");
        check("No metrics of the job for 10 minutes", "MetricsAbsent for 10m");
    }

    #[test]
    fn other_words_and_units_are_read() {
        check("more than 6 failures per minute for 300s", "FailureRate >0.1/s for 5m");
        check("More than 0.1 failed executions a second for 5m.", "FailureRate >0.1/s for 5m");
        check("Failure rate above 50 percent for 5 min", "FailureRatio >50% for 5m");
        check("failure ratio > 0.5 for 5 minutes", "FailureRatio >50% for 5m");
        check("**> 50 %** failure rate for `5m`", "FailureRatio >50% for 5m");
        check("No successful run for 2 hours", "NoSuccess 2h");
        check("No success for more than 120 minutes", "NoSuccess >2h");
        check("no successful execution in the last 1 day", "NoSuccess 1d");
        check("95th percentile of the duration above 5 minutes for 15 minutes", "DurationP95 >5m for 15m");
        check("p95 duration exceeds 1h30m for 15m", "DurationP95 >1h30m for 15m");
        check("Queue size over 1,000 for 10 minutes", "QueueSize >1000 for 10m");
        check("Queue length &gt; 1000 for 10 minutes", "QueueSize >1000 for 10m");
        check("Queue above 100 and grown by more than 50% in 10 minutes", "QueueGrowing >100 >50% over 10m");
        check("≥ 20 % of items failed for 15 minutes", "ItemFailureRatio >=20% for 15m");
        check("at least 3 consecutive failures", "ConsecutiveFailures >=3");
        check("P95 duration < 300 seconds for 15 minutes", "DurationP95 <5m for 15m");
    }

    #[test]
    fn figures_of_single_jobs_are_read() {
        check(
            "No successful run for > 2 hours (`reputation_tasks`: > 13 hours)",
            "NoSuccess >2h [reputation_tasks >13h]",
        );
        check(
            "P95 duration > 300 seconds (a: > 20m; b.c: > 1h) for 15 minutes",
            "DurationP95 >5m for 15m [a >20m] [b.c >1h]",
        );
    }

    #[test]
    fn what_makes_no_sense_is_pointed_at() {
        check("", "unreadable: \"\"");
        check("when it hurts", "unreadable: \"when it hurts\"");
        check("Queue size > 1000 for 10 minutes unless it is Sunday", "unreadable: \"unless\"");
        check("Queue size > 1000 or 2000 for 10 minutes", "unreadable: \"or\"");
        check("Queue size for 10 minutes", "unreadable: \"Queue size for 10 minutes\"");
        check("Queue size > 1000 > 2000 for 10 minutes", "unreadable: \"2000\"");
        check("> 50% failure rate for 5 minutes for 6 minutes", "unreadable: \"6 minutes\"");
        check("> 50% failure rate for 5 fortnights", "unreadable: \"fortnights\"");
        check("Queue size > 1000 (mostly) for 10 minutes", "unreadable: \"mostly\"");
        check("Queue size > 1000 ( for 10 minutes", "unreadable: \"(\"");
        check("Queue size > 99999999999999999999 for 10 minutes", "unreadable: \"> 99999999999999999999\"");
    }
}
