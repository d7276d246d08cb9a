//! What to make: the size, the seed and the shape of a delivery.

use std::num::NonZeroUsize;

use chrono::NaiveDate;

use crate::error::SynthError;

/// A delivery to make. The same plan gives the same clear bytes on every machine.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryPlan {
    /// The institution, in the case of its course keys; object names use it in lower case.
    pub org: String,
    /// Course runs on the production site. The second has an old (slash) key, the third is a re-run of the first.
    pub n_courses: u32,
    /// Learners on the production site; course teams and the edge site's few testers come on top.
    pub n_learners: u32,
    /// Days of tracking logs.
    pub n_days: u32,
    /// Names the delivery: another seed, another world.
    pub seed: u64,
    /// Share of records, from 0 to 1, that get one of the anomalies real packages have.
    pub mess_rate: f64,
    /// The first day of the logs.
    pub first_date: NaiveDate,
    /// Adds a course run of July 2013 with the log lines of that time. A plan with mess always has it.
    pub old_era: bool,
    /// Protects the secret key; without it the key file opens with no pass-phrase.
    pub pass_phrase: Option<String>,
    /// Size of the keys in bits. Real czars use 4096; 2048 keeps the making of a key short.
    pub rsa_bits: u32,
    /// Threads that write at the same time.
    pub n_threads: NonZeroUsize,
}

impl Default for DeliveryPlan {
    fn default() -> Self {
        Self {
            org: "UniversityX".to_owned(),
            n_courses: 3,
            n_learners: 200,
            n_days: 28,
            seed: 7,
            mess_rate: 0.0,
            // A Sunday late enough that every file kind and every event of the catalogue's main groups existed.
            first_date: NaiveDate::from_ymd_opt(2018, 3, 4).unwrap_or_default(),
            old_era: false,
            pass_phrase: None,
            rsa_bits: 2048,
            n_threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }
}

impl DeliveryPlan {
    /// Says what is impossible about the plan before anything is written.
    pub fn check(&self) -> Result<(), SynthError> {
        let refuse = |reason: String| Err(SynthError::Plan { reason });
        if self.org.is_empty() || !self.org.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b)) {
            return refuse(format!("the organisation `{}` must consist of ASCII letters, digits, `_` and `.`", self.org));
        }
        if self.n_courses == 0 || self.n_courses > 500 {
            return refuse("the number of courses must be from 1 to 500".to_owned());
        }
        if self.n_learners == 0 || self.n_days == 0 {
            return refuse("a delivery needs at least one learner and one day".to_owned());
        }
        if !(0.0..=1.0).contains(&self.mess_rate) {
            return refuse(format!("the mess rate {} is not between 0 and 1", self.mess_rate));
        }
        if self.rsa_bits < 2048 {
            return refuse("keys shorter than 2048 bits are refused by OpenPGP programs".to_owned());
        }
        Ok(())
    }

    /// True when the delivery holds the course run of 2013.
    pub fn has_old_era(&self) -> bool {
        self.old_era || self.mess_rate > 0.0
    }
}
