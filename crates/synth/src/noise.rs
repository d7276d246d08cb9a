//! Lines of nobody: visitors who are not logged in, machines that ask whether the site is alive, and management commands.
//!
//! They are rows of the lake, and count for no learner.

use crate::courses::Installation;
use crate::json::JsonText;
use crate::moment::{DAY, Day, push_event_time};
use crate::random::Dice;
use crate::tally::FileTally;
use crate::world::World;

/// A form whose secrets the server forgot to hide; a reader must not keep them.
const SECRET_FORM: &str = "{\"POST\": {\"email\": [\"someone@example.com\"], \"password\": [\"correct horse\"], \
\"aws_secret_key\": [\"not/a/real/key\"]}, \"GET\": {}}";

/// Writes the noise of one day.
pub(crate) fn write(world: &World, installation: Installation, day: Day, out: &mut Vec<u8>, tally: &mut FileTally) {
    let mut dice = Dice::new(world.seed(), "noise", &[installation as u64, day as u64]);
    let runs: Vec<_> = world.runs.iter().filter(|r| r.installation == installation && crate::day_file::is_open(r, day)).collect();
    if runs.is_empty() {
        return;
    }
    let n_lines = 3 + u64::from(world.plan.n_learners).min(4_000) / 40;
    let mut moments: Vec<i64> = (0..n_lines).map(|_| day * DAY + dice.below(DAY as u64) as i64).collect();
    moments.sort_unstable();
    moments.dedup();
    for at in moments {
        let run = dice.pick(&runs);
        let has_secret = world.mess.draw("secret", &[installation as u64, at as u64]).is_some();
        let path = match dice.below(6) {
            _ if has_secret => "/login_ajax".to_owned(),
            0 => "/heartbeat".to_owned(),
            1 => "/".to_owned(),
            2 => format!("/courses/{}/courseware/", run.key),
            3 => "/courses/v1/courses/".to_owned(),
            _ => format!("/courses/{}/about", run.key),
        };
        let is_course = path.contains(&run.key);
        let mut time = Vec::with_capacity(40);
        push_event_time(&mut time, at);
        let mut json = JsonText::new(false);
        let j = &mut json;
        j.open();
        j.key("username").text("").key("event_type").text(&path);
        j.key("ip").text(&format!("198.51.100.{}", 1 + dice.below(250))).key("agent").text("Mozilla/5.0 (compatible; ExampleBot/1.0)");
        j.key("host").text(installation.host()).key("referer").text("").key("accept_language").text("");
        j.key("event").text(if has_secret { SECRET_FORM } else { "{\"POST\": {}, \"GET\": {}}" }).key("event_source").text("server");
        j.key("context").open();
        match dice.below(3) {
            0 => j.key("user_id").null(),
            1 => j.key("user_id").text(""),
            _ => j.key("user_id").int(0),
        };
        j.key("org_id").text(if is_course { &run.org } else { "" });
        j.key("course_id").text(if is_course { &run.key } else { "" });
        j.key("path").text(&path).close();
        j.key("time").text(&String::from_utf8_lossy(&time)).key("page").null().close();
        out.extend_from_slice(json.bytes());
        out.push(b'\n');
        tally.row();
    }
}
