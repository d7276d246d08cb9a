//! Titles of courses and their parts, in several scripts, since real courses are.
//!
//! It decides words only, never structure.

const COURSES: [&str; 8] = [
    "Demonstration of Online Learning",
    "Introduction to Computer Science",
    "Écologie des forêts",
    "Введение в философию",
    "数据科学导论",
    "مدخل إلى الكيمياء",
    "Historia del arte",
    "डेटा विज्ञान",
];
const CHAPTERS: [&str; 12] = [
    "Week 1: Getting Started",
    "Week 2: First Principles",
    "Semana 3: Ecuaciones",
    "第四周：模型",
    "Week 5: Feedback & Control",
    "Неделя 6: Данные",
    "Week 7: \"Real\" Systems",
    "الأسبوع الثامن",
    "Week 9 - Review / Revision",
    "Week 10",
    "Week 11",
    "Week 12",
];
const SEQUENTIALS: [&str; 3] = ["Lecture Sequence", "Readings and Practice", "Homework"];
const TOPICS: [&str; 16] = [
    "Overview",
    "Energy",
    "Vectors",
    "Memory & Caches",
    "Lógica",
    "光合作用",
    "Supply",
    "Demand",
    "Entropy",
    "Recursion",
    "Gleichgewicht",
    "Probability",
    "Proofs",
    "Cells",
    "Ethics",
    "Maps",
];

pub(crate) fn course(number: u64) -> String {
    COURSES[(number % COURSES.len() as u64) as usize].to_owned()
}

pub(crate) fn chapter(number: usize) -> String {
    CHAPTERS[number % CHAPTERS.len()].to_owned()
}

pub(crate) fn sequential(number: usize) -> String {
    SEQUENTIALS[number % SEQUENTIALS.len()].to_owned()
}

pub(crate) fn topic(number: u64) -> &'static str {
    TOPICS[(number % TOPICS.len() as u64) as usize]
}
