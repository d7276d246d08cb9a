-- One row per programme and learner with a row in any report on the programme: whether it was ever completed, and when first awarded.
-- Key: site, program_uuid, user_id
-- Materialized: no
--
-- Reports go back on what they said: a completed programme can be open again in the next. So all reports count, not the newest only.
select
    _site as site,
    program_uuid,
    user_id,
    first_value(program_title order by _package_date desc, program_title) as program_title,
    first_value(program_type order by _package_date desc, program_type) as program_type,
    bool_or(coalesce(completed_program, false)) as completed_program,
    min(date_program_certificate_awarded) as first_awarded_at,
    min(case when completed_program then _package_date end) as first_completed_report_date,
    max(_package_date) as last_report_date
from program_learner_report_history
where program_uuid is not null and user_id is not null
group by _site, program_uuid, user_id
