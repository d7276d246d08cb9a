//! The fixed part of a delivery: its course runs, its installations and their people, and what was said in the forums.
//!
//! It is made once and shared by every thread; nothing in it changes afterwards.

use crate::behaviour::life::{self, Life};
use crate::courses::{self, CourseRun, Installation};
use crate::forum::{self, Forum};
use crate::mess::Mess;
use crate::moment::{DAY, Day, Moment, day_of_date, weekday};
use crate::people::{self, Census, Person};
use crate::plan::DeliveryPlan;
use crate::random::hash;

/// Testers of the edge site.
const EDGE_LEARNERS: u32 = 9;

/// Everything the rest of the generator looks things up in.
pub(crate) struct World {
    pub(crate) plan: DeliveryPlan,
    pub(crate) runs: Vec<CourseRun>,
    pub(crate) forums: Vec<Forum>,
    pub(crate) mess: Mess,
}

impl World {
    pub(crate) fn new(plan: &DeliveryPlan) -> Self {
        let mut world = Self { plan: plan.clone(), runs: courses::course_runs(plan), forums: Vec::new(), mess: Mess::of_plan(plan) };
        world.forums = world.runs.iter().map(|run| forum::imagine(&world, run)).collect();
        world
    }

    pub(crate) fn seed(&self) -> u64 {
        self.plan.seed
    }

    pub(crate) fn first_moment(&self) -> Moment {
        day_of_date(self.plan.first_date) * DAY
    }

    pub(crate) fn census(&self, installation: Installation) -> Census {
        let n_learners = match installation {
            Installation::Production => self.plan.n_learners,
            Installation::Edge => EDGE_LEARNERS.min(self.plan.n_learners),
        };
        Census { installation, n_learners }
    }

    pub(crate) fn person(&self, installation: Installation, index: u32) -> Person {
        people::person(self.seed(), self.census(installation), index, self.first_moment(), i64::from(self.plan.n_days))
    }

    pub(crate) fn retired_at(&self, installation: Installation, index: u32) -> Option<Moment> {
        self.census(installation).retired_at(self.seed(), index, self.first_moment(), i64::from(self.plan.n_days))
    }

    /// What every participant of a run does, in order of their numbers; made one by one.
    pub(crate) fn lives<'a>(&'a self, run: &'a CourseRun) -> impl Iterator<Item = Life> + 'a {
        (0..self.census(run.installation).n_people()).filter_map(move |person| life::of(self, run, person))
    }

    /// Days on which an installation has a log file.
    pub(crate) fn log_days(&self, installation: Installation) -> Vec<Day> {
        let mut days: Vec<Day> = self
            .runs
            .iter()
            .filter(|run| run.installation == installation)
            .flat_map(|run| run.first_day..run.first_day + run.n_days)
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The day whose log is not in its place and comes among the patches, under the same name: one of the production site, if there is
    /// mess.
    pub(crate) fn patched_day(&self, installation: Installation) -> Option<Day> {
        if !self.mess.is_on() || installation != Installation::Production {
            return None;
        }
        let first = day_of_date(self.plan.first_date);
        Some(first + (hash(self.seed(), "patched day", &[]) % u64::from(self.plan.n_days)) as i64)
    }

    /// The days of the weekly packages: the Sundays after the first day. A package shows the state at midnight at its day's beginning.
    pub(crate) fn package_days(&self) -> Vec<Day> {
        let first = day_of_date(self.plan.first_date);
        let last = first + i64::from(self.plan.n_days);
        let mut days: Vec<Day> = (first + 1..=last).filter(|&day| weekday(day) == 0).collect();
        if days.is_empty() {
            // A short delivery still has one package: that of the next Sunday.
            days.extend((last..last + 7).find(|&day| weekday(day) == 0));
        }
        days
    }

    /// The days of the packages that a run is in. A course that ended years ago disappears from them one day: in a messy delivery the run
    /// of 2013 is in the first half only.
    pub(crate) fn package_days_of(&self, run: &CourseRun) -> Vec<Day> {
        let mut days = self.package_days();
        if self.mess.is_on() && run.is_of_old_era() {
            days.truncate(days.len().div_ceil(2));
        }
        days
    }

    /// The newest package that a run is in: what the researcher sees of its tables.
    pub(crate) fn last_package_day(&self, run: &CourseRun) -> Day {
        self.package_days_of(run).last().copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_of_2013_disappears_from_the_packages_of_a_messy_delivery() {
        for (mess_rate, n_days, n_old) in [(0.01, 28, 2), (0.01, 15, 1), (0.01, 3, 1), (0.0, 28, 4)] {
            let world = World::new(&DeliveryPlan { mess_rate, n_days, old_era: true, n_learners: 5, ..DeliveryPlan::default() });
            let days = world.package_days();
            for run in &world.runs {
                let own = world.package_days_of(run);
                assert_eq!(own.len(), if run.is_of_old_era() { n_old } else { days.len() });
                assert!(days.starts_with(&own));
                assert_eq!(own.last(), Some(&world.last_package_day(run)));
            }
        }
    }
}
