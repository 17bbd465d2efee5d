//! Times that a sentence gives by what each job has: "twice its interval".

use super::fraction::fraction_at;
use super::token::{Token, TokenKind, word};
use crate::job_class::Pace;

/// A time as a multiple of what each job has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Relative {
    /// How many intervals, in millionths.
    intervals: u64,
    /// How many times the time that an execution may take, in millionths.
    timeouts: u64,
}

const WHOLE: u64 = 1_000_000;

impl Relative {
    /// Returns how many microseconds that is for jobs with some pace. `None` where their interval
    /// or their timeout is not known.
    pub(super) fn microseconds(self, pace: Pace) -> Option<u64> {
        let of = |millionths: u64, seconds: Option<u64>| match millionths {
            0 => Some(0),
            millionths => millionths.checked_mul(seconds?),
        };
        of(self.intervals, pace.interval)?.checked_add(of(self.timeouts, pace.timeout)?)
    }
}

/// Returns the time that some tokens begin with, and how many of them it has. `None` if they begin
/// with none.
pub(super) fn relative_at(tokens: &[Token], at: usize) -> Option<(Relative, usize)> {
    let (mut sum, mut used) = one_at(tokens, at)?;
    // "two intervals and its timeout"
    while matches!(word(tokens, at + used), "and" | "plus")
        && let Some((more, length)) = one_at(tokens, at + used + 1)
    {
        sum.intervals = sum.intervals.checked_add(more.intervals)?;
        sum.timeouts = sum.timeouts.checked_add(more.timeouts)?;
        used += 1 + length;
    }
    Some((sum, used))
}

fn one_at(tokens: &[Token], at: usize) -> Option<(Relative, usize)> {
    let (factor, mut used) = factor_at(tokens, at);
    let is_article = |word: &str| {
        matches!(word, "the" | "its" | "their" | "a" | "an" | "one" | "own" | "of" | "job's" | "job’s")
    };
    const MOST_ARTICLES: usize = 4;
    let articles = (0..MOST_ARTICLES).take_while(|next| is_article(word(tokens, at + used + next))).count();
    used += articles;
    let relative = match word(tokens, at + used) {
        "interval" | "intervals" => Relative { intervals: factor, timeouts: 0 },
        "timeout" | "timeouts" => Relative { intervals: 0, timeouts: factor },
        // "longer than allowed", "its allowed run time"
        "allowed" => {
            let run = usize::from(matches!(word(tokens, at + used + 1), "execution" | "run" | "running"));
            if word(tokens, at + used + run + 1) == "time" {
                used += run + 1;
            }
            Relative { intervals: 0, timeouts: factor }
        }
        // "longer than the job may take"
        "execution" | "it" | "job" | "run"
            if matches!(word(tokens, at + used + 1), "can" | "may")
                && matches!(word(tokens, at + used + 2), "last" | "run" | "take") =>
        {
            used += 2;
            Relative { intervals: 0, timeouts: factor }
        }
        _ => return None,
    };
    Some((relative, used + 1))
}

/// Returns how many there are, and how many tokens say so. One where nothing does.
fn factor_at(tokens: &[Token], at: usize) -> (u64, usize) {
    if matches!(word(tokens, at), "twice" | "double") {
        return (2 * WHOLE, 1);
    }
    if let Some((fraction, length)) = fraction_at(tokens, at) {
        return (fraction.millionths(), length);
    }
    match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Number(number)) => {
            (*number, 1 + usize::from(matches!(word(tokens, at + 1), "times" | "x")))
        }
        _ => (WHOLE, 0),
    }
}
