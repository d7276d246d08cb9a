-- One row per learner whose account was retired: edX keeps the row and overwrites user name and e-mail address.
-- Key: site, user_id
-- Materialized: no
--
-- Packages from before the retirement still hold what was overwritten: last_package_before says which is the last of them, and those who
-- must forget a learner find there where to look.
with accounts as (
    select
        _site as site,
        id as user_id,
        _package_date as package_date,
        coalesce(starts_with(username, 'retired__user'), false) or coalesce(starts_with(email, 'retired__user'), false) as is_retired
    from auth_user_history
    where id is not null
)

select
    site,
    user_id,
    min(case when is_retired then package_date end) as first_package_retired,
    max(case when not is_retired then package_date end) as last_package_before
from accounts
group by site, user_id
having bool_or(is_retired)
