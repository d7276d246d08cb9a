-- One row per site and month: how many events name no user, and how many of these have at least a user name.
select
    _site as site,
    _log_month as log_month,
    count(*) as n_events,
    count(*) - count(user_id) as n_without_user_id,
    count(case when user_id is null and username <> '' then 1 end) as n_with_username_only
from tracking_events
group by _site, _log_month
order by site, log_month
