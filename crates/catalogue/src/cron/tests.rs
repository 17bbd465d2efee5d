//! Which expressions are read, and what is said about the others.

use insta::assert_snapshot;
use proptest::prelude::*;

use crate::schedule::{Schedule, ScheduleError};

#[test]
fn what_people_write_is_read() {
    for expression in [
        "* * * * *",
        "*/5 * * * *",
        "0,15,30,45 * * * *",
        "05 03 * * *",
        "0-30/10 9-17 * * 1-5",
        "0 0 1,15 * *",
        "0 3 * JAN,jul MON-FRI",
        "0 3 * jan-Mar/2 *",
        "0 3 * * 7",
        "0 3 * * 0",
        "0 3 * * FRI-SUN",
        "0 3 * * 5-7",
        "0 3 * * SUN-TUE",
        "0 3 L * *",
        "0 3 LW * *",
        "0 3 15W * *",
        "0 3 1w,15w * *",
        "0 3 * * 5L",
        "0 3 * * fril",
        "0 3 * * 1#2",
        "0 3 * * MON#1,MON#3",
        "0 3 * * 7#1",
        "  0\t3  * * * ",
        "@daily",
        "@WEEKLY",
        "*/10 * * * * *",
        "0,30 0 3 * * MON-FRI",
    ] {
        if let Err(error) = Schedule::cron(expression, "UTC") {
            panic!("{expression}: {error}");
        }
    }
}

fn refused(expression: &str) -> String {
    match Schedule::cron(expression, "UTC") {
        Ok(schedule) => format!("read as {schedule}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn fields_are_five_or_six() {
    assert_snapshot!(refused(""), @"a cron expression has five fields (minute hour day month weekday), as in `30 2 * * *`, or six with the second in front: this one has 0");
    assert_snapshot!(refused("0 3 * *"), @"a cron expression has five fields (minute hour day month weekday), as in `30 2 * * *`, or six with the second in front: this one has 4");
    assert_snapshot!(refused("0 0 3 * * * *"), @"a cron expression has five fields (minute hour day month weekday), as in `30 2 * * *`, or six with the second in front: this one has 7");
    assert_snapshot!(refused("60 0 3 * * *"), @"`60` cannot stand in the field of the second: expected a number from 0 to 59");
    assert_snapshot!(refused("JAN 0 3 * * *"), @"`JAN` cannot stand in the field of the second: expected a number from 0 to 59");
    assert_snapshot!(refused("0\u{a0}3 * * *"), @"U+00A0 stands between two fields, which only looks like a space: write `0 3 * * *`");
    assert_snapshot!(refused("0 3 * *\u{2003}*"), @"U+2003 stands between two fields, which only looks like a space: write `0 3 * * *`");
    assert_snapshot!(refused("0 3 * * * 2027"), @"`2027` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("every day"), @"a cron expression has five fields (minute hour day month weekday), as in `30 2 * * *`, or six with the second in front: this one has 2");
    assert_snapshot!(refused("@reboot"), @"there is no `@reboot`: write `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`");
    assert_snapshot!(refused("@every 5m"), @"`@every` is an interval: write `interval: 5m` in place of `cron`");
    assert_snapshot!(refused("TZ=Europe/Berlin 0 3 * * *"), @"the time zone has a key of its own: write `cron: 0 3 * * *` and `timezone: Europe/Berlin`");
    assert_snapshot!(refused("CRON_TZ=UTC  @daily"), @"the time zone has a key of its own: write `cron: @daily` and `timezone: UTC`");
    assert_snapshot!(refused("@daily @weekly"), @"there is no `@daily @weekly`: write `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`");
    assert_snapshot!(refused(&"1,".repeat(1_000)), @"a cron expression has at most 500 characters");
}

#[test]
fn names_stand_in_their_own_fields() {
    assert_snapshot!(refused("JAN * * * *"), @"`JAN` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("0 MON * * *"), @"`MON` cannot stand in the field of the hour: expected a number from 0 to 23");
    assert_snapshot!(refused("0 0 TUE * *"), @"`TUE` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 * MON *"), @"`MON` cannot stand in the field of the month: expected a number from 1 to 12, or a name from `JAN` to `DEC`");
    assert_snapshot!(refused("0 0 * * JAN"), @"`JAN` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * * MON1"), @"`MON1` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * * MONDAY"), @"`MONDAY` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * 1JAN *"), @"`1JAN` cannot stand in the field of the month: expected a number from 1 to 12, or a name from `JAN` to `DEC`");
}

#[test]
fn lists_ranges_and_steps_are_whole() {
    assert_snapshot!(refused("1,2,,3 * * * *"), @"`1,2,,3` cannot stand in the field of the minute: expected a value on both sides of every comma");
    assert_snapshot!(refused(",1 * * * *"), @"`,1` cannot stand in the field of the minute: expected a value on both sides of every comma");
    assert_snapshot!(refused("1, * * * *"), @"`1,` cannot stand in the field of the minute: expected a value on both sides of every comma");
    assert_snapshot!(refused(", * * * *"), @"`,` cannot stand in the field of the minute: expected a value on both sides of every comma");
    assert_snapshot!(refused("*,5 * * * *"), @"`*` cannot stand in the field of the minute: expected `*` alone, because it names every value");
    assert_snapshot!(refused("1- * * * *"), @"`1-` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("-5 * * * *"), @"`-5` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("1-2-3 * * * *"), @"`1-2-3` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("30-10 * * * *"), @"`30-10` cannot stand in the field of the minute: expected a range that ascends, or two ranges with a comma between them");
    assert_snapshot!(refused("0 0 * * FRI-MON"), @"`FRI-MON` cannot stand in the field of the day of the week: expected a range that ascends, or two ranges with a comma between them");
    assert_snapshot!(refused("*/0 * * * *"), @"`*/0` cannot stand in the field of the minute: expected a number from 1 to 59 behind the `/`");
    assert_snapshot!(refused("*/ * * * *"), @"`*/` cannot stand in the field of the minute: expected a number from 1 to 59 behind the `/`");
    assert_snapshot!(refused("/5 * * * *"), @"`/5` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("5/15 * * * *"), @"`5/15` cannot stand in the field of the minute: expected a range before the `/`, such as `5-59/15`");
    assert_snapshot!(refused("5/x * * * *"), @"`5/x` cannot stand in the field of the minute: expected a range before the `/`, such as `5-59/5`");
    assert_snapshot!(refused("H/15 * * * *"), @"`H/15` cannot stand in the field of the minute: expected `*/15`");
    assert_snapshot!(refused("H H(0-7) * * *"), @"`H` cannot stand in the field of the minute: expected a number from 0 to 59, because every job has a time of its own");
    assert_snapshot!(refused("*/60 * * * *"), @"`*/60` cannot stand in the field of the minute: expected a number from 1 to 59 behind the `/`");
    assert_snapshot!(refused("*/5/5 * * * *"), @"`*/5/5` cannot stand in the field of the minute: expected a number from 1 to 59 behind the `/`");
    assert_snapshot!(refused("*/-5 * * * *"), @"`*/-5` cannot stand in the field of the minute: expected a number from 1 to 59 behind the `/`");
    assert_snapshot!(refused("*-5 * * * *"), @"`*-5` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("** * * * *"), @"`**` cannot stand in the field of the minute: expected a number from 0 to 59");
}

#[test]
fn numbers_are_within_their_fields() {
    assert_snapshot!(refused("60 * * * *"), @"`60` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("0 24 * * *"), @"`24` cannot stand in the field of the hour: expected a number from 0 to 23");
    assert_snapshot!(refused("0 0 0 * *"), @"`0` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 32 * *"), @"`32` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 * 13 *"), @"`13` cannot stand in the field of the month: expected a number from 1 to 12, or a name from `JAN` to `DEC`");
    assert_snapshot!(refused("0 0 * * 8"), @"`8` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("005 * * * *"), @"`005` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("+5 * * * *"), @"`+5` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("1.5 * * * *"), @"`1.5` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("٣ * * * *"), @"`٣` cannot stand in the field of the minute: expected a number from 0 to 59");
}

#[test]
fn signs_of_other_notations_stand_where_they_mean_something() {
    assert_snapshot!(refused("L * * * *"), @"`L` cannot stand in the field of the minute: expected a number from 0 to 59");
    assert_snapshot!(refused("0 0 ? * *"), @"`?` cannot stand in the field of the day of the month: expected `*`, which means the same");
    assert_snapshot!(refused("0 0 * * ?"), @"`?` cannot stand in the field of the day of the week: expected `*`, which means the same");
    assert_snapshot!(refused("0 0 1? * *"), @"`1?` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 W * *"), @"`W` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 32W * *"), @"`32W` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 1-5W * *"), @"`1-5W` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 5L * *"), @"`5L` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 L-3 * *"), @"`L-3` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 1#2 * *"), @"`1#2` cannot stand in the field of the day of the month: expected a number from 1 to 31");
    assert_snapshot!(refused("0 0 * L *"), @"`L` cannot stand in the field of the month: expected a number from 1 to 12, or a name from `JAN` to `DEC`");
    assert_snapshot!(refused("0 0 * * L"), @"`L` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * * 1W"), @"`1W` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * * 1#0"), @"`1#0` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * * 1#6"), @"`1#6` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * * 1#"), @"`1#` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * * #1"), @"`#1` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 * * 1-5#2"), @"`1-5#2` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
    assert_snapshot!(refused("0 0 1 * +MON"), @"`+MON` cannot stand in the field of the day of the week: expected a number from 0 to 7, or a name from `SUN` to `SAT`");
}

/// A field of numbers from `min` to `max`, written in every way that is allowed.
fn field(min: u8, max: u8) -> impl Strategy<Value = String> {
    let values = (min..=max, min..=max).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let part = prop_oneof![
        (min..=max).prop_map(|value| value.to_string()),
        values.clone().prop_map(|(from, to)| format!("{from}-{to}")),
        (values, 1..=max).prop_map(|((from, to), step)| format!("{from}-{to}/{step}")),
        (1..=max).prop_map(|step| format!("*/{step}")),
    ];
    prop_oneof![Just("*".to_owned()), prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(",")),]
}

proptest! {
    #[test]
    fn the_library_takes_what_is_allowed(
        second in prop::option::of(field(0, 59)),
        (minute, hour, day, month, weekday) in (field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
    ) {
        let second = second.map(|second| format!("{second} ")).unwrap_or_default();
        let expression = format!("{second}{minute} {hour} {day} {month} {weekday}");
        let found = Schedule::cron(&expression, "UTC");
        prop_assert!(!matches!(found, Err(ScheduleError::Cron { .. })), "{}: {:?}", expression, found);
    }

    #[test]
    fn no_text_panics(text in "[0-9A-Z*/,#?@ -]{0,20}") {
        let _ = Schedule::cron(&text, "UTC");
    }
}
