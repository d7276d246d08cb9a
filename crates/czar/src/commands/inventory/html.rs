//! The inventory as one page for the browser. It needs no network, no script and no other file, and prints as it looks.

mod calendar;

use std::collections::BTreeMap;

use czar_pipeline::inventory::{EventSeries, Finding, FindingCode, Gravity, Inventory, Package, PackageKind, PackageSeries, Vanished};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::wording::{SIGNS_OF_DAYS, SIGNS_OF_PACKAGES, heading_of, recipients_of, sign_of_package, size, title_of};
use crate::words;

/// A page with thousands of rows helps nobody; the JSON has them all.
const MAX_ROWS: usize = 60;

const STYLE: &str = include_str!("html/style.css");

/// Writes the page.
pub(super) fn page(inventory: &Inventory) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Inventory" @if let Some(place) = inventory.places.first() { " of " (place.place) } }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Inventory of deliveries" }
                    (facts(inventory))
                }
                main {
                    (findings(inventory))
                    (events(inventory))
                    @for kind in [PackageKind::DataPackage, PackageKind::EmailOptIn] { (packages(kind, inventory)) }
                    (recipients(inventory))
                }
                footer {
                    p {
                        "Made by czar " (env!("CARGO_PKG_VERSION")) " on " (inventory.taken_at.format("%Y-%m-%d %H:%M")) " UTC from names, sizes, "
                        "times, lists of members and heads of messages. Nothing was decrypted."
                    }
                }
            }
        }
    };
    markup.into_string()
}

fn facts(inventory: &Inventory) -> Markup {
    let n_grave = inventory.findings.iter().filter(|finding| finding.gravity == Gravity::Grave).count();
    let others = inventory.other_organisations;
    html! {
        dl.facts {
            div { dt { "Files" } dd { (words::number(inventory.n_files)) } }
            div { dt { "Size" } dd { (size(inventory.n_bytes)) } }
            @if let (Some(first), Some(last)) = (inventory.first_date, inventory.last_date) {
                div { dt { "Days" } dd { (first) " to " (last) } }
            }
            div.alarm[n_grave > 0] { dt { "To be mended" } dd { (n_grave) } }
            div { dt { "To know" } dd { (inventory.findings.len() - n_grave) } }
        }
        @for place in &inventory.places {
            p.place {
                code { (place.place) } ": " (words::count(place.n_files, "file")) ", " (size(place.n_bytes))
                @if !place.is_deep { " (names, sizes and times only)" }
            }
        }
        @if others.n_files > 0 {
            p.place {
                (words::count(others.n_files, "file")) " of " (words::count(others.n_organisations, "other organisation")) " passed over"
            }
        }
    }
}

fn findings(inventory: &Inventory) -> Markup {
    let mut kinds: BTreeMap<(Gravity, FindingCode, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in &inventory.findings {
        kinds.entry((finding.gravity, finding.code, finding.next_step)).or_default().push(finding);
    }
    html! {
        section {
            h2 { "Findings" }
            @if kinds.is_empty() { p { "Nothing is missing, as far as names, sizes and times can tell." } }
            @else {
                table {
                    thead { tr { th scope="col" { "What, and the next step" } th scope="col" { "Where, and what was found" } } }
                    tbody {
                        @for ((gravity, code, next_step), group) in &kinds {
                            tr.grave[*gravity == Gravity::Grave] {
                                th scope="row" {
                                    (title_of(*code))
                                    span.gravity { @if *gravity == Gravity::Grave { "to be mended" } @else { "to know" } }
                                    span.step { (next_step) }
                                }
                                td { (listed(group)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Long lists are folded; a browser without script can open them, and print shows the first.
fn listed(group: &[&Finding]) -> Markup {
    const OPEN: usize = 5;
    let line = |finding: &Finding| html! { li { b { (finding.place) } ": " (with_code(&finding.message)) } };
    html! {
        ul { @for finding in group.iter().take(OPEN) { (line(finding)) } }
        @if group.len() > OPEN {
            details {
                summary { (group.len() - OPEN) " more" }
                ul { @for finding in group.iter().skip(OPEN).take(MAX_ROWS) { (line(finding)) } }
                @if group.len() > OPEN + MAX_ROWS { p { "All of them are in the JSON of `czar inventory --format json`." } }
            }
        }
    }
}

/// What stands between backquotes is a name.
fn with_code(message: &str) -> Markup {
    html! {
        @for (index, part) in message.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn events(inventory: &Inventory) -> Markup {
    html! {
        section {
            h2 { "Event files" }
            @if inventory.events.is_empty() { p { "None." } } @else { (legend(&SIGNS_OF_DAYS)) }
            @for series in &inventory.events {
                h3 { (series.org) " " (series.site) }
                p { (event_summary(series)) }
                div.calendar { (calendar::days(series)) }
            }
        }
    }
}

fn event_summary(series: &EventSeries) -> String {
    let n_missing: u64 = series.missing.iter().map(|span| span.n_days).sum();
    let times = if series.is_lateness_judged { "" } else { " Modification times do not tell when files arrived." };
    let missing = if !series.is_daily {
        String::new()
    } else if n_missing == 0 {
        ", no day missing".to_owned()
    } else {
        format!(", {} missing", words::count(n_missing, "day"))
    };
    format!(
        "{} to {}: {}{missing}, {}.{times}",
        series.first_date,
        series.last_date,
        words::count(series.n_days, "day"),
        size(series.n_bytes)
    )
}

fn packages(kind: PackageKind, inventory: &Inventory) -> Markup {
    let all: Vec<&PackageSeries> = inventory.packages.iter().filter(|series| series.kind == kind).collect();
    html! {
        section {
            h2 { (heading_of(kind)) }
            @if all.is_empty() { p { "None." } } @else { (legend(&SIGNS_OF_PACKAGES)) }
            @for series in all {
                h3 { (series.org) }
                div.calendar { (calendar::weeks(series)) }
                (package_table(series))
                @if !series.vanished.is_empty() { (vanished(&series.vanished)) }
            }
        }
    }
}

/// The newest packages, and older ones with something wrong in them.
fn package_table(series: &PackageSeries) -> Markup {
    const NEWEST: usize = 5;
    let n_older = series.packages.len().saturating_sub(NEWEST);
    let is_shown = |(index, package): &(usize, &Package)| *index >= n_older || sign_of_package(package) != '.';
    let shown: Vec<&Package> = series.packages.iter().enumerate().filter(is_shown).map(|(_, package)| package).rev().collect();
    html! {
        table {
            caption { "The newest packages" @if n_older > 0 { ", and older ones with something wrong" } }
            thead {
                tr {
                    th scope="col" { "Package" } th.number scope="col" { "Size" } th.number scope="col" { "Files" } th scope="col" { "Courses" }
                    th.number scope="col" { "Failed" } th.number scope="col" { "Zero bytes" } th scope="col" { "Note" }
                }
            }
            tbody {
                @for package in shown.iter().take(MAX_ROWS) { (package_row(package)) }
            }
        }
        @if shown.len() > MAX_ROWS { p { (shown.len() - MAX_ROWS) " older ones are left out; the JSON has them." } }
    }
}

fn package_row(package: &Package) -> Markup {
    let content = package.content.as_ref();
    let n_failed = content.map(|content| content.failed.iter().map(|table| table.courses.len()).sum::<usize>());
    let note = match (&package.unreadable, content) {
        (Some(reason), _) => format!("cannot be read: {reason}"),
        (None, None) => "not looked into".to_owned(),
        (None, Some(content)) if content.n_members == 0 => "no file in it".to_owned(),
        _ if package.is_shrunk => "less than half of the one before".to_owned(),
        _ => String::new(),
    };
    html! {
        tr.grave[sign_of_package(package) != '.' && sign_of_package(package) != 's'] {
            th scope="row" { (package.date) @if package.names.len() > 1 { " (" (package.names.len()) " copies)" } }
            td.number { (size(package.n_bytes)) }
            td.number { @if let Some(content) = content { (words::number(content.n_members)) } }
            td {
                @if let Some(content) = content {
                    @for (index, courses) in content.courses.iter().enumerate() {
                        @if index > 0 { ", " }
                        (courses.n_courses) " " (courses.site)
                    }
                }
            }
            td.number { @if let Some(n) = n_failed.filter(|n| *n > 0) { (n) } }
            td.number { @if let Some(content) = content.filter(|content| content.n_empty > 0) { (content.n_empty) } }
            td { (note) }
        }
    }
}

fn vanished(all: &[Vanished]) -> Markup {
    html! {
        details {
            summary { "Courses and tables that were in one package and not in the next: " (all.len()) }
            table {
                thead {
                    tr {
                        th scope="col" { "Not in" } th scope="col" { "Last in" } th scope="col" { "Back in" } th scope="col" { "Site" }
                        th scope="col" { "Course" } th scope="col" { "Table" }
                    }
                }
                tbody {
                    @for one in all.iter().take(MAX_ROWS) {
                        tr {
                            td { (one.missing_from) } td { (one.last_package) }
                            td { @if let Some(date) = one.returned_in { (date) } }
                            td { (one.site) } td { (one.course) }
                            td { @if let Some(table) = &one.table { (table) } @else { "whole course" } }
                        }
                    }
                }
            }
            @if all.len() > MAX_ROWS { p { (all.len() - MAX_ROWS) " more are in the JSON." } }
        }
    }
}

fn recipients(inventory: &Inventory) -> Markup {
    html! {
        @if !inventory.recipients.is_empty() || !inventory.own_keys.is_empty() {
            section {
                h2 { "Encrypted to" }
                @for key in &inventory.own_keys {
                    p {
                        "Your key " b { (key.user_ids.first().unwrap_or(&key.fingerprint)) } ", " code { (key.key_ids.join(" ")) } ": "
                        @if let Some(end) = key.expires_at { "expires on " (end.date_naive()) } @else { "does not expire" }
                    }
                }
                @for series in &inventory.recipients {
                    table {
                        caption { (recipients_of(series)) }
                        thead { tr { th scope="col" { "From" } th scope="col" { "To" } th scope="col" { "Keys" } } }
                        tbody {
                            @for period in series.periods.iter().take(MAX_ROWS) {
                                tr {
                                    td { (period.first_date) } td { (period.last_date) }
                                    td {
                                        @for id in &period.key_ids { code.key { (id) } " " }
                                        @if period.n_hidden > 0 { "and " (words::count(period.n_hidden as u64, "unnamed key")) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn legend(signs: &[(char, &str)]) -> Markup {
    html! {
        ul.legend {
            @for (sign, meaning) in signs { li { (calendar::sample(*sign)) " " (meaning) } }
        }
    }
}
