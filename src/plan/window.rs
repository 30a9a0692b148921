//! The maintenance window: when it is open, until when, and when it opens next. Pure; the time zone's rules are
//! those of jiff's own database, so a plan means the same on every machine.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::mesh::{Day, Window};

/// Days to look ahead for the next opening: a window is open once a week or more often, and one that falls into the
/// hour that a change of clocks leaves out is found a week later.
const DAYS_AHEAD: usize = 15;

/// When the window that is open now closes; none while it is closed, or when its zone or times cannot be read.
pub fn open_until(now: Timestamp, window: &Window) -> Option<Timestamp> {
    openings(now, window).find(|(from, to)| *from <= now && now < *to).map(|(_, to)| to)
}

/// When it opens next, after now.
pub fn opens_next(now: Timestamp, window: &Window) -> Option<Timestamp> {
    openings(now, window).map(|(from, _)| from).filter(|from| now < *from).min()
}

/// How long it is open at most, in seconds.
pub fn length_seconds(window: &Window) -> Option<u64> {
    let (from, to) = (minutes(&window.from)?, minutes(&window.to)?);
    let minutes = if to > from { to - from } else { to + MINUTES_OF_A_DAY - from };
    Some(u64::from(minutes) * 60)
}

const MINUTES_OF_A_DAY: u32 = 24 * 60;

/// The openings from yesterday on, each from and to. A time of day that a change of clocks leaves out is the first
/// one after it; of one that comes twice the first is the opening and the last the closing.
fn openings(now: Timestamp, window: &Window) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let zone = TimeZone::get(&window.zone).ok();
    let times = minutes(&window.from).zip(minutes(&window.to));
    let days: Vec<Weekday> = window.days.iter().copied().map(weekday).collect();
    zone.zip(times).into_iter().flat_map(move |(zone, (from, to))| {
        let today = now.to_zoned(zone.clone()).date();
        let days = days.clone();
        let first = today.yesterday().unwrap_or(today);
        let opening = move |day: Date| {
            if !days.is_empty() && !days.contains(&day.weekday()) {
                return None;
            }
            let closes = if to > from { day } else { day.tomorrow().ok()? };
            Some((at(&zone, day, from, Edge::Opens)?, at(&zone, closes, to, Edge::Closes)?))
        };
        first.series(1.day()).take(DAYS_AHEAD).filter_map(opening)
    })
}

#[derive(Clone, Copy)]
enum Edge {
    Opens,
    Closes,
}

fn at(zone: &TimeZone, day: Date, minutes: u32, edge: Edge) -> Option<Timestamp> {
    let (day, minutes) = if minutes == MINUTES_OF_A_DAY { (day.tomorrow().ok()?, 0) } else { (day, minutes) };
    let time = Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()?;
    let ambiguous = zone.to_ambiguous_timestamp(day.to_datetime(time));
    match edge {
        Edge::Opens => ambiguous.compatible().ok(),
        Edge::Closes => ambiguous.later().ok(),
    }
}

/// The minutes since midnight of `HH:MM`; `24:00` is the end of the day.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= MINUTES_OF_A_DAY).then_some(all)
}

fn weekday(day: Day) -> Weekday {
    match day {
        Day::Mon => Weekday::Monday,
        Day::Tue => Weekday::Tuesday,
        Day::Wed => Weekday::Wednesday,
        Day::Thu => Weekday::Thursday,
        Day::Fri => Weekday::Friday,
        Day::Sat => Weekday::Saturday,
        Day::Sun => Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[Day], from: &str, to: &str) -> Window {
        Window { days: days.into(), from: from.into(), to: to.into(), zone: "Europe/Berlin".into() }
    }

    fn check(window: &Window, now: &str, until: Option<&str>, next: Option<&str>) {
        let now: Timestamp = now.parse().unwrap();
        let found = (open_until(now, window), opens_next(now, window));
        let expected = (until.map(|t| t.parse().unwrap()), next.map(|t| t.parse().unwrap()));
        assert_eq!(found, expected, "{now}");
    }

    #[test]
    fn a_window_opens_and_closes() {
        // Berlin is two hours ahead of UTC in July
        let nightly = window(&[], "01:00", "05:00");
        check(&nightly, "2026-07-01T22:59:59Z", None, Some("2026-07-01T23:00:00Z"));
        check(&nightly, "2026-07-01T23:00:00Z", Some("2026-07-02T03:00:00Z"), Some("2026-07-02T23:00:00Z"));
        check(&nightly, "2026-07-02T02:59:59Z", Some("2026-07-02T03:00:00Z"), Some("2026-07-02T23:00:00Z"));
        check(&nightly, "2026-07-02T03:00:00Z", None, Some("2026-07-02T23:00:00Z"));
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_opens() {
        // 2026-07-03 is a Friday
        let friday = window(&[Day::Fri], "22:00", "04:00");
        check(&friday, "2026-07-03T20:30:00Z", Some("2026-07-04T02:00:00Z"), Some("2026-07-10T20:00:00Z"));
        check(&friday, "2026-07-04T01:59:00Z", Some("2026-07-04T02:00:00Z"), Some("2026-07-10T20:00:00Z"));
        check(&friday, "2026-07-04T20:30:00Z", None, Some("2026-07-10T20:00:00Z"));
        check(&friday, "2026-07-03T01:00:00Z", None, Some("2026-07-03T20:00:00Z"));
    }

    #[test]
    fn the_whole_day_is_from_midnight_to_midnight() {
        let sunday = window(&[Day::Sun], "00:00", "24:00");
        check(&sunday, "2026-07-05T21:59:59Z", Some("2026-07-05T22:00:00Z"), Some("2026-07-11T22:00:00Z"));
        check(&sunday, "2026-07-05T22:00:00Z", None, Some("2026-07-11T22:00:00Z"));
    }

    #[test]
    fn clocks_change_in_the_window() {
        // on 2026-03-29 it is 03:00 right after 02:00, on 2026-10-25 02:00 to 03:00 comes twice
        let nightly = window(&[], "01:00", "05:00");
        check(&nightly, "2026-03-29T00:30:00Z", Some("2026-03-29T03:00:00Z"), Some("2026-03-29T23:00:00Z"));
        check(&nightly, "2026-10-25T00:30:00Z", Some("2026-10-25T04:00:00Z"), Some("2026-10-26T00:00:00Z"));
        // it opens in the hour that is left out: at the first moment after it
        let missing = window(&[], "02:30", "05:00");
        check(&missing, "2026-03-29T01:00:00Z", None, Some("2026-03-29T01:30:00Z"));
        // it closes in the hour that comes twice: at its last occurrence
        let twice = window(&[], "01:00", "02:30");
        check(&twice, "2026-10-25T01:15:00Z", Some("2026-10-25T01:30:00Z"), Some("2026-10-26T00:00:00Z"));
    }

    #[test]
    fn a_zone_that_is_not_known_never_opens() {
        let mut nowhere = window(&[], "00:00", "24:00");
        nowhere.zone = "Europe/Atlantis".into();
        check(&nowhere, "2026-07-01T12:00:00Z", None, None);
    }

    #[test]
    fn its_length_is_counted_over_midnight() {
        assert_eq!(length_seconds(&window(&[], "22:00", "04:00")), Some(6 * 3600));
        assert_eq!(length_seconds(&window(&[], "01:00", "05:00")), Some(4 * 3600));
    }
}
