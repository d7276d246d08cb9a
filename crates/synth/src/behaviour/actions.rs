//! The vocabulary of actions: one value for each line that a tracking log will hold.
//!
//! It carries decisions only; how they are spelled in a log is for [`crate::events`].

use crate::moment::Moment;

/// One thing that is logged once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action {
    pub(crate) at: Moment,
    /// Number of the action in its life, in the order of decision.
    pub(crate) ordinal: u32,
    /// Number of the session in its life; tells address, browser and session id.
    pub(crate) session: u16,
    pub(crate) kind: ActionKind,
}

/// Pages that the server logs by their path alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Info,
    About,
    Progress,
    Wiki,
    Teams,
    Courseware {
        sequential: u16,
    },
    JumpTo {
        block: u16,
    },
    DiscussionHome,
    DiscussionInline {
        block: u16,
    },
    /// One thread opened with GET; the number counts the threads of the run's forum.
    DiscussionThread {
        thread: u32,
    },
    DiscussionCreate {
        post: u32,
    },
    Instructor,
    /// Has no course.
    Dashboard,
    /// Has no course.
    Login,
}

/// What an XBlock handler call was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handler {
    GotoPosition { position: u16 },
    ProblemGet,
    ProblemCheck,
    ProblemShow,
    SaveVideoState { position_ms: i64 },
}

/// How the learner moved within a sequential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Next,
    Previous,
    Goto,
}

/// Tracks of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Audit,
    Honor,
    Verified,
}

impl Mode {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Honor => "honor",
            Self::Verified => "verified",
        }
    }
}

/// What happened. Blocks are numbers in the course run; positions are milliseconds of the video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActionKind {
    Page(Page),
    Handler {
        block: u16,
        handler: Handler,
    },
    Sequence {
        step: Step,
        sequential: u16,
        old: u16,
        new: u16,
        n_positions: u16,
    },
    PageClose {
        sequential: u16,
    },
    OutlineSelected {
        sequential: u16,
    },
    BookmarkAdded {
        vertical: u16,
    },
    Textbook {
        old: u16,
        new: u16,
    },
    VideoLoad {
        video: u16,
    },
    VideoPlay {
        video: u16,
        at_ms: i64,
    },
    VideoPause {
        video: u16,
        at_ms: i64,
    },
    VideoStop {
        video: u16,
        at_ms: i64,
    },
    VideoSeek {
        video: u16,
        from_ms: i64,
        to_ms: i64,
    },
    /// Speeds in hundredths.
    VideoSpeed {
        video: u16,
        at_ms: i64,
        old: u16,
        new: u16,
    },
    Transcript {
        video: u16,
        at_ms: i64,
        is_shown: bool,
    },
    Captions {
        video: u16,
        at_ms: i64,
        is_shown: bool,
    },
    LanguageMenu {
        video: u16,
        is_shown: bool,
    },
    ProblemCheckBrowser {
        problem: u16,
        attempt: u16,
        points: u8,
    },
    /// `is_repeat`: the second writing of the same check, before 2013-07-15.
    ProblemCheck {
        problem: u16,
        attempt: u16,
        points: u8,
        is_repeat: bool,
    },
    ProblemGraded {
        problem: u16,
        attempt: u16,
        points: u8,
    },
    ProblemSave {
        problem: u16,
        attempt: u16,
    },
    ProblemReset {
        problem: u16,
    },
    ProblemShow {
        problem: u16,
    },
    ShowAnswer {
        problem: u16,
    },
    Hint {
        problem: u16,
    },
    /// A member of the course team rescored the learner's answer.
    ProblemRescore {
        problem: u16,
        attempt: u16,
        points: u8,
    },
    GradeSubmitted {
        problem: u16,
        points: u8,
    },
    GradeSubsection {
        sequential: u16,
        earned: u16,
        possible: u16,
    },
    /// Share of the points of the run, in hundredths.
    GradeCourse {
        percent: u16,
    },
    /// `by_staff`: enrolled by a member of the course team; `is_bare`: the context names no course.
    Activated {
        mode: Mode,
        by_staff: bool,
        is_bare: bool,
    },
    Deactivated {
        mode: Mode,
        by_staff: bool,
    },
    ModeChanged {
        mode: Mode,
    },
    UpgradeClicked,
    UpgradeSucceeded,
    CohortAdded {
        cohort: u16,
    },
    CertificateCreated {
        mode: Mode,
    },
    /// The post counts in the run's forum.
    ForumCreated {
        post: u32,
    },
    ForumViewed {
        thread: u32,
    },
    ForumVoted {
        post: u32,
    },
    ForumSearched {
        topic: u16,
    },
    TeamPage,
    OraSubmitted {
        vertical: u16,
    },
}
