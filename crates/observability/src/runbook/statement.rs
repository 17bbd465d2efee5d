//! Reads the sentence of a threshold.

use std::ops::Range;

use jobwatch_catalogue::Quantity;

use super::figure::{Figure, Preposition, take};
use super::token::{Comparison, Token, TokenKind, tokens};
use super::vocabulary::{GROWTH, Kind, is_foreign, is_known, kind};

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
    let Aside { exceptions, inline, restated, after } = read_aside(aside)?;
    let words: Vec<Token> = main.iter().chain(inline).chain(after).cloned().collect();
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
            TokenKind::Separator | TokenKind::Colon => {}
            TokenKind::Compare(_) => {
                let end = words.get(at + 1).unwrap_or(&words[at]).span.end;
                return Err(words[at].span.start..end);
            }
            _ => return Err(words[at].span.clone()),
        }
        at += 1;
    }
    if let Some(restated) = restated {
        let before = figures.iter().rev().find(|figure| figure.span.end <= restated.span.start);
        let is_same =
            |figure: &Figure| figure.quantity == restated.quantity && figure.is_exact && restated.is_exact;
        if restated.comparison.is_some() || !before.is_some_and(is_same) {
            return Err(restated.span);
        }
    }
    let kind = kind(&rest, &figures).ok_or(whole.clone())?;
    if let Some((_, span)) = rest.iter().find(|(word, _)| !is_known(word) || is_foreign(word, kind)) {
        return Err(span.clone());
    }
    in_order(kind, &mut figures, &rest);
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

/// Puts the figures into the order in which they are compared, however the sentence has them.
fn in_order(kind: Kind, figures: &mut [Figure], words: &[(&str, Range<usize>)]) {
    match kind {
        // "growing by > 50% over 10 minutes, and above 100": the growth stands first.
        Kind::QueueGrowing => {
            let mut compared = figures.iter_mut().filter(|figure| figure.preposition.is_none());
            if let (Some(first), Some(second)) = (compared.next(), compared.next())
                && matches!((first.quantity, second.quantity), (Quantity::Ratio(_), Quantity::Count(_)))
                && words.iter().any(|(word, span)| GROWTH.contains(word) && span.start < first.span.start)
            {
                std::mem::swap(first, second);
            }
        }
        // "P95 duration over 5 minutes for 15 minutes": where nothing else is measured, "over" compares.
        Kind::DurationP95 if figures.iter().all(|figure| figure.preposition.is_some()) => {
            if let Some(figure) =
                figures.iter_mut().find(|figure| figure.preposition == Some(Preposition::Over))
            {
                figure.preposition = None;
                figure.comparison = figure.comparison.or(Some(Comparison::More));
            }
        }
        _ => {}
    }
}

fn put(place: &mut Option<Figure>, figure: Figure) -> Result<(), Range<usize>> {
    if place.is_some() {
        return Err(figure.span);
    }
    *place = Some(figure);
    Ok(())
}

/// What stands in parentheses, and what follows them.
#[derive(Default)]
struct Aside<'t> {
    /// Figures of single jobs, as in "(`reputation_tasks`: > 13 hours)".
    exceptions: Vec<Exception>,
    /// A part of the sentence, as in "(for 5 minutes)".
    inline: &'t [Token],
    /// A figure once more in another unit, as in "300 seconds (5 minutes)".
    restated: Option<Figure>,
    after: &'t [Token],
}

fn read_aside(tokens: &[Token]) -> Result<Aside<'_>, Range<usize>> {
    let Some(close) = tokens.iter().position(|token| token.kind == TokenKind::Close) else {
        return match tokens.first() {
            Some(open) => Err(open.span.clone()),
            None => Ok(Aside::default()),
        };
    };
    let (inner, after) = (&tokens[1..close], &tokens[close + 1..]);
    if let Some((figure, length)) = take(inner)
        && length == inner.len()
    {
        return Ok(match figure.preposition {
            Some(_) => Aside { inline: inner, after, ..Aside::default() },
            None => Aside { restated: Some(figure), after, ..Aside::default() },
        });
    }
    let mut exceptions = Vec::new();
    let mut at = 0;
    while at < inner.len() {
        let start = &inner[at];
        let TokenKind::Word(job) = &start.kind else {
            if start.kind == TokenKind::Separator {
                at += 1;
                continue;
            }
            return Err(start.span.clone());
        };
        at += 1;
        if inner.get(at).is_some_and(|token| token.kind == TokenKind::Colon) {
            at += 1;
        }
        let (figure, length) = take(&inner[at..]).ok_or(start.span.clone())?;
        at += length;
        let span = start.span.start..figure.span.end;
        exceptions.push(Exception { job: job.clone(), figure, span });
    }
    Ok(Aside { exceptions, after, ..Aside::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        check("Failure rate: > 50% for 5 minutes", "FailureRatio >50% for 5m");
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
        check("Time since the last success > 2 hours", "NoSuccess >2h");
        check("Last successful run more than 2 hours ago", "NoSuccess >2h");
        check("The job has not succeeded for > 2 hours", "NoSuccess >2h");
        check("No successful run for 24 hours or longer", "NoSuccess >=1d");
        check("P95 duration over 5 minutes for 15 minutes", "DurationP95 >5m for 15m");
        check("P95 duration > 300000 ms for 15 minutes", "DurationP95 >5m for 15m");
        check("P95 duration > 300 seconds (5 minutes) for 15 minutes", "DurationP95 >5m for 15m");
        check("> .1 failures/sec (for five minutes)", "FailureRate >0.1/s for 5m");
        check("Queue depth \\> 1000 entries sustained for 10 minutes", "QueueSize >1000 for 10m");
        check("Queue growing by > 50% over 10 minutes and > 100", "QueueGrowing >100 >50% over 10m");
        check("3 or more consecutive failures", "ConsecutiveFailures >=3");
        check("three failed runs in a row", "ConsecutiveFailures 3");
        check("Metrics of the job missing for 10 minutes", "MetricsAbsent for 10m");
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
    fn a_word_that_makes_another_promise_is_never_passed_over() {
        check("No queue size > 1000 for 10 minutes", "unreadable: \"No\"");
        check("No run in progress for longer than its timeout for 1 minute", "unreadable: \"No\"");
        check("P95 queue size > 1000 for 10 minutes", "unreadable: \"P95\"");
        check("P95 duration of failed runs > 300 seconds for 15 minutes", "unreadable: \"failed\"");
        check("> 50% failure rate without success for 5 minutes", "unreadable: \"failure\"");
        for other in [
            "> 20% item success rate for 15 minutes",
            ">= 3 successful runs in a row",
            "metrics of the job for 10 minutes",
            "Successful run for > 2 hours",
            "Duration > 300 seconds for 15 minutes",
        ] {
            check(other, &format!("unreadable: {other:?}"));
        }
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
        check("P95 duration > 300 seconds (6 minutes) for 15 minutes", "unreadable: \"6 minutes\"");
        check("Queue size > 99999999999999999999 for 10 minutes", "unreadable: \"> 99999999999999999999\"");
    }
}
