//! Lines that edX ships to two organisations: the same event stands in the files of both.
//!
//! Of all copies of a line, the one in the file least by day and name is the row; the others are duplicates. Only whole lines are shared, so
//! that no other mess decides with.

use super::{LineFate, Mess};
use crate::behaviour::Action;
use crate::behaviour::life::Life;
use crate::courses::CourseRun;
use crate::moment::{Day, date_text, day_of_date};
use crate::plan::DeliveryPlan;
use crate::random::hash;

/// How many days have lines that went to both.
const N_DAYS: u64 = 2;

/// The other organisation, which comes before most others by name.
pub(crate) fn other_org(plan: &DeliveryPlan) -> &'static str {
    if plan.org.eq_ignore_ascii_case("OtherX") { "ThirdX" } else { "OtherX" }
}

/// The logical name of the other organisation's event file of a day.
pub(crate) fn other_file_key(plan: &DeliveryPlan, day: Day) -> String {
    format!("{}-edx-events-{}", other_org(plan).to_lowercase(), date_text(day))
}

/// The days of the production site on which there are such files.
pub(crate) fn days(plan: &DeliveryPlan) -> Vec<Day> {
    if plan.mess_rate <= 0.0 {
        return Vec::new();
    }
    let draw = |number: u64| (hash(plan.seed, "shared day", &[number]) % u64::from(plan.n_days)) as i64;
    let mut days: Vec<Day> = (0..N_DAYS).map(|number| day_of_date(plan.first_date) + draw(number)).collect();
    days.sort_unstable();
    days.dedup();
    days
}

impl Mess {
    /// Whether a line goes to both organisations, on a day on which lines do.
    pub(crate) fn is_shared(&self, fate: LineFate, run: &CourseRun, life: &Life, action: &Action) -> bool {
        let ids = [u64::from(run.index), u64::from(life.person), u64::from(action.ordinal)];
        self.is_on() && fate == LineFate::Intact && hash(self.seed, "shared line", &ids).is_multiple_of(16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_messy_delivery_shares_lines_and_never_with_itself() {
        assert!(days(&DeliveryPlan::default()).is_empty());
        let messy = DeliveryPlan { mess_rate: 0.01, org: "otherx".to_owned(), ..DeliveryPlan::default() };
        let first = day_of_date(messy.first_date);
        assert!(!days(&messy).is_empty() && days(&messy).iter().all(|day| (first..first + 28).contains(day)));
        assert!(!other_org(&messy).eq_ignore_ascii_case(&messy.org));
    }
}
