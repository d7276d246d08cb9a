//! The headers of the truth files; names are those of the tables they are compared with.
//!
//! The order of names here is the order in which [`super::person_course`] and [`super::learner`] write.

pub(super) const PERSON_COURSE: &str = "site,course_run_key,user_id,course_run_id_slash,username,registered,viewed,explored,certified,\
completed,mode,is_active,start_time,grade,letter_grade,passing_grade,cert_status,cert_created_date,cert_modified_date,LoE,YoB,gender,profile_country,\
email_domain,first_event,last_event,nevents,ndays_act,nplay_video,nvideo,npause_video,nseek_video,nseq_goto,nprogcheck,nproblem_check,\
nshow_answer,ntranscript,nforum_events,nforum_posts,nforum_threads,nforum_comments,nforum_votes,nforum_endorsed,nforum_pinned,nchapters,\
nvideos_unique_viewed,nvideos_watched_sec,avg_dt,sdv_dt,max_dt,n_dt,sum_dt,ip,roles,verified_enroll_time,verified_unenroll_time,log_mode,\
log_is_active";

pub(super) const PERSON_COURSE_DAY: &str = "site,course_run_key,user_id,date,nevents,nprogcheck,nshow_answer,nvideo,nplay_video,\
npause_video,nseek_video,nseq_goto,nproblem_check,ntranscript,nforum_events,nforum_reads,nforum_posts,nforum_threads,nvideos_viewed,\
nvideos_watched_sec,nproblems_attempted,first_event,last_event,n_dt,sum_dt,max_dt,avg_dt,sdv_dt";

pub(super) const ENROLLMENT_EVENTS: &str = "site,course_run_key,user_id,time,event_name,mode";
pub(super) const COURSE_AXIS: &str = "site,course_run_key,usage_key,category,index,display_name,chapter";
pub(super) const VIDEO_SECONDS: &str = "site,course_run_key,user_id,video_id,date,watched_sec";
pub(super) const COURSE_PROBLEMS: &str = "site,course_run_key,usage_key,display_name,weight,n_inputs,max_attempts";
pub(super) const COURSE_VIDEOS: &str = "site,course_run_key,usage_key,duration_secs,youtube_id";
pub(super) const GRADING_POLICY: &str = "site,course_run_key,assignment_type,fraction_of_overall_grade,min_count,drop_count,short_label";
pub(super) const GRADE_CUTOFFS: &str = "site,course_run_key,label,fraction";
pub(super) const FILES: &str = "file_key,kind,table_name,n_records,n_rows,n_duplicates,n_blanks,n_rejects";
pub(super) const REJECTS: &str = "file_key,code,n";
/// What is known at the end: completed once is completed, whatever a later report says.
pub(crate) const PROGRAM_COMPLETIONS: &str = "site,program_uuid,user_id,completed_program,first_awarded_at";
/// Files that come without data; `reason` is `failed` or `empty`. No other truth file names them.
pub(super) const NOT_PRODUCED: &str = "file_key,reason";
pub(super) const TOTALS: &str = "table_name,site,n_rows";
