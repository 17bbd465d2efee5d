//! How far apart the occurrences of several cron expressions together are, by the wall clock.
//!
//! The occurrences of a minute, an hour or a day depend on nothing but the expressions that have
//! any there, so that each such set of expressions is looked at once, however often it comes back.

use std::time::Duration;

use chrono::{Datelike, NaiveDate};
use croner::{Cron, Weekday};

use crate::clock_change::{DAYS, FIRST_DAY};
use crate::cron::MAX_OF_JOB;

/// The days that an expression has occurrences on, a bit for each of [`DAYS`].
#[derive(Debug, PartialEq)]
pub(crate) struct DaySet([u64; DAYS.div_ceil(64)]);

/// An expression, as far as gaps depend on it: a bit for each second, minute and hour.
pub(crate) struct Marks<'d> {
    seconds: u64,
    minutes: u64,
    hours: u64,
    days: &'d DaySet,
}

/// How many gaps in a row are looked at.
pub(crate) const MOST_GAPS: usize = 5;

/// The shortest and the longest time that one gap takes, two gaps in a row, and so on. `None` where
/// there are not so many gaps.
pub(crate) type Spans = [Option<(Duration, Duration)>; MOST_GAPS];

/// Some occurrences: as many of the first and of the last ones as gaps with others may reach to, in
/// seconds, and how long gaps in a row between them take.
#[derive(Debug, Clone, Copy)]
struct Span {
    /// Ascending.
    first: [u64; MOST_GAPS],
    /// Descending.
    last: [u64; MOST_GAPS],
    /// How many of both are known.
    known: usize,
    gaps: [Option<(u64, u64)>; MOST_GAPS],
}

/// Of which expressions there are occurrences, a bit for each.
type Set = u16;

const _: () = assert!(MAX_OF_JOB <= Set::BITS as usize);

impl DaySet {
    pub(crate) fn of(cron: &Cron) -> Self {
        let occurs = |date: &NaiveDate| {
            let (year, month, day) = (date.year(), date.month(), date.day());
            let weekday = Weekday::from_days_from_sunday(date.weekday().num_days_from_sunday());
            let is_in_month = cron.pattern.month_match(month).unwrap_or(false);
            is_in_month && cron.pattern.day_match(year, month, day, weekday).unwrap_or(false)
        };
        let mut days = [0; DAYS.div_ceil(64)];
        for (day, date) in FIRST_DAY.iter_days().take(DAYS).enumerate() {
            days[day / 64] |= u64::from(occurs(&date)) << (day % 64);
        }
        Self(days)
    }

    const fn has(&self, day: usize) -> bool {
        self.0[day / 64] >> (day % 64) & 1 == 1
    }
}

impl<'d> Marks<'d> {
    pub(crate) fn of(cron: &Cron, days: &'d DaySet) -> Self {
        let bits = |values: Vec<u16>| values.into_iter().fold(0, |bits, value| bits | 1_u64 << value);
        let pattern = &cron.pattern;
        Self {
            seconds: bits(pattern.seconds.values()),
            minutes: bits(pattern.minutes.values()),
            hours: bits(pattern.hours.values()),
            days,
        }
    }
}

/// Returns the shortest and the longest time of one gap between occurrences and of several in a
/// row, of at most [`MAX_OF_JOB`] expressions together, within five years.
pub(crate) fn spans(expressions: &[Marks<'_>]) -> Spans {
    let all: Set = (0..expressions.len()).fold(0, |set, place| set | 1 << place);
    let among = |set: Set, has: &dyn Fn(&Marks<'_>) -> bool| {
        let found =
            expressions.iter().enumerate().filter(|(place, marks)| set >> place & 1 == 1 && has(marks));
        found.fold(0, |set: Set, (place, _)| set | 1 << place)
    };
    let mut minute = Known::of(expressions.len());
    let mut hour = Known::of(expressions.len());
    let mut day = Known::of(expressions.len());
    let mut of_minute = |set: Set| {
        minute.get(set, || {
            let seconds = expressions.iter().enumerate().filter(|(place, _)| set >> place & 1 == 1);
            let seconds = seconds.fold(0, |seconds, (_, marks)| seconds | marks.seconds);
            Span::over(60, 1, |second| (seconds >> second & 1 == 1).then_some(Span::ONE))
        })
    };
    let mut of_hour = |set: Set| {
        hour.get(set, || {
            Span::over(60, 60, |at| of_minute(among(set, &|marks| marks.minutes >> at & 1 == 1)))
        })
    };
    let mut of_day = |set: Set| {
        day.get(set, || Span::over(24, 3_600, |at| of_hour(among(set, &|marks| marks.hours >> at & 1 == 1))))
    };
    let found = Span::over(DAYS, 86_400, |at| of_day(among(all, &|marks| marks.days.has(at))));
    let seconds = |(shortest, longest)| (Duration::from_secs(shortest), Duration::from_secs(longest));
    found.map_or([None; MOST_GAPS], |span| span.gaps.map(|gap| gap.map(seconds)))
}

/// What is known of each set of expressions.
struct Known(Vec<Option<Option<Span>>>);

impl Known {
    fn of(expressions: usize) -> Self {
        Self(vec![None; 1 << expressions])
    }

    fn get(&mut self, set: Set, find: impl FnOnce() -> Option<Span>) -> Option<Span> {
        *self.0[usize::from(set)].get_or_insert_with(find)
    }
}

impl Span {
    /// One occurrence at the very beginning.
    const ONE: Self = Self { first: [0; MOST_GAPS], last: [0; MOST_GAPS], known: 1, gaps: [None; MOST_GAPS] };

    /// The occurrences of several parts of the same length. `None` if there are none.
    fn over(parts: usize, length: u64, mut of: impl FnMut(usize) -> Option<Self>) -> Option<Self> {
        let later = |(part, start): (usize, u64)| Some(of(part)?.after(start));
        let starts = (0..).map(|number: u64| number * length);
        (0..parts).zip(starts).filter_map(later).reduce(Self::then)
    }

    /// The same, so many seconds later.
    fn after(self, seconds: u64) -> Self {
        let later = |moment: u64| moment + seconds;
        Self { first: self.first.map(later), last: self.last.map(later), ..self }
    }

    /// These occurrences and later ones.
    fn then(self, later: Self) -> Self {
        let mut joined = self;
        for (number, gap) in (1..).zip(&mut joined.gaps) {
            // Gaps in a row from one of the last occurrences here to one of the first there.
            let across = (0..number).filter(|&back| back < self.known && number - 1 - back < later.known);
            let across = across.map(|back| later.first[number - 1 - back] - self.last[back]);
            let across = across.map(|length| (length, length));
            let all = across.chain(*gap).chain(later.gaps[number - 1]);
            *gap = all.reduce(|known, gap| (known.0.min(gap.0), known.1.max(gap.1)));
        }
        let further = later.known.min(MOST_GAPS - self.known);
        joined.first[self.known..self.known + further].copy_from_slice(&later.first[..further]);
        joined.last[..later.known].copy_from_slice(&later.last[..later.known]);
        let further = self.known.min(MOST_GAPS - later.known);
        joined.last[later.known..later.known + further].copy_from_slice(&self.last[..further]);
        joined.known = (self.known + later.known).min(MOST_GAPS);
        joined
    }
}
