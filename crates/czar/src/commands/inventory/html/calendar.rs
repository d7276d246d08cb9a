//! Days and weeks as drawings. A cell has a colour, a letter when something is wrong, and a title that says it in words, so that neither
//! colours nor a mouse are needed.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use czar_pipeline::inventory::{Day, EventSeries, Package, PackageSeries};
use maud::{Markup, html};

use super::super::wording::{SIGNS_OF_DAYS, SIGNS_OF_PACKAGES, sign_of_day, sign_of_package, size};
use crate::words;

/// Width and height of a cell with its gap, in the units of the drawing.
const STEP: i32 = 13;
const CELL: i32 = 11;
/// Room for the year and the days of the week.
const LEFT: i32 = 44;
const TOP: i32 = 15;
const WEEKS: i32 = 54;

/// One drawing for each year: weeks from left to right, Monday on top.
pub(super) fn days(series: &EventSeries) -> Markup {
    let mut years: BTreeMap<i32, Vec<&Day>> = BTreeMap::new();
    for day in &series.days {
        years.entry(day.date.year()).or_default().push(day);
    }
    html! {
        @for (year, days) in years {
            @let label = label_of_year(series, year, &days);
            svg viewBox={ "0 0 " (LEFT + WEEKS * STEP) " " (TOP + 7 * STEP) } role="img" aria-label=(label) {
                text.year x="0" y=(TOP + 9) { (year) }
                @for (row, name) in [(0, "Mon"), (2, "Wed"), (4, "Fri")] {
                    text.tick x=(LEFT - 4) y=(TOP + row * STEP + 9) text-anchor="end" { @if row > 0 { (name) } }
                }
                @for (month, name) in MONTHS.iter().enumerate() {
                    @if let Some(first) = NaiveDate::from_ymd_opt(year, month as u32 + 1, 1) {
                        text.tick x=(LEFT + column(first) * STEP) y=(TOP - 5) { (name) }
                    }
                }
                @for day in days {
                    (cell(LEFT + column(day.date) * STEP, TOP + row(day.date) * STEP, sign_of_day(day), &title_of_day(day)))
                }
            }
        }
    }
}

/// One drawing: a year is a row, a week a cell.
pub(super) fn weeks(series: &PackageSeries) -> Markup {
    let missing = series.gaps.iter().flat_map(|gap| &gap.expected).map(|date| (*date, 'X', format!("{date}: no package")));
    let there = series.packages.iter().map(|package| (package.date, sign_of_package(package), title_of_package(package)));
    let mut years: BTreeMap<i32, Vec<(NaiveDate, char, String)>> = BTreeMap::new();
    for (date, sign, title) in missing.chain(there) {
        years.entry(date.year()).or_default().push((date, sign, title));
    }
    let n_packages = words::count_of(&series.packages, "package");
    html! {
        svg viewBox={ "0 0 " (LEFT + WEEKS * STEP) " " (TOP + years.len() as i32 * (STEP + 3)) } role="img"
            aria-label={ "Packages of " (series.org) " by week: " (n_packages) }
        {
            @for (month, name) in MONTHS.iter().enumerate() {
                text.tick x=(LEFT + month as i32 * 53 / 12 * STEP + STEP / 2) y=(TOP - 5) { (name) }
            }
            @for (index, (year, cells)) in years.iter().enumerate() {
                @let y = TOP + index as i32 * (STEP + 3);
                text.year x="0" y=(y + 9) { (year) }
                @for (date, sign, title) in cells { (cell(LEFT + date.ordinal0() as i32 / 7 * STEP, y, *sign, title)) }
            }
        }
    }
}

/// A cell for the legend.
pub(super) fn sample(sign: char) -> Markup {
    html! {
        svg.sample viewBox={ "0 0 " (CELL) " " (CELL) } aria-hidden="true" { (cell(0, 0, sign, "")) }
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn cell(x: i32, y: i32, sign: char, title: &str) -> Markup {
    html! {
        g class=(class_of(sign)) {
            @if !title.is_empty() { title { (title) } }
            rect x=(x) y=(y) width=(CELL) height=(CELL) rx="2" {}
            @if sign != '.' { text x={ (x + CELL / 2) ".5" } y=(y + CELL - 2) text-anchor="middle" { (sign) } }
        }
    }
}

fn class_of(sign: char) -> &'static str {
    match sign {
        '.' => "there",
        'X' => "missing",
        '0' => "empty",
        '!' | '?' => "wrong",
        's' => "small",
        '+' => "several",
        _ => "late",
    }
}

fn title_of_day(day: &Day) -> String {
    let sign = sign_of_day(day);
    let meaning = SIGNS_OF_DAYS.iter().find(|(known, _)| *known == sign).map_or("", |(_, meaning)| meaning);
    match day.n_files {
        0 => format!("{}: {meaning}", day.date),
        n_files => format!("{}: {meaning}, {}, {}", day.date, words::count(n_files, "file"), size(day.n_bytes)),
    }
}

fn title_of_package(package: &Package) -> String {
    let sign = sign_of_package(package);
    let meaning = SIGNS_OF_PACKAGES.iter().find(|(known, _)| *known == sign).map_or("", |(_, meaning)| meaning);
    format!("{}: {meaning}, {}", package.date, size(package.n_bytes))
}

fn label_of_year(series: &EventSeries, year: i32, days: &[&Day]) -> String {
    let mut text = format!("{} {} {year}: {}", series.org, series.site, words::count_of(days, "day"));
    for (sign, meaning) in SIGNS_OF_DAYS.iter().skip(1) {
        let n = days.iter().filter(|day| sign_of_day(day) == *sign).count();
        if n > 0 {
            text.push_str(&format!(", {n} {meaning}"));
        }
    }
    text
}

/// The week of the year, where the first may be short.
fn column(date: NaiveDate) -> i32 {
    let first = NaiveDate::from_ymd_opt(date.year(), 1, 1).unwrap_or(date);
    (date.ordinal0() as i32 + row(first)) / 7
}

/// Monday is 0.
fn row(date: NaiveDate) -> i32 {
    date.weekday().num_days_from_monday() as i32
}
