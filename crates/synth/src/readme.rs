//! The note that lies in a delivery: that nothing in it is real, and where things are.
//!
//! It names the plan, so that the delivery can be made again.

use crate::world::World;

/// The text of `README.txt`.
pub(crate) fn text(world: &World) -> String {
    let plan = &world.plan;
    let org = plan.org.to_lowercase();
    format!(
        "SYNTHETIC DATA. No person, course or institution in this folder exists.

Made by `czar synth`: organisation {}, {} courses, {} learners, {} days from {}, seed {}, mess {}.
The same numbers make the same files again (encryption aside).

edx-course-data/{org}/   daily tracking logs of both sites, as in the bucket `edx-course-data`
course-data/             weekly packages and e-mail opt-in archives, as in the bucket `course-data`
edx-program-reports/     reports on programmes, as in the bucket of that name; not encrypted
keys/                    the czar's key pair and edX's public key; drawn from the seed, so never use them for anything real
truth/                   the numbers that a correct reader finds in these files
",
        plan.org, plan.n_courses, plan.n_learners, plan.n_days, plan.first_date, plan.seed, plan.mess_rate
    )
}
