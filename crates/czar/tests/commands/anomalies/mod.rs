//! Each oddity that deliveries are known for, one test each, from the bytes edX sent to what a query shows. The numbers are those of the
//! table in docs/concepts/known-oddities.md.

mod deliveries;
mod events;
mod learning;
mod names;
mod tables;

use serde_json::{Value, json};

use crate::support::Place;

/// A place with a delivery in clear.
struct Case(Place);

impl Case {
    fn new() -> Self {
        Self(Place::new())
    }

    /// Adds a member of a package of the course run `course-v1:UniversityX+DemoX+2015`.
    fn table(&self, date: &str, task: &str, content: impl AsRef<[u8]>) -> &Self {
        self.member(date, &format!("UniversityX-DemoX-2015-{task}-prod-analytics.sql"), content)
    }

    /// Adds a member of a package.
    fn member(&self, date: &str, name: &str, content: impl AsRef<[u8]>) -> &Self {
        self.0.write(&format!("delivery/universityx-{date}/{name}"), content);
        self
    }

    /// Adds a day of events.
    fn day(&self, date: &str, lines: &[Value]) -> &Self {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        self.raw_day(date, lines.join("\n") + "\n")
    }

    /// Adds a day of events as the bytes stand.
    fn raw_day(&self, date: &str, bytes: impl AsRef<[u8]>) -> &Self {
        self.0.write(&format!("delivery/universityx-edx-events-{date}.log"), bytes);
        self
    }

    /// Ingests what is new, without a complaint.
    fn ingest(&self) -> &Self {
        let told = self.ingest_told();
        assert!(told.starts_with("exit code: 0"), "{told}");
        self
    }

    /// Ingests what is new and tells how it went.
    fn ingest_told(&self) -> String {
        self.0.czar(&["ingest", "delivery"])
    }

    /// Builds the research tables.
    fn build(&self) -> &Self {
        self.0.data(&["build"]);
        self
    }

    /// The rows of a query as CSV lines.
    fn rows(&self, sql: &str) -> Vec<String> {
        self.0.data(&["query", "--format", "csv", sql]).lines().skip(1).map(ToOwned::to_owned).collect()
    }

    /// The one value of a query.
    fn value(&self, sql: &str) -> String {
        let rows = self.rows(sql);
        assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
        rows[0].clone()
    }

    /// Records, rows, duplicates, blanks and rejects of the file whose key ends so.
    fn account(&self, file_key_end: &str) -> [u64; 5] {
        let sql = format!(
            "select n_records, n_rows, n_duplicates, n_blanks, n_rejects from loads where file_key like '%{file_key_end}' and state = 'loaded'"
        );
        let counts: Vec<u64> = self.value(&sql).split(',').map(|count| count.parse().unwrap()).collect();
        counts.try_into().unwrap()
    }
}

/// A sound server event of learner 7 in the course run, with some members in place of others.
fn event(members: Value) -> Value {
    let mut event = json!({
        "username": "lena", "event_source": "server", "event_type": "edx.bookmark.added", "name": "edx.bookmark.added", "event": {},
        "context": {"user_id": 7, "course_id": "course-v1:UniversityX+DemoX+2015", "org_id": "UniversityX"},
        "time": "2015-03-02T10:00:00.000001+00:00", "ip": "", "agent": "", "host": "courses.example.org", "page": null,
    });
    let (Value::Object(all), Value::Object(members)) = (&mut event, members) else { panic!("an event is an object") };
    all.extend(members);
    event
}

/// A small class: learner 7, enrolled in the course run.
fn enrolled(case: &Case, date: &str) {
    case.table(
        date,
        "auth_user",
        "id\tusername\temail\tis_staff\tis_active\tdate_joined\n7\tlena\tlena@example.org\t0\t1\t2013-01-01 00:00:00\n",
    );
    case.table(
        date,
        "student_courseenrollment",
        "id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n1\t7\tcourse-v1:UniversityX+DemoX+2015\t2013-01-02 00:00:00\t1\thonor\n",
    );
}
