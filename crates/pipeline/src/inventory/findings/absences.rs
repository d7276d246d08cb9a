//! Courses and tables that were in a package and not in the next, told together where they went together.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{FindingCode, List, PackageSeries, count, some};
use crate::inventory::value::Vanished;

/// What went at the same time: first package without it, site, table, and whether it came back.
type Together<'v> = BTreeMap<(NaiveDate, &'v str, Option<&'v str>, bool), Vec<&'v Vanished>>;

pub(super) fn vanished(list: &mut List, series: &PackageSeries) {
    let mut together: Together<'_> = BTreeMap::new();
    for one in &series.vanished {
        let key = (one.missing_from, one.site.as_str(), one.table.as_deref(), one.returned_in.is_some());
        together.entry(key).or_default().push(one);
    }
    for ((missing_from, site, table, is_back), group) in together {
        let place = format!("{} package {missing_from}", series.org);
        let courses: Vec<String> = group.iter().map(|one| one.course.clone()).collect();
        let n_courses = courses.len() as u64;
        let names = some(&courses, n_courses);
        let last_package = group.iter().map(|one| one.last_package).max().unwrap_or(missing_from);
        let what = match table {
            None => format!("{} of {site}", count(n_courses, "course")),
            Some(table) => format!("table {table} of {} of {site}", count(n_courses, "course")),
        };
        if is_back {
            let back = group.iter().filter_map(|one| one.returned_in).max().unwrap_or(missing_from);
            list.notice(
                FindingCode::AbsentForSomeTime,
                &place,
                format!("{what} not in it, last in {last_package}, back by {back}: {names}"),
                "nothing: a package holds everything, so the later one has it",
            );
            continue;
        }
        let message = format!("{what} gone, last in the package of {last_package}: {names}");
        match table {
            None if is_last_of_site(series, missing_from, site) => list.grave(
                FindingCode::CourseVanished,
                &place,
                format!("{message}; no course of {site} is left"),
                "ask edX whether the site's courses are still exported; keep the earlier package",
            ),
            None => list.grave(
                FindingCode::CourseVanished,
                &place,
                message,
                "keep the last package that has it; courses whose end lies about three years back are dropped by edX",
            ),
            Some("courseware_studentmodule") => list.grave(
                FindingCode::TableVanished,
                &place,
                message,
                "this file is left out when it has no rows; a course that had learners should have it: ask edX",
            ),
            Some(_) => list.grave(
                FindingCode::TableVanished,
                &place,
                message,
                "ask edX; a table that is gone from all courses at once was probably retired",
            ),
        }
    }
}

fn is_last_of_site(series: &PackageSeries, date: NaiveDate, site: &str) -> bool {
    let package = series.packages.iter().find(|package| package.date == date);
    let content = package.and_then(|package| package.content.as_ref());
    content.is_some_and(|content| content.courses.iter().all(|courses| courses.site != site))
}
