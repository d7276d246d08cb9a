//! The database files of a weekly package: each table as edX's exporter writes it.
//!
//! Every table shows the state at one moment and is made row by row; nobody holds a table.

pub(crate) mod certificates;
mod enrolments;
pub(crate) mod forum;
mod grades;
mod leavers;
mod memberships;
mod names;
mod ora;
mod rows;
mod state;
mod studentmodule;
mod users;
mod wiki;

pub(crate) use certificates::row_of as certificate_row;
pub(crate) use leavers::{Leaver, leavers};
pub(crate) use names::MemberName;
pub(crate) use rows::Rows;
pub(crate) use state::{State, has_studentmodule, state_as_of, state_before};

use std::borrow::Cow;

use crate::behaviour::life::Life;
use crate::courses::CourseRun;
use crate::moment::{DAY, Day, HOUR, Moment};
use crate::people::Person;
use crate::world::World;

/// One course run in one weekly package.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot<'a> {
    pub(crate) world: &'a World,
    pub(crate) run: &'a CourseRun,
    pub(crate) package_day: Day,
}

impl Snapshot<'_> {
    /// Everything before this moment is in the package.
    pub(crate) fn as_of(&self) -> Moment {
        self.package_day * DAY
    }

    /// Everything that was done in blocks before this moment is in the package: their file is made by another job, which in a messy
    /// delivery ran some hours before the others.
    pub(crate) fn blocks_as_of(&self) -> Moment {
        if self.world.mess.is_on() { self.as_of() - 6 * HOUR } else { self.as_of() }
    }

    pub(crate) fn has(&self, life: &Life) -> bool {
        life.enrolled_at < self.as_of()
    }

    /// The full name as the tables have it.
    fn name_of<'a>(&self, person: &'a Person) -> Cow<'a, str> {
        self.world.mess.stored_name(self.run.installation, person.user_id, person.name_as_of(self.as_of()))
    }
}

/// A member of the course run on its way into rows.
pub(crate) struct Member<'a> {
    pub(crate) life: &'a Life,
    pub(crate) person: &'a Person,
}

/// Makes the rows of one member.
type MemberRows = fn(&Snapshot<'_>, &Member<'_>, &mut Rows);
/// Makes all rows at once; for tables that are small whatever the size of the course.
type WholeRows = fn(&Snapshot<'_>, &mut Rows);

/// How the rows of a table are made.
#[derive(Clone, Copy)]
pub(crate) enum Making {
    PerMember(MemberRows),
    Whole(WholeRows),
}

/// How text is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Backslash, CR, TAB and LF are escaped.
    Exporter,
    /// Only the backslash is: the dialect of `courseware_studentmodule`.
    StudentModule,
    /// Nothing is: a field with a quote, TAB, CR or LF in it stands in quotes, and its quotes are doubled. Files that a program packed again
    /// on their way look like this.
    Quoted,
}

/// One table of the package.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Whether it lies in the folder `ora/`.
    pub(crate) is_ora: bool,
    pub(crate) dialect: Dialect,
    /// Column names, separated by spaces.
    pub(crate) columns: &'static str,
    pub(crate) making: Making,
    /// Rows after those of the members.
    pub(crate) more: Option<WholeRows>,
}

impl Table {
    /// The name of the clear member within the package's folder.
    pub(crate) fn member_name(&self, run: &CourseRun) -> MemberName {
        let folder = if self.is_ora { "ora/" } else { "" };
        let name = names::of_table(&run.file_stem(), self.name, run.installation);
        MemberName { text: format!("{folder}{}", name.text), ..name }
    }
}

const fn table(name: &'static str, columns: &'static str, making: Making) -> Table {
    Table { name, is_ora: false, dialect: Dialect::Exporter, columns, making, more: None }
}

/// Every table of a package.
pub(crate) fn all() -> Vec<Table> {
    let mut tables = vec![
        table("auth_user", users::AUTH_USER, Making::PerMember(users::auth_user)),
        table("auth_userprofile", users::AUTH_USERPROFILE, Making::PerMember(users::auth_userprofile)),
        table("user_id_map", "hash_id user_id username", Making::PerMember(users::user_id_map)),
        table("student_anonymoususerid", "id user_id anonymous_user_id course_id", Making::PerMember(users::anonymous_user_id)),
        table("student_languageproficiency", "id user_profile_id code", Making::PerMember(users::language_proficiency)),
        table("student_courseenrollment", "id user_id course_id created is_active mode", Making::PerMember(enrolments::course_enrolment)),
        table("student_courseaccessrole", "org course_id user_id role", Making::PerMember(memberships::access_role)),
        table("django_comment_client_role_users", "course_id user_id name", Making::PerMember(memberships::forum_role)),
        table("course_groups_cohortmembership", "user_id course_id group_type name", Making::PerMember(memberships::cohort)),
        table("user_api_usercoursetag", "id user_id key course_id value", Making::PerMember(memberships::course_tag)),
        table(
            "teams",
            "id team_id name course_id topic_id date_created description country language discussion_topic_id last_activity_at team_size",
            Making::Whole(memberships::teams),
        ),
        table("teams_membership", "id user_id team_id date_joined last_activity_at", Making::PerMember(memberships::team_membership)),
        table(
            "verify_student_verificationstatus",
            "timestamp status course_id checkpoint_location user_id",
            Making::PerMember(enrolments::verification),
        ),
        table(
            "credit_crediteligibility",
            "id created modified username deadline course_id",
            Making::PerMember(enrolments::credit_eligibility),
        ),
        Table {
            more: Some(certificates::of_leavers),
            ..table("certificates_generatedcertificate", certificates::COLUMNS, Making::PerMember(certificates::generated))
        },
        table(
            "grades_persistentcoursegrade",
            "course_id user_id grading_policy_hash percent_grade letter_grade passed_timestamp created modified",
            Making::PerMember(grades::course_grade),
        ),
        table(
            "grades_persistentsubsectiongrade",
            "course_id user_id usage_key earned_all possible_all earned_graded possible_graded first_attempted created modified",
            Making::PerMember(grades::subsection_grade),
        ),
        table("wiki_article", wiki::ARTICLE, Making::Whole(wiki::article)),
        table("wiki_articlerevision", wiki::REVISION, Making::Whole(wiki::revision)),
        Table {
            dialect: Dialect::StudentModule,
            ..table("courseware_studentmodule", studentmodule::COLUMNS, Making::PerMember(studentmodule::rows))
        },
    ];
    tables.extend(ora::tables());
    tables
}
