//! What a line is made from: the action, who did it, where, in which visit.
//!
//! It also knows the addresses of pages, which most kinds of events name.

use crate::behaviour::Action;
use crate::behaviour::session::Session;
use crate::courses::CourseRun;
use crate::mess::IdentityFault;
use crate::moment::{Moment, SECOND};
use crate::people::Person;
use crate::random;
use crate::world::World;

/// 2013-10-23: since then a line has a context, two weeks later with the user.
const CONTEXT_SINCE: Moment = 1_382_486_400 * SECOND;
pub(super) const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.186 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_3) AppleWebKit/604.5.6 (KHTML, like Gecko) Version/11.0.3 Safari/604.5.6",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:58.0) Gecko/20100101 Firefox/58.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Mozilla/5.0 (iPad; CPU OS 11_2_6 like Mac OS X) AppleWebKit/604.5.6 (KHTML, like Gecko) Version/11.0 Mobile/15D100 Safari/604.1",
];

/// Everything a line is made from.
pub(crate) struct Facts<'a> {
    pub(crate) world: &'a World,
    pub(crate) run: &'a CourseRun,
    pub(crate) person: &'a Person,
    pub(crate) session: &'a Session,
    pub(crate) action: &'a Action,
    /// How the names of the learner and the course are damaged, if they are.
    pub(crate) identity: IdentityFault,
}

impl Facts<'_> {
    /// A number that belongs to this action.
    pub(super) fn draw(&self, name: &str) -> u64 {
        random::hash(self.world.seed() ^ self.session.id, name, &[u64::from(self.action.ordinal)])
    }

    pub(super) fn at(&self) -> Moment {
        self.action.at
    }

    pub(super) fn has_context(&self) -> bool {
        self.at() >= CONTEXT_SINCE
    }

    pub(super) fn usage_key(&self, block: u16) -> &str {
        &self.run.block(block).usage_key
    }

    pub(super) fn site_url(&self) -> String {
        format!("https://{}", self.run.installation.host())
    }

    pub(super) fn course_url(&self) -> String {
        format!("https://{}/courses/{}", self.run.installation.host(), self.run.key)
    }

    /// The page that shows a sequential.
    pub(super) fn sequential_url(&self, sequential: u16) -> String {
        let chapter = self.run.chapter_of(sequential).unwrap_or(0);
        let (chapter, sequential) = (self.run.block(chapter), self.run.block(sequential));
        format!("{}/courseware/{}/{}/", self.course_url(), chapter.url_name, sequential.url_name)
    }

    /// The page that shows a block deep in a sequential.
    pub(super) fn page_of(&self, block: u16) -> String {
        let mut at = block;
        while let Some(parent) = self.run.block(at).parent {
            if self.run.block(at).category == "sequential" {
                break;
            }
            at = parent;
        }
        self.sequential_url(at)
    }

    pub(super) fn address(&self) -> &str {
        &self.person.addresses[usize::from(self.session.address) % 3]
    }

    pub(super) fn session_id(&self) -> String {
        random::hex(self.session.id, 32)
    }

    pub(super) fn agent(&self) -> &'static str {
        AGENTS[usize::from(self.person.agent) % AGENTS.len()]
    }
}
